"""What is asked of the cells of a grid, block by block in the cache."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.bound import BOUNDED
from causation.inference.evaluate import inside
from causation.sweeping.sums import Sums, sides_of

if TYPE_CHECKING:
    from causation.model.structure import Model
    from causation.sweeping.factors import Factor

VARIABLES = ("probability", "log10_lr", "held", "met", "posterior")
"""What can be computed for every cell."""
BLOCK = 2**14
"""Cells of a block: its arrays stay in the cache, and its products on one thread."""

type Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of every cell.

    Parameters
    ----------
    variables : tuple of str
        Of `VARIABLES`.
    bound : float
        log10 of the greatest likelihood ratio on which ``held`` and ``met`` may rest.
    gaps : bool
        Whether an impossible cell is a gap (NaN), not an error.
    """

    variables: tuple[str, ...]
    bound: float
    gaps: bool = False


class ImpossibleError(Exception):
    """A cell that is impossible.

    Parameters
    ----------
    place : tuple of int
        Where, along every axis.
    prior : bool
        Whether the prior already excludes every route.
    """

    def __init__(self, place: tuple[int, ...], *, prior: bool) -> None:
        super().__init__(place, prior)
        self.place, self.prior = place, prior


class Box:
    """The cells of a box: rows of the left side, by rows of the right, by what moves neither.

    Parameters
    ----------
    model : Model
    factors : sequence of Factor
    threshold : tuple of int or None, ndarray
        The axis along which the standard of proof varies, and the standards.
    question : Question
    shape : tuple of int
        Cells along every axis.
    """

    def __init__(
        self,
        model: Model,
        factors: Sequence[Factor],
        threshold: tuple[int | None, np.ndarray],
        question: Question,
        shape: tuple[int, ...],
    ) -> None:
        self._question = question
        self._left, self._right = left, right = sides_of(factors)
        on_right = right.credit is not None
        credit = (right if on_right else left).credit
        mask = inside(model.routes, model.filled.proposition).astype(float)
        both = {"own": mask, "rest": 1.0 - mask}
        weights: dict[str, np.ndarray] = dict(both)
        if credit is not None and not (credit == mask).all():
            weights["true"] = credit
        self._whole = Sums(left.log, right.log, weights, on_right=on_right)
        self._prior = Sums(left.prior, right.prior, both)
        self._bounded = model.filled.proposition.role in BOUNDED
        sided = (*left.axes, *right.axes)
        free = [i for i in range(len(shape)) if i not in sided]
        self._order = [*sided, *free]
        self._threshold = self._placed(*threshold, free, [shape[i] for i in free])

    def _placed(
        self, axis: int | None, values: np.ndarray, free: list[int], sizes: list[int]
    ) -> np.ndarray:
        """Standards in the shape (M or 1, N or 1, free or 1)."""
        if axis is None:
            return values.reshape(1, 1, 1)
        if axis in self._left.axes:
            return self._left.along(axis, values)[:, None, None]
        if axis in self._right.axes:
            return self._right.along(axis, values)[None, :, None]
        where = [-1 if i == axis else 1 for i in free]
        return np.broadcast_to(values.reshape(where), sizes).reshape(1, 1, -1)

    def fill(self, out: Arrays) -> None:
        """Compute every variable, block by block.

        Parameters
        ----------
        out : mapping of str to ndarray
            By variable, of shape (axes...), ``posterior`` (Z, axes...).

        Raises
        ------
        ImpossibleError
            If a cell is impossible and gaps are not asked for.
        """
        cells = {name: self._flat(array) for name, array in out.items()}
        flat = {name: array for name, (array, _) in cells.items()}
        size = max(1, BLOCK // len(self._right.log))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            for start in range(0, len(self._left.log), size):
                self._block(slice(start, start + size), flat)
        for array, target in cells.values():
            if target is not None:
                target[...] = array.reshape(target.shape)

    def _flat(self, array: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """An array (leads..., M, N, free) to compute into, and what to copy it to, if anything."""
        leads = array.ndim - len(self._order)
        target = array.transpose([*range(leads), *(i + leads for i in self._order)])
        shape = (*array.shape[:leads], len(self._left.log), len(self._right.log), -1)
        flat = target.reshape(shape)
        return (flat, None) if np.may_share_memory(flat, array) else (flat, target)

    def _block(self, rows: slice, out: Arrays) -> None:
        wanted = self._question.variables
        sums, terms = self._whole.block(rows)
        if terms is not None and not self._question.gaps:
            self._check(rows, sums["own"] + sums["rest"])
        total = sums["own"] + sums["rest"]
        true = sums.get("true", sums["own"])
        if "probability" in wanted:
            out["probability"][rows] = (true / total)[..., None]
        if not {"log10_lr", "held", "met"}.isdisjoint(wanted):
            self._compared(rows, sums, true / total, out)
        if "posterior" in wanted:
            self._posterior(rows, total, terms, out["posterior"])

    def _compared(
        self,
        rows: slice,
        sums: Arrays,
        probability: np.ndarray,
        out: Arrays,
    ) -> None:
        """What needs the prior: the ratio, and the probability with the ratio limited.

        See `causation.analyses.bound`.
        """
        before, _ = self._prior.block(rows)
        odds, prior = sums["own"] / sums["rest"], before["own"] / before["rest"]
        if "log10_lr" in out:
            out["log10_lr"][rows] = np.log10(odds / prior)[..., None]
        held = probability
        if self._bounded and math.isfinite(self._question.bound):
            most = 10.0**self._question.bound
            held = 1.0 / (1.0 + 1.0 / np.clip(odds, prior / most, prior * most))
            if "true" in sums:
                held *= np.where(sums["own"] > 0.0, sums["true"] / sums["own"], 1.0)
        if "held" in out:
            out["held"][rows] = held[..., None]
        if "met" in out:
            limit = self._threshold
            out["met"][rows] = held[..., None] >= (limit if len(limit) == 1 else limit[rows])

    def _posterior(
        self, rows: slice, total: np.ndarray, terms: np.ndarray | None, out: np.ndarray
    ) -> None:
        left, right = self._whole.linear
        inverse = 1.0 / total
        if terms is not None:
            out[:, rows] = np.moveaxis(terms * inverse[..., None], 2, 0)[..., None]
        elif out.shape[3] == 1:
            np.einsum("mz,nz,mn->zmn", left[rows], right, inverse, out=out[:, rows, :, 0])
        else:
            out[:, rows] = np.einsum("mz,nz,mn->zmn", left[rows], right, inverse)[..., None]

    def _check(self, rows: slice, total: np.ndarray) -> None:
        """Name the first impossible cell."""
        if (total > 0.0).all():
            return
        m, n = np.argwhere(~(total > 0.0))[0].tolist()
        before, _ = self._prior.block(rows)
        possible = np.broadcast_to(before["own"] + before["rest"] > 0.0, total.shape)
        place: dict[int, np.intp] = {}
        for side, k in ((self._left, rows.start + m), (self._right, n)):
            place |= dict(zip(side.axes, np.unravel_index(k, side.shape), strict=True))
        where = tuple(int(place.get(i, 0)) for i in range(len(self._order)))
        raise ImpossibleError(where, prior=not possible[m, n])
