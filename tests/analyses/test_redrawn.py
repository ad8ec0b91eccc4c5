"""Redrawn inputs: how they hang together, what they never do, and what is reported."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from causation.analyses.onward import onward_shares
from causation.analyses.redrawn import redrawn_rows
from causation.inference.evaluate import evaluate
from causation.model.structure import Model, build_model
from causation.scales import Scale
from tests.analyses.tables import Table, bic, case_of, redraws

MANY = 20_000


def shifts(model: Model, *paths: str, sd: float = 0.5) -> np.ndarray:
    rows = redrawn_rows(model, sd, MANY, random_seed=1)
    columns = [model.columns[p] for p in paths]
    result: np.ndarray = rows.center[:, columns] - model.base().center[:, columns]
    return result


def test_half_of_the_variance_is_the_sources_and_a_quarter_the_sorts() -> None:
    x = shifts(
        bic(),
        "sources.platform.disclosure.phone",
        "sources.platform.disclosure.id_photo",  # same source, same sort
        "sources.platform.weight",  # same source
        "sources.library.disclosure.phone",  # same sort
        "actor.publishes",  # neither
    )
    assert x.std(axis=0) == pytest.approx(0.5, rel=0.03)
    assert np.corrcoef(x.T)[0] == pytest.approx([1.0, 0.75, 0.5, 0.25, 0.0], abs=0.03)


def test_numbers_of_experts_who_stand_apart_move_together() -> None:
    """On top of the rest: the variance between the experts, shared by all that they were asked."""
    said = {"phone": ((0.5, 0.98), (0.1, 0.6)), "account_link": ((0.3, 0.9), (0.05, 0.4))}
    model = build_model(
        bic().filled.case.replace(
            {
                f"sources.library.disclosure.{field}": {
                    "experts": [
                        {"name": n, "value": list(v)} for n, v in zip("AB", two, strict=True)
                    ]
                }
                for field, two in said.items()
            }
        )
    )
    middles = [[np.mean(np.log(v) - np.log1p(-np.array(v))) for v in two] for two in said.values()]
    between = [np.var(pair) for pair in middles]
    x = shifts(model, *(f"sources.library.disclosure.{field}" for field in said))
    y = shifts(model, *(f"sources.library.disclosure.{field}" for field in said), sd=0.0)
    assert x.var(axis=0) == pytest.approx([0.25 + b for b in between], rel=0.03)
    assert y.var(axis=0) == pytest.approx(between, rel=0.03)  # measured: whatever the sd
    shared = 0.75 * 0.25 + np.sqrt(between[0] * between[1])
    assert np.cov(x.T)[0, 1] == pytest.approx(shared, rel=0.05)


def test_owners_that_are_no_source() -> None:
    x = shifts(
        bic(),
        "actor.publishes",
        "actor.linkage",  # the actor's
        "chains.custodian/leaked_library",  # its entrance's
        "sources.platform.weight",
        "findings.no_alternative_route.likelihood.osint",  # what it is about
    )
    r = np.corrcoef(x.T)
    assert r[0, 1] == pytest.approx(0.5, abs=0.03)
    assert r[2, 3] == pytest.approx(0.5, abs=0.03)
    assert r[4, 3] == pytest.approx(0.5, abs=0.03)
    assert r[0, 3] == pytest.approx(0.0, abs=0.03)


def test_plain_numbers_are_uniform_between_half_and_one_and_a_half() -> None:
    model = bic(**{"sources.osint.correlation": 0.9})
    rows = redrawn_rows(model, 0.5, MANY, random_seed=1)
    misfit = rows.center[:, model.columns["sources.platform.misfit"]]
    assert misfit.min() == pytest.approx(0.01, abs=1e-4)
    assert misfit.max() == pytest.approx(0.03, abs=1e-4)
    assert misfit.mean() == pytest.approx(0.02, abs=1e-9)
    assert misfit.std() == pytest.approx(0.02 / np.sqrt(12), rel=0.02)
    high = rows.center[:, model.columns["sources.osint.correlation"]]
    assert high.max() == 0.99
    loading = rows.center[:, model.columns["sources.library.loadings.account_link"]]
    assert loading.max() < 0.0


def test_an_odds_ratio_does_not_cross_one() -> None:
    model = bic()
    path = "sources.osint.odds_ratio.anonymous"  # [.1, .9]
    x = redrawn_rows(model, 2.0, MANY, random_seed=1).center[:, model.columns[path]]
    assert x.max() == 0.0
    above = bic(**{path: (1.1, 9.0)})
    y = redrawn_rows(above, 2.0, MANY, random_seed=1).center[:, above.columns[path]]
    assert y.min() == 0.0
    across = bic(**{path: (0.5, 2.0)})
    z = redrawn_rows(across, 2.0, MANY, random_seed=1).center[:, across.columns[path]]
    assert z.min() < 0.0 < z.max()


def test_shares_that_go_on_never_add_up_to_more_than_one() -> None:
    case = case_of(
        sources={
            "shop": {"kind": "custodian"},
            "carrier": {"kind": "custodian"},
            "traces": {"kind": "inference"},
        },
        routes={"traces/shop": [0.3, 0.6], "traces/carrier": [0.1, 0.5]},
        security={"carrier": {"incidents": {"count": 2, "years": 3}}},
    )
    model = build_model(case)
    rows = redrawn_rows(model, 1.0, 2000, random_seed=1)
    total = onward_shares(model, rows)["traces"]
    assert total.max() <= 1.0
    assert (total > 0.95).any()
    answer = evaluate(model, rows.take(np.argsort(total)[-3:]))
    assert np.isfinite(answer.probability).all()


def test_intervals_keep_their_width_and_points_move() -> None:
    model = bic(**{"sources.unknown.weight": 0.5})
    rows = redrawn_rows(model, 0.5, 10, random_seed=1)
    assert np.array_equal(rows.sd, np.repeat(model.base().sd, 10, axis=0))
    assert rows.center[:, model.columns["sources.unknown.weight"]].std() > 0.1
    counts = [i for i, n in enumerate(model.numbers) if n.scale is Scale.COUNT]
    assert np.array_equal(rows.center[:, counts], np.repeat(model.base().center[:, counts], 10, 0))


def test_random_numbers_hang_on_names() -> None:
    """Common to another sd, to another prior set, and whatever the order; stratified."""
    model = bic()
    other = build_model("bic-2025-doxxing", priors="claimant")
    path = "sources.platform.weight"
    x = redrawn_rows(model, 0.5, 40, random_seed=1).center[:, model.columns[path]]
    y = redrawn_rows(other, 1.0, 40, random_seed=1).center[:, other.columns[path]]
    own = x - model.base().center[0, model.columns[path]]
    assert y - other.base().center[0, other.columns[path]] == pytest.approx(2.0 * own)
    assert own.sum() == pytest.approx(0.0, abs=1e-9)  # every stratum once


def test_what_is_reported_of_the_draws() -> None:
    model = bic()
    path = "sources.platform.weight"
    at = model.base().center[0, model.columns[path]]

    def rule(_: frozenset[str], center: Mapping[str, float]) -> float:
        return float(1.2 + center[path] - at)

    table = Table(rule)
    found = redraws(model, bound=1.5, evaluate=table, draws=400, fewer=50)
    x = redrawn_rows(model, 0.5, 400, random_seed=found.random_seed).center[:, model.columns[path]]
    ratio = 1.2 + x - at
    p = 0.25 * 10**ratio / (1 + 0.25 * 10**ratio)
    limited = np.minimum(ratio, 1.5)
    h = 0.25 * 10**limited / (1 + 0.25 * 10**limited)
    assert len(table.calls) == 1
    assert found.probability == pytest.approx(p)
    assert found.mean == pytest.approx(p.mean())
    ordered = np.sort(p)  # 20.35 and 380.65 of 400, counted from 1
    assert ordered[19] <= found.interval[0] <= ordered[20]
    assert ordered[379] <= found.interval[1] <= ordered[380]
    assert found.held_mean == pytest.approx(h.mean())
    assert found.share == pytest.approx((h >= 0.75).mean())
    assert [o.elicitation_sd for o in found.others] == [0.25, 1.0]
    assert [len(o.probability) for o in found.others] == [50, 50]
    assert (
        found.others[0].probability.std()
        < found.probability.std()
        < found.others[1].probability.std()
    )
    assert found.to_dict()["interval_mass"] == 0.9


def test_with_the_integrator() -> None:
    """The case itself lies inside; more doubt is a wider interval."""
    model = build_model("shen-2018")
    found = redraws(model, bound=None, draws=40, fewer=20)
    p = float(evaluate(model).probability[0])
    lo, hi = found.interval
    assert lo < p < hi
    narrow, wide = found.others
    assert narrow.interval[1] - narrow.interval[0] < hi - lo < wide.interval[1] - wide.interval[0]


def test_the_background_never_moves() -> None:
    model = bic()
    before = model.background.copy()
    redraws(model, bound=None, draws=2, fewer=2)
    assert np.array_equal(model.background, before)
