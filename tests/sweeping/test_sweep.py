"""Sweeps against single assessments, cell by cell, on every kind of path."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import causation.sweeping.sweep as module
from causation.case import Case, load_case, parse_case
from causation.dossier.assessment import assess
from causation.errors import ImpossibleEvidenceError, InputError
from causation.sweeping.kernel import VARIABLES
from causation.sweeping.sweep import DRAFT, plan_sweep, sweep

BEIJING = load_case("bic-2025-doxxing")
RULE = "findings.no_alternative_route"

SAME = 1e-9
"""The same points are used; only the order of additions differs."""


def assert_equals_single(
    case: Case, grid: dict[str, list[Any]], *, zipped: bool = False, most: int = 6
) -> xr.Dataset:
    """Compare cells, spread over the grid, with assessments of their own."""
    data = sweep(case, grid, zipped=zipped, settings=DRAFT)
    places = list(np.ndindex(*data["probability"].shape))
    step = max(1, len(places) // most)
    for place in places[::step]:
        at = dict(zip(data["probability"].dims, place, strict=True))
        values = {p: v[at["scenario" if zipped else p]] for p, v in grid.items()}
        options = {k: values.pop(k) for k in ("priors", "standard") if k in values}
        single = assess(case.replace(values), settings=DRAFT, **options)
        cell = data.isel(at)
        assert abs(float(cell["probability"]) - single.probability) < SAME
        assert bool(cell["meets_standard"]) == single.meets_standard
        np.testing.assert_allclose(
            cell["posterior"].values, single.posterior.probability, rtol=0, atol=SAME
        )
        for ratio in single.likelihood_ratios:
            assert float(cell["log10_lr"].sel(source=ratio.against)) == pytest.approx(
                ratio.log10, abs=SAME
            )
    return data


GRIDS: list[dict[str, list[Any]]] = [
    {"sources.osint.weight": [0.5, 7.0], "sources.platform.weight[1]": [1.0, 3.0]},
    {f"{RULE}.likelihood.osint": [0.0, 0.5, (0.2, 0.9)], f"{RULE}.reliability": [0.0, 0.5, 1.0]},
    {"victims.co_victims.linkage": [0.0, 0.3, 1.0], "sources.osint.weight": [0.1, 5.0]},
    {"victims.co_victims.count": [1, 5, 10_000], "sources.platform.correlation": [0.0, 1.0]},
    {"sources.osint.misfit": [0.0, 0.2], "sources.platform.misfit": [0.0, 1.0]},
    {
        "sources.osint.disclosure.phone": [(0.1, 0.5), 0.2],
        "sources.osint.odds_ratio.anonymous": [0.5, 2.0],
    },
    {
        "sources.third_party.membership.platform": [0.5, (0.9, 0.99)],
        "reference_profile.anonymous": [0.1, 0.9],
    },
    {
        "victims.co_victims.profile.anonymous": [0.0, 0.5],
        "victims.co_victims.profile.handle_reuse": [0.0, 1.0],
    },
    {
        "security.platform.breach_rate.rate": [1.0, 9.0],
        "security.platform.certification.half_life": [0.5, 3.0],
    },
    {"priors": ["neutral", "claimant"], "standard": ["jp-high-probability", 0.99]},
]


@pytest.mark.parametrize("grid", GRIDS, ids=" x ".join)
def test_cells_equal_single_assessments(grid: dict[str, list[Any]]) -> None:
    assert_equals_single(BEIJING, grid)


def test_zipped_cells_equal_single_assessments() -> None:
    grid: dict[str, list[Any]] = {
        "sources.osint.weight": [0.5, 1.0, 4.0],
        "victims.co_victims.count": [2, 5, 9],
        f"{RULE}.reliability": [0.2, 0.9, 1.0],
        "sources.osint.correlation": [0.1, 0.5, 0.9],
        "standard": [0.5, 0.9, 0.99],
    }
    data = assert_equals_single(BEIJING, grid, zipped=True)
    xr.testing.assert_identical(data, sweep(BEIJING, pd.DataFrame(grid), settings=DRAFT))


TWO_SERIES = """
schema: 1
id: two-series
proposition: [a, b]
exhaustive: true
sources:
  a: {kind: custodian, holds: [phone, email], weight: 1}
  b: {kind: custodian, holds: [phone], weight: [0.5, 3]}
  c: {kind: custodian, weight: 2, disclosure: {phone: 1.0e-6}}
victims:
  - {id: first, disclosed: [phone, email]}
  - {id: second, count: 4, disclosed: [phone], linkage: 0.6}
  - {id: third, count: 4, disclosed: [phone], linkage: 0.6}
  - {id: fourth, count: 300, disclosed: [phone], not_disclosed: [email], linkage: 0.9}
findings:
  - {id: x, likelihood: {a: 0.5, b: 0.2, c: 0.9}, reliability: 0.8, group: g, repeats: 0.3}
  - {id: y, likelihood: {a: 0.4, b: 0.1, c: 0.2}, group: g}
  - {id: z, likelihood: {a: 0.4, b: 0.0, c: 0.2}, reliability: 1}
"""


@pytest.mark.parametrize(
    "grid",
    [
        {"sources.c.weight": [1e-6, 1.0, 1e6], "victims.third.linkage": [0.0, 0.6, 1.0]},
        {"findings.y.repeats": [0.0, 1.0], "findings.y.reliability": [0.3, 1.0]},
        {"victims.second.count": [1, 4, 5], "sources.a.weight": [0.1, 10.0]},
    ],
)
def test_unions_several_series_and_excluded_sources(grid: dict[str, list[Any]]) -> None:
    data = assert_equals_single(parse_case(TWO_SERIES), grid, most=9)
    assert (data["posterior"].sel(source="b") == 0.0).all()
    assert np.isposinf(data["log10_lr"].sel(source="b")).all()


def test_blocks_chunks_and_slabs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {
        "sources.osint.weight": np.geomspace(0.1, 10.0, 7),
        "victims.co_victims.count": [1, 2, 5, 9],
        f"{RULE}.likelihood.osint": np.linspace(0.1, 0.9, 5),
    }
    whole = sweep(BEIJING, grid, settings=DRAFT)
    monkeypatch.setattr(module, "_CHUNK", 16)
    monkeypatch.setattr(module, "_SLAB", 9)
    monkeypatch.setattr("causation.sweeping.kernel.BLOCK", 6)
    plan = plan_sweep(BEIJING, grid, settings=DRAFT)
    slabs = list(plan.slabs())
    assert len(slabs) > 1
    assert max(len(slab.chunks) for slab in slabs) > 1
    # BLAS may add in another order for another shape
    xr.testing.assert_allclose(sweep(BEIJING, grid, settings=DRAFT), whole, rtol=1e-12, atol=1e-13)


def test_the_log_scale_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"sources.osint.weight": [0.1, 1.0, 9.0], "victims.co_victims.linkage": [0.2, 1.0]}
    linear = sweep(BEIJING, grid, settings=DRAFT)
    monkeypatch.setattr("causation.sweeping.kernel._TINY", 2.0)  # everything is too small
    xr.testing.assert_allclose(sweep(BEIJING, grid, settings=DRAFT), linear, rtol=1e-12)


def test_curves_are_smoother_than_their_noise() -> None:
    """With the same random numbers along an axis, errors move together."""
    path, values = "sources.osint.disclosure.phone[1]", np.linspace(0.45, 0.55, 13)
    common = sweep(BEIJING, {path: values}, settings=DRAFT)
    own = [
        sweep(BEIJING, {path: [v]}, settings=replace(DRAFT, random_seed=seed))
        for seed, v in enumerate(values)
    ]
    together = common["log10_lr"].sel(source="osint").to_numpy()
    apart = np.array([float(x["log10_lr"].sel(source="osint").squeeze()) for x in own])
    assert np.diff(together, 2).std() < 0.3 * np.diff(apart, 2).std()


def test_independent_of_the_order_of_axes() -> None:
    grid = {"sources.osint.weight": [1.0, 2.0], "victims.co_victims.count": [1, 3]}
    one = sweep(BEIJING, grid, settings=DRAFT)
    other = sweep(BEIJING, dict(reversed(grid.items())), settings=DRAFT)
    xr.testing.assert_allclose(one, other.transpose(*one["posterior"].dims), rtol=1e-13)


def test_dataset_is_labelled_and_tidy() -> None:
    data = sweep(BEIJING, ["sources.osint.weight=1,2,3", "priors=neutral,claimant"])
    assert data["posterior"].dims == ("source", "sources.osint.weight", "priors")
    assert set(data.data_vars) == set(VARIABLES)
    table = data.to_dataframe()
    assert len(table) == 4 * 3 * 2
    assert data.attrs["case_sha256"] == BEIJING.sha256
    assert data.attrs["random_seed"] == 20250723
    np.testing.assert_allclose(data["posterior"].sum("source"), 1.0, rtol=1e-13)


def test_only_what_an_axis_touches_is_integrated() -> None:
    def integrals(grid: dict[str, Any]) -> int:
        from causation.model.build import build_model
        from causation.sweeping.tables import IntegralPlan, _layout

        plan = plan_sweep(BEIJING, grid)
        model = build_model(plan.numbers.case)
        return len(IntegralPlan(model, _layout(model, plan.numbers), plan.numbers).problems)

    base = integrals({"standard": [0.5]})
    many = np.linspace(0.1, 0.9, 50)
    for path in ("sources.osint.weight", f"{RULE}.likelihood.osint", "victims.co_victims.linkage",
                 f"{RULE}.reliability", "sources.osint.misfit"):  # fmt: skip
        assert integrals({path: many}) == base
    # correlations of one source: its three disclosure integrals (alone, both, co-victims)
    assert integrals({"sources.osint.correlation": many}) == base + 3 * 49
    two = {"sources.osint.correlation": many, "sources.platform.correlation": many}
    assert integrals(two) == base + 2 * 3 * 49


def test_portfolio_equals_single_assessments() -> None:
    names = ["bic-2025-doxxing", "gao-2024"]
    data = sweep(names, settings=DRAFT)
    for name in names:
        single = assess(name, settings=DRAFT)
        row = data.sel(case=name)
        assert float(row["probability"]) == pytest.approx(single.probability, abs=SAME)
        assert bool(row["meets_standard"]) == single.meets_standard
    xr.testing.assert_identical(sweep(BEIJING, [load_case(n) for n in names], settings=DRAFT), data)


def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    sweep(BEIJING, {"victims.co_victims.count": [1, 2]}, settings=DRAFT, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_mistakes() -> None:
    with pytest.raises(InputError, match="no such variable: verdict"):
        sweep(BEIJING, {"standard": [0.5]}, variables=["verdict"])
    with pytest.raises(InputError, match="nothing varies"):
        sweep(BEIJING)
    many = np.linspace(0.01, 0.99, 30_000)
    with pytest.raises(InputError, match="more than there is memory"):
        sweep(BEIJING, {"standard": many, f"{RULE}.reliability": many})


def test_a_scenario_that_excludes_every_source_is_an_error() -> None:
    case = parse_case(TWO_SERIES)
    grid = {"findings.z.likelihood.a": [0.4, 0.0], "findings.z.likelihood.c": [0.2, 0.0]}
    with pytest.raises(ImpossibleEvidenceError, match="excludes every source"):
        sweep(case, grid, settings=DRAFT)


def test_burglary_by_hand() -> None:
    """Three suspects, two findings: Bayes on the back of an envelope."""
    case = load_case("data/published/three-suspect-burglary.yaml")
    weights, hits = [0.5, 1.0, 3.0], [0.2, 0.8]
    data = sweep(
        case, {"sources.suspect_1.weight": weights, "findings.item.likelihood.suspect_1": hits}
    )
    for (i, w), (j, p) in itertools.product(enumerate(weights), enumerate(hits)):
        joint = np.array([w * p * 0.9, 0.1 * 0.1, 0.1 * 0.75])
        np.testing.assert_allclose(
            data["posterior"].to_numpy()[:, i, j], joint / joint.sum(), rtol=1e-12
        )
