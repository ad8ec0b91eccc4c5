"""Through which source did personal data leak, how sure can a court be, and why.

The public names are loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from causation.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from causation.analyses.inquiry import inquire
    from causation.analyses.tipping import tipping_points
    from causation.analyses.tornado import tornado
    from causation.case import (
        Case,
        bundled_cases,
        dump_case,
        load_case,
        load_prior_set,
        load_standards,
        parse_case,
        resolve,
    )
    from causation.case.tables import build_case
    from causation.dossier.assessment import Assessment, Verdict, assess
    from causation.inference.infer import infer
    from causation.inference.posterior import Posterior
    from causation.inference.trees import from_datatree
    from causation.model.build import Model, build_model
    from causation.model.simulation import simulate
    from causation.notebook.display import show
    from causation.notebook.widgets import explore
    from causation.report.write import write_report, write_reports
    from causation.sweeping.sweep import sweep
    from causation.validation.calibration import calibrate

_HOME = {
    "Assessment": "causation.dossier.assessment",
    "Case": "causation.case",
    "Model": "causation.model.build",
    "Posterior": "causation.inference.posterior",
    "Verdict": "causation.dossier.assessment",
    "assess": "causation.dossier.assessment",
    "build_case": "causation.case.tables",
    "build_model": "causation.model.build",
    "bundled_cases": "causation.case",
    "calibrate": "causation.validation.calibration",
    "dump_case": "causation.case",
    "explore": "causation.notebook.widgets",
    "from_datatree": "causation.inference.trees",
    "infer": "causation.inference.infer",
    "inquire": "causation.analyses.inquiry",
    "load_case": "causation.case",
    "load_prior_set": "causation.case",
    "load_standards": "causation.case",
    "parse_case": "causation.case",
    "resolve": "causation.case",
    "show": "causation.notebook.display",
    "simulate": "causation.model.simulation",
    "sweep": "causation.sweeping.sweep",
    "tipping_points": "causation.analyses.tipping",
    "tornado": "causation.analyses.tornado",
    "write_report": "causation.report.write",
    "write_reports": "causation.report.write",
}

__all__ = [
    "Assessment",
    "Case",
    "Model",
    "Posterior",
    "Verdict",
    "__version__",
    "assess",
    "build_case",
    "build_model",
    "bundled_cases",
    "calibrate",
    "dump_case",
    "explore",
    "from_datatree",
    "infer",
    "inquire",
    "load_case",
    "load_prior_set",
    "load_standards",
    "parse_case",
    "resolve",
    "show",
    "simulate",
    "sweep",
    "tipping_points",
    "tornado",
    "write_report",
    "write_reports",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'causation' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
