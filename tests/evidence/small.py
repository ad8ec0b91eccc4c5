"""Small cases, and their density at latents that are fixed by name."""

from __future__ import annotations

import copy
import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import expit

from causation.case import Case, fill
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.inference.joint import Joint
from causation.model.density import Density
from causation.model.structure import Model, Scenarios, build_model
from causation.scales import Z90

__all__ = [
    "POINTS",
    "Named",
    "case",
    "fixed",
    "log_joint",
    "model",
    "odd",
    "omega",
    "share",
    "sources",
]

POINTS = 5
"""Points at which densities are compared."""

FORUM: dict[str, Any] = {
    "schema": 2,
    "id": "small",
    "jurisdiction": "none",
    "standard": 0.75,
    "incident_date": "2024-05-03",
    "proposition": "forum",
    "sources": {
        "forum": {
            "kind": "custodian",
            "holds": ["account_link", "phone", "real_name", "id_photo"],
        }
    },
    "victims": [
        {
            "id": "p",
            "plaintiff": True,
            "disclosed": ["account_link", "phone", "real_name"],
            "traits": {"anonymous": True},
        }
    ],
}


def case(*further: Mapping[str, Any], **changes: Any) -> Case:
    """The plaintiff of a forum, further groups, and other top-level keys.

    ``plaintiff`` changes the plaintiff's own entry.
    """
    tree = copy.deepcopy(FORUM)
    tree["victims"][0].update(changes.pop("plaintiff", {}))
    tree["victims"] += [dict(g) for g in further]
    return Case.model_validate(tree | changes)


def sources(**more: Any) -> dict[str, Any]:
    """The forum and other sources."""
    return {**copy.deepcopy(FORUM["sources"]), **more}


def model(*further: Mapping[str, Any], **changes: Any) -> Model:
    """The model of such a case."""
    return build_model(fill(case(*further, **changes)))


class Named(dict[str, Any]):
    """Standard normal latents that only their names and a seed decide.

    Parameters
    ----------
    seed : int
    renamed : mapping of str to str, optional
        Parts of names, between dots, that are to count as others.
    shape : tuple of int
    """

    def __init__(
        self,
        seed: int = 0,
        renamed: Mapping[str, str] | None = None,
        shape: tuple[int, ...] = (POINTS,),
    ) -> None:
        super().__init__()
        self.seed, self.renamed, self.shape = seed, renamed or {}, shape

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> Any:
        parts = name.removeprefix("own:").split(".")
        plain = ".".join(self.renamed.get(p, p) for p in parts)
        rng = np.random.default_rng([self.seed, zlib.crc32(plain.encode())])
        return rng.standard_normal(self.shape)


def log_joint(
    m: Model,
    *,
    row: Scenarios | None = None,
    seed: int = 0,
    renamed: Mapping[str, str] | None = None,
) -> dict[tuple[str, bool], np.ndarray]:
    """Log of prior times likelihood at points, by route and whether it does not fit."""
    j = Joint(m, row)
    found = j.terms(j.at(Named(seed, renamed)))
    return {
        (m.route_names[t.route], t.odd): np.broadcast_to(np.asarray(t.value), (POINTS,))
        for t in found
    }


def fixed(m: Model, route: str, *, seed: int = 0) -> tuple[Density, At]:
    """A route's density, and a place at which to ask it for its parts."""
    j = Joint(m)
    place = m.route_names.index(route)
    at = At(NUMPY, m.places, j.row.center, j.row.sd, Named(seed, shape=(1,)))
    return j.densities[place], at


def odd(m: Model, *, seed: int = 0) -> tuple[Density, At]:
    """The same of the stand-in for whatever is not named."""
    j = Joint(m)
    at = At(NUMPY, m.places, j.row.center, j.row.sd, Named(seed, shape=(1,)))
    return j.densities[-1], at


def omega(m: Model, z: Named) -> float:
    """Share that the actor publishes of what he has, from the page."""
    n = m.filled.number("actor.publishes")
    return float(expit(n.center + n.sd * z["v"][0]))


def share(m: Model, z: Named, source: str, field: str, key: str = "disclosure") -> float:
    """Share in which a source gives the actor a field, from the page; ``~`` is the stand-in."""
    if source == "~":
        center, sd, loading = 0.0, math.log(19.0) / Z90, math.sqrt(0.5)
    else:
        n = m.filled.number(f"sources.{source}.{key}.{field}")
        center, sd = n.center, n.sd
        stated = m.filled.optional(f"sources.{source}.loadings.{field}")
        r = m.filled.number(f"sources.{source}.correlation").center
        loading = math.sqrt(r) if stated is None else stated.center
    own = math.sqrt(1.0 - loading**2) * z[f"c.{source}.{field}"][0]
    return float(expit(center + sd * (loading * z[f"u.{source}"][0] + own)))
