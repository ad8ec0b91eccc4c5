"""Global sensitivity: which inputs the log odds of the proposition hang on, all moving at once.

Samples are uniform and mapped to the inputs through the quantiles of their own distributions
(see `causation.analyses.spread`); indices by SALib, on the natural log odds, where a probability
near 1 still tells inputs apart.

References
----------
I. M. Sobol (2001), "Global sensitivity indices for nonlinear mathematical models and their
Monte Carlo estimates", Mathematics and Computers in Simulation 55, 271-280.
F. Pianosi, T. Wagener (2018), "Distribution-based sensitivity analysis from a generic
input-output sample", Environmental Modelling and Software 108, 197-207.
T. Goda (2021), "A simple algorithm for global sensitivity analysis with Shapley effects",
Reliability Engineering and System Safety 213, 107702.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.bound import log_odds
from causation.analyses.evaluating import draft
from causation.analyses.spread import Spread, moved, spreads_of
from causation.document.problems import listing, nearest
from causation.errors import InputError
from causation.model.seeds import Seed, seed_of
from causation.model.structure import Model, build_model, concatenate

if TYPE_CHECKING:
    import pandas as pd

    from causation.analyses.evaluating import Evaluate
    from causation.model.structure import Given

CONFIDENCE = 0.95
"""Mass of the confidence intervals."""

_BATCH = 512
"""Rows that are evaluated together, the case as it is first: they share its proposal."""
_EDGE = 1e-4
_RESAMPLES = 200
_SLIDES = 10

type _Outcome = Callable[[np.ndarray], np.ndarray]
type _Found = tuple[dict[str, np.ndarray], np.ndarray]
"""Index, interval and more by input, and the log odds of the sample."""


@dataclass(frozen=True, eq=False)
class GlobalIndices:
    """Indices of the inputs, the largest first.

    `index` is, by Sobol, the share of the variance that vanishes with the input alone (total
    index), and `first` the first-order one; by PAWN the median Kolmogorov-Smirnov distance, less
    its bias; by Shapley the share of the variance (they sum to 1). Intervals, (inputs, 2), are of
    95 % confidence, for the sampling alone. `log_odds` are the natural ones of the proposition in
    the sample.
    """

    method: str
    paths: tuple[str, ...]
    index: np.ndarray
    interval: np.ndarray
    log_odds: np.ndarray
    random_seed: int
    first: np.ndarray | None = None
    first_interval: np.ndarray | None = None

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each input."""
        import pandas as pd

        table = {
            "path": self.paths,
            "index": self.index,
            "lower": self.interval[:, 0],
            "upper": self.interval[:, 1],
        }
        if self.first is not None and self.first_interval is not None:
            table |= {
                "first": self.first,
                "first_lower": self.first_interval[:, 0],
                "first_upper": self.first_interval[:, 1],
            }
        return pd.DataFrame(table)


def global_sensitivity(
    case: Given,
    *,
    method: str = "sobol",
    inputs: Sequence[str] | None = None,
    samples: int = 128,
    random_seed: Seed = 20250723,
    evaluate: Evaluate = draft,
    **options: Any,
) -> GlobalIndices:
    """Indices of global sensitivity of the log odds, by a method of `METHODS`.

    Parameters
    ----------
    inputs : sequence of str, optional
        Paths of the inputs that move; by default all that can.
    samples : int
        Base samples (a power of 2 for Sobol): the case is evaluated ``samples`` times the
        number of inputs and a little more (PAWN: 16 ``samples`` times).

    Raises
    ------
    InputError
        If there is no such method or input.
    """
    if method not in METHODS:
        raise InputError(f"there is no method {method!r}; allowed: {', '.join(METHODS)}")
    if samples < 8:
        raise InputError(f"at least 8 samples are needed; found {samples}")
    model, random_seed = build_model(case, **options), seed_of(random_seed)
    spreads = _chosen(spreads_of(model), inputs)

    def outcome(uniform: np.ndarray) -> np.ndarray:
        return _outcome(model, spreads, uniform, evaluate)

    paths = [s.path for s in spreads]
    problem = {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}
    found, y = _METHODS[method](outcome, problem, samples, random_seed)
    order = np.argsort(-found["index"], kind="stable")
    return GlobalIndices(
        method,
        tuple(paths[i] for i in order),
        log_odds=y,
        random_seed=random_seed,
        **{name: values[order] for name, values in found.items()},
    )


def _chosen(spreads: tuple[Spread, ...], inputs: Sequence[str] | None) -> tuple[Spread, ...]:
    if inputs is None:
        return spreads
    known = {s.path: s for s in spreads}
    unknown = [path for path in inputs if path not in known]
    if unknown:
        raise InputError(
            f"no input that can move: {nearest(unknown[0], known)}; "
            f"allowed: {listing(known, near=unknown[0])}"
        )
    if not inputs:
        raise InputError("no input is given that could move")
    return tuple(known[path] for path in inputs)


def _outcome(
    model: Model, spreads: tuple[Spread, ...], uniform: np.ndarray, evaluate: Evaluate
) -> np.ndarray:
    """Log odds at rows of uniform numbers, shape (rows,)."""
    inside = np.clip(uniform, _EDGE, 1.0 - _EDGE)
    steps = np.stack(
        [s.steps_at(column) for s, column in zip(spreads, inside.T, strict=True)], axis=1
    )
    found = []
    for start in range(0, len(steps), _BATCH):
        rows = moved(model, spreads, steps[start : start + _BATCH])
        found.append(log_odds(evaluate(model, concatenate([model.base(), rows])))[1:])
    return np.concatenate(found)


def _about(center: np.ndarray, half_width: np.ndarray) -> np.ndarray:
    return np.stack([center - half_width, center + half_width], axis=-1)


def _sobol(outcome: _Outcome, problem: dict[str, Any], samples: int, random_seed: int) -> _Found:
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample

    x = sample(problem, samples, calc_second_order=False, seed=np.random.default_rng(random_seed))
    y = outcome(x)
    # the estimators assume a centred output
    found = analyze(
        problem, y - y.mean(), calc_second_order=False, conf_level=CONFIDENCE, seed=random_seed
    )
    parts = {
        "index": np.asarray(found["ST"]),
        "interval": _about(found["ST"], found["ST_conf"]),
        "first": np.asarray(found["S1"]),
        "first_interval": _about(found["S1"], found["S1_conf"]),
    }
    return parts, y


def _shapley(outcome: _Outcome, problem: dict[str, Any], samples: int, random_seed: int) -> _Found:
    from SALib.analyze.shapley import analyze
    from SALib.sample.shapley import sample

    x = sample(problem, samples, seed=np.random.default_rng(random_seed))
    y = outcome(x)
    found = analyze(problem, x, y, conf_level=CONFIDENCE)
    index = np.asarray(found["shapley_normalized"])
    half = np.asarray(found["shapley_normalized_conf"])
    return {"index": index, "interval": _about(index, half)}, y


def _pawn(outcome: _Outcome, problem: dict[str, Any], samples: int, random_seed: int) -> _Found:
    from SALib.analyze.pawn import analyze
    from SALib.sample.latin import sample

    rng = np.random.default_rng(random_seed)
    x = sample(problem, 16 * samples, seed=rng)
    y = outcome(x)
    index = np.asarray(analyze(problem, x, y, S=_SLIDES)["median"], dtype=float)
    chosen = [rng.integers(len(y), size=len(y)) for _ in range(_RESAMPLES)]
    drawn = np.array([pawn_medians(x[rows], y[rows]) for rows in chosen])
    tail = 0.5 * (1.0 - CONFIDENCE)
    # few rows raise the distances, and resampling shows by how much: what it adds is taken off
    reflected = 2.0 * index - np.quantile(drawn, [1.0 - tail, tail], axis=0)
    less = np.clip(2.0 * index - drawn.mean(axis=0), 0.0, 1.0)
    return {"index": less, "interval": np.clip(reflected, 0.0, 1.0).T}, y


_METHODS: dict[str, Callable[..., _Found]] = {
    "sobol": _sobol, "pawn": _pawn, "shapley": _shapley,
}  # fmt: skip
METHODS = tuple(_METHODS)


def pawn_medians(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Median Kolmogorov-Smirnov distance of each input's slides from all, shape (inputs,).

    The same as SALib's, without its tests of significance: fast enough to be resampled.

    Parameters
    ----------
    x : ndarray, shape (rows, inputs)
    y : ndarray, shape (rows,)
    """
    order = np.argsort(y, kind="stable")
    last = np.append(np.flatnonzero(np.diff(y[order]) > 0.0), len(y) - 1)
    overall = (last + 1) / len(y)
    result = np.empty(x.shape[1])
    for i, column in enumerate(x.T):
        ends = np.quantile(column, np.linspace(0.0, 1.0, _SLIDES + 1))
        distances = []
        for lo, hi in itertools.pairwise(ends):
            inside = ((column >= lo) & (column < hi))[order]
            if inside.any():
                share = np.cumsum(inside)[last] / inside.sum()
                distances.append(np.abs(share - overall).max())
        result[i] = np.median(distances)
    return result
