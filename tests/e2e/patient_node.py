"""A web node whose pages bring what they can, however busy the machine: `python -m tests.e2e.patient_node`.

Another one lets a page go without what is not there within half a second.
"""

from __future__ import annotations

import sys

import app  # first: it patches the world
from chatapp.web import opening

if __name__ == "__main__":
    opening.WAIT_SECONDS = 10
    sys.exit(app.main())
