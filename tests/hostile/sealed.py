"""Run a command in a process that has no doors: no socket, no program, no file elsewhere.

``python -m tests.hostile.sealed FOLDER [ARGUMENT ...]`` runs the command line so; a door that
is tried raises, and is named on standard error with exit status 9 whatever becomes of the raise.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["DOOR", "main"]

DOOR = 9
"""Exit status where a door was tried."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.remove": 0, "os.rename": 1, "os.mkdir": 0, "os.rmdir": 0, "os.link": 1,
            "os.symlink": 1, "shutil.rmtree": 0}  # fmt: skip
_DOORS = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "pty.",
    "ftplib.",
    "http.",
    "urllib.",
    "smtplib.",
    "webbrowser.",
    "pickle.find_class",
)
_AF_UNIX_PAIR = 1
_CONSTANT = frozenset({"fc-list", "uname"})
"""Matplotlib asks once which fonts there are, the platform module what the processor is called:
constant commands without a shell."""
_OWN_PICKLES = frozenset({"_operator", "dask.delayed"})
"""Dask pickles its own operators while it is imported; nothing that was read from a file."""


def _is_door(event: str, args: tuple[Any, ...]) -> bool:
    match event:
        case "subprocess.Popen":
            return args[0] not in _CONSTANT
        case "pickle.find_class":
            return args[0] not in _OWN_PICKLES
        case "socket.__new__":  # an event loop wakes itself by a pair of sockets without a name
            return bool(args[1] != _AF_UNIX_PAIR)
    return event.startswith(_DOORS)


def _whole(event: str, args: tuple[Any, ...]) -> bool:
    """Whether paths are not relative to an open folder, into which a path led before."""
    return event == "shutil.rmtree" or all(a == -1 for a in args[-1:] if isinstance(a, int))


def main() -> int:
    """Seal the process, then run the command line."""
    folder, *arguments = sys.argv[1:]
    allowed = tuple(os.path.realpath(p) for p in (folder, os.environ["TMPDIR"], os.devnull))
    from causation.terminal import cli

    if arguments[:1] == ["calibrate"]:  # in this process alone, so that all of it is under the seal
        arguments += ["--workers", "1", "--world", "as elicited", "--fit", "0"]

    tried: list[str] = []

    def refuse(door: str) -> None:
        tried.append(door)
        raise PermissionError(f"a door: {door}")

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if _is_door(event, args):
            refuse(f"{event} {args!r:.200}")
        path = None
        if event == "open" and args[2] & _WRITING:
            path = args[0]
        elif event in _CHANGES and _whole(event, args):
            path = args[_CHANGES[event]]
        if isinstance(path, str | bytes | os.PathLike):
            name = os.path.realpath(os.fsdecode(path))
            if not name.startswith(allowed):
                refuse(f"{event} {name}")

    sys.addaudithook(watch)
    code = cli.main(arguments)
    if tried:
        sys.stderr.write("\n".join(dict.fromkeys(tried)) + "\n")
        return DOOR
    return code


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    Path(os.environ.setdefault("TMPDIR", sys.argv[1])).mkdir(exist_ok=True)
    sys.exit(main())
