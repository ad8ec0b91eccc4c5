"""Findings: single observations with their probability under every source."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causation.evidence.base import logsumexp

__all__ = ["FindingGroup", "finding_group_log_likelihood", "simulate_finding_group"]


@dataclass(frozen=True, eq=False)
class FindingGroup:
    """Findings that stand or fall together.

    Parameters
    ----------
    id : str
        Name of the group.
    findings : tuple of str
        Ids, in the order of the case file.
    log_likelihood : ndarray, shape (findings, sources)
        Natural log of ``P(observed | source)``.
    reliability : float
        Probability that the observations are what they are said to be.
    repeats : float
        Chance that the later findings only repeat the first.
    """

    id: str
    findings: tuple[str, ...]
    log_likelihood: np.ndarray
    reliability: float
    repeats: float


def finding_group_log_likelihood(
    log_likelihood: np.ndarray,
    reliability: np.ndarray | float,
    repeats: np.ndarray | float,
    log_prior: np.ndarray,
) -> np.ndarray:
    """Natural log of the likelihood of a group of findings under every source.

    ``J = d P_1 + (1 - d) prod_j P_j`` and ``L = rho J + (1 - rho) sum_s pi_s J_s``.

    Parameters
    ----------
    log_likelihood : ndarray, shape (..., findings, sources)
        Natural log of ``P(observed | source)``, the first finding first.
    reliability, repeats : float or ndarray, shape (...)
        ``rho`` and ``d``.
    log_prior : ndarray, shape (..., sources)
        Normalised log prior (natural).

    Returns
    -------
    ndarray, shape (..., sources)

    Examples
    --------
    >>> p = np.log([[0.9, 0.2], [0.9, 0.2]])
    >>> out = np.exp(finding_group_log_likelihood(p, 1.0, 0.3, np.log([0.5, 0.5])))
    >>> round(float(out[0] / out[1]), 3)
    9.511
    """
    with np.errstate(divide="ignore"):
        log_rho = np.log(np.asarray(reliability, float))[..., None]
        log_not_rho = np.log1p(-np.asarray(reliability, float))[..., None]
        log_d = np.log(np.asarray(repeats, float))[..., None]
        log_not_d = np.log1p(-np.asarray(repeats, float))[..., None]
    first = log_likelihood[..., 0, :]
    joint = np.logaddexp(log_d + first, log_not_d + log_likelihood.sum(axis=-2))
    anyway = logsumexp(np, log_prior + joint, axis=-1)[..., None]
    result: np.ndarray = np.logaddexp(log_rho + joint, log_not_rho + anyway)
    return result


def simulate_finding_group(
    group: FindingGroup, source: int, log_prior: np.ndarray, rng: np.random.Generator
) -> FindingGroup:
    """Draw what is observed of a group of findings, and of what was not, the complement.

    A finding that was looked for and not made is a finding too, of probability ``1 - P``. The
    first finding is repeated by the rest with probability ``repeats``; so a group of mixed
    outcome shows that it was not, and its `repeats` becomes 0.

    Parameters
    ----------
    group : FindingGroup
        Probabilities of the findings.
    source : int
        The true source; with probability ``1 - reliability`` an independent one, drawn from
        the prior, takes its place.
    log_prior : ndarray, shape (S,)
        Normalised log prior (natural).
    rng : numpy.random.Generator

    Returns
    -------
    FindingGroup
    """
    if rng.random() >= group.reliability:
        source = int(rng.choice(log_prior.size, p=np.exp(log_prior)))
    p = np.exp(group.log_likelihood[:, source])
    made = rng.random(p.size) < p
    if rng.random() < group.repeats:
        made[:] = made[0]
    with np.errstate(divide="ignore"):
        complement = np.log1p(-np.exp(group.log_likelihood))
    return replace(
        group,
        log_likelihood=np.where(made[:, None], group.log_likelihood, complement),
        repeats=group.repeats if made.all() or not made.any() else 0.0,
    )
