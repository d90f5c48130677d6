"""``python -m chatapp.backup``: what ``chat backup`` does."""

import sys

from chatapp.cli import main

if __name__ == "__main__":
    sys.exit(main(["backup", *sys.argv[1:]]))
