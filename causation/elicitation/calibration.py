"""How well an expert is calibrated, by questions whose answers are known.

The score is that of Cooke's classical model (*Experts in Uncertainty*, 1991, chapter 12).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

THEORY = (0.05, 0.45, 0.45, 0.05)
"""Shares of truths that fall below the 5 %, between, and above the 95 % answer of an expert who
is calibrated; the two in the middle are parted by the median."""

type Answer = tuple[float, float, float]
"""The 5 %, 50 % and 95 % points."""


def where_truths_fell(
    answers: Mapping[str, Answer], truths: Mapping[str, float]
) -> tuple[int, int, int, int]:
    """Count the truths below, in the two middle parts of, and above the answers.

    Examples
    --------
    >>> where_truths_fell({"a": (0.1, 0.2, 0.4), "b": (0.1, 0.2, 0.4)}, {"a": 0.3, "b": 0.05})
    (1, 0, 1, 0)
    """
    places = [0, 0, 0, 0]
    for name, points in answers.items():
        places[sum(truths[name] > point for point in points)] += 1
    return places[0], places[1], places[2], places[3]


def calibration_score(counts: Sequence[int]) -> float:
    """Cooke's calibration score: how often a calibrated expert would do as badly, or worse.

    ``1 - F(2 N sum s ln(s / p))`` with F the chi-square distribution of three degrees.

    Parameters
    ----------
    counts : sequence of int
        See `where_truths_fell`.

    Examples
    --------
    >>> round(calibration_score((0, 5, 4, 1)), 6)
    0.682816
    """
    from scipy.special import gammaincc

    total = sum(counts)
    if total == 0:
        return 1.0
    divergence = math.fsum(
        k / total * math.log(k / total / p) for k, p in zip(counts, THEORY, strict=True) if k
    )
    return float(gammaincc(1.5, max(total * divergence, 0.0)))


def performance_weights(scores: Mapping[str, float]) -> dict[str, float]:
    """Weights in proportion to the scores; even ones where all are nought.

    Cooke's classical weight multiplies the score with how narrow the answers are. That is left
    out: ten questions on shares do not tell who may be narrow elsewhere.

    Examples
    --------
    >>> performance_weights({"a": 0.6, "b": 0.2})
    {'a': 0.75, 'b': 0.25}
    """
    total = math.fsum(scores.values())
    if total <= 0.0:
        return dict.fromkeys(scores, 1.0 / len(scores))
    weights = {name: round(score / total, 6) for name, score in scores.items()}
    first = next(iter(weights))
    weights[first] = round(weights[first] + 1.0 - math.fsum(weights.values()), 6)
    return weights
