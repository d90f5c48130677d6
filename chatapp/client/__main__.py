"""`python -m chatapp.client http://127.0.0.1:8000/chat/lobby --name Ana`."""

import sys

from chatapp.client.terminal import main

sys.exit(main())
