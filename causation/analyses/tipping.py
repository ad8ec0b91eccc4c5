"""Tipping points: the smallest change of the inputs that takes the conclusion across the standard.

For one input at a time in both directions, and for all together: the nearest point in
standard deviations, by the first-order reliability method.

References
----------
A. M. Hasofer, N. C. Lind (1974), "Exact and invariant second-moment code format", Journal of
the Engineering Mechanics Division ASCE 100, 111-121.
R. Rackwitz, B. Fiessler (1978), "Structural reliability under combined random load sequences",
Computers and Structures 9, 489-494.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from causation.analyses.spread import Scenarios, Spread, spreads_of
from causation.case import Case, resolve
from causation.dossier.wording import input_label, percent, shown_value
from causation.inference.infer import infer
from causation.inference.integrate import IntegratorSettings
from causation.model.build import build_model
from causation.scales import logit
from causation.sweeping.grid import Value
from causation.sweeping.paths import Priors
from causation.sweeping.sweep import DRAFT

__all__ = ["REACH", "JointTippingPoint", "TippingPoint", "TippingPoints", "tipping_points"]

REACH = 6.0
"""How far to look, in standard deviations of an input."""

_SCREEN = np.array([2.0, REACH])
"""Where every input is looked at first: only those that cross here are looked at closely."""
_PROBE = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, REACH])
_ROUNDS = 9
_STEP = 0.05


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """One input moved until the conclusion changes.

    Parameters
    ----------
    path : str
        Where a case file states the input.
    base, value : number or interval
        As it is, and where the conclusion has just changed.
    steps : float
        How far that is, in standard deviations of the input, with sign.
    probability : float
        Of the proposition, assessed again with the changed input.
    sentence : dict of str to str
        By language.
    """

    path: str
    base: Value
    value: Value
    steps: float
    probability: float
    sentence: dict[str, str]


@dataclass(frozen=True, slots=True)
class JointTippingPoint:
    """All inputs moved together, as little as possible.

    Parameters
    ----------
    distance : float
        Length of the move in standard deviations.
    changes : dict of str to number or interval
        New value by path, the inputs that move most first.
    steps : dict of str to float
        How far each moves, in its standard deviations.
    probability : float
        Of the proposition, assessed again with all changes.
    """

    distance: float
    changes: dict[str, Value]
    steps: dict[str, float]
    probability: float


@dataclass(frozen=True, slots=True)
class TippingPoints:
    """How much must change for another conclusion.

    Parameters
    ----------
    probability, threshold : float
        Of the proposition as it stands, and the standard of proof.
    side : str
        Who would gain from a change of the conclusion: ``defendant`` where the standard is
        met, ``plaintiff`` where it is not.
    points : tuple of TippingPoint
        The nearest first; up to two for an input, one in each direction.
    out_of_reach : tuple of str
        Inputs that by themselves do not change the conclusion within `REACH`.
    joint : JointTippingPoint or None
        None where none was found within `REACH`.
    """

    probability: float
    threshold: float
    side: str
    points: tuple[TippingPoint, ...]
    out_of_reach: tuple[str, ...]
    joint: JointTippingPoint | None


def tipping_points(
    case: Case | str | Path,
    *,
    priors: Priors = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
) -> TippingPoints:
    """Find the least changes of the inputs that take the conclusion across the standard.

    Each is assessed again by itself before it is reported.

    Parameters
    ----------
    case : Case, str or Path
    priors, standard
        In place of those of the case.
    settings : IntegratorSettings, optional

    Returns
    -------
    TippingPoints

    Examples
    --------
    >>> found = tipping_points("pang-2017")
    >>> found.side, found.joint.probability >= found.threshold
    ('plaintiff', True)
    """
    scenarios = Scenarios.of(case, priors, standard, settings)
    search = _Search(scenarios, spreads_of(scenarios.resolved))
    points = search.single()
    reached = {point.path for point in points}
    return TippingPoints(
        probability=search.probability,
        threshold=scenarios.resolved.threshold,
        side="defendant" if search.met else "plaintiff",
        points=tuple(sorted(points, key=lambda p: (abs(p.steps), p.path))),
        out_of_reach=tuple(s.path for s in search.spreads if s.path not in reached),
        joint=search.joint(),
    )


class _Search:
    def __init__(self, scenarios: Scenarios, spreads: Sequence[Spread]) -> None:
        self._scenarios, self.spreads = scenarios, tuple(spreads)
        self._target = logit(scenarios.resolved.threshold)
        base = float(self._margin(np.zeros((1, len(self.spreads))))[0])
        self.met = base >= 0.0
        self.probability = float(1.0 / (1.0 + np.exp(-(base + self._target))))

    def _margin(self, steps: np.ndarray, *, draft: bool = False) -> np.ndarray:
        """Natural log odds beyond the standard, for rows of moves (rows, inputs)."""
        scenarios = self._scenarios
        if draft:
            seed = scenarios.settings.random_seed
            scenarios = replace(scenarios, settings=replace(DRAFT, random_seed=seed))
        return scenarios.moved(self.spreads, steps) - self._target

    def _crossed(self, margin: np.ndarray) -> np.ndarray:
        result: np.ndarray = margin < 0.0 if self.met else margin >= 0.0
        return result

    # --- one input at a time -----------------------------------------------------------------

    def single(self) -> list[TippingPoint]:
        """Tipping points of every input that has one within reach."""
        size = len(self.spreads)
        signs = np.repeat([-1.0, 1.0], size)
        places = np.tile(np.arange(size), 2)
        near = self._crossed(self._on_grid(places, signs, _SCREEN, draft=True)).any(axis=1)
        signs, places = signs[near], places[near]
        crossed = self._crossed(self._on_grid(places, signs, _PROBE))
        found = np.flatnonzero(crossed.any(axis=1))
        first = crossed[found].argmax(axis=1)
        outer = _PROBE[first]
        inner = np.where(first > 0, _PROBE[first - 1], 0.0)
        for _ in range(_ROUNDS if found.size else 0):
            middle = 0.5 * (inner + outer)
            beyond = self._crossed(self._margin_at(places[found], signs[found] * middle))
            outer, inner = np.where(beyond, middle, outer), np.where(beyond, inner, middle)
        points = [
            self._verified(self.spreads[places[k]], float(signs[k] * t))
            for k, t in zip(found, outer, strict=True)
        ]
        return [point for point in points if point is not None]

    def _on_grid(
        self, places: np.ndarray, signs: np.ndarray, probe: np.ndarray, *, draft: bool = False
    ) -> np.ndarray:
        """Margins of single inputs moved by the numbers of a probe, shape (inputs, probe)."""
        if not places.size:
            return np.zeros((0, probe.size))
        steps = np.outer(signs, probe).ravel()
        margin = self._margin_at(np.repeat(places, probe.size), steps, draft=draft)
        return margin.reshape(-1, probe.size)

    def _margin_at(
        self, places: np.ndarray, steps: np.ndarray, *, draft: bool = False
    ) -> np.ndarray:
        table = np.zeros((len(places), len(self.spreads)))
        table[np.arange(len(places)), places] = steps
        return self._margin(table, draft=draft)

    def _verified(self, spread: Spread, steps: float) -> TippingPoint | None:
        value = spread.at(steps)
        probability = self._assessed({spread.path: value})
        if not self._crossed(np.array(logit(probability) - self._target)):
            return None
        return TippingPoint(
            path=spread.path,
            base=spread.base,
            value=value,
            steps=steps,
            probability=probability,
            sentence={lang: self._sentence(lang, spread, value, steps) for lang in ("en", "zh")},
        )

    def _assessed(self, changes: dict[str, Value]) -> float:
        """Probability of the proposition in the changed case, by itself."""
        s = self._scenarios
        changed = s.case.replace(dict(changes))
        model = build_model(resolve(changed, priors=s.priors, standard=s.standard))
        seed = s.settings.random_seed
        return infer(model, settings=s.settings, random_seed=seed).proposition_probability

    def _sentence(self, lang: str, spread: Spread, value: Value, steps: float) -> str:
        label = input_label(self._scenarios.resolved, spread.path, lang)
        base, new = shown_value(spread.base), shown_value(value)
        standard = percent(self._scenarios.resolved.threshold)
        if lang == "zh":
            verb = "低于" if self.met else "达到"
            return (
                f"仅将{label}由{base}改为{new}（{abs(steps):.1f}个标准差），"
                f"待证事实的概率即{verb}{standard}的证明标准。"
            )
        verb = "falls below" if self.met else "reaches"
        return (
            f"With {label} at {new} instead of {base} ({abs(steps):.1f} standard deviations), "
            f"the probability of the proposition {verb} the standard of {standard}."
        )

    # --- all inputs together -----------------------------------------------------------------

    def joint(self, rounds: int = 4) -> JointTippingPoint | None:
        """The nearest point on the other side, in standard deviations."""
        size = len(self.spreads)
        at = np.zeros(size)
        for _ in range(rounds if size else 0):
            rows = np.concatenate([at[None], at + _STEP * np.eye(size)])
            margin = self._margin(rows, draft=True)
            slope = (margin[1:] - margin[0]) / _STEP
            steepness = float(slope @ slope)
            if steepness < 1e-12:
                break
            new = (slope @ at - margin[0]) / steepness * slope
            length = float(np.linalg.norm(new))
            new *= min(1.0, 2.0 * REACH / length) if length else 1.0
            done = float(np.linalg.norm(new - at)) < 0.02
            at = new
            if done:
                break
        best = self._on_ray(at)
        if best is None or float(np.linalg.norm(best)) > REACH:
            return None
        order = np.argsort(-np.abs(best), kind="stable")
        steps = {self.spreads[i].path: float(best[i]) for i in order if abs(best[i]) > 1e-3}
        moved = {s.path: s.at(float(t)) for s, t in zip(self.spreads, best, strict=True)}
        probability = self._assessed(moved)
        if not self._crossed(np.array(logit(probability) - self._target)):
            return None
        return JointTippingPoint(
            distance=float(np.linalg.norm(best)),
            changes={path: moved[path] for path in steps},
            steps=steps,
            probability=probability,
        )

    def _on_ray(self, direction: np.ndarray) -> np.ndarray | None:
        """The nearest crossing along a direction."""
        low, high = 0.0, 1.5
        nearest: np.ndarray | None = None
        for draft in (True, False, False):
            scale = np.linspace(low, high, 9)[1:]
            crossed = self._crossed(self._margin(scale[:, None] * direction, draft=draft))
            if not crossed.any():
                high += 0.1 * (high - low)  # the draft was a little off
                continue
            k = int(crossed.argmax())
            if not draft:
                nearest = scale[k] * direction
            high = scale[k]
            low = scale[k - 1] if k else low - 0.1 * (high - low) * draft
        return nearest
