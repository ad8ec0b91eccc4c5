"""From bytes to a plain tree with line numbers, for files that may be hostile.

YAML is read from the parser's events, not through PyYAML's constructors: nothing but
mappings, lists, texts, finite numbers and true/false can come out, duplicate keys, merge keys,
tags and empty values are errors, and size, depth and number of nodes are bounded while
reading. An alias stands for what its anchor marks, and counts as if that were written out.
Scalars follow YAML 1.2: ``no`` is a text, ``010`` and ``1_000`` are not numbers, dates stay
texts until a key asks for a date.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from causation.document.building import FORBIDDEN, MAX_DEPTH, Builder, LineOf
from causation.document.problems import Loc
from causation.errors import CaseError

MAX_BYTES = 20_000_000
"""Largest file that is read, in bytes."""
_JSON_ESCAPE = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\.")
_OTHER_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}


@dataclass(frozen=True, slots=True)
class Document:
    """A document as plain data.

    Parameters
    ----------
    tree : dict
        Mappings, lists, texts, finite numbers, true and false.
    lines : tuple of int and Lines, or int
        Line of every key and list member, counted from 1.
    file : str
        The file, as the user named it.
    """

    tree: dict[str, Any]
    lines: LineOf
    file: str

    def line_at(self, loc: Loc) -> int:
        """Line of a place, or of the nearest thing around it that exists."""
        return line_of(self.lines, loc)


def read_file(path: Path | str) -> bytes:
    """Read a file of bounded size.

    Raises
    ------
    CaseError
        If it is missing, a directory, unreadable or larger than `MAX_BYTES`.
    """
    name = shown_file(path)
    try:
        with open(path, "rb", opener=opener) as stream:
            data = stream.read(MAX_BYTES + 1)
    except IsADirectoryError:
        reason = "a directory"
    except FileNotFoundError:
        reason = "no such file"
    except (OSError, ValueError) as error:
        known = error.strerror if isinstance(error, OSError) else None
        reason = (known or "an unusable file name").lower()
    else:
        if len(data) <= MAX_BYTES:
            return data
        found, allowed = f"more than {MAX_BYTES} bytes", f"at most {MAX_BYTES} bytes"
        raise CaseError("the file is too large", file=name, found=found, allowed=allowed)
    raise CaseError("cannot be read", file=name, found=reason, allowed="a YAML or JSON file")


def opener(path: str, flags: int) -> int:
    """Open a file; a pipe into which nobody writes is empty, and nothing to wait for."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(handle, True)
    return handle


def shown_file(path: Path | str) -> str:
    """Write a file name so that it can be printed: control characters are escaped."""
    text = str(path)
    return text if text.isprintable() else ascii(text)


def read_document(content: str | bytes, *, file: str = "<string>") -> Document:
    """Read a YAML or JSON document whose top is a mapping.

    Parameters
    ----------
    content : str or bytes
        The document; bytes are UTF-8, with or without byte order mark.
    file : str
        Its name for messages; strict JSON is required where it ends in ``.json``.

    Raises
    ------
    CaseError
        With file and line, if anything in it cannot be read.

    Examples
    --------
    >>> read_document("a: [1, yes]").tree
    {'a': [1, 'yes']}
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BYTES:
        found, allowed = f"{len(data)} bytes", f"at most {MAX_BYTES} bytes"
        raise CaseError("the document is too large", file=file, found=found, allowed=allowed)
    text = _decode(data, file)
    _refuse_forbidden(text, file)
    if not text.strip():
        raise CaseError(
            "the file is empty", file=file, line=1, found="nothing", allowed="a mapping"
        )
    text = _as_yaml(text, file)
    tree, lines = Builder(text, file).document()
    if not isinstance(tree, dict):
        raise CaseError(
            "the top of the document is not a mapping",
            file=file,
            line=lines if isinstance(lines, int) else lines[0],
            found="a list" if isinstance(tree, list) else "a single value",
            allowed="keys and values, such as schema: 2",
        )
    return Document(tree, lines, file)


def line_of(lines: LineOf, loc: Loc) -> int:
    r"""Return the line of a place, or of the nearest thing around it that exists.

    Examples
    --------
    >>> line_of(read_document("a: 1\nb:\n  c: 2").lines, ("b", "c"))
    3
    """
    for step in loc:
        if isinstance(lines, int):
            return lines
        line, members = lines
        inner: LineOf | None = None
        if isinstance(members, dict) and isinstance(step, str):
            inner = members.get(step)
        elif isinstance(members, list) and isinstance(step, int) and 0 <= step < len(members):
            inner = members[step]
        if inner is None:
            return line
        lines = inner
    return lines if isinstance(lines, int) else lines[0]


def _decode(data: bytes, file: str) -> str:
    for mark, name in _OTHER_BOMS.items():
        if data.startswith(mark):
            raise CaseError("wrong encoding", file=file, line=1, found=name, allowed="UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"the byte 0x{data[error.start]:02x}"
        raise CaseError(
            "wrong encoding", file=file, line=line, found=found, allowed="UTF-8"
        ) from None


def _refuse_forbidden(text: str, file: str) -> None:
    if (bad := FORBIDDEN.search(text)) is not None:
        raise CaseError(
            "a character that may not stand in a document",
            file=file,
            line=text.count("\n", 0, bad.start()) + 1,
            found=f"U+{ord(bad.group()):04X}",
            allowed="text without control, surrogate or direction-changing characters",
        )


def _as_yaml(text: str, file: str) -> str:
    """Check JSON as such, and write its surrogate pairs as YAML understands them."""
    named = file.lower().endswith(".json")
    if not named and not text.lstrip().startswith(("{", "[")):
        return text
    try:
        json.loads(text, parse_int=len, parse_float=len, parse_constant=_no_constant)
    except RecursionError:
        wrong = CaseError(
            "nested too deeply", file=file, found="brackets", allowed=f"{MAX_DEPTH} levels"
        )
        raise wrong from None
    except ValueError as error:
        if not named:
            return text
        wrong = CaseError(
            "a number is not finite", file=file, found="NaN or Infinity", allowed="finite numbers"
        )
        if isinstance(error, json.JSONDecodeError):
            syntax = f"JSON syntax: {error.msg}"
            wrong = CaseError(syntax, file=file, line=error.lineno, allowed="JSON")
        raise wrong from None
    return _JSON_ESCAPE.sub(_join_surrogates, text)


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def _join_surrogates(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    code = 0x10000 + ((int(match[1], 16) - 0xD800) << 10) + (int(match[2], 16) - 0xDC00)
    return f"\\U{code:08X}"
