"""Sweeps against single evaluations, cell by cell, on every kind of path."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from causation.analyses.bound import held, validated_bound
from causation.case.files import load_case, parse_case
from causation.case.priors import load_prior_set
from causation.case.schema import Case
from causation.case.writing import dump_case
from causation.errors import CaseError, ImpossibleEvidenceError, InputError
from causation.inference.evaluate import Answer, evaluate
from causation.inference.infer import infer
from causation.inference.integrate import DRAFT
from causation.inference.nested import Nest
from causation.model.structure import Model, build_model
from causation.sweeping import factors, plan
from causation.sweeping.sweep import DEFAULT, compute, plan_sweep, sweep

BEIJING = load_case("bic-2025-doxxing")
BURGLARY = load_case("data/published/three-suspect-burglary.yaml")
RULE = "findings.no_alternative_route"

SAME = 1e-9
"""No integral differs; only the order of additions does."""
INTEGRATED = 0.004
"""Integrals of other points: the tolerance of the draft, as a probability."""


def single(case: Case, values: dict[str, Any]) -> Answer:
    """The evaluation of one cell: the case with the values stated."""
    options = {k: values.pop(k) for k in ("priors", "standard") if k in values}
    stated = {k: int(v) if k.endswith(".count") else v for k, v in values.items()}
    model = build_model(case.replace(stated), **options)
    return evaluate(model, settings=DRAFT)


def assert_equals_single(
    case: Case, grid: dict[str, list[Any]], *, tolerance: float = SAME, zipped: bool = False
) -> xr.Dataset:
    """Compare every cell with an evaluation of its own."""
    data = sweep(case, grid, zipped=zipped, settings=DRAFT)
    for place in np.ndindex(*data["probability"].shape):
        at = dict(zip(data["probability"].dims, place, strict=True))
        answer = single(case, {p: v[at["scenario" if zipped else p]] for p, v in grid.items()})
        cell = data.isel(at)
        limited = held(answer, validated_bound())
        threshold = answer.model.filled.threshold
        assert float(cell["probability"]) == pytest.approx(answer.probability[0], abs=tolerance)
        assert float(cell["held"]) == pytest.approx(limited.probability[0], abs=tolerance)
        assert bool(cell["met"]) == (limited.probability[0] >= threshold)
        assert float(cell["log10_lr"]) == pytest.approx(answer.log10_lr[0], abs=4 * tolerance)
        routes = list(answer.model.route_names)
        np.testing.assert_allclose(
            cell["posterior"].sel(route=routes), answer.posterior[0], rtol=0, atol=tolerance
        )
        others = [r for r in data["route"].to_numpy() if r not in routes]
        assert np.isnan(cell["posterior"].sel(route=others)).all()
    return data


EXACT: list[dict[str, list[Any]]] = [
    {"sources.osint.weight": [0.5, 7.0], "sources.platform.weight[1]": [1.0, 3.0]},
    {f"{RULE}.likelihood.osint": [0.0, 0.5, (0.2, 0.9)], f"{RULE}.reliability": [0.0, 0.5, 1.0]},
    {"routes.osint/library": [0.0, 0.1, 0.3], "routes.platform/library": [0.2, (0.1, 0.6)]},
    {"sources.unknown.weight": [(0.1, 0.2), 3.0], "sources.library.weight": [1.0, 9.0]},
    {
        "security.platform.breach_rate.rate": [1.0, 9.0],
        "security.platform.certification.half_life": [0.5, 3.0],
    },
    {"priors": ["neutral", "claimant"], "standard": ["jp-high-probability", 0.99]},
    {"victims.co_victims.count": [0.0, 5.0], "sources.osint.weight": [0.1, 5.0]},
    {"victims.co_victims.known_by": ["exposure"], "standard": [0.5, 0.9]},
]
NEAR: list[dict[str, list[Any]]] = [
    {"victims.co_victims.linkage": [0.0, 0.3, 1.0], "sources.osint.weight": [0.1, 5.0]},
    {"victims.co_victims.count": [1.0, 50.0], "sources.platform.correlation": [0.0, 0.9]},
    {"sources.osint.misfit": [0.0, 0.2], "sources.platform.misfit": [0.0, 1.0]},
    {
        "sources.osint.disclosure.phone": [(0.1, 0.5), 0.2],
        "sources.osint.odds_ratio.anonymous": [0.5, 2.0],
    },
    {"actor.publishes": [0.5, (0.9, 0.99)], "actor.traits.anonymous": [0.1, 0.9]},
]


@pytest.mark.parametrize("grid", EXACT, ids=" x ".join)
def test_cells_equal_cases_that_state_the_values(grid: dict[str, list[Any]]) -> None:
    assert_equals_single(BEIJING, grid)


@pytest.mark.parametrize("grid", NEAR, ids=" x ".join)
def test_cells_that_are_integrated_equal_them_closely(grid: dict[str, list[Any]]) -> None:
    assert_equals_single(BEIJING, grid, tolerance=INTEGRATED)


def test_zipped_cells_and_tables_of_scenarios() -> None:
    grid: dict[str, list[Any]] = {
        "sources.osint.weight": [0.5, 1.0, 4.0],
        "victims.co_victims.count": [2.0, 5.0, 2.0],
        f"{RULE}.reliability": [0.2, 0.9, 1.0],
        "standard": [0.5, 0.9, 0.99],
    }
    data = assert_equals_single(BEIJING, grid, zipped=True)
    xr.testing.assert_identical(data, sweep(BEIJING, pd.DataFrame(grid), settings=DRAFT))


def test_intervals_are_values_in_scripts_and_texts_and_can_be_selected() -> None:
    path, values = "actor.publishes", [(0.2, 0.6), 0.7, (0.5, 0.9)]
    data = sweep(BEIJING, {path: values}, settings=DRAFT)
    assert data[path].to_numpy().tolist() == ["[0.2, 0.6]", "0.7", "[0.5, 0.9]"]
    xr.testing.assert_identical(
        sweep(BEIJING, [f"{path}=[0.2, 0.6],.7,[.5,.9]"], settings=DRAFT), data
    )
    assert data.sel({path: "[0.5, 0.9]"})["probability"] == data["probability"][2]


def test_axes_know_what_they_are_called() -> None:
    data = sweep(BEIJING, {"sources.osint.weight[1]": [3.0, 5.0], "standard": [0.5]})
    assert "weight" in data["sources.osint.weight[1]"].attrs["label_en"]
    assert "先验权重" in data["sources.osint.weight[1]"].attrs["label_zh"]
    assert data["standard"].attrs["label_zh"] == "对照值"


def test_facts_of_disclosure_are_axes_too() -> None:
    path = "victims.plaintiff.disclosed"
    words: list[Any] = [["account_link", "phone"], ["account_link"]]
    data = sweep(BEIJING, {path: words}, settings=DRAFT)
    for k, disclosed in enumerate(words):
        answer = evaluate(build_model(BEIJING.replace({path: disclosed})), settings=DRAFT)
        assert float(data["probability"][k]) == pytest.approx(answer.probability[0], abs=SAME)
    assert data[path].to_numpy().tolist() == ["[account_link, phone]", "[account_link]"]
    texts = sweep(BEIJING, [f"{path}=account_link+phone,account_link"], settings=DRAFT)
    np.testing.assert_array_equal(texts["probability"], data["probability"])


def test_numbers_of_the_prior_set() -> None:
    grid = {"priors.misfit.custodian": [0.01, 0.3], "priors.weights.inference[1]": [2.0, 9.0]}
    data = sweep(BEIJING, grid, settings=DRAFT)
    tree = load_prior_set("neutral")
    assert tree.weights.inference.value == (1.0, 4.0)
    for (i, misfit), (j, hi) in itertools.product(*(enumerate(v) for v in grid.values())):
        stated = {"sources.platform.misfit": misfit, "sources.osint.weight": (1.0, hi)}
        answer = evaluate(build_model(BEIJING.replace(stated)), settings=DRAFT)
        # the background is the set's own, and only the further victims read it
        assert float(data["probability"][i, j]) == pytest.approx(answer.probability[0], abs=0.01)


def test_shares_of_the_prior_set_by_kinds() -> None:
    path = "chains.inference/leaked_library"
    data = sweep(BEIJING, {f"priors.{path}": [0.1, (0.2, 0.6)]}, settings=DRAFT)
    model = build_model(BEIJING)
    answer = evaluate(model, model.rows([{path: 0.1}, {path: (0.2, 0.6)}]), settings=DRAFT)
    # the background is the set's own, and only the further victims read it
    np.testing.assert_allclose(data["probability"], answer.probability, atol=0.01)


def test_several_cases_prior_sets_and_standards_cross_with_every_axis() -> None:
    names, sets, standards = ["bic-2025-doxxing", "gao-2024"], ["neutral", "respondent"], [0.5, 0.8]
    weights = {"sources.osint.weight": [1.0, 4.0]}
    data = sweep(names, weights, priors=sets, standard=standards, settings=DRAFT)
    assert dict(data["probability"].sizes) == {
        "case": 2, "priors": 2, "standard": 2, "sources.osint.weight": 2,
    }  # fmt: skip
    for name, priors, weight in itertools.product(names, sets, weights["sources.osint.weight"]):
        case = load_case(name).replace({"sources.osint.weight": weight})
        answer = evaluate(build_model(case, priors=priors), settings=DRAFT)
        cell = data.sel({"case": name, "priors": priors, "sources.osint.weight": weight})
        np.testing.assert_allclose(cell["probability"], answer.probability[0], atol=SAME)
        missing = [r for r in data["route"].to_numpy() if r not in answer.model.route_names]
        assert missing
        assert np.isnan(cell["posterior"].sel(route=missing)).all()
    texts = sweep(names, weights, priors="neutral,respondent", standard="0.5,0.8", settings=DRAFT)
    xr.testing.assert_identical(texts, data)


def test_a_portfolio_needs_no_grid() -> None:
    data = sweep(["bic-2025-doxxing", "gao-2024"], settings=DRAFT)
    assert data["probability"].dims == ("case",)
    for name in ("bic-2025-doxxing", "gao-2024"):
        answer = evaluate(build_model(load_case(name)), settings=DRAFT)
        assert float(data["probability"].sel(case=name)) == pytest.approx(answer.probability[0])


def test_positions_mean_whoever_stands_there_in_each_case() -> None:
    other = parse_case(dump_case(BEIJING).replace("co_victims", "others"))
    data = sweep([BEIJING, other], {"victims[1].linkage": [0.2, 0.9]}, settings=DRAFT)
    assert float(data["probability"][0, 0]) != float(data["probability"][0, 1])
    np.testing.assert_allclose(data["probability"][0], data["probability"][1], atol=SAME)


CHAINED = """
schema: 2
id: chained
jurisdiction: none
standard: 0.75
proposition: lib
sources:
  shop: {kind: custodian, holds: [phone, email]}
  lib: {kind: leaked_library}
victims:
  - {id: one, plaintiff: true, disclosed: [phone, email]}
findings:
  - {id: x, likelihood: {shop: 0.5, lib: 0.2, osint: 0.4, unknown: 0.3}, about: shop, group: g}
  - {id: y, likelihood: {shop: 0.4, lib: 0.1, osint: 0.4, unknown: 0.2}, about: shop, group: g}
  - {id: z, likelihood: {shop: 0.4, lib: 0.0, osint: 0.2, unknown: 0.3}, about: lib, reliability: 1}
"""


@pytest.mark.parametrize(
    "grid",
    [
        {"sources.shop.weight": [1e-6, 1.0, 1e6], "findings.x.likelihood.shop": [0.1, 0.9]},
        {"findings.y.overlap": [0.0, 0.5], "findings.y.reliability": [0.3, 1.0]},
        {"findings.z.likelihood.lib": [0.0, 0.5], "routes.shop/lib": [0.1, 0.6]},
    ],
)
def test_roles_in_chains_groups_and_excluded_routes(grid: dict[str, list[Any]]) -> None:
    """The proposition is a role, so that its chance given a chain is not 0 or 1."""
    assert_equals_single(parse_case(CHAINED), grid)


def test_burglary_by_hand() -> None:
    """Three suspects, two findings: Bayes on the back of an envelope."""
    weights, hits = [0.5, 1.0, 3.0], [0.2, 0.8]
    data = sweep(
        BURGLARY,
        {"sources.suspect_1.weight": weights, "findings.item.likelihood.suspect_1": hits},
        bound=0.3,
    )
    for (i, w), (j, p) in itertools.product(enumerate(weights), enumerate(hits)):
        joint = np.array([w * p * 0.9, 0.1 * 0.1, 0.1 * 0.75])
        cell = data.isel({"sources.suspect_1.weight": i, "findings.item.likelihood.suspect_1": j})
        np.testing.assert_allclose(cell["posterior"], joint / joint.sum(), rtol=1e-12)
        ratio = p * 0.9 / ((0.1 * 0.1 + 0.1 * 0.75) / 2.0)
        assert float(cell["log10_lr"]) == pytest.approx(np.log10(ratio), rel=1e-12)
        odds = w / 2.0 * min(ratio, 10.0**0.3)
        assert float(cell["held"]) == pytest.approx(odds / (1.0 + odds), rel=1e-12)
        assert bool(cell["met"]) == (odds / (1.0 + odds) >= 0.5)


def test_chunks_and_slabs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {
        "sources.osint.weight": np.geomspace(0.1, 10.0, 7),
        "victims.co_victims.count": [1, 2, 5, 9],
        f"{RULE}.likelihood.osint": np.linspace(0.1, 0.9, 5),
        "sources.osint.correlation": [0.2, 0.5],
    }
    whole = sweep(BEIJING, grid, settings=DRAFT)
    monkeypatch.setattr(plan, "_CHUNK", 16)
    monkeypatch.setattr(plan, "_SLAB", 3)
    asked = plan_sweep(BEIJING, grid, settings=DRAFT)
    slabs = list(asked.slabs())
    assert len(slabs) > 1
    assert max(len(slab.chunks) for slab in slabs) > 1
    # BLAS may add in another order for another shape
    xr.testing.assert_allclose(sweep(BEIJING, grid, settings=DRAFT), whole, rtol=1e-9)


def test_the_log_scale_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"sources.osint.weight": [0.1, 1.0, 9.0], f"{RULE}.likelihood.osint": [0.2, 0.9]}
    linear = sweep(BEIJING, grid, settings=DRAFT, variables=DEFAULT)
    monkeypatch.setattr("causation.sweeping.sums.TINY", 1e300)  # everything is too small
    logs = sweep(BEIJING, grid, settings=DRAFT, variables=DEFAULT)
    xr.testing.assert_allclose(logs, linear, rtol=1e-12)


def test_independent_of_the_order_of_axes() -> None:
    grid = {"sources.osint.weight": [1.0, 2.0], "victims.co_victims.count": [1, 3]}
    one = sweep(BEIJING, grid, settings=DRAFT)
    other = sweep(BEIJING, dict(reversed(grid.items())), settings=DRAFT)
    xr.testing.assert_allclose(one, other.transpose(*one["posterior"].dims), rtol=1e-13)


@pytest.fixture
def integrated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows are evaluated, call by call; every evaluation is a table of zeros."""
    rows: list[int] = []

    def fake(model: Model, scenarios: Any, **_: Any) -> Answer:
        rows.append(len(scenarios) - 1)  # less the case as it is
        shape = (len(scenarios), len(model.routes))
        nothing = np.zeros(shape)
        return Answer(model, nothing, nothing, nothing, nothing + 0.5, np.zeros(shape[0], bool))

    monkeypatch.setattr(factors, "evaluate", fake)
    return rows


MANY = np.linspace(0.1, 0.9, 50)


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        ({"sources.osint.weight": MANY, "standard": MANY}, [1]),
        ({f"{RULE}.likelihood.osint": MANY, f"{RULE}.reliability": MANY}, [1]),
        ({"security.platform.breach_rate.rate": MANY, "routes.osint/library": MANY}, [1]),
        ({"sources.osint.correlation": MANY, "sources.osint.weight": MANY}, [50]),
        ({"sources.osint.correlation": [0.2, 0.5, 0.2]}, [2]),
        ({"sources.osint.correlation": MANY, "sources.platform.correlation": [0.1, 0.2, 0.3]},
         [150]),
        ({"victims.co_victims.count": [1, 2, 3], "sources.osint.weight": MANY}, [1, 1, 1]),
    ],
)  # fmt: skip
def test_only_what_an_axis_touches_is_integrated(
    grid: dict[str, Any], expected: list[int], integrated: list[int]
) -> None:
    compute(plan_sweep(BEIJING, grid, settings=DRAFT))
    assert sorted(integrated) == sorted(expected)


def test_a_field_is_integrated_for_the_rows_that_differ_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What strangers were likely to show is a number of every row, no reason to integrate again."""
    rows: dict[str, set[int]] = {}
    sums = Nest.log_sums

    def counted(nest: Nest, *args: Any) -> Any:
        found = sums(nest, *args)
        rows.setdefault(nest.route.name, set()).add(len(found))
        return found

    monkeypatch.setattr(Nest, "log_sums", counted)
    grid = {
        "sources.platform.correlation": np.linspace(0.1, 0.9, 20),
        "sources.library.disclosure.phone": np.linspace(0.1, 0.9, 4),
        "actor.publishes": np.linspace(0.3, 0.9, 3),
    }
    whole = sweep(BEIJING, grid, settings=DRAFT)["probability"]
    # nothing was withheld: the share published is a factor, and no integral hangs on it
    assert [rows[r] for r in ("platform", "library", "osint")] == [{20}, {4}, {1}]
    assert rows["platform/library"] == {80}
    cell = {path: float(values[-2]) for path, values in grid.items()}
    alone = infer(BEIJING.replace(cell)).probability
    assert float(whole.sel(cell)) == pytest.approx(alone, abs=1e-5)


def test_dataset_is_labelled_and_tidy() -> None:
    data = sweep(BEIJING, ["sources.osint.weight=1,2,3", "priors=neutral,claimant"])
    assert data["posterior"].dims == ("route", "sources.osint.weight", "priors")
    assert set(data.data_vars) == set(DEFAULT)
    assert len(data.to_dataframe()) == data.sizes["route"] * 3 * 2
    assert data.attrs["case_sha256"] == BEIJING.sha256
    assert data.attrs["random_seed"] == 20250723
    np.testing.assert_allclose(data["posterior"].sum("route"), 1.0, rtol=1e-13)


def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    sweep(BEIJING, {"victims.co_victims.count": [1, 2]}, settings=DRAFT, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_an_impossible_point_is_named_or_a_gap() -> None:
    grid = {
        "findings.item.likelihood.suspect_1": [0.8, 0.0],
        "findings.time.likelihood.suspect_2": [0.1, 0.0],
        "findings.time.likelihood.suspect_3": [0.5, 0.0],
    }
    with pytest.raises(ImpossibleEvidenceError) as error:
        sweep(BURGLARY, grid)
    assert "excludes every route" in str(error.value)
    for path in grid:
        assert f"{path} = 0.0" in str(error.value)
    data = sweep(BURGLARY, grid, gaps=True)
    assert np.isnan(data["probability"]).sum() == 1
    assert np.isnan(data["probability"][1, 1, 1])
    assert not data["met"][1, 1, 1]


def test_shares_that_add_up_to_too_much_are_named_or_a_gap() -> None:
    grid = {"routes.lib/osint": [0.1, 0.7], "routes.lib/shop": [0.6, 0.2]}
    with pytest.raises(
        ImpossibleEvidenceError, match=r"more than 1 at routes.lib/osint = 0\.7, .*0\.6"
    ):
        sweep(parse_case(CHAINED), grid, settings=DRAFT)
    data = sweep(parse_case(CHAINED), grid, settings=DRAFT, gaps=True)
    assert np.isnan(data["probability"].values).tolist() == [[False, False], [True, False]]


def test_facts_that_are_not_allowed_are_an_error_or_a_gap() -> None:
    path = "victims.plaintiff.not_disclosed"
    with pytest.raises(CaseError):
        sweep(BEIJING, {path: [["email"], ["phone"]]}, settings=DRAFT)  # the phone was published
    data = sweep(BEIJING, {path: [["email"], ["phone"]]}, settings=DRAFT, gaps=True)
    assert np.isnan(data["probability"].values).tolist() == [False, True]


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"sources.osint.wieght": [1.0]}, "weight"),
        ({"sources.nobody.weight": [1.0]}, "no such source"),
        ({"victims.nobody.count": [1]}, "no such member"),
        ({"priors.misfit.custodia": [0.1]}, "custodian"),
        ({"chains.inference/leaked_library": [0.1]}, "no such"),
        ({"sources.osint.weight": [1.0, -1.0]}, "weight"),
        ({"victims.co_victims.count": [1.5]}, "count"),
        ({"sources.osint.weight": [1.0], "sources.osint.weight[1]": [5.0]}, "the same number"),
        ({"standard": [0.5, 1.5]}, "in \\(0, 1\\)"),
        ({"standard": ["nowhere"]}, "unknown standard"),
        ({"priors": ["nobody"]}, "unknown prior set"),
    ],
)
def test_unknown_paths_and_values_are_errors(grid: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sweep(BEIJING, grid, settings=DRAFT)


def test_mistakes() -> None:
    with pytest.raises(InputError, match="no such variable: verdict"):
        sweep(BEIJING, {"standard": [0.5]}, variables=["verdict"])
    with pytest.raises(InputError, match="nothing varies"):
        sweep(BEIJING, {})
    with pytest.raises(InputError, match="given by itself"):
        sweep(BEIJING, {"priors": ["neutral"]}, priors="claimant")
    with pytest.raises(InputError, match="varied twice"):
        sweep(BEIJING, {"standard": [0.5]}, standard=[0.5, 0.6])
    with pytest.raises(InputError, match="no such source"):
        sweep(["bic-2025-doxxing", "gao-2024"], {"sources.platform.weight": [1.0]})
    many = np.linspace(0.01, 0.99, 30_000)
    with pytest.raises(InputError, match="more than there is memory"):
        sweep(BEIJING, {"standard": many, f"{RULE}.reliability": many})
