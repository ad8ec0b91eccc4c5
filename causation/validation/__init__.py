"""Validation: what simulated cases, a second engine and published results say of the model."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causation.validation.calibration import CalibrationReport, calibrate

__all__ = ["CalibrationReport", "calibrate"]

_HOMES = {
    "CalibrationReport": "calibration",
    "calibrate": "calibration",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that each part can be run as a program."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
