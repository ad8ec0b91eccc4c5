"""What the checks of a case share: the names that its parts may refer to, and how to say so.

The words of what is wrong are in ``data/problems.yaml``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from causation.case.headings import heading_of
from causation.case.library import closed, load_fields, load_traits
from causation.document.mappings import Fixed
from causation.document.problems import Loc, Problem, Said, listing, nearest, shown
from causation.document.shipped import shipped
from causation.document.terms import SourceKind

if TYPE_CHECKING:
    from causation.case.schema import Case


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
    vocabulary, kinds = load_fields(), case.kinds
    own = {field.id: field.implies for field in case.fields if field.id not in vocabulary}
    return Names(
        kinds=kinds,
        custodians=tuple(n for n, kind in kinds.items() if kind is SourceKind.CUSTODIAN),
        fields=frozenset((*vocabulary, *own)),
        implies=_implied(Fixed(own)),
        traits=frozenset((*load_traits(), *case.actor.traits)),
    )


@lru_cache(maxsize=64)
def _implied(own: Fixed[str, tuple[str, ...]]) -> Mapping[str, frozenset[str]]:
    known = {name: tuple(sorted(term.implies)) for name, term in load_fields().items()}
    return Fixed(closed({**known, **own}))


def named_fields(case: Case) -> set[str]:
    """Return the fields that a case and the victims of its series name."""
    fields = {field.id for field in case.fields}
    for group in case.series:
        fields |= {*group.disclosed, *group.not_disclosed, *group.redacted}
        if group.known_by is not None:
            fields |= {*group.known_by.published_all, *group.known_by.published_any}
    return fields


def problem(
    id: str, loc: Loc, found: Said | None = None, allowed: Said | None = None, **names: object
) -> Problem:
    """Return a problem in the words of ``data/problems.yaml``.

    `found` and `allowed` are for what the words do not say themselves; `names` are filled in, the
    same in every language, or by language.
    """
    row = shipped("problems.yaml")["problems"][id]

    def said(text: Any) -> Any:
        if text is None or isinstance(text, str):
            return text and text.format_map(names)
        return {lang: words.format_map(_in(lang, names)) for lang, words in text.items()}

    return Problem(
        loc,
        said(row["text"]),
        said(row.get("found")) if found is None else found,
        said(row.get("allowed")) if allowed is None else allowed,
        absent=row.get("absent", False),
    )


def _in(language: str, names: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v[language] if isinstance(v, Mapping) else v for k, v in names.items()}


def unknown(loc: Loc, what: str, word: str, allowed: Iterable[str]) -> Problem:
    """Return the problem of a word that names nothing."""
    words, thing = tuple(allowed), {"en": what, "zh": shipped("problems.yaml")["things"][what]}
    meant = heading_of(word) if what == "field" else None
    found = nearest(word, words, meant=meant if meant in words else None)
    return problem("unknown", loc, found, listing(words, near=word), what=thing)


def as_written(value: object) -> str:
    """Write a number or an interval as a file has it."""
    return str(list(value)) if isinstance(value, tuple) else str(value)


def apart(
    loc: Loc, lists: Mapping[str, tuple[str, ...]], id: str = "in_two_lists"
) -> Iterator[Problem]:
    """Find the words that stand in two of several lists."""
    keys = tuple(lists)
    for place, key in enumerate(keys):
        for earlier in keys[:place]:
            for index, word in enumerate(lists[key]):
                if word in lists[earlier]:
                    yield problem(id, (*loc, key, index), shown(word), key=key, earlier=earlier)


def check_words(case: Case, names: Names) -> Iterator[Problem]:
    """Find the words that name nothing, and those that stand twice in a list."""
    allowed: dict[str, Collection[str]] = {
        "source": names.kinds,
        "custodian": names.custodians,
        "field": names.fields,
        "trait": names.traits,
    }
    for loc, what, words in _references(case):
        is_list, seen = not isinstance(words, Mapping), set()
        for index, word in enumerate(words):
            place = (*loc, index if is_list else word)
            if word not in allowed[what]:
                yield unknown(place, what, word, allowed[what])
            if word in seen:
                yield problem("twice", place, shown(word))
            seen.add(word)


def _references(case: Case) -> Iterator[tuple[Loc, str, Iterable[str]]]:
    """All lists and mappings whose words or keys name something: place, what they name."""
    yield ("proposition",), "source", case.proposition.source
    yield ("proposition", "fields"), "field", case.proposition.fields
    yield ("actor", "users"), "custodian", case.actor.users
    yield ("agreement",), "field", {f: None for f in case.agreement if f != "own"}
    yield ("security",), "custodian", case.security
    rows: list[tuple[Loc, Any, Mapping[str, str]]] = []
    rows += [(("fields", i), field, {"implies": "field"}) for i, field in enumerate(case.fields)]
    rows += [(("sources", name), source, _OF_SOURCES) for name, source in case.sources.items()]
    for i, group in enumerate(case.victims):
        rows.append((("victims", i), group, _OF_VICTIMS))
        if group.known_by is not None:
            rows.append((("victims", i, "known_by"), group.known_by, _OF_LISTS))
        rows += [(("victims", i, "record", k), r, _OF_RECORDS) for k, r in enumerate(group.record)]
    rows += [(("findings", i), f, {"about": "source"}) for i, f in enumerate(case.findings)]
    for i, inquiry in enumerate(case.inquiries):
        rows.append((("inquiries", i), inquiry, {"about": "source"}))
        for outcome, shares in inquiry.outcomes.items():
            yield ("inquiries", i, "outcomes", outcome), "source", shares
    for loc, part, keys in rows:
        for key, what in keys.items():
            yield (*loc, key), what, getattr(part, key) or ()


_OF_SOURCES = {
    **dict.fromkeys(("holds", "disclosure", "disclosure_not_user", "loadings"), "field"),
    "odds_ratio": "trait",
    "origin": "custodian",
}
_OF_VICTIMS = {
    **dict.fromkeys(("disclosed", "not_disclosed", "redacted"), "field"),
    **dict.fromkeys(("users_of", "not_users_of"), "custodian"),
    "traits": "trait",
}
_OF_LISTS = {
    **dict.fromkeys(("published_all", "published_any"), "field"),
    "users_of": "custodian",
    "traits": "trait",
}
_OF_RECORDS = dict.fromkeys(("agrees", "differs", "not_compared"), "field")
