"""The simulator against the likelihood: how often each outcome is drawn, and how likely it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare

from causation.case import Proposition, fill, parse_case
from causation.errors import InputError
from causation.inference.evaluate import evaluate
from causation.inference.integrate import DRAFT
from causation.model import simulation
from causation.model.simulation import SimulatedCase, simulate
from causation.model.structure import Model, build_model
from causation.validation.designs import designs, prior_before_incidents

DRAWS = 1500


def _model(
    *further: dict[str, Any], plaintiff: dict[str, Any] | None = None, **changes: Any
) -> Model:
    """A shop against public traces and a chain from there to a library; narrow numbers."""
    fields = ["phone", "real_name"]
    tree = {
        "schema": 2,
        "id": "simulated",
        "jurisdiction": "none",
        "standard": 0.75,
        "incident_date": "2024-05-03",
        "proposition": "shop",
        "exhaustive": True,
        "routes": {"osint/library": [0.2, 0.5], "shop/library": 0, "library/osint": 0},
        "sources": {
            "shop": {"kind": "custodian", "weight": 2, "disclosure": {"phone": [0.3, 0.9],
                     "real_name": [0.2, 0.8]}, "misfit": 0.2, "reach": [0.3, 0.8],
                     "disclosure_not_user": {"phone": 0.1, "real_name": [0.1, 0.3]}, "age": [1, 90],
                     "membership": 0.98},
            "osint": {"kind": "inference", "weight": 1, "disclosure": {"phone": [0.1, 0.5],
                      "real_name": [0.2, 0.7]}, "misfit": 0.1, "reach": [0.2, 0.6],
                      "age": [1, 900], "odds_ratio": {"anonymous": 0.3}},
            "library": {"kind": "leaked_library", "weight": 1, "disclosure": {"phone": [0.5, 0.9],
                        "real_name": [0.5, 0.9]}, "misfit": 0, "reach": 0.5, "age": [100, 2000]},
        },
        "agreement": {"own": [0.9, 0.99], "phone": [0.2, 0.7]},
        "victims": [{"id": "p", "plaintiff": True, "disclosed": fields, **(plaintiff or {})},
                    *further],
        **changes,
    }  # fmt: skip
    return build_model(fill(parse_case(json.dumps(tree))))


def _further(known_by: Any = "exposure", **keys: Any) -> dict[str, Any]:
    row = {"id": "g", "disclosed": ["phone", "real_name"], "known_by": known_by, **keys}
    return row if known_by == "attempt" else {"linkage": 0.6, **row}


RECORD = {"record": {"of": ["shop"], "agrees": ["phone"]}, "disclosed": ["phone"]}
FINDINGS = [
    {"id": name, "likelihood": {"shop": p, "osint": q, "library": 0.5}, "about": "shop",
     "group": "pair", "overlap": 0.4, "reliability": 0.8, "count": n, "repeats": 0.3}
    for name, p, q, n in (("a", 0.9, 0.4, 1), ("b", 0.7, 0.2, 3))
]  # fmt: skip
SHAPES: dict[str, Model] = {
    "exposure": _model(_further()),
    "all": _model(_further({"published_all": ["phone"]}, traits={"anonymous": True})),
    "any": _model(_further({"published_any": ["phone", "real_name"]})),
    "attempt": _model(_further("attempt")),
    "memberships": _model(_further(users_of=["shop"], disclosed=["phone"])),
    "findings": _model(findings=FINDINGS),
    "register": _model(_further(**RECORD), plaintiff=RECORD),
    "dates": _model(
        plaintiff={"dates": {"phone": {"since": "2024-01", "until": "2024-04-20"}}}, routes="single"
    ),
    "snapshots": _model(
        _further(disclosed=["phone"], dates={"phone": {"since": "2022"}}),
        plaintiff={"disclosed": ["phone"], "dates": {"phone": {"since": "2021-06-01"}}},
        routes="single",
    ),
}


@pytest.mark.parametrize(
    ("shape", "route"),
    [
        (shape, route)
        for shape, model in SHAPES.items()
        for route in ("shop", "osint/library" if model.filled.single is False else "library")
    ],
)
def test_outcomes_are_drawn_as_often_as_they_are_likely(shape: str, route: str) -> None:
    """Chi-square over every outcome; misfit, linkage and what defined the list are in."""
    model, rng = SHAPES[shape], np.random.default_rng(1)
    place = model.route_names.index(route)
    count: Counter[Hashable] = Counter()
    seen: dict[Hashable, SimulatedCase] = {}
    for _ in range(DRAWS):
        case = simulate(model, route=route, rng=rng)
        count[case.outcome] += 1
        seen[case.outcome] = case
    likelihood = {
        key: float(np.exp(evaluate(case.model(), settings=DRAFT).log_evidence[0, place]))
        for key, case in seen.items()
    }
    # outcomes that were never drawn are rare: one in a hundred draws at the most
    rest = 1.0 - sum(likelihood.values())
    assert -0.01 < rest < 0.02
    common = [key for key, p in likelihood.items() if p * DRAWS >= 5.0]
    observed = [count[key] for key in common]
    expected = np.array([likelihood[key] for key in common]) * DRAWS
    observed.append(DRAWS - sum(observed))
    expected = np.append(expected, max(DRAWS - expected.sum(), 1.0))
    # one draw in a thousand of a right simulator would fail; the seed is fixed
    assert chisquare(observed, expected * sum(observed) / expected.sum()).pvalue > 1e-3


def test_routes_are_drawn_from_the_prior() -> None:
    model, rng = SHAPES["findings"], np.random.default_rng(2)
    count = Counter(simulate(model, rng=rng).route for _ in range(DRAWS))
    prior = np.exp(evaluate(model).log_prior[0])
    observed = [count[name] for name in model.route_names]
    assert chisquare(observed, prior * DRAWS).pvalue > 1e-3


def test_incidents_move_the_prior_by_nothing_on_average() -> None:
    """The prior after incidents averages to the prior before them, entrance by entrance."""
    model = _model(
        security={"shop": {"breach_rate": {"shape": 1, "rate": 4}, "detection": [0.2, 0.6],
                           "incidents": {"count": 0, "years": 8}}}
    )  # fmt: skip
    rng = np.random.default_rng(3)
    cases = [simulate(model, rng=rng) for _ in range(DRAWS)]
    at_shop = np.array([c.route.startswith("shop") for c in cases])
    known = np.array([c.incidents["shop"] for c in cases])
    after = {
        int(k): np.exp(evaluate(cases[int(np.argmax(known == k))].model()).log_prior[0, 0])
        for k in np.unique(known)
    }
    assert known[at_shop].mean() > known[~at_shop].mean() + 0.1
    before = prior_before_incidents(model)[0]
    gap = np.array([after[int(k)] for k in known])
    assert gap.mean() == pytest.approx(before, abs=4.0 * gap.std() / np.sqrt(DRAWS))
    # and calibrated: among cases of one number of incidents the shop's share is that prior
    for k in (0, 1):
        share, size = at_shop[known == k].mean(), (known == k).sum()
        assert share == pytest.approx(after[k], abs=4.0 * np.sqrt(after[k] * (1 - after[k]) / size))


def test_a_row_of_other_numbers() -> None:
    model = SHAPES["exposure"]
    row = model.rows([{"actor.publishes": 1.0, **dict.fromkeys(
        (f"sources.shop.disclosure.{f}" for f in ("phone", "real_name")), 1.0)}])  # fmt: skip
    row.center[0, model.columns["sources.shop.misfit"]] = 0.0
    rng = np.random.default_rng(4)
    for _ in range(20):
        case = simulate(model, route="shop", rng=rng, row=row)
        assert case.groups[0].disclosed == ("phone", "real_name")


def test_numbers_of_another_case_on_what_was_seen() -> None:
    model = SHAPES["findings"]
    other = _model(findings=[dict(f, reliability=1.0) for f in FINDINGS])
    case = simulate(model, rng=np.random.default_rng(5))
    found = case.filled(other.filled)
    assert found.findings[0].reliability.center == np.inf
    assert found.groups == case.groups
    unseen = [f for f in found.findings if not case.seen[f.id]]
    assert all(f.count == 1 for f in unseen)


def test_victims_of_a_group_become_as_many_groups() -> None:
    model = _model({**_further({"published_any": ["phone"]}), "count": 3})
    case = simulate(model, rng=np.random.default_rng(6))
    assert [g.id for g in case.groups] == ["p", "g#1", "g#2", "g#3"]
    assert all("phone" in g.disclosed for g in case.groups[1:])
    assert evaluate(case.model()).posterior.sum() == pytest.approx(1.0)


def test_every_design_can_be_drawn_and_read() -> None:
    rng = np.random.default_rng(7)
    for design in designs():
        case = simulate(design.model, rng=rng)
        model = case.model()
        assert set(design.model.route_names) == set(model.route_names)
        assert len(model.filled.groups) == sum(g.count for g in design.model.filled.groups)


def _case(route: str, supplied: dict[str, tuple[str, ...]]) -> SimulatedCase:
    case = simulate(SHAPES["findings"], rng=np.random.default_rng(8))
    return replace(case, route=route, supplied=(supplied,))


@pytest.mark.parametrize(
    ("role", "sources", "fields", "expected"),
    [
        ("entrance", ("osint",), (), True),
        ("entrance", ("library",), (), False),
        ("alone", ("osint",), (), False),
        ("alone", ("osint", "library"), (), True),
        ("role", ("osint",), (), True),
        ("role", ("library",), (), True),
        ("role", ("shop",), (), False),
        ("supplied", ("library",), ("phone",), True),
        ("supplied", ("osint",), ("phone",), False),
        ("supplied", ("osint",), ("real_name",), True),
        ("sole", ("osint",), ("real_name",), False),
        ("sole", ("library",), ("phone",), True),
        ("supplied", ("library",), ("phone", "id_number"), False),
    ],
)
def test_what_is_true_of_a_case(
    role: Any, sources: tuple[str, ...], fields: tuple[str, ...], expected: bool
) -> None:
    case = _case("osint/library", {"phone": ("library",), "real_name": ("osint", "library")})
    assert case.holds(Proposition(sources, role, fields)) is expected


def test_a_library_that_gave_nothing_played_no_role() -> None:
    case = _case("osint/library", {"phone": ("osint",)})
    assert not case.holds(Proposition(("library",), "role"))


def test_refusals_name_their_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(9)
    with pytest.raises(InputError, match="no route 'nobody'"):
        simulate(SHAPES["exposure"], route="nobody", rng=rng)
    with pytest.raises(InputError, match="301 victims"):
        simulate(_model({**_further(), "count": 300}), rng=rng)
    nobody = _model({**_further({"published_all": ["phone"]}), "linkage": 1.0})
    never = nobody.rows([{"actor.publishes": 1e-12}])
    monkeypatch.setattr(simulation, "MAX_TRIES", 3)
    with pytest.raises(InputError, match="on the list of g"):
        simulate(nobody, rng=rng, row=never)
    strangers = _model({**_further({"published_all": ["phone"]}), "linkage": 0.0})
    with pytest.raises(InputError, match="on the list of g"):
        simulate(strangers, rng=rng, row=strangers.rows([{"actor.publishes": 1e-12}]))
    monkeypatch.setattr(simulation, "MAX_TRIES", 0)
    with pytest.raises(InputError, match="hardly any exposure"):
        simulate(nobody, rng=rng)


def test_those_of_whom_nothing_is_looked_at_are_drawn_as_such() -> None:
    drawn = simulate(build_model("homeplus-2024"), rng=np.random.default_rng(3))
    assert {g.disclosed for g in drawn.groups if g.id.startswith("others")} == {()}
