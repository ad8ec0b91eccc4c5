"""Posterior cells of a grid from its tables, a block at a time.

A block is a run of cells that fits into the processor's cache. Whatever does not change within
it is a column of length 1, and what did not change since the last block is kept. Products are
formed on the linear scale, scaled so that the largest term of every source is 1; where even
that leaves the range of a double, the block is computed again on the log scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causation.errors import ImpossibleEvidenceError
from causation.evidence.base import logsumexp
from causation.evidence.findings import finding_group_log_likelihood
from causation.inference.components import mix
from causation.scales import LN10
from causation.sweeping.tables import Tables

__all__ = ["BLOCK", "VARIABLES", "Region", "allocate", "cell_bytes", "evaluate"]

BLOCK = 65536
"""Most cells in a block."""

VARIABLES = ("probability", "posterior", "log10_lr", "meets_standard")
"""What can be computed for every cell."""

_LARGE = 2**19
"""Cells of a grid from which on compiled code is worth its start."""
_TINY = 1e-250
_LOG_BLOCK = 2048

type Region = tuple[tuple[int, int], ...]
"""A box of cells: start and stop along every axis."""


def evaluate(
    tables: Tables,
    region: Region,
    outputs: dict[str, np.ndarray],
    *,
    part: tuple[int, int] = (0, 1),
) -> None:
    """Fill arrays with the cells of a region.

    Parameters
    ----------
    tables : Tables
    region : tuple of (int, int)
        Start and stop along each axis.
    outputs : dict of str to ndarray
        Arrays from `allocate`, filled in place.
    part : (int, int)
        ``(k, n)``: every n-th share of the region's blocks, the k-th of them.

    Raises
    ------
    ImpossibleEvidenceError
        If the evidence of some cell excludes every source.
    """
    shape = tuple(stop - start for start, stop in region)
    cells = math.prod(shape)
    flat = {name: out.reshape(*out.shape[: out.ndim - len(shape)], cells)
            for name, out in outputs.items()}  # fmt: skip
    kernel = _Kernel(tables)
    blocks = list(_blocks(region))
    share = range(part[0] * len(blocks) // part[1], (part[0] + 1) * len(blocks) // part[1])
    for b in share:
        start, box = blocks[b]
        size = math.prod(stop - at for at, stop in box)
        kernel.fill(box, {name: out[..., start : start + size] for name, out in flat.items()})


def allocate(
    tables: Tables, shape: tuple[int, ...], variables: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Empty arrays for the cells of a region: sources first, then axes."""
    sources = (len(tables.model.sources),)
    lead = {"posterior": sources, "log10_lr": sources}
    kind = {"meets_standard": np.bool_}
    return {name: np.empty((*lead.get(name, ()), *shape), kind.get(name, np.float64))
            for name in variables}  # fmt: skip


def cell_bytes(sources: int, variables: tuple[str, ...]) -> int:
    """Bytes that one cell takes."""
    size = {"probability": 8, "posterior": 8 * sources, "log10_lr": 8 * sources}
    return sum(size.get(name, 1) for name in variables)


def _blocks(region: Region) -> Iterator[tuple[int, Region]]:
    """Runs of at most `BLOCK` cells: position of the first, and the box."""
    shape = [stop - start for start, stop in region]
    inner, axis = 1, len(shape)
    while axis and inner * shape[axis - 1] <= BLOCK:
        axis -= 1
        inner *= shape[axis]
    if not axis:
        yield 0, region
        return
    axis -= 1
    pieces = -(-shape[axis] * inner // max(inner, BLOCK // inner * inner))
    step = -(-shape[axis] // pieces)  # of one size, so that more can be kept from one to the next
    position = 0
    for outer in np.ndindex(*shape[:axis]):
        lead = tuple((region[i][0] + k, region[i][0] + k + 1) for i, k in enumerate(outer))
        for at in range(region[axis][0], region[axis][1], step):
            stop = min(at + step, region[axis][1])
            yield position, (*lead, (at, stop), *region[axis + 1 :])
            position += (stop - at) * inner


@dataclass(frozen=True, eq=False)
class _Linear:
    """Components of every source, scaled: ``exp(scale)`` times a table with maximum 1.

    Parameters
    ----------
    scale : tuple of ndarray, each of shape (axes...)
        Natural log of the scale of a source.
    mixture : tuple of ndarray, each of shape (R * Q, axes...)
        Components of a source, those with unlinked groups relative to the background.
    alone : ndarray, shape (R * T, S, axes...)
        One group of each uncertain type alone, relative to the background.
    """

    scale: tuple[np.ndarray, ...]
    mixture: tuple[np.ndarray, ...]
    alone: np.ndarray


def _linear(tables: Tables) -> _Linear:
    layout = tables.layout
    number = len(layout.states) - layout.uncertain.size
    alone = [x[:, number:] for x in tables.by_state]  # (R, T, axes...)
    shared = [
        i for i in range(len(tables.shape)) if all(x.shape[2 + i] == tables.shape[i] for x in alone)
    ]
    drop = tuple(i for i in range(len(tables.shape)) if i not in shared)
    tops = [x.max(axis=(0, *(2 + i for i in drop)), keepdims=True)[0] for x in alone]
    background = _finite(np.maximum.reduce(tops))  # (T, axes...)
    apart = (layout.multiplicity - layout.states[:number])[:, layout.uncertain]
    scales, mixtures = [], []
    for x in tables.by_state:
        mixture = x[:, :number] + np.tensordot(apart, background, axes=1)
        scale = mixture.max(axis=(0, 1))
        scales.append(scale)
        linear = np.exp(mixture - _finite(scale))
        mixtures.append(linear.reshape(-1, *linear.shape[2:]))
    lead = np.broadcast_shapes(*(x.shape[2:] for x in alone))
    table = np.stack([np.broadcast_to(x - background, (*x.shape[:2], *lead)) for x in alone], 2)
    table = np.exp(table)
    return _Linear(tuple(scales), tuple(mixtures), table.reshape(-1, *table.shape[2:]))


def _finite(x: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(x), x, 0.0)


class _Kernel:
    """Fills blocks; keeps what the last block had in common with this one."""

    def __init__(self, tables: Tables) -> None:
        self._t = tables
        self._axes = len(tables.shape)
        self._prior = np.exp(tables.log_prior)
        self._linear = _linear(tables)
        tops = [_finite(f.log_joint.max(axis=0)) for f in tables.findings]
        self._joint = [
            np.exp(f.log_joint - top) for f, top in zip(tables.findings, tops, strict=True)
        ]
        layout = tables.layout
        self._number = len(layout.states) - layout.uncertain.size
        linked = layout.states[: self._number]
        apart = layout.multiplicity - linked
        self._linked = linked[:, layout.uncertain]
        self._apart = apart[:, layout.uncertain]
        self._choose = np.array(
            [
                math.prod(
                    math.comb(int(layout.multiplicity[t]), int(row[t])) for t in layout.uncertain
                )
                for row in linked
            ],
            dtype=float,
        )
        self._kept: dict[str, tuple[object, Any]] = {}
        self._compiled = math.prod(tables.shape) >= _LARGE
        used = (*self._linear.mixture, *self._linear.scale, self._linear.alone, tables.linkage)
        self._evidence_axes = [
            i for i in range(self._axes) if any(x.shape[x.ndim - self._axes + i] > 1 for x in used)
        ]
        self._box: Region = ()
        self._size = 0
        self._own = np.flatnonzero(tables.model.proposition)

    # --- blocks ------------------------------------------------------------------------

    def fill(self, box: Region, out: dict[str, np.ndarray]) -> None:
        """Fill the cells of one block, shapes (..., cells)."""
        self._box = box
        self._size = math.prod(stop - start for start, stop in box)
        if self._compiled and self._fill_compiled(out):
            return
        weight = self._weight(need_each="log10_lr" in out)
        if weight is None:
            self._fill_log(box, out)
            return
        if weight.shape[1] != self._size:
            weight = np.repeat(weight, self._size, axis=1)
        total = weight.sum(axis=0)
        if "log10_lr" in out:
            self._log10_lr(np.log(weight), out["log10_lr"])
        np.divide(1.0, total, out=total)
        posterior = out.get("posterior")
        if posterior is None:
            posterior = weight
        np.multiply(weight, total, out=posterior)
        self._probability(posterior, out)

    def _fill_compiled(self, out: dict[str, np.ndarray]) -> bool:
        """The same in few passes over memory; False where it leaves the range of a double."""
        from causation.sweeping import fused

        sources = len(self._t.model.sources)
        weight = self._keep("scratch", self._size, lambda: np.empty((sources, self._size)))
        prior = self._flat("prior", self._prior)
        evidence = self._evidence_compiled(prior, weight)
        if evidence is None:
            return False
        filled, constant = evidence
        for g, finding in enumerate(self._t.findings):
            joint = self._flat(f"joint {g}", self._joint[g])
            rho = self._flat(f"reliability {g}", finding.reliability)
            if joint.shape[1] == prior.shape[1] == rho.size == 1:
                constant = constant * self._finding(g, joint, rho, prior)[:, 0]
            else:
                before = weight if filled else np.ones((sources, 1))
                fused.multiply_finding(before, prior, joint, rho, weight)
                filled = True
        if not filled:
            weight[...] = 1.0
        posterior = out.get("posterior", weight)
        least = fused.normalise(weight, constant, *_flattened(posterior))
        if not least > _TINY:
            return False
        if "log10_lr" in out:
            if not posterior.min() > _TINY:
                return False
            self._log10_lr(np.log(posterior), out["log10_lr"])
        self._probability(posterior, out)
        return True

    def _evidence_compiled(
        self, prior: np.ndarray, weight: np.ndarray
    ) -> tuple[bool, np.ndarray] | None:
        """Prior times likelihood of the victims: whether it fills `weight`, and a constant (S,)."""
        from causation.sweeping import fused

        mixture, scale, alone, linkage = self._components()
        kappa = linkage[self._t.layout.first[self._t.layout.uncertain]]
        constant = alone.shape[2] == 1 and all(m.shape[1] == 1 for m in mixture)
        varies = prior.shape[1] > 1 or kappa.shape[1] > 1
        ones = np.ones(len(weight))
        once = kappa.shape[0] == 1 and self._number == 2 and self._apart.max() == 1
        if constant and varies and once:
            linked, apart, factor = self._made(
                "once", lambda: self._once(alone, mixture, scale), alone, *mixture, *scale
            )
            fused.mix_once(prior, linked[0], apart, kappa[0], factor[0], weight)
            return True, ones
        evidence = self._evidence(prior)
        if evidence is None:
            return None
        if evidence.shape[1] == 1:
            return False, evidence[:, 0].copy()
        weight[...] = evidence
        return True, ones

    def _once(
        self, alone: np.ndarray, mixture: list[np.ndarray], scale: list[np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Likelihoods where one group may be unlinked: linked (1, S), apart (S, S), and scale."""
        table = np.stack(mixture)[..., 0].reshape(len(mixture), -1, self._number)
        q = int(np.argmax(self._apart[:, 0]))
        apart = table[:, :, q] @ alone[..., 0] / table.shape[1]
        linked = table[:, :, 1 - q].mean(axis=1)
        top = np.array([x[0] for x in scale])
        factor = np.exp(top - _finite(top.max()))
        return linked[None], np.ascontiguousarray(apart), factor[None]

    def _probability(self, posterior: np.ndarray, out: dict[str, np.ndarray]) -> None:
        if "probability" not in out and "meets_standard" not in out:
            return
        probability = out.get("probability")
        if probability is None:
            probability = np.empty(self._size)
        if self._own.size == 1:
            probability[:] = posterior[self._own[0]]
        else:
            np.sum(posterior[self._own], axis=0, out=probability)
            np.minimum(probability, 1.0, out=probability)
        if "meets_standard" in out:
            threshold = self._flat("threshold", self._t.threshold)
            np.greater_equal(probability, threshold, out=out["meets_standard"])

    def _log10_lr(self, log_weight: np.ndarray, out: np.ndarray) -> None:
        """Proposition against each source, from natural logs of prior times likelihood."""
        log_prior = self._flat("log_prior", self._t.log_prior)
        with np.errstate(invalid="ignore"):
            own = self._union(log_weight) - self._union(log_prior)
            np.subtract(own, log_weight - log_prior, out=out)
        out /= LN10

    def _union(self, log_weight: np.ndarray) -> np.ndarray:
        rows = log_weight[self._own]
        result: np.ndarray = rows[0] if len(rows) == 1 else logsumexp(np, rows, axis=0)
        return result

    # --- tables within a block -----------------------------------------------------------

    def _flat(self, name: str, table: np.ndarray) -> np.ndarray:
        """A table (..., axes...) in this block: (..., cells), or (..., 1) where constant."""
        lead = table.ndim - self._axes
        sizes = table.shape[lead:]
        axes = [i for i, n in enumerate(sizes) if n > 1]
        return self._keep(name, self._place(axes), lambda: self._cut(table, lead))

    def _place(self, axes: Sequence[int]) -> object:
        """What a result that depends on some axes has in common with that of another block."""
        spans = tuple(self._box[i] for i in axes)
        return spans, self._size if any(stop - at > 1 for at, stop in spans) else 1

    def _cut(self, table: np.ndarray, lead: int) -> np.ndarray:
        sizes = table.shape[lead:]
        spans = [slice(*s) if n > 1 else slice(0, 1) for s, n in zip(self._box, sizes, strict=True)]
        cut = table[(slice(None),) * lead + tuple(spans)]
        if all(n == 1 for n in cut.shape[lead:]):
            return cut.reshape(*cut.shape[:lead], 1)
        shape = [stop - start for start, stop in self._box]
        whole = np.broadcast_to(cut, (*cut.shape[:lead], *shape))
        return np.ascontiguousarray(whole).reshape(*cut.shape[:lead], self._size)

    def _keep[T](self, name: str, key: object, make: Callable[[], T]) -> T:
        kept = self._kept.get(name)
        if kept is None or kept[0] != key:
            kept = (key, make())
            self._kept[name] = kept
        result: T = kept[1]
        return result

    def _made[T](self, name: str, make: Callable[[], T], *parts: np.ndarray) -> T:
        """A result that stays as long as its parts are the very same arrays."""
        # the parts are kept alive with it, so that no other array gets their identity
        result, _ = self._keep(name, tuple(map(id, parts)), lambda: (make(), parts))
        return result

    # --- linear scale -----------------------------------------------------------------------

    def _weight(self, *, need_each: bool) -> np.ndarray | None:
        """Prior times likelihood, (S, cells or 1), scaled; None where it leaves the range."""
        prior = self._flat("prior", self._prior)
        evidence = self._evidence(prior)
        if evidence is None:
            return None
        factors = [evidence]
        for g, finding in enumerate(self._t.findings):
            joint = self._flat(f"joint {g}", self._joint[g])
            rho = self._flat(f"reliability {g}", finding.reliability)
            factors.append(self._finding(g, joint, rho, prior))
        constant = np.ones((len(self._t.model.sources), 1))
        weight: np.ndarray | None = None
        for factor in factors:
            if factor.shape[1] == 1:
                constant = constant * factor
            elif weight is None:
                weight = factor
            else:
                weight = weight * factor
        if weight is None:
            weight = constant
        elif not (constant == 1.0).all():
            weight = weight * constant
        total = weight.sum(axis=0)
        if not total.min() > _TINY or (need_each and not weight.min() > _TINY):
            return None
        return weight

    def _finding(self, g: int, joint: np.ndarray, rho: np.ndarray, prior: np.ndarray) -> np.ndarray:
        def make() -> np.ndarray:
            if rho.shape == (1,) and rho[0] == 1.0:
                return joint
            anyway = np.einsum("sn,sn->n", *_same(prior, joint))
            anyway = anyway * (1.0 - rho)
            result: np.ndarray = joint * rho + anyway
            return result

        return self._made(f"finding {g}", make, joint, rho, prior)

    def _components(
        self,
    ) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray, np.ndarray]:
        """Mixture and scale of every source, groups alone, and linkage, in this block."""
        return self._keep("components", self._place(self._evidence_axes), self._cut_components)

    def _cut_components(
        self,
    ) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray, np.ndarray]:
        mixture = [self._flat(f"mixture {s}", m) for s, m in enumerate(self._linear.mixture)]
        scale = [self._flat(f"scale {s}", m) for s, m in enumerate(self._linear.scale)]
        alone = self._flat("alone", self._linear.alone)
        return mixture, scale, alone, self._flat("linkage", self._t.linkage)

    def _evidence(self, prior: np.ndarray) -> np.ndarray | None:
        """Prior times the likelihood of the victims, (S, cells or 1)."""
        mixture, scale, alone, linkage = self._components()
        parts = (prior, alone, linkage, *mixture, *scale)
        result = self._made(
            "evidence", lambda: self._mixed(prior, alone, linkage, mixture, scale), *parts
        )
        return result if result.size else None

    def _mixed(
        self,
        prior: np.ndarray,
        alone: np.ndarray,
        linkage: np.ndarray,
        mixture: list[np.ndarray],
        scale: list[np.ndarray],
    ) -> np.ndarray:
        uncertain = self._t.layout.uncertain
        kappa = linkage[self._t.layout.first[uncertain]]
        constant = alone.shape[2] == 1 and all(m.shape[1] == 1 for m in mixture)
        if constant and self._apart.sum(axis=1).max(initial=0) <= 1:
            rows = self._mixed_once(prior, alone, kappa, np.stack(mixture)[..., 0])
        else:
            background = _contract(alone, prior)  # (R * T, cells)
            if background.size and not background.min() > _TINY:
                return np.zeros((0, 0))
            coefficient = self._coefficients(background, kappa)
            rows = np.stack(_same(*(_contract(m[None], coefficient)[0] for m in mixture)))
        top = _same(*scale)
        highest = _finite(np.maximum.reduce(top))
        factor = np.stack([np.exp(x - highest) for x in top])
        result: np.ndarray = rows * (prior * factor)
        return result

    def _mixed_once(
        self, prior: np.ndarray, alone: np.ndarray, kappa: np.ndarray, mixture: np.ndarray
    ) -> np.ndarray:
        """At most one group unlinked: linear in the prior, so randomisations are averaged first."""
        sources, types = len(mixture), len(kappa)
        table = mixture.reshape(sources, -1, self._number)  # (S, R, Q)
        single = alone[..., 0].reshape(-1, types, sources) if types else alone[..., 0]
        total: np.ndarray | float = 0.0
        for q, (linked, apart) in enumerate(zip(self._linked, self._apart, strict=True)):
            share = self._choose[q] * np.prod(kappa ** linked[:, None], axis=0)
            if apart.any():
                t = int(np.argmax(apart))
                weight = table[:, :, q] @ single[:, t] / table.shape[1]  # (S, S)
                total = total + share * (1.0 - kappa[t]) * (weight @ prior)
            else:
                total = total + share * table[:, :, q].mean(axis=1)[:, None]
        return np.asarray(total)

    def _coefficients(self, background: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        """Weight of each component in each randomisation, (R * Q, cells or 1)."""
        types = len(kappa)
        replicates = self._t.by_state[0].shape[0]
        by_type = background.reshape(replicates, types, background.shape[1])
        rows = []
        for q, (linked, apart) in enumerate(zip(self._linked, self._apart, strict=True)):
            term = np.full((replicates, 1), self._choose[q] / replicates)
            for t in range(types):
                if linked[t]:
                    term = term * kappa[t] ** int(linked[t])
                if apart[t]:
                    term = term * ((1.0 - kappa[t]) * by_type[:, t]) ** int(apart[t])
            rows.append(term)
        stacked = np.stack(_same(*rows), axis=1)  # (R, Q, cells)
        return stacked.reshape(-1, stacked.shape[2])

    # --- log scale ----------------------------------------------------------------------------

    def _fill_log(self, box: Region, out: dict[str, np.ndarray]) -> None:
        """The same on the log scale, in smaller pieces."""
        for start, piece in _split(box, _LOG_BLOCK):
            self._box = piece
            self._size = math.prod(stop - at for at, stop in piece)
            log_weight = self._log_weight()
            log_total = logsumexp(np, log_weight, axis=0)
            if np.isneginf(log_total).any():
                raise ImpossibleEvidenceError(
                    "the evidence of some scenario of the grid excludes every source"
                )
            end = start + self._size
            own = {name: x[..., start:end] for name, x in out.items()}
            if "log10_lr" in own:
                self._log10_lr(log_weight, own["log10_lr"])
            posterior = own.get("posterior")
            if posterior is None:
                posterior = np.empty(log_weight.shape)
            np.exp(log_weight - log_total, out=posterior)
            self._probability(posterior, own)

    def _log_weight(self) -> np.ndarray:
        """Natural log of prior times likelihood, (S, cells)."""
        t = self._t
        log_prior = np.broadcast_to(
            self._flat("log_prior", t.log_prior), (len(t.model.sources), self._size)
        ).T
        states = [self._flat(f"by_state {s}", x) for s, x in enumerate(t.by_state)]
        table = np.stack([np.broadcast_to(x, (*x.shape[:2], self._size)) for x in states])
        table = table.transpose(1, 3, 0, 2)[..., None, :]  # (R, cells, S, 1, Q)
        linkage = self._flat("linkage", t.linkage)
        total = mix(
            np.concatenate([table, np.full_like(table, -np.inf)], axis=-2),
            t.layout,
            log_prior,
            np.broadcast_to(linkage, (len(linkage), self._size)).T,
            np.zeros_like(log_prior),
        )
        log_weight = log_prior + logsumexp(np, total, axis=0) - math.log(len(total))
        for g, finding in enumerate(t.findings):
            joint = self._flat(f"log joint {g}", finding.log_joint)
            joint = np.broadcast_to(joint, (len(joint), self._size)).T
            rho = np.broadcast_to(self._flat(f"reliability {g}", finding.reliability), self._size)
            log_weight = log_weight + finding_group_log_likelihood(
                joint[:, None, :], rho, np.ones(self._size), log_prior
            )
        result: np.ndarray = log_weight.T
        return result


def _split(box: Region, most: int) -> Iterator[tuple[int, Region]]:
    """A block in runs of at most `most` cells where its first long axis allows it."""
    shape = [stop - start for start, stop in box]
    axis = next((i for i, n in enumerate(shape) if n > 1), None)
    if axis is None or math.prod(shape) <= most:
        yield 0, box
        return
    inner = math.prod(shape[axis + 1 :])
    step = max(1, most // inner)
    start, stop = box[axis]
    for at in range(start, stop, step):
        yield (at - start) * inner, (*box[:axis], (at, min(at + step, stop)), *box[axis + 1 :])


def _flattened(x: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The memory that a block of rows lies in, the place of its first cell, and its row step."""
    whole = x if x.base is None else x.base
    first = (x.ctypes.data - whole.ctypes.data) // x.itemsize
    return whole.reshape(-1), first, x.strides[0] // x.itemsize


def _same(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    return np.broadcast_arrays(*arrays)


def _contract(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``sum_k left[i, k, n] right[k, n]``, either constant in n: shape (i, cells or 1)."""
    if left.shape[2] == 1:
        product: np.ndarray = left[:, :, 0] @ right
        return product
    result: np.ndarray = np.einsum("ikn,kn->in", left, np.broadcast_to(right, left.shape[1:]))
    return result
