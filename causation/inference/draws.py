"""Draws of the latents as an xarray DataTree, with what follows from them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from causation.inference.joint import Joint
    from causation.model.structure import Model

_NOT_POINTWISE = "a_case_has_no_points_to_leave_out"
_OTHER = "of the sampler, or the log density of one sort of latents"
MEANINGS = {
    "z": "latents, standard normal before the evidence, by name",
    "route_given_latents": (
        "probability of every route if the latents were as in this draw; only its mean over the "
        "draws is the posterior, its spread is no uncertainty of it"
    ),
    "proposition_given_latents": "the same of the proposition",
    "proposition_by_route_given_latents": "the same of each route and the proposition together",
    "whole_case": "log likelihood of everything that the case states, one number for each draw",
    _NOT_POINTWISE: (
        "zero: the log likelihood is that of one case as a whole, so leaving one point out "
        "is not defined; see the contributions of an assessment instead"
    ),
    "published": "fields of every group: 1 published, 0 not, NaN not known",
    "count": "number of victims in every group",
    "center": "centre of every number of the model on its own scale",
    "sd": "its standard deviation there",
    "log_prior_of_route": "natural log of the prior probability",
    "log_likelihood_of_findings": "natural log, by route",
}
"""What the variables of a tree of draws are."""

PRIOR_DRAWS = 500


def label(name: str) -> str:
    """Name of a latent as a coordinate: ``c.platform.phone``."""
    return name.removeprefix("own:")


def complete(
    joint: Joint, latent: xr.DataArray, stats: xr.Dataset, random_seed: int
) -> xr.DataTree:
    """Posterior of the routes at every draw, and the groups that PyMC cannot know of."""
    prior = np.random.default_rng(random_seed).standard_normal((1, PRIOR_DRAWS, len(joint.names)))
    coords = {"latent": latent["latent"]} if joint.names else {}
    before = xr.DataArray(prior, coords, dims=("chain", "draw", "latent"))
    posterior, total = _routes(joint, latent)
    heads = [label(name).partition(".")[0] for name in joint.names]
    log_density = -0.5 * (latent**2 + math.log(2.0 * math.pi))
    groups = {
        "posterior": posterior,
        "sample_stats": stats,
        "prior": _routes(joint, before)[0],
        "log_prior": xr.Dataset(
            {
                h: log_density[..., [h == x for x in heads]].sum("latent")
                for h in dict.fromkeys(heads)
            }
        ),
        "log_likelihood": xr.Dataset(
            {
                "whole_case": (("chain", "draw"), total),
                # a second name, so that leave-one-out asks which and says why it cannot
                _NOT_POINTWISE: (("chain", "draw"), np.zeros_like(total)),
            },
            latent.coords,
        ).drop_vars("latent", errors="ignore"),
        "observed_data": _observed(joint.model),
        "constant_data": _constants(joint),
    }
    for group in groups.values():
        for name, variable in group.data_vars.items():
            variable.attrs["description"] = MEANINGS.get(str(name), _OTHER)
    return xr.DataTree.from_dict(groups)


def _routes(joint: Joint, latent: xr.DataArray) -> tuple[xr.Dataset, np.ndarray]:
    """Latents with the posterior of routes and proposition at every draw; log likelihood there."""
    lead = latent.shape[:2]
    log_joint, chance = joint.table(latent.to_numpy().reshape(lead[0] * lead[1], -1))
    flat = log_joint.reshape(len(log_joint), -1)
    total = np.logaddexp.reduce(flat, axis=1)
    share = np.exp(log_joint - total[:, None, None])
    variables = {
        "route_given_latents": (("chain", "draw", "route"), share.sum(axis=2).reshape(*lead, -1)),
        "proposition_given_latents": (
            ("chain", "draw"),
            (share * chance).sum(axis=(1, 2)).reshape(lead),
        ),
        "proposition_by_route_given_latents": (
            ("chain", "draw", "route"),
            (share * chance).sum(axis=2).reshape(*lead, -1),
        ),
    }
    coords = {"route": list(joint.model.route_names)}
    found = xr.Dataset({"z": latent, **variables}, coords)
    return found if joint.names else found.drop_vars("z"), total.reshape(lead)


def _observed(model: Model) -> xr.Dataset:
    """Fields of every group: 1 published, 0 not, NaN not known."""
    groups, fields = model.filled.groups, model.filled.fields
    table = np.full((len(groups), len(fields)), np.nan)
    for row, g in zip(table, groups, strict=True):
        row[[fields.index(f) for f in g.not_disclosed]] = 0.0
        row[[fields.index(f) for f in g.disclosed]] = 1.0
    return xr.Dataset(
        {
            "published": (("group", "field"), table),
            "count": ("group", np.array([float(g.count) for g in groups])),
        },
        {"group": [g.id for g in groups], "field": list(fields)},
    )


def _constants(joint: Joint) -> xr.Dataset:
    return xr.Dataset(
        {
            "center": ("number", joint.row.center[0]),
            "sd": ("number", joint.row.sd[0]),
            "log_prior_of_route": ("route", joint.log_prior),
            "log_likelihood_of_findings": ("route", joint.log_findings),
        },
        {
            "number": [n.path for n in joint.model.numbers],
            "route": list(joint.model.route_names),
        },
    )
