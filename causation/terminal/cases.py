"""Cases as the command line names them: a file, the id of a bundled one, or standard input."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from causation.errors import CaseError

if TYPE_CHECKING:
    from causation.case.schema import Case

__all__ = ["complete_case", "given_case"]

_PLACEHOLDER = re.compile(r"<[^<>\n]{1,80}>")


def given_case(name: str) -> Case:
    """Return the case of an argument; ``-`` is standard input.

    Raises
    ------
    CaseError
        If it cannot be read.
    """
    from causation.case import load_case, parse_case

    if name == "-":
        return parse_case(sys.stdin.buffer.read(), file="<stdin>")
    return load_case(name)


def complete_case(name: str) -> Case:
    """Return the case of an argument, with no placeholder of the starter left in it.

    Raises
    ------
    CaseError
        If it cannot be read, or a text is still a placeholder.
    """
    from causation.case.writing import tree_of

    case = given_case(name)
    for path, text in _texts(tree_of(case), ""):
        for found in _PLACEHOLDER.findall(text):
            if found in _placeholders():
                raise CaseError(
                    "a placeholder of the starter is left", file=case.file, path=path, found=found
                )
    return case


@cache
def _placeholders() -> frozenset[str]:
    from causation.case.writing import starter_case

    return frozenset(x for lang in ("en", "zh") for x in _PLACEHOLDER.findall(starter_case(lang)))


def _texts(tree: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, dict):
        for key, inner in tree.items():
            yield from _texts(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, list):
        for i, inner in enumerate(tree):
            yield from _texts(inner, f"{path}[{i}]")
