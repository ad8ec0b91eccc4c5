"""Answers as xarray DataTrees, out and in.

A tree has a group ``route_evidence`` with named dimensions; where the engine draws, the groups
of its draws (``posterior``, ``sample_stats`` and so on) stand beside it, as ArviZ knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.errors import InputError
from causation.inference.evaluate import Answer

if TYPE_CHECKING:
    import xarray as xr

    from causation.model.structure import Model

GROUP = "route_evidence"
"""Name of the group from which an answer can be built again."""
_TABLES = ("log_prior", "log_evidence", "error", "credit")


def to_datatree(answer: Answer, **provenance: str | int | None) -> xr.DataTree:
    """Return an answer as a DataTree that can be written to netCDF or zarr.

    Parameters
    ----------
    answer : Answer
    **provenance
        Further attributes of the group.

    Returns
    -------
    xarray.DataTree
        Group ``route_evidence`` with ``log_prior``, ``log_evidence`` (natural logarithms),
        ``error`` (standard error of log10), ``credit`` and ``posterior``, each (row, route), and
        ``slow`` and ``probability`` (row); and the draws, where there are any.

    Examples
    --------
    >>> from causation.case import fill, load_case
    >>> from causation.inference.evaluate import evaluate
    >>> from causation.model.structure import build_model
    >>> tree = to_datatree(evaluate(build_model(fill(load_case("bic-2025-doxxing")))))
    >>> tree["route_evidence"].posterior.sel(route="unknown").dims
    ('row',)
    """
    import xarray as xr

    by_route = {name: (("row", "route"), getattr(answer, name)) for name in (*_TABLES, "posterior")}
    data = xr.Dataset(
        {
            **by_route,
            "slow": ("row", answer.slow),
            "probability": ("row", answer.probability),
        },
        coords={"route": list(answer.model.route_names)},
        attrs={
            "engine": getattr(answer, "engine", "integrate"),
            **{k: v for k, v in provenance.items() if v is not None},
        },
    )
    drawn = getattr(answer, "tree", None)
    tree: xr.DataTree = xr.DataTree() if drawn is None else drawn.copy()
    tree[GROUP] = xr.DataTree(data)
    return tree


def from_datatree(tree: xr.DataTree, model: Model) -> Answer:
    """Return the answer that `to_datatree` wrote, for the model that it is about.

    Raises
    ------
    InputError
        If the tree has no group ``route_evidence``, or its routes are not the model's.

    Examples
    --------
    >>> from causation.inference.evaluate import evaluate
    >>> from causation.model.structure import build_model
    >>> model = build_model("bic-2025-doxxing")
    >>> answer = evaluate(model)
    >>> bool(from_datatree(to_datatree(answer), model).probability == answer.probability)
    True
    """
    if GROUP not in tree.children:
        raise InputError(f"the tree has no group {GROUP!r}: it does not hold an answer")
    data = tree[GROUP].to_dataset()
    routes = tuple(str(name) for name in data["route"].to_numpy())
    if routes != model.route_names:
        raise InputError(
            f"the tree is about the routes {', '.join(routes)}; "
            f"the model's: {', '.join(model.route_names)}"
        )
    tables = {name: data[name].to_numpy() for name in (*_TABLES, "slow")}
    return Answer(model, **tables)
