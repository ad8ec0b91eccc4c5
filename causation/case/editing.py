"""New cases from a case: other values, less evidence, one more finding.

Places are dotted paths as in a case file. Members of ``victims`` and ``findings`` are
addressed by id or by position (``victims.co_victims.linkage``, ``victims[1].linkage``); the
ends of an interval as ``[0]`` and ``[1]`` or ``lo`` and ``hi``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from causation.case.schema import ADDED, Case
from causation.case.writing import plain, tree_of
from causation.document.problems import Loc, NoSuchPathError, Problem, listing, nearest
from causation.document.terms import SourceKind
from causation.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from causation.case.filled import Filled
    from causation.document.numbers import Number
    from causation.document.quantities import Value

__all__ = [
    "canonical_paths",
    "replace",
    "varied_numbers",
    "with_finding",
    "with_variant",
    "without",
]

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,9})\]")
_ENDS = {"lo": 0, "hi": 1, 0: 0, 1: 1}
_SHARED_BY_GROUP = ("reliability", "overlap")


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
    editor = _Editor(case)
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
    editor = _Editor(case)
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
    return _built(tree, case)


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
    editor = _Editor(case)
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
    editor = _Editor(case)
    return [editor.canonical(path) for path in paths]


def _built(tree: dict[str, Any], origin: Case) -> Case:
    case = Case.model_validate(tree)
    return case.read_from(origin.file)  # a relative prior set still lies beside it


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            _no_such(path, "not a path", "keys with dots, positions in brackets")
        steps.append(match[1] if match[2] is None else int(match[2]))
        position = match.end()
    return steps


def _no_such(path: str, text: str, allowed: str, found: str | None = None) -> NoReturn:
    shown = path if path.isprintable() and len(path) < 200 else ascii(path[:200])
    raise NoSuchPathError([Problem((), f"{text}: {shown}", found, allowed)])


class _Editor:
    """The tree of a case while it is changed."""

    def __init__(self, case: Case) -> None:
        self._origin = case
        self._tree = tree_of(case)
        self._numbers: dict[str, Value | int] | None = None
        self._touched: dict[str, Any] = {}

    def case(self, *, without: str = "") -> Case:
        self._share()
        self._tree.pop(without, None)
        return _built(self._tree, self._origin)

    def set(self, path: str, value: Any) -> None:
        steps = _steps(path)
        if len(steps) >= 2 and steps[-1] in _ENDS and self._is_number(steps[:-1]):
            value = self._with_end(steps[:-1], _ENDS[steps[-1]], value)
            steps = steps[:-1]
        if not steps:
            _no_such(path, "not a path", listing(Case.keys()))
        self._make_room(steps)
        place: Any = self._tree
        for depth, step in enumerate(steps[:-1]):
            place = self._enter(place, step, steps[:depth], path)
        self._assign(place, steps[-1], value, path)
        if len(steps) == 3:
            self._touched[self._canonical(steps)] = value

    def canonical(self, path: str) -> tuple[str, int | None]:
        steps = _steps(path)
        if len(steps) >= 2 and steps[-1] in _ENDS and self._is_number(steps[:-1]):
            return self._canonical(steps[:-1]), _ENDS[steps[-1]]
        return self._canonical(steps), None

    def remove(self, name: str) -> None:
        for key in ("victims", "findings"):
            rows = self._tree.get(key, [])
            kept = [row for row in rows if row["id"] != name]
            if len(kept) != len(rows):
                self._tree[key] = kept
                return
        if name in self._tree.get("security", {}):
            del self._tree["security"][name]
            return
        self._remove_at(name)

    def _share(self) -> None:
        """Let all that share one number state what one of them was given."""
        for path, value in self._touched.items():
            key = path.rpartition(".")[2]
            for other, row in self._sharing(path).items():
                if key in row and other not in self._touched:
                    row[key] = value

    def _sharing(self, path: str) -> dict[str, dict[str, Any]]:
        """Rows that share a number with the one at a path, by the paths of their numbers."""
        part, name, key = path.split(".", 2)
        if part == "findings" and key in _SHARED_BY_GROUP:
            rows = {row["id"]: row for row in self._tree[part]}
            group = rows[name].get("group", name)
            same = {n: row for n, row in rows.items() if row.get("group", n) == group}
        elif part == "sources" and key == "weight":
            kind = self._tree[part][name]["kind"]
            split = kind in (SourceKind.INFERENCE, SourceKind.LEAKED_LIBRARY)
            same = {n: r for n, r in self._tree[part].items() if split and r["kind"] == kind}
        else:
            return {}
        return {f"{part}.{n}.{key}": row for n, row in same.items()}

    def _is_number(self, steps: Iterable[str | int]) -> bool:
        return self._canonical(steps) in self._known_numbers()

    def _known_numbers(self) -> dict[str, Value | int]:
        if self._numbers is None:
            self._numbers = self._origin.numbers()
        return self._numbers

    def _canonical(self, steps: Iterable[str | int]) -> str:
        """Write the path with ids in place of positions."""
        names = list(steps)
        if len(names) > 1 and names[0] in ("victims", "findings") and isinstance(names[1], int):
            rows = self._tree.get(str(names[0]), [])
            names[1] = rows[names[1]]["id"] if names[1] < len(rows) else names[1]
        return ".".join(str(name) for name in names)

    def _with_end(self, steps: list[str | int], end: int, value: Any) -> list[Any]:
        now: Any = self._peek(steps)
        if isinstance(now, dict):  # a number with its basis
            now = now["value"]
        if now is None:
            now = self._known_numbers()[self._canonical(steps)]
        ends = list(now) if isinstance(now, (list, tuple)) else [now, now]
        ends[end] = value
        return ends

    def _peek(self, steps: list[str | int]) -> Any:
        place: Any = self._tree
        for step in steps:
            if isinstance(place, dict):
                place = place.get(step)
            elif isinstance(place, list):
                index = _position(place, step)
                place = None if index is None else place[index]
            else:
                return None
        return place

    def _make_room(self, steps: list[str | int]) -> None:
        """List a source that is added, or spell a proposition out, before it is changed."""
        if len(steps) > 2 and steps[0] == "sources":
            kind = self._origin.kinds.get(str(steps[1]))
            if kind is not None and ADDED.get(kind) == steps[1]:
                self._tree["sources"].setdefault(steps[1], {"kind": str(kind)})
        claim = self._tree.get("proposition")
        if len(steps) > 1 and steps[0] == "proposition" and not isinstance(claim, dict):
            self._tree["proposition"] = {"source": claim}

    def _enter(self, place: Any, step: str | int, before: Loc | list[Any], path: str) -> Any:
        if isinstance(place, dict) and isinstance(step, str):
            if before == ["sources"] and step not in place:
                _no_such(path, "no such source", listing(place), nearest(step, place))
            if not before and step not in (keys := Case.keys()):
                _no_such(path, "no such key", listing(keys, near=step), nearest(step, keys))
            empty: Any = [] if step in ("victims", "findings") and not before else {}
            return place.setdefault(step, empty)
        if isinstance(place, list):
            index = _position(place, step)
            if index is not None:
                return place[index]
            names = _names(place)
            _no_such(path, "no such member", listing(names), nearest(str(step), names))
        _no_such(path, "the path goes on beyond a value", "a shorter path")

    def _assign(self, place: Any, step: str | int, value: Any, path: str) -> None:
        if isinstance(place, dict) and isinstance(step, str):
            if value is None:
                place.pop(step, None)
            else:
                place[step] = value
        elif isinstance(place, list) and (index := _position(place, step)) is not None:
            if value is None:
                del place[index]
            else:
                place[index] = value
        elif isinstance(place, list):
            names = _names(place)
            _no_such(path, "no such member", listing(names), nearest(str(step), names))
        else:
            _no_such(path, "the path goes on beyond a value", "a shorter path")

    def _remove_at(self, path: str) -> None:
        steps = self._as_stated(_steps(path))
        place = self._peek(steps[:-1])
        if isinstance(place, dict) and steps and steps[-1] in place:
            del place[steps[-1]]
        elif isinstance(place, list) and (index := _position(place, steps[-1])) is not None:
            del place[index]
        else:
            names = self._removable()
            _no_such(path, "nothing to take away", listing(names, near=path), nearest(path, names))

    def _as_stated(self, steps: list[str | int]) -> list[str | int]:
        """Write the id of an item of the model as the place of what states it."""
        lists = {"fields": ("disclosed", "not_disclosed"), "users": ("users_of", "not_users_of")}
        if len(steps) == 4 and steps[0] == "victims" and steps[2] in lists:
            for key in lists[str(steps[2])]:
                if steps[3] in (self._peek([*steps[:2], key]) or ()):
                    return [*steps[:2], key, steps[3]]
        return steps

    def _removable(self) -> list[str]:
        rows = [*self._tree.get("victims", []), *self._tree.get("findings", [])]
        return [*(row["id"] for row in rows), *self._tree.get("security", {})]


def _position(rows: list[Any], step: str | int) -> int | None:
    """Index of a list's member by position, by id, or by value for a list of words."""
    if isinstance(step, int):
        return step if step < len(rows) else None
    return next((i for i, name in enumerate(_names(rows)) if name == step), None)


def _names(rows: list[Any]) -> list[str]:
    return [row.get("id", "") if isinstance(row, dict) else str(row) for row in rows]
