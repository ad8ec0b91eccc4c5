"""Routes, prior and background, against arithmetic on the page's formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from causation.case import Case, fill
from causation.errors import CaseError, InputError
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.model.routes import log_prior
from causation.model.structure import Model, build_model, concatenate

# neutral numbers: centres of the weights, shares that go on
WEIGHT = {"custodian": 1.0, "inference": 2.0, "library": 4.0, "residual": 0.5}
Q = 1.0 / (1.0 + math.sqrt((0.95 / 0.05) * (0.65 / 0.35)))
GOES_ON = {"osint/library": 0.25, "forum/library": Q, "library/osint": Q}

FORUM = {"kind": "custodian", "holds": ["phone"]}


def model(sources: dict[str, Any] | None = None, **changes: Any) -> Model:
    tree = {
        "schema": 2, "id": "r", "jurisdiction": "none", "standard": 0.75,
        "incident_date": "2024-05-03", "proposition": "forum",
        "sources": sources or {"forum": FORUM},
    }  # fmt: skip
    return build_model(fill(Case.model_validate(tree | changes)))


def prior(m: Model, row: Any = None) -> dict[str, float]:
    rows = m.base() if row is None else row
    at = At(NUMPY, m.places, rows.center, rows.sd, {})
    table = log_prior(m.filled, m.routes, at, lambda _: True)
    return dict(zip(m.route_names, np.exp(table[0]).tolist(), strict=True))


def background(m: Model) -> dict[str, float]:
    return dict(zip(m.route_names, m.background.tolist(), strict=True))


def relative(table: dict[str, float], to: float = 0.5) -> dict[str, float]:
    """Weights in the unit in which the residual has its own."""
    return {z: p / table["unknown"] * to for z, p in table.items()}


def test_neutral_numbers() -> None:
    m = model()
    assert m.route_names == (
        "forum", "forum/library", "library", "library/osint", "osint", "osint/library", "unknown",
    )  # fmt: skip
    q = GOES_ON
    expected = {
        "forum": 1.0 * (1.0 - q["forum/library"]),
        "forum/library": 1.0 * q["forum/library"],
        "osint": 2.0 * (1.0 - q["osint/library"]),
        "osint/library": 2.0 * q["osint/library"],
        "library": 4.0 * (1.0 - q["library/osint"]),
        "library/osint": 4.0 * q["library/osint"],
        "unknown": 0.5,
    }
    for table in (prior(m), background(m)):
        assert sum(table.values()) == pytest.approx(1.0, abs=1e-12)
        assert relative(table) == pytest.approx(expected, rel=1e-9)


def test_a_weight_enters_by_the_centre_of_its_interval() -> None:
    """The mean of a lognormal would reward ignorance."""
    for interval in ([0.5, 2.0], [0.01, 100.0], 1.0):
        m = model({"forum": {**FORUM, "weight": interval}})
        got = relative(prior(m))
        assert got["forum"] + got["forum/library"] == pytest.approx(1.0, rel=1e-9)


def test_stated_weights_move_the_prior_and_not_the_background() -> None:
    sources = {"forum": {**FORUM, "weight": 3.0},
               "lib": {"kind": "leaked_library", "weight": [1, 4]}}  # fmt: skip
    m = model(sources)
    got = relative(prior(m))
    assert got["forum"] + got["forum/lib"] == pytest.approx(3.0)
    assert got["lib"] + got["lib/osint"] == pytest.approx(2.0)
    back = relative(background(m))
    assert back["forum"] + back["forum/lib"] == pytest.approx(1.0)
    assert back["lib"] + back["lib/osint"] == pytest.approx(4.0)
    moved = m.rows([{"sources.forum.weight": 30.0}])
    assert relative(prior(m, moved))["forum"] == pytest.approx(10.0 * got["forum"])


@pytest.mark.parametrize("shares", [None, (0.3, 0.7)])
def test_a_kind_is_split_among_its_members(shares: tuple[float, float] | None) -> None:
    sources: dict[str, Any] = {"forum": FORUM}
    for i in range(2):
        sources[f"lib{i}"] = {"kind": "leaked_library"}
        if shares:
            sources[f"lib{i}"]["share"] = shares[i]
    m, part = model(sources), shares or (0.5, 0.5)
    for table in (relative(prior(m)), relative(background(m))):
        for i in range(2):
            starts = table[f"lib{i}"] + table[f"lib{i}/osint"]
            assert starts == pytest.approx(4.0 * part[i])
            assert table[f"osint/lib{i}"] == pytest.approx(2.0 * 0.25 * part[i], rel=1e-9)
            assert table[f"lib{i}/osint"] == pytest.approx(starts * Q, rel=1e-9)


def test_a_share_of_a_pair_is_not_split() -> None:
    sources = {"forum": FORUM, "lib0": {"kind": "leaked_library"},
               "lib1": {"kind": "leaked_library"}}  # fmt: skip
    m = model(sources, routes={"osint/lib0": 0.4, "forum/lib1": 0})
    assert "forum/lib1" not in m.route_names
    got, back = relative(prior(m)), relative(background(m))
    assert got["osint/lib0"] == pytest.approx(2.0 * 0.4)
    assert got["osint/lib1"] == pytest.approx(2.0 * 0.125, rel=1e-9)
    assert got["osint"] == pytest.approx(2.0 * (1.0 - 0.4 - 0.125), rel=1e-9)
    # the background keeps the set's shares; what is removed goes back into the single route
    assert back["osint/lib0"] == pytest.approx(2.0 * 0.125, rel=1e-9)
    assert back["forum"] + back["forum/lib0"] == pytest.approx(1.0)
    assert back["forum/lib0"] == pytest.approx(Q / 2.0, rel=1e-9)


def test_without_chains() -> None:
    m = model(routes="single")
    assert set(m.route_names) == {"forum", "osint", "library", "unknown"}
    expected = {"forum": 1.0, "osint": 2.0, "library": 4.0, "unknown": 0.5}
    for table in (prior(m), background(m)):
        assert relative(table) == pytest.approx(expected)


def test_custodians_compete_as_hazards_unless_they_are_one_service() -> None:
    two = {"forum": {**FORUM, "weight": 1.0}, "agent": {**FORUM, "weight": 3.0}}
    apart = relative(prior(model(two, routes="single")))
    assert apart["forum"] + apart["agent"] == pytest.approx(4.0)
    one = {s: {**x, "one_service": "booking"} for s, x in two.items()}
    claimed = relative(prior(model(one, routes="single")))
    assert claimed["forum"] == claimed["agent"] == pytest.approx(0.5)
    largest = relative(prior(model(one, routes="single", proposition="osint")))
    assert largest["forum"] == largest["agent"] == pytest.approx(1.5)
    back = relative(background(model(one, routes="single")))
    assert back["forum"] == back["agent"] == pytest.approx(0.5)


def test_a_stated_background() -> None:
    m = model(background={"forum": 1, "osint/library": 3})
    expected = dict.fromkeys(m.route_names, 0.0) | {"forum": 0.25, "osint/library": 0.75}
    assert background(m) == pytest.approx(expected)


def test_shares_that_add_to_more_than_one_are_an_error() -> None:
    many = {"forum/library": 0.7, "forum/osint": 0.7}
    with pytest.raises(CaseError, match="add up to more than 1"):
        prior(model(routes=many))
    m = model(routes={"forum/library": 0.5, "forum/osint": 0.3})
    with pytest.raises(CaseError, match="add up to more than 1"):
        prior(m, m.rows([{"routes.forum/library": 0.9}]))


def test_exhaustive_cases_have_no_others() -> None:
    m = model({"forum": FORUM, "shop": FORUM}, exhaustive=True)
    assert set(m.route_names) == {"forum", "shop"}


# Rows


def test_rows_change_numbers_and_presence_apart() -> None:
    m = model(victims=[{"id": "p", "disclosed": ["phone"], "traits": {"anonymous": True}}])
    base = m.base()
    path = "sources.forum.disclosure.phone"
    rows = concatenate([m.rows([{path: (0.2, 0.8)}, {path: 0.5}]),
                        m.without([["victims.p.traits.anonymous"], []])])  # fmt: skip
    column, item = m.columns[path], m.item_index["victims.p.traits.anonymous"]
    assert rows.center[:2, column] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert rows.sd[:2, column] == pytest.approx([math.log(16.0) / 2.0 / 1.6448536, 0.0])
    np.testing.assert_array_equal(rows.center[2:], np.repeat(base.center, 2, axis=0))
    assert rows.present[:, item].tolist() == [True, True, False, True]
    others = np.delete(rows.center[:2], column, axis=1)
    np.testing.assert_array_equal(others, np.repeat(np.delete(base.center, column, axis=1), 2, 0))
    np.testing.assert_array_equal(rows.take([2]).present, rows.present[2:3])


def test_unknown_numbers_and_items_are_named() -> None:
    m = model()
    with pytest.raises(InputError, match=r"no number sources\.nobody\.weight"):
        m.rows([{"sources.nobody.weight": 1.0}])
    with pytest.raises(InputError, match=r"no item victims\.nobody"):
        m.without([["victims.nobody"]])


def test_a_unit_number_takes_the_middle() -> None:
    m = model()
    rows = m.rows([{"sources.forum.misfit": 0.1}])
    column = m.columns["sources.forum.misfit"]
    assert (rows.center[0, column], rows.sd[0, column]) == (pytest.approx(0.1), 0.0)
