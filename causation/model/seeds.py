"""Seeds of random numbers, as they may be given."""

from __future__ import annotations

import numpy as np

from causation.errors import InputError

type Seed = int | np.integer | np.random.Generator | None
"""A whole number from 0, a generator to draw one from, or None for a new one each time."""
_BELOW = 2**63


def seed_of(value: Seed) -> int:
    """Return the whole number of a seed; it is what a result remembers.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> seed_of(np.int64(3)), seed_of(np.random.default_rng(1)) == seed_of(np.random.default_rng(1))
    (3, True)
    """
    if value is None:
        value = np.random.default_rng()
    if isinstance(value, np.random.Generator):
        return int(value.integers(2**32))
    given: object = value
    whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not whole or not 0 <= int(value) < _BELOW:
        raise InputError(
            "random_seed: not a seed; allowed: a whole number from 0, a numpy Generator, or None"
        )
    return int(value)


def generator_of(value: Seed) -> np.random.Generator:
    """Return a generator as it is, or the one of a seed.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(seed_of(value))
