"""Persons by pseudonym, leaked values withheld, and text that cannot harm the page.

A report must not be the next leak. Persons that the case file lists are replaced by
pseudonyms unless the report is asked to identify them; what looks like a phone number, an
ID number, an e-mail address or a bank card is withheld in any case, and warned about without
being repeated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causation.case import Case

_WIDE = {0xFF10 + d: ord("0") + d for d in range(10)} | {0xFF0B: ord("+"), 0xFF20: ord("@")}

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "email",
        re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63}){1,4}"),
    ),
    (
        "id_number",
        re.compile(
            r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])"
            r"(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9A-Za-z])"
        ),
    ),
    ("id_number", re.compile(r"(?<![0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9-])")),
    (
        "phone",
        re.compile(
            r"(?<![0-9A-Za-z.])(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9A-Za-z])"
        ),
    ),
    ("phone", re.compile(r"(?<![0-9A-Za-z])\+[1-9][0-9]{0,2}(?:[- ().]{0,2}[0-9]){7,12}(?![0-9])")),
    ("phone", re.compile(r"(?<![0-9-])0[1-9][0-9]{1,2}-[0-9]{7,8}(?![0-9-])")),
    ("bank_card", re.compile(r"(?<![0-9A-Za-z])[3-6][0-9]{3}(?:[- ]?[0-9]){11,15}(?![0-9A-Za-z])")),
)

_COMPOUND = tuple(
    "欧阳司马诸葛上官东方皇甫尉迟公孙慕容令狐夏侯司徒端木宇文长孙独孤南宫轩辕"[k : k + 2]
    for k in range(0, 36, 2)
)
_STEMS = "甲乙丙丁戊己庚辛壬癸"


@dataclass(frozen=True, slots=True)
class LeakedValue:
    """A place in a case file that seems to hold a leaked value; the value itself is not kept."""

    path: str
    kind: str


def _is_card(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d * 2 - 9 * (d > 4) if i % 2 else d for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Places of what looks like a leaked value, without overlap, in order."""
    plain_digits = text.translate(_WIDE)
    taken: list[tuple[int, int, str]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(plain_digits):
            start, end = match.span()
            if kind == "bank_card" and not _is_card(match[0]):
                continue
            if all(end <= a or start >= b for a, b, _ in taken):
                taken.append((start, end, kind))
    yield from sorted(taken)


def leaked_values(case: Case) -> tuple[LeakedValue, ...]:
    """Places of a case that seem to hold leaked values.

    Returns
    -------
    tuple of LeakedValue
        Path and kind (``phone``, ``id_number``, ``email``, ``bank_card``), never the value.
    """
    from causation.document.writing import plain, texts_of

    found: list[LeakedValue] = []
    for path, text in texts_of(plain(case)):
        found += [LeakedValue(path, kind) for _, _, kind in _spans(text)]
    return tuple(dict.fromkeys(found))


def pseudonyms_of(names: list[str], given: dict[str, str]) -> dict[str, str]:
    """Pseudonyms by name: surname and 某 for Chinese names, letters for others.

    Examples
    --------
    >>> pseudonyms_of(["张三", "张伟", "欧阳修", "Jane Doe"], {})
    {'张三': '张某甲', '张伟': '张某乙', '欧阳修': '欧阳某', 'Jane Doe': 'Person A'}
    >>> pseudonyms_of(["张某"], {})
    {'张某': '张某'}
    """
    result: dict[str, str] = {}
    surnames = {name: _surname(name) for name in names if _is_chinese(name) and "某" not in name}
    letter = 0
    for name in names:
        if name in given:
            result[name] = given[name]
        elif "某" in name or re.fullmatch(r"Person [A-Z]+", name):
            result[name] = name
        elif name in surnames:
            same = [n for n, s in surnames.items() if s == surnames[name] and n not in given]
            mark = _STEMS[same.index(name) % len(_STEMS)] if len(same) > 1 else ""
            result[name] = f"{surnames[name]}某{mark}"
        else:
            result[name] = f"Person {chr(ord('A') + letter % 26)}"
            letter += 1
    return result


def _is_chinese(name: str) -> bool:
    return all("\u3400" <= c <= "\u9fff" for c in name)


def _surname(name: str) -> str:
    return next((c for c in _COMPOUND if name.startswith(c)), name[:1])


class Privacy:
    """What of a case's text may be printed, and how.

    Parameters
    ----------
    case : Case
    identify : bool
        Print names as the case file has them.
    words : dict of str to str
        What is printed for a withheld value, by kind.
    """

    def __init__(self, case: Case, *, identify: bool, words: dict[str, str]) -> None:
        self.words = words
        persons = case.persons
        given = {p.name: p.pseudonym for p in persons if p.pseudonym is not None}
        self.pseudonyms = (
            {} if identify else pseudonyms_of(list(dict.fromkeys(p.name for p in persons)), given)
        )
        names = sorted((n for n, p in self.pseudonyms.items() if n != p), key=len, reverse=True)
        self._names = re.compile("|".join(map(re.escape, names))) if names else None

    def redact(self, text: str) -> str:
        """The same text with pseudonyms for persons and leaked values withheld."""
        parts: list[str] = []
        end = 0
        for start, stop, kind in _spans(text):
            parts += [text[end:start], self.words[kind]]
            end = stop
        text = "".join([*parts, text[end:]])
        if self._names is not None:
            text = self._names.sub(lambda match: self.pseudonyms[match[0]], text)
        return text

    def clean(self, text: str) -> str:
        """Redacted text that is safe to print in a line."""
        return safe(self.redact(text))


_FOLDED = re.compile(
    r"(?<=[\u2018-\u201d\u3001-\u303f\u3400-\u9fff\uff01-\uff5e]) "
    r"(?=[\u2018-\u201d\u3001-\u303f\u3400-\u9fff\uff01-\uff5e])"
)
"""A space between two Chinese characters or their punctuation."""


def safe(text: str, *, lines: bool = False) -> str:
    r"""Text whose control and direction characters are shown instead of obeyed.

    Parameters
    ----------
    lines : bool
        Keep line ends and tabs; otherwise white space is folded, and goes where a Chinese text
        was broken into lines.

    Examples
    --------
    >>> safe("a\u202eb\nc")
    'a[U+202E]b c'
    >>> safe("此前曾在两家 公司，\n后来")
    '此前曾在两家公司，后来'
    """
    if lines:
        text = text.replace("\r\n", "\n").replace("\t", "    ")
    return visible(text if lines else _FOLDED.sub("", " ".join(text.split())))


def visible(text: str) -> str:
    """Text whose hidden characters are shown; line ends and tabs stay."""
    return "".join(c if c in "\n\t" or not _is_hidden(c) else f"[U+{ord(c):04X}]" for c in text)


def _is_hidden(c: str) -> bool:
    return unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
