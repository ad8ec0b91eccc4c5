"""Shares that go on, against the prior of the routes."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.onward import lowered_to_one, onward_shares
from causation.inference.evaluate import evaluate
from causation.model.structure import Model, build_model
from tests.analyses.tables import bic, case_of


def from_the_prior(model: Model, entrance: str) -> float:
    """Share of an entrance's prior that its chains have."""
    p = np.exp(evaluate(model).log_prior[0])
    mine = [(len(r.sources) == 2, x) for r, x in zip(model.routes, p, strict=True)
            if r.entrance.name == entrance]  # fmt: skip
    return float(sum(x for chain, x in mine if chain) / sum(x for _, x in mine))


TWO = {
    "shop": {"kind": "custodian"},
    "old": {"kind": "leaked_library", "share": 0.3},
    "new": {"kind": "leaked_library", "share": 0.7},
}


@pytest.mark.parametrize("model", [bic(), build_model(case_of(sources=TWO))], ids=["one", "two"])
def test_shares_are_those_of_the_prior(model: Model) -> None:
    assert {r.entrance.name for r in model.routes if len(r.sources) == 2} >= {"osint"}
    for entrance, share in onward_shares(model, model.base()).items():
        assert share[0] == pytest.approx(from_the_prior(model, entrance))


def test_a_security_record_moves_the_share_that_goes_on_to_its_custodian() -> None:
    keys = {
        "sources": {"shop": {"kind": "custodian"}, "traces": {"kind": "inference"}},
        "routes": {"traces/shop": 0.3},
        "security": {"shop": {"incidents": {"count": 3, "years": 4}}},
    }
    model = build_model(case_of(**keys))
    share = onward_shares(model, model.base())["traces"][0]
    assert share == pytest.approx(from_the_prior(model, "traces"))
    plain = build_model(case_of(**{**keys, "security": {}}))
    assert share > onward_shares(plain, plain.base())["traces"][0]


def test_lowering_leaves_alone_what_fits() -> None:
    model = bic()
    rows = lowered_to_one(model, model.base())
    assert np.array_equal(rows.center, model.base().center)


def test_lowering_keeps_the_ratio_of_odds() -> None:
    model = build_model(
        case_of(
            sources={
                "shop": {"kind": "custodian"},
                "other": {"kind": "custodian"},
                "traces": {"kind": "inference"},
            },
            routes={"traces/shop": 0.3, "traces/other": 0.2},
        )
    )
    rows = model.rows([{"routes.traces/shop": 0.9, "routes.traces/other": 0.8}])
    lowered = lowered_to_one(model, rows)
    columns = [model.columns[f"routes.traces/{s}"] for s in ("shop", "other")]
    change = lowered.center[0, columns] - rows.center[0, columns]
    assert change[0] == pytest.approx(change[1])
    assert 0.97 < onward_shares(model, lowered)["traces"][0] <= 1.0
