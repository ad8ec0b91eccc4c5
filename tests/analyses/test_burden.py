"""Stages of the burden: which evidence is in, and what is compared."""

from __future__ import annotations

import pytest

from causation.analyses.burden import burden
from tests.analyses.tables import Table, bic, model_of


def test_stages_and_what_is_in_them() -> None:
    model = bic()
    seen: list[frozenset[str]] = []

    def rule(items: frozenset[str], _: object) -> float:
        seen.append(items)
        return 0.2 * len(items)

    rows = burden(model, bound=None, evaluate=Table(rule))
    late = {"findings.no_alternative_route", "security.platform"}
    everything = {x.id for x in model.items}
    assert [r.stage for r in rows] == ["prior", "prima_facie", "rebuttal"]
    assert seen == [frozenset(), everything - late, everything]
    assert rows[0].probability == pytest.approx(0.2)
    odds = 0.25 * 10 ** (0.2 * len(everything))
    assert rows[2].probability == pytest.approx(odds / (1 + odds))
    assert 10 ** rows[2].log10_odds == pytest.approx(odds)


def test_the_held_probability_is_compared() -> None:
    rows = burden(bic(), bound=1.0, evaluate=Table(lambda items, _: 2.0 * bool(items)))
    assert rows[1].probability == pytest.approx(25 / 26)
    assert rows[1].held == pytest.approx(2.5 / 3.5)
    assert not rows[1].met
    free = burden(bic(), bound=None, evaluate=Table(lambda items, _: 2.0 * bool(items)))
    assert [r.met for r in free] == [False, True, True]


def test_a_case_without_evidence_has_its_prior() -> None:
    rows = burden(model_of(victims=[]), bound=2.0)
    assert [r.stage for r in rows] == ["prior"]
    # a custodian 1, public traces 2, a library 4, unknown .5; the custodian is in no chain's second
    assert rows[0].probability == pytest.approx(1 / 7.5)
