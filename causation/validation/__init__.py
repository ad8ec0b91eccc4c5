"""Validation: what simulated cases, a second engine and published results say of the model."""

from causation.validation.calibration import CalibrationReport, calibrate
from causation.validation.fit import FitCheck, fit_check

__all__ = ["CalibrationReport", "FitCheck", "calibrate", "fit_check"]
