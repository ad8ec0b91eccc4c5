"""From the paths of a grid to the numbers of the model, along the axes of the grid.

Every number that the model uses is an array with one leading dimension for each axis, of
length 1 where the axis does not change it. What depends on few axes is therefore computed
once and broadcasts over the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from causation.case import Case, PriorSet, load_prior_set, resolve
from causation.case.editing import canonical_paths, varied_numbers
from causation.case.files import prior_set_of
from causation.case.parts import problems_of
from causation.case.problems import InvalidCaseError, listing, nearest
from causation.case.resolved import BearsOn, ResolvedCase
from causation.case.writing import plain
from causation.errors import CaseError, InputError
from causation.scales import Elicited, Scale
from causation.sweeping.grid import Grid, Value

__all__ = ["Number", "Numbers", "Priors", "read_numbers"]

PRIORS = "priors"
STANDARD = "standard"

_INTEGRATED = ("disclosure.", "membership.", "odds_ratio.", "correlation")
"""Numbers of a source that change its integrals."""

type Priors = str | Path | PriorSet | None


@dataclass(frozen=True, eq=False)
class Number:
    """An elicited number along the axes of a grid.

    Parameters
    ----------
    lo, hi : ndarray, shape (axes...)
        Ends of the interval; length 1 along axes that do not change it.
    scale : Scale
        Probability or positive quantity.

    Examples
    --------
    >>> Number(np.array([0.5, 1.0]), np.array([2.0, 1.0]), Scale.POSITIVE).center.tolist()
    [0.0, 0.0]
    """

    lo: np.ndarray
    hi: np.ndarray
    scale: Scale

    @cached_property
    def center(self) -> np.ndarray:
        """Mean on the logit (probability) or natural-log (positive) scale."""
        return self._of_each(lambda e: e.center)

    @cached_property
    def sd(self) -> np.ndarray:
        """Standard deviation on that scale; 0 for a single number."""
        return np.zeros(self.lo.shape) if self._is_point else self._of_each(lambda e: e.sd)

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean of the logit-normal or lognormal."""
        return self.lo if self._is_point else self._of_each(lambda e: e.mean())

    @cached_property
    def _is_point(self) -> bool:
        return self.lo is self.hi or np.array_equal(self.lo, self.hi)

    def _of_each(self, function: Callable[[Elicited], float]) -> np.ndarray:
        lo, hi = np.broadcast_arrays(self.lo, self.hi)
        ends = zip(lo.ravel().tolist(), hi.ravel().tolist(), strict=True)
        values = [function(Elicited(a, b, self.scale)) for a, b in ends]
        return np.array(values).reshape(lo.shape)


@dataclass(frozen=True, eq=False)
class Numbers:
    """All numbers of a case along the axes of a grid.

    Parameters
    ----------
    grid : Grid
    case : ResolvedCase
        The first scenario of the grid.
    inputs : dict of str to Number
        By dotted path: elicited numbers, and counts and traits as single numbers.
    threshold : ndarray, shape (axes...)
        Standard of proof.
    """

    grid: Grid
    case: ResolvedCase
    inputs: dict[str, Number]
    threshold: np.ndarray

    def mean(self, path: str) -> np.ndarray:
        """Mean of one number, shape (axes...)."""
        return self.inputs[path].mean

    def part(self, region: Sequence[tuple[int, int]]) -> Numbers:
        """The numbers within a box of the grid."""

        def cut(x: np.ndarray) -> np.ndarray:
            return x[tuple(slice(*s) if n > 1 else slice(None)
                           for s, n in zip(region, x.shape, strict=True))]  # fmt: skip

        inputs = {}
        for path, number in self.inputs.items():
            lo = cut(number.lo)
            inputs[path] = Number(
                lo, lo if number.hi is number.lo else cut(number.hi), number.scale
            )
        return Numbers(self.grid.part(region), self.case, inputs, cut(self.threshold))

    def axes_of_integrals(self, source: str) -> set[int]:
        """Axes that change integrals of a source."""
        own = [f"sources.{source}.{key}" for key in _INTEGRATED]
        found: set[int] = set()
        for path, number in self.inputs.items():
            touches = path.startswith((*own, "reference_profile.")) or (
                path.startswith("victims.") and not path.endswith(".linkage")
            )
            if touches:
                found |= {i for i, n in enumerate(number.lo.shape) if n > 1}
        return found

    def plain(self, path: str, otherwise: float) -> np.ndarray:
        """A count, trait or duration, or `otherwise` where the case has none."""
        number = self.inputs.get(path)
        return number.lo if number else np.full((1,) * len(self.grid.axes), otherwise)


def read_numbers(
    case: Case, grid: Grid, *, priors: Priors = None, standard: str | float | None = None
) -> Numbers:
    """Read what a grid changes, and check every value.

    Parameters
    ----------
    case : Case
    grid : Grid
        Its paths are those of the case (``sources.osint.weight``, ``victims.co_victims.count``),
        ``standard``, ``priors`` (names of prior sets), or numbers of the prior set
        (``priors.misfit.custodian``).
    priors, standard
        In place of those of the case; see `causation.case.resolve`.

    Raises
    ------
    CaseError
        If a path leads to no number (with the nearest suggested) or a value is not allowed.
    InputError
        If two axes change the same number.
    """
    return _Reader(case, grid, priors, standard).numbers()


class _Reader:
    def __init__(
        self, case: Case, grid: Grid, priors: Priors, standard: str | float | None
    ) -> None:
        self._grid = grid
        self._standard = standard
        self._origin = case
        self._own = [
            (i, path, values)
            for i, axis in enumerate(grid.axes)
            for path, values in axis.columns.items()
            if not _is_general(path) and path != STANDARD
        ]
        self._case = case.replace({path: _stated(path, v[0]) for _, path, v in self._own})
        self._priors = _loaded(self._case, priors)

    def numbers(self) -> Numbers:
        case, inputs = self._general()
        known = varied_numbers(self._case, case)
        for path, value in known.items():
            if path not in inputs and path != STANDARD:
                number = self._full(value[0] if isinstance(value, tuple) else value)
                inputs[path] = Number(number, number, Scale.PROBABILITY)
        shared = _shared_by_group(case)
        seen: dict[tuple[str, int | None], str] = {}
        names = canonical_paths(self._case, (path for _, path, _ in self._own))
        for (_, path, _), (name, _) in zip(self._own, names, strict=True):
            if name not in known:
                raise CaseError(
                    "no number that the case uses",
                    path=path,
                    found=nearest(name, known),
                    allowed=listing(known, near=name),
                )
        self._check_values()
        for (i, path, values), (own, end) in zip(self._own, names, strict=True):
            name = shared.get(own, own)
            for other in (None, 0, 1) if end is None else (None, end):
                if (name, other) in seen:
                    raise InputError(f"{path} and {seen[name, other]} change the same number")
            seen[name, end] = path
            inputs[name] = self._changed(inputs[name], i, end, values)
        for name, x in inputs.items():
            if (x.lo > x.hi).any():
                raise CaseError("an interval of the grid is inverted", path=name)
        return Numbers(self._grid, case, inputs, self._threshold(case))

    # --- one number of the case ----------------------------------------------------------

    def _full(self, value: float) -> np.ndarray:
        return np.full((1,) * len(self._grid.axes), float(value))

    def _along(self, i: int, values: Sequence[float]) -> np.ndarray:
        shape = [1] * len(self._grid.axes)
        shape[i] = len(values)
        return np.array(values, dtype=float).reshape(shape)

    def _changed(self, now: Number, i: int, end: int | None, values: Sequence[Value]) -> Number:
        if end is None:
            lo = self._along(i, [_end(v, 0) for v in values])
            if not any(isinstance(v, tuple) for v in values):
                return Number(lo, lo, now.scale)
            return Number(lo, self._along(i, [_end(v, 1) for v in values]), now.scale)
        new = self._along(i, [_end(v, end) for v in values])
        lo, hi = (new, now.hi) if end == 0 else (now.lo, new)
        lo, hi = np.broadcast_arrays(lo, hi)
        return Number(lo, hi, now.scale)

    def _check_values(self) -> None:
        """Let the case format judge the extreme values: what it allows is an interval.

        All paths are changed at once; where that is not allowed, one by one, so that the message
        is of the one at fault.
        """
        extremes = {path: self._extremes(path, values) for _, path, values in self._own}
        others = {p: _stated(p, v[0]) for _, p, v in self._own}
        try:
            for k in range(max(map(len, extremes.values()), default=0)):
                self._origin.replace({p: x[min(k, len(x) - 1)] for p, x in extremes.items()})
        except CaseError:
            for path, found in extremes.items():
                for value in found:
                    try:
                        self._origin.replace({**others, path: value})
                    except CaseError as error:
                        if not _only_inverted(error):
                            raise

    def _extremes(self, path: str, values: Sequence[Value]) -> list[Any]:
        """The values of a path that are allowed only if all are."""
        for value in values:
            if isinstance(value, str):
                raise CaseError(
                    "not a number", path=path, found=ascii(value[:40]),
                    allowed="numbers, or intervals [lo, hi]",
                )  # fmt: skip
        single = [v for v in values if isinstance(v, float)]
        found: list[Any] = list(_ends_of(single))
        if pairs := [v for v in values if isinstance(v, tuple)]:
            found.append((min(lo for lo, _ in pairs), max(hi for _, hi in pairs)))
        if path.endswith(".count"):
            found += [x for x in single if x != round(x)]
        return [_stated(path, value) for value in found]

    # --- numbers that a prior set fills --------------------------------------------------

    def _general(self) -> tuple[ResolvedCase, dict[str, Number]]:
        """The first scenario, and its inputs along axes that change the prior set."""
        axes = [i for i, axis in enumerate(self._grid.axes) if any(map(_is_general, axis.columns))]
        shape = tuple(self._grid.shape[i] for i in axes)
        first = self._resolved(dict.fromkeys(axes, 0))
        rows = []
        for place in np.ndindex(*shape):
            chosen = dict(zip(axes, place, strict=True))
            resolved = self._resolved(chosen)
            rows.append([(x.value.lo, x.value.hi) for x in resolved.inputs()])
        full = tuple(n if i in axes else 1 for i, n in enumerate(self._grid.shape))
        table = np.array(rows).reshape(*full, -1, 2) if rows[0] else np.zeros((*full, 0, 2))
        inputs = {}
        for k, x in enumerate(first.inputs()):
            lo, hi = table[..., k, 0], table[..., k, 1]
            if (lo == lo.flat[0]).all() and (hi == hi.flat[0]).all():
                lo, hi = self._full(lo.flat[0]), self._full(hi.flat[0])
            inputs[x.path] = Number(lo, hi, x.value.scale)
        return first, inputs

    def _resolved(self, chosen: dict[int, int]) -> ResolvedCase:
        priors = self._priors
        changes = []
        for i, k in chosen.items():
            for path, values in self._grid.axes[i].columns.items():
                if path == PRIORS:
                    priors = _loaded(self._case.replace({PRIORS: values[k]}), None)
                elif _is_general(path):
                    changes.append((path, values[k]))
        for path, value in changes:
            priors = _with_prior(priors, path, value)
        return resolve(self._case, priors=priors, standard=self._standard)

    def _threshold(self, case: ResolvedCase) -> np.ndarray:
        for i, axis in enumerate(self._grid.axes):
            if STANDARD in axis.columns:
                values = axis.columns[STANDARD]
                numbers = [v for v in values if isinstance(v, float)]
                for extreme in _ends_of(numbers):
                    self._standard_of(extreme)
                return self._along(
                    i, [v if isinstance(v, float) else self._standard_of(v) for v in values]
                )
        return self._full(case.threshold)

    def _standard_of(self, value: Value) -> float:
        if isinstance(value, tuple):
            raise CaseError("a standard is one number or one id", path=STANDARD)
        return resolve(self._case, priors=self._priors, standard=value).threshold


def _is_general(path: str) -> bool:
    """Whether a path concerns the prior set, hence many numbers at once."""
    return path == PRIORS or path.startswith(f"{PRIORS}.")


def _end(value: Value, end: int) -> float:
    return value[end] if isinstance(value, tuple) else value  # type: ignore[return-value]


def _ends_of(numbers: Sequence[float]) -> tuple[float, ...]:
    return (float(np.min(numbers)), float(np.max(numbers))) if numbers else ()


def _stated(path: str, value: Any) -> Any:
    """A value as a case file states it: counts are whole numbers."""
    if path.endswith(".count") and isinstance(value, float) and value == round(value):
        return int(value)
    return value


def _only_inverted(error: CaseError) -> bool:
    """Whether a value was refused only for lying beyond the other end, as first set."""
    problems = error.problems if isinstance(error, InvalidCaseError) else ()
    return bool(problems) and all(p.text == "the interval is inverted" for p in problems)


def _loaded(case: Case, priors: Priors) -> PriorSet:
    chosen = prior_set_of(case) if priors is None else priors
    return chosen if isinstance(chosen, PriorSet) else load_prior_set(chosen)


def _shared_by_group(case: ResolvedCase) -> dict[str, str]:
    """Paths of reliability and repeats that stand for their whole group of findings."""
    first: dict[str, str] = {}
    shared = {}
    for finding in case.findings:
        if finding.bears_on is BearsOn.SOURCE:
            head = first.setdefault(finding.group, finding.id)
            for key in ("reliability", "repeats"):
                shared[f"findings.{finding.id}.{key}"] = f"findings.{head}.{key}"
    return shared


def _prior_numbers(tree: Any, path: str = PRIORS) -> Iterator[str]:
    if isinstance(tree, dict):
        if "value" in tree:
            yield path
        else:
            for key, inner in tree.items():
                yield from _prior_numbers(inner, f"{path}.{key}")


def _with_prior(priors: PriorSet, path: str, value: Value) -> PriorSet:
    """The prior set with another number at a path such as ``priors.misfit.custodian``."""
    tree = plain(priors)
    name = path
    end = next((e for e, mark in enumerate(("[0]", "[1]")) if path.endswith(mark)), None)
    if end is not None:
        name = path[:-3]
    known = list(_prior_numbers(tree))
    if name not in known:
        raise CaseError(
            "no number of the prior set",
            path=path,
            found=nearest(name, known),
            allowed=listing(known, near=name),
        )
    node = tree
    for step in name.split(".")[1:]:
        node = node[step]
    if end is None:
        node["value"] = list(value) if isinstance(value, tuple) else value
    else:
        now = node["value"] if isinstance(node["value"], list) else [node["value"]] * 2
        node["value"] = [value if e == end else now[e] for e in (0, 1)]
    try:
        return PriorSet.model_validate(tree)
    except ValidationError as error:
        raise InvalidCaseError(
            [replace(p, loc=(PRIORS, *p.loc)) for p in problems_of(error, PriorSet)]
        ) from None
