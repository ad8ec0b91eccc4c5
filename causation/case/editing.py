"""New cases from a case: other values, less evidence, one more finding.

Places are dotted paths as in a case file. Members of ``victims`` and ``findings`` are
addressed by id or by position (``victims.co_victims.linkage``, ``victims[1].linkage``); the
ends of an interval as ``[0]`` and ``[1]`` or ``lo`` and ``hi``.

Only what a path leads through is written out and checked anew; all other parts of the new case are
those of the old one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self

from causation.case.parts import ADDED, SPLIT
from causation.document.parts import Part
from causation.document.problems import NoSuchPathError, Problem, listing, nearest
from causation.document.stated import Stated
from causation.document.writing import plain
from causation.errors import CaseError

if TYPE_CHECKING:
    from causation.case.filled import Filled
    from causation.case.schema import Case
    from causation.document.stated import Value

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,9})\]")
_ENDS = {"lo": 0, "hi": 1, 0: 0, 1: 1}
_SHARED_BY_GROUP = ("reliability", "overlap")
_ITEMS = {"fields": ("disclosed", "not_disclosed"), "users": ("users_of", "not_users_of")}
"""What states an item of the model."""

type _Steps = list[str | int]


def _steps(path: str) -> _Steps:
    steps: _Steps = []
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


def _written(value: Any) -> Any:
    """Write out what a value is made of, one level deep."""
    return value.written() if isinstance(value, Part | Stated) else value


class Editor:
    """The tree of a case while it is changed; the case is left as it is."""

    def __init__(self, case: Case) -> None:
        self._origin = case
        self._tree: dict[str, Any] = case.written()
        self._numbers: Mapping[str, Value | int] | None = None
        self._touched: dict[str, Any] = {}

    def case(self) -> Case:
        """Return the case that the tree states now; it lies where the old one lies."""
        for path, value in self._touched.items():
            key = path.rpartition(".")[2]
            for other in self._sharing(*path.split(".", 2)):
                if other not in self._touched:
                    self._at(other.split(".")[:2])[key] = value
        return type(self._origin).model_validate(self._tree).read_from(self._origin.file)

    def change(self, changes: Mapping[str, Any]) -> Self:
        """Put values at paths; None takes away what is there."""
        for path, value in changes.items():
            self._set(path, plain(value))
        return self

    def remove(self, *names: str) -> Self:
        """Take away groups, findings, security records, or what is at paths."""
        for name in names:
            for key in ("victims", "findings"):
                rows = self._rows(key)
                kept = [row for row in rows if _name(row) != name]
                if len(kept) != len(rows):
                    self._tree[key] = kept
                    if key == "victims":  # with a person goes what was decided about him
                        self._forget(name)
                    break
            else:
                self._remove_at(f"security.{name}" if name in self._origin.security else name)
        return self

    def _rows(self, key: str) -> Sequence[Any]:
        """Members of a list; none where a change put something else there, which is no case."""
        rows = self._tree.get(key, ())
        return rows if isinstance(rows, list | tuple) else ()

    def _table(self, key: str) -> Mapping[str, Any]:
        """Members by name; none where a change put something else there, which is no case."""
        rows = self._tree.get(key, {})
        return rows if isinstance(rows, Mapping) else {}

    def _forget(self, victim: str) -> None:
        """Take away decisions about a victim."""
        decided = self._tree.get("court_found", ())
        rows = [decided] if isinstance(decided, (Mapping, Part)) else self._rows("court_found")
        about = [row.get("victim") if isinstance(row, Mapping) else None
                 for row in map(_written, rows)]  # fmt: skip
        kept = [row for row, who in zip(rows, about, strict=True) if who != victim]
        if len(kept) != len(rows):
            self._tree["court_found"] = kept

    def add(self, key: str, row: Mapping[str, Any]) -> Self:
        """Put one more member at the end of a list."""
        self._tree[key] = [*self._rows(key), plain(row)]
        return self

    def canonical(self, path: str) -> tuple[str, int | None]:
        """Write a path with ids in place of positions, the end of an interval apart."""
        steps = _steps(path)
        if self._is_end(steps):
            return self._canonical(steps[:-1]), _ENDS[steps[-1]]
        return self._canonical(steps), None

    def _set(self, path: str, value: Any) -> None:
        steps = _steps(path)
        if not steps:
            _no_such(path, "not a path", listing(self._origin.keys()))
        if self._is_end(steps):
            value = self._with_end(steps[:-1], _ENDS[steps[-1]], value)
            steps = steps[:-1]
        self._make_room(steps)
        place: Any = self._tree
        for depth, step in enumerate(steps[:-1]):
            place = self._enter(place, step, steps[:depth], path)
        key: Any = steps[-1]
        if not (isinstance(place, dict) and isinstance(key, str)):
            key = self._index(place, key, path)
        if value is not None:
            place[key] = value
        elif isinstance(place, list) or key in place:
            del place[key]
        if len(steps) == 3:
            self._touched[self._canonical(steps)] = value

    def _index(self, place: Any, step: str | int, path: str) -> int:
        """Index of a member of a list."""
        if not isinstance(place, list):
            _no_such(path, "the path goes on beyond a value", "a shorter path")
        if (index := _position(place, step)) is None:
            names = [_name(row) for row in place]
            _no_such(path, "no such member", listing(names), nearest(str(step), names))
        return index

    def _enter(self, place: Any, step: str | int, before: _Steps, path: str) -> Any:
        """Return what is at a step, written out so that it can be changed."""
        if isinstance(place, dict) and isinstance(step, str):
            if before == ["sources"] and step not in place:
                names = {*place, *self._origin.kinds}  # with those that are added
                _no_such(path, "no such source", listing(names), nearest(step, names))
            if not before and step not in (keys := self._origin.keys()):
                _no_such(path, "no such key", listing(keys, near=step), nearest(step, keys))
            place.setdefault(step, () if step in ("victims", "findings") and not before else {})
            return _opened(place, step)
        return _opened(place, self._index(place, step, path))

    def _at(self, steps: Iterable[str | int]) -> Any:
        """Return what is at a place that exists, written out so that it can be changed."""
        place: Any = self._tree
        for step in steps:
            place = _opened(place, step if isinstance(place, dict) else _position(place, step))
        return place

    def _peek(self, steps: _Steps) -> Any:
        """Return what is at a place, None where there is nothing."""
        place: Any = self._tree
        for step in steps:
            place = _written(place)
            if isinstance(place, Mapping):
                place = place.get(step)
            elif isinstance(place, (list, tuple)):
                index = _position(place, step)
                place = None if index is None else place[index]
            else:
                return None
        return _written(place)

    def _sharing(self, part: str, name: str, key: str) -> list[str]:
        """Paths of the numbers that are one with the number at a path."""
        if part == "findings" and key in _SHARED_BY_GROUP:
            rows = {_name(row): _written(row) for row in self._rows(part)}
            shares = {n: row.get("group", n) for n, row in rows.items() if isinstance(row, Mapping)}
        elif part == "sources" and key == "weight":
            rows = {n: _written(row) for n, row in self._table(part).items()}
            kinds = {n: row.get("kind") for n, row in rows.items() if isinstance(row, Mapping)}
            shares = {n: kind if kind in SPLIT else n for n, kind in kinds.items()}
        else:
            return []
        same = [n for n, shared in shares.items() if shared == shares.get(name)]
        return [f"{part}.{n}.{key}" for n in same if key in rows[n]]

    def _is_end(self, steps: _Steps) -> bool:
        """Whether a path leads to an end of an interval."""
        if len(steps) < 2 or steps[-1] not in _ENDS:
            return False
        return self._canonical(steps[:-1]) in self._known_numbers()

    def _known_numbers(self) -> Mapping[str, Value | int]:
        if self._numbers is None:
            self._numbers = self._origin.numbers()
        return self._numbers

    def _canonical(self, steps: Iterable[str | int]) -> str:
        names = list(steps)
        if len(names) > 1 and names[0] in ("victims", "findings") and isinstance(names[1], int):
            rows = self._rows(str(names[0]))
            names[1] = _name(rows[names[1]]) if names[1] < len(rows) else names[1]
        return ".".join(str(name) for name in names)

    def _with_end(self, steps: _Steps, end: int, value: Any) -> list[Any]:
        now: Any = self._peek(steps)
        if isinstance(now, Mapping):  # a number with its basis
            now = now.get("value")
        if now is None:
            now = self._known_numbers()[self._canonical(steps)]
        ends = list(now) if isinstance(now, (list, tuple)) else [now, now]
        ends[end] = value
        return ends

    def _make_room(self, steps: _Steps) -> None:
        """List a source that is added, or spell a proposition out, before it is changed."""
        if len(steps) > 2 and steps[0] == "sources":
            kind = self._origin.kinds.get(str(steps[1]))
            if kind is not None and ADDED.get(kind) == steps[1]:
                _opened(self._tree, "sources").setdefault(steps[1], {"kind": kind})
        if len(steps) > 1 and steps[0] == "proposition":
            claim = _opened(self._tree, "proposition")
            self._tree["proposition"] = claim if isinstance(claim, dict) else {"source": claim}

    def _remove_at(self, path: str) -> None:
        steps = _steps(path)
        if len(steps) == 4 and steps[0] == "victims":  # an item of the model: what states it
            for key in _ITEMS.get(str(steps[2]), ()):
                if steps[3] in (self._peek([*steps[:2], key]) or ()):
                    steps[2] = key
                    break
        place = self._peek(steps[:-1])
        inside = isinstance(place, Mapping) and steps and steps[-1] in place
        index = _position(place, steps[-1]) if isinstance(place, (list, tuple)) else None
        if not inside and index is None:
            rows = (*self._rows("victims"), *self._rows("findings"))
            names = [*map(_name, rows), *self._table("security")]
            _no_such(path, "nothing to take away", listing(names, near=path), nearest(path, names))
        del self._at(steps[:-1])[steps[-1] if index is None else index]


def _opened(place: Any, key: Any) -> Any:
    """Write out what stands at a key, so that it can be changed."""
    inner = _written(place[key])
    if isinstance(inner, Mapping) and not isinstance(inner, dict):
        inner = dict(inner)
    place[key] = list(inner) if isinstance(inner, tuple) else inner
    return place[key]


def _position(rows: Any, step: str | int) -> int | None:
    """Index of a list's member by position, by id, or by value for a list of words."""
    if isinstance(step, int):
        return step if step < len(rows) else None
    return next((i for i, row in enumerate(rows) if _name(row) == step), None)


def _name(row: Any) -> str:
    if isinstance(row, Part):
        return str(getattr(row, "id", ""))
    return str(row.get("id", "") if isinstance(row, Mapping) else row)


def with_outcome(
    case: Case, inquiry: str, outcome: str, *, about: str | None, keys: Mapping[str, Any]
) -> Case:
    """Return a case with what came of an inquiry; its own are spelled out and closed."""
    taken, own = {f.id for f in case.findings}, {q.id: q for q in case.inquiries}
    stems = (inquiry, *(f"{inquiry}_{k}" for k in range(2, len(taken) + 3)))
    found: dict[str, Any] = {"id": next(stem for stem in stems if stem not in taken)}
    editor = Editor(case)
    if inquiry not in own:
        found |= {"inquiry": inquiry, "outcome": outcome, "about": about and about.split("/")}
    else:
        stated = own[inquiry]
        if outcome not in stated.outcomes:
            raise CaseError("unknown outcome", found=nearest(outcome, stated.outcomes),
                            allowed=listing(stated.outcomes))  # fmt: skip
        row = {s: stated.outcomes[outcome].get(s, 0.0) for s in case.source_names}
        found |= {"likelihood": row, "reliability": stated.reliability, "label": stated.label,
                  "about": list(stated.about) or None}  # fmt: skip
        editor.remove(f"inquiries.{inquiry}")
    stated_keys = {k: v for k, v in (found | {**keys}).items() if v is not None}
    return editor.add("findings", stated_keys).case()


def varied_numbers(filled: Filled) -> dict[str, Value | int]:
    """Every number that a case can state and that counts, by path; then counts and degrees."""
    found: dict[str, Value | int] = {
        n.path: n.middle if n.is_point else (n.lo, n.hi)
        for n in filled.numbers()
        if not n.path.startswith(("chains.", "ages."))
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
