"""Typst, which sets reports as PDF and their figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from typing import Any

from causation.report.fonts import font_file, latin_folder

_APART = "from causation.report.typesetting import _serve; _serve()"
_user: int | None = None
"""The process that has begun to use Typst."""


def typeset(
    template: str, *, kind: str, inputs: dict[str, str], chinese: bool = True, **options: Any
) -> bytes:
    """Compile a template.

    A process that was forked from one that has used Typst lacks its threads, and would wait for
    them for ever: there a process of its own does it.

    Parameters
    ----------
    template : str
    kind : {"pdf", "svg", "png"}
    inputs : dict of str to str
        What the template reads as ``sys.inputs``.
    chinese : bool
        Whether there are Chinese characters in it; their font is large.
    **options
        As ``typst.compile`` takes them.

    Raises
    ------
    InputError
        If a font is missing.
    """
    global _user  # noqa: PLW0603
    _user = _user or os.getpid()
    options = {"format": kind, "sys_inputs": inputs, **options}
    if _user == os.getpid():
        return _compiled(template, chinese, options)
    done = subprocess.run(  # noqa: S603 - this interpreter, this module
        [sys.executable, "-c", _APART],
        input=json.dumps((template, chinese, options)).encode(), capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout


def _compiled(template: str, chinese: bool, options: dict[str, Any]) -> bytes:  # noqa: FBT001
    import typst

    content = typst.compile(template.encode(), font_paths=_fonts(chinese=chinese), **options)
    if not isinstance(content, bytes):
        raise TypeError("one document was expected, of one page if it is a picture")
    return content


@cache
def _fonts(*, chinese: bool) -> Any:
    """Typefaces of the reports, and those that Typst brings for characters that they lack."""
    import typst

    folders = [latin_folder(), *([font_file().parent] if chinese else [])]
    return typst.Fonts(include_system_fonts=False, font_paths=[str(f) for f in folders])


def _serve() -> None:
    sys.stdout.buffer.write(_compiled(*json.loads(sys.stdin.buffer.read())))
