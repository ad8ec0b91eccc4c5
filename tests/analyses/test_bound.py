"""The held probability: prior odds times the limited ratio, times the chance of the role."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.bound import held, log10_odds, role_factor, validated_bound
from causation.case import data_path
from tests.analyses.tables import answer_of, bic


def test_the_ratio_is_limited_either_way() -> None:
    rows = held(answer_of(bic(), [3.0, 1.0, -3.0]), 2.0)
    odds = 0.25 * np.array([100.0, 10.0, 0.01])
    assert rows.log10_lr.tolist() == pytest.approx([2.0, 1.0, -2.0])
    assert rows.probability == pytest.approx(odds / (1 + odds))


def test_without_a_bound_nothing_is_limited() -> None:
    answer = answer_of(bic(), [3.0, -1.0])
    assert held(answer, None).probability == pytest.approx(answer.probability)


def test_the_chance_of_the_role_multiplies_what_is_held() -> None:
    answer = answer_of(bic(), [3.0], credit=0.6)
    assert role_factor(answer) == pytest.approx([0.6])
    assert held(answer, 2.0).probability == pytest.approx([0.6 * 25 / 26])
    assert held(answer, 2.0).first.probability == pytest.approx(0.6 * 25 / 26)


def test_an_excluded_proposition_is_held_to_the_bound_too() -> None:
    rows = held(answer_of(bic(), [-np.inf]), 2.0)
    assert rows.probability == pytest.approx([0.0025 / 1.0025])


@pytest.mark.parametrize("role", ["supplied", "sole"])
def test_who_supplied_a_field_has_no_ratio(role: str) -> None:
    model = bic(proposition={"source": "platform", "role": role, "fields": ["phone"]})
    answer = answer_of(model, [5.0], credit=0.9)
    rows = held(answer, 1.0)
    assert np.isnan(rows.log10_lr).all()
    assert rows.probability == pytest.approx(answer.probability)


def test_log_odds_where_all_but_certain() -> None:
    answer = answer_of(bic(), [40.0, -40.0, 0.0])
    assert log10_odds(answer) == pytest.approx(np.log10(0.25) + np.array([40.0, -40.0, 0.0]))


def test_the_bound_is_that_of_the_shipped_file() -> None:
    text = data_path("validated_range.yaml").read_text("utf-8")
    line = next(x for x in text.splitlines() if x.startswith("log10_lr_max:"))
    assert validated_bound() == float(line.split(":")[1])
