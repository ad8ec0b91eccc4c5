"""Sweeps: the posterior on a grid of scenarios."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.case import Case, load_case
from causation.errors import InputError
from causation.inference.integrate import IntegratorSettings
from causation.sweeping.grid import SCENARIO, Grid, build_grid
from causation.sweeping.kernel import VARIABLES, Region, allocate, cell_bytes, evaluate
from causation.sweeping.paths import Numbers, Priors, read_numbers
from causation.sweeping.tables import Mapper, Tables, build_tables
from causation.version import VERSION

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["DRAFT", "Progress", "Sweep", "compute", "plan_sweep", "sweep", "to_dataset"]

DRAFT = IntegratorSettings(points=127, replicates=2, tolerance=0.01, limit=0.05)
"""Settings that keep log10 likelihood ratios within about 0.01, some ten times faster."""

_CHUNK = 2**20
"""Most cells in a chunk, the unit that is written or sent to a worker."""
_SLAB = 8192
"""Most scenarios of a source that are integrated before any cell is computed."""

type Progress = Callable[[float], None]
"""Takes the share that is done, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Slab:
    """A box of a grid whose integrals are computed together, and its chunks."""

    region: Region
    chunks: tuple[Region, ...]


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a sweep is to compute; nothing of it is computed yet.

    Parameters
    ----------
    case : Case
    grid : Grid
    numbers : Numbers
        The numbers of the model along the axes of the grid.
    priors, standard
        In place of those of the case.
    settings : IntegratorSettings
    variables : tuple of str
        Of `causation.sweeping.kernel.VARIABLES`.
    """

    case: Case
    grid: Grid
    numbers: Numbers
    priors: Priors
    standard: str | float | None
    settings: IntegratorSettings
    variables: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources."""
        return tuple(s.name for s in self.numbers.case.sources)

    @property
    def proposition(self) -> tuple[str, ...]:
        """Names of the sources whose union is to be proved."""
        return self.numbers.case.proposition

    @property
    def cell_bytes(self) -> int:
        """Bytes that the results of one scenario take."""
        return cell_bytes(len(self.sources), self.variables)

    @cached_property
    def coordinates(self) -> dict[str, np.ndarray]:
        """Values of every path, as numbers, or as texts where some are intervals or names."""
        axes = self.grid.axes
        return {path: _coordinate(v) for axis in axes for path, v in axis.columns.items()}

    @cached_property
    def _steps(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Sizes of slabs and of chunks along each axis; slabs hold whole chunks."""
        slab = list(self.grid.shape)
        used = self._integral_axes()
        while (cost := _scenarios(slab, used)) > _SLAB:
            axis = max(set().union(*used), key=lambda i: slab[i])
            slab[axis] = max(
                1, min(slab[axis] - 1, slab[axis] * _SLAB // cost + 1, -(-slab[axis] // 2))
            )
        chunk: list[int] = []
        room = _CHUNK
        for n in reversed(slab):
            chunk.insert(0, max(1, min(n, room)))
            room //= n
        slab = [
            n if n in (c, whole) else n // c * c
            for n, c, whole in zip(slab, chunk, self.grid.shape, strict=True)
        ]
        return tuple(slab), tuple(chunk)

    @property
    def chunk_shape(self) -> tuple[int, ...]:
        """Length of a chunk along each axis."""
        return self._steps[1]

    def slabs(self) -> Iterator[Slab]:
        """Every slab, in order."""
        slab, chunk = self._steps
        for region in _boxes(tuple((0, n) for n in self.grid.shape), slab):
            yield Slab(region, tuple(_boxes(region, chunk)))

    def tables(self, slab: Slab, *, mapper: Mapper | None = None) -> Tables:
        """Integrate what a slab needs."""
        whole = slab.region == tuple((0, n) for n in self.grid.shape)
        numbers = self.numbers if whole else self._numbers_of(slab.region)
        return build_tables(numbers, self.settings, mapper=mapper)

    def _numbers_of(self, region: Region) -> Numbers:
        return self.numbers.part(region)

    def _integral_axes(self) -> list[set[int]]:
        """For each source, the axes that change its integrals."""
        return [self.numbers.axes_of_integrals(s) for s in self.sources]

    def attributes(self) -> dict[str, Any]:
        """Provenance: what is needed to compute the same numbers again."""
        case = self.numbers.case
        return {
            "case": case.id,
            "case_sha256": self.case.sha256,
            "proposition": ", ".join(case.proposition),
            "standard": str(case.threshold) if case.standard_id == "custom" else case.standard_id,
            "prior_set": case.prior_set,
            "version": VERSION,
            "random_seed": self.settings.random_seed,
            "points": self.settings.points,
            "replicates": self.settings.replicates,
        }


def plan_sweep(
    case: Case | str | Path,
    scenarios: Any,
    *,
    zipped: bool = False,
    priors: Priors = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
    variables: Sequence[str] = VARIABLES,
) -> Sweep:
    """Read and check a sweep; see `sweep` for the parameters.

    Raises
    ------
    CaseError
        If a path leads to no number, or a value is not allowed there.
    InputError
        If the grid is empty or cannot be understood.
    """
    unknown = [name for name in variables if name not in VARIABLES]
    if unknown or not variables:
        raise InputError(
            f"no such variable: {', '.join(unknown) or 'none given'}; "
            f"allowed: {', '.join(VARIABLES)}"
        )
    loaded = case if isinstance(case, Case) else load_case(case)
    grid = build_grid(scenarios, zipped=zipped)
    numbers = read_numbers(loaded, grid, priors=priors, standard=standard)
    return Sweep(
        loaded, grid, numbers, priors, standard, settings or IntegratorSettings(), tuple(variables)
    )


def sweep(
    case: Case | str | Path | Sequence[Case | str | Path],
    scenarios: Any = None,
    *,
    zipped: bool = False,
    priors: str | Path | None = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
    variables: Sequence[str] = VARIABLES,
    cluster: Any = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Compute the posterior on a grid of scenarios.

    Only what an axis touches is computed again: prior weights, security records, linkage,
    misfit, findings and standards broadcast over integrals that are computed once.

    Parameters
    ----------
    case : Case, str or Path, or a list of these
        The case; with a list, every case is assessed as it stands (a portfolio).
    scenarios : mapping, DataFrame, or list of str or of Case
        Values by dotted path, crossed with each other: numbers, intervals ``(lo, hi)``, names
        of prior sets or standards, or a text ``lo:hi:n``, ``log:lo:hi:n``, ``a,b,c``. A table
        has a column for each path and a row for each scenario. A list holds texts
        ``PATH=GRID``, or cases.
    zipped : bool
        Let the paths of a mapping change together along one dimension ``scenario``.
    priors : str or Path, optional
        Prior set, in place of the one that the case names.
    standard : str or float, optional
        Standard of proof, in place of the case's.
    settings : IntegratorSettings, optional
        How hard the integrator tries; `DRAFT` is faster.
    variables : sequence of str
        ``probability`` (of the proposition), ``posterior`` (of each source), ``log10_lr``
        (proposition against each source; 0 for a proposition against itself),
        ``meets_standard``.
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
        If a path leads to no number, or a value is not allowed there.
    InputError
        If the grid is empty, cannot be understood, or does not fit into memory.
    ImpossibleEvidenceError
        If the evidence of a scenario excludes every source.
    RefusalError
        If an integral cannot be vouched for.

    Examples
    --------
    >>> table = sweep("bic-2025-doxxing", {"standard": [0.5, 0.75, 0.999]})
    >>> table["meets_standard"].values.tolist()
    [True, True, False]
    """
    cases = _cases(case, scenarios)
    if cases is not None:
        from causation.sweeping.portfolio import assess_portfolio

        return assess_portfolio(
            cases, priors=priors, standard=standard, settings=settings, progress=progress
        )
    plan = plan_sweep(
        case,  # type: ignore[arg-type]
        {} if scenarios is None else scenarios,
        zipped=zipped,
        priors=priors,
        standard=standard,
        settings=settings,
        variables=variables,
    )
    return to_dataset(plan, compute(plan, cluster=cluster, progress=progress))


def compute(
    plan: Sweep, *, cluster: Any = None, progress: Progress | None = None
) -> dict[str, np.ndarray]:
    """All cells of a sweep in memory: arrays (sources, where there is one for each, axes...).

    Raises
    ------
    InputError
        If they do not fit into memory, or the cluster cannot be reached.
    """
    from causation.sweeping.cluster import executor_for

    _check_memory(plan)
    whole: dict[str, np.ndarray] = {}
    with executor_for(cluster) as executor:
        for region, chunk in executor.chunks(plan, progress=progress):
            if not whole:
                whole = {
                    name: np.empty((*x.shape[: x.ndim - len(region)], *plan.grid.shape), x.dtype)
                    for name, x in chunk.items()
                }
            spans = tuple(slice(start, stop) for start, stop in region)
            for name, x in chunk.items():
                lead = (slice(None),) * (x.ndim - len(spans))
                whole[name][lead + spans] = x
    return whole


def _cases(case: Any, scenarios: Any) -> list[Any] | None:
    """The cases of a portfolio, if that is what was asked for."""
    if isinstance(case, Sequence) and not isinstance(case, str):
        return list(case)
    listed = isinstance(scenarios, Sequence) and not isinstance(scenarios, str)
    if listed and scenarios and all(isinstance(x, Case) for x in scenarios):
        return list(scenarios)
    return None


def to_dataset(plan: Sweep, arrays: Mapping[str, np.ndarray]) -> xr.Dataset:
    """Name the dimensions of computed arrays."""
    import xarray as xr

    import causation.sweeping.accessor  # noqa: F401  (registers ``data.causation``)

    axes = plan.grid.names
    data = {
        name: (("source", *axes) if array.ndim > len(axes) else axes, array)
        for name, array in arrays.items()
    }
    coords: dict[str, Any] = {"source": list(plan.sources)}
    for axis in plan.grid.axes:
        if axis.name == SCENARIO:
            coords[SCENARIO] = np.arange(axis.size)
        for path in axis.columns:
            coords[path] = (axis.name, plan.coordinates[path])
    return xr.Dataset(data, coords, attrs=plan.attributes())


def _coordinate(values: Sequence[Any]) -> np.ndarray:
    if all(isinstance(v, float) for v in values):
        return np.array(values, dtype=float)
    return np.array([f"[{v[0]:g}, {v[1]:g}]" if isinstance(v, tuple) else str(v) for v in values])


def evaluate_chunk(
    tables: Tables, region: Region, variables: tuple[str, ...], *, threads: int = 1
) -> dict[str, np.ndarray]:
    """The cells of a chunk, whose place is given within the slab of the tables."""
    out = allocate(tables, tuple(stop - start for start, stop in region), variables)
    run = partial(evaluate, tables, region, out)
    if threads == 1:
        run()
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda k: run(part=(k, threads)), range(threads)))
    return out


def relative(region: Region, origin: Region) -> Region:
    """A region as seen from the start of another."""
    return tuple(
        (start - zero, stop - zero) for (start, stop), (zero, _) in zip(region, origin, strict=True)
    )


def _scenarios(shape: Sequence[int], used: Sequence[set[int]]) -> int:
    return sum(math.prod(shape[i] for i in axes) for axes in used)


def _boxes(region: Region, steps: Sequence[int]) -> Iterator[Region]:
    spans = [
        [(at, min(at + step, stop)) for at in range(start, stop, step)]
        for (start, stop), step in zip(region, steps, strict=True)
    ]
    yield from itertools.product(*spans)


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
