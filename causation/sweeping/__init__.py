"""Sweeps: the answer over a grid of scenarios.

The names are loaded on first use. The function `sweep` is called like its module; take it from
there, or from `causation`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causation.inference.integrate import DRAFT
    from causation.sweeping.files import sweep_to_file

_HOME = {
    "DRAFT": "causation.inference.integrate",
    "sweep_to_file": "causation.sweeping.files",
}

__all__ = [
    "DRAFT",
    "sweep_to_file",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
