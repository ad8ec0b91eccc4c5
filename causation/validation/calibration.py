"""Calibration of the whole model over simulated cases, beside two simpler ones.

Cases of every built-in shape are drawn in the world as elicited and in those in which the model is
wrong; what is said of their source is measured as forensic practice asks. The validated range,
beyond which a ratio is not reported in digits, comes out of it too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import yaml

from causation.errors import InputError
from causation.model.seeds import Seed, seed_of
from causation.validation.metrics import Performance, Reliability, performance, reliability
from causation.validation.scoring import FIT_CASES, METHODS, SOURCES, THRESHOLD, Scores, score
from causation.validation.validated import VALIDATING, ValidatedRange, validated_range
from causation.validation.worlds import AS_ELICITED, WORLDS

MIN_CASES = 48
"""Two of every design."""


@dataclass(frozen=True, eq=False)
class Hits:
    """How often a method puts the probability of the proposition at the comparison value or above.

    Parameters
    ----------
    share : mapping of str to float
        By where the data came from; NaN where they came from there in no case.
    false, error : float
        Of the cases in which the proposition is false, with its standard error: false hits.
    of_hits : float
        Share of the cases with a hit in which the proposition is false.
    """

    share: Mapping[str, float]
    false: float
    error: float
    of_hits: float

    @classmethod
    def of(cls, claim: np.ndarray, scores: Scores) -> Hits:
        """Count the hits of one method; `claim` has shape (N,)."""
        hit, false = claim >= THRESHOLD, ~scores.holds
        share = {name: _mean(hit[scores.source == i]) for i, name in enumerate(SOURCES)}
        rate = _mean(hit[false])
        count = max(int(false.sum()), 1)
        error = float(np.sqrt(max(rate * (1.0 - rate), 1.0 / count) / count))
        return cls(share, rate, error, _mean(false[hit]))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


@dataclass(frozen=True, eq=False)
class CalibrationReport:
    """What came out of a calibration run of so many cases of each world, by world."""

    cases: int
    random_seed: int
    scores: Mapping[str, Scores]

    @cached_property
    def performance(self) -> dict[str, dict[str, Performance]]:
        """By method and world."""
        return {
            method: {w: performance(s.log10_lr[:, m], s.is_true) for w, s in self.scores.items()}
            for m, method in enumerate(METHODS)
        }

    @cached_property
    def reliability(self) -> dict[str, Reliability]:
        """Of the model's posterior over all routes, by world."""
        return {w: _of_routes(s) for w, s in self.scores.items()}

    @cached_property
    def claims(self) -> dict[str, dict[str, Reliability]]:
        """Reliability of the probability of the proposition, by method and world."""
        return {
            method: {w: reliability(s.claim[:, m], s.holds) for w, s in self.scores.items()}
            for m, method in enumerate(METHODS)
        }

    @cached_property
    def hits(self) -> dict[str, dict[str, Hits]]:
        """Hits by method and world."""
        return {
            method: {w: Hits.of(s.claim[:, m], s) for w, s in self.scores.items()}
            for m, method in enumerate(METHODS)
        }

    @cached_property
    def validated_range(self) -> ValidatedRange:
        """The ratios that the cases bear out."""
        return validated_range(self.scores, random_seed=self.random_seed)

    def summary(self) -> str:
        """The outcome in a few lines."""
        model, naive = (self.performance[m][AS_ELICITED] for m in ("model", "naive"))
        band = "inside" if self.reliability[AS_ELICITED].covered else "outside"
        worst = max(self.scores, key=lambda w: self.hits["model"][w].false)
        found = self.validated_range
        return (
            f"{self.cases} cases of each of {len(self.scores)} worlds, seed {self.random_seed}\n"
            f"world as elicited: Cllr {model.cllr:.3f} bits, of which calibration "
            f"{model.cllr_cal:.3f} (naive product {naive.cllr:.3f}, {naive.cllr_cal:.3f}); "
            f"reliability {band} its bands; false hits "
            f"{100 * self.hits['model'][AS_ELICITED].false:.1f} %\n"
            f"most false hits: {100 * self.hits['model'][worst].false:.1f} % in world {worst}\n"
            f"validated range: likelihood ratios up to 10^{found.log10_lr_max:.2f} "
            f"(standard error {found.sampling_error:.2f})"
        )

    def record(self) -> str:
        """What came out of every world, as a report states it (``data/validation.yaml``)."""
        worlds = [
            {
                "id": w,
                "label": dict(WORLDS[w].meaning),
                "mild": w in VALIDATING,
                **self._figures("model", w),
                **{m.replace(" ", "_"): self._figures(m, w) for m in METHODS[1:]},
            }
            for w in self.scores
        ]
        command = f"causation calibrate --cases {self.cases} --seed {self.random_seed}"
        if len(self.scores) < len(WORLDS):
            command += "".join(f" --world {w!r}" for w in self.scores)
        run = {
            "cases": self.cases,
            "seed": self.random_seed,
            "threshold": THRESHOLD,
            "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
            "command": command,
        }
        text: str = yaml.safe_dump(
            {"run": run, "worlds": worlds}, sort_keys=False, allow_unicode=True, width=100
        )
        return text

    def _figures(self, method: str, world: str) -> dict[str, float | None]:
        p, hits = self.performance[method][world], self.hits[method][world]
        figures = {
            "cllr": p.cllr,
            "cllr_cal": p.cllr_cal,
            "false_hits": hits.false,
            "false_hits_error": hits.error,
            "hits_false": hits.of_hits,
            "strongly_misleading": p.misleading_strong,
        }
        return {name: None if np.isnan(x) else round(float(x), 4) for name, x in figures.items()}


def calibrate(
    *,
    cases: int = 60,
    random_seed: Seed = 20250723,
    progress: Callable[[float], None] | None = None,
    workers: int = 2,
    worlds: Sequence[str] = tuple(WORLDS),
    fit: int = FIT_CASES,
) -> CalibrationReport:
    """Validate the model by simulation.

    Parameters
    ----------
    cases : int
        Cases of each world.
    random_seed : int
    progress : callable, optional
        Called with the share done, 0 to 1.
    workers : int
        Processes.
    worlds : sequence of str
        Names in `causation.validation.worlds.WORLDS`, "as elicited" among them.
    fit : int
        Cases of each world in which it is counted how often the fit check warns.

    Returns
    -------
    CalibrationReport

    Raises
    ------
    InputError
        If there are too few cases, or there is no such world.

    Examples
    --------
    >>> calibrate(cases=3)
    Traceback (most recent call last):
    causation.errors.InputError: calibrate: 3 cases; allowed: at least 48
    """
    if cases < MIN_CASES:
        raise InputError(f"calibrate: {cases} cases; allowed: at least {MIN_CASES}")
    if workers < 1:
        raise InputError(f"calibrate: {workers} workers; allowed: at least 1")
    random_seed = seed_of(random_seed)
    unknown = [w for w in worlds if w not in WORLDS]
    if unknown or AS_ELICITED not in worlds:
        raise InputError(
            f"calibrate: worlds {', '.join(worlds)}; allowed: {', '.join(WORLDS)}, "
            f"{AS_ELICITED!r} among them"
        )
    scores = score(
        cases, worlds=worlds, random_seed=random_seed, workers=workers, fit=fit, progress=progress
    )
    return CalibrationReport(cases, random_seed, scores)


def _of_routes(scores: Scores) -> Reliability:
    outcome = np.arange(scores.probability.shape[1]) == scores.route[:, None]
    seen = scores.probability > 0.0
    return reliability(scores.probability[seen], outcome[seen])
