"""Answers for a box of cells in one world, from its factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.bound import BOUNDED
from causation.inference.evaluate import inside
from causation.sweeping.cells import TINY, contract, log_contract
from causation.sweeping.tables import Factor, Victims

if TYPE_CHECKING:
    from causation.model.structure import Model

__all__ = ["VARIABLES", "Question", "answers"]

VARIABLES = ("probability", "log10_lr", "held", "met", "posterior", "role")
"""What can be computed for every cell."""


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


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over routes, all on the scale of one cell, of length 1 along axes without effect.

    ``own`` and ``rest`` are over the proposition's routes and the others, ``true`` weighs them
    by the chance of the proposition, ``before`` is the prior of ``own`` and ``rest``.
    """

    own: np.ndarray
    rest: np.ndarray
    true: np.ndarray
    before: tuple[np.ndarray, np.ndarray]
    routes: tuple[np.ndarray, ...] | None
    roles: Mapping[str, np.ndarray]


def answers(
    model: Model,
    factors: Sequence[Factor],
    victims: Victims,
    threshold: np.ndarray,
    question: Question,
) -> dict[str, np.ndarray]:
    """Every variable that is asked for, broadcastable over the box.

    Parameters
    ----------
    model : Model
    factors : sequence of Factor
        All but the victims'.
    victims : Victims
    threshold : ndarray
        Standard of proof, with as many axes as the grid.
    question : Question

    Returns
    -------
    dict of str to ndarray
        Of shape (axes...), for ``posterior`` (Z, axes...), for ``role`` (sources, axes...); and
        ``impossible``, where the evidence excludes every route, ``no_prior``, where the prior
        already does (shares that go on add up to more than 1).
    """
    box = _Box(model, factors, victims, question.variables, threshold.ndim)
    return _variables(model, box.linear() or box.logarithmic(), threshold, question)


class _Box:
    """Factors of the cells, and what sums of them are wanted."""

    def __init__(
        self,
        model: Model,
        factors: Sequence[Factor],
        victims: Victims,
        variables: Sequence[str],
        number: int,
    ) -> None:
        self._every = [*factors, Factor(victims.axes, victims.log)]
        self._prior = [f for f in factors if f.prior]
        self._victims, self._variables, self._number = victims, variables, number
        self._mask = inside(model.routes, model.filled.proposition)

    @property
    def _roles(self) -> dict[str, np.ndarray]:
        wanted = self._victims.credit if "role" in self._variables else {}
        return {name: credit for name, credit in wanted.items() if name}

    def linear(self) -> _Sums | None:
        """Sums as products of matrices; None where they leave the range of a double."""
        mask = self._mask
        whole = contract(self._every, self._number)
        own, rest = whole.sum(mask), whole.sum(~mask)
        if not ((own > TINY).all() and (rest > TINY).all()):
            return None
        credit = self._victims.credit[""]
        before = contract(self._prior, self._number)
        return _Sums(
            own,
            rest,
            own if bool((credit == mask).all()) else self._weighed(credit),
            (before.sum(mask), before.sum(~mask)),
            tuple(whole.route(z) for z in range(len(mask)))
            if "posterior" in self._variables
            else None,
            {name: self._weighed(chance) for name, chance in self._roles.items()},
        )

    def _weighed(self, credit: np.ndarray) -> np.ndarray:
        scales = [np.ones(1)] * (len(self._every) - 1) + [credit]
        return contract(self._every, self._number, scales).sum()

    def logarithmic(self) -> _Sums:
        """The same by sums of logarithms, each cell on its own scale."""
        mask, size = self._mask, len(self._mask)
        whole = log_contract(self._every, self._number)
        top = whole(None)
        top = np.where(np.isfinite(top), top, 0.0)

        def relative(routes: np.ndarray) -> np.ndarray:
            result: np.ndarray = np.exp(whole(routes) - top)
            return result

        def weighed(credit: np.ndarray) -> np.ndarray:
            with np.errstate(divide="ignore"):
                last = Factor(self._victims.axes, self._victims.log + np.log(credit))
            result: np.ndarray = np.exp(
                log_contract([*self._every[:-1], last], self._number)(None) - top
            )
            return result

        before = log_contract(self._prior, self._number)
        return _Sums(
            relative(mask),
            relative(~mask),
            weighed(self._victims.credit[""]),
            (np.exp(before(mask)), np.exp(before(~mask))),
            tuple(relative(np.arange(size) == z) for z in range(size))
            if "posterior" in self._variables
            else None,
            {name: weighed(chance) for name, chance in self._roles.items()},
        )


def _variables(
    model: Model, sums: _Sums, threshold: np.ndarray, question: Question
) -> dict[str, np.ndarray]:
    total = sums.own + sums.rest
    own, rest = sums.before
    found = {"impossible": ~(total > 0.0), "no_prior": ~(own + rest > 0.0)}
    wanted = question.variables
    with np.errstate(divide="ignore", invalid="ignore"):
        if "probability" in wanted:
            found["probability"] = sums.true / total
        if "log10_lr" in wanted:
            found["log10_lr"] = _log10_lr(sums)
        if "held" in wanted or "met" in wanted:
            held = _held(model, sums, question.bound)
            found |= {"held": held, "met": held >= threshold}
        if sums.routes is not None:
            found["posterior"] = np.stack([route / total for route in sums.routes])
        if "role" in wanted:
            found["role"] = np.stack([x / total for x in sums.roles.values()])
    return found


def _log10_lr(sums: _Sums) -> np.ndarray:
    own, rest = sums.before
    return np.asarray(np.log10((sums.own / sums.rest) * (rest / own)))


def _held(model: Model, sums: _Sums, bound: float) -> np.ndarray:
    """Probability with the likelihood ratio limited; see `causation.analyses.bound`."""
    if model.filled.proposition.role not in BOUNDED:
        return np.asarray(sums.true / (sums.own + sums.rest))
    own, rest = sums.before
    odds = sums.own / sums.rest
    before, most = own / rest, 10.0**bound
    held = np.clip(odds, before / most, before * most)
    chance = 1.0 if sums.true is sums.own else np.where(sums.own > 0.0, sums.true / sums.own, 1.0)
    return np.asarray(chance * held / (1.0 + held))
