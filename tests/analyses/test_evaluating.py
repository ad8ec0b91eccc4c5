"""Rows are evaluated once, whoever asks, and next to the case as it is."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.evaluating import (
    Once,
    Together,
    draft,
    evaluate_together,
    joined,
    take,
)
from causation.case import load_case
from causation.dossier.assessment import assess
from causation.inference import mcmc
from causation.inference.evaluate import Answer, evaluate
from causation.model.structure import Model, Scenarios, build_model, concatenate
from tests.analyses.tables import Table, answer_of, bic, redraws, shifts


def test_a_row_is_evaluated_once() -> None:
    model = bic()
    table = Table(lambda items, _: float(len(items)))
    once = Once(table)
    rows = model.without([[], ["findings.no_alternative_route"], []])
    first = once(model, rows)
    again = once(model, concatenate([rows, model.without([["security.platform"]])]))
    assert [len(scenarios) for _, scenarios in table.calls] == [2, 1]
    n = len(model.items)
    assert first.log10_lr == pytest.approx([n, n - 1, n])
    assert again.log10_lr == pytest.approx([n, n - 1, n, n - 1])


def test_rows_with_other_numbers_go_with_the_case_as_it_is() -> None:
    model = bic()
    table = Table(lambda _, centers: centers["sources.platform.weight"])
    found = Once(table)(model, model.rows([{"sources.platform.weight": 3.0}]))
    (_, asked) = table.calls[0]
    assert np.array_equal(asked.center[0], model.base().center[0])
    assert found.log10_lr == pytest.approx([np.log(3.0)])


def test_models_are_kept_apart() -> None:
    one, other = bic(), bic()
    table = Table(lambda _items, _centers: 0.0)
    once = Once(table)
    once(one, one.base())
    once(other, other.base())
    assert [model for model, _ in table.calls] == [one, other]


def test_taking_and_joining_rows() -> None:
    answer = answer_of(bic(), [1.0, 2.0, 3.0])
    parts = joined([take(answer, [2]), take(answer, slice(0, 2))])
    assert parts.log10_lr == pytest.approx([3.0, 1.0, 2.0])


def test_models_that_differ_in_numbers_alone_are_one_call() -> None:
    """Prior sets: other numbers, another background; as each is alone."""
    case = load_case("shen-2018")
    models = [build_model(case, priors=name) for name in ("neutral", "claimant", "respondent")]
    other = build_model(case.replace({"victims.plaintiff.not_disclosed": ["email"]}))
    asked = [(m, m.without([[], [m.items[-1].id]])) for m in (*models, other)]
    calls: list[Model] = []

    def counted(model: Model, rows: Scenarios) -> Answer:
        calls.append(model)
        return evaluate(model, rows)

    found = evaluate_together(asked, counted)
    assert calls == [models[0], other]
    assert not np.allclose(models[0].background, models[1].background)
    again = evaluate_together(asked, Once())
    for (model, rows), answer, once in zip(asked, found, again, strict=True):
        alone = evaluate(model, rows)
        np.testing.assert_allclose(once.probability, alone.probability, atol=1e-4)
        assert answer.model is model
        np.testing.assert_allclose(answer.probability, alone.probability, atol=1e-6)
        np.testing.assert_allclose(answer.log_prior, alone.log_prior, atol=1e-12)


def test_several_tables_of_rows_are_one_call() -> None:
    model = build_model("bic-2025-doxxing")
    asked: list[int] = []

    def counted(of: Model, rows: Scenarios) -> Answer:
        asked.append(len(rows))
        return draft(of, rows)

    tables = [
        model.rows([{"sources.platform.weight": w} for w in weights])
        for weights in ((0.5, 1.0), (2.0,))
    ]
    together = Together(counted, model, tables)
    for table in (tables[1], tables[0]):
        found, alone = together(model, table), draft(model, table)
        np.testing.assert_allclose(found.probability, alone.probability, rtol=1e-12)
    assert asked == [3]


def test_redrawn_and_shifted_inputs_are_as_each_by_themselves() -> None:
    a = assess("bic-2025-doxxing")
    assert a.moves is not None
    alone = redraws(a.model, bound=a.bound, random_seed=a.settings.random_seed)
    np.testing.assert_allclose(a.redraws.probability, alone.probability, atol=1e-5)
    for one, other in zip(a.redraws.others, alone.others, strict=True):
        np.testing.assert_allclose(one.probability, other.probability, atol=1e-5)
    shifted = shifts(a.model)
    np.testing.assert_allclose(a.shifts.answer.probability, shifted.answer.probability, atol=1e-5)


def test_rows_that_are_all_known_are_evaluated_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    model = bic()
    table = Table(lambda items, _: float(len(items)))
    monkeypatch.setattr(Once, "_apart", lambda *_: True)
    once = Once(table)
    first = once(model, model.base())
    assert once.drawn(model, model.base()).log10_lr == pytest.approx(first.log10_lr)
    assert len(table.calls) == 1


def test_an_engine_that_draws_answers_for_its_own_row_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its error is that of the case as it is, and of no other row; all of a dossier comes out."""

    def sample(model: Model, *, random_seed: int) -> mcmc.Sampled:
        a = evaluate(model)
        return mcmc.Sampled(
            a.model, a.log_prior, a.log_evidence, a.error, a.credit, a.slow,
            random_seed=random_seed, chance_error=0.25,
        )  # fmt: skip

    monkeypatch.setattr(mcmc, "sample", sample)
    a = assess("shen-2018", engine="mcmc")
    assert a.answer.probability_error.tolist() == [0.25]
    rows = a.model.rows([{}, {"sources.osint.weight": 2.0}])
    assert (a.once(a.model, rows).probability_error < 0.02).all()
    assert a.to_dict()["engine"] == "mcmc"
