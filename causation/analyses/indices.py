"""Global sensitivity: which inputs the log odds of the proposition hang on, all moving at once.

Samples are uniform and mapped to the inputs through normal quantiles (see
`causation.analyses.spread`); indices by SALib, on the natural log odds, where a probability
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
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from causation.analyses.spread import Scenarios, Spread, spreads_of
from causation.case import Case
from causation.errors import InputError
from causation.inference.integrate import IntegratorSettings
from causation.sweeping.paths import Priors
from causation.sweeping.sweep import DRAFT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CONFIDENCE", "METHODS", "GlobalIndices", "global_sensitivity"]

METHODS = ("sobol", "pawn", "shapley")
CONFIDENCE = 0.95
"""Mass of the confidence intervals."""

_EDGE = 1e-4
_RESAMPLES = 200
_SLIDES = 10


@dataclass(frozen=True, eq=False)
class GlobalIndices:
    """Indices of the inputs, the largest first.

    Parameters
    ----------
    method : str
    paths : tuple of str
        Inputs.
    index : ndarray, shape (inputs,)
        Sobol: share of the variance that vanishes with the input alone (total index). PAWN:
        median Kolmogorov-Smirnov distance. Shapley: share of the variance (sums to 1).
    interval : ndarray, shape (inputs, 2)
        95 % confidence interval of each, of the sampling alone.
    first : ndarray or None, shape (inputs,)
        Sobol first-order indices.
    first_interval : ndarray or None, shape (inputs, 2)
    log_odds : ndarray, shape (rows,)
        Natural log odds of the proposition in the sample.
    random_seed : int
    """

    method: str
    paths: tuple[str, ...]
    index: np.ndarray
    interval: np.ndarray
    first: np.ndarray | None
    first_interval: np.ndarray | None
    log_odds: np.ndarray
    random_seed: int

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
    case: Case | str | Path,
    *,
    method: str = "sobol",
    inputs: Sequence[str] | None = None,
    samples: int = 128,
    random_seed: int = 20250723,
    priors: Priors = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
) -> GlobalIndices:
    """Indices of global sensitivity of the log odds.

    Parameters
    ----------
    case : Case, str or Path
    method : {"sobol", "pawn", "shapley"}
    inputs : sequence of str, optional
        Paths of the inputs that move; by default all that can.
    samples : int
        Base samples (a power of 2 for Sobol): the case is assessed ``samples`` times the
        number of inputs and a little more (PAWN: 16 ``samples`` times).
    random_seed : int
    priors, standard
        In place of those of the case.
    settings : IntegratorSettings, optional
        By default `causation.sweeping.sweep.DRAFT`.

    Returns
    -------
    GlobalIndices

    Raises
    ------
    InputError
        If there is no such method or input.
    """
    if method not in METHODS:
        raise InputError(f"there is no method {method!r}; allowed: {', '.join(METHODS)}")
    if samples < 8:
        raise InputError(f"at least 8 samples are needed; found {samples}")
    scenarios = Scenarios.of(case, priors, standard, settings or DRAFT)
    spreads = _chosen(spreads_of(scenarios.resolved), inputs)

    def evaluate(uniform: np.ndarray) -> np.ndarray:
        return scenarios.moved(spreads, ndtri(np.clip(uniform, _EDGE, 1.0 - _EDGE)))

    run: dict[str, Callable[..., GlobalIndices]] = {
        "sobol": _sobol, "pawn": _pawn, "shapley": _shapley,
    }  # fmt: skip
    paths = tuple(s.path for s in spreads)
    return run[method](evaluate, paths, samples, random_seed)


def _chosen(spreads: tuple[Spread, ...], inputs: Sequence[str] | None) -> tuple[Spread, ...]:
    if inputs is None:
        return spreads
    known = {s.path: s for s in spreads}
    unknown = [path for path in inputs if path not in known]
    if unknown or not inputs:
        raise InputError(
            f"no input that can move: {', '.join(unknown) or 'none given'}; "
            f"allowed: {', '.join(known)}"
        )
    return tuple(known[path] for path in inputs)


def _problem(paths: tuple[str, ...]) -> dict[str, Any]:
    return {"num_vars": len(paths), "names": list(paths), "bounds": [[0.0, 1.0]] * len(paths)}


def _ranked(
    method: str,
    paths: tuple[str, ...],
    index: np.ndarray,
    interval: np.ndarray,
    log_odds: np.ndarray,
    *,
    random_seed: int,
    first: np.ndarray | None = None,
    first_interval: np.ndarray | None = None,
) -> GlobalIndices:
    order = np.argsort(-index, kind="stable")
    return GlobalIndices(
        method=method,
        paths=tuple(paths[i] for i in order),
        index=index[order],
        interval=interval[order],
        first=None if first is None else first[order],
        first_interval=None if first_interval is None else first_interval[order],
        log_odds=log_odds,
        random_seed=random_seed,
    )


def _about(center: np.ndarray, half_width: np.ndarray) -> np.ndarray:
    return np.stack([center - half_width, center + half_width], axis=-1)


def _sobol(
    evaluate: Callable[[np.ndarray], np.ndarray],
    paths: tuple[str, ...],
    samples: int,
    random_seed: int,
) -> GlobalIndices:
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample

    problem = _problem(paths)
    x = sample(problem, samples, calc_second_order=False, seed=np.random.default_rng(random_seed))
    y = evaluate(x)
    # the estimators assume a centred output
    found = analyze(
        problem, y - y.mean(), calc_second_order=False, conf_level=CONFIDENCE, seed=random_seed
    )
    return _ranked(
        "sobol",
        paths,
        np.asarray(found["ST"]),
        _about(found["ST"], found["ST_conf"]),
        y,
        random_seed=random_seed,
        first=np.asarray(found["S1"]),
        first_interval=_about(found["S1"], found["S1_conf"]),
    )


def _shapley(
    evaluate: Callable[[np.ndarray], np.ndarray],
    paths: tuple[str, ...],
    samples: int,
    random_seed: int,
) -> GlobalIndices:
    from SALib.analyze.shapley import analyze
    from SALib.sample.shapley import sample

    problem = _problem(paths)
    x = sample(problem, samples, seed=np.random.default_rng(random_seed))
    y = evaluate(x)
    found = analyze(problem, x, y, conf_level=CONFIDENCE)
    index = np.asarray(found["shapley_normalized"])
    return _ranked(
        "shapley",
        paths,
        index,
        _about(index, np.asarray(found["shapley_normalized_conf"])),
        y,
        random_seed=random_seed,
    )


def _pawn(
    evaluate: Callable[[np.ndarray], np.ndarray],
    paths: tuple[str, ...],
    samples: int,
    random_seed: int,
) -> GlobalIndices:
    from SALib.analyze.pawn import analyze
    from SALib.sample.latin import sample

    problem = _problem(paths)
    rng = np.random.default_rng(random_seed)
    x = sample(problem, 16 * samples, seed=rng)
    y = evaluate(x)
    index = np.asarray(analyze(problem, x, y, S=_SLIDES)["median"], dtype=float)
    resampled = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(len(y), size=len(y))
        resampled.append(pawn_medians(x[rows], y[rows]))
    tail = 0.5 * (1.0 - CONFIDENCE)
    # resampling raises the distances, so the interval is reflected about the estimate
    reflected = 2.0 * index - np.quantile(np.array(resampled), [1.0 - tail, tail], axis=0)
    interval = np.clip(reflected, 0.0, 1.0).T
    return _ranked("pawn", paths, index, interval, y, random_seed=random_seed)


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
