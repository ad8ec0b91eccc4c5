"""The validated range: the likelihood ratios that simulated cases bear out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from causation.validation.metrics import empirical_bounds
from causation.validation.worlds import AS_ELICITED, WORLDS
from causation.version import VERSION

if TYPE_CHECKING:
    from causation.validation.scoring import Scores

VALIDATING = (AS_ELICITED, *(w.name for w in WORLDS.values() if w.mild))
"""Worlds over which the range is taken."""
RESAMPLES = 200
HOW = (
    "the smaller of the empirical upper bound and the inverse of the lower bound (Vergeer et al. "
    "2016) over simulated cases of these worlds together, as many of each; its sampling error by "
    "drawing the cases of every world again from themselves"
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
        What the cases of each world would give by themselves.
    cases, seed : int
        Cases of all these worlds together.
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
    """Range over the worlds of `VALIDATING` that were simulated."""
    rng = np.random.default_rng(random_seed)
    used = [scores[w] for w in VALIDATING if w in scores]
    again = [_bound([s.take(_again(s, rng)) for s in used]) for _ in range(RESAMPLES)]
    low, high = np.quantile(again, [0.05, 0.95])
    return ValidatedRange(
        log10_lr_max=round(_bound(used), 2),
        sampling_error=round(float(np.std(again)), 3),
        interval=(round(float(low), 2), round(float(high), 2)),
        worlds={w: round(_bound([scores[w]]), 2) for w in VALIDATING if w in scores},
        cases=sum(s.is_true.size for s in used),
        seed=random_seed,
    )


def _bound(parts: Sequence[Scores]) -> float:
    log10_lr = np.concatenate([s.log10_lr[:, 0] for s in parts])
    low, high = empirical_bounds(log10_lr, np.concatenate([s.is_true for s in parts]))
    return min(-low, high)


def _again(scores: Scores, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, scores.is_true.size, scores.is_true.size)
