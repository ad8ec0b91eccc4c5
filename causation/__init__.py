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
    from causation.analyses.verdict import Verdict
    from causation.case import (
        Case,
        build_case,
        bundled_cases,
        convert_case,
        dump_case,
        fill,
        load_case,
        load_prior_set,
        load_standards,
        parse_case,
    )
    from causation.dossier.assessment import Assessment, assess
    from causation.inference.evaluate import Answer, evaluate
    from causation.inference.trees import from_datatree
    from causation.model.simulation import simulate
    from causation.model.structure import Model, build_model
    from causation.notebook.display import show
    from causation.notebook.eliciting import elicit
    from causation.notebook.widgets import explore
    from causation.report.write import write_report, write_reports
    from causation.sweeping.sweep import sweep
    from causation.validation.calibration import calibrate

_HOME = {
    "Answer": "causation.inference.evaluate",
    "Assessment": "causation.dossier.assessment",
    "Case": "causation.case",
    "Model": "causation.model.structure",
    "Verdict": "causation.analyses.verdict",
    "assess": "causation.dossier.assessment",
    "build_case": "causation.case",
    "build_model": "causation.model.structure",
    "bundled_cases": "causation.case",
    "calibrate": "causation.validation.calibration",
    "convert_case": "causation.case",
    "dump_case": "causation.case",
    "elicit": "causation.notebook.eliciting",
    "evaluate": "causation.inference.evaluate",
    "explore": "causation.notebook.widgets",
    "fill": "causation.case",
    "from_datatree": "causation.inference.trees",
    "inquire": "causation.analyses.inquiry",
    "load_case": "causation.case",
    "load_prior_set": "causation.case",
    "load_standards": "causation.case",
    "parse_case": "causation.case",
    "show": "causation.notebook.display",
    "simulate": "causation.model.simulation",
    "sweep": "causation.sweeping.sweep",
    "tipping_points": "causation.analyses.tipping",
    "tornado": "causation.analyses.tornado",
    "write_report": "causation.report.write",
    "write_reports": "causation.report.write",
}

__all__ = [
    "Answer",
    "Assessment",
    "Case",
    "Model",
    "Verdict",
    "__version__",
    "assess",
    "build_case",
    "build_model",
    "bundled_cases",
    "calibrate",
    "convert_case",
    "dump_case",
    "elicit",
    "evaluate",
    "explore",
    "fill",
    "from_datatree",
    "inquire",
    "load_case",
    "load_prior_set",
    "load_standards",
    "parse_case",
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
