"""How far a conclusion depends on its inputs: sweeps, bounds, tipping points.

The names are loaded on first use: an assessment needs `causation.sensitivity.inputs` alone.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causation.sensitivity.streaming import sweep_to_file
    from causation.sensitivity.sweep import DRAFT, sweep

_HOME = {
    "DRAFT": "causation.sensitivity.sweep",
    "sweep": "causation.sensitivity.sweep",
    "sweep_to_file": "causation.sensitivity.streaming",
}

__all__ = ["DRAFT", "sweep", "sweep_to_file"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
