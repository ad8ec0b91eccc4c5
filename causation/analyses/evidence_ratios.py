"""What each item of evidence adds to the likelihood ratio against each other source.

Likelihood ratios are conditional: the value of an item is the ratio of all the evidence
divided by the ratio of all the evidence without it. The rows do not add up to the whole,
because items depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from causation.analyses.contributions import EvidenceItem, evidence_items
from causation.inference.components import compute_components
from causation.inference.infer import posterior_from_components
from causation.inference.integrate import IntegratorSettings
from causation.inference.posterior import Posterior
from causation.model.build import Model

__all__ = ["EvidenceRatio", "evidence_ratios"]

_KEY = {
    "victims": "without_groups",
    "profile": "without_items",
    "users_of": "without_memberships",
    "findings": "without_findings",
}


@dataclass(frozen=True, slots=True)
class EvidenceRatio:
    """Bans that one item adds to the log10 likelihood ratio, given all the other items.

    Parameters
    ----------
    item : EvidenceItem
    log10_lr : dict of str to float
        By the source against which the proposition stands; nan where a source is excluded
        with the item and without it.
    """

    item: EvidenceItem
    log10_lr: dict[str, float]


def evidence_ratios(
    model: Model, posterior: Posterior, settings: IntegratorSettings
) -> tuple[EvidenceRatio, ...]:
    """Conditional likelihood ratio of every item against every other source.

    The security record is left out: it is part of the prior.

    Parameters
    ----------
    model : Model
    posterior : Posterior
        Of the same model, on all the evidence.
    settings : IntegratorSettings

    Returns
    -------
    tuple of EvidenceRatio
        In stage order.
    """
    items = [i for i in evidence_items(model) if i.kind in _KEY]
    reduced = [model.reduced(**{_KEY[i.kind]: [i.name]}) for i in items]
    against = [s for s, h in zip(model.sources, model.proposition, strict=True) if not h]
    rows = []
    for item, less, components in zip(
        items, reduced, compute_components(reduced, settings), strict=True
    ):
        without = posterior_from_components(less, components, random_seed=settings.random_seed)
        rows.append(EvidenceRatio(item, {s: _difference(posterior, without, s) for s in against}))
    return tuple(rows)


def _difference(whole: Posterior, without: Posterior, against: str) -> float:
    return whole.log10_lr([against])[0] - without.log10_lr([against])[0]
