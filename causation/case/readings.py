"""Structural readings of what a case leaves open: each makes a case that says it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from causation.case.checking import named_fields, names_of
from causation.document.problems import listing, nearest
from causation.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from causation.case.schema import Case


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
    return case.replace({**changes, "variants": None})  # they are readings beside this one


type _Changes = dict[str, Any]
"""Values by path."""


def _as_listed(case: Case) -> _Changes:
    first, names = case.first_plaintiff, names_of(case)
    unstated = [g for g in case.series if g is not first and g.known_by is None]
    fields = _common(names.shown(g.disclosed) for g in unstated)
    event = {
        "users_of": _common(g.users_of for g in unstated),
        # one that another of them implies adds nothing
        "published_all": [
            f for f in fields if not any(f in names.implies.get(g, ()) for g in fields)
        ],
    }
    stated = {key: words for key, words in event.items() if words}
    return {f"victims.{g.id}.known_by": stated for g in unstated} if stated else {}


def _common(lists: Iterable[Iterable[str]]) -> list[str]:
    sets = [set(words) for words in lists]
    return sorted(set.intersection(*sets)) if sets else []


def _silence(case: Case, *, of_first: bool) -> _Changes:
    names, first = names_of(case), case.first_plaintiff
    named, changes = named_fields(case), {}
    for group in case.series:
        if (group is first) is of_first:
            stated = {*group.disclosed, *group.not_disclosed, *group.redacted}
            if silent := named - stated - names.shown(group.disclosed):
                hidden = [*group.not_disclosed, *sorted(silent)]
                changes[f"victims.{group.id}.not_disclosed"] = hidden
    return changes


READINGS: dict[str, Callable[[Case], _Changes]] = {
    "as_listed": _as_listed,
    "silence_plaintiff": partial(_silence, of_first=True),
    "silence_others": partial(_silence, of_first=False),
}
"""Structural readings by name."""
