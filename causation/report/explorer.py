"""Data for the interactive form: the integrals of the case, which no prior changes.

Where linkage or reliability is below 1 the likelihood itself depends on the prior, so fixed
likelihood ratios would not be exact. The form gets the integrals and does the sums of
`causation.inference.components.mix` and `causation.evidence.findings` itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from causation.report.content.context import Context

__all__ = ["explorer_data"]


def explorer_data(c: Context) -> dict[str, Any]:
    """Everything that the form computes with, as JSON data; minus infinity is null."""
    a = c.assessment
    model, parts = a.model, a.components
    security = np.zeros(len(model.sources))
    for record in model.security:
        security[record.source] += record.log_factor
    return {
        "sources": [
            {
                "name": name,
                "label": c.source(name).text,
                "logWeight": float(model.log_weight[s]),
                "logSecurity": float(security[s]),
                "misfit": float(model.misfit[s]),
                "proposition": bool(model.proposition[s]),
            }
            for s, name in enumerate(model.sources)
        ],
        "logIntegral": _finite(parts.log_integral),
        "states": parts.states.tolist(),
        "multiplicity": parts.multiplicity.tolist(),
        "uncertain": parts.uncertain.tolist(),
        "linkage": [float(model.linkage[g]) for g in parts.first],
        "findings": [
            {
                "logLikelihood": _finite(group.log_likelihood),
                "reliability": group.reliability,
                "repeats": group.repeats,
            }
            for group in model.finding_groups
        ],
        "threshold": a.threshold,
        "spread": c.registry.precision.inputs,
        "text": {
            key: c.language.plain(f"analysis.explorer.{key}")
            for key in ("prior", "posterior", "reached", "not_reached")
        }
        | {
            "of": c.language.plain("analysis.explorer.of", h=c.proposition),
            "semicolon": c.language.raw("format.semicolon"),
            "percent": c.language.raw("format.percent"),
            "less": c.language.raw("format.percent_less"),
            "more": c.language.raw("format.percent_more"),
        },
        "weights": [
            c.language.plain("analysis.explorer.weight", source=c.source(name))
            for name in model.sources
        ],
    }


def _finite(values: np.ndarray) -> Any:
    """Nested lists with null for minus infinity."""

    def walk(x: Any) -> Any:
        if isinstance(x, list):
            return [walk(inner) for inner in x]
        return x if math.isfinite(x) else None

    return walk(values.tolist())
