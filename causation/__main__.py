"""``python -m causation`` is the command line."""

import sys

from causation.terminal.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
