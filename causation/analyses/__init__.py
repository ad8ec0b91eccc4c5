"""Computed beyond the posterior: contributions, dependence, bounds, tipping points, inquiries.

The names are loaded on first use: an assessment needs few of the modules. The function `tornado`
is called like its module; take it from there, or from `causation`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causation.analyses.bounds import RobustBounds, robust_bounds
    from causation.analyses.indices import GlobalIndices, global_sensitivity
    from causation.analyses.tipping import TippingPoints, tipping_points
    from causation.analyses.tornado import Tornado

_HOME = {
    "GlobalIndices": "causation.analyses.indices",
    "RobustBounds": "causation.analyses.bounds",
    "TippingPoints": "causation.analyses.tipping",
    "Tornado": "causation.analyses.tornado",
    "global_sensitivity": "causation.analyses.indices",
    "robust_bounds": "causation.analyses.bounds",
    "tipping_points": "causation.analyses.tipping",
}

__all__ = [
    "GlobalIndices",
    "RobustBounds",
    "TippingPoints",
    "Tornado",
    "global_sensitivity",
    "robust_bounds",
    "tipping_points",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
