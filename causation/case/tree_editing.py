"""The tree of a case while it is changed: paths to places in it, and what shares a number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from causation.case.parts import ADDED
from causation.case.schema import Case
from causation.case.writing import tree_of
from causation.document.problems import Loc, NoSuchPathError, Problem, listing, nearest
from causation.document.terms import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from causation.document.stated import Value

__all__ = ["Editor", "built"]

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,9})\]")
_ENDS = {"lo": 0, "hi": 1, 0: 0, 1: 1}
_SHARED_BY_GROUP = ("reliability", "overlap")


def built(tree: dict[str, Any], origin: Case) -> Case:
    """Return the case that a tree states; it lies where the case lies that it was made from."""
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


class Editor:
    """The tree of a case while it is changed.

    Parameters
    ----------
    case : Case
        Left as it is.
    """

    def __init__(self, case: Case) -> None:
        self._origin = case
        self._tree = tree_of(case)
        self._numbers: dict[str, Value | int] | None = None
        self._touched: dict[str, Any] = {}

    def case(self, *, without: str = "") -> Case:
        """Return the case that the tree states now, without one of its keys."""
        self._share()
        self._tree.pop(without, None)
        return built(self._tree, self._origin)

    def set(self, path: str, value: Any) -> None:
        """Put a value at a path; None takes away what is there."""
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
        """Write a path with ids in place of positions, the end of an interval apart."""
        steps = _steps(path)
        if len(steps) >= 2 and steps[-1] in _ENDS and self._is_number(steps[:-1]):
            return self._canonical(steps[:-1]), _ENDS[steps[-1]]
        return self._canonical(steps), None

    def remove(self, name: str) -> None:
        """Take away a group, a finding, a security record, or what is at a path."""
        for key in ("victims", "findings"):
            rows = self._tree.get(key, [])
            kept = [row for row in rows if row.get("id") != name]
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
            now = now.get("value")
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
