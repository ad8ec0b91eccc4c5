r"""Disclosure: which fields, of whom.

For source ``s``, field ``f`` and profile ``x``, with latents shared by all victims of the case,

.. math::

    p_{sf}(x) = \operatorname{logistic}\Big(m_{sf} + \sigma_{sf}\big(\sqrt{r_s}\,u_s
        + \sqrt{1-r_s}\,c_{sf}\big) + \sum_k \gamma_{sk}(x_k - \bar x_k)\Big).

A victim contributes ``Q / Z``: the probability of the fields disclosed and not disclosed,
averaged over profile items that are not known, divided by the probability of being exposed
at all where victims are known only because they were exposed.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import (
    MAX_LOGIT,
    Array,
    Branch,
    Latent,
    Problem,
    Term,
    VictimEvidence,
    log_p_and_q,
    logsumexp,
)

if TYPE_CHECKING:
    from causation.model.build import Model

FEW_VICTIMS = 20
"""Up to this many victims one mode is looked for: the prior outweighs what could make more."""

FEW_NATS = 10.0
"""Up to this log-likelihood (natural) that a rare profile can gain, likewise."""

FAR_EFFECT = 8.0
"""Log odds ratio (natural) at which the search for a far mode starts."""

__all__ = ["DISCLOSURE", "Disclosure", "ProfileCells", "Statistics", "series_log_likelihood"]


@dataclass(frozen=True, eq=False)
class ProfileCells:
    """The distinct profiles at which a disclosure probability is needed.

    Parameters
    ----------
    offsets : ndarray, shape (cells, items)
        Profile minus reference profile.
    reference_weight : ndarray, shape (cells,)
        Share of the reference population in each cell (sums to 1).
    group_weight : ndarray, shape (groups, cells)
        For each group, the share of each cell given the items known of it.
    """

    offsets: np.ndarray
    reference_weight: np.ndarray
    group_weight: np.ndarray

    @classmethod
    def build(cls, profile: np.ndarray, reference: np.ndarray) -> ProfileCells:
        """Cells for groups with these profiles (NaN where not known), shape (groups, items)."""
        items = reference.size
        index: dict[tuple[float, ...], int] = {}
        for corner in itertools.product((0.0, 1.0), repeat=items):
            index[corner] = len(index)
        corners = np.array(list(index)).reshape(-1, items)
        per_group: list[dict[int, float]] = []
        for row in profile:
            weights: dict[int, float] = {}
            unknown = np.flatnonzero(np.isnan(row))
            for values in itertools.product((0.0, 1.0), repeat=unknown.size):
                x = row.copy()
                x[unknown] = values
                share = float(
                    np.prod(
                        np.where(
                            np.array(values) == 1.0, reference[unknown], 1.0 - reference[unknown]
                        )
                    )
                )
                if share > 0.0:
                    cell = index.setdefault(tuple(x.tolist()), len(index))
                    weights[cell] = weights.get(cell, 0.0) + share
            per_group.append(weights)
        cells = np.array(list(index)).reshape(-1, items)
        group_weight = np.zeros((len(profile), len(cells)))
        for g, weights in enumerate(per_group):
            for cell, share in weights.items():
                group_weight[g, cell] = share
        reference_weight = np.zeros(len(cells))
        reference_weight[: len(corners)] = np.prod(
            np.where(corners == 1.0, reference, 1.0 - reference), axis=1
        )
        used = (reference_weight > 0.0) | (group_weight > 0.0).any(axis=0)
        return cls(cells[used] - reference, reference_weight[used], group_weight[:, used])

    @classmethod
    def flat(cls, groups: int) -> ProfileCells:
        """The single cell of a source on which the profile has no effect."""
        return cls(np.zeros((1, 0)), np.ones(1), np.ones((groups, 1)))


@dataclass(frozen=True, eq=False)
class Statistics:
    """What the disclosure likelihood needs to know about the victims; leading axes broadcast.

    Parameters
    ----------
    disclosed, withheld : array, shape (..., cells, fields)
        Number of victims of known profile for whom the field is disclosed, or known not to be.
    mixed_count : array, shape (..., mixed)
        Sizes of the groups whose profile is partly unknown.
    mixed_disclosed, mixed_withheld : array, shape (..., mixed, fields)
        1 where the field is disclosed, or known not to be, for each victim of such a group.
    mixed_log_weight : array, shape (..., mixed, cells)
        Log share (natural) of each cell for a victim of such a group.
    mixed_blank : array, shape (..., mixed, fields)
        1 for the missing fields of a group of which no disclosed field is known although its
        victims are known to be exposed: at least one of these was disclosed. Else 0.
    exposed : array, shape (...)
        Number of victims known because they were exposed (0 where every target is listed).
    reference_weight : array, shape (cells,)
        Reference population over the cells.
    """

    disclosed: Array
    withheld: Array
    mixed_count: Array
    mixed_disclosed: Array
    mixed_withheld: Array
    mixed_log_weight: Array
    mixed_blank: Array
    exposed: Array
    reference_weight: Array

    @property
    def mixed(self) -> int:
        """Number of groups whose victims cannot be pooled."""
        return int(self.mixed_count.shape[-1])


def field_logits(xp: Any, base: Array, effect: Array | None, offsets: np.ndarray) -> Array:
    """Logit of every field in every profile cell.

    Parameters
    ----------
    base : array, shape (..., fields)
        Logit at the reference profile.
    effect : array, shape (..., items), or None
        Log odds ratio of each profile item; None for no items.
    offsets : ndarray, shape (cells, items)
        Profile minus reference profile.

    Returns
    -------
    array, shape (..., cells, fields)
    """
    logit = base[..., None, :]
    if effect is not None:
        logit = logit + xp.sum(effect[..., None, :] * offsets, axis=-1)[..., None]
    return xp.minimum(xp.maximum(logit, -MAX_LOGIT), MAX_LOGIT)


def series_log_likelihood(
    xp: Any, logit: Array, statistics: Statistics, *, selected: bool
) -> Array:
    """Log-likelihood of the victims of a series: ``sum_g n_g (log Q_g - log Z)``.

    Parameters
    ----------
    logit : array, shape (..., cells, fields)
        From `field_logits`.
    statistics : Statistics
        The victims.
    selected : bool
        Whether any victim is known only because of the exposure.

    Returns
    -------
    array, shape (...)
    """
    log_p, log_q = log_p_and_q(xp, logit)
    total = xp.sum(statistics.disclosed * log_p + statistics.withheld * log_q, axis=(-2, -1))
    if statistics.mixed:
        per_cell = xp.sum(
            statistics.mixed_disclosed[..., None, :] * log_p[..., None, :, :]
            + statistics.mixed_withheld[..., None, :] * log_q[..., None, :, :],
            axis=-1,
        )
        if selected:
            blank = statistics.mixed_blank[..., None, :]
            none = xp.sum(blank * log_q[..., None, :, :], axis=-1)
            some = xp.where(none < 0.0, -xp.expm1(none), 1.0)
            per_cell = per_cell + xp.log(some)
        log_q_group = logsumexp(xp, per_cell + statistics.mixed_log_weight, axis=-1)
        total = total + xp.sum(statistics.mixed_count * log_q_group, axis=-1)
    if selected:
        exposure = xp.sum(-xp.expm1(xp.sum(log_q, axis=-1)) * statistics.reference_weight, axis=-1)
        total = total - statistics.exposed * xp.log(exposure)
    return total


def exchangeable_root(correlation: float, size: int) -> np.ndarray:
    """A matrix ``A`` with ``A A^T = (1 - r) I + r 11^T``, shape (size, size) or (size, 1)."""
    if size == 0:
        return np.zeros((0, 0))
    if correlation == 1.0:
        return np.ones((size, 1))
    root = np.sqrt(1.0 - correlation)
    top = np.sqrt(1.0 - correlation + correlation * size)
    result: np.ndarray = root * np.eye(size) + (top - root) / size * np.ones((size, size))
    return result


@dataclass(frozen=True, eq=False)
class DisclosureProblem:
    """One disclosure integral: a source, a branch and a series of victims."""

    center: np.ndarray
    loading: np.ndarray
    effect_center: np.ndarray
    effect_sd: np.ndarray
    offsets: np.ndarray
    statistics: Statistics
    selected: bool

    def log_prior_ratio(
        self,
        z: np.ndarray,
        field_shift: np.ndarray,
        member_shift: np.ndarray,  # noqa: ARG002
        *,
        before: float,
        after: np.ndarray,
    ) -> np.ndarray:
        """See `causation.evidence.base.Problem.log_prior_ratio`."""
        size = self.center.size
        z = z[:, :size]
        sd = np.sqrt((self.loading**2).sum(axis=1))
        # The roots before and after are both a I + b 11^T and share their eigenvectors: along
        # the mean direction the latents shrink by `top`, across it by `rest`.
        before_top, after_top = 1.0 + (size - 1) * before, 1.0 + (size - 1) * after
        top, rest = np.sqrt(before_top / after_top), np.sqrt((1.0 - before) / (1.0 - after))
        scaled = field_shift / sd
        mean = scaled.mean(axis=1)
        t_top = mean * np.sqrt(size / after_top)
        t_rest = (scaled - mean[:, None]) / np.sqrt(1.0 - after)[:, None]
        square, along = (z * z).sum(axis=1), z.sum(axis=1) / np.sqrt(size)
        features = np.column_stack([square - along**2, along**2, along, z, np.ones(len(z))])
        coefficients = np.column_stack(
            [
                0.5 * (1.0 - rest**2),
                0.5 * (1.0 - top**2),
                top * t_top,
                rest[:, None] * t_rest,
                np.log(top)
                + (size - 1) * np.log(rest)
                - 0.5 * ((t_rest**2).sum(axis=1) + t_top**2),
            ]
        )
        result: np.ndarray = coefficients @ features.T
        return result

    @property
    def dim(self) -> int:
        """Number of latents."""
        return int(self.loading.shape[1] + np.count_nonzero(self.effect_sd))

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Content of the integral."""
        s = self.statistics
        arrays = (
            self.center,
            self.loading,
            self.effect_center,
            self.effect_sd,
            self.offsets,
            s.disclosed,
            s.withheld,
            s.mixed_count,
            s.mixed_disclosed,
            s.mixed_withheld,
            s.mixed_log_weight,
            s.mixed_blank,
            s.exposed,
            s.reference_weight,
        )
        return ("disclosure", self.signature, *(np.asarray(a).tobytes() for a in arrays))

    @property
    def signature(self) -> tuple[Any, ...]:
        """Shapes that must agree for stacking."""
        return (
            "disclosure",
            self.loading.shape,
            self.offsets.shape,
            tuple(np.flatnonzero(self.effect_sd)),
            self.statistics.mixed,
            self.selected,
        )

    @classmethod
    def stack(cls, problems: Sequence[DisclosureProblem]) -> DisclosureBatch:
        """Stack problems of one signature."""

        def pile(name: str) -> np.ndarray:
            return np.stack([getattr(p.statistics, name) for p in problems])[:, None]

        first = problems[0]
        statistics = Statistics(
            disclosed=pile("disclosed"),
            withheld=pile("withheld"),
            mixed_count=pile("mixed_count"),
            mixed_disclosed=pile("mixed_disclosed"),
            mixed_withheld=pile("mixed_withheld"),
            mixed_log_weight=pile("mixed_log_weight"),
            mixed_blank=pile("mixed_blank"),
            exposed=pile("exposed"),
            reference_weight=pile("reference_weight"),
        )
        return DisclosureBatch(
            center=np.stack([p.center for p in problems])[:, None],
            loading=np.stack([p.loading for p in problems]),
            effect_center=np.stack([p.effect_center for p in problems])[:, None],
            effect_sd=np.stack([p.effect_sd for p in problems])[:, None],
            offsets=np.stack([p.offsets for p in problems])[:, None],
            active=np.flatnonzero(first.effect_sd),
            statistics=statistics,
            selected=first.selected,
        )


@dataclass(frozen=True, eq=False)
class DisclosureBatch:
    """Disclosure integrals of one shape, stacked along a first axis."""

    center: np.ndarray
    loading: np.ndarray
    effect_center: np.ndarray
    effect_sd: np.ndarray
    offsets: np.ndarray
    active: np.ndarray
    statistics: Statistics
    selected: bool

    @property
    def size(self) -> int:
        """Number of integrals."""
        return len(self.center)

    @property
    def dim(self) -> int:
        """Number of latents of each."""
        return int(self.loading.shape[2] + self.active.size)

    @property
    def concave(self) -> np.ndarray:
        """Whether there is surely one mode.

        Without selection every term is a log-sigmoid. With it, and every field of every victim
        seen, ``log Z`` plus the normalising terms is a log-sum-exp of linear functions. Missing
        fields, unknown profiles, and a profile under selection can each make several modes, but
        not where so few victims stand against the prior.
        """
        s = self.statistics
        few = self._few()
        if s.mixed or few.all():
            return few
        if not self.selected:
            return np.ones(self.size, dtype=bool)
        seen = (s.disclosed + s.withheld).sum(axis=-2)
        complete = np.isclose(seen, s.exposed[..., None]).all(axis=-1)[:, 0]
        one_mode: np.ndarray = few | (complete & (s.disclosed.shape[-2] == 1))
        return one_mode

    def _few(self) -> np.ndarray:
        """Whether the victims are too few to outweigh the prior, shape (size,)."""
        s = self.statistics
        victims = np.maximum(s.exposed, s.mixed_count.sum(axis=-1))[:, 0]
        few: np.ndarray = victims <= FEW_VICTIMS
        if self.selected and self.active.size:
            # what a profile that contradicts the reference population can gain at the most
            rarest = np.where(s.reference_weight > 0.0, s.reference_weight, 1.0).min(axis=-1)
            few &= -np.log(rarest[:, 0]) * victims <= FEW_NATS
        return few

    @property
    def suggested_starts(self) -> np.ndarray:
        """Places (size, starts, dim) from which to look for modes.

        Under selection a profile that contradicts the elicited odds ratios can only be explained
        by odds ratios far out in either direction.
        """
        width = self.loading.shape[2]
        items = self.active.size
        if not items:
            return np.zeros((self.size, 0, self.dim))
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=min(items, 3))))
        signs = np.pad(signs, ((0, 0), (0, items - signs.shape[1])))
        starts = np.zeros((self.size, len(signs), self.dim))
        center, sd = self.effect_center[..., self.active], self.effect_sd[..., self.active]
        starts[..., width:] = (FAR_EFFECT * signs - center) / sd
        return starts

    @property
    def cost(self) -> int:
        """Numbers touched at each point."""
        cells, fields = self.statistics.disclosed.shape[-2:]
        return int(cells * fields * (1 + self.statistics.mixed))

    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        """Shape (size, points, dim) -> (size, points)."""
        width = self.loading.shape[2]
        base = self.center + z[..., :width] @ self.loading.transpose(0, 2, 1)
        effect = None
        offsets = self.offsets
        if offsets.shape[-1]:
            effect = np.broadcast_to(
                self.effect_center, (*z.shape[:2], self.effect_center.shape[-1])
            ).copy()
            effect[..., self.active] += self.effect_sd[..., self.active] * z[..., width:]
        logit = field_logits(np, base, effect, offsets)
        total: np.ndarray = series_log_likelihood(
            np, logit, self.statistics, selected=self.selected
        )
        return total

    def take(self, index: np.ndarray) -> DisclosureBatch:
        """The integrals at these places."""
        s = self.statistics
        return DisclosureBatch(
            self.center[index],
            self.loading[index],
            self.effect_center[index],
            self.effect_sd[index],
            self.offsets[index],
            self.active,
            Statistics(
                s.disclosed[index],
                s.withheld[index],
                s.mixed_count[index],
                s.mixed_disclosed[index],
                s.mixed_withheld[index],
                s.mixed_log_weight[index],
                s.mixed_blank[index],
                s.exposed[index],
                s.reference_weight[index],
            ),
            self.selected,
        )


class Disclosure(VictimEvidence):
    """Fields disclosed and not disclosed, with the profile acting on inference sources only."""

    name = "disclosure"
    latents = (
        Latent("u", ("source",), "how exposed the fields of one source are, all together"),
        Latent("c", ("source", "field"), "how exposed one field of one source is"),
        Latent("g", ("source", "item"), "effect of a profile item on an inference source"),
    )

    def parameters(
        self, model: Model, source: int, branch: int
    ) -> tuple[np.ndarray, np.ndarray, float, np.ndarray, np.ndarray, ProfileCells]:
        """Centre, sd, correlation, effect centre, effect sd and cells of a source's branch."""
        none = np.zeros(0)
        flat = ProfileCells.flat(len(model.groups))
        if branch == Branch.VAGUE:
            size = len(model.fields)
            vague = np.full(size, model.vague_sd)
            return (
                np.full(size, model.vague_center),
                vague,
                model.vague_correlation,
                none,
                none,
                flat,
            )
        base = (
            model.field_center[source],
            model.field_sd[source],
            model.correlation[source],
        )
        if not model.is_profiled(source):
            return *base, none, none, flat
        return *base, model.effect_center[source], model.effect_sd[source], model.cells

    def statistics(self, model: Model, cells: ProfileCells, multiplicity: np.ndarray) -> Statistics:
        """Pool the groups, each taken `multiplicity` times (shape (groups,))."""
        victims = multiplicity * model.count
        known = (cells.group_weight > 0.0).sum(axis=1) == 1
        blank = self.blank(model)
        known &= ~blank.any(axis=1)
        pooled = np.where(known, victims, 0.0)[:, None] * cells.group_weight
        mixed = np.flatnonzero(~known & (victims > 0.0))
        with np.errstate(divide="ignore"):
            log_weight = np.log(cells.group_weight[mixed])
        return Statistics(
            disclosed=pooled.T @ model.disclosed,
            withheld=pooled.T @ model.withheld,
            mixed_count=victims[mixed],
            mixed_disclosed=model.disclosed[mixed],
            mixed_withheld=model.withheld[mixed],
            mixed_log_weight=log_weight,
            mixed_blank=blank[mixed].astype(float),
            exposed=np.asarray(victims.sum() if model.selected else 0.0),
            reference_weight=cells.reference_weight,
        )

    def blank(self, model: Model) -> np.ndarray:
        """Missing fields of exposed groups of which no disclosed field is known, (G, F) bool."""
        nothing = model.selected & ~model.disclosed.any(axis=1)
        missing = (model.disclosed + model.withheld) == 0.0
        result: np.ndarray = nothing[:, None] & missing
        return result

    def problems(
        self, model: Model, source: int, branch: int, multiplicity: np.ndarray
    ) -> list[Problem]:
        """One integral over the source's field and profile latents."""
        if not model.fields or not (multiplicity > 0.0).any():
            return []
        fixed = model.shared.get((source, branch))
        if fixed is None:
            fixed = self._fixed(model, source, branch)
            model.shared[source, branch] = fixed
        center, loading, effect_center, effect_sd, cells = fixed
        taken = (multiplicity.tobytes(), len(cells.offsets))
        statistics = model.shared.get(taken)
        if statistics is None:
            statistics = self.statistics(model, cells, multiplicity)
            model.shared[taken] = statistics
        return [
            DisclosureProblem(
                center,
                loading,
                effect_center,
                effect_sd,
                cells.offsets,
                statistics,
                model.selected,
            )
        ]

    def _fixed(
        self, model: Model, source: int, branch: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, ProfileCells]:
        """Centre, loading, effects and cells: what does not depend on the victims taken."""
        center, sd, r, effect_center, effect_sd, cells = self.parameters(model, source, branch)
        moving = sd > 0.0
        root = exchangeable_root(float(r), int(moving.sum()))
        loading = np.zeros((center.size, root.shape[1]))
        loading[moving] = sd[moving, None] * root
        return center, loading, effect_center, effect_sd, cells

    def log_likelihood(
        self, xp: Any, model: Model, source: int, branch: int, latents: dict[str, Array]
    ) -> Array:
        """Every group by itself, given ``u`` (scalar), ``c`` (fields,) and ``g`` (items,)."""
        if not model.fields:
            return np.zeros(len(model.groups))
        center, sd, r, effect_center, effect_sd, cells = self.parameters(model, source, branch)
        base = center + sd * (np.sqrt(r) * latents["u"] + np.sqrt(1.0 - r) * latents["c"])
        effect = effect_center + effect_sd * latents["g"] if effect_center.size else None
        logit = field_logits(xp, base, effect, cells.offsets)
        victims = model.count
        with np.errstate(divide="ignore"):
            log_weight = np.log(cells.group_weight)
        # every group as "mixed": a group of known profile has all its weight in one cell
        size, none = len(model.groups), np.zeros((cells.offsets.shape[0], len(model.fields)))
        statistics = Statistics(
            disclosed=none,
            withheld=none,
            mixed_count=victims[:, None],
            mixed_disclosed=model.disclosed[:, None, :],
            mixed_withheld=model.withheld[:, None, :],
            mixed_log_weight=log_weight[:, None, :],
            mixed_blank=self.blank(model).astype(float)[:, None, :],
            exposed=victims if model.selected else np.zeros(size),
            reference_weight=cells.reference_weight,
        )
        return series_log_likelihood(xp, logit[None], statistics, selected=model.selected)

    def terms(self, model: Model, source: int) -> list[Term]:
        """One term for each group and field."""
        name = model.sources[source]
        items = model.items if model.is_profiled(source) else ()
        found = []
        for g, group in enumerate(model.groups):
            for f, field in enumerate(model.fields):
                verb = (
                    "disclosed"
                    if model.disclosed[g, f]
                    else "not_disclosed"
                    if model.withheld[g, f]
                    else None
                )
                if verb is not None:
                    latents = (
                        f"u[{name}]",
                        f"c[{name},{field}]",
                        *(f"g[{name},{item}]" for item in items),
                    )
                    found.append(Term(f"victims.{group}.{verb}.{field}", name, latents))
        return found

    def simulate(
        self, model: Model, source: int, branch: int, rng: np.random.Generator
    ) -> dict[str, Any]:
        """Draw a profile and the fields of one victim for every group.

        Under selection a victim is drawn given that some field was disclosed: first the profile
        from those of exposed victims, then one field after the other.

        Returns
        -------
        dict
            ``disclosed`` and ``withheld``, shape (groups, fields), 0 in both where the model has
            the field missing; ``profile``, shape (groups, items), NaN where the model does not
            know it; and ``latents``.
        """
        center, sd, r, effect_center, effect_sd, _ = self.parameters(model, source, branch)
        latents = {
            "u": rng.standard_normal(),
            "c": rng.standard_normal(len(model.fields)),
            "g": rng.standard_normal(len(model.items)),
        }
        cells = list(itertools.product((0.0, 1.0), repeat=len(model.items)))
        corners = np.array(cells).reshape(len(cells), len(model.items))
        share = np.where(corners == 1.0, model.reference, 1.0 - model.reference).prod(axis=1)
        base = center + sd * (np.sqrt(r) * latents["u"] + np.sqrt(1.0 - r) * latents["c"])
        shift = np.zeros(len(corners))
        if effect_center.size:
            shift = (corners - model.reference) @ (effect_center + effect_sd * latents["g"])
        log_p, log_q = log_p_and_q(np, base + shift[:, None])
        if model.selected and model.fields:
            share = share * -np.expm1(log_q.sum(axis=1))
        cell = rng.choice(len(corners), p=share / share.sum(), size=len(model.groups))
        shown = _draw_fields(np.exp(log_p[cell]), log_q[cell], rng, exposed=model.selected)
        seen = model.disclosed + model.withheld > 0.0
        return {
            "disclosed": np.where(seen, shown, 0.0),
            "withheld": np.where(seen, 1.0 - shown, 0.0),
            "profile": np.where(np.isnan(model.profile), np.nan, corners[cell]),
            "latents": latents,
        }


def _draw_fields(
    p: np.ndarray, log_q: np.ndarray, rng: np.random.Generator, *, exposed: bool
) -> np.ndarray:
    """Fields disclosed, 0 or 1, shape (victims, fields); given at least one where `exposed`."""
    rest = -np.expm1(np.cumsum(log_q[:, ::-1], axis=1)[:, ::-1])
    shown = np.zeros_like(p)
    waiting = np.full(len(p), exposed)
    for f in range(p.shape[1]):
        chance = np.where(waiting, p[:, f] / rest[:, f], p[:, f])
        shown[:, f] = rng.random(len(p)) < chance
        waiting &= shown[:, f] == 0.0
    return shown


DISCLOSURE = Disclosure()
