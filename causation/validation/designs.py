"""Case designs of every shape, for simulation.

Two to five sources, one to six victim groups, with and without profile, memberships, findings
and a security record, victims listed because exposed or because attempted. The numbers of each
design are drawn once, by a fixed seed, over the range that experts state. The proposition has a
prior probability of one half, so that cases with and without it are equally many.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from causation.case.files import parse_case
from causation.case.filling import resolve
from causation.model.build import Model, build_model

__all__ = ["Design", "designs", "even_prior"]

FIELDS = ("account_link", "phone", "real_name", "id_photo")
ITEMS = ("anonymous", "handle_reuse")
CUSTODIANS = ("platform", "other_platform")
COUNT = 24


@dataclass(frozen=True, slots=True)
class Design:
    """A shape of case with its numbers."""

    name: str
    model: Model


@cache
def designs() -> tuple[Design, ...]:
    """The built-in designs."""
    return tuple(_design(i) for i in range(COUNT))


def even_prior(model: Model) -> Model:
    """The model with its proposition at a prior probability of one half.

    The security record is left out of account: it is evidence.
    """
    weight = model.log_weight.copy()
    mask = model.proposition
    weight[mask] -= math.log(np.exp(weight[mask]).sum())
    weight[~mask] -= math.log(np.exp(weight[~mask]).sum())
    return replace(model, log_weight=weight)


def _design(index: int) -> Design:
    rng = np.random.default_rng([20250723, index])
    sources = 2 + index % 4
    shape = {
        "sources": sources,
        "fields": 2 + (index // 2) % 3,
        "groups": 1 + index % 6,
        "items": (0, 1, 2)[(index // 4) % 3] if index % 6 < 4 else (index // 6) % 2,
        "custodians": (index // 3) % 3,
        "findings": (index // 5) % 4,
        "security": index % 3 == 0,
        "selection": "selected" if index % 2 else "attempted",
    }
    case = parse_case(json.dumps(_document(index, shape, rng)))
    name = (
        f"{sources} sources, {shape['groups']} victims, {shape['fields']} fields, "
        f"{shape['items']} profile items, {shape['custodians']} memberships, "
        f"{shape['findings']} findings, {'a' if shape['security'] else 'no'} security record, "
        f"{shape['selection']}"
    )
    return Design(name, even_prior(build_model(resolve(case))))


def _interval(rng: np.random.Generator, center: float) -> list[float]:
    """A 90 % interval for a probability, around a centre on the logit scale."""
    middle, half = center + rng.normal(0.0, 0.7), rng.uniform(0.4, 2.0)
    return [round(1.0 / (1.0 + math.exp(-x)), 6) for x in (middle - half, middle + half)]


def _document(index: int, shape: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    fields, items = FIELDS[: shape["fields"]], ITEMS[: shape["items"]]
    names = ("platform", "osint", "other_platform", "library", "unknown")[: shape["sources"]]
    custodians = tuple(c for c in CUSTODIANS[: shape["custodians"]] if c in names)
    document: dict[str, Any] = {
        "schema": 1,
        "id": f"design-{index}",
        "title": {"en": f"Design {index}"},
        "incident_date": "2024-05-01",
        "proposition": "platform" if index % 5 else ["platform", names[-1]][: len(names) - 1],
        "standard": 0.75,
        "selection": shape["selection"],
        "exhaustive": "unknown" not in names,
        "sources": {name: _source(name, fields, items, custodians, rng) for name in names},
        "victims": [
            _group(i, (fields, items, custodians), rng, uncertain=shape["groups"] < 6 or i <= 3)
            for i in range(shape["groups"])
        ],
        "findings": [_finding(i, names, rng) for i in range(shape["findings"])],
    }
    if shape["security"]:
        document["security"] = {"platform": {"incidents": {"count": 0, "years": 5}}}
    return document


_CENTER = {"platform": 1.0, "osint": -0.8, "other_platform": 0.0, "library": 0.3, "unknown": 0.0}


def _source(
    name: str,
    fields: tuple[str, ...],
    items: tuple[str, ...],
    custodians: tuple[str, ...],
    rng: np.random.Generator,
) -> dict[str, Any]:
    kind = {"osint": "inference", "unknown": "residual"}.get(name, "custodian")
    source: dict[str, Any] = {"kind": kind, "weight": round(float(rng.uniform(0.5, 3.0)), 3)}
    source["disclosure"] = {f: _interval(rng, _CENTER[name]) for f in fields}
    source["correlation"] = round(float(rng.uniform(0.1, 0.8)), 3)
    source["misfit"] = 0 if kind == "residual" else round(float(rng.uniform(0.01, 0.08)), 3)
    members = {c: _interval(rng, 2.5 if c == name else 0.5) for c in custodians}
    if members:
        source["membership"] = members
    if kind == "inference":
        ratio = {"anonymous": [0.1, 0.9], "handle_reuse": [1.2, 8]}
        source["odds_ratio"] = {item: ratio[item] for item in items}
    return source


def _group(
    index: int,
    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    rng: np.random.Generator,
    *,
    uncertain: bool,
) -> dict[str, Any]:
    """A victim; from the third on the last field is not looked at, nor the last item known."""
    fields, items, custodians = names
    late = index >= 2
    seen = fields[:-1] if late and len(fields) > 2 else fields
    group: dict[str, Any] = {
        "id": f"victim{index}",
        "disclosed": [seen[0]],
        "not_disclosed": list(seen[1:]),
        "users_of": dict.fromkeys(custodians, True),
    }
    known = items[:-1] if late else items
    if known:
        group["profile"] = dict.fromkeys(known, True)
    if index:
        group["linkage"] = round(float(rng.uniform(0.5, 0.95)), 3) if uncertain else 1
    return group


def _finding(index: int, names: tuple[str, ...], rng: np.random.Generator) -> dict[str, Any]:
    """The first two findings stand or fall together, the third stands alone."""
    paired = index < 2
    return {
        "id": f"finding{index}",
        "likelihood": {n: round(float(rng.uniform(0.05, 0.9)), 3) for n in names},
        "reliability": 0.9 if paired else 0.8,
        **({"group": "pair", "repeats": 0.3} if paired else {}),
    }
