"""A single victim by himself: what any route would give, integrated almost exactly.

A further victim who does not belong to the series is a stranger with latents of his own, exposed
by any route in the background's shares. His likelihood is linear in every share that is his
alone, so those are replaced by their means; what is left is an integral over the latents that
several of his facts share, by the trapezoid rule on a grid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import NUMPY, normal_quantiles
from causation.evidence.base import At, Route, Victim
from causation.evidence.dates import by_himself, by_publication
from causation.evidence.series import latents_of, log_listed, log_victims
from causation.inference.lattice import shifted_lattice
from causation.inference.provenance import Averages
from causation.model.routes import VAGUE

if TYPE_CHECKING:
    from causation.evidence.base import Places
    from causation.inference.provenance import Event
    from causation.model.structure import Model

GRID_DIMENSIONS = 3
"""Latents beyond these are averaged over a lattice in place of a grid."""
LATTICE = 16381


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes of the latents that one victim's facts share.

    Parameters
    ----------
    z : mapping of str to ndarray
        Broadcastable against each other, the rows' axis first.
    log_weight : ndarray
        Log weights (natural) of the nodes, of the shape of all of them together.
    axes : tuple of int
        Axes to sum over.
    """

    z: dict[str, np.ndarray]
    log_weight: np.ndarray
    axes: tuple[int, ...]

    def log_mean(self, log_x: Any) -> np.ndarray:
        """Log of the mean of exponentials over the nodes; the last axis is the victims'."""
        whole = np.asarray(log_x) + self.log_weight[..., None]
        top = whole.max(axis=self.axes, keepdims=True)
        top = np.where(np.isfinite(top), top, 0.0)
        total = np.exp(whole - top).sum(axis=self.axes, keepdims=True)
        with np.errstate(divide="ignore"):
            result: np.ndarray = np.squeeze(np.log(total) + top, axis=self.axes)
        return result


def make_grid(
    names: Sequence[str],
    spread: Callable[[str], tuple[float, float]],
    *,
    rough: bool = False,
    random_seed: int = 1,
) -> Grid:
    """Make nodes for some latents.

    Parameters
    ----------
    names : sequence of str
    spread : callable
        Largest slope of anything in a latent (it sets the step), and their sum (the reach).
    rough : bool
        Fewer nodes, for a thousandth of the value.
    """
    wide = 1.5 if rough else 1.0
    if not names:
        return Grid({}, np.zeros((1, 1)), (1,))
    if len(names) > GRID_DIMENSIONS:
        u = shifted_lattice(LATTICE, len(names), 1, random_seed)[0]
        x = normal_quantiles(u)
        nodes = {name: x[None, :, d] for d, name in enumerate(names)}
        return Grid(nodes, np.full((1, LATTICE), -np.log(LATTICE)), (1,))
    nodes, log_weight = {}, np.zeros((1,) * (len(names) + 1))
    for d, name in enumerate(names):
        most, total = spread(name)
        step = wide * min(0.8, 1.2 / max(most, 1e-9))
        half = int(np.ceil((6.5 + min(total, 14.0)) / wide / step))
        t = step * np.arange(-half, half + 1)
        weight = -0.5 * t * t
        shape = [1] * (len(names) + 1)
        shape[d + 1] = -1
        nodes[name] = t.reshape(shape)
        log_weight = log_weight + (weight - np.logaddexp.reduce(weight)).reshape(shape)
    return Grid(nodes, log_weight, tuple(range(1, len(names) + 1)))


def _spreads(places: Places, sd: np.ndarray) -> Callable[[str], tuple[float, float]]:
    """Slopes in the latents, bounded by the sds of the numbers that they move."""

    def of(name: str) -> tuple[float, float]:
        head, _, rest = name.partition(".")
        if head == "u":
            if rest == "~":
                return 1.3, 8.0
            prefix = (f"sources.{rest}.disclosure.", f"sources.{rest}.disclosure_not_user.")
            columns = [i for p, i in places.index.items() if p.startswith(prefix)]
            mine = sd[:, columns].max(axis=0) if columns else np.zeros(1)
            return float(mine.max()), float(mine.sum())
        paths = {"v": "actor.publishes", "mu": "agreement.own"}
        if head in paths:
            most = float(sd[:, places[paths[head]]].max())
            return most, 4.0 * most
        columns = [i for p, i in places.index.items() if p.startswith("agreement.")]
        most = float(sd[:, columns].max()) if columns else 1.0
        return most, 4.0 * most

    return of


def expectations(
    places: Places,
    victims: Sequence[Victim],
    route: Route,
    numbers: tuple[np.ndarray, np.ndarray],
    *,
    listed: bool = True,
    rough: bool = False,
    functionals: Callable[[At], Any] | None = None,
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Log expectations of single victims' likelihoods, and of what put them on the list.

    Parameters
    ----------
    numbers : tuple of ndarray, shape (S, N)
        Centres and sds of the rows.
    listed : bool
        Whether what put them on the list is wanted too.
    rough : bool
        Whether a thousandth is exact enough.
    functionals : callable, optional
        Chances given the latents, shape (..., V, Q), to be weighed by the likelihood.

    Returns
    -------
    tuple of ndarray
        Shapes (S, V), (S, V), and (S, V, Q) or None.
    """
    center, sd = numbers
    if functionals is None and len(groups := by_publication(victims)) > 1:
        parts = [
            expectations(places, [victims[i] for i in g], route, numbers, listed=listed)[:2]
            for g in groups
        ]
        back = np.argsort(np.concatenate(groups))
        own, on_list = (np.concatenate(x, axis=1)[:, back] for x in zip(*parts, strict=True))
        return own, on_list, None
    victims = [by_himself(v) for v in victims]
    names = [n for n in latents_of(victims, route) if not n.startswith("own:") and n != "kappa"]
    grid = make_grid(names, _spreads(places, sd), rough=rough)
    shape = (len(center), *(1,) * len(grid.axes), center.shape[-1])
    at = At(NUMPY, places, center.reshape(shape), sd.reshape(shape), grid.z)
    reach = f"sources.{route.entrance.name}.reach"
    weight, log_l = log_victims(victims, route, at, reach)
    if weight is not None:
        log_l = np.logaddexp.reduce(log_l + np.asarray(weight)[..., None], axis=-2)
    value = _wide(grid.log_mean(log_l), len(center), len(victims))
    found = None
    if functionals is not None:
        size = value.reshape(len(center), *(1,) * len(grid.axes), -1)
        whole = np.exp(log_l + grid.log_weight[..., None] - size)
        found = (whole[..., None] * functionals(at)).sum(axis=grid.axes)
    if not listed:
        return value, np.zeros_like(value), found
    log_a = log_listed(victims, route, at)
    if isinstance(log_a, float):
        return value, np.zeros_like(value), found
    return value, _wide(grid.log_mean(log_a), len(center), len(victims)), found


def _wide(x: np.ndarray, rows: int, victims: int) -> np.ndarray:
    return np.array(np.broadcast_to(x, (rows, victims)))


def log_strangers(
    routes: Sequence[Route],
    background: np.ndarray,
    vague: Route,
    log_fit: np.ndarray,
    mean: Callable[[Route], tuple[np.ndarray, np.ndarray]],
) -> np.ndarray:
    """Log probability (natural) of victims who do not belong to the series, shape (S, V).

    Parameters
    ----------
    background : ndarray, shape (S, Z)
    vague : Route
        The stand-in for whatever is not named.
    log_fit : ndarray, shape (2, S, Z)
        Log of the chance that a route behaves as elicited, and that it does not.
    mean : callable
        Log expectations under a route, shape (S, V): of the victims' likelihoods, and of what put
        each on the list.
    """
    odd, odd_listed = mean(vague)
    above, below = [], []
    for z, route in enumerate(routes):
        if not background[:, z].any():
            continue
        with np.errstate(divide="ignore"):
            log_w = np.log(background[:, z, None])
        if route.vague:
            found, found_listed = odd, odd_listed
        else:
            own, own_listed = mean(route)
            fits, misfits = log_fit[0, :, z, None], log_fit[1, :, z, None]
            found = np.logaddexp(fits + own, misfits + odd)
            found_listed = np.logaddexp(fits + own_listed, misfits + odd_listed)
        above.append(log_w + found)
        below.append(log_w + found_listed)
    result: np.ndarray = np.logaddexp.reduce(above, axis=0) - np.logaddexp.reduce(below, axis=0)
    return result


def shares_of_strangers(
    model: Model,
    numbers: tuple[np.ndarray, np.ndarray],
    log_fit: np.ndarray,
    *,
    background: np.ndarray,
    victims: Sequence[Victim],
    events: Sequence[Sequence[Sequence[Event]]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posterior shares of the routes for victims who do not belong to the series.

    Parameters
    ----------
    numbers : tuple of ndarray, shape (S, N)
        Centres and sds of the rows.
    log_fit : ndarray, shape (2, S, Z)
        Log chance that a route behaves as elicited, and that it does not.
    background : ndarray, shape (S, Z)
    events : sequence
        By victim and route: at most one event about who supplied his fields.

    Returns
    -------
    tuple of ndarray, shape (S, Z, V)
        Share of every route, what of it behaves as elicited, and of that where the event holds.
    """
    if len(groups := by_publication(victims)) > 1:
        every = [
            shares_of_strangers(
                model, numbers, log_fit, background=background,
                victims=[victims[i] for i in g], events=[events[i] for i in g],
            )
            for g in groups
        ]  # fmt: skip
        back = np.argsort(np.concatenate(groups))
        one, two, three = (np.concatenate(x, axis=2)[..., back] for x in zip(*every, strict=True))
        return one, two, three
    victims = [by_himself(v) for v in victims]
    places, shape = model.places, (len(numbers[0]), len(model.routes), len(victims))
    odd = expectations(places, victims, VAGUE, numbers, listed=False)[0]
    own, rest, part = np.full(shape, -np.inf), np.full(shape, -np.inf), np.zeros(shape)
    for z, route in enumerate(model.routes):
        asked = [e[z] for e in events]
        if not background[:, z].any():
            continue
        with np.errstate(divide="ignore"):
            log_share = np.log(background[:, z, None])
        if route.vague:
            rest[:, z] = log_share + odd
            continue

        def chances(at: At, route: Route = route, asked: Any = asked) -> Any:
            average = Averages(victims, route, at)
            columns = [
                average(v, e)[..., 0] if e else np.zeros((1, 1))
                for v, e in zip(victims, asked, strict=True)
            ]
            return np.stack(np.broadcast_arrays(*columns), axis=-1)[..., None]

        log_p, _, found = expectations(
            places, victims, route, numbers, listed=False,
            functionals=chances if any(asked) else None,
        )  # fmt: skip
        fits, misfits = log_fit[:, :, z, None]
        own[:, z], rest[:, z] = log_share + fits + log_p, log_share + misfits + odd
        if found is not None:
            part[:, z] = found[..., 0]
    both = np.logaddexp(own, rest)
    total = np.logaddexp.reduce(both, axis=1, keepdims=True)  # it may be less than any double
    whole, own = (np.exp(x - np.where(np.isfinite(total), total, 0.0)) for x in (both, own))
    return whole, own, np.where(own > 0.0, own * part, 0.0)
