"""``python -m chatapp``: the program ``chat``, also where it is not installed."""

import sys

from chatapp.cli import main

if __name__ == "__main__":
    sys.exit(main())
