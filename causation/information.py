"""Expected information of an observation about the sources, in bits."""

from __future__ import annotations

import numpy as np

__all__ = ["entropy", "expected_information"]


def entropy(probability: np.ndarray) -> np.ndarray:
    """Shannon entropy in bits over the last axis.

    Examples
    --------
    >>> float(entropy(np.array([0.5, 0.5])))
    1.0
    """
    safe = np.where(probability > 0.0, probability, 1.0)
    result: np.ndarray = -(probability * np.log2(safe)).sum(axis=-1)
    return result


def expected_information(probability: np.ndarray, likelihood: np.ndarray) -> float:
    """Mutual information between the sources and an observation, in bits.

    Parameters
    ----------
    probability : ndarray, shape (S,)
        Present probability of every source.
    likelihood : ndarray, shape (outcomes, S)
        ``P(outcome | source)``; every column sums to 1.

    Returns
    -------
    float

    Examples
    --------
    >>> expected_information(np.array([0.5, 0.5]), np.eye(2))
    1.0
    """
    joint = likelihood * probability
    outcome = joint.sum(axis=1)
    kept = outcome > 0.0
    after = joint[kept] / outcome[kept, None]
    return float(entropy(probability) - (outcome[kept] * entropy(after)).sum())
