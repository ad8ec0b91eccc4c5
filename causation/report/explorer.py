"""Data for the interactive form: evidence by route, which no prior changes.

What is not of the series is weighed by the frozen background, so the evidence of a route is the
same for every prior weight: the form moves the prior of the routes and does two sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causation.dossier.digits import compared, stated
from causation.scales import finite_or_none

if TYPE_CHECKING:
    from causation.report.content.context import Context


def explorer_data(c: Context) -> dict[str, Any]:
    """Everything that the form computes with, as JSON data; minus infinity is null."""
    a, answer = c.assessment, c.assessment.answer
    classes = list(dict.fromkeys(c.filled.members_of(s) for s in a.sources))
    return {
        "classes": [
            {
                "weight": c.filled.weight_of(members[0]).middle,
                "path": c.filled.weight_of(members[0]).path,
                "label": c.language.plain(
                    "analysis.explorer.weight", source=c.joined(c.source(s) for s in members)
                ),
            }
            for members in classes
        ],
        "routes": [
            {
                "name": route.name,
                "class": next(k for k, m in enumerate(classes) if route.entrance.name in m),
                "logPrior": finite_or_none(answer.log_prior[0, z]),
                "logEvidence": finite_or_none(answer.log_evidence[0, z]),
                "inside": bool(answer.inside[z]),
                "credit": float(answer.credit[0, z]),
            }
            for z, route in enumerate(a.model.routes)
        ],
        "bound": a.bound if a.filled.proposition.role in {"role", "entrance", "alone"} else None,
        "threshold": a.threshold,
        "levels": [[t, float(stated(t).removesuffix(" %"))] for t in (*compared(), a.threshold)],
        "text": {
            key: c.language.plain(f"analysis.explorer.{key}")
            for key in ("prior", "posterior", "reached", "not_reached")
        }
        | {
            "of": c.language.plain("analysis.explorer.of", claim=c.proposition),
            "held": c.language.plain("analysis.explorer.held"),
            "semicolon": c.language.raw("format.semicolon"),
            "percent": c.language.raw("format.percent"),
        },
    }
