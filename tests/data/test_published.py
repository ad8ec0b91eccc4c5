"""The published cases: findings only, every number their own, and Bayes by hand."""

from __future__ import annotations

import math

import pytest
import yaml

from causation.case import Case, Filled, data_path, dump_case, fill, load_case, parse_case

PUBLISHED = ("sally-clark", "three-suspect-burglary", "two-item-network")


def _load(name: str) -> Case:
    return load_case(data_path("published", f"{name}.yaml"))


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_cases_state_every_number_themselves(name: str) -> None:
    case = _load(name)
    filled = fill(case)
    assert (filled.exhaustive, filled.single, filled.groups) == (True, True, ())
    assert {source.name for source in filled.sources} == set(case.sources)
    assert all(filled.number(f"sources.{s}.misfit").center == 0 for s in case.sources)
    for finding in filled.findings:
        assert finding.reliability.mean() == 1
        for number in finding.likelihood.values():
            assert number.is_point
            assert number.origin == "case"
    under = {priors: _posterior(fill(case, priors=priors)) for priors in ("claimant", "respondent")}
    assert under["claimant"] == under["respondent"]
    assert parse_case(dump_case(case)) == case


def _posterior(filled: Filled) -> dict[str, float]:
    """Bayes by hand: weight times the product of the likelihoods, made to add up to 1."""
    joint = {
        source.name: filled.number(f"sources.{source.name}.weight").mean()
        * math.prod(f.likelihood[source.name].mean() for f in filled.findings)
        for source in filled.sources
    }
    total = math.fsum(joint.values())
    answer = {name: value / total for name, value in joint.items()}
    union = filled.proposition.sources
    return answer | {"proposition": math.fsum(answer[name] for name in union)}


def test_published_numbers_follow_from_the_published_cases_by_bayes() -> None:
    text = data_path("published", "expected.yaml").read_text(encoding="utf-8")
    stated = [row for row in yaml.safe_load(text)["results"] if "case" in row]
    # of the rest the answer is not Bayes' rule over stated likelihoods: `selftest` has them
    assert {row["case"] for row in stated} == {*PUBLISHED, "chest-clinic", "guilty-agent"}
    rows = [row for row in stated if row["case"] in PUBLISHED]
    for row in rows:
        for scenario in row["scenarios"]:
            case = _load(row["case"])
            case = case.without(*(f.id for f in case.findings if f.id not in scenario["keep"]))
            changes = scenario.get("likelihood", {})
            case = case.replace({f"findings.{f}.likelihood": table for f, table in changes.items()})
            ours = _posterior(fill(case))
            for name, value in scenario["posterior"].items():
                assert round(ours[name], scenario["decimals"]) == pytest.approx(value, abs=1e-15)
