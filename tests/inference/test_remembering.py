"""What is remembered of factors is bounded, and nothing hangs on what was forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causation.case import Case, fill
from causation.inference import quadrature
from causation.inference.evaluate import evaluate
from causation.inference.quadrature import Tables
from causation.model.structure import build_model, concatenate
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
    monkeypatch.setattr(quadrature, "_HELD", large // 5)
    again = evaluate(model, rows)
    np.testing.assert_array_equal(whole.log_evidence, again.log_evidence)
    np.testing.assert_array_equal(whole.error, again.error)
    assert 0 < max(held) < large // 2  # one of them alone may take more than a fifth
