"""The expert report: one document, four formats, two languages, every number traceable."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causation.report.verify import Change, Status, Verification, verify_report
    from causation.report.write import FORMATS, write_report, write_reports

_HOME = {
    "FORMATS": "causation.report.write",
    "Change": "causation.report.verify",
    "Status": "causation.report.verify",
    "Verification": "causation.report.verify",
    "verify_report": "causation.report.verify",
    "write_report": "causation.report.write",
    "write_reports": "causation.report.write",
}

__all__ = [
    "FORMATS",
    "Change",
    "Status",
    "Verification",
    "verify_report",
    "write_report",
    "write_reports",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
