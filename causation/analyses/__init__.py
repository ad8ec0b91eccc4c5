"""One question a module, over `causation.inference.evaluate`; each is loaded on first use.

Throughout, ``case`` is whatever a model can be built of, ``options`` are its prior set and standard
in place of its own (``priors``, ``standard``), and ``evaluate`` goes from a model and rows to an
answer, of which the first row is the case as it is. ``bound`` is the log10 of the greatest
likelihood ratio, either way, that a conclusion may rest on; None for no limit. Labels are
mappings from a language to a text.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causation.analyses import (
        bounds,
        burden,
        carriers,
        claimants,
        contributions,
        dependence,
        if_wrong,
        indices,
        prior_curve,
        redrawn,
        security,
        sets,
        tipping,
        tornado,
        uncertainty,
        variants,
    )

__all__ = [
    "bounds",
    "burden",
    "carriers",
    "claimants",
    "contributions",
    "dependence",
    "if_wrong",
    "indices",
    "prior_curve",
    "redrawn",
    "security",
    "sets",
    "tipping",
    "tornado",
    "uncertainty",
    "variants",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
