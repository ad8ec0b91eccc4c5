"""Case designs of every shape, for simulation.

Two to five sources, single routes and chains, one to six victims, known because exposed, listed
or attempted, with and without traits, memberships, registers, dates, findings and a security
record. The numbers of each design are drawn once, by a fixed seed, over the range that experts
state. The proposition's routes have a prior probability of one half before any incident is known,
so that cases with and without it are equally many.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from causation.case import fill, parse_case
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.inference.evaluate import inside
from causation.model.routes import log_prior
from causation.model.structure import Model, build_model

FIELDS = ("account_link", "phone", "real_name", "id_photo")
TRAITS = ("anonymous", "handle_reuse")
SOURCES = ("platform", "osint", "library", "shop", "unknown")
KINDS = {
    "platform": "custodian",
    "osint": "inference",
    "library": "leaked_library",
    "shop": "custodian",
    "unknown": "residual",
}
COUNT = 24


@dataclass(frozen=True, slots=True)
class Design:
    """A shape of case with its numbers, and its model.

    Facts in its case file say what is looked at: whatever can be drawn is drawn.
    """

    name: str
    document: dict[str, Any]
    model: Model


def model_of(document: dict[str, Any]) -> Model:
    """Model of a case file."""
    return build_model(fill(parse_case(json.dumps(document))))


@cache
def designs() -> tuple[Design, ...]:
    """The built-in designs."""
    return tuple(_design(i) for i in range(COUNT))


def prior_before_incidents(model: Model) -> np.ndarray:
    """Prior of every route before any incident is known, shape (Z,)."""
    blank = replace(
        model.filled, security=tuple(replace(r, years=0.0) for r in model.filled.security)
    )
    base = model.base()
    at = At(NUMPY, model.places, base.center, base.sd, {})
    result: np.ndarray = np.exp(log_prior(blank, model.routes, at, lambda _: True)[0])
    return result


def _design(index: int) -> Design:
    rng = np.random.default_rng([20250723, index])
    chains = index % 4 == 1 or index % 3 == 2
    shape = {
        "sources": 2 + index % 4,
        "fields": 2 + (index // 2) % 3,
        "victims": 1 + index % 6,
        "traits": (index // 4) % 3,
        "memberships": index % 5 in {1, 3} and index % 4 >= 2,
        "findings": (index // 5) % 4,
        "security": index % 3 == 0,
        "chains": chains,
        "listed": ("exposure", "all", "any", "attempt")[(index // 2) % 4],
        "register": index % 7 in {2, 4},
        "dates": index % 8 in {0, 3, 6} and not chains,
    }
    document = balanced(_document(index, shape, rng))
    return Design(_name(shape), document, model_of(document))


def _name(shape: dict[str, Any]) -> str:
    extras = [
        key for key in ("chains", "memberships", "security", "register", "dates") if shape[key]
    ]
    return (
        f"{shape['sources']} sources, {shape['victims']} victims ({shape['listed']}), "
        f"{shape['fields']} fields, {shape['traits']} traits, {shape['findings']} findings"
        + "".join(f", {word}" for word in extras)
    )


def balanced(document: dict[str, Any]) -> dict[str, Any]:
    """Return a case file with its proposition's weights scaled to even odds before incidents."""
    names = [n for n in document["proposition"] if n in document["sources"]]

    def scaled(log_scale: float) -> dict[str, Any]:
        sources = dict(document["sources"])
        for n in names:
            sources[n] = sources[n] | {"weight": sources[n]["weight"] * math.exp(log_scale)}
        return document | {"sources": sources}

    def gap(log_scale: float) -> float:
        one = model_of(scaled(log_scale))
        chosen = inside(one.routes, one.filled.proposition)
        return float(prior_before_incidents(one)[chosen].sum()) - 0.5

    from scipy.optimize import brentq  # slow to import, and reports need none of it

    return scaled(float(brentq(gap, -12.0, 12.0, xtol=1e-6)))


def interval(
    rng: np.random.Generator, center: float, *, shift: float = 0.7, most: float = 2.0
) -> list[float]:
    """A 90 % interval for a probability, around a centre on the logit scale."""
    middle, half = center + rng.normal(0.0, shift), rng.uniform(0.4, most)
    return [round(1.0 / (1.0 + math.exp(-x)), 6) for x in (middle - half, middle + half)]


def _document(index: int, shape: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    names = SOURCES[: shape["sources"]]
    fields = list(FIELDS[: shape["fields"]])
    document: dict[str, Any] = {
        "schema": 2,
        "id": f"design-{index}",
        "title": {"en": f"Design {index}"},
        "jurisdiction": "none",
        "incident_date": "2024-05-01",
        "proposition": ["platform", "shop"] if index % 5 == 0 and "shop" in names else ["platform"],
        "standard": 0.75,
        "exhaustive": "unknown" not in names,
        "account_of": "platform",
        "fields": fields,
        "routes": _routes(names, rng) if shape["chains"] else "single",
        "actor": _actor(shape, rng),
        "sources": {n: _source(n, fields, shape, rng) for n in names},
        "victims": [_victim(i, fields, shape) for i in range(shape["victims"])],
        "findings": [_finding(i, names, rng) for i in range(shape["findings"])],
    }
    if shape["register"]:
        document["agreement"] = {
            "own": interval(rng, 3.0),
            **{f: interval(rng, 0.0) for f in fields},
        }
    if shape["security"]:
        document["security"] = {"platform": {"incidents": {"count": 0, "years": 5}}}
    return document


def _routes(names: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """Chains of every pair of kinds; a lead to the platform too."""
    pairs = [
        ("platform", "library"),
        ("osint", "platform"),
        ("osint", "library"),
        ("library", "osint"),
    ]
    return {
        f"{a}/{b}": interval(rng, -1.8, shift=0.3, most=0.8)
        for a, b in pairs
        if a in names and b in names
    }


def _actor(shape: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    return {
        "publishes": interval(rng, 1.2),
        "traits": {k: interval(rng, 0.0) for k in TRAITS[: shape["traits"]]},
        "users": {c: interval(rng, 0.5) for c in ("platform", "shop")}
        if shape["memberships"]
        else {},
        "linkage": interval(rng, 1.5),
    }


_CENTER = {"platform": 1.0, "osint": -0.8, "library": 0.3, "shop": 0.0}
_AGE = {"platform": [1, 60], "osint": [1, 400], "library": [200, 3000], "shop": [1, 60]}


def _source(
    name: str, fields: list[str], shape: dict[str, Any], rng: np.random.Generator
) -> dict[str, Any]:
    kind = KINDS[name]
    source: dict[str, Any] = {"kind": kind, "weight": round(float(rng.uniform(0.5, 3.0)), 3)}
    source["reach"] = interval(rng, -0.5)
    source["age"] = _AGE.get(name, [1, 2000])
    if kind == "residual":
        return source
    source["disclosure"] = {f: interval(rng, _CENTER[name]) for f in fields}
    source["correlation"] = round(float(rng.uniform(0.1, 0.8)), 3)
    source["misfit"] = round(float(rng.uniform(0.01, 0.08)), 3)
    if kind == "custodian":
        source["holds"] = fields
        source["disclosure_not_user"] = {f: interval(rng, -2.0) for f in fields}
    if name == "library":
        source["loadings"] = {"account_link": -0.5}
    if kind == "inference":
        ratio = {"anonymous": [0.1, 0.9], "handle_reuse": [1.2, 8]}
        source["odds_ratio"] = {k: ratio[k] for k in TRAITS[: shape["traits"]]}
    return source


def _victim(index: int, fields: list[str], shape: dict[str, Any]) -> dict[str, Any]:
    """A victim; from the third on the last field is not looked at, nor the last trait known."""
    late = index >= 2
    seen = fields[:-1] if late and len(fields) > 2 else fields
    traits = TRAITS[: shape["traits"]]
    victim: dict[str, Any] = {
        "id": f"victim{index}",
        "plaintiff": index == 0,
        "disclosed": seen,
        "traits": dict.fromkeys(traits[:-1] if late else traits, True),
    }
    if shape["register"] and index < 2:
        victim["record"] = [{"of": ["platform"], "agrees": seen[:2]}]
    if shape["dates"] and index < 2:
        victim["dates"] = {"phone": {"since": "2023-06-01"}}
    if index == 0:
        return victim
    victim["known_by"] = {
        "all": {"published_all": seen[:1]},
        "any": {"published_any": seen[:2]},
    }.get(shape["listed"], shape["listed"])
    if shape["listed"] == "exposure" and shape["memberships"]:
        victim["users_of"] = ["shop"]
    elif shape["listed"] in {"all", "any"} and shape["memberships"]:
        victim["known_by"]["users_of"] = ["platform"]
    return victim


def _finding(index: int, names: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """The first two findings overlap, the third stands alone."""
    paired = index < 2
    finding: dict[str, Any] = {
        "id": f"finding{index}",
        "likelihood": {n: round(float(rng.uniform(0.05, 0.9)), 3) for n in names},
        "about": "platform",
        "reliability": [0.8, 0.97] if paired else 0.8,
        "overlap": 0.3 if paired else 0.0,
    }
    if paired:
        finding["group"] = "pair"
    else:
        finding |= {"count": 3, "repeats": 0.3}
    return finding
