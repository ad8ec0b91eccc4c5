"""What the checks of a case share: the names that its parts may refer to, and how to say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causation.case.library import closed, load_fields, load_traits
from causation.document.mappings import Fixed
from causation.document.problems import Loc, Problem, listing, nearest, shown
from causation.document.terms import SourceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from causation.case.schema import Case

__all__ = [
    "Names",
    "apart",
    "both",
    "named_fields",
    "names_of",
    "twice",
    "unknown",
    "unknown_items",
    "unknown_keys",
]


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts of a case may refer to; ``implies`` is transitive."""

    kinds: Mapping[str, SourceKind]
    custodians: tuple[str, ...]
    fields: frozenset[str]
    implies: Mapping[str, frozenset[str]]
    traits: frozenset[str]

    def shown(self, disclosed: Iterable[str]) -> set[str]:
        """The fields that are shown by those that were published: themselves and the implied."""
        fields = {*disclosed}
        return fields.union(*(self.implies.get(f, ()) for f in fields))

    @property
    def chaining(self) -> tuple[str, ...]:
        """The sources that can stand in a chain."""
        return tuple(n for n, kind in self.kinds.items() if kind is not SourceKind.RESIDUAL)


def names_of(case: Case) -> Names:
    """Collect the names of a case, those of the vocabulary included."""
    vocabulary = load_fields()
    own = {field.id: field.implies for field in case.fields if field.id not in vocabulary}
    known = {name: tuple(sorted(term.implies)) for name, term in vocabulary.items()}
    kinds = case.kinds
    return Names(
        kinds=kinds,
        custodians=tuple(n for n, kind in kinds.items() if kind is SourceKind.CUSTODIAN),
        fields=frozenset((*vocabulary, *own)),
        implies=Fixed(closed({**known, **own})),
        traits=frozenset((*load_traits(), *case.actor.traits)),
    )


def named_fields(case: Case) -> set[str]:
    """Return the fields that a case and the victims of its series name."""
    fields = {field.id for field in case.fields}
    for group in case.series:
        fields |= {*group.disclosed, *group.not_disclosed, *group.redacted}
        if group.known_by is not None:
            fields |= {*group.known_by.published_all, *group.known_by.published_any}
    return fields


def unknown(loc: Loc, what: str, word: str, allowed: Iterable[str]) -> Problem:
    """Return the problem of a word that names nothing."""
    words = tuple(allowed)
    return Problem(loc, f"unknown {what}", nearest(word, words), listing(words, near=word))


def unknown_keys(
    loc: Loc, what: str, found: Iterable[str], allowed: Collection[str]
) -> Iterator[Problem]:
    """Find the keys of a mapping that name nothing."""
    return (unknown((*loc, w), what, w, allowed) for w in found if w not in allowed)


def unknown_items(
    loc: Loc, what: str, found: Iterable[str], allowed: Collection[str]
) -> Iterator[Problem]:
    """Find the members of a list that name nothing."""
    return (unknown((*loc, i), what, w, allowed) for i, w in enumerate(found) if w not in allowed)


def twice(loc: Loc, words: Iterable[str]) -> Iterator[Problem]:
    """Find the words that stand twice in a list."""
    seen: set[str] = set()
    for index, word in enumerate(words):
        if word in seen:
            yield Problem((*loc, index), "named twice", shown(word), "each once")
        seen.add(word)


def both(loc: Loc, words: Iterable[str], others: Collection[str], text: str) -> Iterator[Problem]:
    """Find the words of a list that stand in another one too."""
    for index, word in enumerate(words):
        if word in others:
            yield Problem((*loc, index), text, shown(word), "one of the two")


def apart(loc: Loc, lists: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """Find the words that stand in two of several lists."""
    keys = tuple(lists)
    for index, key in enumerate(keys):
        for earlier in keys[:index]:
            text = f"named under {earlier} and under {key}"
            yield from both((*loc, key), lists[key], lists[earlier], text)
