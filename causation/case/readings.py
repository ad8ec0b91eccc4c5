"""Structural readings of what a case leaves open: each makes a case that says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causation.case.checking import named_fields, names_of
from causation.case.writing import tree_of
from causation.document.problems import listing, nearest
from causation.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from causation.case.checking import Names
    from causation.case.parts import VictimGroup
    from causation.case.schema import Case

__all__ = ["READINGS", "listing_of", "reading"]


def reading(case: Case, name: str) -> Case:
    """Return the case under a structural reading.

    Parameters
    ----------
    case : Case
        Left as it is.
    name : str
        ``as_listed``: what all further victims whose `known_by` is not stated have in common,
        the custodians that they use and the fields published of them, defines the list that
        they are on; where they have nothing in common, nothing changes.
        ``silence_plaintiff``, ``silence_others``: fields that the case names and the entry of
        the first plaintiff, or of others, does not state are taken as not published; redacted
        and implied ones apart.

    Raises
    ------
    CaseError
        If there is no such reading.

    Examples
    --------
    >>> from causation.case import load_case
    >>> case = load_case("bic-2025-doxxing")
    >>> reading(case, "silence_others").victims[1].not_disclosed
    ('id_photo', 'phone', 'real_name')
    """
    if name not in READINGS:
        raise CaseError("unknown reading", found=nearest(name, READINGS), allowed=listing(READINGS))
    changes = READINGS[name](case)
    if not changes:
        return case
    tree = tree_of(case)
    tree.pop("variants", None)  # they are readings beside this one
    for row in tree["victims"]:
        row.update(changes.get(row["id"], {}))
    return type(case).model_validate(tree).read_from(case.file)


type _Changes = dict[str, dict[str, Any]]
"""Keys of groups by id."""


def listing_of(case: Case) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the custodians and fields that all further victims of unstated `known_by` share."""
    groups = _unstated(case)
    return (
        _common(group.users_of for group in groups),
        _common(group.disclosed for group in groups),
    )


def _unstated(case: Case) -> list[VictimGroup]:
    first = case.first_plaintiff
    return [g for g in case.series if g is not first and g.known_by is None]


def _common(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    sets = [set(words) for words in lists]
    return tuple(sorted(set.intersection(*sets))) if sets else ()


def _as_listed(case: Case) -> _Changes:
    users, published = listing_of(case)
    event = {"users_of": list(users), "published_all": list(published)}
    stated = {key: words for key, words in event.items() if words}
    return {group.id: {"known_by": stated} for group in _unstated(case)} if stated else {}


def _silence(case: Case, groups: Iterable[VictimGroup]) -> _Changes:
    names = names_of(case)
    named = named_fields(case)
    found = {group.id: sorted(_silent(group, named, names)) for group in groups}
    return {
        group.id: {"not_disclosed": [*group.not_disclosed, *found[group.id]]}
        for group in case.series
        if found.get(group.id)
    }


def _silent(group: VictimGroup, named: set[str], names: Names) -> set[str]:
    implied = set[str]().union(*(names.implies.get(f, ()) for f in group.disclosed))
    return named - {*group.disclosed, *group.not_disclosed, *group.redacted} - implied


def _silence_plaintiff(case: Case) -> _Changes:
    return _silence(case, (g for g in case.series if g is case.first_plaintiff))


def _silence_others(case: Case) -> _Changes:
    return _silence(case, (g for g in case.series if g is not case.first_plaintiff))


READINGS: dict[str, Callable[[Case], _Changes]] = {
    "as_listed": _as_listed,
    "silence_plaintiff": _silence_plaintiff,
    "silence_others": _silence_others,
}
"""Structural readings by name."""
