"""A quick share of the load: what is too large is refused by name, what is large is answered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from causation.case import parse_case
from causation.dossier.assessment import assess
from causation.scales import LN10
from tests.hostile.loads import LOADS, MOST_MIB, large_case, run_load
from tests.hostile.outcomes import check_message, check_result, run_command


@pytest.mark.parametrize(
    ("name", "named"), [("1001 sources", "at most 1000"), ("10001 groups", "at most 10000")]
)
def test_what_is_too_large_is_refused_by_name(name: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_text(LOADS[name][0], encoding="utf-8")
    run = run_command("assess", file, "--json")
    assert run.code == 2
    check_message(run.err.removesuffix("\n"))
    assert named in run.err


@pytest.mark.parametrize("name", ["10^6 victims in one group", "10^6 victims in 1000 like groups"])
def test_many_victims_are_answered_in_bounded_memory(name: str) -> None:
    figure = run_load(LOADS[name][0], whole=False)
    assert figure.code == 0, figure.message
    assert figure.mib < 1024.0
    check_result(json.loads(figure.out))


def test_like_groups_are_one_group() -> None:
    """What a group is worth does not depend on into how many its members were written."""
    one, many = (
        assess(parse_case(large_case(groups=groups, count=count)))
        for groups, count in ((1, 1000), (1000, 1))
    )
    error = np.hypot(one.probability_error, many.probability_error)
    assert abs(one.probability - many.probability) < max(5.0 * error, 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["20 different victims", "200 different victims"])
def test_many_different_victims_are_answered_to_the_stated_error(name: str) -> None:
    figure = run_load(LOADS[name][0], whole=False, limit=1800.0)
    assert figure.code == 0, figure.message
    assert figure.mib < MOST_MIB
    result = json.loads(figure.out)
    check_result(result)
    near = max(x for x in result["log_evidence"].values() if x is not None) - 20.0 * LN10
    assert all(
        result["error"][route] < 0.01 for route, x in result["log_evidence"].items() if x > near
    )


@pytest.mark.slow
def test_a_case_with_many_of_everything_is_answered(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    text = large_case(sources=8, findings=60, groups=60, kinds=4)
    file.write_text(text, encoding="utf-8")
    run = run_command("assess", file, "--json")
    assert run.code == 0, run.err
    check_result(json.loads(run.out))
