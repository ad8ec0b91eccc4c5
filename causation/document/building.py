"""From the events of a YAML parser to plain data with line numbers, within limits."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from causation.document.problems import format_path, shown
from causation.errors import CaseError

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
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an anchor marks, with the number of its values and the levels below it."""

    value: object
    lines: LineOf
    nodes: int
    height: int


class Builder:
    """Builds the tree and its lines from YAML events.

    Parameters
    ----------
    text : str
        The document.
    file : str
        Its name for messages.
    """

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._nodes = 0
        self._deepest = 0
        self._anchors: dict[str, _Anchored] = {}
        self._path: list[str | int] = []
        self._loader = _LOADER(text)

    def document(self) -> tuple[object, LineOf]:
        """Return the one document that there is, with the lines of its members.

        Raises
        ------
        CaseError
            With file, line and path, if there is anything in it that is not read here.
        """
        try:
            self._next()  # stream start
            start = self._next()
            if isinstance(start, yaml.StreamEndEvent):
                self._fail("the file is empty", 1, "nothing", "a mapping")
            result = self._node(self._next(), 0)
            self._next()  # document end
            if not isinstance(extra := self._next(), yaml.StreamEndEvent):
                self._fail("more than one document", _line(extra), "a second one", "one")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = None if mark is None else mark.line + 1
            if "nesting depth" in (error.problem or ""):  # PyYAML from 6.0.4 on has a limit too
                self._fail("nested too deeply", line, "brackets", f"{MAX_DEPTH} levels")
            self._fail(f"YAML syntax: {_reason(error.problem)}", line, None, "YAML or JSON")
        except yaml.YAMLError:
            self._fail("YAML syntax: a character cannot be read", None, None, "YAML or JSON")
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
            self._fail(
                "an alias without its anchor", line, "*", "an anchor & that is complete before"
            )
        self._count(marked.nodes, line)
        self._reach(depth + marked.height, line)
        inner = marked.lines
        return marked.value, line if isinstance(inner, int) else (line, inner[1])

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self._fail("too many values", line, None, f"at most {MAX_NODES} in one file")

    def _reach(self, depth: int, line: int) -> None:
        if depth > MAX_DEPTH:
            self._fail("nested too deeply", line, None, f"{MAX_DEPTH} levels")
        self._deepest = max(self._deepest, depth)

    def _plain_node(self, event: Any, depth: int) -> tuple[object, LineOf]:
        line = _line(event)
        self._count(1, line)
        if event.tag is not None:
            self._fail("tags are not used here", line, "!", "plain values")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line), line
        self._reach(depth + 1, line)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, depth)
        return self._sequence(line, depth)

    def _scalar(self, event: Any, line: int) -> object:
        text: str = event.value
        if not event.implicit[0]:
            if (bad := FORBIDDEN.search(text)) is not None:
                self._fail(
                    "a character that may not stand in a text",
                    line,
                    f"U+{ord(bad.group()):04X}",
                    "text without control, surrogate or direction-changing characters",
                )
            return text
        try:
            value = plain_scalar(text)
        except ValueError as error:
            self._fail(str(error), line, None, f"at most {_MAX_DIGITS} digits, finite")
        if value is None:
            self._fail("an empty value", line, "nothing", "a value, or leave the key out")
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
            self._fail("a key is not a text", line, "a list, mapping or alias", "a text")
        if event.implicit[0] and event.value == "<<":
            self._fail("merge keys are not used here", line, "<<", "the keys written out")
        value, _ = self._node(event, MAX_DEPTH)
        if not isinstance(value, str):
            self._fail("a key is not a text", line, shown(event.value), "a text, or quotes")
        if value in tree:
            self._path.append(value)
            self._fail("a key stands twice", line, shown(value), "each key once")
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

    def _fail(self, text: str, line: int | None, found: str | None, allowed: str) -> NoReturn:
        about: dict[str, Any] = {"file": self._file, "path": format_path(self._path) or None}
        raise CaseError(text, line=line, found=found, allowed=allowed, **about) from None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _reason(problem: str | None) -> str:
    """Return the parser's reason; it names characters and tokens, never a text."""
    return (problem or "cannot be read").encode("ascii", "backslashreplace").decode()[:100]
