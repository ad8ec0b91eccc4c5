"""Sweeps: the posterior on a grid of scenarios."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from causation.analyses.bound import validated_bound
from causation.case.files import load_case
from causation.case.priors import PriorSet
from causation.case.schema import Case
from causation.errors import InputError
from causation.inference.integrate import IntegratorSettings
from causation.output import is_file
from causation.sweeping.cells import VARIABLES, Question
from causation.sweeping.chunks import views
from causation.sweeping.grid import SCENARIO, Axis, Grid, build_grid
from causation.sweeping.plan import LEADS, Sweep
from causation.sweeping.priors import loaded
from causation.sweeping.values import CASE, PRIORS, STANDARD
from causation.sweeping.worlds import Worlds

if TYPE_CHECKING:
    import xarray as xr

DEFAULT = ("probability", "held", "log10_lr", "met", "posterior")
"""Variables that are computed unless others are asked for."""


class Options(TypedDict, total=False):
    """How a sweep is asked for; see `sweep`."""

    zipped: bool
    priors: Priors | Sequence[Priors] | None
    standard: Standard | Sequence[Standard] | None
    bound: float | None
    gaps: bool
    settings: IntegratorSettings | None
    variables: Sequence[str]


type Progress = Callable[[float], None]
"""Takes the share that is done, 0 to 1."""
type Priors = str | Path | PriorSet
type Standard = str | float


def plan_sweep(
    case: Case | str | Path | Sequence[Case | str | Path],
    scenarios: Any = None,
    *,
    zipped: bool = False,
    priors: Priors | Sequence[Priors] | None = None,
    standard: Standard | Sequence[Standard] | None = None,
    bound: float | None = None,
    gaps: bool = False,
    settings: IntegratorSettings | None = None,
    variables: Sequence[str] = DEFAULT,
) -> Sweep:
    """Read and check a sweep; see `sweep` for the parameters.

    Raises
    ------
    CaseError
        If a path leads nowhere, or a value is not allowed there.
    InputError
        If the grid is empty or cannot be understood.
    """
    unknown = [name for name in variables if name not in VARIABLES]
    if unknown or not variables:
        raise InputError(
            f"no such variable: {', '.join(unknown) or 'none given'}; "
            f"allowed: {', '.join(VARIABLES)}"
        )
    one = isinstance(case, (Case, str, Path))
    given: Sequence[Case | str | Path] = [case] if isinstance(case, (Case, str, Path)) else case
    cases = tuple(c if isinstance(c, Case) else load_case(c) for c in given)
    sets, one_set, set_axis = _prior_sets(priors)
    one_standard, standard_axis = _standards(standard)
    axes = [Axis(CASE, {CASE: tuple(c.id for c in cases)})] if not one else []
    axes += [axis for axis in (set_axis, standard_axis) if axis is not None]
    if scenarios is None and not axes:
        raise InputError(
            "nothing varies: give PATH=GRID, or several cases, prior sets or standards"
        )
    grid = Grid(()) if scenarios is None else build_grid(scenarios, zipped=zipped)
    if CASE in grid.paths:
        raise InputError("give several cases as a list, in place of an axis of the grid")
    for path, fixed in ((PRIORS, one_set), (STANDARD, one_standard)):
        if path in grid.paths and fixed is not None:
            raise InputError(f"{path}: varied by the grid, and given by itself; give one of them")
    sets |= {
        str(name): loaded(str(name)) for axis in grid.axes for name in axis.columns.get(PRIORS, ())
    }
    grid = grid.crossed(*axes)
    worlds = Worlds(cases, grid, sets=sets, priors=one_set, standard=one_standard, gaps=gaps)
    limit = validated_bound() if bound is None else bound
    if limit is not None and not limit >= 0.0:
        raise InputError(f"bound: {limit:g} bounds nothing; give a log10 of at least 0, or inf")
    question = Question(tuple(variables), math.inf if limit is None else limit, gaps)
    plan = Sweep(cases, grid, worlds, question, settings or IntegratorSettings())
    _check_standards(plan)
    return plan


def _prior_sets(
    priors: Priors | Sequence[Priors] | None,
) -> tuple[dict[str, PriorSet], PriorSet | None, Axis | None]:
    """Sets by name, the only one, and their axis where there are several."""
    if priors is None:
        return {}, None, None
    if isinstance(priors, str) and "," in priors and not is_file(priors):
        priors = [name.strip() for name in priors.split(",") if name.strip()]
    if isinstance(priors, (str, Path, PriorSet)):
        return {}, loaded(priors), None
    sets = {p.name if isinstance(p, PriorSet) else str(p): loaded(p) for p in priors}
    if len(sets) != len(priors):
        raise InputError("priors: a prior set is given twice")
    return sets, None, Axis(PRIORS, {PRIORS: tuple(sets)})


def _standards(
    standard: Standard | Sequence[Standard] | None,
) -> tuple[Standard | None, Axis | None]:
    if isinstance(standard, str) and "," in standard:
        standard = [part.strip() for part in standard.split(",") if part.strip()]
    if standard is None or isinstance(standard, (str, float, int)):
        return standard, None
    return None, build_grid({STANDARD: [_number(s) for s in standard]}).axes[0]


def _number(standard: Standard) -> Standard:
    try:
        return float(standard)
    except ValueError:
        return standard


def _check_standards(plan: Sweep) -> None:
    if STANDARD not in plan.grid.paths:
        return
    values = plan.standards
    if not ((values > 0.0) & (values < 1.0)).all():
        raise InputError("a standard of proof is a probability in (0, 1), or an id")


def sweep(
    case: Case | str | Path | Sequence[Case | str | Path],
    scenarios: Any = None,
    *,
    zipped: bool = False,
    priors: Priors | Sequence[Priors] | None = None,
    standard: Standard | Sequence[Standard] | None = None,
    bound: float | None = None,
    gaps: bool = False,
    settings: IntegratorSettings | None = None,
    variables: Sequence[str] = DEFAULT,
    cluster: Any = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Compute the posterior on a grid of scenarios.

    Only what an axis touches is computed again: prior weights, shares that go on, security
    records, findings and standards broadcast over integrals that are computed once. An axis of
    facts (how many victims there are, what was published, the prior set) makes another model
    for each of its values.

    Parameters
    ----------
    case : Case, str or Path, or a list of these
        Several cases are crossed with every axis.
    scenarios : mapping, DataFrame, or list of str
        Values by dotted path, crossed with each other: numbers, intervals ``(lo, hi)``, names
        of prior sets or standards, lists of fields, or a text ``lo:hi:n``, ``log:lo:hi:n``,
        ``a,b,c``. A table has a column for each path and a row for each scenario. A list holds
        texts ``PATH=GRID``. May be left out where there are several cases, prior sets or
        standards.
    zipped : bool
        Let the paths of a mapping change together along one dimension ``scenario``.
    priors : str, Path or PriorSet, or a list of these, optional
        In place of the prior sets that the cases name; several are an axis ``priors``.
    standard : str or float, or a list of these, optional
        In place of the cases' standards; several are an axis ``standard``.
    bound : float, optional
        log10 of the greatest likelihood ratio on which ``held`` and ``met`` may rest; by
        default what the validation supports, ``math.inf`` for no limit.
    gaps : bool
        Leave scenarios that are not possible empty (NaN) rather than name the first.
    settings : IntegratorSettings, optional
        How hard the integrator tries; `DRAFT` is faster.
    variables : sequence of str
        ``probability`` (of the proposition), ``held`` (with the likelihood ratio limited),
        ``log10_lr`` (of the proposition's routes against the others), ``met`` (`held` reaches
        the standard), ``posterior`` (of each route).
    cluster : str or distributed.Client, optional
        A Dask scheduler to compute on.
    progress : callable, optional
        Takes the share done.

    Returns
    -------
    xarray.Dataset
        One dimension for each axis, with the values as coordinates; provenance in ``attrs``.

    Raises
    ------
    CaseError
        If a path leads nowhere, or a value is not allowed there.
    InputError
        If the grid is empty, cannot be understood, or does not fit into memory.
    ImpossibleEvidenceError
        If a scenario is impossible and gaps were not asked for.

    Examples
    --------
    >>> table = sweep("bic-2025-doxxing", {"standard": [0.5, 0.75, 0.999]})
    >>> table["met"].values.tolist()
    [True, False, False]
    """
    plan = plan_sweep(
        case,
        scenarios,
        zipped=zipped,
        priors=priors,
        standard=standard,
        bound=bound,
        gaps=gaps,
        settings=settings,
        variables=variables,
    )
    return to_dataset(plan, compute(plan, cluster=cluster, progress=progress))


def compute(
    plan: Sweep, *, cluster: Any = None, progress: Progress | None = None
) -> dict[str, np.ndarray]:
    """All cells of a sweep in memory: arrays (routes, where there is one for each, axes...).

    Raises
    ------
    InputError
        If they do not fit into memory, or the cluster cannot be reached.
    """
    from causation.sweeping.cluster import executor_for

    _check_memory(plan)
    whole = plan.empty(plan.grid.shape)

    with executor_for(cluster) as executor:
        for _ in executor.chunks(plan, into=partial(views, whole), progress=progress):
            pass
    return whole


def to_dataset(plan: Sweep, arrays: Mapping[str, np.ndarray]) -> xr.Dataset:
    """Name the dimensions of computed arrays."""
    import xarray as xr

    axes = plan.grid.names
    data = {
        name: ((LEADS[name], *axes) if name in LEADS else axes, array)
        for name, array in arrays.items()
    }
    coords: dict[str, Any] = {
        LEADS[name]: list(plan.lead(name)) for name in plan.question.variables if name in LEADS
    }
    for axis in plan.grid.axes:
        if axis.name == SCENARIO:
            coords[SCENARIO] = np.arange(axis.size)
        for path in axis.columns:
            coords[path] = (axis.name, plan.coordinates[path], plan.labels(path))
    return xr.Dataset(data, coords, attrs=plan.attributes())


def _check_memory(plan: Sweep) -> None:
    need = plan.grid.size * plan.cell_bytes
    try:
        have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not told on this system
        return
    if need > 0.8 * have and need > 2**30:
        raise InputError(
            f"the grid has {plan.grid.size:,} scenarios and takes {need / 2**30:.1f} GiB, more "
            "than there is memory; write it to a zarr or parquet file instead"
        )
