"""Windows of values against drawn ages: one an actor's copy, one snapshot for a series."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from causation.document.dates import moments_of
from causation.evidence.base import At
from causation.evidence.dates import _moments, mixture_of, states_of
from causation.model.density import Density
from causation.model.structure import Model
from tests.evidence.small import Named, fixed, model, odd, omega, share

PLAINTIFF = {
    "disclosed": ["phone", "real_name", "account_link"],
    "posted": "2024-07-20",
    "dates": {
        "phone": {"since": "2023-09", "until": "2024-04-20"},
        "real_name": {"since": "2019", "until": "2024-03-15"},
    },
    "traits": {},
}
OTHER = {
    "id": "g",
    "disclosed": ["phone"],
    "posted": "2024-05-06",
    "linkage": 1.0,
    "dates": {"phone": {"until": "2024-01"}},
}
FIELDS = {"p": ("phone", "real_name", "account_link"), "g": ("phone",)}
WINDOWS: dict[str, dict[str, tuple[Any, Any]]] = {
    "p": {"phone": ("2023-09", "2024-04-20"), "real_name": ("2019", "2024-03-15")},
    "g": {"phone": (None, "2024-01")},
}
POSTED = {"p": "2024-07-20", "g": "2024-05-06"}


def log_total(density: Density, at: At) -> float:
    """Log likelihood of the series, of linkage 1, at one point."""
    return float(np.asarray(density.log_total(at, np.zeros(density.uncertain.size))).item())


def span(text: str) -> tuple[dt.date, dt.date]:
    year, month, day = ([int(x) for x in text.split("-")] + [0, 0])[:3]
    if day:
        return dt.date(year, month, day), dt.date(year, month, day)
    if not month:
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    after = dt.date(year + month // 12, month % 12 + 1, 1)
    return dt.date(year, month, 1), after - dt.timedelta(days=1)


def drawn(rng: np.random.Generator, text: str, n: int) -> Any:
    """A day is uniform over 24 hours, what is longer twelve dates."""
    first, last = (d.toordinal() for d in span(text))
    parts = 24 if first == last else 12
    return first + (rng.integers(parts, size=n) + 0.5) / parts * (last + 1 - first)


def ages(rng: np.random.Generator, m: Model, source: str, n: int) -> Any:
    number = m.filled.number(f"sources.{source}.age")
    return np.exp(number.center + number.sd * rng.standard_normal(n))


@pytest.mark.parametrize("route", ["forum", "library", "osint/library", "~"])
def test_two_dated_fields_and_two_victims_by_simulation(route: str) -> None:
    """The series' likelihood: publications averaged over drawn ages and uncertain dates."""
    m = model(OTHER, plaintiff=PLAINTIFF)
    z, rng, n = Named(1, shape=(1,)), np.random.default_rng(4), 200_000
    names = route.split("/")
    # the first publication of the series, for what is one snapshot
    first = drawn(rng, POSTED["g"], n)
    snapshot = {s: first - ages(rng, m, s, n) for s in names if s == "library"}
    total = np.ones(n)
    for group, fields in FIELDS.items():
        posted = drawn(rng, POSTED[group], n)
        live = {s: posted - ages(rng, m, s, n) for s in names if s not in {"library", "~"}}
        copies = {**live, **snapshot}
        for f in fields:
            begin, end = (
                drawn(rng, x, n) if x else (-np.inf, np.inf)[side]
                for side, x in enumerate(WINDOWS[group].get(f, (None, None)))
            )
            miss = np.ones(n)
            for s in names:
                t = posted - ages(rng, m, "unknown", n) if s == "~" else copies[s]
                miss *= 1.0 - share(m, z, s, f) * ((begin <= t) & (t <= end))
            total *= omega(m, z) * (1.0 - miss)
    density, at = odd(m, seed=1) if route == "~" else fixed(m, route, seed=1)
    got = math.exp(log_total(density, at))
    assert got == pytest.approx(total.mean(), abs=5.0 * total.std() / math.sqrt(n))
    assert total.std() > 0.0


def test_a_snapshot_is_common_to_the_series_and_a_live_copy_is_not() -> None:
    """Two victims whose windows exclude each other: impossible from one library."""
    early = {**OTHER, "dates": {"phone": {"until": "2015"}}, "posted": "2024-05-03"}
    late = {"disclosed": ["phone"], "dates": {"phone": {"since": "2018"}}, "traits": {}}
    m = model(early, plaintiff=late, routes="single")
    log = {}
    for route in ("library", "osint"):
        density, at = fixed(m, route)
        log[route] = log_total(density, at)
    assert log["library"] < -500.0
    assert log["osint"] > -60.0


def test_windows_that_no_source_can_meet_leave_the_stand_in() -> None:
    apart = {
        "disclosed": ["phone", "real_name"],
        "traits": {},
        "dates": {"phone": {"since": "2024-04-30"}, "real_name": {"until": "2020-01-01"}},
    }
    m = model(plaintiff=apart, routes="single")
    for route in ("forum", "osint", "library"):
        density, at = fixed(m, route)
        assert log_total(density, at) < -500.0
    density, at = odd(m)
    assert log_total(density, at) > -30.0


@pytest.mark.parametrize(
    ("side", "day"),
    [("since", "2024-01-30"), ("since", "2024-03-05"), ("since", "2024-05-01"),
     ("until", "2016-05-03"), ("until", "2005-05-03")],
)  # fmt: skip
def test_an_age_far_in_either_tail_keeps_its_chance(side: str, day: str) -> None:
    """From 7 to 26 standard deviations out: the mean of a normal tail over hours of both days."""
    forum = {"kind": "custodian", "holds": ["account_link", "phone", "real_name", "id_photo"],
             "age": [300.0, 600.0]}  # fmt: skip
    log = []
    for dates in ({}, {"phone": {side: day}}):
        m = model(plaintiff={"dates": dates}, sources={"forum": forum}, routes="single")
        density, at = fixed(m, "forum")
        log.append(log_total(density, at))
    center, sd = 0.5 * math.log(300.0 * 600.0), math.log(2.0) / (2.0 * 1.6448536269514722)
    turn = 1.0 if side == "since" else -1.0
    found = []
    for published, edge in itertools.product(range(24), repeat=2):
        days = (dt.date(2024, 5, 3) - dt.date.fromisoformat(day)).days + (published - edge) / 24
        found.append(0.5 * math.erfc(-turn * (math.log(days) - center) / sd / math.sqrt(2.0)))
    assert log[1] - log[0] == pytest.approx(math.log(math.fsum(found) / 576), rel=1e-10)


def test_cells_of_the_ages_add_up_to_one() -> None:
    """But for those in which nobody has what was published: they are left out."""
    m = model(OTHER, plaintiff=PLAINTIFF)
    for route in m.route_names:
        density, at = fixed(m, route)
        victims = density.series.victims
        states = states_of(victims, density.route, at)
        if states.log_weight is not None:
            ranks = 1 if states.rank is None else len({*states.rank.tolist()})  # by who was first
            assert np.exp(states.log_weight).sum(axis=-1) == pytest.approx(ranks, abs=1e-9)
        for v in victims:
            mixture = mixture_of(v, density.route, at, states)
            assert mixture is not None
            if mixture.log_weight is not None:
                total = np.exp(mixture.log_weight).sum(axis=-1)
                assert (total <= 1.0 + 1e-9).all()
                assert (
                    not any(frozenset.intersection(*m) for m in mixture.missing) or not total.any()
                )


def test_days_months_and_years() -> None:
    day, month, year = (moments_of(span(t)) for t in ("2024-02-29", "2024-02", "2023"))
    assert (len(day), len(month), len(year)) == (24, 12, 12)
    start = dt.date(2024, 2, 29).toordinal()
    assert np.mean(day) == pytest.approx(start + 0.5)
    assert np.diff(day) == pytest.approx(1.0 / 24.0)
    assert np.diff(month) == pytest.approx(29.0 / 12.0)
    assert np.diff(year) == pytest.approx(365.0 / 12.0)
    assert _moments(None) is None


def test_an_undated_age_changes_nothing() -> None:
    """A window that is always open is no window."""
    bare = {**PLAINTIFF, "dates": {}}
    always = {**PLAINTIFF, "dates": {"phone": {"since": "1900"}}}
    for route, (one, two) in itertools.product(("forum", "osint/library"), [(bare, always)]):
        values = []
        for entry in (one, two):
            density, at = fixed(model(plaintiff=entry), route)
            values.append(log_total(density, at))
        assert values[0] == pytest.approx(values[1], abs=1e-4)


@pytest.mark.parametrize("route", ["osint/library", "forum/osint"])
def test_an_uncertain_edge_and_the_publication_are_one_for_both_sources(route: str) -> None:
    """Chances of all four ways to hold a field: a sum over moments, each age apart."""
    entry = {**PLAINTIFF, "disclosed": ["phone"], "posted": "2024", "dates": {
        "phone": {"since": "2023", "until": "2024"}}}  # fmt: skip
    m = model(plaintiff=entry, routes={route: 0.2})
    density, at = fixed(m, route)
    (victim,) = density.series.victims
    states = states_of([victim], density.route, at)
    mixture = mixture_of(victim, density.route, at, states)
    assert mixture is not None
    log_state = np.zeros(1) if states.log_weight is None else states.log_weight
    got = np.exp(mixture.log_weight + log_state[..., None]).sum(axis=-2).reshape(-1)
    snapshot = [s.kind == "leaked_library" for s in density.route.sources]
    year, last = (moments_of(span(t)) for t in ("2023", "2024"))
    expected = dict.fromkeys(itertools.product((True, False), repeat=2), 0.0)
    # of a snapshot the publication is taken by itself: it is that of the series
    for begin, end, posted, first in itertools.product(year, last, last, last):
        inside = []
        for s, common in zip(density.route.sources, snapshot, strict=True):
            number = m.filled.number(f"sources.{s.name}.age")
            younger = [
                NormalDist(number.center, number.sd).cdf(math.log(age)) if age > 0.0 else 0.0
                for age in ((first if common else posted) - x for x in (begin, end))
            ]
            inside.append(younger[0] - younger[1] if end >= begin else 0.0)
        for both in expected:
            chance = math.prod(p if b else 1.0 - p for p, b in zip(inside, both, strict=True))
            expected[both] += chance / 12.0**4
    found = {
        tuple("phone" not in m for m in cell): float(p)
        for cell, p in zip(mixture.missing, got, strict=True)
    }
    del expected[False, False]  # nobody has what was published
    assert found == pytest.approx(expected, abs=1e-12)
