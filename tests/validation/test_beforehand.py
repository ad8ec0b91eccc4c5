"""Drawn cases written as case files, and the table of what is said of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from causation.analyses.verdict import Verdict
from causation.case import fill, parse_case
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from causation.validation.designs import designs
from causation.validation.worlds import WORLDS, Setting
from tests.benchmarks.beforehand import Seen, case_file, table


@pytest.mark.parametrize("design", [0, 12, 18])
def test_a_drawn_case_as_a_file_has_the_same_answer(design: int) -> None:
    setting = Setting.of(designs()[design], WORLDS["as elicited"])
    assert setting is not None
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(6):
        drawn = setting.draw(rng)
        document = case_file(setting.document, drawn.filled)
        if document is None:
            assert not all(g.disclosed for g in drawn.filled.groups)
            continue
        found += 1
        mine = evaluate(build_model(drawn.filled))
        theirs = evaluate(build_model(fill(parse_case(json.dumps(document)))))
        np.testing.assert_allclose(theirs.posterior, mine.posterior, atol=0.005)
    assert found


def test_table() -> None:
    seen = [
        Seen("w", False, Verdict.MEETS, 0.8, ()),
        Seen("w", False, Verdict("meets_not_robustly"), 0.3, ("chains_off",)),
        Seen("w", True, Verdict.MEETS, 0.7, ()),
    ]
    row = table(seen).splitlines()[-1]
    assert row == "| w | 2 | 1 | 1 | chains_off (1) | 1 | 1 |"
