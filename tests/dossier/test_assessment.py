"""Every number of an assessment: verdicts, ratios, stages, exclusions, and the JSON contract."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
import yaml

from causation.analyses.redrawn import InputSensitivity
from causation.case import bundled_cases, load_standards, parse_case
from causation.dossier.assessment import Assessment, Verdict, assess
from causation.errors import CaseError, ImpossibleEvidenceError, InputError, RefusalError
from causation.inference import infer
from causation.inference.integrate import IntegratorSettings
from causation.scales import LN10, verbal_scale
from tests.build import assessed, document, resolved

CONTRACT = {
    "case", "proposition", "standard", "prior", "log_evidence", "posterior", "probability",
    "log10_lr", "verdict", "error", "engine", "provenance",
}  # fmt: skip
"""Keys that the case format promises of `assess --json`."""


def finding(platform: float, osint: float, unknown: float, **more: Any) -> dict[str, Any]:
    likelihood = {"platform": platform, "osint": osint, "unknown": unknown}
    return {"id": "f", "likelihood": likelihood, "reliability": 1, **more}


def with_sensitivity(base: Assessment, *, probability: float, redrawn: np.ndarray) -> Assessment:
    """The same assessment with another posterior and other redrawn inputs."""
    rest = np.array([1.0, *([(1.0 - probability) / probability / 2.0] * 2)])
    log_evidence = np.log(rest) - base.posterior.log_prior
    posterior = dataclasses.replace(
        base.posterior, log_evidence_replicates=np.tile(log_evidence, (8, 1))
    )
    result = dataclasses.replace(base, posterior=posterior)
    result.__dict__["input_sensitivity"] = InputSensitivity(redrawn, base.threshold, 0.5, 1)
    return result


@pytest.mark.parametrize(
    ("probability", "lowest", "verdict"),
    [
        (0.9, 0.8, Verdict.ESTABLISHED),
        (0.9, 0.5, Verdict.NOT_ROBUSTLY),
        (0.7, 0.9, Verdict.NOT_ESTABLISHED),
        (0.7, 0.1, Verdict.NOT_ESTABLISHED),
    ],
)
def test_verdict(probability: float, lowest: float, verdict: Verdict) -> None:
    """Met; met and met at the lower end of the redrawn inputs; or a fact in doubt."""
    redrawn = np.concatenate([np.full(10, lowest), np.full(90, 0.95)])
    result = with_sensitivity(assessed(), probability=probability, redrawn=redrawn)
    assert result.probability == pytest.approx(probability, rel=1e-12)
    assert result.verdict is verdict


def test_a_few_bad_draws_do_not_make_it_fragile() -> None:
    """Four in a hundred lie outside the central 90 % interval; six do not."""
    for bad, verdict in ((4, Verdict.ESTABLISHED), (6, Verdict.NOT_ROBUSTLY)):
        redrawn = np.concatenate([np.full(bad, 0.1), np.full(100 - bad, 0.95)])
        result = with_sensitivity(assessed(), probability=0.9, redrawn=redrawn)
        assert result.verdict is verdict
        assert result.input_sensitivity.share == pytest.approx(1.0 - bad / 100)


def test_the_threshold_itself_meets_the_standard() -> None:
    result = assessed()
    exact = dataclasses.replace(
        result, case=dataclasses.replace(result.case, threshold=result.probability)
    )
    assert exact.meets_standard


def test_the_bundled_cases_have_an_answer() -> None:
    for name in bundled_cases():
        result = assess(name)
        data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        assert data.keys() >= CONTRACT
        assert math.fsum(data["posterior"].values()) == pytest.approx(1.0, rel=1e-12)
        assert math.fsum(data["prior"].values()) == pytest.approx(1.0, rel=1e-12)
        assert max(data["error"].values()) < 0.01


def test_the_contract() -> None:
    result = assessed()
    data = result.to_dict()
    sources = {"platform", "osint", "unknown"}
    assert data["proposition"] == ["platform"]
    assert data["standard"] == {"id": result.case.standard_id, "threshold": 0.75}
    for key in ("prior", "log_evidence", "posterior", "error"):
        assert data[key].keys() == sources
    assert data["log10_lr"].keys() == sources - {"platform"}
    assert data["engine"] == "integrate"
    assert {"version", "case_sha256", "prior_set", "random_seed"} <= data["provenance"].keys()
    # what the numbers must be to each other
    for other, bans in data["log10_lr"].items():
        expected = (data["log_evidence"]["platform"] - data["log_evidence"][other]) / LN10
        assert bans == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert data["verbal"][other] == verbal_scale(bans)
    weight = {s: data["prior"][s] * math.exp(data["log_evidence"][s]) for s in sources}
    assert data["probability"] == pytest.approx(
        weight["platform"] / math.fsum(weight.values()), rel=1e-9
    )
    odds = data["probability"] / (1.0 - data["probability"])
    prior = data["prior"]["platform"] / (1.0 - data["prior"]["platform"])
    assert math.log10(odds / prior) == pytest.approx(data["log10_lr_rest"], rel=1e-9)


def test_what_depends_on_the_prior_says_so() -> None:
    one = assessed()
    assert not any(r.depends_on_prior for r in assessed(findings=[], victims=[]).likelihood_ratios)
    assert one.likelihood_ratio_rest.depends_on_prior
    union = assessed(proposition=["platform", "osint"])
    assert all(r.depends_on_prior for r in union.likelihood_ratios)
    assert [r.against for r in union.likelihood_ratios] == ["unknown"]


def test_a_union_has_the_sum_of_the_probabilities() -> None:
    one, union = assessed(), assessed(proposition=["platform", "osint"])
    assert union.probability == pytest.approx(float(one.posterior.probability[:2].sum()), rel=1e-9)


def test_the_whole_table_of_standards() -> None:
    result = assessed()
    assert [r.standard.id for r in result.standards] == [s.id for s in load_standards()]
    for row in result.standards:
        assert row.met == (result.probability >= row.standard.threshold)


def test_burden_by_stage() -> None:
    """Every stage is the joint model on the evidence so far."""
    doc = document()
    doc["victims"][1]["stage"] = "reply"
    security = {"platform": {"incidents": {"count": 2, "years": 1}, "stage": "rebuttal"}}
    result = assessed(victims=doc["victims"], security=security)
    assert [b.stage for b in result.burden] == ["prior", "prima_facie", "rebuttal", "reply"]
    bare = result.model.reduced(
        without_groups=["plaintiff", "others"],
        without_security=["platform"],
        without_findings=["audit"],
    )
    first = result.model.reduced(
        without_groups=["others"], without_security=["platform"], without_findings=["audit"]
    )
    second = result.model.reduced(without_groups=["others"])
    for row, model in zip(result.burden, (bare, first, second, result.model), strict=True):
        expected = infer(model).proposition_probability
        assert row.probability == pytest.approx(expected, rel=1e-6)
        assert row.log10_odds == pytest.approx(math.log10(expected / (1 - expected)), abs=1e-6)
        assert row.met == (row.probability >= 0.75)


def test_stages_without_evidence_are_left_out() -> None:
    assert [b.stage for b in assessed(findings=[]).burden] == ["prior", "prima_facie"]
    assert [b.stage for b in assessed(findings=[], victims=[]).burden] == ["prior"]


def test_findings_only() -> None:
    result = assessed(victims=[], findings=[finding(0.9, 0.1, 0.2)])
    prior = result.posterior.prior
    expected = prior * [0.9, 0.1, 0.2]
    np.testing.assert_allclose(result.posterior.probability, expected / expected.sum(), rtol=1e-12)
    assert result.dependence.co_victims == ()
    assert result.posterior.error.max() == 0.0


EXCLUSIONS = {
    "another": (finding(0.5, 0, 0.5), {"osint"}),
    "all the rest": (finding(0.5, 0, 0), {"osint", "unknown"}),
    "the proposition": (finding(0, 0.5, 0.5), {"platform"}),
    "the proposition and another": (finding(0, 0, 0.5), {"platform", "osint"}),
}


@pytest.mark.parametrize("name", EXCLUSIONS)
def test_excluded_sources_through_every_number(name: str) -> None:
    """No NaN, no infinity in JSON, and the finding is named."""
    one, excluded = EXCLUSIONS[name]
    result = assessed(findings=[*document()["findings"], one])
    assert dict(result.excluded) == dict.fromkeys(sorted(excluded, key=result.sources.index), "f")
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    for source in result.sources:
        gone = source in excluded
        assert (data["log_evidence"][source] is None) == gone
        assert (data["posterior"][source] == 0.0) == gone
        assert data["error"][source] >= 0.0
    for other, bans in data["log10_lr"].items():
        assert (bans is None) == bool({other, "platform"} & excluded)
    if "platform" in excluded:
        assert data["probability"] == 0.0
        assert data["verdict"] == "not_established"
        assert data["prior_at_standard"] is None
        assert data["input_sensitivity"]["interval"] == [0.0, 0.0]
    if name == "all the rest":
        assert data["probability"] == 1.0
        assert data["verdict"] == "established"
    if name == "the proposition and another":
        assert data["verbal"]["osint"] == "none"


def test_memberships_that_exclude() -> None:
    doc = document()
    doc["sources"]["osint"] |= {"membership": {"platform": 0}, "misfit": 0}
    result = assessed(sources=doc["sources"], victims=doc["victims"][:1])
    assert dict(result.excluded) == {"osint": "users_of"}


def test_evidence_that_excludes_everything_is_an_error() -> None:
    with pytest.raises(ImpossibleEvidenceError, match="excludes every source"):
        assessed(findings=[finding(0, 0, 0)])


def test_attempted_may_list_failures() -> None:
    """A target of whom nothing was disclosed counts against what discloses much."""
    doc = document()
    failure = {"id": "failure", "count": 30, "linkage": 1, "not_disclosed": ["phone", "real_name"]}
    less = assessed(selection="attempted", victims=doc["victims"])
    more = assessed(selection="attempted", victims=[*doc["victims"], failure])
    ratio = more.posterior.log_evidence[0] - more.posterior.log_evidence[1]
    assert ratio < less.posterior.log_evidence[0] - less.posterior.log_evidence[1]


def test_ways_to_name_a_case() -> None:
    text = yaml.safe_dump(document(), sort_keys=False)
    case = parse_case(text)
    one, two = assess(case), assess(resolved())
    assert one.probability == two.probability
    assert assess(case, standard=0.99).threshold == 0.99
    assert assess(case, standard="cn-high-probability").case.standard_id == "cn-high-probability"
    assert assess(case, priors="claimant").case.prior_set == "claimant"
    for options in ({"priors": "claimant"}, {"standard": 0.9}):
        with pytest.raises(InputError, match="has its prior set and standard already"):
            assess(resolved(), **options)
    with pytest.raises(CaseError):
        assess("no-such-case")


def test_settings_and_seeds() -> None:
    settings = IntegratorSettings(points=65521, replicates=2, tolerance=1e-9, limit=1e-9)
    with pytest.raises(RefusalError, match="stays above"):
        assess(resolved(), settings=settings)
    first, again, other = (assess(resolved(), random_seed=s) for s in (0, 0, 1))
    assert first.to_dict() == again.to_dict()
    assert first.probability != other.probability
    difference = abs(first.probability - other.probability)
    assert difference < 5.4 * math.hypot(first.probability_error, other.probability_error) + 1e-6
    assert first.provenance["random_seed"] == 0


def test_prior_sets_do_not_touch_what_the_case_states() -> None:
    case = parse_case(yaml.safe_dump(document(), sort_keys=False))
    one, two = (assess(case, priors=p) for p in ("claimant", "respondent"))
    np.testing.assert_array_equal(one.model.field_center[:2], two.model.field_center[:2])
    assert one.posterior.prior[0] != two.posterior.prior[0]


def test_single_numbers_exactly() -> None:
    """With every interval a number and linkage 1 the answer is arithmetic."""
    doc = document()
    p = {"platform": (0.6, 0.3), "osint": (0.2, 0.5), "unknown": (0.5, 0.5)}
    weight = {"platform": 1.0, "osint": 2.5, "unknown": 0.4}
    for name, source in doc["sources"].items():
        source.pop("odds_ratio", None)
        source |= {
            "weight": weight[name],
            "disclosure": dict(zip(("phone", "real_name"), p[name], strict=True)),
            "membership": {"platform": 0.9 if name == "platform" else 0.7},
            "misfit": 0,
        }
    victims = [
        {
            "id": "all",
            "count": 7,
            "disclosed": ["phone"],
            "not_disclosed": ["real_name"],
            "users_of": {"platform": True},
            "linkage": 1,
        }
    ]
    result = assessed(sources=doc["sources"], victims=victims, findings=[finding(0.3, 0.4, 0.5)])
    like = {
        s: (a * (1 - b) * (0.9 if s == "platform" else 0.7) / (1 - (1 - a) * (1 - b))) ** 7
        for s, (a, b) in p.items()
    }
    f = {"platform": 0.3, "osint": 0.4, "unknown": 0.5}
    total = math.fsum(weight[s] * like[s] * f[s] for s in p)
    for i, s in enumerate(p):
        assert result.posterior.probability[i] == pytest.approx(
            weight[s] * like[s] * f[s] / total, rel=1e-12
        )
        assert result.posterior.log_evidence[i] == pytest.approx(
            math.log(like[s] * f[s]), rel=1e-12
        )
