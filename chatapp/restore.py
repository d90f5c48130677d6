"""``python -m chatapp.restore``: what ``chat restore`` does."""

import sys

from chatapp.cli import main

if __name__ == "__main__":
    sys.exit(main(["restore", *sys.argv[1:]]))
