"""What the command line says when something goes wrong: one message, no traceback."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from causation.output import printable

__all__ = ["fail", "our_failure", "usage_message"]

_LONGEST_MESSAGE = 1_200


def usage_message(error: Exception) -> str | None:
    """What a wrong use of the command line is told; None for any other error.

    The parser may be click's own or a copy that comes with typer: its errors are known by their
    exit status.
    """
    if getattr(error, "exit_code", None) != 2 or not hasattr(error, "format_message"):
        return None
    context = getattr(error, "ctx", None)
    text = str(error.format_message())
    if context is None or text.startswith("Usage:"):
        return text
    return f"{text.rstrip('.')}; see: {context.command_path} --help"


def our_failure(error: Exception) -> str:
    """What is said of an error that is ours: its type and place, never its text.

    Raises
    ------
    Exception
        The error itself, where ``CAUSATION_DEBUG`` is set.
    """
    if os.environ.get("CAUSATION_DEBUG"):
        raise error
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "?"
    return (
        f"a failure of the program ({type(error).__name__} at {place}); set CAUSATION_DEBUG=1 "
        "to see more"
    )


def fail(message: str, code: int) -> int:
    """Write one message to standard error; return the exit status."""
    if message.startswith("Usage:"):
        sys.stderr.write(f"{message}\n")
    else:
        sys.stderr.write(f"causation: {printable(message, longest=_LONGEST_MESSAGE)}\n")
    return code
