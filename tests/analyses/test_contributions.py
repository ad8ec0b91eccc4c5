"""Contributions against permutations, on tables of what every set of evidence is worth."""

from __future__ import annotations

import itertools
import math
import zlib

import numpy as np
import pytest

from causation.analyses.contributions import Contributions, contributions
from causation.document.mappings import thawed
from causation.inference.evaluate import evaluate
from causation.inference.integrate import IntegratorSettings
from causation.model.structure import build_model
from tests.analyses.tables import Table, bic, case_of
from tests.analyses.test_items import crowd

ROWS = (
    "victims.plaintiff",
    "victims.co_victims",
    "traits.anonymous",
    "findings.no_alternative_route",
    "security.platform",
)
MARKS = (
    "victims.plaintiff",
    "victims.co_victims",
    "victims.plaintiff.traits.anonymous",
    "findings.no_alternative_route",
    "security.platform",
)
"""An item of each row."""


def worth(there: frozenset[str]) -> float:
    """An arbitrary number for every set of rows."""
    return zlib.crc32(",".join(sorted(there)).encode()) / 2**32 - 0.5


def on_table() -> Contributions:
    def rule(items: frozenset[str], _: object) -> float:
        return worth(frozenset(r for r, mark in zip(ROWS, MARKS, strict=True) if mark in items))

    return contributions(bic(), evaluate=Table(rule))


def test_shapley_is_the_mean_over_all_orders() -> None:
    found = {r.item.id: r for r in on_table().rows}
    total = dict.fromkeys(ROWS, 0.0)
    orders = list(itertools.permutations(ROWS))
    for order in orders:
        for place, row in enumerate(order):
            before = frozenset(order[:place])
            total[row] += worth(before | {row}) - worth(before)
    for row in ROWS:
        assert found[row].shapley == pytest.approx(total[row] / len(orders), abs=1e-12)
        assert found[row].shapley_error == 0.0


def test_stage_order_and_leave_one_out() -> None:
    found = on_table()
    whole, so_far = frozenset(ROWS), frozenset[str]()
    for row, expected in zip(found.rows, ROWS, strict=True):
        assert row.item.id == expected
        grown = so_far | {expected}
        assert row.sequential == pytest.approx(worth(grown) - worth(so_far))
        assert row.leave_one_out == pytest.approx(worth(whole) - worth(whole - {expected}))
        assert row.log10_lr["rest"] == pytest.approx(row.leave_one_out)
        so_far = grown


def test_both_sums_are_the_total() -> None:
    found = on_table()
    assert found.exact
    assert found.start == pytest.approx(math.log10(0.25) + worth(frozenset()))
    assert found.total == pytest.approx(worth(frozenset(ROWS)) - worth(frozenset()))
    assert sum(r.sequential for r in found.rows) == pytest.approx(found.total)
    assert sum(r.shapley for r in found.rows) == pytest.approx(found.total)


def test_everything_is_rows_of_one_call() -> None:
    table = Table(lambda _items, _centers: 0.0)
    contributions(bic(), evaluate=table)
    assert len(table.calls) == 1
    assert len(table.calls[0][1]) == 2 ** len(ROWS)


def test_sampled_values_are_exact_where_rows_add_up() -> None:
    """Twelve groups, each worth its size; orders do not matter then."""
    model = build_model(crowd(12))
    sizes = {f"victims.g{i}": (i + 1) / 10 for i in range(12)}

    def rule(items: frozenset[str], _: object) -> float:
        return sum(size for name, size in sizes.items() if name in items)

    found = contributions(model, evaluate=Table(rule))
    assert not found.exact
    for row in found.rows:
        assert row.shapley == pytest.approx(sizes.get(row.item.id, 0.0), abs=1e-9)
        assert row.shapley_error == pytest.approx(0.0, abs=1e-9)


def test_sampled_values_lie_within_their_errors() -> None:
    """A pair that counts only together: half each."""
    model = build_model(crowd(12))

    def rule(items: frozenset[str], _: object) -> float:
        return 3.0 if {"victims.g0", "victims.g1", "victims.g2"} <= items else 0.0

    found = {r.item.id: r for r in contributions(model, evaluate=Table(rule)).rows}
    assert sum(r.shapley for r in found.values()) == pytest.approx(3.0)
    for name in ("victims.g0", "victims.g1", "victims.g2"):
        assert found[name].shapley_error > 0.0
        assert abs(found[name].shapley - 1.0) < 4 * found[name].shapley_error
    assert found["victims.g5"].shapley == 0.0


def test_a_pool_has_its_own_value() -> None:
    model = build_model(crowd(21))

    def rule(items: frozenset[str], _: object) -> float:
        return 0.01 * sum(name.startswith("victims.g") and name.count(".") == 1 for name in items)

    pool = next(r for r in contributions(model, evaluate=Table(rule)).rows if r.item.members)
    assert pool.leave_one_out == pytest.approx(0.21)
    assert len(pool.item.members) == 21


def test_an_exclusion_is_no_number_in_json() -> None:
    def rule(items: frozenset[str], _: object) -> float:
        return -math.inf if "findings.no_alternative_route" in items else 0.0

    found = contributions(bic(), evaluate=Table(rule))
    row = next(r for r in found.rows if r.item.id == "findings.no_alternative_route")
    assert row.leave_one_out == -math.inf
    assert thawed(row)["leave_one_out"] is None


def test_leave_one_out_is_the_ratio_against_each_rival() -> None:
    """One finding alone: its own ratio, whatever the rest."""
    row = {"shop": 0.8, "osint": 0.2, "library": 0.4, "unknown": 0.1}
    case = case_of(
        victims=[],
        routes="single",
        findings=[{"id": "a", "likelihood": row, "reliability": 1.0}],
    )
    found = contributions(build_model(case)).rows[0]
    assert {s: 10**x for s, x in found.log10_lr.items() if s != "rest"} == pytest.approx(
        {"osint": 4.0, "library": 2.0, "unknown": 8.0}
    )


def test_a_row_is_worth_what_the_case_without_it_lacks() -> None:
    """With the integrator, against the case file without the finding."""
    model = build_model("gao-2024")
    settings = IntegratorSettings()
    found = contributions(model, evaluate=lambda m, s: evaluate(m, s, settings=settings))
    less = evaluate(build_model(model.filled.case.without("link_on_domain")))
    whole = evaluate(model)

    def odds(p: float) -> float:
        return math.log10(p / (1 - p))

    expected = odds(float(whole.probability[0])) - odds(float(less.probability[0]))
    row = next(r for r in found.rows if r.item.id == "findings.link_on_domain")
    assert row.leave_one_out == pytest.approx(expected, abs=1e-9)
    assert found.start + found.total == pytest.approx(odds(float(whole.probability[0])), abs=1e-9)
    prior = float(np.exp(whole.log_prior[0, whole.inside]).sum())
    assert found.start == pytest.approx(odds(prior), abs=1e-9)
