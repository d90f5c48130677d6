"""A web node: ``python app.py``, the same as ``chat node``. Importing it patches the world."""

import sys

from chatapp.cli import node


def main() -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code: 0, or 1 with a sentence on stderr."""
    return node.main(sys.argv[1:], "python app.py")


if __name__ == "__main__":
    sys.exit(main())
