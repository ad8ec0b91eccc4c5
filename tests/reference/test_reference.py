"""The reference against things more elementary, and its two integrators against each other."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from tests.reference.cases import (
    CUSTODIAN,
    INFERENCE,
    LIBRARY,
    RESIDUAL,
    Case,
    Certificate,
    Finding,
    KnownBy,
    Record,
    Security,
    Victim,
    as_listed,
    chance,
    day,
    mean,
    positive,
)
from tests.reference.density import VAGUE, Array, At, cells, known, points, said, windows
from tests.reference.evidence import Claim, Evidence, _points, log_series
from tests.reference.integrate import annealed, average, importance
from tests.reference.prior import (
    background,
    findings_factor,
    name,
    prior,
    routes,
    security_factor,
)
from tests.reference.prototype import HELD, PLAINTIFF, SOURCES, five, neutral

ROUTES = [("platform",), ("library",), ("osint", "library"), ("platform", "library"), VAGUE]
RNG = np.random.default_rng


def fixed(case: Case, route: tuple[str, ...], *, seed: int = 0) -> At:
    """One chance point of all latents that anything of a case can read."""
    at = At()
    for v in case.victims:
        said(case, route, v, at, captures={})
        known(case, route, v, at)
        at.number(case.linkage, "kappa")
    x = RNG(seed).standard_normal((1, len(at.names)))
    return At(at.names, x)


def shares_at(case: Case, route: tuple[str, ...], at: At, fields: tuple[str, ...]) -> Any:
    """(omega, a[source][field]) as plain numbers at one point, from the formula of the page."""
    z = {key: float(at.x[0, i]) for key, i in at.names.items()} if at.x is not None else {}
    a: dict[str, dict[str, float]] = {}
    for s in route:
        a[s] = {}
        for f in fields:
            m, sd = (0.0, math.log(19) / 1.6448536) if s == "*" else case.share[s, f]
            load = case.loading.get((s, f), math.sqrt(0.5))
            rest = math.sqrt(1 - load**2)
            a[s][f] = float(expit(m + sd * (load * z["u", s] + rest * z["c", s, f])))
    m, sd = case.publishes
    return float(expit(m + sd * z["v",])), a


# Fields


@pytest.mark.parametrize("route", ROUTES)
def test_possession_and_publication_enumerated(route: tuple[str, ...]) -> None:
    fields = ("account_link", "phone", "real_name", "home_address")
    everything = neutral(victims=(Victim("a", plaintiff=True, published=fields),))
    at = fixed(everything, route)
    omega, a = shares_at(everything, route, at, fields)
    total = 0.0
    for shown in itertools.product((True, False), repeat=4):
        by_hand = 0.0
        for has in itertools.product(*[list(itertools.product((0, 1), repeat=len(route)))] * 4):
            p = 1.0
            for f, y, held in zip(fields, shown, has, strict=True):
                for s, h in zip(route, held, strict=True):
                    p *= a[s][f] if h else 1.0 - a[s][f]
                p *= (omega if y else 1.0 - omega) if any(held) else float(not y)
            by_hand += p
        v = Victim(
            "a",
            published=tuple(f for f, y in zip(fields, shown, strict=True) if y),
            silent=tuple(f for f, y in zip(fields, shown, strict=True) if not y),
        )
        got = float(said(replace(everything, victims=(v,)), route, v, at, captures={})[0])
        assert got == pytest.approx(by_hand, rel=1e-12)
        total += got
    assert total == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("route", ROUTES)
def test_implied_fields_drop_out(route: tuple[str, ...]) -> None:
    """A photo that shows the name makes the name certain; outcomes still add up to 1."""
    case = neutral(victims=(Victim("a", plaintiff=True, published=("phone", "real_name")),))
    case = replace(case, victims=(*case.victims, Victim("b", published=("id_photo",))))
    at = fixed(case, route)
    total = 0.0
    for phone, photo in itertools.product((True, False), repeat=2):
        for name_shown in (True,) if photo else (True, False):
            shown = {"phone": phone, "id_photo": photo, "real_name": name_shown}
            v = Victim(
                "x",
                published=tuple(f for f, y in shown.items() if y),
                silent=tuple(f for f, y in shown.items() if not y),
            )
            total += float(said(case, route, v, at, captures={})[0])
    assert total == pytest.approx(1.0, abs=1e-12)
    bare, named = (
        Victim("x", published=("id_photo", *more)) for more in ((), ("real_name", "birth_date"))
    )
    assert said(case, route, bare, at, captures={}) == said(case, route, named, at, captures={})


def test_not_a_user_has_other_shares() -> None:
    v = Victim("a", plaintiff=True, published=("phone",), users={"platform": False})
    case = neutral(victims=(v,))
    at = fixed(case, ("platform",))
    z = dict(zip(at.names, at.x[0] if at.x is not None else [], strict=True))
    m, sd = case.share_not_user["platform", "phone"]
    r = math.sqrt(0.5)
    a = expit(m + sd * r * (z["u", "platform"] + z["c", "platform", "phone"]))
    omega = expit(case.publishes[0] + case.publishes[1] * z["v",])
    assert said(case, ("platform",), v, at, captures={})[0] == pytest.approx(omega * a * 0.005)


# Lists


@pytest.mark.parametrize(
    "known_by",
    [
        KnownBy("list", ("phone",)),
        KnownBy("list", ("real_name",)),
        KnownBy("list", (), ("phone", "real_name")),
        KnownBy("list", ("phone",), ("real_name", "id_number")),
    ],
)
@pytest.mark.parametrize("route", ROUTES[:4])
def test_lists_by_rejection(known_by: KnownBy, route: tuple[str, ...]) -> None:
    """P(y | A) is the share of those on the list of whom exactly this was published."""
    v = Victim("a", published=("phone", "id_photo"), silent=("account_link",), known_by=known_by)
    case = neutral(victims=(PLAINTIFF, v))
    fields = ("account_link", "phone", "real_name", "id_number", "id_photo")
    wide = replace(v, published=fields, silent=(), known_by=KnownBy())
    at = fixed(replace(case, victims=(wide, v), implies={}), route)
    omega, a = shares_at(case, route, at, fields)
    rng, n = RNG(5), 400_000
    shown: dict[str, Any] = {}
    for f in fields:
        has = np.zeros(n, dtype=bool)
        for s in route:
            has |= rng.random(n) < a[s][f]
        shown[f] = has & (rng.random(n) < omega)
    # the entry states the photo, so that it counts as a publication of what it implies
    counts = {f: shown[f] | shown["id_photo"] for f in ("real_name", "id_number")}
    counts["phone"] = shown["phone"]
    listed = np.ones(n, dtype=bool)
    for f in known_by.published_all:
        listed &= counts[f]
    if known_by.published_any:
        listed &= np.any([counts[f] for f in known_by.published_any], axis=0)
    these = shown["phone"] & shown["id_photo"] & ~shown["account_link"]
    assert not np.any(these & ~listed)
    p = these.sum() / listed.sum()
    at = At(at.names, at.x)
    got = said(case, route, v, at, captures={})[0] / known(case, route, v, at)[0]
    assert got == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / listed.sum()))
    assert known(case, route, v, at)[0] == pytest.approx(listed.mean(), abs=0.005)


def test_what_an_entry_leaves_open_is_no_implier() -> None:
    open_ = Victim("a", published=("real_name",), known_by=KnownBy("list", ("real_name",)))
    stated = replace(open_, silent=("id_photo",))
    case = neutral(victims=(PLAINTIFF, open_, stated))
    at = fixed(case, ("platform",))
    given = [
        said(case, ("platform",), v, at, captures={}) / known(case, ("platform",), v, at)
        for v in (open_, stated)
    ]
    assert given[0][0] == pytest.approx(1.0, abs=1e-14)
    assert given[1][0] < 0.99


def test_likelihood_of_a_listed_victim_is_at_most_one() -> None:
    rng = RNG(8)
    for _ in range(40):
        fields = rng.permutation(["account_link", "phone", "real_name", "id_photo"])
        cut = int(rng.integers(1, 5))
        shown, rest = tuple(fields[:cut]), tuple(fields[cut:])
        if "id_photo" in shown:
            rest = tuple(f for f in rest if f != "real_name")
        by = (
            KnownBy("list", shown[:1]) if rng.random() < 0.5 else KnownBy("list", (), tuple(fields))
        )
        v = Victim("a", published=shown, silent=rest, known_by=by)
        case = neutral(victims=(PLAINTIFF, v))
        for route in ROUTES:
            at = fixed(case, route, seed=int(rng.integers(1 << 30)))
            assert said(case, route, v, at, captures={}) <= known(case, route, v, at) * (1 + 1e-12)


def test_attempt_by_hand() -> None:
    reach = {s: chance(0.1, 0.6) for s in ("platform", "osint", "library", "unknown")}
    nothing = Victim("n", known_by=KnownBy("attempt"), traits={"anonymous": 1.0})
    phone = replace(nothing, id="p", published=("phone",))
    case = neutral(victims=(PLAINTIFF, nothing, phone), reach=reach)
    route = ("platform", "library")
    at = fixed(case, route)
    omega, a = shares_at(case, route, at, ("phone",))
    m, sd = reach["platform"]
    e = expit(m + sd * at.z("e", "platform")[0])
    q = 1 - (1 - a["platform"]["phone"]) * (1 - a["library"]["phone"])
    assert said(case, route, nothing, at, captures={})[0] == pytest.approx(1.0)
    assert said(case, route, phone, at, captures={})[0] == pytest.approx(e * omega * q)
    silent = replace(nothing, silent=("phone",))
    assert said(case, route, silent, at, captures={})[0] == pytest.approx(
        e * (1 - omega * q) + 1 - e
    )


def test_second_reading_of_victims_whose_list_is_not_stated() -> None:
    a = Victim("a", published=("phone", "real_name"), users={"platform": True}, stated=False)
    b = Victim("b", published=("phone",), users={"platform": True, "shop": True}, stated=False)
    case = as_listed(neutral(victims=(PLAINTIFF, a, b)))
    assert case.victims[0] is PLAINTIFF
    for v in case.victims[1:]:
        assert v.known_by == KnownBy("list", ("phone",), users_of=("platform",))


# Attributes


def test_traits_and_memberships_by_simulation() -> None:
    """Shares of simulated people with a trait, and using a service."""
    v = Victim("a", users={"platform": True, "shop": False}, traits={"anonymous": 0.7})
    case = neutral({**SOURCES, "shop": CUSTODIAN}, victims=(PLAINTIFF, v))
    rng, n = RNG(3), 300_000
    for route in [("platform", "library"), ("osint", "library"), ("library", "osint"), VAGUE]:
        at = fixed(case, route, seed=7)
        anonymous = expit(
            case.traits["anonymous"][0]
            + case.traits["anonymous"][1] * at.z("b", "anonymous")[0]
            + (case.odds_ratio["osint", "anonymous"] if route[0] == "osint" else 0.0)
        )
        h = expit(case.users["shop"][0] + case.users["shop"][1] * at.z("h", "shop")[0])
        own = 0.995
        if route[0] != "platform":
            own = expit(
                case.users["platform"][0] + case.users["platform"][1] * at.z("h", "platform")[0]
            )
        x = rng.random(n) < anonymous
        degree = np.where(x, 0.7, 0.3)
        both = (rng.random(n) < own) & (rng.random(n) >= h)
        expected = float((degree * both).mean())
        got = float(said(case, route, v, at, captures={})[0])
        assert got == pytest.approx(expected, abs=5 * 0.5 / math.sqrt(n))


def test_what_is_no_evidence_drops_out() -> None:
    """Membership behind a published account, the first plaintiff's, and what made the list."""
    case = neutral(victims=(PLAINTIFF,))
    at = fixed(case, ("osint",))

    def value(v: Victim, first: bool) -> float:
        here = replace(case, victims=(v,) if first else (PLAINTIFF, v))
        return float(said(here, ("osint",), v, At(at.names, at.x), captures={})[0])

    bare = Victim("a", published=("account_link",))
    user = replace(bare, users={"platform": True})
    assert value(user, first=False) == value(bare, first=False)
    assert value(replace(bare, users={"platform": False}), first=False) == value(bare, first=False)
    phone = Victim("a", published=("phone",))
    at = fixed(neutral(victims=(PLAINTIFF, replace(phone, users={"platform": True}))), ("osint",))
    member = replace(phone, users={"platform": True})
    assert value(member, first=True) == value(phone, first=True)
    assert value(member, first=False) != value(phone, first=False)
    listed = replace(member, known_by=KnownBy("list", users_of=("platform",)))
    assert value(listed, first=False) == value(phone, first=False)
    assert value(replace(phone, users={"platform": False}), first=True) != value(phone, first=True)


# Records


@pytest.mark.parametrize("route", [("platform",), ("platform", "library"), ("osint", "library")])
@pytest.mark.parametrize("implied", [False, True])
def test_registers_by_simulation(route: tuple[str, ...], implied: bool) -> None:
    """Values drawn by who supplied them, two registers, an implied field."""
    records = (
        Record(("platform",), agrees=("phone",), differs=("real_name",) if implied else ()),
        Record(("library", "osint"), differs=("phone",)),
    )
    v = Victim("a", plaintiff=True, published=("phone", "id_photo"), records=records)
    case = neutral(victims=(v,))
    at = fixed(case, route, seed=11)
    fields = ("phone", "id_photo")
    omega, a = shares_at(case, route, at, fields)
    rng, n = RNG(4), 2_000_000
    own: dict[tuple[str, ...], float] = {
        of: expit(
            case.agreement_own[0]
            + case.agreement_own[1] * (at.z("mu", *of)[0] if ("mu", *of) in at.names else 0.0)
        )
        for of in (("platform",), ("library", "osint"))
    }
    r = math.sqrt(0.5)
    alpha = {
        f: expit(
            case.agreement[f][0]
            + case.agreement[f][1] * r * (at.z("alpha")[0] + at.z("alpha", f)[0])
        )
        for f in ("phone", "real_name")
        if ("alpha", f) in at.names
    }
    held = {f: {s: rng.random(n) < a[s][f] for s in route} for f in fields}
    out = np.ones(n, dtype=bool)
    for f in fields:
        out &= np.any(list(held[f].values()), axis=0) & (rng.random(n) < omega)

    def agrees(of: tuple[str, ...], f: str, by: str) -> Any:
        theirs = np.any([held[by][s] for s in route if s in of] or [np.zeros(n, bool)], axis=0)
        return rng.random(n) < np.where(theirs, own[of], alpha.get(f, 0.0))

    out &= agrees(("platform",), "phone", "phone")
    out &= ~agrees(("library", "osint"), "phone", "phone")
    if implied:
        out &= ~agrees(("platform",), "real_name", "id_photo")
    p = out.mean()
    assert said(case, route, v, at, captures={})[0] == pytest.approx(p, abs=5 * math.sqrt(p / n))


def test_two_fields_that_imply_the_same() -> None:
    """Whoever supplied either supplied the value; by summing over who did."""
    implies = {"id_photo": frozenset({"real_name"}), "id_number": frozenset({"real_name"})}
    v = Victim(
        "a",
        plaintiff=True,
        published=("id_photo", "id_number"),
        records=(Record(("platform",), agrees=("real_name",)),),
    )
    case = neutral(victims=(v,), implies=implies)
    route = ("platform", "library")
    at = fixed(case, route)
    omega, a = shares_at(case, route, at, ("id_photo", "id_number"))
    q = {f: 1 - (1 - a["platform"][f]) * (1 - a["library"][f]) for f in ("id_photo", "id_number")}
    other = {f: (1 - a["platform"][f]) * a["library"][f] for f in q}
    m, sd = case.agreement_own
    own = expit(m + sd * at.z("mu", "platform")[0])
    m, sd = case.agreement["real_name"]
    alpha = expit(m + sd * math.sqrt(0.5) * (at.z("alpha")[0] + at.z("alpha", "real_name")[0]))
    only = other["id_photo"] * other["id_number"]
    expected = omega**2 * ((q["id_photo"] * q["id_number"] - only) * own + only * alpha)
    assert said(case, route, v, at, captures={})[0] == pytest.approx(expected, rel=1e-12)


def test_the_vague_source_is_in_no_register() -> None:
    record = Record(("unknown", "platform"), agrees=("phone",))
    v = Victim("a", plaintiff=True, published=("phone",), records=(record,))
    case = neutral(victims=(v,))
    at = fixed(case, VAGUE)
    assert ("alpha", "phone") in at.names
    assert not any(key[0] == "mu" for key in at.names)


# Dates


def dated_case() -> Case:
    v = Victim(
        "a",
        plaintiff=True,
        published=("phone", "account_link"),
        posted=day("2023-10-02"),
        dates={
            "phone": (day("2022-06"), None),
            "account_link": (day("2021"), day("2023-10-01")),
        },
    )
    w = Victim("b", published=("phone",), posted=day("2023-11-20"), dates={
        "phone": (None, day("2022"))})  # fmt: skip
    return neutral(victims=(v, w), age={
        "platform": positive(0.5, 90), "osint": positive(0.5, 1500),
        "library": positive(250, 3800), "unknown": positive(1, 3000)})  # fmt: skip


def _draw(rng: np.random.Generator, span: Any, n: int) -> Any:
    """A day is uniform over its 24 hours; anything longer is twelve equally likely dates."""
    parts = 24 if span[0] == span[1] else 12
    k = rng.integers(parts, size=n)
    return span[0] + (k + 0.5) / parts * (span[1] + 1 - span[0])


def _inside(rng: np.random.Generator, v: Victim, copies: list[Any], n: int) -> dict[str, Any]:
    """For every dated field, which copies are from inside its window."""
    found = {}
    for f, (since, until) in v.dates.items():
        begin = -np.inf if since is None else _draw(rng, since, n)
        end = np.inf if until is None else _draw(rng, until, n)
        found[f] = [(begin <= t) & (t <= end) for t in copies]
    return found


@pytest.mark.parametrize("route", [("platform",), ("library",), ("osint", "library"), VAGUE])
def test_ages_by_simulation(route: tuple[str, ...]) -> None:
    """Shares of drawn ages and dates in every pattern, two victims, the snapshot common."""
    case, rng, n = dated_case(), RNG(9), 100_000
    first = _draw(rng, case.victims[0].posted, n)
    snapshot = {s: first - _age(rng, case, s, n) for s in route if s == "library"}
    patterns = []
    for v in case.victims:
        posted = _draw(rng, v.posted, n)
        if route == VAGUE:
            found = {
                f: _inside(
                    rng,
                    replace(v, dates={f: v.dates[f]}),
                    [posted - _age(rng, case, "unknown", n)],
                    n,
                )[f]
                for f in v.dates
            }
        else:
            copies = [
                snapshot[s] if s in snapshot else posted - _age(rng, case, s, n) for s in route
            ]
            found = _inside(rng, v, copies, n)
        patterns.append({f: np.stack(x, axis=1) for f, x in found.items()})
    table: dict[Any, float] = {}
    for p, captures in cells(case, route, case.victims, case.victims[0].posted):
        each = [windows(case, route, v, captures) for v in case.victims]
        for (s1, p1), (s2, p2) in itertools.product(*each):
            key = tuple(sorted(s1.items())), tuple(sorted(s2.items()))
            table[key] = table.get(key, 0.0) + p * p1 * p2
    assert sum(table.values()) == pytest.approx(1.0, abs=1e-9)
    for (one, two), p in table.items():
        hits = np.ones(n, dtype=bool)
        for pattern, states in zip(patterns, (one, two), strict=True):
            for f, state in states:
                hits &= (pattern[f] == np.array(state)).all(axis=1)
        assert hits.mean() == pytest.approx(p, abs=5 * math.sqrt(max(p, 1e-5) / n))


def _age(rng: np.random.Generator, case: Case, s: str, n: int) -> Any:
    m, sd = case.age[s]
    return np.exp(m + sd * rng.standard_normal(n))


def test_dates_nobody_can_meet_leave_the_residual() -> None:
    """Two windows apart: no single copy is in both, except of what nobody named."""
    v = Victim(
        "a",
        plaintiff=True,
        published=("phone", "account_link"),
        posted=day("2023-10-02"),
        dates={"phone": (day("2023-09-01"), None), "account_link": (None, day("2020-01-01"))},
    )
    case = neutral(victims=(v,), single=True)
    got = Evidence(replace(case, misfit={}), settings={"log2": 8})
    assert [z for z, x in got.log.items() if math.isfinite(x)] == [("unknown",)]
    assert all(math.isfinite(x) for x in Evidence(case, settings={"log2": 8}).log.values())


def test_days_months_and_years() -> None:
    assert day("2024-02") == (day("2024-02-01")[0], day("2024-02-29")[0])
    assert day("2023")[1] - day("2023")[0] == 364
    assert day("2023-12")[1] == day("2023-12-31")[1]
    hours, months = points(day("2023-10-02")), points(day("2023"))
    assert (len(hours), len(months)) == (24, 12)
    assert hours.mean() == day("2023-10-02")[0] + 0.5


# Series


@pytest.mark.parametrize("route", ROUTES)
def test_linkage_by_states(route: tuple[str, ...]) -> None:
    """Every victim is of the series or a stranger: the sum over all 2**n."""
    victims = (
        PLAINTIFF,
        Victim("a", published=("phone",), users={"platform": False}),
        Victim(
            "b",
            published=("account_link",),
            known_by=KnownBy("list", (), ("account_link", "phone")),
        ),
        Victim("c", published=("real_name",), linkage=0.3),
        Victim("d", count=2, published=("phone",), traits={"anonymous": 1.0}),
    )
    case = neutral(victims=victims)
    strangers = {"a": 0.3, "b": 0.4, "c": 0.05, "d": 0.2}
    at = fixed(case, route)
    kappa = float(at.number(case.linkage, "kappa")[0])
    people = [v for v in victims[1:] for _ in range(v.count)]
    own = {
        v.id: float((said(case, route, v, at, captures={}) / known(case, route, v, at))[0])
        for v in victims
    }
    total = 0.0
    for states in itertools.product((True, False), repeat=len(people)):
        p = own["plaintiff"]
        for v, linked in zip(people, states, strict=True):
            k = kappa if v.linkage is None else v.linkage
            p *= k * own[v.id] if linked else (1 - k) * strangers[v.id]
        total += p
    assert log_series(case, route, at, strangers)[0] == pytest.approx(math.log(total), rel=1e-12)


def test_strangers_by_quadrature() -> None:
    """B of one field, an integral in three dimensions for each route."""
    v = Victim("a", published=("phone",), traits={"anonymous": 1.0})
    case = neutral(victims=(PLAINTIFF, v), single=True)
    x, w = np.polynomial.hermite_e.hermegauss(60)
    w = w / w.sum()

    def share(m: float, sd: float) -> float:  # the common and the own part are one normal
        return float(w @ expit(m + sd * x))

    omega = mean(case.publishes)
    vague = share(0.0, math.log(19) / 1.6448536)
    m, sd = case.traits["anonymous"]
    pi, total = background(case), 0.0
    for (s,), p in pi.items():
        x1 = vague if s == "unknown" else share(*case.share[s, "phone"])
        gamma = case.odds_ratio["osint", "anonymous"] if s == "osint" else 0.0
        eps = case.misfit[s]
        total += p * omega * ((1 - eps) * x1 * share(m + gamma, sd) + eps * vague * share(m, sd))
    got = Evidence(case, log2=13)
    assert got.strangers["a"] == pytest.approx(total, rel=1e-3)
    assert got.strangers_error["a"] < 1e-3


def test_evidence_of_plain_numbers_by_hand() -> None:
    """Without spread there is nothing to integrate."""
    flat = {("a", "phone"): chance(0.8), ("b", "phone"): chance(0.3)}
    v = Victim("p", plaintiff=True, published=("phone",))
    w = Victim("w", count=3, published=("phone",), linkage=0.9)
    case = Case(
        sources={"a": CUSTODIAN, "b": CUSTODIAN},
        weight={"a": 1.0, "b": 2.0},
        kind_weight={},
        set_weight={CUSTODIAN: 1.0},
        chain={},
        set_chain={},
        share=flat,
        victims=(v, w),
        pair={("a", "b"): 0.25},
        publishes=chance(0.5),
    )
    stranger = 0.5 * 0.5 * 0.8 + 0.5 * 0.5 * 0.3
    ell = {("a",): 0.4, ("b",): 0.15, ("a", "b"): 0.5 * (1 - 0.2 * 0.7)}
    got = Evidence(case)
    for z, x in ell.items():
        assert math.exp(got.log[z]) == pytest.approx(x * (0.9 * x + 0.1 * stranger) ** 3)
    raw = {("a",): 0.75 / 3, ("a", "b"): 0.25 / 3, ("b",): 2 / 3}
    joint = {z: raw[z] * math.exp(got.log[z]) for z in raw}
    assert got.posterior[("b",)] == pytest.approx(joint[("b",)] / sum(joint.values()))


# Prior, security, findings


def test_prior_by_hand() -> None:
    sources = {"p": CUSTODIAN, "q": CUSTODIAN, "o": INFERENCE, "l1": LIBRARY, "l2": LIBRARY,
               "u": RESIDUAL}  # fmt: skip
    record = Security(1.0, 11.0, chance(0.05, 0.5), 2, 5.0)
    case = neutral(
        sources,
        split={"l1": 0.3, "l2": 0.7},
        weight={"p": 3.0, "q": 1.0, "u": 0.5},
        pair={("o", "l1"): 0.4, ("p", "l2"): 0.0},
        security={"q": record, "l2": record},
    )
    sec = security_factor(record)
    q_o, q_p, q_l = 0.25, 0.1442, 0.1442
    odds = q_o * 0.7 / (1 - q_o * 0.7) * sec
    o_l2 = odds / (1 + odds)
    w = {
        ("o",): 2 * (1 - 0.4 - o_l2),
        ("o", "l1"): 2 * 0.4,
        ("o", "l2"): 2 * o_l2,
        ("p",): 3 * (1 - q_p * 0.3),
        ("p", "l1"): 3 * q_p * 0.3,
        ("l1",): 4 * 0.3 * (1 - q_l),
        ("l1", "o"): 4 * 0.3 * q_l,
        ("l2", "o"): 4 * 0.7 * sec * q_l,
        ("u",): 0.5,
    }
    got = prior(case)
    assert set(got) == set(routes(case))
    assert ("p", "l2") not in got
    for z, x in w.items():
        assert got[z] / got["u",] == pytest.approx(x / 0.5, rel=1e-3), name(z)
    bare = background(case)  # the set's weights and shares, no records; no route p/l2
    assert bare["p",] / bare["u",] == pytest.approx((1 - q_p * 0.3) / 0.5, rel=1e-3)
    assert bare["o", "l1"] / bare["u",] == pytest.approx(2 * q_o * 0.3 / 0.5, rel=1e-3)
    assert bare["q",] / bare["u",] == pytest.approx((1 - q_p) / 0.5, rel=1e-3)


def test_splitting_a_library_changes_nothing() -> None:
    three = {"l1": LIBRARY, "l2": LIBRARY, "l3": LIBRARY}
    others = {s: kind for s, kind in SOURCES.items() if kind != LIBRARY}
    whole, parts = neutral(), neutral(others | three)
    for rule in (prior, background):
        one, many = rule(whole), rule(parts)
        assert many["platform",] == pytest.approx(one["platform",])
        lumped = sum(p for z, p in many.items() if z[0] == "osint" and len(z) == 2)
        assert lumped == pytest.approx(one["osint", "library"])


def test_one_service() -> None:
    sources = {"platform": CUSTODIAN, "agent": CUSTODIAN, "other": CUSTODIAN, "u": RESIDUAL}
    case = neutral(
        sources,
        weight={"platform": 1.0, "agent": 3.0, "other": 1.0, "u": 1.0},
        one_service={"platform": "trip", "agent": "trip"},
        single=True,
    )
    assert prior(case)["agent",] == pytest.approx(0.5 / 3.0)
    assert prior(replace(case, proposition=("u",)))["agent",] == pytest.approx(1.5 / 5.0)
    twice = {("platform", "agent"): 0.7, ("platform", "other"): 0.7}
    with pytest.raises(ValueError, match="more than 1"):
        prior(replace(case, single=False, pair=twice))


@pytest.mark.parametrize(("k", "t"), [(0, 0.0), (0, 8.0), (2, 5.0)])
def test_security_by_quadrature(k: int, t: float) -> None:
    """Posterior mean rate over prior mean rate, rate and detection both integrated on a grid."""
    a, b, m, sd = 1.5, 11.0, *chance(0.05, 0.5)
    top = bottom = 0.0
    for z in np.linspace(-8.0, 8.0, 321):
        d = expit(m + sd * z)

        def at(rate: float, power: float, d: float = d) -> float:
            shape = rate ** (a - 1.0) * math.exp(-b * rate)
            seen = d * rate * t
            counts = math.exp(-seen) * seen**k / math.gamma(k + 1)
            return float(rate**power * shape * counts)

        weight = norm.pdf(z)
        top += weight * quad(at, 0.0, 5.0, args=(1.0,), limit=200)[0]
        bottom += weight * quad(at, 0.0, 5.0, args=(0.0,), limit=200)[0]
    record = Security(a, b, (m, sd), k, t)
    assert security_factor(record) == pytest.approx(top / bottom / (a / b), rel=1e-5)


def test_certificates_by_simulation() -> None:
    rng = RNG(2)
    m, sd = positive(0.3, 0.9)
    h = np.exp(m + sd * rng.standard_normal(1_000_000))
    plain = Security(1.0, 11.0, chance(0.05, 0.5))
    fresh = replace(plain, certificate=Certificate((m, sd), 2.0, 0.5, age=3.0))
    expected = (h ** (2.0**-1.5)).mean() / np.sqrt(h).mean()
    assert security_factor(fresh) == pytest.approx(expected, rel=2e-3)
    none = replace(plain, certificate=Certificate((m, sd), none=True))
    assert security_factor(none) == pytest.approx(1.0 / np.sqrt(h).mean(), rel=2e-3)
    gone = replace(plain, certificate=Certificate((m, sd), expired=True))
    assert security_factor(gone) == pytest.approx(1.0, abs=1e-9)


def _findings(case: Case, values: Sequence[Mapping[str, float]], **more: Any) -> Case:
    return replace(case, findings=tuple(Finding(v, "g", **more) for v in values))


def test_findings_in_any_order_and_over_all_outcomes() -> None:
    case = neutral()
    one = {"platform": 0.9, "osint": 0.2, "library": 0.3, "unknown": 0.3}
    two = {"platform": 0.05, "osint": 0.2, "library": 0.1, "unknown": 0.5, "osint/library": 0.6}
    same = dict.fromkeys(one, 0.37)
    how: dict[str, Any] = {"overlap": 0.3, "reliability": 0.9, "about": ("library",)}
    expected = findings_factor(_findings(case, [one, two, same], **how))
    for order in itertools.permutations([one, two, same]):
        got = findings_factor(_findings(case, list(order), **how))
        assert got == pytest.approx(expected)
    without = findings_factor(_findings(case, [one, two], **how))
    assert {z: 0.37 * p for z, p in without.items()} == pytest.approx(expected)
    total = dict.fromkeys(expected, 0.0)
    for flips in itertools.product((False, True), repeat=3):
        values = [
            {s: 1 - p if flip else p for s, p in row.items()}
            for flip, row in zip(flips, [one, two, same], strict=True)
        ]
        for z, p in findings_factor(_findings(case, values, **how)).items():
            total[z] += p
    assert total == pytest.approx(dict.fromkeys(total, 1.0))


def test_whose_value_a_chain_takes() -> None:
    case = neutral()
    values = {
        "platform": 0.9,
        "osint": 0.2,
        "library": 0.3,
        "unknown": 0.4,
        "platform/library": 0.7,
    }
    got = findings_factor(_findings(case, [values], about=("unknown", "library")))
    assert [got["osint", "library"], got["library", "osint"]] == [0.3, 0.3]
    assert got["platform", "library"] == 0.7
    got = findings_factor(_findings(case, [values], about=("platform",)))
    assert [got["osint", "library"], got["library", "osint"]] == [0.2, 0.3]
    many = findings_factor(_findings(case, [values], count=3, repeats=0.3, about=("platform",)))
    assert many["osint",] == pytest.approx(0.3 * 0.2 + 0.7 * 0.2**3)


# Propositions


def test_suppliers_by_enumeration() -> None:
    """Shares of who supplied what in a chain at plain numbers, against the page's formulas."""
    v = Victim("p", plaintiff=True, published=("phone", "id_photo"))
    flat = {
        ("a", "phone"): 0.8,
        ("b", "phone"): 0.3,
        ("a", "id_photo"): 0.1,
        ("b", "id_photo"): 0.6,
    }
    case = Case(
        sources={"a": CUSTODIAN, "b": CUSTODIAN},
        weight={"a": 1.0, "b": 1.0},
        kind_weight={},
        set_weight={CUSTODIAN: 1.0},
        chain={},
        set_chain={},
        share={k: chance(p) for k, p in flat.items()},
        victims=(v,),
        pair={("a", "b"): 0.5},
        misfit={"a": 0.02, "b": 0.02},
        implies={"id_photo": frozenset({"real_name"})},
    )
    got = Evidence(case, settings={"log2": 12})
    chain = ("a", "b")
    eps = 1 - 0.98**2
    vague = eps * math.exp(got.series(VAGUE).log) / math.exp(got.log[chain])
    q = {f: 1 - (1 - flat["a", f]) * (1 - flat["b", f]) for f in v.published}

    def given(claim: Claim) -> float:
        return got._given(chain, v, claim)

    none = math.prod(flat["a", f] * (1 - flat["b", f]) / q[f] for f in v.published)
    assert given(Claim(("b",))) == pytest.approx((1 - vague) * (1 - none))
    assert given(Claim(("a",))) == pytest.approx(1.0)
    for f, shown in (("phone", "phone"), ("id_photo", "id_photo"), ("real_name", "id_photo")):
        b, a = flat["b", shown], flat["a", shown]
        supplied = given(Claim(("b",), "supplied", (f,)))
        assert supplied == pytest.approx((1 - vague) * b / q[shown])
        alone = given(Claim(("b",), "sole", (f,)))
        assert alone == pytest.approx((1 - vague) * b * (1 - a) / q[shown])
        both = given(Claim(("a",), "supplied", (f,))) - given(Claim(("a",), "sole", (f,)))
        assert alone + given(Claim(("a",), "sole", (f,))) + both == pytest.approx(1.0)
    every = given(Claim(("b",), "supplied", ("phone", "id_photo")))
    some = given(Claim(("b",), "supplied", ("phone", "id_photo"), any=True))
    assert every < some < 1.0
    assert got.probability(Claim(("a", "b"))) == pytest.approx(1.0)
    assert got.probability(Claim(("a",), "alone")) == pytest.approx(got.posterior["a",])
    assert got.probability(Claim(("a",), "entrance")) == pytest.approx(
        got.posterior["a",] + got.posterior[chain]
    )


def test_a_register_says_who_supplied() -> None:
    v = Victim("p", plaintiff=True, published=("phone",), records=(Record(("a",), ("phone",)),))
    case = Case(
        sources={"a": CUSTODIAN, "b": CUSTODIAN},
        weight={"a": 1.0, "b": 1.0},
        kind_weight={},
        set_weight={CUSTODIAN: 1.0},
        chain={},
        set_chain={},
        share={("a", "phone"): chance(0.5), ("b", "phone"): chance(0.5)},
        victims=(v,),
        pair={("a", "b"): 0.5},
        agreement_own=chance(0.9),
        agreement={"phone": chance(0.2)},
    )
    got = Evidence(case)._given(("a", "b"), v, Claim(("a",), "supplied", ("phone",)))
    assert got == pytest.approx(0.5 * 0.9 / (0.5 * 0.9 + 0.25 * 0.2))


def test_every_victim_by_hand() -> None:
    """A further victim may be a stranger, to whom the background speaks."""
    w = Victim("w", count=2, published=("phone",), linkage=0.6)
    case = Case(
        sources={"a": CUSTODIAN, "b": CUSTODIAN},
        weight={"a": 1.0, "b": 3.0},
        kind_weight={},
        set_weight={CUSTODIAN: 1.0},
        chain={},
        set_chain={},
        share={("a", "phone"): chance(0.8), ("b", "phone"): chance(0.2)},
        victims=(Victim("p", plaintiff=True, published=("phone",)), w),
        publishes=chance(0.5),
    )
    got = Evidence(case)
    ell, stranger = {"a": 0.4, "b": 0.1}, 0.25
    rho = {s: 0.6 * x / (0.6 * x + 0.4 * stranger) for s, x in ell.items()}
    post = {s: w * ell[s] * (0.6 * ell[s] + 0.4 * stranger) ** 2 for s, w in (("a", 1), ("b", 3))}
    total = sum(post.values())
    post = {s: p / total for s, p in post.items()}
    apart = 1 - sum(post[s] * rho[s] for s in post)
    assert got.probability(Claim(("a",)), "w") == pytest.approx(post["a"] * rho["a"] + apart * 0.8)
    assert got.probability(Claim(("a",)), "p") == pytest.approx(post["a"])
    nobody = Evidence(replace(case, victims=()))
    assert nobody.probability(Claim(("a",))) == pytest.approx(0.25)


# Integrators


def test_integrators_on_known_integrals() -> None:
    """Gaussian bumps far out, and two of them."""

    def bump(x: Array) -> Array:
        near = -0.5 * ((x - 2.5) ** 2).sum(axis=1) / 0.2
        far = -0.5 * ((x + 3.0) ** 2).sum(axis=1) / 0.3
        return np.logaddexp(near, far)

    def exact(centre: float, var: float) -> float:
        one = -0.5 * centre**2 / (1 + var) + 0.5 * math.log(var / (1 + var))
        return 3 * one

    expected = np.logaddexp(exact(2.5, 0.2), exact(-3.0, 0.3))
    for got in (average(bump, 3, log2=15), importance(bump, 3, tolerance=0.002)):
        assert got.error < 0.05
        assert got.log == pytest.approx(expected, abs=5 * got.error * math.log(10))


def _several() -> dict[str, Case]:
    p = PLAINTIFF
    posted = replace(p, posted=day("2023-10-02"), dates={"phone": (day("2023-06"), None)})
    record = Record(("platform",), ("phone", "real_name"), ("account_link",))
    contrary = Victim("x", count=4, published=("phone",), users={"platform": False})
    reach = {s: chance(0.1, 0.6) for s in ("platform", "osint", "library", "unknown")}
    tried = Victim("t", count=6, known_by=KnownBy("attempt"), silent=("phone",))
    some = KnownBy("list", (), ("phone", "account_link"))
    mixed = tuple(
        Victim(f"m{i}", count=i + 1, published=(f,), known_by=k)
        for i, (f, k) in enumerate(
            [("phone", some), ("real_name", KnownBy()), ("id_number", KnownBy()),
             ("account_link", some), ("home_address", KnownBy("list", ("home_address",)))]
        )
    )  # fmt: skip
    return {
        "plaintiff": neutral(victims=(p,)),
        "five": neutral(victims=(p, five())),
        "listed": neutral(victims=(p, five(KnownBy("list", ("account_link",))))),
        "same": neutral(victims=(p, five(published=HELD))),
        "silent": neutral(victims=(p, five(silent=("phone", "id_photo")))),
        "contrary": neutral(victims=(p, contrary)),
        "record": neutral(victims=(replace(p, records=(record,)), five())),
        "dates": neutral(victims=(posted, five())),
        "attempt": neutral(victims=(p, tried), reach=reach, vague_reach=chance(0.1, 0.6)),
        "six": neutral(victims=(p, *mixed)),
    }


@pytest.mark.parametrize("which", [which for which in _several() if which != "six"])
def test_integrators_agree(which: str) -> None:
    case = _several()[which]
    one = Evidence(case, settings={"log2": 11}, log2=10)
    two = Evidence(case, "importance", {"tolerance": 0.01, "draws": 4000}, log2=10)
    for z in routes(case):
        allowed = 5 * math.hypot(one.error[z], two.error[z]) + 1e-4
        assert abs(one.log[z] - two.log[z]) / math.log(10) < allowed, name(z)
        assert two.error[z] < 0.012


@pytest.mark.slow
@pytest.mark.parametrize("which", list(_several()))
def test_integrators_agree_closely(which: str) -> None:
    case = _several()[which]
    one = Evidence(case, settings={"log2": 16}, log2=14)
    two = Evidence(case, "importance", {"tolerance": 0.0008, "draws": 50_000}, log2=14)
    for z in routes(case):
        allowed = 5 * math.hypot(one.error[z], two.error[z]) + 1e-5
        assert abs(one.log[z] - two.log[z]) / math.log(10) < allowed, name(z)


@pytest.mark.slow
@pytest.mark.parametrize("route", [("osint", "library"), ("platform",), VAGUE])
def test_far_in_the_tail(route: tuple[str, ...]) -> None:
    """Where no average over the prior gets to, annealing confirms the importance sampler."""
    crowd = Victim(
        "g",
        count=20,
        published=("account_link", "home_address", "phone"),
        users={"platform": False},
        traits={"anonymous": 0.0, "public_traces": 0.7},
    )
    case = neutral(victims=(PLAINTIFF, crowd))
    strangers = {"g": 1e-3}
    f, dim = _points(lambda at: log_series(case, route, at, strangers))
    one = importance(f, dim, tolerance=0.002)
    two = annealed(f, dim, particles=8000, moves=25)
    assert two.error < 0.03
    assert abs(one.log - two.log) / math.log(10) < 4 * math.hypot(one.error, two.error)


@pytest.mark.slow
def test_many_victims() -> None:
    crowd = Victim(
        "g", count=100, published=("account_link",), traits={"anonymous": 1.0}, linkage=1.0
    )
    case = neutral(victims=(PLAINTIFF, crowd))
    one = Evidence(case, "importance", {"tolerance": 0.001}, log2=8)
    two = Evidence(case, "importance", {"tolerance": 0.001, "seed": 77}, log2=8)
    three = Evidence(case, settings={"log2": 19}, log2=8)
    for z in routes(case):
        assert one.log[z] == pytest.approx(two.log[z], abs=0.012)
        allowed = 5 * math.hypot(one.error[z], three.error[z]) * math.log(10)
        assert abs(one.log[z] - three.log[z]) < allowed


LISTED = KnownBy("list", ("account_link",), users_of=("platform",))
SILENT = ("phone", "real_name", "id_photo")


@pytest.mark.parametrize(
    ("further", "expected"),
    [
        ((), 0.708),
        ((five(),), 0.870),
        ((five(LISTED),), 0.714),
        ((five(LISTED, published=HELD),), 0.859),
        ((five(LISTED, silent=SILENT),), 0.12),
        ((Victim("x", count=1, published=("phone",), users={"platform": False}),), 0.18),
        ((Victim("x", count=5, published=("phone",), users={"platform": False}),), 0.016),
        ((Victim("x", count=50, published=("phone",), users={"platform": False}),), 0.013),
        (
            (
                Victim(
                    "x",
                    count=100,
                    published=("account_link",),
                    traits={"anonymous": 1.0},
                    linkage=1.0,
                ),
            ),
            0.940,
        ),
    ],
)
def test_beijing(further: tuple[Victim, ...], expected: float) -> None:
    """What the first prototype of this model gave, neutral numbers, the platform as entrance."""
    case = neutral(victims=(PLAINTIFF, *further))
    got = Evidence(case, "importance", {"tolerance": 0.008, "draws": 4000}, log2=9)
    p = got.probability(Claim(("platform",), "entrance"))
    assert p == pytest.approx(expected, abs=min(0.01, 0.25 * expected))
