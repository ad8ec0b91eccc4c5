"""How far numbers move, by rules that are restated here, and values as they are printed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causation.analyses.crossing import rounded_away
from causation.analyses.spread import Spread, moved, spreads_of
from causation.dossier.wording import shown_value
from causation.model.structure import Model, build_model
from causation.scales import Z90

SD_OF_WEIGHT = math.log(4.0) / Z90 / 2.0
"""Of an interval whose upper end is four times the lower."""


@pytest.fixture(scope="module")
def model() -> Model:
    return build_model("bic-2025-doxxing")


@pytest.fixture(scope="module")
def spreads(model: Model) -> dict[str, Spread]:
    return {s.path: s for s in spreads_of(model)}


def test_a_number_whose_middle_counts_moves_by_its_own_interval(
    spreads: dict[str, Spread],
) -> None:
    weight = spreads["sources.osint.weight"]
    assert weight.sd == pytest.approx(SD_OF_WEIGHT)
    assert weight.at(0.0) == pytest.approx((1.0, 4.0))
    factor = math.exp(SD_OF_WEIGHT)
    assert weight.at(1.0) == pytest.approx((factor, 4.0 * factor))
    finding = spreads["findings.no_alternative_route.likelihood.platform"]
    lo, hi = finding.base  # type: ignore[misc]
    odds = [math.log(p / (1.0 - p)) for p in (lo, hi)]
    assert finding.sd == pytest.approx((odds[1] - odds[0]) / (2.0 * Z90))


def test_where_the_interval_is_integrated_it_moves_by_a_second_elicitation(
    model: Model, spreads: dict[str, Spread]
) -> None:
    for path in ("sources.osint.disclosure.phone", "actor.publishes", "actor.linkage"):
        assert spreads[path].sd == model.filled.elicitation_sd == 0.5
    lo, hi = spreads["sources.osint.disclosure.phone"].at(2.0)  # type: ignore[misc]
    for end, base in ((lo, 0.05), (hi, 0.5)):
        shift = math.log(end / (1 - end)) - math.log(base / (1 - base))
        assert shift == pytest.approx(1.0)


def test_a_plain_number_is_multiplied_by_a_half_to_one_and_a_half(
    spreads: dict[str, Spread],
) -> None:
    misfit = spreads["sources.osint.misfit"]
    ends = misfit.centers(misfit.steps_at(np.array([1e-9, 0.5, 1.0 - 1e-9])))
    assert ends == pytest.approx([0.01, 0.02, 0.03], rel=1e-6)
    assert spreads["sources.osint.correlation"].at(10.0) == 0.99
    assert spreads["sources.library.loadings.account_link"].at(10.0) == -0.99
    assert spreads["sources.osint.misfit"].at(-10.0) == 0.0


def test_an_odds_ratio_does_not_cross_one(spreads: dict[str, Spread]) -> None:
    ratio = spreads["sources.osint.odds_ratio.anonymous"]
    center = math.log(0.1 * 0.9) / 2.0
    assert ratio.centers(np.array([-3.0, 0.0, 50.0])) == pytest.approx(
        [center - 3.0 * ratio.sd, center, 0.0]
    )


def test_what_is_certain_or_counts_for_nothing_does_not_move(
    spreads: dict[str, Spread],
) -> None:
    absent = (
        "findings.no_alternative_route.overlap",  # alone in its group
        "findings.no_alternative_route.repeats",  # seen once
    )
    assert not set(absent) & set(spreads)
    burglary = build_model("data/published/three-suspect-burglary.yaml")
    paths = {s.path for s in spreads_of(burglary)}
    assert "findings.item.reliability" not in paths  # stated as 1
    assert "sources.suspect_1.misfit" not in paths  # stated as 0
    assert "sources.suspect_1.weight" in paths


def test_rows_move_only_what_they_name(model: Model, spreads: dict[str, Spread]) -> None:
    two = [spreads["sources.osint.weight"], spreads["sources.osint.misfit"]]
    rows = moved(model, two, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, -1.0]]))
    base = model.base()
    changed = [np.flatnonzero(row != base.center[0]).tolist() for row in rows.center]
    columns = [model.columns[s.path] for s in two]
    assert changed == [[], [columns[0]], [columns[1]]]
    assert (rows.sd == base.sd).all()


def test_shares_that_go_on_stay_below_one(model: Model) -> None:
    chains = [s for s in spreads_of(model) if s.path.startswith("chains.")]
    rows = moved(model, chains, np.full((1, len(chains)), 8.0))
    for s in chains:
        assert rows.center[0, model.columns[s.path]] <= s.number.center + 8.0 * s.sd


@given(st.floats(1e-6, 0.9999), st.floats(1e-6, 0.9999))
def test_rounding_goes_away_from_the_base_and_is_printed_whole(x: float, base: float) -> None:
    found = rounded_away(x, base)
    assert isinstance(found, float)
    assert (found >= x) if x > base else (found <= x)
    assert abs(found - x) <= 0.01 * x
    assert float(shown_value(found)) == pytest.approx(found, rel=1e-12)


def test_rounding_of_intervals() -> None:
    assert rounded_away((0.12345, 0.98765), (0.2, 0.99)) == (0.123, 0.987)
    assert rounded_away((1234.5, 2e6 + 1), (1.0, 2.0)) == (1240.0, 2010000.0)
    assert rounded_away(-0.12345, -0.5) == -0.123
