"""The likelihood ratio held to the range that the validation supports.

Beyond that range no test of the model has been possible: a larger ratio may be right, but nothing
shows it. The held probability is what the prior odds and the limited ratio give.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import yaml

from causation.document.shipped import data_path
from causation.inference.evaluate import Answer, log10_ratio
from causation.scales import LN10, verbal_scale

BOUNDED = ("role", "entrance", "alone")
"""Propositions that have a likelihood ratio; the others have a posterior and a verdict only."""


@dataclass(frozen=True, slots=True)
class Held:
    """Probability and ratio of the proposition with the ratio limited, of one row.

    Parameters
    ----------
    probability, log10_lr : float
        The ratio is NaN for a proposition that has none.
    """

    probability: float
    log10_lr: float


class HeldRows(NamedTuple):
    """The same row by row, shape (S,) each."""

    probability: np.ndarray
    log10_lr: np.ndarray

    @property
    def first(self) -> Held:
        """The first row."""
        return Held(float(self.probability[0]), float(self.log10_lr[0]))


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """Likelihood ratio of the proposition against one source, or against the ``rest``.

    `log10` is of the ratio of expectations, `error` its standard error from the numerics alone,
    `held` the same held to the validated range, and `verbal` the band of that on the verbal scale
    (never of the probability); `depends_on_prior` where the prior among several routes enters as
    weights.
    """

    against: str
    log10: float
    error: float
    verbal: str
    depends_on_prior: bool
    held: float


@cache
def validated_bound() -> float | None:
    """Return the greatest log10 likelihood ratio that the validation supports, if there is one."""
    path = data_path("validated_range.yaml")
    if not path.is_file():
        return None
    return float(yaml.safe_load(path.read_text(encoding="utf-8"))["log10_lr_max"])


def held(answer: Answer, bound: float | None) -> HeldRows:
    """Limit the likelihood ratio of the proposition.

    Returns
    -------
    HeldRows
        The probability is that of the proposition's routes by prior odds and limited ratio,
        times the chance of the proposition given those routes.
    """
    if answer.model.filled.proposition.role not in BOUNDED:
        return HeldRows(answer.probability, np.full(len(answer.probability), math.nan))
    ratio = answer.log10_lr
    limited = ratio if bound is None else np.clip(ratio, -bound, bound)
    with np.errstate(invalid="ignore", over="ignore"):
        odds = log10_prior_odds(answer) + np.where(np.isnan(limited), 0.0, limited)
        probability = role_factor(answer) / (1.0 + 10.0**-odds)
        probability += role_factor(answer, elsewhere=True) / (1.0 + 10.0**odds)
    return HeldRows(probability, limited)


def held_posterior(answer: Answer, bound: float | None) -> np.ndarray:
    """Posterior of the routes with the proposition's ratio limited, of the first row, (Z,).

    Odds among the routes on either side stay.
    """
    now: np.ndarray = answer.posterior[0]
    inside = float(now[answer.inside].sum())
    if bound is None or not 0.0 < inside < 1.0:
        return now
    odds = log10_prior_odds(answer)[0] + np.clip(answer.log10_lr[0], -bound, bound)
    target = 1.0 / (1.0 + 10.0**-odds)
    result: np.ndarray = now * np.where(
        answer.inside, target / inside, (1.0 - target) / (1.0 - inside)
    )
    return result


def log10_prior_odds(answer: Answer) -> np.ndarray:
    """log10 prior odds of the proposition's routes, shape (S,)."""
    mask = answer.inside
    sides = [np.logaddexp.reduce(answer.log_prior[:, m], axis=1) for m in (mask, ~mask)]
    result: np.ndarray = (sides[0] - sides[1]) / LN10
    return result


def role_factor(answer: Answer, *, elsewhere: bool = False) -> np.ndarray:
    """Chance of the proposition given its routes and the evidence, shape (S,); 1 where excluded.

    Parameters
    ----------
    elsewhere : bool
        Given the other routes instead, and 0 where they are excluded: it is not 0 for a victim
        who may not belong to the series.
    """
    mask = ~answer.inside if elsewhere else answer.inside
    weight = (answer.log_prior + answer.log_evidence)[:, mask]
    total = np.logaddexp.reduce(weight, axis=1)
    excluded = np.isneginf(total)
    share = np.exp(weight - np.where(excluded, 0.0, total)[:, None])
    chance = (share * answer.credit[:, mask]).sum(axis=1)
    result: np.ndarray = np.where(excluded, float(not elsewhere), np.clip(chance, 0.0, 1.0))
    return result


def log10_odds(answer: Answer) -> np.ndarray:
    """log10 posterior odds of the proposition, shape (S,), exact where it is all but certain."""
    weight = answer.log_prior + answer.log_evidence
    credit = np.clip(answer.credit, 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        yes = np.logaddexp.reduce(weight + np.log(credit), axis=1)
        no = np.logaddexp.reduce(weight + np.log1p(-credit), axis=1)
        result: np.ndarray = (yes - no) / LN10
    return result


def log10_ratio_against(answer: Answer, against: np.ndarray) -> np.ndarray:
    """log10 ratio of the proposition's routes against some others, shape (S,)."""
    inside, chosen = answer.inside, answer.inside | against
    return log10_ratio(answer.log_prior[:, chosen], answer.log_evidence[:, chosen], inside[chosen])


def likelihood_ratio(
    answer: Answer, against: np.ndarray, *, name: str, bound: float | None
) -> LikelihoodRatio:
    """Return the ratio of the first row against some routes, with its numerical error."""
    value = float(log10_ratio_against(answer, against)[0])
    joint = answer.log_prior[0] + answer.log_evidence[0]
    variance = 0.0
    for side in (answer.inside, against):
        with np.errstate(invalid="ignore"):  # every route of the side may be excluded
            w = np.exp(joint[side] - np.logaddexp.reduce(joint[side], initial=-np.inf))
        variance += float(((np.nan_to_num(w) * answer.error[0, side]) ** 2).sum())
    limit = np.inf if bound is None else bound
    limited = float(np.clip(value, -limit, limit))
    several = bool(answer.inside.sum() > 1 or against.sum() > 1)
    return LikelihoodRatio(name, value, variance**0.5, verbal_scale(limited), several, limited)


def likelihood_ratios(
    answer: Answer, names: Sequence[str], *, bound: float | None
) -> tuple[LikelihoodRatio, ...]:
    """Return the ratios against the routes of each name that the proposition does not hold.

    Parameters
    ----------
    names : sequence of str
        Of every route: its own, or that of its entrance.
    """
    masks = {name: (np.array(names) == name) & ~answer.inside for name in dict.fromkeys(names)}
    return tuple(
        likelihood_ratio(answer, mask, name=name, bound=bound)
        for name, mask in masks.items()
        if mask.any()
    )


def log_odds(answer: Answer, bound: float | None = None) -> np.ndarray:
    """Natural log odds of the proposition, shape (S,).

    Parameters
    ----------
    bound : float, optional
        log10 of the greatest likelihood ratio that they may rest on; without it they are exact
        also where the proposition is all but certain.
    """
    if bound is None:
        return LN10 * log10_odds(answer)
    p = held(answer, bound).probability
    with np.errstate(divide="ignore"):
        result: np.ndarray = np.log(p) - np.log1p(-p)
    return result
