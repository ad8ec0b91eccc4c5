"""From bytes to a plain tree with line numbers, for files that may be hostile.

YAML is read from the parser's events, not through PyYAML's constructors: nothing but
mappings, lists, texts, finite numbers and true/false can come out, duplicate keys, merge keys,
tags and empty values are errors, and size, depth and number of nodes are bounded while
reading. An alias stands for what its anchor marks, and counts as if that were written out.
Scalars follow YAML 1.2: ``no`` is a text, ``010`` and ``1_000`` are not numbers, dates stay
texts until a key asks for a date.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from causation.document.problems import Loc, format_path, shown
from causation.errors import CaseError

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "Document",
    "line_of",
    "opener",
    "plain_scalar",
    "read_document",
    "read_file",
]

MAX_BYTES = 20_000_000
"""Largest file that is read, in bytes."""
MAX_DEPTH = 30
"""Deepest nesting of mappings and lists."""
MAX_NODES = 2_000_000
"""Most keys and values in one document."""
_MAX_DIGITS = 18

type Lines = dict[str, LineOf] | list[LineOf]
"""Lines of a container's members, shaped like the container."""
type LineOf = int | tuple[int, Lines]
"""Line of a scalar, or of a container with the lines of its members."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False,
             "FALSE": False}  # fmt: skip
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_JSON_ESCAPE = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\.")
_OTHER_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as plain data.

    Parameters
    ----------
    tree : dict
        Mappings, lists, texts, finite numbers, true and false.
    lines : tuple of int and Lines, or int
        Line of every key and list member, counted from 1.
    sha256 : str
        Digest of the bytes, in hexadecimal.
    file : str
        The file, as the user named it.
    """

    tree: dict[str, Any]
    lines: LineOf
    sha256: str
    file: str


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
        raise CaseError(
            "cannot be read", file=name, found="a directory", allowed="a YAML or JSON file"
        ) from None
    except FileNotFoundError:
        raise CaseError(
            "cannot be read", file=name, found="no such file", allowed="a YAML or JSON file"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise CaseError(
            "cannot be read",
            file=name,
            found=(reason or "an unusable file name").lower(),
            allowed="a YAML or JSON file",
        ) from None
    if len(data) > MAX_BYTES:
        raise CaseError(
            "the file is too large",
            file=name,
            found=f"more than {MAX_BYTES} bytes",
            allowed=f"at most {MAX_BYTES} bytes",
        )
    return data


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
        raise CaseError(
            "the document is too large",
            file=file,
            found=f"{len(data)} bytes",
            allowed=f"at most {MAX_BYTES} bytes",
        )
    text = _decode(data, file)
    _refuse_forbidden(text, file)
    if not text.strip():
        raise CaseError(
            "the file is empty", file=file, line=1, found="nothing", allowed="a mapping"
        )
    text = _as_yaml(text, file)
    tree, lines = _Builder(text, file).document()
    if not isinstance(tree, dict):
        raise CaseError(
            "the top of the document is not a mapping",
            file=file,
            line=lines if isinstance(lines, int) else lines[0],
            found="a list" if isinstance(tree, list) else "a single value",
            allowed="keys and values, such as schema: 2",
        )
    return Document(tree, lines, hashlib.sha256(data).hexdigest(), file)


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


def plain_scalar(text: str) -> object:
    """Return the value of an unquoted YAML scalar under YAML 1.2's rules; None is an empty value.

    Raises
    ------
    ValueError
        If it is a number with too many digits or beyond floating point.

    Examples
    --------
    >>> plain_scalar("1e-6"), plain_scalar("010"), plain_scalar("no"), plain_scalar("true")
    (1e-06, '010', 'no', True)
    """
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > _MAX_DIGITS + 1:
            raise ValueError("a number has too many digits")
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text) if len(text) < 400 else math.inf
        if math.isinf(number):
            raise ValueError("a number is too large")
        return number
    return text


def _decode(data: bytes, file: str) -> str:
    for mark, name in _OTHER_BOMS.items():
        if data.startswith(mark):
            raise CaseError("wrong encoding", file=file, line=1, found=name, allowed="UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CaseError(
            "wrong encoding",
            file=file,
            line=line,
            found=f"the byte 0x{data[error.start]:02x}",
            allowed="UTF-8",
        ) from None


def _refuse_forbidden(text: str, file: str) -> None:
    if (bad := _FORBIDDEN.search(text)) is not None:
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
        raise CaseError(
            "nested too deeply", file=file, found="brackets", allowed=f"{MAX_DEPTH} levels"
        ) from None
    except json.JSONDecodeError as error:
        if not named:
            return text
        raise CaseError(
            f"JSON syntax: {error.msg}", file=file, line=error.lineno, allowed="JSON"
        ) from None
    except ValueError:
        if not named:
            return text
        raise CaseError(
            "a number is not finite", file=file, found="NaN or Infinity", allowed="finite numbers"
        ) from None
    return _JSON_ESCAPE.sub(_join_surrogates, text)


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def _join_surrogates(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    code = 0x10000 + ((int(match[1], 16) - 0xD800) << 10) + (int(match[2], 16) - 0xDC00)
    return f"\\U{code:08X}"


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an anchor marks, with the number of its values and the levels below it."""

    value: object
    lines: LineOf
    nodes: int
    height: int


class _Builder:
    """Builds the tree and its lines from YAML events."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._nodes = 0
        self._deepest = 0
        self._anchors: dict[str, _Anchored] = {}
        self._path: list[str | int] = []
        self._loader = _LOADER(text)

    def document(self) -> tuple[object, LineOf]:
        try:
            self._next()  # stream start
            start = self._next()
            if isinstance(start, yaml.StreamEndEvent):
                self._fail("the file is empty", 1, found="nothing", allowed="a mapping")
            result = self._node(self._next(), 0)
            self._next()  # document end
            if not isinstance(extra := self._next(), yaml.StreamEndEvent):
                self._fail(
                    "more than one document", _line(extra), found="a second one", allowed="one"
                )
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = None if mark is None else mark.line + 1
            self._fail(f"YAML syntax: {_reason(error.problem)}", line, allowed="YAML or JSON")
        except yaml.YAMLError:
            self._fail("YAML syntax: a character cannot be read", None, allowed="YAML or JSON")
        finally:
            self._loader.dispose()
        return result

    def _next(self) -> Any:
        return self._loader.get_event()

    def _node(self, event: Any, depth: int) -> tuple[object, LineOf]:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), line, depth)
        if event.anchor is None:
            return self._plain_node(event, depth)
        outer, self._deepest, before = self._deepest, depth, self._nodes
        value, lines = self._plain_node(event, depth)
        self._anchors[str(event.anchor)] = _Anchored(
            value, lines, self._nodes - before, self._deepest - depth
        )
        self._deepest = max(outer, self._deepest)
        return value, lines

    def _alias(self, name: str, line: int, depth: int) -> tuple[object, LineOf]:
        """Expand an alias within the limits, which are known before anything is touched."""
        if (marked := self._anchors.get(name)) is None:
            self._fail("an alias without its anchor", line, found="*",
                       allowed="an anchor & that is complete before")  # fmt: skip
        self._count(marked.nodes, line)
        self._reach(depth + marked.height, line)
        inner = marked.lines
        return marked.value, line if isinstance(inner, int) else (line, inner[1])

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self._fail("too many values", line, allowed=f"at most {MAX_NODES} in one file")

    def _reach(self, depth: int, line: int) -> None:
        if depth > MAX_DEPTH:
            self._fail("nested too deeply", line, allowed=f"{MAX_DEPTH} levels")
        self._deepest = max(self._deepest, depth)

    def _plain_node(self, event: Any, depth: int) -> tuple[object, LineOf]:
        line = _line(event)
        self._count(1, line)
        if event.tag is not None:
            self._fail("tags are not used here", line, found="!", allowed="plain values")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line), line
        self._reach(depth + 1, line)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, depth)
        return self._sequence(line, depth)

    def _scalar(self, event: Any, line: int) -> object:
        text: str = event.value
        if not event.implicit[0]:
            if (bad := _FORBIDDEN.search(text)) is not None:
                self._fail(
                    "a character that may not stand in a text",
                    line,
                    found=f"U+{ord(bad.group()):04X}",
                    allowed="text without control, surrogate or direction-changing characters",
                )
            return text
        try:
            value = plain_scalar(text)
        except ValueError as error:
            self._fail(str(error), line, allowed=f"at most {_MAX_DIGITS} digits, finite")
        if value is None:
            self._fail(
                "an empty value", line, found="nothing", allowed="a value, or leave the key out"
            )
        return value

    def _mapping(self, line: int, depth: int) -> tuple[object, LineOf]:
        tree: dict[str, object] = {}
        lines: dict[str, LineOf] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, tree)
            key_line = _line(event)
            self._path.append(key)
            tree[key], inner = self._node(self._next(), depth + 1)
            self._path.pop()
            lines[key] = key_line if isinstance(inner, int) else (key_line, inner[1])
        return tree, (line, lines)

    def _key(self, event: Any, tree: dict[str, object]) -> str:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or not isinstance(event, yaml.ScalarEvent):
            self._fail("a key is not a text", line, found="a list, mapping or alias",
                       allowed="a text")  # fmt: skip
        if event.implicit[0] and event.value == "<<":
            self._fail("merge keys are not used here", line, found="<<",
                       allowed="the keys written out")  # fmt: skip
        value, _ = self._node(event, MAX_DEPTH)
        if not isinstance(value, str):
            self._fail(
                "a key is not a text", line, found=shown(event.value), allowed="a text, or quotes"
            )
        if value in tree:
            self._path.append(value)
            self._fail("a key stands twice", line, found=shown(value), allowed="each key once")
        return value

    def _sequence(self, line: int, depth: int) -> tuple[object, LineOf]:
        tree: list[object] = []
        lines: list[LineOf] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            self._path.append(len(tree))
            value, inner = self._node(event, depth + 1)
            self._path.pop()
            tree.append(value)
            lines.append(inner)
        if all(inner == line for inner in lines):  # an interval or a list of words on one line
            return tree, line
        return tree, (line, lines)

    def _fail(
        self, text: str, line: int | None, *, found: str | None = None, allowed: str | None = None
    ) -> NoReturn:
        path = format_path(self._path) or None
        raise CaseError(
            text, file=self._file, line=line, path=path, found=found, allowed=allowed
        ) from None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _reason(problem: str | None) -> str:
    """Return the parser's reason; it names characters and tokens, never a text."""
    return (problem or "cannot be read").encode("ascii", "backslashreplace").decode()[:100]
