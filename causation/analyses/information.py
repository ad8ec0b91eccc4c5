"""What an observation may be expected to tell, in bits."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def divergence(p: Sequence[float] | np.ndarray, q: Sequence[float] | np.ndarray) -> float:
    """Kullback-Leibler divergence of a distribution q from a distribution p, in bits.

    Examples
    --------
    >>> divergence([1.0, 0.0], [0.5, 0.5])
    1.0
    """
    a, b = np.asarray(p), np.asarray(q)
    inside = a > 0.0
    with np.errstate(divide="ignore"):
        return float((a[inside] * np.log(a[inside] / b[inside])).sum()) / math.log(2.0)


def expected_information(probability: np.ndarray, likelihood: np.ndarray) -> float:
    """Mutual information in bits between hypotheses and an observation.

    It is the mean divergence of their present `probability`, (Z,), from those after the
    observation; every column of the `likelihood`, (outcomes, Z), sums to 1.

    Examples
    --------
    >>> expected_information(np.array([0.5, 0.5]), np.eye(2))
    1.0
    """
    joint = likelihood * probability
    chance = joint.sum(axis=1)
    each = [divergence(j / c, probability) for j, c in zip(joint, chance, strict=True) if c > 0.0]
    return max(0.0, float(np.dot(chance[chance > 0.0], each)))
