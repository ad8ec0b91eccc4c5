"""What the command line says when something goes wrong: one message, no traceback."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from causation.document.problems import InvalidCaseError
from causation.document.shipped import shipped
from causation.errors import CaseError
from causation.output import REFUSALS, printable
from causation.terminal.layout import echo, say

_LONGEST_MESSAGE = 1_200


def language_of(args: Sequence[str]) -> str:
    """Language that a command line asks for: that of its messages too."""
    for option, value in zip(args, [*args[1:], ""], strict=False):
        if option in ("--lang=zh", "--lang=en") or (option == "--lang" and value in ("en", "zh")):
            return option.partition("=")[2] or value
    return "en"


def error_text(error: Exception, lang: str) -> str:
    """Write an error; in Chinese all of it but names, values and keys."""
    if lang == "en" or not isinstance(error, CaseError):
        return str(error) if lang == "en" else translated(str(error))
    place = ":".join(str(part) for part in (error.file, error.line) if part is not None)
    head = "：".join(part for part in (place, translated(error.path or "")) if part)
    said = (error.problem, error.found, error.allowed)
    said = error.said(lang) if isinstance(error, InvalidCaseError) else said
    problem, found, allowed = (None if part is None else translated(part) for part in said)
    text = f"{head}：{problem}" if head else str(problem)
    text += "" if found is None else f"；实际为：{found}"
    text += "" if allowed is None else f"；可填：{allowed}"
    return text


def translated(text: str) -> str:
    """Write a message in Chinese, and what it puts in; what is not known stays as it is."""
    for pattern, words in _messages():
        if (found := pattern.fullmatch(text)) is not None:
            return words.format(*(translated(part) for part in found.groups()))
    return text


@cache
def _messages() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Messages in Chinese by patterns of the English ones; those that say most come first."""
    table = shipped("messages.yaml")
    return tuple(
        (re.compile(re.escape(english).replace(r"\{\}", "(.+?)"), re.DOTALL), str(table[english]))
        for english in sorted(table, key=lambda text: -len(text.replace("{}", "")))
    )


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


def refused_by_system(error: Exception) -> str | None:
    """What is said where the system refused: a full device, a closed stream; else None."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    if not isinstance(error, OSError):
        return None
    if "temporary" in str(error.strerror):  # so says Python where it finds no folder for them
        return "there is no folder for temporary files; name one that can be written, by TMPDIR"
    if error.errno not in REFUSALS:
        return None
    return f"the output cannot be written: {(error.strerror or 'refused').lower()}"


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
    try:
        if message.startswith("Usage:"):
            echo(*message.splitlines(), error=True)
        else:
            echo(f"causation: {printable(message, longest=_LONGEST_MESSAGE)}", error=True)
        sys.stderr.flush()
    except OSError:  # nobody can be told
        silence(sys.stderr)
    return code


def interruption(status: int) -> int:
    """Say that a signal has ended it; what it was printing is not printed any more."""
    silence(sys.stdout)
    return fail(say("interrupted", language_of(sys.argv[1:])), status)


def keep_streams() -> None:
    """Give a process that was started with closed streams some that say so when they are used.

    A file that is opened later must not become the standard output by its number.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number else os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115


def silence(stream: object) -> None:
    """Let what a broken stream still holds go nowhere."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):
        return
