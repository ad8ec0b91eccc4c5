"""What groups of victims must be: alone, and as a series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.case.checking import Names, apart, both, twice, unknown_items, unknown_keys
from causation.document.problems import Loc, Problem, listing, shown
from causation.document.terms import BearsOn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from causation.case.parts import VictimGroup
    from causation.case.schema import Case
    from causation.evidence.entries import DateWindow, ListedBy, Register

__all__ = ["check_victims"]

_FIELD_LISTS = ("disclosed", "not_disclosed", "redacted")


def check_victims(case: Case, names: Names) -> Iterator[Problem]:
    """Find what is wrong with victims."""
    yield from _series(case)
    first = case.first_plaintiff
    for index, group in enumerate(case.victims):
        loc: Loc = ("victims", index)
        yield from _fields(loc, group, names)
        yield from _attributes(loc, group, names)
        if group.known_by is not None:
            yield from _known_by(case, (*loc, "known_by"), group, names, first=group is first)
        for place, register in enumerate(group.record):
            yield from _record((*loc, "record", place), register, group, names)
        for field, window in group.dates.items():
            yield from _window(case, (*loc, "dates", field), window, group, names)


def _series(case: Case) -> Iterator[Problem]:
    groups = case.series
    first = case.first_plaintiff
    if groups and first is None:
        yield Problem(
            ("victims",), "no plaintiff among the groups of victims", f"{len(groups)} groups",
            "plaintiff: true for one of them at least", absent=True,
        )  # fmt: skip
    for index, group in enumerate(case.victims):
        if group.plaintiff and not group.count:
            yield Problem(("victims", index, "count"), "a plaintiff who is nobody", "0",
                          "at least 1")  # fmt: skip
        if group.linkage is not None and (group is first or group.plaintiff):
            yield Problem(
                ("victims", index, "linkage"), "a plaintiff belongs to the series", group.id,
                "linkage for other victims only",
            )  # fmt: skip


def _fields(loc: Loc, group: VictimGroup, names: Names) -> Iterator[Problem]:
    lists = {key: getattr(group, key) for key in _FIELD_LISTS}
    for key, words in lists.items():
        yield from unknown_items((*loc, key), "field", words, names.fields)
        yield from twice((*loc, key), words)
    yield from apart(loc, lists)
    for index, field in enumerate(group.not_disclosed):
        for implier in group.disclosed:
            if field in names.implies.get(implier, ()):
                yield Problem(
                    (*loc, "not_disclosed", index),
                    f"{shown(implier)}, which was published, shows this field",
                    shown(field), "a field that no published field implies",
                )  # fmt: skip
    attempt = group.known_by is not None and group.known_by.how == "attempt"
    if group.bears_on is BearsOn.SOURCE and group.count and not group.disclosed and not attempt:
        yield Problem(
            (*loc, "disclosed"), "a victim of whom nothing was published", "nothing",
            "at least one field, or known_by: attempt", absent=True,
        )  # fmt: skip


def _attributes(loc: Loc, group: VictimGroup, names: Names) -> Iterator[Problem]:
    for key in ("users_of", "not_users_of"):
        words = getattr(group, key)
        yield from unknown_items((*loc, key), "custodian", words, names.custodians)
        yield from twice((*loc, key), words)
    yield from both(
        (*loc, "not_users_of"), group.not_users_of, group.users_of, "both a user and not a user"
    )
    yield from unknown_keys((*loc, "traits"), "trait", group.traits, names.traits)


def _known_by(
    case: Case, loc: Loc, group: VictimGroup, names: Names, *, first: bool
) -> Iterator[Problem]:
    known = group.known_by
    if first:
        yield Problem(loc, "the first plaintiff makes the case, no list does", group.id,
                      "known_by for the other victims only")  # fmt: skip
    if known is not None and known.how == "attempt":
        yield from _attempt(case, loc, group, names)
    if known is not None and known.how == "list":
        yield from _event(loc, known, group, names)


def _attempt(case: Case, loc: Loc, group: VictimGroup, names: Names) -> Iterator[Problem]:
    for name in names.kinds:
        if name not in case.sources or case.sources[name].reach is None:
            yield Problem(
                loc, "an attempt needs the reach of every source, the residual included",
                f"no sources.{name}.reach", "reach: a probability or interval, for every source",
            )  # fmt: skip
    if group.linkage is not None:
        yield Problem((*loc[:-1], "linkage"), "who is chosen beforehand belongs to the series",
                      group.id, "no linkage with known_by: attempt")  # fmt: skip


def _event(loc: Loc, known: ListedBy, group: VictimGroup, names: Names) -> Iterator[Problem]:
    words = {
        "users_of": (known.users_of, "custodian", names.custodians),
        "traits": (known.traits, "trait", names.traits),
        "published_all": (known.published_all, "field", names.fields),
        "published_any": (known.published_any, "field", names.fields),
    }
    for key, (found, what, allowed) in words.items():
        yield from unknown_items((*loc, key), what, found, allowed)
        yield from twice((*loc, key), found)
    if not any(found for found, _, _ in words.values()):
        yield Problem(loc, "known by nothing", "nothing", "exposure, attempt, or what lists them")
    yield from _contradictions(loc, known, group, names)


def _contradictions(
    loc: Loc, known: ListedBy, group: VictimGroup, names: Names
) -> Iterator[Problem]:
    """Find where what is stated of a group cannot be so if this event lists it."""
    text = "the group's own data contradict how it is known"
    published = _published(group, names)
    for index, field in enumerate(known.published_all):
        if field in names.fields and field not in published:
            yield Problem((*loc, "published_all", index), text, f"{shown(field)} is not published",
                          listing(published))  # fmt: skip
    if known.published_any and not published & {*known.published_any}:
        yield Problem((*loc, "published_any"), text, "none of them is published",
                      listing(published))  # fmt: skip
    for index, custodian in enumerate(known.users_of):
        if custodian in group.not_users_of:
            yield Problem((*loc, "users_of", index), text, f"not users of {shown(custodian)}",
                          "users of it")  # fmt: skip
    for index, trait in enumerate(known.traits):
        if trait in group.traits and not group.traits[trait]:
            yield Problem((*loc, "traits", index), text, f"{shown(trait)} is false", "true")


def _published(group: VictimGroup, names: Names) -> set[str]:
    """Return what was published of a victim, implied fields included."""
    return {*group.disclosed}.union(*(names.implies.get(f, ()) for f in group.disclosed))


def _record(loc: Loc, register: Register, group: VictimGroup, names: Names) -> Iterator[Problem]:
    if not register.of:
        yield Problem((*loc, "of"), "a register of nobody", "nothing", listing(names.custodians))
    for index, name in enumerate(register.of):
        if name not in names.custodians:
            yield Problem((*loc, "of", index), "a register is a custodian's", shown(name),
                          listing(names.custodians))  # fmt: skip
    yield from twice((*loc, "of"), register.of)
    lists = {key: getattr(register, key) for key in ("agrees", "differs", "not_compared")}
    published = _published(group, names)
    for key, words in lists.items():
        yield from unknown_items((*loc, key), "field", words, names.fields)
        yield from twice((*loc, key), words)
        for index, field in enumerate(words):
            if field in names.fields and field not in published:
                yield Problem((*loc, key, index), "a value that was not published",
                              shown(field), listing(published))  # fmt: skip
    yield from apart(loc, lists)


def _window(
    case: Case, loc: Loc, window: DateWindow, group: VictimGroup, names: Names
) -> Iterator[Problem]:
    since, until = window.since, window.until
    posted = group.posted or case.incident_date
    published = _published(group, names)
    if loc[-1] not in published:
        yield Problem(loc, "a value that was not published", shown(str(loc[-1])),
                      listing(published))  # fmt: skip
    if since is None and until is None:
        yield Problem(loc, "a window without ends", "nothing", "since, until, or both",
                      absent=True)  # fmt: skip
    if since is not None and until is not None and since.first > until.last:
        yield Problem((*loc, "until"), "the dates are out of order", str(until),
                      f"at the earliest {since}")  # fmt: skip
    if posted is None:
        yield Problem(loc, "dates count from the publication", "no posted, no incident_date",
                      "posted for this group, or incident_date", absent=True)  # fmt: skip
    elif since is not None and since.first > posted.last:
        yield Problem((*loc, "since"), "the dates are out of order: later than the publication",
                      str(since), f"at the latest {posted}")  # fmt: skip
