"""Small cases, and their density at latents that are fixed by name."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from causation.case import Case, fill
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.inference.joint import Joint
from causation.model.density import Density
from causation.model.structure import Model, Scenarios, build_model

__all__ = ["POINTS", "Named", "case", "fixed", "joint", "log_joint", "model", "odd", "sources"]

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


def joint(m: Model, row: Scenarios | None = None) -> Joint:
    """The whole case as a density, its background chances computed."""
    return Joint(m, row)


def log_joint(
    m: Model,
    *,
    row: Scenarios | None = None,
    seed: int = 0,
    renamed: Mapping[str, str] | None = None,
) -> dict[tuple[str, bool], np.ndarray]:
    """Log of prior times likelihood at points, by route and whether it does not fit."""
    found = Joint(m, row).terms(Named(seed, renamed))
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
