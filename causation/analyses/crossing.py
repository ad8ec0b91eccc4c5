"""Where a conclusion changes as inputs move: one by one, and all together.

Searches go in steps, each of which asks for rows; what both ask for is evaluated in one call.

Every value is rounded away from where the input is now, to what a reader sees, and evaluated
again as printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.bound import log_odds
from causation.analyses.onward import lowered_to_one
from causation.analyses.spread import Spread, moved, spreads_of
from causation.inference.evaluate import Answer
from causation.model.structure import Model, Scenarios, concatenate
from causation.scales import logit

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from causation.analyses.evaluating import Evaluate
    from causation.document.stated import Value

    type Asked = tuple[Scenarios, bool]
    """Rows, and whether they are wanted roughly."""
    type Margins = tuple[np.ndarray, np.ndarray]
    """Natural log odds beyond the standard, the case as it is first, and their errors."""
    type Steps[T] = Generator[Asked, Margins, T]
    type Joint = tuple[float, Mapping[str, Value], Mapping[str, float], float]

REACH = 6.0
"""How far to look, in standard deviations of an input."""

_SCREEN = np.array([2.0, REACH])
"""Where every input is looked at first: only those that cross here are looked at closely."""
_PROBE = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, REACH])
_ROUNDS = 4
_TRIES = 5
_STEP = 0.05
_SMALL = 0.05
"""Moves of the joint point that are a smaller share of the largest are left out."""
_SURE = 4.0
"""By how many standard errors of the numerics a value must lie on the other side."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One input moved until the conclusion has just changed.

    `value` is as it is printed, `steps` how far that is in standard deviations of the input, with
    sign, `probability` that of the proposition with the printed value.
    """

    spread: Spread
    value: Value
    steps: float
    probability: float


class Search:
    """Margins of rows, and where they cross.

    Parameters
    ----------
    evaluate, rough : callable
        The second looks for the places that the first then looks at closely.
    """

    def __init__(
        self, model: Model, bound: float | None, evaluate: Evaluate, rough: Evaluate
    ) -> None:
        self.model, self.spreads, self._bound = model, spreads_of(model), bound
        self._evaluate, self._rough = evaluate, rough
        self._target = logit(model.filled.threshold)
        base = float(self._margins([(model.base().take([]), False)])[0][0][0])
        self.met = base >= 0.0
        self.probability = _probability(base + self._target)

    def both(self) -> tuple[list[Crossing], Joint | None]:
        """Crossings one input at a time, and that of all together."""
        found: dict[int, Any] = {}
        searches: list[Steps[Any]] = [self.single(), self.joint()]
        given: dict[int, Margins | None] = dict.fromkeys(range(len(searches)))
        while given:
            asked: dict[int, Asked] = {}
            for n, margins in given.items():
                try:
                    asked[n] = searches[n].send(margins)  # type: ignore[arg-type]
                except StopIteration as end:
                    found[n] = end.value
            given = dict(zip(asked, self._margins(list(asked.values())), strict=True))
        return found[0], found[1]

    def _margins(self, asked: Sequence[Asked]) -> list[Margins]:
        """Margins of several tables of rows.

        The first row lends its proposal to the others: what they share of its error cancels.
        """
        found: dict[int, Margins] = {}
        for rough in {rough for _, rough in asked}:
            mine = [n for n, x in enumerate(asked) if x[1] == rough]
            whole = concatenate([self.model.base(), *(asked[n][0] for n in mine)])
            answer = (self._rough if rough else self._evaluate)(self.model, whole)
            margin, error, start = log_odds(answer, self._bound) - self._target, _errors(answer), 1
            for n in mine:
                places = [0, *range(start, start := start + len(asked[n][0]))]
                found[n] = margin[places], error[places]
        return [found[n] for n in range(len(asked))]

    def _moved(self, steps: np.ndarray, *, rough: bool = False) -> Steps[np.ndarray]:
        """Margins of rows of moves (rows, inputs)."""
        margin, _ = yield moved(self.model, self.spreads, steps), rough
        return margin[1:]

    def _stated(
        self, changes: Sequence[Mapping[str, Value]]
    ) -> Steps[tuple[np.ndarray, np.ndarray]]:
        """Margins with values as printed, and whether each lies surely on the other side."""
        rows = self.model.rows(changes)
        possible = lowered_to_one(self.model, rows)
        found = yield possible, False
        margin, error = (x[1:] for x in found)
        over = -margin if self.met else margin
        return margin, (over > _SURE * error) & (possible.center == rows.center).all(axis=1)

    def _crossed(self, margin: np.ndarray) -> np.ndarray:
        result: np.ndarray = margin < 0.0 if self.met else margin >= 0.0
        return result

    # --- one input at a time -----------------------------------------------------------------

    def single(self) -> Steps[list[Crossing]]:
        """Where every input by itself crosses, within reach."""
        size = len(self.spreads)
        signs, places = np.repeat([-1.0, 1.0], size), np.tile(np.arange(size), 2)
        screened = yield from self._on_grid(places, signs, _SCREEN)
        near = self._crossed(screened).any(axis=1)
        signs, places = signs[near], places[near]
        margin = yield from self._on_grid(places, signs, _PROBE)
        crossed = self._crossed(margin)
        found = crossed.any(axis=1)
        signs, places, margin = signs[found], places[found], margin[found]
        first = crossed[found].argmax(axis=1)
        reach = yield from self._between(places, signs, margin, first)
        return (yield from self._printed(places, signs, reach))

    def _between(
        self, places: np.ndarray, signs: np.ndarray, margin: np.ndarray, first: np.ndarray
    ) -> Steps[np.ndarray]:
        """Where each crosses, between the last point that does not and the first that does."""
        row = np.arange(len(places))
        outer, inner = _PROBE[first], np.where(first > 0, _PROBE[first - 1], 0.0)
        beyond, short = margin[row, first], np.where(first > 0, margin[row, first - 1], 0.0)
        short = np.where(first > 0, short, logit(self.probability) - self._target)
        for _ in range(_ROUNDS if len(places) else 0):
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.nan_to_num(short / (short - beyond), nan=0.5)
            at = inner + np.clip(share, 0.1, 0.9) * (outer - inner)
            here = yield from self._margin_at(places, signs * at, rough=False)
            over = self._crossed(here)
            outer, beyond = np.where(over, at, outer), np.where(over, here, beyond)
            inner, short = np.where(over, inner, at), np.where(over, short, here)
        result: np.ndarray = outer
        return result

    def _on_grid(
        self, places: np.ndarray, signs: np.ndarray, probe: np.ndarray
    ) -> Steps[np.ndarray]:
        """Rough margins of inputs moved by the numbers of a probe, shape (inputs, probe)."""
        steps = np.outer(signs, probe).ravel()
        margin = yield from self._margin_at(np.repeat(places, probe.size), steps, rough=True)
        return margin.reshape(-1, probe.size)

    def _margin_at(
        self, places: np.ndarray, steps: np.ndarray, *, rough: bool
    ) -> Steps[np.ndarray]:
        if not places.size:
            return np.zeros(0)
        table = np.zeros((len(places), len(self.spreads)))
        table[np.arange(len(places)), places] = steps
        return (yield from self._moved(table, rough=rough))

    def _printed(
        self, places: np.ndarray, signs: np.ndarray, reach: np.ndarray
    ) -> Steps[list[Crossing]]:
        """Crossings whose printed value lies on the other side when it is stated."""
        todo, found = np.arange(len(places)), []
        for _ in range(_TRIES):
            if not todo.size:
                break
            chosen = [self.spreads[places[k]] for k in todo]
            values = [
                rounded_away(s.at(float(signs[k] * reach[k])), s.base)
                for s, k in zip(chosen, todo.tolist(), strict=True)
            ]
            changes = [{s.path: v} for s, v in zip(chosen, values, strict=True)]
            margin, sure = yield from self._stated(changes)
            for s, v, k, m, holds in zip(chosen, values, todo, margin, sure, strict=True):
                if holds:
                    p = _probability(float(m) + self._target)
                    found.append(Crossing(s, v, float(signs[k] * reach[k]), p))
            todo = todo[~sure]
            reach[todo] += 0.01 + 0.02 * reach[todo]
        return found

    # --- all inputs together -----------------------------------------------------------------

    def joint(self, rounds: int = 4) -> Steps[Joint | None]:
        """The nearest point on the other side: distance, new values, moves, probability."""
        direction = yield from self._direction(rounds)
        best = yield from self._on_ray(direction)
        if best is None:
            return None
        for _ in range(_TRIES):
            steps = np.where(np.abs(best) < _SMALL * np.abs(best).max(), 0.0, best)
            distance = float(np.linalg.norm(steps))
            if distance > REACH:
                return None
            order = [int(i) for i in np.argsort(-np.abs(steps), kind="stable") if steps[i]]
            moves = {self.spreads[i].path: float(steps[i]) for i in order}
            changes = {s.path: rounded_away(s.at(moves[s.path]), s.base)
                       for s in (self.spreads[i] for i in order)}  # fmt: skip
            margin, sure = yield from self._stated([changes])
            if sure[0]:
                probability = _probability(float(margin[0]) + self._target)
                return distance, changes, moves, probability
            best = best * 1.02 + 0.01 * best / distance
        return None

    def _direction(self, rounds: int) -> Steps[np.ndarray]:
        size = len(self.spreads)
        at = np.zeros(size)
        for _ in range(rounds if size else 0):
            steps = np.concatenate([at[None], at + _STEP * np.eye(size)])
            margin = yield from self._moved(steps, rough=True)
            slope = (margin[1:] - margin[0]) / _STEP
            steepness = float(slope @ slope)
            if not 1e-12 < steepness < np.inf:
                break
            new = (slope @ at - margin[0]) / steepness * slope
            length = float(np.linalg.norm(new))
            new *= min(1.0, 2.0 * REACH / length) if length else 1.0
            done = float(np.linalg.norm(new - at)) < 0.02
            at = new
            if done:
                break
        return at

    def _on_ray(self, direction: np.ndarray) -> Steps[np.ndarray | None]:
        """The nearest crossing along a direction."""
        low, high = 0.0, 1.5
        nearest: np.ndarray | None = None
        for rough in (True, False, False) if direction.any() else ():
            scale = np.linspace(low, high, 9)[1:]
            margin = yield from self._moved(scale[:, None] * direction, rough=rough)
            crossed = self._crossed(margin)
            if not crossed.any():
                high += 0.1 * (high - low)  # the draft was a little off
                continue
            k = int(crossed.argmax())
            if not rough:
                nearest = scale[k] * direction
            high = scale[k]
            low = scale[k - 1] if k else low - 0.1 * (high - low) * rough
        return nearest


def _probability(odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-odds)))


def _errors(answer: Answer) -> np.ndarray:
    """Standard errors of the log odds."""
    p = answer.probability
    with np.errstate(divide="ignore", invalid="ignore"):
        result: np.ndarray = np.nan_to_num(answer.probability_error / (p * (1.0 - p)))
    return result


def rounded_away(value: Value, base: Value) -> Value:
    """A number or interval with the digits that are shown, no nearer to where it was.

    Examples
    --------
    >>> rounded_away(0.12345, 0.1), rounded_away(0.12345, 0.2), rounded_away(0.998765, 0.99)
    (0.124, 0.123, 0.9988)
    >>> rounded_away((0.12345, 2.3456), (0.1, 2.0))
    (0.124, 2.35)
    """
    if isinstance(value, tuple):
        lo, hi = base if isinstance(base, tuple) else (base, base)
        return _rounded(value[0], up=value[0] > lo), _rounded(value[1], up=value[1] > hi)
    return _rounded(value, up=value > (base[0] if isinstance(base, tuple) else base))


def _rounded(x: float, *, up: bool) -> float:
    """Three significant figures; near 1, two of what is missing to it."""
    exact = Decimal(repr(x))
    if 0.99 <= x < 1.0:
        return float(1 - _figures(1 - exact, 2, up=not up))
    return float(_figures(exact, 3, up=up))


def _figures(x: Decimal, figures: int, *, up: bool) -> Decimal:
    if not x:
        return x
    unit = Decimal(1).scaleb(x.adjusted() - figures + 1)
    return (x / unit).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * unit
