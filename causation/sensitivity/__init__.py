"""How far a conclusion depends on its inputs: sweeps, bounds, tipping points.

The names are loaded on first use: an assessment needs `causation.sensitivity.inputs` alone.
The functions `sweep` and `tornado` are called like their modules; take them from there, or from
`causation`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causation.sensitivity.bounds import RobustBounds, robust_bounds
    from causation.sensitivity.global_indices import GlobalIndices, global_sensitivity
    from causation.sensitivity.streaming import sweep_to_file
    from causation.sensitivity.sweep import DRAFT
    from causation.sensitivity.tipping import TippingPoints, tipping_points
    from causation.sensitivity.tornado import Tornado

_HOME = {
    "DRAFT": "causation.sensitivity.sweep",
    "GlobalIndices": "causation.sensitivity.global_indices",
    "RobustBounds": "causation.sensitivity.bounds",
    "TippingPoints": "causation.sensitivity.tipping",
    "Tornado": "causation.sensitivity.tornado",
    "global_sensitivity": "causation.sensitivity.global_indices",
    "robust_bounds": "causation.sensitivity.bounds",
    "sweep_to_file": "causation.sensitivity.streaming",
    "tipping_points": "causation.sensitivity.tipping",
}

__all__ = [
    "DRAFT",
    "GlobalIndices",
    "RobustBounds",
    "TippingPoints",
    "Tornado",
    "global_sensitivity",
    "robust_bounds",
    "sweep_to_file",
    "tipping_points",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
