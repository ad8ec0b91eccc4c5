"""What is wrong with a document, where, what was found and what is allowed.

A document may have many problems; exactly one is reported, the first in the file, with the
number of the others. Texts written by people (titles, notes, labels) are never quoted: the
data is about persons who have been harmed once already.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from causation.errors import CaseError

type Loc = tuple[str | int, ...]
"""Place in a document: keys of mappings and positions in lists, from the top."""

type Said = str | Mapping[str, str]
"""What is said, in English or by language."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_ODD_NUMBER = re.compile(r"[-+]?[0-9.][0-9_.:xobXOB]{0,23}|[-+]?\.?(inf|nan)", re.IGNORECASE)
_LEGACY_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n"})
_LISTED = 24
"""Most words that a message lists; of more it lists `_NEAR`, the nearest before the others."""
_NEAR = 14


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    loc : tuple of str or int
        Place in the document.
    text : str, or mapping of str to str
        What is wrong; by language where it is said in several.
    found, allowed : str, mapping of str to str, or None
        What stands there and what may stand there.
    absent : bool
        Whether something is missing. A key that is misspelt is unknown and missing at once:
        what is there is reported before what is not.
    """

    loc: Loc
    text: Said
    found: Said | None = None
    allowed: Said | None = None
    absent: bool = False


class InvalidCaseError(CaseError):
    """A document breaks the rules of its format; ``problems`` has all that was noticed.

    The first of them by line is told; what is absent comes after what is there. ``line_at`` is
    the line of a place in the file.
    """

    def __init__(
        self,
        problems: Sequence[Problem],
        *,
        file: str | None = None,
        line_at: Callable[[Loc], int | None] = lambda _: None,
    ) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.absent, line_at(p.loc) or 0)))
        first = self.problems[0]
        text, found, allowed = self.said("en")
        super().__init__(
            text, file=file, line=line_at(first.loc), path=format_path(first.loc) or None,
            found=found, allowed=allowed,
        )  # fmt: skip

    def said(self, lang: str) -> tuple[str, str | None, str | None]:
        """What is wrong, what stands there and what may, in a language where it is known."""
        first, count = self.problems[0], len(self.problems)
        text, found, allowed = (
            said if said is None or isinstance(said, str) else said[lang]
            for said in (first.text, first.found, first.allowed)
        )
        more = "" if count == 1 else f" (the first of {count} problems)"
        return f"{text}{more}", found, allowed

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,), self.__dict__


class NoSuchPathError(InvalidCaseError):
    """A path leads nowhere in a document."""


def format_path(loc: Iterable[str | int]) -> str:
    """Write a place as a path.

    Examples
    --------
    >>> format_path(("victims", 1, "linkage"))
    'victims[1].linkage'
    """
    text = ""
    for step in loc:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + shown(step)
    return text


def shown(key: str) -> str:
    r"""Write a key or an identifier so that it can be printed on a terminal.

    Examples
    --------
    >>> shown("linkage"), shown("a" + chr(27))
    ('linkage', "'a\\x1b'")
    """
    if _WORD.fullmatch(key):
        return key
    return ascii(key if len(key) <= 40 else key[:37] + "...")


def describe(value: object) -> str:
    """Say what a value is without quoting texts.

    Examples
    --------
    >>> describe([1, 2]), describe("a name"), describe(1.5), describe("yes")
    ('a list of 2', 'a text', '1.5', "the text 'yes' (write true or false)")
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value) if abs(value) < 1e18 else f"{float(value):g}"
    if isinstance(value, str):
        return _describe_text(value)
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    names = {type(None): "nothing", dict: "a mapping"}
    return names.get(type(value), f"a {type(value).__name__}")


def _describe_text(text: str) -> str:
    if not text.strip():
        return "an empty text"
    if text.lower() in _LEGACY_BOOLEANS:
        return f"the text {text!r} (write true or false)"
    if _ODD_NUMBER.fullmatch(text) and len(text) <= 8:
        return f"the text {text!r} (numbers are written like 10, 0.5 or 1e-6)"
    return "a text"


def listing(words: Iterable[str], *, near: str | None = None) -> str:
    """List all that is allowed; where that is too much, the nearest first, and how many more.

    Examples
    --------
    >>> listing(["a", "b"])
    'a, b'
    """
    every = sorted(words)
    if not every:
        return "none is defined"
    if len(every) <= _LISTED:
        return ", ".join(shown(word) for word in every)
    close = difflib.get_close_matches(near or "", every, n=_NEAR, cutoff=0.3)
    some = [*dict.fromkeys((*close, *every))][:_NEAR]
    return ", ".join(shown(word) for word in some) + f" and {len(every) - len(some)} more"


def nearest(word: str, words: Iterable[str], *, meant: str | None = None) -> str:
    """Show the word as found, with the nearest allowed one, or what it means, as a suggestion.

    Examples
    --------
    >>> nearest("linkge", ["linkage", "count"])
    'linkge (did you mean linkage?)'
    """
    if meant is None and (close := closest(word, words)) is not None:
        return f"{shown(word)} (did you mean {shown(close)}?)"
    found = shown(word) if _WORD.fullmatch(word) else _describe_text(word)
    return f"{found} (did you mean {meant}?)" if meant else found


def closest(word: str, words: Iterable[str]) -> str | None:
    """Return the nearest of several words: one that begins so, or is spelled alike; else None."""
    known = list(words)
    close = [k for k in known if len(word) > 2 and k.startswith(word)]
    close = close or difflib.get_close_matches(word[:80], known, n=1, cutoff=0.6)
    return close[0] if close else None
