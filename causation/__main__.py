"""The program ``causation``, and ``python -m causation``: the command line and its signals."""

import sys

from causation.interrupts import Interrupted, ignore, obey

__all__ = ["main"]


def main() -> int:
    """Run the command line; from its first instant on a signal ends it in one line.

    Exit status as that of the command, or 128 and the number of the signal.
    """
    try:
        obey()
        from causation.terminal.cli import main as run

        code = run()
        ignore()
    except Interrupted as interrupted:
        ignore()
        code = _said(interrupted.status)
    return code


def _said(status: int) -> int:
    try:
        from causation.terminal.failures import interruption
    except Exception:  # noqa: BLE001 - it was interrupted while it was being imported
        sys.stderr.write("causation: interrupted\n")
        return status
    return interruption(status)


if __name__ == "__main__":
    sys.exit(main())
