"""What is remembered of factors is bounded, and nothing hangs on what was forgotten."""

from __future__ import annotations

import copy
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causation.analyses.redrawn import redrawn_rows
from causation.case import Case, fill
from causation.inference import evaluation, quadrature, spreading
from causation.inference.evaluate import evaluate
from causation.inference.integrate import DRAWN
from causation.inference.quadrature import Tables
from causation.model.structure import Model, Scenarios, build_model, concatenate
from causation.scales import Scale

_TREE: dict[str, Any] = {
    "schema": 2,
    "id": "many",
    "jurisdiction": "none",
    "standard": 0.75,
    "proposition": ["platform"],
    "sources": {
        "platform": {"kind": "custodian", "holds": ["phone"]},
        "library": {"kind": "leaked_library"},
        "unknown": {"kind": "residual"},
    },
    "victims": [
        {"id": "p", "plaintiff": True, "disclosed": ["phone", "real_name"]},
        {"id": "v", "count": 3000, "disclosed": ["phone"], "linkage": [0.2, 0.6]},
    ],
}


def test_a_small_memory_changes_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(fill(Case.model_validate(_TREE)))
    rows = concatenate([model.base()] * 3)
    odds = np.array([n.scale is Scale.PROBABILITY for n in model.numbers])
    rows = replace(rows, center=rows.center + np.array([[0.0], [0.1], [-0.2]]) * odds)
    held: list[int] = []
    hold = Tables.hold

    def watched(self: Tables, *args: Any) -> Any:
        found = hold(self, *args)
        held.append(self.held)
        return found

    monkeypatch.setattr(Tables, "hold", watched)
    whole = evaluate(model, rows)
    large, held[:] = max(held), []
    monkeypatch.setattr(quadrature, "HELD", large // 5)
    again = evaluate(model, rows)
    np.testing.assert_array_equal(whole.log_evidence, again.log_evidence)
    np.testing.assert_array_equal(whole.error, again.error)
    assert 0 < max(held) < large // 2  # one of them alone may take more than a fifth


def _drawn(count: int, rows: int) -> tuple[Model, Scenarios]:
    """Rows of some of whom two fields were withheld, each number drawn again."""
    tree = copy.deepcopy(_TREE)
    tree["sources"]["platform"]["holds"] = ["phone", "real_name", "email"]
    tree["victims"][0]["disclosed"] = ["phone", "real_name", "email"]
    tree["victims"][1] = {
        "id": "v", "count": count, "known_by": "exposure",
        "disclosed": ["phone"], "not_disclosed": ["real_name", "email"],
    }  # fmt: skip
    model = build_model(fill(Case.model_validate(tree)))
    return model, redrawn_rows(model, 0.5, rows, random_seed=3)


def test_sums_of_very_many_terms_in_many_rows_take_little_memory() -> None:
    model, rows = _drawn(20, 16)
    tracemalloc.start()
    try:
        evaluate(model, rows, settings=DRAWN)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150 * 2**20


def test_how_much_is_taken_at_a_time_changes_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    model, rows = _drawn(4, 16)
    whole = evaluate(model, rows)
    monkeypatch.setattr("causation.inference.factors._CELLS", 500)
    monkeypatch.setattr("causation.inference.counting._REMEMBERED", 10)
    again = evaluate(model, rows)
    np.testing.assert_allclose(again.log_evidence, whole.log_evidence, rtol=1e-12)
    monkeypatch.setattr("causation.inference.spreading._LARGEST", 1)
    monkeypatch.setattr("causation.inference.evaluation._CELLS", 1)
    again = evaluate(model, rows)
    off = np.abs(again.log_evidence - whole.log_evidence) / np.log(10.0)
    assert (off < 3.0 * whole.error + 1e-9).all()


def test_a_row_that_needs_finer_nodes_leaves_the_others_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, rows = _drawn(4, 16)
    sure = evaluate(model, rows, settings=replace(DRAWN, tolerance=1e-5))
    taken: list[int] = []
    integrate = spreading.integrate_nested

    def watched(tables: Any, plan: Any, route: Any, places: np.ndarray, **given: Any) -> Any:
        taken.append(len(places))
        found = integrate(tables, plan, route, places, **given)
        if found is not None and len(places) == 16:
            found.error[5] = found.value[5] = 1.0
        return found

    monkeypatch.setattr(evaluation, "integrate_nested", watched)
    found = evaluate(model, rows, settings=DRAWN)
    assert {1, 16} <= set(taken)
    off = np.abs(found.log_evidence - sure.log_evidence) / np.log(10.0)
    assert (off < 3.0 * found.error + 1e-6).all()
