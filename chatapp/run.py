"""``python -m chatapp.run``: what ``chat run`` does."""

import sys

from chatapp.cli import main

if __name__ == "__main__":
    sys.exit(main(["run", *sys.argv[1:]]))
