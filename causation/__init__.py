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

_HOMES = {
    "causation.analyses.inquiry": "inquire",
    "causation.analyses.tipping": "tipping_points",
    "causation.analyses.tornado": "tornado",
    "causation.analyses.verdict": "Verdict",
    "causation.case": "Case build_case bundled_cases convert_case dump_case fill load_case "
    "load_prior_set load_standards parse_case",
    "causation.dossier.assessment": "Assessment assess",
    "causation.inference.evaluate": "Answer evaluate",
    "causation.inference.trees": "from_datatree",
    "causation.model.simulation": "simulate",
    "causation.model.structure": "Model build_model",
    "causation.notebook.display": "show",
    "causation.notebook.eliciting": "elicit",
    "causation.notebook.widgets": "explore",
    "causation.report.write": "write_report write_reports",
    "causation.sweeping.sweep": "sweep",
    "causation.validation.calibration": "calibrate",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

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
