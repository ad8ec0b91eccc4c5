"""Every number of an assessment, and what they must be to each other."""

from __future__ import annotations

import json
import math
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pytest
import yaml

from causation.analyses.verdict import Verdict, verdict_of_document
from causation.case import load_standards, parse_case
from causation.dossier.assessment import Assessment, assess
from causation.dossier.contract import assessment_json_schema
from causation.errors import CaseError, ImpossibleEvidenceError, InputError
from causation.scales import LN10, verbal_scale
from tests.build import assessed, document, filled
from tests.handmade import dossier

CONTRACT = {
    "case", "proposition", "standard", "prior", "log_evidence", "posterior", "error", "sources",
    "victims", "probability", "log10_lr", "held", "verdict", "because", "variants",
    "range_of_opinion", "notices", "engine", "provenance",
}  # fmt: skip
"""Keys that the case format promises of `assess --json`."""


@pytest.fixture(scope="module")
def small() -> Assessment:
    return assessed()


def finding(platform: float, osint: float, library: float, **more: Any) -> dict[str, Any]:
    likelihood = {"platform": platform, "osint": osint, "library": library}
    return {"id": "f", "about": "platform", "likelihood": likelihood, "reliability": 1, **more}


def test_the_contract(small: Assessment) -> None:
    data = json.loads(json.dumps(small.to_dict(), allow_nan=False))
    assert data.keys() >= CONTRACT
    for key in ("prior", "log_evidence", "posterior", "error"):
        assert list(data[key]) == list(small.routes)
    assert math.fsum(data["posterior"].values()) == pytest.approx(1.0, rel=1e-12)
    assert math.fsum(data["prior"].values()) == pytest.approx(1.0, rel=1e-12)
    assert max(data["error"].values()) < 0.01
    assert data["proposition"]["sources"] == ["platform"]
    assert data["standard"] == {"id": small.standard_id, "threshold": 0.75}
    assert list(data["sources"]) == list(small.sources)
    assert set(data["victims"]) == {"plaintiff", "others"}
    assert {"version", "case_sha256", "prior_set", "prior_set_sha256", "random_seed"} <= data[
        "provenance"
    ].keys()


def test_the_schema_of_the_contract() -> None:
    """What is printed is what is described, and nothing else is."""
    schema = assessment_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    for a in (dossier(), assess("gao-2024")):
        data = json.loads(json.dumps(a.to_dict(), allow_nan=False))
        check.validate(data)
        assert set(data) == set(schema["properties"])
        check.validate(json.loads(json.dumps(a.to_dict(whole=False))))
    for key, wrong in (("verdict", "established"), ("probability", 1.2), ("extra", 1)):
        assert not check.is_valid(data | {key: wrong})
    described = [
        part
        for table in (schema, *schema["$defs"].values())
        for part in table.get("properties", {}).values()
    ]
    assert len(described) > 80


def test_what_the_numbers_are_to_each_other(small: Assessment) -> None:
    """Single routes: the posterior, the ratios and the held probability by hand."""
    data = small.to_dict()
    weight = {r: data["prior"][r] * math.exp(data["log_evidence"][r]) for r in small.routes}
    total = math.fsum(weight.values())
    for route, w in weight.items():
        assert data["posterior"][route] == pytest.approx(w / total, rel=1e-9)
    assert data["probability"] == pytest.approx(weight["platform"] / total, rel=1e-9)
    for other in ("osint", "library"):
        bans = (data["log_evidence"]["platform"] - data["log_evidence"][other]) / LN10
        assert data["log10_lr"][other] == pytest.approx(bans, rel=1e-9, abs=1e-12)
        assert small.bound is not None
        held = max(-small.bound, min(small.bound, bans))
        assert data["verbal"][other] == verbal_scale(held)
    odds = data["probability"] / (1.0 - data["probability"])
    prior = data["prior"]["platform"] / (1.0 - data["prior"]["platform"])
    assert math.log10(odds / prior) == pytest.approx(data["log10_lr"]["rest"], rel=1e-9)
    held = min(data["log10_lr"]["rest"], data["held"]["bound"])
    assert data["held"]["log10_lr"] == pytest.approx(held, rel=1e-12)


def test_parts_of_sources(small: Assessment) -> None:
    for kind in ("entrance", "alone"):
        assert math.fsum(t[kind] for t in small.propositions.values()) == pytest.approx(1.0)
    for f in ("phone", "real_name"):
        sole = math.fsum(t["sole"][f] for t in small.propositions.values())
        assert sole == pytest.approx(1.0)  # no chains: nobody else can have supplied it
    for s, table in small.propositions.items():
        assert table["role"] == pytest.approx(small.posterior[s])


def test_the_verdict_follows_from_the_json_alone(small: Assessment) -> None:
    for a in (small, dossier()):
        data = json.loads(json.dumps(a.to_dict()))
        found = verdict_of_document(data)
        assert found.verdict.value == data["verdict"]
        assert [r.id for r in found.because] == [r["id"] for r in data["because"]]


def test_range_of_opinion_is_the_envelope(small: Assessment) -> None:
    data = small.to_dict()
    values = [data["probability"], *(s["probability"] for s in data["sets"])]
    values += [v["probability"] for v in data["variants"] if v["probability"] is not None]
    assert data["range_of_opinion"] == [min(values), max(values)]


def test_the_held_probability_is_what_is_compared() -> None:
    """A ratio of 10^2.1 is held to 10 where only that was validated."""
    a = dossier(bound=1.0)
    assert any(abs(row.log10) > 1.0 for row in a.likelihood_ratios)
    for row in (*a.likelihood_ratios, a.likelihood_ratio_rest):
        assert row.held == pytest.approx(np.clip(row.log10, -1.0, 1.0))
        assert row.verbal == verbal_scale(row.held)
    for line in a.standards:
        assert line.met == (a.held.probability >= line.standard.threshold)
    assert [r.standard.id for r in a.standards] == [s.id for s in load_standards()]


def test_the_last_stage_is_the_whole_case(small: Assessment) -> None:
    assert [b.stage for b in small.burden] == ["prior", "prima_facie", "rebuttal"]
    assert small.burden[0].probability == pytest.approx(small.prior_probability)
    assert small.burden[-1].probability == pytest.approx(small.probability, abs=2e-3)


def test_what_is_left_out_has_the_number_of_its_variant() -> None:
    """One value, one number: of the answer, of a variant, and of the item that is left out."""
    a = assess("bic-2025-doxxing")
    rows = {"" if row.item is None else row.item.id: row.by_set for row in a.if_wrong}
    for name, other in a.by_set.items():
        assert isinstance(other, Assessment)
        whole = rows[""][name]
        assert (whole.probability, whole.held) == (other.probability, other.held.probability)
        assert whole.meets == (other.held.probability >= other.threshold)
        variants = {v.id: v for v in other.variants}
        for item, variant in (
            ("victims.co_victims", "without.co_victims"),
            ("security.platform", "no_security"),
        ):
            found, same = rows[item][name], variants[variant]
            assert (found.probability, found.held) == (same.probability, same.held)


def test_findings_only() -> None:
    result = assessed(victims=[], findings=[finding(0.9, 0.1, 0.2)])
    expected = np.array(list(result.prior.values())) * [0.9, 0.1, 0.2]
    np.testing.assert_allclose(
        list(result.posterior.values()), expected / expected.sum(), rtol=1e-12
    )
    assert result.victims == {}
    assert max(result.error.values()) == 0.0


EXCLUSIONS = {
    "another": (finding(0.5, 0, 0.5), {"osint"}),
    "all the rest": (finding(0.5, 0, 0), {"osint", "library"}),
    "the proposition": (finding(0, 0.5, 0.5), {"platform"}),
    "the proposition and another": (finding(0, 0, 0.5), {"platform", "osint"}),
}


@pytest.mark.parametrize("name", EXCLUSIONS)
def test_excluded_routes_through_every_number(name: str) -> None:
    """No NaN and no infinity in JSON; an excluded route is null."""
    one, excluded = EXCLUSIONS[name]
    result = assessed(findings=[*document()["findings"], one])
    assert set(result.excluded) == excluded
    data = json.loads(json.dumps(result.to_dict(whole=False), allow_nan=False))
    for route in result.routes:
        for key in ("log_evidence", "posterior", "error"):
            assert (data[key][route] is None) == (route in excluded)
    for other, bans in data["log10_lr"].items():
        if other != "rest":
            assert (bans is None) == bool({other, "platform"} & excluded)
    if "platform" in excluded:
        assert data["probability"] == 0.0
    if name == "all the rest":
        assert data["probability"] == pytest.approx(1.0)


def test_evidence_that_excludes_everything_is_an_error() -> None:
    with pytest.raises(ImpossibleEvidenceError, match="excludes every route"):
        assessed(findings=[finding(0, 0, 0)])


def test_ways_to_name_a_case() -> None:
    case = parse_case(yaml.safe_dump(document(), sort_keys=False))
    assert assess(case).probability == assess(filled()).probability
    assert assess(case, standard=0.99).threshold == 0.99
    assert assess(case, standard="cn-high-probability").standard_id == "cn-high-probability"
    assert assess(case, priors="claimant").filled.priors.id == "claimant"
    for options in ({"priors": "claimant"}, {"standard": 0.9}):
        with pytest.raises(InputError, match="has its prior set and standard already"):
            assess(filled(), **options)
    with pytest.raises(CaseError):
        assess("no-such-case")
    with pytest.raises(InputError, match="no engine 'guess'"):
        assess(case, engine="guess")


def test_seeds() -> None:
    first, again, other = (assess(filled(), random_seed=s) for s in (0, 0, 1))
    assert first.posterior == again.posterior
    difference = abs(first.probability - other.probability)
    assert difference < 5.4 * math.hypot(first.probability_error, other.probability_error) + 1e-6
    assert first.provenance["random_seed"] == 0


def test_verdicts_are_comparisons() -> None:
    assert {v.value for v in Verdict} == {"meets", "meets_not_robustly", "does_not_meet"}
