"""Fields and lists: every state of possession and publication, and lists by rejection."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from causation.evidence.fields import supplies
from causation.evidence.series import log_listed
from causation.model.density import Density
from causation.model.structure import Model
from tests.evidence.small import Named, fixed, model, odd, omega, share

ROUTES = ("forum", "library", "forum/library", "osint/library", "~")
FOUR = ("account_link", "phone", "real_name", "home_address")


def at(m: Model, route: str, seed: int = 0) -> tuple[Density, Any, Named]:
    density, point = odd(m, seed=seed) if route == "~" else fixed(m, route, seed=seed)
    return density, point, Named(seed, shape=(1,))


def chance_of(m: Model, route: str, group: str, seed: int = 0) -> float:
    """Likelihood of a group at fixed latents, less what put it on its list."""
    density, point, _ = at(m, route, seed)
    log_l = np.broadcast_to(density.log_l(point)[1], (1, len(density.series.victims)))
    return math.exp(log_l[0, density.series.groups[group]])


def stated(group: str, shown: tuple[str, ...], fields: tuple[str, ...], **more: Any) -> Any:
    hidden = [f for f in fields if f not in shown]
    return {"id": group, "disclosed": list(shown), "not_disclosed": hidden, "linkage": 1.0, **more}


@pytest.mark.parametrize("route", ROUTES)
def test_possession_and_publication_enumerated(route: str) -> None:
    """Sixteen publications from 16 or 256 possessions; together they are certain."""
    total = 0.0
    for y in itertools.product((True, False), repeat=4):
        shown = tuple(f for f, yes in zip(FOUR, y, strict=True) if yes)
        if not shown:
            # of nobody is nothing stated: what is left over
            continue
        m = model(stated("g", shown, FOUR))
        got = chance_of(m, route, "g")
        assert got == pytest.approx(_enumerated(m, route, y), rel=1e-10)
        total += got
    m = model(stated("g", FOUR, FOUR))
    assert total + _enumerated(m, route, (False,) * 4) == pytest.approx(1.0, abs=1e-12)


def _enumerated(m: Model, route: str, y: tuple[bool, ...]) -> float:
    z = Named(0, shape=(1,))
    names, w = route.split("/"), omega(m, z)
    a = {(s, f): share(m, z, s, f) for s in names for f in FOUR}
    total = 0.0
    for has in itertools.product(itertools.product((False, True), repeat=len(names)), repeat=4):
        p = 1.0
        for f, shown, mine in zip(FOUR, y, has, strict=True):
            for s, gives in zip(names, mine, strict=True):
                p *= a[s, f] if gives else 1.0 - a[s, f]
            p *= (w if shown else 1.0 - w) if any(mine) else float(not shown)
        total += p
    return total


def test_who_is_not_a_user_has_other_shares() -> None:
    entry = {"id": "g", "disclosed": ["phone"], "linkage": 1.0, "known_by": "exposure"}
    m = model({**entry, "not_users_of": ["forum"]})
    z = Named(0, shape=(1,))
    a = share(m, z, "forum", "phone", "disclosure_not_user")
    assert a < share(m, z, "forum", "phone")
    own = 1.0 - m.filled.number("sources.forum.membership").mean()
    assert chance_of(m, "forum", "g") == pytest.approx(omega(m, z) * a * own, rel=1e-6)
    # of another custodian's customers nothing is said
    b = share(m, z, "library", "phone")
    h = m.filled.number("actor.users.forum")
    stranger = 1.0 - 1.0 / (1.0 + math.exp(-(h.center + h.sd * z["h.forum"][0])))
    assert chance_of(m, "library", "g") == pytest.approx(omega(m, z) * b * stranger, rel=1e-10)


def test_signed_loadings_move_fields_against_each_other() -> None:
    """In a leaked library account links go against names and phones."""
    m = model()
    density, point, _ = at(m, "library")
    values = {}
    for u in (2.0, -2.0):
        point.z = {n: np.zeros(1) for n in density.names} | {"u.library": np.array([u])}
        source, names = density.route.sources[0], ["account_link", "phone"]
        values[u] = supplies(source, names, point, stranger=False).has[0]
    change = values[2.0] - values[-2.0]
    assert change[0] < 0.0 < change[1]


LISTS: tuple[dict[str, list[str]], ...] = (
    {"published_all": ["phone"]},
    {"published_all": ["real_name"]},
    {"published_any": ["phone", "real_name"]},
    {"published_all": ["phone"], "published_any": ["real_name", "id_number"]},
)
FIVE = ("account_link", "phone", "real_name", "id_number", "id_photo")


@pytest.mark.parametrize("known_by", LISTS, ids="-".join)
@pytest.mark.parametrize("route", ["forum", "osint/library", "~"])
def test_lists_by_rejection(known_by: dict[str, list[str]], route: str) -> None:
    """Of people so exposed: how many come onto the list, and of those how many are like him."""
    entry = {"id": "g", "disclosed": ["phone", "id_photo"], "not_disclosed": ["account_link"],
             "linkage": 1.0, "known_by": known_by}  # fmt: skip
    wide = {"id": "w", "disclosed": ["phone", "real_name"], "not_disclosed": ["id_number"]}
    m = model(entry, wide)
    z, rng, n = Named(0, shape=(1,)), np.random.default_rng(5), 300_000
    names = route.split("/")
    shown: dict[str, Any] = {}
    for f in FIVE:
        has = np.zeros(n, bool)
        for s in names:
            has |= rng.random(n) < share(m, z, s, f)
        shown[f] = has & (rng.random(n) < omega(m, z))
    # the entry states the photo, so that it counts as a publication of what it implies
    counts = {f: shown[f] | shown["id_photo"] for f in ("real_name", "id_number")}
    counts["phone"] = shown["phone"]
    listed = np.ones(n, bool)
    for f in known_by.get("published_all", ()):
        listed &= counts[f]
    if some := known_by.get("published_any"):
        listed &= np.any([counts[f] for f in some], axis=0)
    these = shown["phone"] & shown["id_photo"] & ~shown["account_link"]
    assert not np.any(these & ~listed)
    density, point, _ = at(m, route)
    place = density.series.groups["g"]
    log_a = np.asarray(log_listed(density.series.victims, density.route, point))[0, place]
    near = 5.0 / math.sqrt(n)
    assert math.exp(log_a) == pytest.approx(listed.mean(), abs=near)
    p = these.sum() / listed.sum()
    spread = 5.0 * math.sqrt(p * (1.0 - p) / listed.sum())
    assert chance_of(m, route, "g") == pytest.approx(p, abs=spread)


REACH = {
    "forum": {"kind": "custodian", "holds": ["phone", "real_name"], "reach": [0.1, 0.6]},
    "osint": {"kind": "inference", "reach": [0.01, 0.2]},
    "library": {"kind": "leaked_library", "reach": [0.05, 0.5]},
    "unknown": {"kind": "residual", "reach": [0.01, 0.5]},
}


@pytest.mark.parametrize("route", ["forum", "osint/library", "unknown"])
def test_who_was_chosen_beforehand(route: str) -> None:
    """Reached and this published, or not reached and nothing."""
    shown = {"id": "g", "disclosed": ["phone"], "known_by": "attempt",
             "traits": {"anonymous": True}}  # fmt: skip
    silent = {"id": "h", "not_disclosed": ["phone", "real_name"], "known_by": "attempt"}
    m = model(shown, silent, sources=REACH)
    z = Named(0, shape=(1,))
    number = m.filled.number(f"sources.{route.split('/', maxsplit=1)[0]}.reach")
    e = 1.0 / (1.0 + math.exp(-(number.center + number.sd * z["e"][0])))
    names = ["~"] if route == "unknown" else route.split("/")
    q = {}
    for f in ("phone", "real_name"):
        miss = math.prod(1.0 - share(m, z, s, f) for s in names)
        q[f] = omega(m, z) * (1.0 - miss)
    assert chance_of(m, route, "g") == pytest.approx(e * q["phone"], rel=1e-10)
    nothing = (1.0 - q["phone"]) * (1.0 - q["real_name"])
    assert chance_of(m, route, "h") == pytest.approx(e * nothing + 1.0 - e, rel=1e-10)
