r"""The same evidence, multiplied as if every piece were independent.

Every victim and every field gets latents of its own, so each probability is replaced by its
mean; every group is taken to belong to the series, no source to behave otherwise than elicited,
no finding to repeat another. This is what a product of likelihoods does. It serves as a measure
of what dependence is worth (the dependence audit) and as a warning (validation); it is never
the answer.
"""

from __future__ import annotations

import math

import numpy as np

from causation.evidence.base import Branch
from causation.evidence.disclosure import DISCLOSURE, Statistics, series_log_likelihood
from causation.evidence.findings import finding_group_log_likelihood
from causation.evidence.membership import membership_log_likelihood
from causation.model.build import Model
from causation.scales import logit_normal_mean

__all__ = ["naive_log_evidence"]


def naive_log_evidence(model: Model) -> np.ndarray:
    r"""Natural log of the likelihood of every source as if all evidence were independent.

    .. math::

        \log L_s = \sum_g n_g \Big[\log \bar Q_{sg} + \sum_c \log \bar M_{sgc}
            - \log \bar Z_s\Big] + \sum_j \log \bar P_{js}

    with every :math:`p` in ``Q``, ``M`` and ``Z`` replaced by its mean over latents of its own
    (unknown profile items are still averaged over), linkage 1, misfit 0, and findings
    multiplied, each group of them weighed by its reliability.

    Parameters
    ----------
    model : Model

    Returns
    -------
    ndarray, shape (S,)

    See Also
    --------
    causation.inference.infer : the likelihood with its dependence.
    """
    victims = [_disclosure(model, s) + _membership(model, s) for s in range(len(model.sources))]
    total: np.ndarray = np.array(victims) + _findings(model)
    return total


def _mean_logit(center: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Logit of the mean of ``logistic(center + sd z)``, elementwise; infinite centres stay."""
    flat = [
        m if math.isinf(m) else math.log(logit_normal_mean(m, s) / logit_normal_mean(-m, s))
        for m, s in zip(center.ravel().tolist(), sd.ravel().tolist(), strict=True)
    ]
    return np.array(flat, dtype=float).reshape(center.shape)


def _disclosure(model: Model, source: int) -> float:
    if not model.fields or not model.groups:
        return 0.0
    center, sd, _, effect, effect_sd, cells = DISCLOSURE.parameters(model, source, Branch.ELICITED)
    middle = center + (cells.offsets @ effect)[:, None]
    spread = np.sqrt(sd**2 + ((cells.offsets**2) @ (effect_sd**2))[:, None])
    with np.errstate(divide="ignore"):
        log_weight = np.log(cells.group_weight)
    none = np.zeros_like(middle)
    statistics = Statistics(
        disclosed=none,
        withheld=none,
        mixed_count=model.count,
        mixed_disclosed=model.disclosed,
        mixed_withheld=model.withheld,
        mixed_log_weight=log_weight,
        mixed_blank=DISCLOSURE.blank(model).astype(float),
        exposed=np.asarray(model.count.sum() if model.selected else 0.0),
        reference_weight=cells.reference_weight,
    )
    logit = _mean_logit(middle, np.broadcast_to(spread, middle.shape))
    return float(series_log_likelihood(np, logit, statistics, selected=model.selected))


def _membership(model: Model, source: int) -> float:
    logit = _mean_logit(model.member_center[source], model.member_sd[source])
    users = np.where(model.user == 1.0, model.count[:, None], 0.0).sum(axis=0)
    others = np.where(model.user == 0.0, model.count[:, None], 0.0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return float(membership_log_likelihood(np, logit, users, others).sum())


def _findings(model: Model) -> np.ndarray:
    total = np.zeros(len(model.sources))
    for group in model.finding_groups:
        total = total + finding_group_log_likelihood(
            group.log_likelihood, group.reliability, 0.0, model.log_prior
        )
    return total
