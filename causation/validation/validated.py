"""The validated range: the likelihood ratios that simulated cases bear out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from causation.validation.metrics import empirical_bounds
from causation.validation.worlds import AS_ELICITED, WORLDS
from causation.version import VERSION

if TYPE_CHECKING:
    from causation.validation.scoring import Scores

__all__ = ["VALIDATING", "ValidatedRange", "validated_range"]

VALIDATING = (AS_ELICITED, *(w.name for w in WORLDS.values() if w.mild))
"""Worlds over which the range is taken."""
RESAMPLES = 200
HOW = (
    "in each world the smaller of the empirical upper bound and the inverse of the lower bound "
    "(Vergeer et al. 2016); of these the smallest; its sampling error by resampling the cases of "
    "every world"
)


@dataclass(frozen=True, slots=True)
class ValidatedRange:
    """The ratios that simulated cases bear out, as log10.

    Parameters
    ----------
    log10_lr_max : float
        A ratio beyond this, to either side, is reported as "more than" it.
    sampling_error : float
        Standard error from the number of cases.
    interval : tuple of float
        Central 90 % of the values that other cases of the same worlds would give.
    worlds : mapping of str to float
        The same by world.
    cases, seed : int
        Cases of each world.
    version : str
    how : str
        The rule, in words.
    """

    log10_lr_max: float
    sampling_error: float
    interval: tuple[float, float]
    worlds: Mapping[str, float]
    cases: int
    seed: int
    version: str = VERSION
    how: str = HOW

    def to_yaml(self) -> str:
        """As the file from which an assessment takes its range."""
        import yaml

        content = asdict(self) | {"interval": list(self.interval)}
        text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        return text


def validated_range(scores: Mapping[str, Scores], *, random_seed: int) -> ValidatedRange:
    """Range over the worlds of `VALIDATING` that were simulated.

    Parameters
    ----------
    scores : mapping of str to Scores
    random_seed : int
    """
    rng = np.random.default_rng(random_seed)
    used = {w: scores[w] for w in VALIDATING if w in scores}
    bounds = {w: _bound(s.log10_lr[:, 0], s.is_true) for w, s in used.items()}
    again = [
        min(_bound(s.log10_lr[rows, 0], s.is_true[rows]) for s, rows in _resampled(used, rng))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(again, [0.05, 0.95])
    return ValidatedRange(
        log10_lr_max=round(min(bounds.values()), 2),
        sampling_error=round(float(np.std(again)), 3),
        interval=(round(float(low), 2), round(float(high), 2)),
        worlds={w: round(b, 2) for w, b in bounds.items()},
        cases=min(s.is_true.size for s in used.values()),
        seed=random_seed,
    )


def _bound(log10_lr: np.ndarray, is_true: np.ndarray) -> float:
    low, high = empirical_bounds(log10_lr, is_true)
    return min(-low, high)


def _resampled(
    scores: Mapping[str, Scores], rng: np.random.Generator
) -> list[tuple[Scores, np.ndarray]]:
    return [(s, rng.integers(0, s.is_true.size, s.is_true.size)) for s in scores.values()]
