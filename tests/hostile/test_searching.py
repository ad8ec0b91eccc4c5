"""The search for hard cases can find what it looks for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causation.case import Case
from tests.hostile import searching
from tests.hostile.searching import climb, harder, score
from tests.reference.random_cases import random_tree


def test_a_harder_case_is_another_and_the_first_is_left_alone() -> None:
    tree = random_tree(3, "many")
    before = repr(tree)
    others = [harder(tree, np.random.default_rng(seed)) for seed in range(20)]
    assert repr(tree) == before
    assert sum(other != tree for other in others) > 15
    read = 0
    for other in others:
        try:
            Case.model_validate(other)
        except ValueError:
            continue
        read += 1
    assert read > 10


def test_an_integrator_that_errs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = random_tree(1, "single")
    right = score(tree)
    assert right is not None
    assert right.errors < searching.SUSPECT

    real = searching.evaluate  # type: ignore[attr-defined]

    def wrong(model: object, **options: object) -> object:
        answer = real(model, **options)  # type: ignore[arg-type]
        off = np.linspace(0.0, 2.0, answer.log_evidence.shape[1])
        return replace(answer, log_evidence=answer.log_evidence + off)

    monkeypatch.setattr(searching, "evaluate", wrong)
    found = score(tree)
    assert found is not None
    assert found.errors > searching.SUSPECT


def test_a_list_by_any_of_fields_that_hardly_anybody_publishes() -> None:
    """One less what rounds to one gave a route 200 bans."""
    tree = random_tree(4022, "not_users")
    shown = ["phone", "real_name", "id_number"]
    tree["actor"] = {"publishes": [1e-6, 0.999], "linkage": [0.5337, 0.9869]}
    tree["victims"] = [
        {"id": "first", "disclosed": shown, "not_users_of": ["shop"], "plaintiff": True},
        {
            "id": "other", "disclosed": shown, "not_users_of": ["shop"],
            "known_by": {"published_any": ["id_number", "real_name"], "traits": ["public_traces"]},
            "traits": {"handle_reuse": False, "public_traces": True},
        },
    ]  # fmt: skip
    tree["sources"] = {
        "shop": {"kind": "custodian", "holds": ["real_name"]},
        "osint": {
            "kind": "inference", "correlation": 0.343,
            "disclosure": {"phone": 0.999, "id_number": [0.0084, 0.3181]},
        },
        "library": {"kind": "leaked_library"},
        "unknown": {"kind": "residual", "weight": [1.14, 3.6752]},
    }  # fmt: skip
    found = score(tree)
    assert found is not None
    assert found.errors <= searching.SUSPECT


@pytest.mark.slow
def test_hard_cases_agree_with_the_reference() -> None:
    for seed in range(8):
        for tree, found in climb(seed, steps=3):
            if found.errors > searching.SUSPECT:
                surely = score(tree, thorough=True)
                assert surely is not None
                assert surely.errors <= searching.SUSPECT, tree
