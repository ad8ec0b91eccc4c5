"""Boxes of inputs: every combination of prior weights, and of findings, within their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.evidence.findings import joint, repeated, value_path
from causation.evidence.security import log_security

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from causation.case.filled import FilledFinding
    from causation.model.structure import Model

_MOST_CORNERS = 1024
"""Choices beyond which bounds are taken by route, wider than needed."""


class WeightBox:
    """Weights, and the shares that go on, each within its interval.

    The shares of different pairs are taken as free of each other, those of one entrance up to a
    sum of 1; security records stay as they are.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        base = model.base()
        at = At(NUMPY, model.places, base.center, base.sd, {})
        self._security = {
            r.source: float(np.exp(log_security(r, at)[0])) for r in model.filled.security
        }
        self._place = {r.name: z for z, r in enumerate(model.routes)}

    def best(self, gain: np.ndarray) -> tuple[np.ndarray, bool]:
        """Weights of the routes with the greatest ``sum(weight * gain)``, and if they agree."""
        filled, routes = self._model.filled, self._model.routes
        weight = np.zeros(len(routes))
        worth: dict[str, float] = {}
        ends: dict[str, set[bool]] = {}
        for s in filled.sources:
            mine = [z for z, r in enumerate(routes) if r.entrance.name == s.name]
            shares = self._shares(s.name, gain, ends)
            scale = filled.share_of(s.name) * self._security.get(s.name, 1.0)
            weight[mine] = scale * shares[mine]
            path = filled.weight_of(s.name).path
            worth[path] = worth.get(path, 0.0) + float(weight[mine] @ gain[mine])
        for s in filled.sources:
            number = filled.weight_of(s.name)
            mine = [z for z, r in enumerate(routes) if r.entrance.name == s.name]
            weight[mine] *= number.hi if worth[number.path] > 0.0 else number.lo
        return weight, all(len(chosen) == 1 for chosen in ends.values())

    def _shares(self, entrance: str, gain: np.ndarray, ends: dict[str, set[bool]]) -> np.ndarray:
        """Shares of the routes from an entrance that gain most; which ends were chosen is noted."""
        result = np.zeros(len(gain))
        alone = self._place[entrance]
        left = 1.0
        gains: list[tuple[float, int, float]] = []
        for z, (lo, hi, path) in self._onward[entrance].items():
            more = float(gain[z] - gain[alone])
            result[z] = lo
            left -= lo
            gains.append((more, z, hi - lo))
            if hi > lo:
                ends.setdefault(path, set()).add(more > 0.0)
        for more, z, room in sorted(gains, reverse=True):
            step = min(room, max(left, 0.0)) if more > 0.0 else 0.0
            result[z] += step
            left -= step
        result[alone] = max(left, 0.0)
        return result

    @cached_property
    def _onward(self) -> dict[str, dict[int, tuple[float, float, str]]]:
        """By entrance, the chains that start there: both ends of the share, and its number."""
        filled = self._model.filled
        found: dict[str, dict[int, tuple[float, float, str]]] = {s.name: {} for s in filled.sources}
        for z, route in enumerate(self._model.routes):
            if len(route.sources) == 2:
                a, b = (s.name for s in route.sources)
                number, stated = filled.chain(a, b)  # type: ignore[misc]
                split = 1.0 if stated else filled.share_of(b)
                ends = [self._with_record(q * split, b) for q in (number.lo, number.hi)]
                found[a][z] = (ends[0], ends[1], number.path)
        return found

    def _with_record(self, q: float, source: str) -> float:
        factor = self._security.get(source, 1.0)
        return q * factor / (1.0 - q + q * factor)


@dataclass(frozen=True, eq=False)
class _Group:
    """Joint probabilities of a group of findings at both ends, by route.

    ``any_route`` has both ends of what any route would give; ``number`` tells which routes take
    the same number. ``tied`` says that an end need not be met: more than one number moves it.
    """

    lo: np.ndarray
    hi: np.ndarray
    any_route: tuple[float, ...]
    number: np.ndarray
    reliability: float
    tied: bool


class FindingBoxes:
    """Likelihoods of the routes with every finding within its intervals.

    What any route would give to an unreliable group is common to all routes; it is tried at both
    ends, as if it were free of the findings. `victims`, (Z,), is the likelihood of everything else.
    """

    def __init__(self, model: Model, victims: np.ndarray) -> None:
        self._victims = victims
        members: dict[str, list[FilledFinding]] = {}
        for f in model.filled.findings:
            if f.likelihood:
                members.setdefault(f.group, []).append(f)
        self._groups = [_group(model, rows) for rows in members.values()]

    def corners(self) -> Iterator[Corner]:
        """Every choice of what any route would give."""
        ends = [g.any_route for g in self._groups]
        if prod(map(len, ends)) > _MOST_CORNERS:
            yield Corner(self._victims, self._groups, None)
            return
        for chosen in product(*ends):
            yield Corner(self._victims, self._groups, chosen)


@dataclass(frozen=True, eq=False)
class Corner:
    """Likelihoods with one choice of what any route would give, None for either by route."""

    victims: np.ndarray
    groups: Sequence[_Group]
    any_route: tuple[float, ...] | None

    def best(self, want: np.ndarray) -> tuple[np.ndarray, bool]:
        """Greatest likelihood of the routes wanted, least of the others; whether it is met."""
        total, met = self.victims.copy(), True
        for k, g in enumerate(self.groups):
            together = np.where(want, g.hi, g.lo)
            common: np.ndarray | float = (
                np.where(want, max(g.any_route), min(g.any_route))
                if self.any_route is None
                else self.any_route[k]
            )
            total *= g.reliability * together + (1.0 - g.reliability) * common
            free = g.hi > g.lo
            split = {n for n in g.number[want & free] if n in g.number[~want & free]}
            met = met and not g.tied and not split
        return total, met


def _group(model: Model, findings: Sequence[FilledFinding]) -> _Group:
    ends = [[_by_route(model, f, end) for f in findings] for end in ("lo", "hi")]
    lo, hi = (np.array(rows) for rows in ends)
    overlap = min(findings[0].overlap.center, 0.5)
    rho = findings[0].reliability.mean()
    moves = bool((hi > lo).any())
    weight = model.background
    if not moves:
        with np.errstate(divide="ignore"):
            whole = np.exp(joint(np.log(lo[:, None]), weight, np.array([overlap])))[0]
        bottom = top = whole
    else:
        bottom, top = _product(lo, weight, overlap, min), _product(hi, weight, overlap, max)
    any_route = tuple(dict.fromkeys((float(weight @ bottom), float(weight @ top))))
    number = np.array([value_path(findings[0], r) for r in model.routes])
    tied = moves and (len(findings) > 1 or rho < 1.0)
    return _Group(bottom, top, any_route if rho < 1.0 else (0.0,), number, rho, tied)


def _product(
    p: np.ndarray, weight: np.ndarray, overlap: float, end: Callable[..., float]
) -> np.ndarray:
    """Bound of the joint probability where it is not known which finding tells most."""
    whole: np.ndarray = p.prod(axis=0)
    if len(p) == 1:
        return whole
    mean = p @ weight
    alone = [p[k] * np.delete(mean, k).prod() for k in range(len(p))]
    one = np.array([end(column) for column in np.array(alone).T])
    result: np.ndarray = overlap * one + (1.0 - overlap) * whole
    return result


def _by_route(model: Model, finding: FilledFinding, end: str) -> list[float]:
    numbers = {n.path: n for n in finding.likelihood.values()}
    found = []
    for route in model.routes:
        number = numbers[value_path(finding, route)]
        p = np.array(number.middle if number.is_point else getattr(number, end))
        if finding.count > 1:
            p = repeated(p, finding.count, np.array(finding.repeats.center))
        found.append(float(p))
    return found
