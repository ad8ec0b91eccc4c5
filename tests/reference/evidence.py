"""Reference evidence of the source model by brute force, from plain numbers.

Nothing here is shared with the package under test. Two independent deterministic methods
are used, both without any Monte Carlo:

*Series of failures.* Where no profile acts, the selection term is expanded as
``Z**-N = sum_k C(N+k-1, k) q**k`` with ``q = prod_f (1 - p_f)``. For a given ``k`` the
integrand is a product over fields and jointly log-concave in all latents: nested trapezoid
rules between the points where it has died out, found by bisection. The sum over ``k`` is
direct for small ``k``; beyond, it is an integral in ``log k`` with the Euler-Maclaurin term,
by adaptive Gauss-Legendre panels. A panel is skipped only on a bound that holds because the
moments are log-convex in ``k`` and the binomial coefficient log-concave.

*Lattice.* Where a profile acts (or on request), the trapezoid rule on a shifted lattice in
all latents jointly (the common latent being integrated out), over the connected set around
every mode on which the integrand is within ``exp(-21)`` of its maximum, the lattice refined
until it agrees with itself under another shift.

Both report an error: the difference between two resolutions.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, logsumexp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Z90",
    "Evidence",
    "FindingGroup",
    "Group",
    "Problem",
    "Source",
    "Term",
    "evidence",
    "findings_log_likelihood",
    "lattice",
    "log_beta_moments",
    "log_evidence",
    "logit_interval",
    "membership_term",
    "posterior",
    "security_factor",
    "series",
    "union_log_likelihood",
    "vague",
]

Array = NDArray[np.float64]

Z90 = 1.6448536269514722
VAGUE_SD = math.log(19.0) / Z90
LOG_2PI = math.log(2.0 * math.pi)
QUICK = 4e-5
"""Agreement at which the lattice stands in for the series, natural log."""


# --------------------------------------------------------------------------- inputs


def _floats(x: ArrayLike) -> Array:
    return np.atleast_1d(np.asarray(x, dtype=float))


def logit_interval(lo: float, hi: float) -> tuple[float, float]:
    """Centre and standard deviation on the logit scale of a central 90 % interval.

    Parameters
    ----------
    lo, hi : float
        Ends of the interval; equal for a single number, which may then be 0 or 1.

    Returns
    -------
    tuple of float
        ``(m, sd)``; ``m`` is infinite for a certain 0 or 1.
    """
    with np.errstate(divide="ignore"):
        a, b = (float(np.log(p) - np.log1p(-p)) for p in (lo, hi))
    return (a, 0.0) if lo == hi else (0.5 * (a + b), (b - a) / (2.0 * Z90))


@dataclass(frozen=True)
class Source:
    """A source in plain numbers.

    Parameters
    ----------
    kind : str
        ``custodian``, ``inference`` or ``residual``; the profile acts on ``inference`` only.
    m, sd : array of float, one per field
        Centre and standard deviation of each disclosure logit.
    r : float
        Correlation of the fields.
    gamma_m, gamma_sd : array of float, one per item
        Log odds ratio of each profile item (ignored unless ``inference``).
    member_m, member_sd : array of float, one per custodian
        Logit of each membership share; an infinite centre is a certain 0 or 1.
    misfit : float
        Probability of the vague branch.
    """

    kind: str
    m: ArrayLike
    sd: ArrayLike
    r: float = 0.5
    gamma_m: ArrayLike = ()
    gamma_sd: ArrayLike = ()
    member_m: ArrayLike = ()
    member_sd: ArrayLike = ()
    misfit: float = 0.0


@dataclass(frozen=True)
class Group:
    """A group of like victims.

    Parameters
    ----------
    n : int
        Number of victims.
    disclosed, not_disclosed : sequence of bool, one per field
        Disjoint masks; a field in neither is missing.
    profile : sequence of float or None, one per item
        None for unknown.
    users_of : sequence of bool or None, one per custodian
        None for unnamed.
    kappa : float
        Mean linkage.
    """

    n: int
    disclosed: Sequence[bool]
    not_disclosed: Sequence[bool]
    profile: Sequence[float | None] = ()
    users_of: Sequence[bool | None] = ()
    kappa: float = 1.0


@dataclass(frozen=True)
class Problem:
    """Sources, groups, and what they share.

    Parameters
    ----------
    sources, groups : sequence
        At least one source.
    xref : sequence of float, one per item
        Reference profile.
    selected : bool
        Whether victims are listed because exposed.
    pi : array of float, one per source
        Prior; normalised here.
    """

    sources: Sequence[Source]
    groups: Sequence[Group]
    xref: Sequence[float] = ()
    selected: bool = True
    pi: ArrayLike = ()

    def prior(self) -> Array:
        """Normalised prior, uniform where none was given."""
        pi = _floats(self.pi) if np.size(self.pi) else np.ones(len(self.sources))
        return np.asarray(pi / pi.sum())


@dataclass(frozen=True)
class Term:
    """Logarithm of an integral, its numerical error, and what the error is worth.

    Parameters
    ----------
    log : float
        Natural logarithm.
    error : float
        Absolute difference of the logarithm between two resolutions; infinite if unresolved.
    """

    log: float
    error: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """Evidence of every source, with errors.

    Parameters
    ----------
    log : array of float
        Natural log of ``L_s``.
    error : array of float
        Estimated absolute error of ``log``.
    background : array of float
        Natural log of ``B_g`` for every group (minus infinity where not needed).
    """

    log: Array
    error: Array
    background: Array


def vague(source: Source) -> Source:
    """Return the vague branch of a source: [0.05, 0.95] throughout, ``r = 0.5``, no profile."""
    f, c = _floats(source.m).size, _floats(source.member_m).size
    return Source(
        "residual",
        np.zeros(f),
        np.full(f, VAGUE_SD),
        0.5,
        member_m=np.zeros(c),
        member_sd=np.full(c, VAGUE_SD),
    )


# --------------------------------------------------------- one-dimensional log-concave pieces


def _log_sigmoids(x: Array) -> tuple[Array, Array]:
    """``log logistic(x)`` and ``log logistic(-x)``, each to full relative accuracy."""
    tail = np.log1p(np.exp(-np.abs(x)))
    return np.minimum(x, 0.0) - tail, np.minimum(-x, 0.0) - tail


def _peak(a: Array, b: Array, mu: Array, s: Array) -> Array:
    """Argument ``x`` that maximises ``a log p + b log(1-p) - (x - mu)**2 / (2 s**2)``."""
    if not np.any(s > 0.0):
        return mu
    spread = np.log1p(s * s * (a + b))
    lo = np.minimum(mu, -spread) - 1.0
    hi = np.maximum(mu, spread) + 1.0
    x = 0.5 * (lo + hi)
    for step in range(20):
        yes, no = _log_sigmoids(x)
        slope = s * s * (a - (a + b) * np.exp(yes)) - (x - mu)
        lo, hi = np.where(slope > 0.0, x, lo), np.where(slope > 0.0, hi, x)
        middle = 0.5 * (lo + hi)
        if step < 12:
            x = middle
        else:
            newton = x + slope / (1.0 + s * s * (a + b) * np.exp(yes + no))
            x = np.where((newton >= lo) & (newton <= hi), newton, middle)
    return np.asarray(np.where(s > 0.0, x, mu))


def log_beta_moments(a: Array, b: Array, mu: Array, s: Array, *, nodes: int = 64) -> Array:
    """``log E[p**a (1-p)**b]`` for ``logit p ~ N(mu, s**2)``, elementwise.

    The integrand is log-concave with curvature at least that of the normal density; the
    trapezoid rule runs between the two points where it has fallen by ``exp(-36)``.
    """
    a, b, mu, s = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (a, b, mu, s)))

    def density(c: Array, a: Array, b: Array, mu: Array, s: Array) -> Array:
        yes, no = _log_sigmoids(mu + s * c)
        return np.asarray(a * yes + b * no - 0.5 * c * c)

    if not np.any(s > 0.0):
        return density(np.zeros_like(mu), a, b, mu, s)
    safe = np.where(s > 0.0, s, 1.0)
    c0 = np.where(s > 0.0, (_peak(a, b, mu, s) - mu) / safe, 0.0)
    top = density(c0, a, b, mu, s)
    drop = 36.0
    ends = []
    for sign in (-1.0, 1.0):
        near, far = np.zeros_like(mu), np.full_like(mu, math.sqrt(2.0 * drop) * 1.01)
        for _ in range(14):
            t = 0.5 * (near + far)
            alive = density(c0 + sign * t, a, b, mu, s) > top - drop
            near, far = np.where(alive, t, near), np.where(alive, far, t)
        ends.append(c0 + sign * far)
    lo, hi = ends
    grid = (np.arange(nodes) + 0.5) / nodes
    c = lo[..., None] + (hi - lo)[..., None] * grid
    body = density(c, a[..., None], b[..., None], mu[..., None], s[..., None]) - top[..., None]
    value = top + np.log(np.exp(body).mean(-1)) + np.log(hi - lo) - 0.5 * LOG_2PI
    return np.asarray(np.where(s > 0.0, value, top))


def membership_term(a: float, b: float, m: float, sd: float) -> Term:
    """``log E[M**a (1-M)**b]`` for a membership share, certain 0 and 1 included."""
    if math.isinf(m):
        return Term(-math.inf if (b if m > 0 else a) > 0 else 0.0)
    numbers = [np.array(v, dtype=float) for v in (a, b, m, sd)]
    one, two = (
        float(log_beta_moments(*numbers, nodes=round(base * (1.0 + sd)))) for base in (64, 96)
    )
    return Term(two, abs(two - one))


# --------------------------------------------------------- series of failures (no profile)


def _log_moments(a: Array, b: Array, source: Source, k: Array, u_nodes: int, c_nodes: int) -> Array:
    """``log E[prod_f p_f**a_f (1-p_f)**(b_f+k)]`` for an array of real ``k``."""
    m, sd = _floats(source.m), _floats(source.sd)
    t, s = sd * math.sqrt(source.r), sd * math.sqrt(max(0.0, 1.0 - source.r))
    aa = np.broadcast_to(a, (k.size, a.size))
    bb = b + k[:, None]
    if not np.any(t > 0.0):
        return np.asarray(log_beta_moments(aa, bb, m, s, nodes=c_nodes).sum(-1))

    def profile(u: Array) -> tuple[Array, Array, Array]:
        """Maximum over the other latents, its slope and curvature in ``u``."""
        mu = m + t * u[:, None]
        x = _peak(aa, bb, mu, np.broadcast_to(s, mu.shape))
        yes, no = _log_sigmoids(x)
        c = np.where(s > 0.0, (x - mu) / np.where(s > 0.0, s, 1.0), 0.0)
        value = (aa * yes + bb * no - 0.5 * c * c).sum(-1) - 0.5 * u * u
        slope = (t * (aa - (aa + bb) * np.exp(yes))).sum(-1) - u
        bend = (aa + bb) * np.exp(yes + no)
        return value, slope, 1.0 + (t * t * bend / (1.0 + s * s * bend)).sum(-1)

    zero = np.zeros(k.size)
    sign = np.sign(profile(zero)[1])
    near, far = zero.copy(), sign.copy()
    for _ in range(60):
        beyond = (profile(far)[1] * sign) > 0.0
        if not beyond.any():
            break
        near, far = np.where(beyond, far, near), np.where(beyond, 2.0 * far, far)
    lo, hi = np.minimum(near, far), np.maximum(near, far)
    u0 = 0.5 * (lo + hi)
    for turn in range(20):
        _, slope, bend = profile(u0)
        lo, hi = np.where(slope > 0.0, u0, lo), np.where(slope > 0.0, hi, u0)
        middle = 0.5 * (lo + hi)
        newton = u0 + slope / bend
        inside = (newton >= lo) & (newton <= hi)
        u0 = np.where(inside, newton, middle) if turn >= 10 else middle
    top = profile(u0)[0]
    drop = 56.0
    ends = []
    for way in (-1.0, 1.0):
        near, far = zero.copy(), np.full(k.size, math.sqrt(2.0 * drop) * 1.01)
        for _ in range(12):
            step = 0.5 * (near + far)
            alive = profile(u0 + way * step)[0] > top - drop
            near, far = np.where(alive, step, near), np.where(alive, far, step)
        ends.append(u0 + way * far)
    lo, hi = ends
    grid = (np.arange(u_nodes) + 0.5) / u_nodes
    u = lo[:, None] + (hi - lo)[:, None] * grid
    log_g = -0.5 * u * u
    for f in range(a.size):
        log_g = log_g + log_beta_moments(
            np.asarray(a[f]), bb[:, f, None], m[f] + t[f] * u, np.asarray(s[f]), nodes=c_nodes
        )
    width = np.log(hi - lo) - math.log(u_nodes) - 0.5 * LOG_2PI
    return np.asarray(logsumexp(log_g, axis=1) + width)


def _log_binomial(n: float, k: Array) -> Array:
    """``log C(n+k-1, k)`` for real ``k >= 0``, without cancellation at large ``k``."""
    small = np.minimum(k, 1000.0)
    direct = gammaln(n + small) - gammaln(small + 1.0) - gammaln(n)
    x, y = np.maximum(k, 1000.0) + 1.0, np.maximum(k, 1000.0) + n

    def correction(v: Array) -> Array:
        return np.asarray(1.0 / (12.0 * v) - 1.0 / (360.0 * v**3))

    stirling = (
        (n - 1.0) * np.log(x)
        + (y - 0.5) * np.log1p((n - 1.0) / x)
        - (n - 1.0)
        + correction(y)
        - correction(x)
        - gammaln(n)
    )
    return np.asarray(np.where(k < 1000.0, direct, stirling))


def _sum_over_failures(  # noqa: PLR0915
    n: float, moments: Callable[[Array], Array], direct: int
) -> float:
    """``log sum_k C(n+k-1, k) exp(moments(k))`` over all integers ``k >= 0``.

    ``moments`` is convex in ``k``; ``direct`` is the number of terms summed one by one.
    """
    first = direct - 0.5
    seeds = np.unique(np.concatenate([np.arange(0, direct, 8.0), [direct - 1.0]]))
    knots = math.log(first) + 1.5 * np.arange(81)
    at = np.concatenate([seeds, np.exp(knots)])
    known = moments(at)
    terms = _log_binomial(n, at) + known
    scale = np.where(at < first, 0.0, np.log(np.maximum(at, 1.0)))
    best = float(np.max(terms + scale))

    def ceiling(k1: float, i1: float, k2: float, i2: float) -> float:
        """Bound of the summand times ``k`` between two points."""
        slope = (i2 - i1) / (k2 - k1)
        # the summand on the chord is concave in k, with its maximum near this point
        peak = (n - 1.0) / math.expm1(-slope) - 0.5 if -700.0 < slope < 0.0 else k1
        k = np.array([k1, min(max(peak, k1), k2), k2])
        inner = _log_binomial(n, k) + i1 + slope * (k - k1)
        return float(inner.max()) + 0.5 + math.log(max(k2, 1.0))

    total = []
    needed = [
        np.arange(seeds[j], seeds[j + 1])
        for j in range(seeds.size - 1)
        if ceiling(seeds[j], known[j], seeds[j + 1], known[j + 1]) > best - 34.0
    ]
    needed.append(seeds[-1:])
    ks = np.concatenate(needed)
    head = _log_binomial(n, ks) + moments(ks)
    total.append(float(logsumexp(head)))
    best = max(best, float(head.max()))

    half = np.array([first - 0.25, first + 0.25])
    lower = _log_binomial(n, half) + moments(half)
    level = float(lower.mean())
    slope = float((lower[1] - lower[0]) / 0.5)
    edge = (level, slope)  # f' / 24, signed

    nodes, weights = np.polynomial.legendre.leggauss(8)

    def rule(t1: Array, t2: Array) -> Array:
        t = 0.5 * (t1 + t2)[:, None] + 0.5 * (t2 - t1)[:, None] * nodes
        k = np.exp(t.ravel())
        v = (_log_binomial(n, k) + moments(k)).reshape(t.shape) + t
        return np.asarray(logsumexp(v, b=weights, axis=1) + np.log(0.5 * (t2 - t1)))

    start = seeds.size
    panels = [
        (knots[j], knots[j + 1], known[start + j], known[start + j + 1])
        for j in range(knots.size - 1)
    ]
    panels = [
        p for p in panels if ceiling(math.exp(p[0]), p[2], math.exp(p[1]), p[3]) > best - 34.0
    ]
    coarse = rule(*(np.array([p[i] for p in panels]) for i in (0, 1))) if panels else np.empty(0)
    for _ in range(40):
        if not panels:
            break
        mid = np.array([0.5 * (p[0] + p[1]) for p in panels])
        value = moments(np.exp(mid))
        halves = []
        for p, t, v in zip(panels, mid, value, strict=True):
            halves += [(p[0], t, p[2], v), (t, p[1], v, p[3])]
        fine = rule(*(np.array([p[i] for p in halves]) for i in (0, 1)))
        best = max(best, float(fine.max()))
        pair = np.logaddexp(fine[0::2], fine[1::2])
        floor = max(best, float(logsumexp(np.concatenate([total, fine]))))
        gap = np.abs(np.exp(pair - floor) - np.exp(coarse - floor))
        todo: list[tuple[float, float, float, float]] = []
        values: list[float] = []
        for j in range(len(panels)):
            children = halves[2 * j : 2 * j + 2]
            alive = max(ceiling(math.exp(q[0]), q[2], math.exp(q[1]), q[3]) for q in children)
            steep = abs(fine[2 * j] - coarse[j]) > 3.0 or abs(fine[2 * j + 1] - coarse[j]) > 3.0
            if gap[j] < 1e-8 and (alive < floor - 26.0 or not steep):
                total.append(float(pair[j]))
            else:
                todo += children
                values += [float(fine[2 * j]), float(fine[2 * j + 1])]
        panels, coarse = todo, np.array(values)
    else:
        return math.nan
    result = float(logsumexp(total))
    return result + math.log1p(math.exp(edge[0] - result) * edge[1] / 24.0)


def _counts(groups: Sequence[Group], fields: int) -> tuple[Array, Array, float]:
    a, b = np.zeros(fields), np.zeros(fields)
    for g in groups:
        a += g.n * np.asarray(g.disclosed, dtype=float)
        b += g.n * np.asarray(g.not_disclosed, dtype=float)
    return a, b, float(sum(g.n for g in groups))


def series(source: Source, groups: Sequence[Group], *, selected: bool) -> Term:
    """``log E[prod_g L_g]`` of the fields, all groups linked, for a source without profile."""
    m, sd = _floats(source.m), _floats(source.sd)
    a, b, n = _counts(groups, m.size)
    if n == 0.0:
        return Term(0.0)
    if not np.any(sd > 0.0):
        yes, no = _log_sigmoids(m)
        z = math.log(-math.expm1(float(no.sum()))) if selected else 0.0
        return Term(float((a * yes + b * no).sum()) - n * z)
    found = []
    wide = float(sd.max())
    per_u = 1.0 + 0.5 * wide * math.sqrt(source.r)
    per_c = 1.0 + 0.5 * wide * math.sqrt(1.0 - source.r)
    for u_base, c_base, direct in ((40, 36, 64), (60, 52, 112)):
        u_nodes, c_nodes = round(u_base * per_u), round(c_base * per_c)

        def moments(k: Array, u_nodes: int = u_nodes, c_nodes: int = c_nodes) -> Array:
            parts = [
                _log_moments(a, b, source, part, u_nodes, c_nodes)
                for part in np.array_split(k, max(1, math.ceil(k.size / 128)))
            ]
            return np.concatenate(parts)

        if selected:
            found.append(_sum_over_failures(n, moments, direct))
        else:
            found.append(float(moments(np.zeros(1))[0]))
    return Term(found[1], abs(found[1] - found[0]) if np.isfinite(found).all() else math.inf)


# --------------------------------------------------------- lattice (profile included)


@dataclass
class _Joint:
    """Log of the integrand of one source with all latents explicit, in whitened coordinates."""

    source: Source
    groups: Sequence[Group]
    xref: Array
    selected: bool

    def __post_init__(self) -> None:
        s = self.source
        m, sd = _floats(s.m), _floats(s.sd)
        fields, items = m.size, self.xref.size if s.kind == "inference" else 0
        gm = _floats(s.gamma_m) if items else np.empty(0)
        gs = _floats(s.gamma_sd) if items else np.empty(0)
        live = np.flatnonzero(sd > 0.0)
        if live.size == 0:
            base = np.zeros((fields, 0))
        elif s.r >= 1.0:
            base = sd[:, None].copy()
        else:
            corr = s.r + (1.0 - s.r) * np.eye(live.size)
            base = np.zeros((fields, live.size))
            base[live] = sd[live, None] * np.linalg.cholesky(corr)
        slopes = np.diag(gs)[:, gs > 0.0]
        self.dim = base.shape[1] + slopes.shape[1]
        # rows: fields, then items; columns: latents
        self.linear = np.zeros((fields + items, self.dim))
        self.linear[:fields, : base.shape[1]] = base
        self.linear[fields:, base.shape[1] :] = slopes
        self.center = np.concatenate([m, gm])
        # near-triangular coordinates: the logits themselves, where they are as many as latents
        rows = np.flatnonzero(np.abs(self.linear).sum(1) > 0.0)
        self.axes = self.linear[rows] if rows.size == self.dim else np.eye(self.dim)
        self.fields, self.items = fields, items
        self.terms = [
            (
                float(g.n),
                np.asarray(g.disclosed, dtype=float),
                np.asarray(g.not_disclosed, dtype=float),
                *self._mixture(g.profile),
            )
            for g in self.groups
        ]
        self.reference = self._mixture([None] * items)
        self.total = float(sum(g.n for g in self.groups))

    def _mixture(self, profile: Sequence[float | None]) -> tuple[Array, Array]:
        """Log weights and deviations ``x - xref`` of the profiles averaged over."""
        rows, weights = [], []
        choices = [
            [(float(x), 1.0)] if x is not None else [(0.0, 1.0 - ref), (1.0, ref)]
            for x, ref in zip(profile[: self.items], self.xref[: self.items], strict=True)
        ]
        for combo in itertools.product(*choices):
            w = math.prod(c[1] for c in combo)
            if w > 0.0:
                rows.append([c[0] for c in combo])
                weights.append(math.log(w))
        x = np.array(rows, dtype=float).reshape(len(rows), self.items)
        return np.array(weights), x - self.xref[: self.items]

    def __call__(self, z: Array) -> Array:
        """Log integrand, the normal density included, at rows of ``z``."""
        return self._evaluate(z, gradient=False)[0]

    def _evaluate(self, z: Array, *, gradient: bool) -> tuple[Array, Array]:
        theta = self.center + z @ self.linear.T
        base, gamma = theta[:, : self.fields], theta[:, self.fields :]
        value = -0.5 * (z * z).sum(1) - 0.5 * self.dim * LOG_2PI
        grad = np.zeros_like(theta) if gradient else np.empty(0)

        def logits(shift: Array) -> tuple[Array, Array]:
            return _log_sigmoids(base[:, None, :] + (gamma @ shift.T)[:, :, None])

        def push(by_profile: Array, shift: Array) -> None:
            grad[:, : self.fields] += by_profile.sum(1)
            grad[:, self.fields :] += by_profile.sum(2) @ shift

        for n, yes_mask, no_mask, weight, shift in self.terms:
            yes, no = logits(shift)
            each = weight + yes @ yes_mask + no @ no_mask
            q = logsumexp(each, axis=1)
            value = value + n * q
            if gradient:
                share = np.exp(each - q[:, None])[:, :, None]
                push(n * share * (yes_mask * np.exp(no) - no_mask * np.exp(yes)), shift)
        if self.selected:
            weight, shift = self.reference
            yes, no = logits(shift)
            fail = no.sum(-1)
            with np.errstate(divide="ignore"):
                exposed = np.log(-np.expm1(fail))
            # where the product is 1 to machine accuracy, the sum of the probabilities
            exposed = np.where(fail > -1e-12, logsumexp(yes, axis=-1), exposed)
            z_log = logsumexp(weight + exposed, axis=1)
            value = value - self.total * z_log
            if gradient:
                pull = np.exp((weight + fail - z_log[:, None])[:, :, None] + yes)
                push(-self.total * pull, shift)
        return value, (grad @ self.linear - z) if gradient else grad

    def hessian(self, z: Array) -> tuple[Array, Array, Array]:
        """Value, gradient and (finite-difference) Hessian at rows of ``z``."""
        n, d = z.shape
        h = 1e-5
        steps = np.concatenate([np.zeros((1, d)), h * np.eye(d), -h * np.eye(d)])
        points = (z[:, None, :] + steps).reshape(-1, d)
        value, grad = self._evaluate(points, gradient=True)
        value, grad = value.reshape(n, -1), grad.reshape(n, -1, d)
        hess = (grad[:, 1 : d + 1] - grad[:, d + 1 :]) / (2.0 * h)
        return value[:, 0], grad[:, 0], 0.5 * (hess + hess.transpose(0, 2, 1))

    def modes(self, seed: int = 0) -> tuple[Array, Array]:
        """Distinct local maxima, best first, by Newton steps from scattered starts."""
        rng = np.random.default_rng(seed)
        d = self.dim
        starts: list[Array] = [np.zeros((1, d)), 2.5 * np.eye(d), -2.5 * np.eye(d)]
        starts += [scale * rng.standard_normal((24, d)) for scale in (1.0, 3.0, 9.0)]
        inverse = np.linalg.pinv(self.linear)
        theta = np.concatenate(
            [rng.uniform(-14, 5, (32, self.fields)), rng.normal(0, 3, (32, self.items))], axis=1
        )
        starts.append((theta - self.center) @ inverse.T)
        z = np.concatenate(starts)
        radius = np.full(len(z), 2.0)
        value, grad, hess = self.hessian(z)
        for _ in range(200):
            lam, vec = np.linalg.eigh(-hess)
            lam = np.maximum(np.abs(lam), 0.05)
            step = np.einsum("nij,nj->ni", vec, np.einsum("nji,nj->ni", vec, grad) / lam)
            size = np.linalg.norm(step, axis=1)
            step *= np.minimum(1.0, radius / np.maximum(size, 1e-300))[:, None]
            new = self.hessian(z + step)
            better = new[0] >= value - 1e-12
            z = np.where(better[:, None], z + step, z)
            value = np.where(better, new[0], value)
            grad = np.where(better[:, None], new[1], grad)
            hess = np.where(better[:, None, None], new[2], hess)
            radius = np.where(better, radius * 2.0, np.maximum(radius / 4.0, 1e-9))
            radius = np.where(better & (size < 1e-7), 1e-9, radius)
            if np.all((size < 1e-6) | (radius < 1e-7)):
                break
        order = np.argsort(-value)
        kept: list[int] = []
        for i in order:
            if value[i] < value[order[0]] - 60.0:
                break
            if all(np.max(np.abs(z[i] - z[j])) > 1e-3 for j in kept):
                kept.append(int(i))
            if len(kept) >= 24:
                break
        return z[kept], hess[kept]


def _flood(
    f: Callable[[Array], Array], origin: Array, frame: Array, seeds: Array, top: float, budget: int
) -> tuple[float, float, Array]:
    """Sum of ``exp(f)`` over the lattice points connected to the seeds; see `lattice`.

    Returns the log of the sum, the largest log value met, and where it was met.
    """
    d = origin.size
    bits = min(20, 62 // d)
    reach = 2 ** (bits - 1)
    drop = 21.0
    place = np.left_shift(np.int64(1), bits * np.arange(d, dtype=np.int64))

    def pack(i: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(np.unique((i + reach) @ place))

    def unpack(key: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray((key[:, None] >> (bits * np.arange(d))) % (1 << bits) - reach)

    around = np.rint(np.linalg.solve(frame, (seeds - origin).T).T).astype(np.int64)
    if np.abs(around).max(initial=0) >= reach - 2:
        return math.nan, top, origin
    layer = pack(around)
    before: NDArray[np.int64] = np.empty(0, dtype=np.int64)
    moves = np.concatenate([np.eye(d, dtype=np.int64), -np.eye(d, dtype=np.int64)])
    sums, count, highest, best = [], 0, -math.inf, origin
    first = True
    while layer.size:
        count += layer.size
        if count > budget:
            return math.nan, highest, best
        index = unpack(layer)
        if np.abs(index).max() >= reach - 1:
            return math.nan, highest, best
        points = origin + index @ frame.T
        value = np.concatenate(
            [f(p) for p in np.array_split(points, max(1, math.ceil(len(points) / 20000)))]
        )
        peak = int(np.argmax(value))
        if value[peak] > highest:
            highest, best = float(value[peak]), points[peak]
        alive = (value > top - drop) | first
        first = False
        if alive.any():
            sums.append(float(logsumexp(value[alive])))
        near = (index[alive][:, None, :] + moves).reshape(-1, d)
        fresh = pack(near) if near.size else np.empty(0, dtype=np.int64)
        fresh = np.setdiff1d(fresh, layer, assume_unique=True)
        fresh = np.setdiff1d(fresh, before, assume_unique=True)
        before, layer = layer, fresh
    volume = float(np.linalg.slogdet(frame)[1])
    return float(logsumexp(sums)) + volume, highest, best


def lattice(
    source: Source,
    groups: Sequence[Group],
    xref: Sequence[float] = (),
    *,
    selected: bool,
    tolerance: float = 1e-4,
    budget: int = 2_000_000,
) -> Term:
    """``log E[prod_g L_g]`` of the fields, all groups linked, for a source of any kind.

    Parameters
    ----------
    source, groups, xref, selected
        As in `Problem`.
    tolerance : float
        Agreement of the natural log between two lattices at which to stop.
    budget : int
        Largest number of lattice points.

    Returns
    -------
    Term
        With an infinite error where the budget does not allow two lattices.
    """
    if not selected:  # a field of which nothing is known integrates to one
        known = np.any([np.logical_or(g.disclosed, g.not_disclosed) for g in groups if g.n], axis=0)
        source = replace(source, m=_floats(source.m)[known], sd=_floats(source.sd)[known])
        groups = [
            replace(
                g,
                disclosed=np.asarray(g.disclosed, dtype=bool)[known].tolist(),
                not_disclosed=np.asarray(g.not_disclosed, dtype=bool)[known].tolist(),
            )
            for g in groups
        ]
    joint = _Joint(source, groups, np.asarray(xref, dtype=float), selected)
    if joint.total == 0.0:
        return Term(0.0)
    if joint.dim == 0:
        return Term(float(joint(np.zeros((1, 0)))[0]))
    seeds, hess = joint.modes()
    values = joint(seeds)
    top = float(values.max())
    rng = np.random.default_rng(1)
    lam, vec = np.linalg.eigh(-hess[0])
    covariance = (vec / np.maximum(lam, 0.3)) @ vec.T
    frame = np.linalg.solve(joint.axes, np.linalg.cholesky(joint.axes @ covariance @ joint.axes.T))

    def total(h: Array) -> float:
        nonlocal seeds, top
        step = h * frame
        origin = seeds[0] + step @ rng.uniform(-0.5, 0.5, joint.dim)
        result, highest, where = _flood(joint, origin, step, seeds, top, budget)
        if highest > top:
            seeds, top = np.concatenate([where[None], seeds]), highest
        return result

    h = np.full(joint.dim, 1.2)
    result, error = total(h), math.inf
    share = tolerance / 2.0
    while True:
        # every trial has a shift of its own: a gap shows the error of any direction
        gaps = np.zeros(joint.dim)
        for i in range(joint.dim):
            trial = h.copy()
            trial[i] *= 0.75
            gaps[i] = abs(total(trial) - result)
            if math.isnan(gaps[i]):
                return Term(result, error)
        error = float(gaps.max())
        if error < share:
            return Term(result, error)
        h = np.where(gaps > max(share, 0.1 * error), 0.75 * h, h)
        again = total(h)
        if math.isnan(again):
            return Term(result, error)
        result = again


# --------------------------------------------------------------------------- mixtures


def _linked(
    source: Source,
    groups: Sequence[Group],
    xref: Sequence[float],
    *,
    selected: bool,
    cache: dict[object, Term],
) -> Term:
    """Log evidence of one branch with every group linked, memberships included."""
    active = any(g.n for g in groups)
    if not active:
        return Term(0.0)
    log, error = 0.0, 0.0
    member_m, member_sd = _floats(source.member_m), _floats(source.member_sd)
    for c in range(member_m.size):
        yes = float(sum(g.n for g in groups if g.users_of[c] is True))
        no = float(sum(g.n for g in groups if g.users_of[c] is False))
        if yes + no:
            term = membership_term(yes, no, float(member_m[c]), float(member_sd[c]))
            log, error = log + term.log, error + term.error
    if log == -math.inf:
        return Term(-math.inf)
    a, b, n = _counts(groups, _floats(source.m).size)
    profiled = source.kind == "inference" and len(xref) > 0
    numbers = (_floats(source.m), _floats(source.sd), _floats([source.r]))
    if profiled:
        gammas = (_floats(source.gamma_m), _floats(source.gamma_sd))
        key: object = (
            *(v.tobytes() for v in numbers + gammas),
            *((g.n, *g.disclosed, -1, *g.not_disclosed, -1, *g.profile) for g in groups),
        )
    else:
        key = (*(v.tobytes() for v in numbers), a.tobytes(), b.tobytes(), n)
    if key not in cache:
        if profiled:
            cache[key] = lattice(source, groups, xref, selected=selected)
        else:
            cache[key] = Term(math.nan, math.inf)
            if selected and 0.0 < source.r < 1.0:
                cache[key] = lattice(source, groups, selected=True, tolerance=QUICK, budget=200_000)
            if cache[key].error > QUICK:
                cache[key] = series(source, groups, selected=selected)
    term = cache[key]
    return Term(log + term.log, error + term.error)


def _sum(parts: Sequence[tuple[float, Term]]) -> Term:
    """Log of a weighted sum of terms, errors added by share."""
    parts = [(w, t) for w, t in parts if w > -math.inf and t.log > -math.inf]
    if not parts:
        return Term(-math.inf)
    logs = np.array([w + t.log for w, t in parts])
    total = float(logsumexp(logs))
    with np.errstate(invalid="ignore"):
        share = np.exp(logs - total)
    error = sum(float(s) * t.error for s, (_, t) in zip(share, parts, strict=True) if s > 1e-12)
    return Term(total, float(error))


def _log(x: float) -> float:
    return math.log(x) if x > 0.0 else -math.inf


def evidence(problem: Problem) -> Evidence:
    """Evidence of every source, without findings, by enumeration of the linked subsets.

    Parameters
    ----------
    problem : Problem
        The case in plain numbers.

    Returns
    -------
    Evidence
        Log evidence, its error, and the log background of every group.
    """
    cache: dict[object, Term] = {}
    pi = problem.prior()
    groups = list(problem.groups)
    if problem.selected and any(not any(g.disclosed) for g in groups):
        raise ValueError("under selection every group needs a disclosed field")

    def branches(source: Source) -> list[tuple[float, Source]]:
        both = [(_log(1.0 - source.misfit), source), (_log(source.misfit), vague(source))]
        return [(w, s) for w, s in both if w > -math.inf]

    def linked(source: Source, subset: Sequence[Group]) -> Term:
        return _linked(source, subset, problem.xref, selected=problem.selected, cache=cache)

    background = []
    for g in groups:
        if g.kappa >= 1.0:
            background.append(Term(-math.inf))
            continue
        parts = [
            (_log(p) + w, linked(b, [g]))
            for p, s in zip(pi, problem.sources, strict=True)
            if p > 0.0
            for w, b in branches(s)
        ]
        background.append(_sum(parts))

    results = []
    for source in problem.sources:
        parts = []
        for w, branch in branches(source):
            for chosen in itertools.product((True, False), repeat=len(groups)):
                weight, error, subset = w, 0.0, []
                for take, g, back in zip(chosen, groups, background, strict=True):
                    if take:
                        weight += _log(g.kappa)
                        subset.append(g)
                    else:
                        weight += _log(1.0 - g.kappa) + back.log
                        error += back.error
                if weight == -math.inf:
                    continue
                term = linked(branch, subset)
                parts.append((weight, replace(term, error=term.error + error)))
        results.append(_sum(parts))
    return Evidence(
        np.array([t.log for t in results]),
        np.array([t.error for t in results]),
        np.array([t.log for t in background]),
    )


def log_evidence(problem: Problem, *, check: float | None = 2e-4) -> Array:
    """Natural log of ``L_s`` for every source, without findings.

    Parameters
    ----------
    problem : Problem
        The case in plain numbers.
    check : float or None
        Largest error accepted; None for no check.

    Raises
    ------
    ArithmeticError
        Where the two resolutions differ by more than ``check``.
    """
    found = evidence(problem)
    if check is not None and not np.all(found.error <= check):
        raise ArithmeticError(f"reference not converged: errors {found.error}")
    return found.log


# --------------------------------------------------------------------------- findings, answer


@dataclass(frozen=True)
class FindingGroup:
    """Findings that stand or fall together.

    Parameters
    ----------
    likelihood : array of float, findings by sources
        Mean ``P(observed | s)``, in order: the first row is the one later ones may repeat.
    reliability, repeats : float
        Means.
    """

    likelihood: ArrayLike
    reliability: float = 1.0
    repeats: float = 0.0


def findings_log_likelihood(findings: Sequence[FindingGroup], pi: ArrayLike) -> Array:
    """Log of the product over finding groups of their likelihood, for every source."""
    weight = _floats(pi)
    weight = weight / weight.sum()
    total = np.zeros(weight.size)
    for group in findings:
        p = np.atleast_2d(np.asarray(group.likelihood, dtype=float))
        joint = group.repeats * p[0] + (1.0 - group.repeats) * np.prod(p, axis=0)
        mixed = group.reliability * joint + (1.0 - group.reliability) * float(weight @ joint)
        with np.errstate(divide="ignore"):
            total = total + np.log(mixed)
    return np.asarray(total)


def security_factor(
    shape: float,
    rate: float,
    incidents: int,
    years: float,
    *,
    hazard: tuple[float, float] | None = None,
    age: float = 0.0,
    half_life: float = 1.0,
    reference: float = 0.0,
) -> float:
    """Factor of a security record on the prior weight, by direct numerical integration.

    Parameters
    ----------
    shape, rate : float
        Gamma distribution of the yearly breach rate in the reference class.
    incidents, years : float
        Its update.
    hazard : tuple of float or None
        Mean and standard deviation of the log hazard ratio of a fresh certificate.
    age, half_life : float
        Age of the certificate at the incident and its half-life, in years.
    reference : float
        How current a certificate the reference class has.
    """
    # means of the two gamma distributions, by quadrature over log rate
    y = np.linspace(-80.0, 12.0, 400001)

    def gamma_mean(a: float, b: float) -> float:
        log_w = a * y - np.exp(y) * b
        w = np.exp(log_w - log_w.max())
        return float((w * np.exp(y)).sum() / w.sum())

    factor = gamma_mean(shape + incidents, rate + years) / gamma_mean(shape, rate)
    if hazard is None:
        return factor
    m, sd = hazard
    x = np.linspace(-40.0, 40.0, 160001)
    phi = np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi) * (x[1] - x[0])

    def power(w: float) -> float:
        return float((phi * np.exp(w * (m + sd * x))).sum())

    return factor * power(2.0 ** (-age / half_life)) / power(reference)


def posterior(pi: ArrayLike, log_likelihood: ArrayLike) -> Array:
    """Posterior of every source from the prior and the log likelihood, findings included."""
    with np.errstate(divide="ignore"):
        log = np.log(_floats(pi)) + _floats(log_likelihood)
    return np.asarray(np.exp(log - logsumexp(log)))


def union_log_likelihood(pi: ArrayLike, log_likelihood: ArrayLike, members: Sequence[int]) -> float:
    """Log likelihood of a union of sources: the prior-weighted mean of its members'."""
    chosen = list(members)
    weight = _floats(pi)[chosen]
    return float(logsumexp(_floats(log_likelihood)[chosen], b=weight / weight.sum()))
