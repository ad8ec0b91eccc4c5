"""Posteriors as xarray DataTrees, out and in.

A tree has a group ``source_evidence`` with named dimensions; where the engine draws, the groups
of its draws (``posterior``, ``sample_stats`` and so on) stand beside it, as ArviZ knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causation.errors import InputError
from causation.inference.posterior import Posterior

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["GROUP", "from_datatree", "to_datatree"]

GROUP = "source_evidence"
"""Name of the group from which a posterior can be built again."""


def to_datatree(posterior: Posterior, **provenance: str | int | None) -> xr.DataTree:
    """A posterior as a DataTree that can be written to netCDF or zarr.

    Parameters
    ----------
    posterior : Posterior
    **provenance
        Further attributes of the group.

    Returns
    -------
    xarray.DataTree
        Group ``source_evidence`` with ``log_evidence`` (replicate, source), ``log_prior``
        (source), ``proposition`` (source, 1 where a source belongs to it) and ``probability``
        (source), natural logarithms; and the draws, where there are any.

    Examples
    --------
    >>> from causation import assess
    >>> tree = to_datatree(assess("bic-2025-doxxing").posterior)
    >>> tree["source_evidence"].probability.sel(source="platform").round(2).item()
    0.99
    """
    import xarray as xr

    data = xr.Dataset(
        {
            "log_evidence": (("replicate", "source"), posterior.log_evidence_replicates),
            "log_prior": ("source", posterior.log_prior),
            "proposition": ("source", posterior.proposition.astype(np.int8)),
            "probability": ("source", posterior.probability),
        },
        coords={"source": list(posterior.sources)},
        attrs={
            "engine": posterior.engine,
            "random_seed": posterior.random_seed,
            **{k: v for k, v in provenance.items() if v is not None},
        },
    )
    tree: xr.DataTree = xr.DataTree() if posterior.tree is None else posterior.tree.copy()
    tree[GROUP] = xr.DataTree(data)
    return tree


def from_datatree(tree: xr.DataTree) -> Posterior:
    """The posterior that `to_datatree` wrote.

    Raises
    ------
    InputError
        If the tree has no group ``source_evidence``.

    Examples
    --------
    >>> from causation import assess
    >>> posterior = assess("bic-2025-doxxing").posterior
    >>> bool((from_datatree(posterior.to_datatree()).probability == posterior.probability).all())
    True
    """
    if GROUP not in tree.children:
        raise InputError(f"the tree has no group {GROUP!r}: it does not hold a posterior")
    data = tree[GROUP].to_dataset()
    others = {name: child for name, child in tree.children.items() if name != GROUP}
    return Posterior(
        sources=tuple(data["source"].values.tolist()),
        proposition=data["proposition"].values.astype(bool),
        log_prior=data["log_prior"].values,
        log_evidence_replicates=data["log_evidence"].values,
        engine=str(data.attrs["engine"]),
        random_seed=int(data.attrs["random_seed"]),
        tree=tree.filter(lambda node: node.name != GROUP) if others else None,
    )
