"""Random cases as trees of the case format, over every shape that the model has.

`random_tree` draws one case by its seed and shape; `SHAPES` names the shapes. Numbers are the
prior set's or, as often, drawn: wide, narrow and plain ones. What is drawn stays within what
the two integrators of the reference resolve.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np

__all__ = ["SHAPES", "random_tree", "random_trees"]

SHAPES = (
    "chains",
    "lists",
    "not_users",
    "records",
    "dates",
    "findings",
    "attempt",
    "many",
    "custodians",
    "libraries",
    "security",
    "implied",
    "single",
    "snapshots",
    "everything",
)
FIELDS = ("account_link", "phone", "real_name", "id_number", "id_photo", "home_address", "email")
PHOTO_SHOWS = ("real_name", "id_number", "birth_date", "face_photo")
TRAITS = ("anonymous", "handle_reuse", "public_traces")
INCIDENT = dt.date(2023, 10, 2)


class _Draw:
    """Chance decisions."""

    def __init__(self, seed: int, shape: str) -> None:
        self.rng = np.random.default_rng([seed, SHAPES.index(shape)])
        self.shape = shape

    def chance(self, p: float = 0.5) -> bool:
        return bool(self.rng.random() < p)

    def whole(self, lo: int, hi: int) -> int:
        return int(self.rng.integers(lo, hi + 1))

    def one(self, words: Any) -> Any:
        return words[self.whole(0, len(words) - 1)]

    def some(self, words: Any, least: int = 0, most: int | None = None) -> list[Any]:
        n = self.whole(least, len(words) if most is None else min(most, len(words)))
        picked = set(self.rng.choice(len(words), size=n, replace=False).tolist())
        return [w for i, w in enumerate(words) if i in picked]

    def is_(self, *shapes: str) -> bool:
        return self.shape in shapes or self.shape == "everything"

    def share(self, lo: float = -3.0, hi: float = 3.0) -> float | list[float]:
        """A probability: a number now and then, else an interval."""
        m, sd = self.rng.uniform(lo, hi), self.rng.uniform(0.15, 1.4)
        if self.chance(0.15):
            return round(1.0 / (1.0 + math.exp(-m)), 4)
        ends = (1.0 / (1.0 + math.exp(-(m + s * 1.645 * sd))) for s in (-1.0, 1.0))
        return [round(min(max(x, 1e-4), 0.9999), 4) for x in ends]

    def amount(self, lo: float, hi: float) -> list[float]:
        """A positive quantity."""
        m = self.rng.uniform(math.log(lo), math.log(hi))
        sd = self.rng.uniform(0.1, 1.0)
        return [round(math.exp(m + s * 1.645 * sd), 4) for s in (-1.0, 1.0)]

    def date(self, back: int) -> str:
        """A day, a month or a year, up to so many days before the incident."""
        found = INCIDENT - dt.timedelta(days=self.whole(0, back))
        return f"{found:{self.one(['%Y-%m-%d', '%Y-%m', '%Y'])}}"


def _sources(d: _Draw, fields: list[str]) -> dict[str, Any]:
    custodians = ["shop", "bank", "forum"][: d.whole(2, 3) if d.is_("custodians") else 1]
    libraries = ["lib1", "lib2"] if d.shape == "libraries" else ["library"]
    sources: dict[str, Any] = {}
    for s in custodians:
        sources[s] = {"kind": "custodian", "holds": d.some(fields, 1)}
    sources["osint"] = {"kind": "inference"}
    for s in libraries:
        sources[s] = {"kind": "leaked_library"}
    sources["unknown"] = {"kind": "residual"}
    for s, source in sources.items():
        _numbers(d, s, source, fields)
    if len(libraries) == 2:
        if d.chance():
            share = round(float(d.rng.uniform(0.1, 0.9)), 3)
            sources["lib1"]["share"], sources["lib2"]["share"] = share, round(1.0 - share, 3)
        sources["lib2"].pop("weight", None)
        if d.chance():
            sources["lib2"]["holds"] = d.some(fields, 1)
    if d.is_("custodians") and len(custodians) > 1 and d.chance():
        for s in custodians[:2]:
            sources[s]["one_service"] = "booking"
    if d.is_("attempt"):
        for source in sources.values():
            source["reach"] = d.share(-2.0, 1.0)
    if d.is_("dates", "snapshots") and d.chance(0.4):
        sources["osint"]["age"] = d.amount(5.0, 500.0)
    return sources


def _numbers(d: _Draw, s: str, source: dict[str, Any], fields: list[str]) -> None:
    kind = source["kind"]
    if d.chance(0.3):
        source["weight"] = d.amount(0.3, 5.0)
    if kind == "residual":
        return
    if d.chance(0.5):
        source["disclosure"] = {f: d.share() for f in d.some(fields, 1)}
    if d.chance(0.3):
        source["correlation"] = round(float(d.rng.uniform(0.0, 1.0)), 3)
    if d.chance(0.2):
        source["loadings"] = {d.one(fields): round(float(d.rng.uniform(-0.95, 0.95)), 3)}
    if d.chance(0.3):
        source["misfit"] = d.one([0.0, 0.005, 0.1, 0.3])
    if kind == "custodian" and d.is_("not_users", "custodians") and d.chance(0.4):
        source["disclosure_not_user"] = {f: d.share(-4.0, 0.0) for f in d.some(fields, 1)}
    if kind == "custodian" and d.chance(0.2):
        source["membership"] = [0.9, 0.999]
    if kind == "inference" and d.chance(0.4):
        source["odds_ratio"] = {d.one(TRAITS): d.one([[0.1, 0.9], [1.2, 8.0], [0.5, 3.0], 0.2])}
    del s


def _entry(d: _Draw, name: str, fields: list[str], custodians: list[str]) -> dict[str, Any]:
    """A victim without anything that depends on how he came to be known."""
    shown = d.some(fields, 1, 4)
    if d.is_("implied") and d.chance(0.6) and "id_photo" in fields:
        shown = sorted({*shown, "id_photo"})
    hidden = {f for f in PHOTO_SHOWS if "id_photo" in shown}
    rest = [f for f in fields if f not in shown]
    silent = [f for f in rest if f not in hidden and d.chance(0.3)]
    entry: dict[str, Any] = {"id": name, "disclosed": shown, "not_disclosed": silent}
    entry["redacted"] = [f for f in rest if f not in silent and d.chance(0.1)]
    if d.chance(0.6):
        entry["traits"] = {k: d.one([True, True, False, 0.7]) for k in d.some(TRAITS, 1, 2)}
    members = {c: d.chance(0.7) for c in custodians if d.chance(0.5)}
    if d.is_("not_users") and d.chance():
        members[custodians[0]] = False
    entry["users_of"] = [c for c, m in members.items() if m]
    entry["not_users_of"] = [c for c, m in members.items() if not m]
    return entry


def _known_by(d: _Draw, entry: dict[str, Any], fields: list[str]) -> None:
    """How a further victim came to be known, in keeping with what is stated of him."""
    if d.is_("attempt") and d.chance():
        entry["known_by"] = "attempt"
        if d.chance():
            entry["not_disclosed"] = sorted({*entry["not_disclosed"], *entry["disclosed"]})
            entry["disclosed"] = []
        return
    if d.chance(0.3):
        entry["linkage"] = d.one([0.5, [0.3, 0.8], [0.9, 0.99], 1.0, 0.0])
    if not d.chance(0.7 if d.is_("lists", "many", "implied", "not_users") else 0.3):
        if d.chance(0.3):
            entry["known_by"] = "exposure"
        return
    shown = entry["disclosed"]
    implied = [f for f in PHOTO_SHOWS if "id_photo" in shown and f in fields and f not in shown]
    known: dict[str, Any] = {}
    if d.chance(0.6):
        known["published_all"] = d.some([*shown, *implied], 1, 2)
    if d.chance(0.5):
        known["published_any"] = sorted({d.one([*shown, *implied]), *d.some(fields, 0, 2)})
    if entry["users_of"] and d.chance():
        known["users_of"] = entry["users_of"][:1]
    traits = [k for k, x in entry.get("traits", {}).items() if x]
    if traits and d.chance(0.3):
        known["traits"] = traits[:1]
    if known:
        entry["known_by"] = known


def _record(d: _Draw, entry: dict[str, Any], custodians: list[str]) -> None:
    shown = entry["disclosed"]
    if not shown or not d.is_("records") or not d.chance(0.7):
        return
    values = [*shown, *(f for f in PHOTO_SHOWS[:2] if "id_photo" in shown and f not in shown)]
    registers = []
    for _ in range(d.whole(1, 2)):
        verdict = {f: d.one(["agrees", "agrees", "differs", "not_compared"]) for f in values}
        register: dict[str, Any] = {"of": d.some(custodians, 1)}
        for key in ("agrees", "differs", "not_compared"):
            register[key] = [f for f, v in verdict.items() if v == key]
        registers.append(register)
    entry["record"] = registers if len(registers) > 1 else registers[0]


def _dates(d: _Draw, entry: dict[str, Any]) -> None:
    hidden = PHOTO_SHOWS if "id_photo" in entry["disclosed"] else ()
    shown = [f for f in entry["disclosed"] if f not in hidden]
    if not shown or not d.is_("dates", "snapshots") or not d.chance(0.7):
        return
    if d.chance(0.4):
        later = INCIDENT + dt.timedelta(days=d.whole(0, 60))
        entry["posted"] = f"{later:%Y-%m-%d}" if d.chance(0.7) else f"{later:%Y-%m}"
    back = 1500 if d.shape == "snapshots" else 400
    windows: dict[str, Any] = {}
    for f in d.some(shown, 1, 2):
        kind = d.one(["since", "until", "both"])
        window: dict[str, str] = {}
        if kind != "since":
            window["until"] = d.date(back)
        if kind != "until":
            # a year or a month may begin before the publication and end after it
            day = INCIDENT - dt.timedelta(
                days=d.whole(0, back) + (2 * back if kind == "both" else 0)
            )
            window["since"] = d.one([f"{day:%Y-%m-%d}", f"{day:%Y-%m}"])
        windows[f] = window
    entry["dates"] = windows


def _victims(d: _Draw, fields: list[str], custodians: list[str]) -> list[dict[str, Any]]:
    further = d.whole(3, 6) if d.shape == "many" else d.whole(0 if d.chance(0.2) else 1, 2)
    victims = []
    for i in range(further + 1):
        entry = _entry(d, "plaintiff" if not i else f"g{i}", fields, custodians)
        if not i:
            entry["plaintiff"] = True
        else:
            entry["count"] = d.one([1, 1, 2, 5, 20])
            if d.chance(0.15):
                entry["plaintiff"] = True
                entry["count"] = 1
            else:
                _known_by(d, entry, fields)
        _record(d, entry, custodians)
        _dates(d, entry)
        victims.append({k: v for k, v in entry.items() if v != []})
    return victims


def _findings(d: _Draw, sources: list[str], pairs: list[str]) -> list[dict[str, Any]]:
    found = []
    for i in range(d.whole(2, 5) if d.is_("findings") else d.whole(0, 1)):
        likelihood: dict[str, Any] = {s: d.share(-2.5, 2.5) for s in sources}
        if pairs and d.chance(0.3):
            likelihood[d.one(pairs)] = d.share(-2.5, 2.5)
        finding: dict[str, Any] = {"id": f"f{i}", "likelihood": likelihood}
        finding["about"] = d.some([s for s in sources if s != "unknown"], 1, 2)
        finding["group"] = d.one(["left", "right"])
        if d.chance(0.3):
            finding |= {"count": d.whole(2, 6), "repeats": round(float(d.rng.random()), 3)}
        found.append(finding)
    for group in ("left", "right"):
        stated = {
            "reliability": d.share(0.5, 3.0),
            "overlap": round(0.5 * float(d.rng.random()), 3),
        }
        if d.chance():
            for finding in found:
                if finding["group"] == group:
                    finding.update(stated)
    return found


def _security(d: _Draw, custodians: list[str]) -> dict[str, Any]:
    records: dict[str, Any] = {}
    for s in custodians if d.is_("security") else ():
        record: dict[str, Any] = {"size": d.one(["large", "average", "small"])}
        if d.chance(0.7):
            record["incidents"] = {"count": d.whole(0, 3), "years": d.whole(1, 10)}
        if d.chance(0.4):
            record["detection"] = d.share(-2.0, 1.0)
        if d.chance(0.3):
            record["breach_rate"] = {"shape": 1.5, "rate": 20}
        certificate = d.one(["none", "valid", "old", None])
        if certificate == "none":
            record["certification"] = "none"
        elif certificate is not None:
            record["certification"] = {
                "scheme": "iso", "date": "2021-03-01", "hazard_ratio": [0.3, 0.9],
                "expires": "2024-03-01" if certificate == "valid" else "2022",
            }  # fmt: skip
        records[s] = record
    return records


def _routes(d: _Draw, sources: dict[str, Any]) -> Any:
    if d.shape == "single":
        return "single"
    named = [s for s, x in sources.items() if x["kind"] != "residual"]
    pairs = [f"{a}/{b}" for a in named for b in named if a != b]
    if d.shape == "everything":  # a snapshot and a live copy are what the cells are for
        pairs = [p for p in pairs if p.count("lib") == 1]
    if not d.is_("chains", "custodians", "libraries"):
        return {}
    return {pair: d.one([0, 0.2, [0.05, 0.3]]) for pair in d.some(pairs, 0, 2)}


def random_tree(seed: int, shape: str) -> dict[str, Any]:
    """Draw a case.

    Parameters
    ----------
    seed : int
        The same seed and shape give the same case.
    shape : str
        One of `SHAPES`: what there shall be some of.
    """
    d = _Draw(seed, shape)
    fields = d.some(FIELDS, 3, 5)
    sources = _sources(d, fields)
    custodians = [s for s, x in sources.items() if x["kind"] == "custodian"]
    pairs = _routes(d, sources)
    named = [s for s, x in sources.items() if x["kind"] != "residual"]
    tree: dict[str, Any] = {
        "schema": 2,
        "id": f"{shape}-{seed}",
        "jurisdiction": "none",
        "standard": 0.75,
        "incident_date": f"{INCIDENT:%Y-%m-%d}",
        "proposition": custodians[:1] if d.chance(0.7) else d.some(named, 1, 2),
        "sources": sources,
        "routes": pairs,
        "victims": _victims(d, fields, custodians),
        "findings": _findings(d, list(sources), list(pairs) if pairs != "single" else []),
        "security": _security(d, custodians),
    }
    if "account_link" in fields and d.chance(0.3):
        tree["account_of"] = d.one(custodians)
    actor: dict[str, Any] = {}
    if d.chance(0.4):
        actor["publishes"] = d.share(-1.0, 3.0)
    if d.chance(0.4):
        actor["linkage"] = d.share(-1.0, 3.0)
    if d.chance(0.3):
        actor["users"] = {custodians[0]: d.share(-2.0, 2.0)}
    if d.chance(0.3):
        actor["traits"] = {"anonymous": d.share(-2.0, 2.0)}
    tree["actor"] = actor
    if d.is_("records") and d.chance():
        tree["agreement"] = {"own": [0.8, 0.98], "phone": d.share(-2.0, 2.0)}
    if d.chance(0.1):
        tree["background"] = {s: round(float(d.rng.uniform(0.1, 2.0)), 2) for s in sources}
    return {k: v for k, v in tree.items() if v not in ({}, [])}


def random_trees(count: int, *, first: int = 0) -> list[dict[str, Any]]:
    """Draw cases of every shape in turn."""
    return [random_tree(first + i, SHAPES[i % len(SHAPES)]) for i in range(count)]
