"""New cases from a case: other values, less evidence, one more finding.

Places are dotted paths as in a case file. Members of ``victims`` and ``findings`` are
addressed by id or by position (``victims.co_victims.linkage``, ``victims[1].linkage``); the
ends of an interval as ``[0]`` and ``[1]`` or ``lo`` and ``hi``.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from causation.case.schema import Case
from causation.case.tree_editing import Editor, built
from causation.case.writing import plain, tree_of
from causation.document.problems import listing, nearest
from causation.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from causation.case.filled import Filled
    from causation.document.numbers import Number
    from causation.document.stated import Value

__all__ = [
    "canonical_paths",
    "replace",
    "varied_numbers",
    "with_finding",
    "with_outcome",
    "with_variant",
    "without",
]


def replace(case: Case, changes: dict[str, Any]) -> Case:
    """Return a case with other values at some paths.

    Parameters
    ----------
    case : Case
        Left as it is.
    changes : dict of str to object
        Values by path. ``None`` takes a key away, so that the prior set fills it. What
        findings of one group share (reliability, overlap), and the weight that all leaked
        libraries or all inference sources share, changes for all that state it.

    Raises
    ------
    CaseError
        If a path leads nowhere, or the new case breaks the format.

    Examples
    --------
    >>> from causation.case import load_case
    >>> case = load_case("bic-2025-doxxing")
    >>> replace(case, {"victims.co_victims.count": 9}).victims[1].count
    9
    >>> replace(case, {"sources.osint.weight[1]": 6}).sources["osint"].weight
    (1.0, 6.0)
    """
    editor = Editor(case)
    for path, value in changes.items():
        editor.set(path, plain(value))
    return editor.case()


def without(case: Case, *names: str) -> Case:
    """Return a case without some of its evidence.

    Parameters
    ----------
    case : Case
        Left as it is.
    *names : str
        Id of a victim group or finding, custodian of a security record, or the path of
        anything else, such as ``victims.co_victims.traits.anonymous`` (the trait becomes
        unknown) or ``victims.plaintiff.disclosed.phone`` (the field becomes missing). The ids of
        the model's items (``victims.plaintiff.fields.phone``) are such paths too.

    Raises
    ------
    CaseError
        If there is no such thing, or what is left breaks the format.

    Examples
    --------
    >>> from causation.case import load_case
    >>> [g.id for g in without(load_case("bic-2025-doxxing"), "co_victims").victims]
    ['plaintiff']
    """
    editor = Editor(case)
    for name in names:
        editor.remove(name)
    return editor.case()


def with_finding(case: Case, name: str, keys: dict[str, Any]) -> Case:
    """Return a case with one more finding, after the others.

    Raises
    ------
    CaseError
        If the finding breaks the format or its id is taken.
    """
    tree = tree_of(case)
    tree["findings"] = [*tree.get("findings", []), {"id": name, **plain(keys)}]
    return built(tree, case)


def with_outcome(
    case: Case, inquiry: str, outcome: str, *, about: str | None, keys: dict[str, Any]
) -> Case:
    """Return a case with what came of an inquiry; its own are spelled out and closed.

    Raises
    ------
    CaseError
        If there is no such inquiry, outcome or source.
    """
    own = {q.id: q for q in case.inquiries}
    taken = {f.id for f in case.findings}
    name = next(n for n in _names(inquiry) if n not in taken)
    entry: dict[str, Any] = {"about": about.split("/") if about else None}
    if inquiry not in own:
        found = {"inquiry": inquiry, "outcome": outcome, **entry}
        return with_finding(case, name, {k: v for k, v in (found | keys).items() if v is not None})
    stated = own[inquiry]
    if outcome not in stated.outcomes:
        raise CaseError("unknown outcome", found=nearest(outcome, stated.outcomes),
                        allowed=listing(stated.outcomes))  # fmt: skip
    row = {s: stated.outcomes[outcome].get(s, 0.0) for s in case.source_names}
    found = {"likelihood": row, "reliability": stated.reliability, "label": stated.label,
             "about": list(stated.about)}  # fmt: skip
    left = [plain(q) for q in case.inquiries if q.id != inquiry]
    closed = built({**tree_of(case), "inquiries": left}, case)
    return with_finding(closed, name, {k: v for k, v in (found | keys).items() if v})


def _names(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}_{k}" for k in count(2))


def with_variant(case: Case, name: str) -> Case:
    """Return the case under one of its own variants.

    Raises
    ------
    NoSuchPathError
        If the case does not have what the variant changes.
    CaseError
        If there is no such variant, or the case that it makes breaks the format.
    """
    if name not in case.variants:
        raise CaseError("unknown variant", file=case.file, path="variants",
                        found=nearest(name, case.variants),
                        allowed=listing(case.variants))  # fmt: skip
    variant = case.variants[name]
    editor = Editor(case)
    for path, value in variant.changes.items():
        editor.set(path, plain(value))
    for path in variant.unset:
        editor.remove(path)
    return editor.case(without="variants")


def varied_numbers(filled: Filled) -> dict[str, Value | int]:
    """Every number that a case can state and that counts, by path; then counts and degrees."""
    found: dict[str, Value | int] = {
        n.path: _value(n) for n in filled.numbers() if not n.path.startswith(("chains.", "ages."))
    }
    for group in filled.groups:
        found[f"victims.{group.id}.count"] = group.count
        for trait, degree in group.traits.items():
            found[f"victims.{group.id}.traits.{trait}"] = degree
    for name, record in filled.case.security.items():
        if record.incidents is not None:
            if record.incidents.count is not None:
                found[f"security.{name}.incidents.count"] = record.incidents.count
            found[f"security.{name}.incidents.years"] = record.incidents.years
    found["standard"] = filled.threshold
    return found


def _value(number: Number) -> Value:
    return number.middle if number.is_point else (number.lo, number.hi)


def canonical_paths(case: Case, paths: Iterable[str]) -> list[tuple[str, int | None]]:
    """Write paths with ids in place of positions, the end of an interval apart.

    Returns
    -------
    list of tuple of str and (int or None)
        Each path, and 0 or 1 where it names one end of an interval.

    Examples
    --------
    >>> from causation.case import load_case
    >>> canonical_paths(load_case("bic-2025-doxxing"), ["actor.linkage.hi", "victims[1].count"])
    [('actor.linkage', 1), ('victims.co_victims.count', None)]
    """
    editor = Editor(case)
    return [editor.canonical(path) for path in paths]
