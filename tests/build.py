"""Small cases in plain Python, for tests that need a case file's way in."""

from __future__ import annotations

import copy
import json
from typing import Any

from causation.case import Filled, fill, parse_case
from causation.dossier.assessment import Assessment, assess
from causation.model.structure import Model, build_model

__all__ = ["BASE", "assessed", "document", "filled", "model_of_document"]

BASE: dict[str, Any] = {
    "schema": 2,
    "id": "small",
    "jurisdiction": "none",
    "proposition": "platform",
    "standard": 0.75,
    "incident_date": "2023-10-02",
    "exhaustive": True,
    "routes": "single",
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
        "library": {
            "kind": "leaked_library",
            "disclosure": {"phone": [0.3, 0.8], "real_name": [0.3, 0.8]},
        },
    },
    "victims": [
        {
            "id": "plaintiff",
            "plaintiff": True,
            "disclosed": ["phone", "real_name"],
            "traits": {"anonymous": True},
            "users_of": ["platform"],
        },
        {
            "id": "others",
            "count": 4,
            "linkage": [0.7, 0.95],
            "disclosed": ["phone"],
            "traits": {"anonymous": True},
            "known_by": "exposure",
        },
    ],
    "findings": [
        {
            "id": "audit",
            "about": "platform",
            "likelihood": {"platform": [0.2, 0.6], "osint": [0.6, 0.9], "library": 0.7},
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


def filled(**changes: Any) -> Filled:
    """The base case, changed, read and filled."""
    return fill(parse_case(json.dumps(document(**changes))))


def model_of_document(**changes: Any) -> Model:
    """The model of the base case, changed."""
    return build_model(filled(**changes))


def assessed(**changes: Any) -> Assessment:
    """The assessment of the base case, changed."""
    return assess(filled(**changes))
