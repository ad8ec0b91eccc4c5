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
from causation.case.files import parse_case
from causation.evidence.series import build_series
from causation.inference import evaluation, problem, quadrature, spreading, strangers
from causation.inference.evaluate import _of_one_series, evaluate, key_of
from causation.inference.evaluation import present_in
from causation.inference.integrate import DRAWN
from causation.inference.memo import Memo
from causation.inference.problem import RouteProblem
from causation.inference.quadrature import Tables
from causation.model.structure import Model, Scenarios, build_model, concatenate
from causation.scales import Scale
from tests.benchmarks.many import table
from tests.hostile.loads import large_case

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


def test_means_over_points_are_taken_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = copy.deepcopy(_TREE)
    tree["incident_date"] = "2023-10-02"
    tree["proposition"] = {"source": "platform", "role": "supplied", "fields": ["phone"]}
    tree["victims"][1] = {
        "id": "v", "count": 3, "disclosed": ["phone"], "known_by": "exposure",
        "dates": {"phone": {"since": "2022-03-01"}}, "traits": {"anonymous": 0.7},
    }  # fmt: skip
    model = build_model(fill(Case.model_validate(tree)))
    rows = redrawn_rows(model, 0.5, 3, random_seed=3)
    monkeypatch.setattr(evaluation.Evaluation, "_nested", lambda *_: None)  # all is sampled
    asked: list[int] = []
    functionals = RouteProblem.functionals

    def watched(self: RouteProblem, z: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
        asked.append(z.shape[-2])
        return functionals(self, z, rows)

    monkeypatch.setattr(RouteProblem, "functionals", watched)
    whole = evaluate(model, rows, settings=DRAWN)
    monkeypatch.setattr(problem, "_TOGETHER", 1)
    again = evaluate(model, rows, settings=DRAWN)
    assert max(asked) > 64
    np.testing.assert_allclose(again.credit, whole.credit, rtol=1e-12)


def test_points_of_victims_with_many_dates_take_little_memory() -> None:
    tree = copy.deepcopy(_TREE)
    tree["incident_date"] = "2023-10-02"
    tree["sources"]["platform"]["holds"] = ["phone", "email"]
    tree["victims"][1:] = [
        {
            "id": f"v{n}", "count": 8, "disclosed": ["phone", "email"], "known_by": "exposure",
            "dates": {
                "phone": {"since": f"{2015 + n}-03-01"},
                "email": {"until": f"2023-0{n + 4}-15"},
            },
        }
        for n in range(3)
    ]  # fmt: skip
    model = build_model(fill(Case.model_validate(tree)))
    rows = redrawn_rows(model, 0.5, 20, random_seed=3)
    e = evaluation.Evaluation(model, rows, DRAWN)
    place = next(n for n, r in enumerate(model.routes) if r.name == "library")
    density = e.density(model.routes[place], model.reach_of[place])
    whole = RouteProblem(density, rows.center, rows.sd, np.zeros((20, 3)))
    z = np.random.default_rng(0).standard_normal((20, 600, density.dim))
    tracemalloc.start()
    try:
        found = whole.log_likelihood(z, np.arange(20))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 120 * 2**20
    one = whole.log_likelihood(z[7:8, 500:], np.array([7]))
    np.testing.assert_allclose(found[7, 500:], one[0], rtol=1e-12)


def test_tables_of_many_states_on_a_grid_of_six_latents_take_little_memory() -> None:
    """A hundred of whom nobody knows four fields, with a register of one of them."""
    tree: dict[str, Any] = {
        "schema": 2, "id": "states", "jurisdiction": "us", "proposition": ["s0"],
        "sources": {"s0": {"kind": "custodian"}, "s1": {"kind": "leaked_library"}},
        "victims": [
            {"id": "v0", "plaintiff": True, "disclosed": ["id_photo", "email", "employer"]},
            {
                "id": "v1", "count": 100, "disclosed": ["id_photo"], "not_users_of": ["s0"],
                "not_disclosed": ["email", "employer", "bank_account"],
                "record": {"of": ["s0"], "agrees": ["id_photo"]},
            },
        ],
        "fields": ["employer", "bank_account"],
    }  # fmt: skip
    model = build_model(fill(Case.model_validate(tree)))
    tracemalloc.start()
    try:
        evaluate(model, settings=DRAWN)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 400 * 2**20


def test_rows_that_are_sampled_are_not_cut_to_what_tables_would_take() -> None:
    """Every cut would be searched for modes again."""
    model = build_model(table(20))
    rows = redrawn_rows(model, 0.5, 400, random_seed=3)
    assert evaluation.Evaluation(model, rows, DRAWN).most_rows >= 400


def test_parts_of_many_draws_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    model, rows = _drawn(2, 60)
    monkeypatch.setattr(evaluation, "_CELLS", 2_000)
    assert evaluation.Evaluation(model, rows, DRAWN).most_rows < 48
    memo = Memo()
    evaluate(model, rows, settings=DRAWN, memo=memo)
    first = model.routes[0].name
    assert not any(key[0] == first for key in memo._whole)  # type: ignore[index]


def test_rows_without_any_victim() -> None:
    model, rows = _drawn(2, 3)
    bare = replace(rows, present=rows.present & False)
    found = evaluate(model, bare, settings=DRAWN)
    np.testing.assert_allclose(found.log_evidence, 0.0, atol=1e-12)


def test_rows_without_some_groups_are_those_of_the_case_without_them() -> None:
    entries = (
        "disclosed: [phone], known_by: exposure",
        "disclosed: [phone, email], known_by: exposure",
        "plaintiff: true, disclosed: [phone, email]",
        "count: 3, disclosed: [phone], known_by: exposure",
    )
    case = parse_case(large_case(known=entries * 2))
    rng = np.random.default_rng(7)
    for about in (None, "v2", "v4"):
        model = build_model(case)
        claim = replace(model.filled.proposition, victim=about)
        model = replace(model, filled=replace(model.filled, proposition=claim))
        names = [g.id for g in model.filled.groups]
        rows = model.without(
            [[f"victims.{n}" for n in names if rng.random() < 0.4] for _ in range(60)]
        )
        seen = np.zeros(len(rows), int)
        key: Any
        for members, series, key in _of_one_series(model, rows):
            for i in members:
                fresh = build_series(model.filled, present_in(model, rows.present[i]))
                wanted: Any = key_of(model, fresh)
                own: Any = key_of(model, series)
                assert key == own
                assert (dict(own[0]), own[1]) == (dict(wanted[0]), wanted[1])
                there = dict(zip((v.key for v in series.victims), series.count, strict=True))
                assert there == dict(zip((v.key for v in fresh.victims), fresh.count, strict=True))
            seen[members] += 1
        assert (seen == 1).all()


def test_strangers_with_registers_take_little_memory_in_many_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A grid of both sources of a chain, of what is published and of how often values agree."""
    tree = copy.deepcopy(_TREE)
    fields = ["account_link", "phone", "id_number", "email"]
    tree["sources"]["platform"]["holds"] = [*fields, "real_name"]
    tree["victims"][0] |= {"disclosed": fields, "not_users_of": ["platform"]}
    tree["victims"][1] = {
        "id": "v", "users_of": ["platform"], "known_by": "exposure",
        "disclosed": ["id_number", "email"], "not_disclosed": ["real_name"],
        "record": [
            {"of": ["platform"], "differs": ["email"]},
            {"of": ["platform"], "agrees": ["id_number", "email"]},
        ],
    }  # fmt: skip
    tree["actor"] = {"publishes": [0.5, 0.98]}
    model = build_model(fill(Case.model_validate(tree)))
    rows = redrawn_rows(model, 0.5, 48, random_seed=3)

    def found(nodes: int) -> tuple[np.ndarray, int]:
        monkeypatch.setattr(strangers, "_NODES", nodes)
        e = evaluation.Evaluation(model, rows, DRAWN)
        tracemalloc.start()
        try:
            return e.log_b, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    (whole, large), (again, small) = found(10_000_000), found(100_000)
    np.testing.assert_allclose(again, whole, rtol=1e-12)
    assert small < 0.3 * large
