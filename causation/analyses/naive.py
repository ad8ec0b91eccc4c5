r"""The same evidence, multiplied as if every piece were independent.

Every victim and every field gets latents of its own, so that each probability is replaced by its
mean; every victim is taken to belong to the series, no source to behave otherwise than elicited,
no finding to repeat another. This is what a product of likelihoods does. It serves as a measure
of what dependence is worth (the dependence audit) and as a warning (validation); it is never the
answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, logit_normal_means
from causation.evidence.findings import log_findings
from causation.evidence.series import Series, build_series
from causation.model.density import Density
from causation.model.structure import Model


@dataclass
class _Fresh(At):
    """Numbers at their means: whatever reads one has a latent of its own for it."""

    def share(self, path: str, latent: str, shift: Any = 0.0) -> Any:  # noqa: ARG002
        """A probability, its latent integrated out."""
        return logit_normal_means(self.middle(path) + shift, self.spread(path))

    def shares(
        self, center: Any, sd: Any, *, shared: Any, loading: Any, own: Sequence[str]  # noqa: ARG002
    ) -> Any:  # fmt: skip
        """Probabilities, all of their latents integrated out."""
        return logit_normal_means(center, sd)


def naive_log_evidence(model: Model, *, without: Collection[str] = ()) -> np.ndarray:
    r"""Natural log of the likelihood of every route as if all evidence were independent, (Z,).

    .. math::

        \log L_z = \sum_i n_i \log \frac{\bar P(y_i, x_i, M_i \mid z)}{\bar P(A_i \mid z)}
            + \sum_j \log \bar P_{jz}

    with every elicited share replaced by its mean, linkage 1, misfit 0, and findings multiplied,
    each group of them weighed by its reliability; `without` has ids of items to leave out.
    """

    def present(item: str) -> bool:
        return item not in without

    series = build_series(model.filled, present)
    at = independent(model, series)
    victims = np.zeros(len(model.routes))
    if series.victims:
        for z, route in enumerate(model.routes):
            density = Density(model.places, series, route, model.reach_of[z])
            unlinked = np.zeros(density.uncertain.size)
            victims[z] = np.ravel(density.log_total(at, unlinked))[0]
    found: np.ndarray = (
        victims + log_findings(model.filled, model.routes, at, model.background, present)[0]
    )
    return found


def independent(model: Model, series: Series) -> At:
    """Where all evidence is independent: every victim linked, no finding repeating another."""
    rows = model.base()
    linkages = {"actor.linkage" if v.linkage == "latent" else v.linkage for v in series.victims}
    for path, column in model.columns.items():
        if path in linkages:
            rows.center[:, column], rows.sd[:, column] = np.inf, 0.0
        elif path.startswith("findings.") and path.endswith(".overlap"):
            rows.center[:, column] = 0.0
    return _Fresh(NUMPY, model.places, rows.center, rows.sd, defaultdict(float))
