"""The proposition without each item, under every prior set."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from causation.analyses.if_wrong import Without, if_wrong, settled, without_by_variant
from causation.analyses.sets import models_by_set
from causation.analyses.variants import VariantResult
from causation.errors import CaseError
from causation.inference.evaluate import evaluate
from causation.model.structure import Model, build_model
from tests.analyses.tables import Table, bic, case_of


def test_every_item_under_every_set() -> None:
    models = models_by_set(bic())
    some = models["neutral"]
    assert isinstance(some, Model)
    worth = {x.id: 0.1 * (k + 1) for k, x in enumerate(some.items)}

    def rule(items: frozenset[str], centers: Mapping[str, float]) -> float:
        return sum(worth[i] for i in items) - 3.0 + centers["sources.platform.weight"]

    table = Table(rule)
    rows = if_wrong(models, bound=None, evaluate=table)
    assert len(table.calls) == 2  # three sets differ in numbers alone, one has more of them
    assert rows[0].item is None
    assert [r.item.id for r in rows[1:] if r.item] == [x.id for x in some.items]
    for name, model in models.items():
        assert isinstance(model, Model)
        at = model.base().center[0, model.columns["sources.platform.weight"]]
        for row in rows:
            less = worth[row.item.id] if row.item else 0.0
            odds = 0.25 * 10 ** (sum(worth.values()) - less - 3.0 + at)
            assert row.by_set[name].probability == pytest.approx(odds / (1 + odds))
            assert row.by_set[name].meets is bool(odds / (1 + odds) >= 0.75)


def test_a_set_that_does_not_fill_the_case_has_no_column() -> None:
    models: dict[str, Model | CaseError] = {"neutral": bic(), "mine": CaseError("lacks a number")}
    rows = if_wrong(models, bound=None, evaluate=Table(lambda _items, _centers: 0.0))
    assert {name for r in rows for name in r.by_set} == {"neutral"}


def test_the_bound_holds_here_too() -> None:
    rows = if_wrong({"neutral": bic()}, bound=1.0, evaluate=Table(lambda _items, _centers: 3.0))
    assert {round(r.by_set["neutral"].held, 12) for r in rows} == {round(2.5 / 3.5, 12)}


def test_the_only_field_left_out() -> None:
    """Nothing is known of the plaintiff then: alone, the prior stays."""
    other = {"id": "w", "disclosed": ["phone"], "plaintiff": False, "known_by": "exposure"}
    for more in ([], [other]):
        first = {"id": "first", "plaintiff": True, "disclosed": ["phone"]}
        model = build_model(case_of(victims=[first, *more]))
        found = {r.item.id: r for r in if_wrong({"own": model}, bound=None) if r.item}
        left = found["victims.first.fields.phone"].by_set["own"].probability
        if not more:
            assert left == pytest.approx(float(evaluate(model).prior[0]), abs=1e-6)
        assert 0.0 < left < 1.0


def test_against_the_file_without_it() -> None:
    """With the integrator: a field that is not stated is missing."""
    model = build_model("shen-2018")
    rows = {r.item.id: r for r in if_wrong({"own": model}, bound=None) if r.item}
    less = evaluate(build_model(model.filled.case.without("victims.plaintiff.disclosed.phone")))
    found = rows["victims.plaintiff.fields.phone"].by_set["own"].probability
    assert found == pytest.approx(float(less.probability[0]), abs=0.005)


def variant(id: str, p: float | None) -> VariantResult:
    return VariantResult(id, {}, "reading", binding=False, probability=p, held=p, meets=None)


def test_what_is_known_better_stands_in_its_place() -> None:
    rows = if_wrong({"own": bic()}, bound=None, evaluate=Table(lambda _items, _centers: 0.0))
    group = Without(0.2, 0.1, meets=False)
    known = {"": Without(0.9, 0.8, meets=True), "victims.co_victims": group}
    for old, new in zip(rows, settled(rows, {"own": known, "other": {}}), strict=True):
        item = "" if old.item is None else old.item.id
        assert new.item is old.item
        assert new.by_set["own"] == known.get(item, old.by_set["own"])
    assert settled(rows, {}) == rows


def test_variants_that_are_the_case_without_one_item() -> None:
    every = [
        variant("without.g", 0.7), variant("without.lost", None), variant("without_uncertain", 0.1),
        variant("chains_off", 0.2), variant("no_security", 0.8),
    ]  # fmt: skip
    group = {"victims.g": Without(0.7, 0.7, meets=False)}
    record = {"security.shop": Without(0.8, 0.8, meets=True)}
    assert without_by_variant(every, 0.75) == group
    assert without_by_variant(every, 0.75, security=["shop"]) == group | record
    assert without_by_variant(every, 0.75, security=["shop", "bank"]) == group  # of one alone
