"""Small cases in plain Python, for tests that need a case file's way in."""

from __future__ import annotations

import copy
import json
from typing import Any

from causation.case import parse_case, resolve
from causation.case.resolved import ResolvedCase
from causation.dossier.assessment import Assessment, assess
from causation.model.build import Model, build_model

__all__ = ["BASE", "assessed", "document", "model_of_document", "resolved"]

BASE: dict[str, Any] = {
    "schema": 1,
    "id": "small",
    "proposition": "platform",
    "standard": 0.75,
    "incident_date": "2023-10-02",
    "sources": {
        "platform": {
            "kind": "custodian",
            "holds": ["phone", "real_name"],
            "disclosure": {"phone": [0.2, 0.9], "real_name": [0.1, 0.8]},
        },
        "osint": {
            "kind": "inference",
            "disclosure": {"phone": [0.02, 0.3], "real_name": [0.1, 0.6]},
            "odds_ratio": {"anonymous": [0.1, 0.9]},
        },
        "unknown": {"kind": "residual"},
    },
    "victims": [
        {
            "id": "plaintiff",
            "disclosed": ["phone", "real_name"],
            "profile": {"anonymous": True},
            "users_of": {"platform": True},
        },
        {
            "id": "others",
            "count": 4,
            "linkage": [0.7, 0.95],
            "disclosed": ["phone"],
            "profile": {"anonymous": True},
            "users_of": {"platform": True},
        },
    ],
    "findings": [
        {
            "id": "audit",
            "likelihood": {"platform": [0.2, 0.6], "osint": [0.6, 0.9], "unknown": 0.7},
            "reliability": [0.6, 0.95],
            "stage": "rebuttal",
        }
    ],
}


def document(**changes: Any) -> dict[str, Any]:
    """The base case with top-level keys replaced (None removes one)."""
    result = copy.deepcopy(BASE)
    result.update(copy.deepcopy(changes))
    return {key: value for key, value in result.items() if value is not None}


def resolved(**changes: Any) -> ResolvedCase:
    """The base case, changed, read and filled."""
    return resolve(parse_case(json.dumps(document(**changes))))


def model_of_document(**changes: Any) -> Model:
    """The model of the base case, changed."""
    return build_model(resolved(**changes))


def assessed(**changes: Any) -> Assessment:
    """The assessment of the base case, changed."""
    return assess(resolved(**changes))
