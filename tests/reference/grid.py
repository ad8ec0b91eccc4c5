"""Nasty problems in explicit numbers, within what the reference resolves.

An inference source costs the reference one lattice dimension for every field and every
profile item whose number is uncertain (one for all fields together where ``r = 1``). The
generator keeps these to ``dims`` by making surplus numbers certain.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tests.reference.evidence import Z90, Group, Problem, Source, logit_interval, vague

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hard_problem", "hard_problems"]

INTERVALS = (
    (1e-6, 1e-2),
    (1e-6, 1.0 - 1e-6),
    (1e-6, 3e-6),
    (1e-4, 0.5),
    (0.05, 0.95),
    (0.3, 0.9),
    (0.98, 0.9999),
    (0.2, 0.2),
    (1e-6, 1e-6),
)
ODDS = ((0.01, 0.1), (0.1, 0.9), (1.2, 8.0), (0.3, 0.3), (1e-4, 0.5), (0.5, 300.0))
SHARES = ((0.98, 0.9999), (0.001, 0.2), (0.05, 0.95), (0.0, 0.0), (1.0, 1.0), (0.3, 0.3))
LINKAGES = (0.0, 0.3, 0.99, 1.0)
MISFITS = (0.0, 0.02, 0.5)
CORRELATIONS = (0.0, 0.5, 1.0)
COUNTS = (1, 2, 6, 40, 1000, 10000)


def _profile(rng: np.random.Generator, items: int) -> list[float | None]:
    choices: tuple[float | None, ...] = (None, 0.0, 1.0, 1.0, 0.37)
    return [choices[rng.integers(len(choices))] for _ in range(items)]


def _source(
    rng: np.random.Generator, kind: str, *, fields: int, items: int, custodians: int, dims: int
) -> Source:
    r = float(rng.choice(CORRELATIONS))
    pick = [INTERVALS[i] for i in rng.integers(len(INTERVALS), size=fields)]
    m, sd = (np.array(v) for v in zip(*(logit_interval(*c) for c in pick), strict=True))
    gamma = np.array([ODDS[i] for i in rng.integers(len(ODDS), size=items)]).reshape(items, 2)
    gamma_m = np.log(gamma).mean(1)
    gamma_sd = (np.log(gamma[:, 1]) - np.log(gamma[:, 0])) / (2.0 * Z90)
    if kind == "inference":
        room = dims
        for k in range(items):
            room -= gamma_sd[k] > 0.0
        for f in range(fields):
            if sd[f] > 0.0 and (r < 1.0 or not np.any(sd[:f] > 0.0)):
                if room <= 0:
                    sd[f] = 0.0
                else:
                    room -= 1
    else:
        gamma_m, gamma_sd = np.empty(0), np.empty(0)
    shares = [logit_interval(*SHARES[i]) for i in rng.integers(len(SHARES), size=custodians)]
    return Source(
        kind,
        m,
        sd,
        r,
        gamma_m,
        gamma_sd,
        np.array([s[0] for s in shares]),
        np.array([s[1] for s in shares]),
        float(rng.choice(MISFITS)),
    )


def _contradicted(rng: np.random.Generator, *, selected: bool) -> Problem:
    """Ten thousand anonymous victims against an odds ratio far below one."""
    lo = math.log(0.02)
    fields = 2
    m, sd = (
        np.array(v) for v in zip(logit_interval(0.05, 0.6), logit_interval(1e-4, 0.3), strict=True)
    )
    inference = Source("inference", m, sd, float(rng.choice(CORRELATIONS)), [lo], [0.8], misfit=0.0)
    custodian = Source("custodian", m, sd, 0.5, misfit=0.02)
    anonymous = Group(10000, [True, True], [False, False], [1.0], kappa=0.99)
    plaintiff = Group(1, [True, False], [False, True], [float(rng.choice((0.0, 1.0)))])
    empty = Source("residual", np.zeros(fields), np.zeros(fields))
    return Problem(
        [custodian, inference, vague(empty)],
        [plaintiff, anonymous],
        [float(rng.choice((0.5, 0.9, 0.003)))],
        selected,
        [0.4, 0.3, 0.3],
    )


def hard_problem(
    rng: np.random.Generator, *, dims: int = 3, max_fields: int = 5, max_groups: int = 4
) -> Problem:
    """Draw one problem: a custodian, an inference source and a vague residual.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    dims : int
        Largest number of uncertain numbers acting together in the inference source. The
        reference needs about a second per integral at 3, some seconds at 4, a minute at 5.
    max_fields, max_groups : int
        Largest sizes.
    """
    selected = bool(rng.random() < 0.6)
    if rng.random() < 0.1:
        return _contradicted(rng, selected=selected)
    fields = int(rng.integers(1, max_fields + 1))
    items = int(rng.integers(0, 3))
    custodians = int(rng.integers(0, 3))
    size = {"fields": fields, "items": items, "custodians": custodians}
    sources = [_source(rng, kind, **size, dims=dims) for kind in ("custodian", "inference")]
    sources.append(vague(sources[0]))
    linkages = [1.0, *rng.choice(LINKAGES, size=int(rng.integers(0, max_groups)))]
    groups = []
    for i, kappa in enumerate(linkages):
        state = rng.choice(3, size=fields, p=(0.3, 0.45, 0.25))
        if selected and not np.any(state == 1):
            state[rng.integers(fields)] = 1
        users = (True, True, False, None)
        groups.append(
            Group(
                1 if i == 0 else int(rng.choice(COUNTS)),
                [bool(s == 1) for s in state],
                [bool(s == 2) for s in state],
                _profile(rng, items),
                [users[rng.integers(len(users))] for _ in range(custodians)],
                float(kappa),
            )
        )
    return Problem(
        sources,
        groups,
        [float(x) for x in rng.choice((0.5, 0.1, 0.9, 0.003, 1.0), size=items)],
        selected,
        rng.dirichlet(np.ones(3)),
    )


def hard_problems(rng: np.random.Generator, n: int, *, dims: int = 3) -> Iterator[Problem]:
    """Draw ``n`` problems; see `hard_problem`."""
    for _ in range(n):
        yield hard_problem(rng, dims=dims)
