"""What each item adds: against closed forms, and against cases without it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from causation.analyses.evidence_ratios import evidence_ratios
from causation.case import load_case, parse_case
from causation.dossier.assessment import Assessment, assess

SOURCES = ("holder", "trail")
REACHES, TRACED, RATIO, OWN, OTHER = 0.6, 0.2, 0.25, 0.9, 0.4
"""Shares of the holder and of the trail, odds ratio of anonymity, shares of users."""


def ratios_of(assessment: Assessment) -> dict[str, dict[str, float]]:
    found = evidence_ratios(assessment.model, assessment.posterior, assessment.settings)
    return {row.item.id: row.log10_lr for row in found}


def certain_case(*findings: dict[str, Any]) -> Assessment:
    """Single numbers, no misfit, full reliability: nothing is left to integrate."""
    common = {"misfit": 0, "correlation": 0.5, "weight": 1}
    document = {
        "schema": 1,
        "id": "certain",
        "proposition": "holder",
        "standard": 0.5,
        "priors": "neutral",
        "selection": "attempted",
        "exhaustive": True,
        "reference_profile": {"anonymous": 0.5},
        "sources": {
            "holder": {
                "kind": "custodian",
                "holds": ["phone"],
                "disclosure": {"phone": REACHES},
                "membership": {"holder": OWN},
                **common,
            },
            "trail": {
                "kind": "inference",
                "disclosure": {"phone": TRACED},
                "membership": {"holder": OTHER},
                "odds_ratio": {"anonymous": RATIO},
                **common,
            },
        },
        "victims": [
            {
                "id": "plaintiff",
                "disclosed": ["phone"],
                "profile": {"anonymous": True},
                "users_of": {"holder": True},
            }
        ],
        "findings": list(findings),
    }
    return assess(parse_case(json.dumps(document)))


def log10_evidence(assessment: Assessment, source: str) -> float:
    at = assessment.sources.index(source)
    return float(assessment.posterior.log_evidence[at]) / math.log(10.0)


def finding(name: str, holder: float, trail: float, **more: Any) -> dict[str, Any]:
    likelihood = dict(zip(SOURCES, (holder, trail), strict=True))
    return {"id": name, "likelihood": likelihood, "reliability": 1, **more}


def traced(anonymous: float) -> float:
    odds = TRACED / (1.0 - TRACED) * RATIO ** (anonymous - 0.5)
    return float(odds / (1.0 + odds))


def test_closed_form() -> None:
    first, second, repeats = (0.8, 0.1), (0.5, 0.25), 0.3
    found = ratios_of(
        certain_case(
            finding("first", *first, group="both", repeats=repeats),
            finding("second", *second, group="both", repeats=repeats),
            finding("alone", 0.3, 0.6),
        )
    )
    unknown = (traced(0.0) + traced(1.0)) / 2.0
    both = [
        repeats * one + (1.0 - repeats) * one * two
        for one, two in zip(first, second, strict=True)
    ]  # fmt: skip
    wanted = {
        "victims.plaintiff": REACHES * OWN / (traced(1.0) * OTHER),
        "profile.anonymous": unknown / traced(1.0),
        "users_of.holder": OWN / OTHER,
        "findings.alone": 0.3 / 0.6,
        "findings.first": both[0] / both[1] / (second[0] / second[1]),
        "findings.second": both[0] / both[1] / (first[0] / first[1]),
    }
    assert set(found) == set(wanted)
    for name, ratio in wanted.items():
        assert found[name] == {"trail": pytest.approx(math.log10(ratio), abs=1e-9)}, name


def test_an_excluded_source() -> None:
    """One finding excludes: infinite. Two exclude: neither adds anything that can be told."""
    assert ratios_of(certain_case(finding("one", 0.5, 0.0)))["findings.one"] == {"trail": math.inf}
    both = ratios_of(certain_case(finding("one", 0.5, 0.0), finding("two", 0.2, 0.0)))
    assert math.isnan(both["findings.one"]["trail"])
    assert math.isnan(both["findings.two"]["trail"])


def test_hand_reduced_cases() -> None:
    """The same, from whole assessments of files in which the item does not stand."""
    case = load_case("bic-2025-doxxing")
    whole = assess(case)
    found = ratios_of(whole)
    assert "security.platform" not in found
    for kind, name in (("victims", "co_victims"), ("findings", "no_alternative_route")):
        less = assess(case.without(name))
        for source in set(whole.sources) - {"platform"}:
            bans = [
                log10_evidence(a, "platform") - log10_evidence(a, source) for a in (whole, less)
            ]
            error = sum(a.posterior.log10_lr([source])[1] for a in (whole, less))
            value = found[f"{kind}.{name}"][source]
            assert value == pytest.approx(bans[0] - bans[1], abs=4.0 * error + 1e-9), name
            assert abs(value) > 10.0 * error
