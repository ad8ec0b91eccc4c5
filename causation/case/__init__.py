"""Cases: reading, checking, filling from prior sets, changing, writing, and the data shipped.

Names are loaded when they are first asked for, so that the rooms above can use the parts of
this one that they need without the whole schema.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causation.case.building import build_case
    from causation.case.convert import convert_case
    from causation.case.files import load_case, parse_case
    from causation.case.filled import Filled, Proposition
    from causation.case.filling import fill
    from causation.case.headings import victims_template
    from causation.case.library import (
        bundled_cases,
        bundled_prior_sets,
        load_fields,
        load_inquiries,
        load_standards,
        load_templates,
        load_traits,
    )
    from causation.case.priors import PriorSet, load_prior_set, parse_prior_set
    from causation.case.schema import Case
    from causation.case.tables import read_victims
    from causation.case.writing import (
        case_json_schema,
        dump_case,
        dump_prior_set,
        prior_set_json_schema,
        starter_case,
    )
    from causation.document.shipped import data_path
    from causation.document.terms import SourceKind

__all__ = ["Case", "Filled", "PriorSet", "Proposition", "SourceKind", "build_case",
           "bundled_cases", "bundled_prior_sets", "case_json_schema", "convert_case", "data_path",
           "dump_case", "dump_prior_set", "fill", "load_case", "load_fields", "load_inquiries",
           "load_prior_set", "load_standards", "load_templates", "load_traits", "parse_case",
           "parse_prior_set", "prior_set_json_schema", "read_victims", "starter_case",
           "victims_template"]  # fmt: skip

_HOMES = {
    "causation.case.building": "build_case",
    "causation.case.convert": "convert_case",
    "causation.case.files": "load_case parse_case",
    "causation.case.filled": "Filled Proposition",
    "causation.case.filling": "fill",
    "causation.case.headings": "victims_template",
    "causation.case.library": "bundled_cases bundled_prior_sets load_fields "
    "load_inquiries load_standards load_templates load_traits",
    "causation.case.priors": "PriorSet load_prior_set parse_prior_set",
    "causation.case.schema": "Case",
    "causation.case.tables": "read_victims",
    "causation.case.writing": "case_json_schema dump_case dump_prior_set prior_set_json_schema "
    "starter_case",
    "causation.document.shipped": "data_path",
    "causation.document.terms": "SourceKind",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
