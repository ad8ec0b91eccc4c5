"""One question a module, over `causation.inference.evaluate`; each is loaded on first use."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causation.analyses import (
        burden,
        carriers,
        claimants,
        contributions,
        dependence,
        if_wrong,
        prior_curve,
        redrawn,
        security,
        sets,
        uncertainty,
        variants,
    )

__all__ = [
    "burden",
    "carriers",
    "claimants",
    "contributions",
    "dependence",
    "if_wrong",
    "prior_curve",
    "redrawn",
    "security",
    "sets",
    "uncertainty",
    "variants",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
