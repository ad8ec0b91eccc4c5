"""The reference evidence against closed forms and against general-purpose quadrature."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, logsumexp

from tests.reference import evidence as ref
from tests.reference.evidence import FindingGroup, Group, Problem, Source, logit_interval, series
from tests.reference.grid import hard_problem, hard_problems

if TYPE_CHECKING:
    from collections.abc import Callable

TIGHT = 1e-7
LATTICE = 1e-4


@pytest.fixture(name="mpmath")
def _mpmath() -> Any:
    return pytest.importorskip("mpmath")


def phi(z: float) -> float:
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def plane(f: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
    """Mean of a function of two standard normal variables, by Gauss-Hermite."""
    x, w = np.polynomial.hermite_e.hermegauss(160)
    w /= w.sum()
    return float(w @ f(x[:, None], x[None, :]) @ w)


# ------------------------------------------------------------------------------ pieces


@pytest.mark.parametrize("n", [1.0, 7.0, 10000.0, 40000.0])
@pytest.mark.parametrize("k", [0.0, 1.0, 500.5, 999.0, 1001.0, 1e7, 1e15, 1e22])
def test_binomial(mpmath: Any, n: float, k: float) -> None:
    with mpmath.workdps(60):
        a, b = mpmath.mpf(n), mpmath.mpf(k)
        exact = mpmath.loggamma(a + b) - mpmath.loggamma(b + 1) - mpmath.loggamma(a)
        assert float(ref._log_binomial(n, np.array([k]))[0]) == pytest.approx(
            float(exact), rel=1e-13, abs=1e-9
        )


@pytest.mark.parametrize("n", [1.0, 3.0, 500.0, 10000.0])
@pytest.mark.parametrize("z", [1e-6, 1e-3, 0.05, 0.3, 0.9, 0.99999])
def test_negative_binomial_sum(n: float, z: float) -> None:
    total = ref._sum_over_failures(n, lambda k: k * math.log1p(-z), 64)
    assert total == pytest.approx(-n * math.log(z), rel=1e-12, abs=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "lo", "hi"),
    [
        (0, 10000, 1e-6, 1e-2),
        (10000, 0, 1e-6, 1e-2),
        (10000, 1, 1e-6, 1 - 1e-6),
        (3, 1e9, 1e-6, 0.5),
        (5000, 5000, 1e-6, 3e-6),
    ],
)
def test_moments_extreme(mpmath: Any, a: float, b: float, lo: float, hi: float) -> None:
    m, sd = logit_interval(lo, hi)

    def log_f(c: Any) -> Any:
        x = m + sd * c
        return -a * mpmath.log1p(mpmath.exp(-x)) - b * mpmath.log1p(mpmath.exp(x)) - c * c / 2

    with mpmath.workdps(25):
        # golden-section search for the peak, then panels that follow its width
        left, right = mpmath.mpf(-400), mpmath.mpf(400)
        for _ in range(110):
            one, two = right - (right - left) * 0.618, left + (right - left) * 0.618
            left, right = (left, two) if log_f(one) > log_f(two) else (one, right)
        top = log_f(left)
        steps = [sign * 10 * mpmath.mpf(2) ** -j for sign in (-1, 1) for j in range(0, 14, 2)]
        knots = sorted({left, *(left + s for s in steps)})
        total = mpmath.quad(lambda c: mpmath.exp(log_f(c) - top), knots)
        exact = float(mpmath.log(total / mpmath.sqrt(2 * mpmath.pi)) + top)
    got = ref.log_beta_moments(np.array(a), np.array(b), np.array(m), np.array(sd), nodes=200)
    assert float(got) == pytest.approx(exact, rel=1e-13, abs=1e-9)


def test_certain_membership() -> None:
    for p, a, b, expected in (
        (1.0, 5, 0, 0.0),
        (1.0, 5, 1, -math.inf),
        (0.0, 0, 7, 0.0),
        (0.0, 1, 7, -math.inf),
        (0.25, 2, 1, math.log(0.25**2 * 0.75)),
    ):
        assert ref.membership_term(a, b, *logit_interval(p, p)).log == pytest.approx(expected)


# ------------------------------------------------------------------------------ one source


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize("n", [1, 10000])
def test_certain_numbers_are_bernoulli(n: int, selected: bool) -> None:
    p = np.array([0.2, 1e-6, 0.7])
    m = np.log(p / (1.0 - p))
    groups = [Group(n, [True, False, False], [False, True, False])]
    exact = n * (math.log(0.2) + math.log1p(-1e-6))
    if selected:
        exact -= n * math.log(1.0 - 0.8 * (1.0 - 1e-6) * 0.3)
    source = Source("custodian", m, np.zeros(3))
    assert series(source, groups, selected=selected).log == pytest.approx(exact, rel=1e-12)
    assert ref.lattice(source, groups, selected=selected).log == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("n", [1, 6, 10000])
@pytest.mark.parametrize("interval", [(0.05, 0.95), (1e-6, 1e-2), (1e-6, 1 - 1e-6)])
def test_one_field_disclosed_and_selected_says_nothing(
    n: int, interval: tuple[float, float]
) -> None:
    m, sd = logit_interval(*interval)
    source, groups = Source("custodian", [m], [sd], 0.0), [Group(n, [True], [False])]
    for term in (
        series(source, groups, selected=True),
        ref.lattice(source, groups, selected=True),
    ):
        assert term.log == pytest.approx(0.0, abs=LATTICE)


def test_common_latent_only() -> None:
    m, sd = np.array([-1.0, 0.5]), np.array([1.5, 0.7])
    groups = [Group(3, [True, False], [False, True]), Group(2, [True, True], [False, False])]

    def f(u: float, *, selected: bool) -> float:
        p, q = expit(m + sd * u)
        z = 1.0 - (1.0 - p) * (1.0 - q) if selected else 1.0
        return float(p**5 * q**2 * (1.0 - q) ** 3 / z**5) * phi(u)

    for selected in (True, False):
        exact, _ = quad(lambda u, s=selected: f(u, selected=s), -12, 12, epsabs=0, epsrel=1e-11)
        got = series(Source("custodian", m, sd, 1.0), groups, selected=selected)
        assert got.log == pytest.approx(math.log(exact), abs=TIGHT)
        assert got.error < TIGHT


@pytest.mark.parametrize(("r", "missing"), [(0.0, True), (0.0, False), (0.5, True)])
def test_two_fields_by_quadrature(r: float, missing: bool) -> None:
    m, sd = np.array([-1.0, 0.5]), np.array([1.5, 0.7])
    groups = [Group(4, [True, False], [False, not missing])]

    def f(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        p = expit(m[0] + sd[0] * x)
        q = expit(m[1] + sd[1] * (r * x + math.sqrt(1.0 - r * r) * y))
        other = 1.0 if missing else 1.0 - q
        return np.asarray((p * other / (1.0 - (1.0 - p) * (1.0 - q))) ** 4)

    exact = math.log(plane(f))
    source = Source("custodian", m, sd, r)
    assert series(source, groups, selected=True).log == pytest.approx(exact, abs=TIGHT)
    assert ref.lattice(source, groups, selected=True).log == pytest.approx(exact, abs=LATTICE)


def test_common_latent_extreme(mpmath: Any) -> None:
    """Ten thousand victims, probabilities down to 1e-6, integrated in high precision."""
    cells = [logit_interval(1e-6, 1e-2), logit_interval(1e-4, 0.5)]
    groups = [Group(7000, [True, False], [False, False]), Group(3000, [False, True], [True, False])]
    source = Source("custodian", [c[0] for c in cells], [c[1] for c in cells], 1.0)

    def log_f(u: Any) -> Any:
        p, q = (1 / (1 + mpmath.exp(-(m + s * u))) for m, s in cells)
        z = p + q - p * q
        inner = 7000 * mpmath.log(p) + 3000 * (mpmath.log(q) + mpmath.log(1 - p))
        return inner - 10000 * mpmath.log(z) - u * u / 2

    with mpmath.workdps(30):
        scan = [mpmath.mpf(i) / 100 for i in range(-2500, 2500)]
        values = [log_f(u) for u in scan]
        top = max(values)
        at = scan[values.index(top)]
        knots = [at + mpmath.mpf(i) / 20 for i in range(-20, 21)]
        total = mpmath.quad(lambda u: mpmath.exp(log_f(u) - top), knots, maxdegree=5)
        exact = float(top + mpmath.log(total / mpmath.sqrt(2 * mpmath.pi)))
    assert series(source, groups, selected=True).log == pytest.approx(exact, abs=1e-6)
    assert ref.lattice(source, groups, selected=True).log == pytest.approx(exact, abs=LATTICE)


@pytest.mark.parametrize("seed", range(10))
def test_series_against_lattice(seed: int) -> None:
    """Two methods that share nothing but the logistic function."""
    rng = np.random.default_rng(seed)
    problem = hard_problem(rng, max_fields=3)
    source = replace(problem.sources[0], r=float(rng.choice((0.0, 1.0))))
    one = series(source, problem.groups, selected=problem.selected)
    two = ref.lattice(source, problem.groups, selected=problem.selected)
    assert one.error < TIGHT
    assert one.log == pytest.approx(two.log, rel=1e-12, abs=LATTICE + 3.0 * two.error)
    assert two.error < 1e-3


# ------------------------------------------------------------------------------ profiles

OSINT = Source("inference", [-1.0, 0.3], [1.2, 0.0], 0.5, [math.log(0.2)], [0.7])


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize("profile", [None, 0.0, 1.0, 0.4])
def test_profile_by_quadrature(profile: float | None, selected: bool) -> None:
    ref_x, n = 0.3, 5
    groups = [Group(n, [True, False], [False, True], [profile])]

    def f(c: np.ndarray, g: np.ndarray) -> np.ndarray:
        def at(x: float) -> tuple[np.ndarray, np.ndarray]:
            shift = (math.log(0.2) + 0.7 * g) * (x - ref_x)
            return expit(-1.0 + 1.2 * c + shift), expit(0.3 + shift)

        def mean(h: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
            return 0.7 * h(*at(0.0)) + 0.3 * h(*at(1.0))

        def pattern(p: np.ndarray, q: np.ndarray) -> np.ndarray:
            return p * (1.0 - q)

        top = mean(pattern) if profile is None else pattern(*at(profile))
        z = mean(lambda p, q: 1.0 - (1.0 - p) * (1.0 - q)) if selected else 1.0
        return np.asarray((top / z) ** n)

    got = ref.lattice(OSINT, groups, [ref_x], selected=selected)
    assert got.log == pytest.approx(math.log(plane(f)), abs=LATTICE)


def test_exposed_victim_is_normalised() -> None:
    """Over profiles and patterns other than empty the likelihood of a victim sums to one."""
    source = Source("inference", [-1.0, 0.3], [1.2, 0.8], 1.0, [-1.6, 0.9], [0.7, 0.0])
    xref = [0.3, 0.8]
    total = 0.0
    for pattern in itertools.product((True, False), repeat=2):
        if not any(pattern):
            continue
        known = [
            ref.lattice(
                source, [Group(1, pattern, [not y for y in pattern], x)], xref, selected=True
            )
            for x in itertools.product((0.0, 1.0), repeat=2)
        ]
        weight = [
            math.prod(w if x else 1.0 - w for x, w in zip(xs, xref, strict=True))
            for xs in itertools.product((0.0, 1.0), repeat=2)
        ]
        group = Group(1, pattern, [not y for y in pattern], [None, None])
        unknown = ref.lattice(source, [group], xref, selected=True)
        mixed = float(logsumexp([t.log for t in known], b=weight))
        assert unknown.log == pytest.approx(mixed, abs=LATTICE)
        total += math.exp(unknown.log)
    assert total == pytest.approx(1.0, abs=LATTICE)


def test_contradicting_profile_on_a_dense_grid() -> None:
    """Ten thousand anonymous victims against a small odds ratio, with a missing field."""
    m, sd = logit_interval(0.05, 0.6)
    other = logit_interval(1e-4, 1e-4)[0]
    xref = 0.1
    source = Source("inference", [m, other], [sd, 0.0], 0.5, [math.log(0.02)], [0.8])
    groups = [Group(10000, [True, False], [False, False], [1.0])]
    # scan, then a grid around all that matters
    lo, hi = np.array([-40.0, -40.0]), np.array([40.0, 40.0])
    for _ in range(5):
        axes = [np.linspace(a, b, 901) for a, b in zip(lo, hi, strict=True)]
        c, g = np.meshgrid(*axes, indexing="ij")
        gamma = math.log(0.02) + 0.8 * g
        base = m + sd * c

        def fail(x: float, base: np.ndarray = base, gamma: np.ndarray = gamma) -> np.ndarray:
            shift = gamma * (x - xref)
            return np.logaddexp(0, base + shift) + np.logaddexp(0, other + shift)

        z = (1 - xref) * -np.expm1(-fail(0.0)) + xref * -np.expm1(-fail(1.0))
        log_p = -np.logaddexp(0, -(base + gamma * (1 - xref)))
        value = 10000 * (log_p - np.log(z)) - 0.5 * (c * c + g * g)
        live = np.argwhere(value > value.max() - 45.0)
        pad = 2
        first = np.maximum(live.min(0) - pad, 0)
        last = np.minimum(live.max(0) + pad, 900)
        cell = math.prod(float(a[1] - a[0]) for a in axes)
        lo = np.array([a[i] for a, i in zip(axes, first, strict=True)])
        hi = np.array([a[i] for a, i in zip(axes, last, strict=True)])
    exact = float(logsumexp(value)) + math.log(cell) - math.log(2.0 * math.pi)
    got = ref.lattice(source, groups, [xref], selected=True)
    assert got.log == pytest.approx(exact, abs=LATTICE)


# ------------------------------------------------------------------------------ mixtures


def test_linkage_misfit_and_membership() -> None:
    one = Source("custodian", [-1.0, 0.2], [0.8, 1.1], 0.0, (), (), [2.0], [0.9], 0.1)
    two = Source("residual", [0.0, 0.0], [ref.VAGUE_SD] * 2, 0.5, (), (), [0.0], [ref.VAGUE_SD])
    groups = [
        Group(1, [True, False], [False, True], (), [True], 1.0),
        Group(4, [True, True], [False, False], (), [False], 0.3),
        Group(6, [True, False], [False, False], (), [None], 0.0),
    ]
    problem = Problem([one, two], groups, (), True, [3.0, 1.0])

    def full(source: Source, *chosen: Group) -> float:
        method = series if source.r in {0.0, 1.0} else ref.lattice
        value = math.exp(method(source, chosen, selected=True).log)
        yes = sum(g.n for g in chosen if g.users_of[0] is True)
        no = sum(g.n for g in chosen if g.users_of[0] is False)
        m, sd = float(np.ravel(source.member_m)[0]), float(np.ravel(source.member_sd)[0])
        mean, _ = quad(
            lambda d: expit(m + sd * d) ** yes * expit(-m - sd * d) ** no * phi(d), -12, 12
        )
        return value * mean

    other = ref.vague(one)
    back = [
        0.75 * (0.9 * full(one, g) + 0.1 * full(other, g)) + 0.25 * full(two, g) for g in groups
    ]

    def mixed(source: Source) -> float:
        both = full(source, groups[0], groups[1])
        return back[2] * (0.3 * both + 0.7 * back[1] * full(source, groups[0]))

    exact = [0.9 * mixed(one) + 0.1 * mixed(other), mixed(two)]
    found = ref.evidence(problem)
    assert found.log == pytest.approx(np.log(exact), abs=LATTICE)
    assert found.background[1:] == pytest.approx(np.log(back[1:]), abs=LATTICE)
    assert found.background[0] == -math.inf
    assert ref.log_evidence(problem) == pytest.approx(found.log)


def test_impossible_membership_excludes() -> None:
    sources = [
        Source("custodian", [0.0], [1.0], 0.0, (), (), [math.inf], [0.0]),
        Source("residual", [0.0], [1.0], 0.0, (), (), [0.0], [1.0]),
    ]
    problem = Problem(sources, [Group(2, [True], [False], (), [False])])
    assert ref.log_evidence(problem)[0] == -math.inf


def test_selected_without_disclosure_is_an_error() -> None:
    with pytest.raises(ValueError, match="disclosed"):
        ref.evidence(Problem([Source("residual", [0.0], [1.0])], [Group(1, [False], [True])]))


def test_unresolved_is_an_error() -> None:
    problem = Problem([Source("custodian", [0.0], [1.0], 0.0)], [Group(1, [True], [False])])
    with pytest.raises(ArithmeticError, match="not converged"):
        ref.log_evidence(problem, check=-1.0)


def test_hard_problems() -> None:
    problems = list(hard_problems(np.random.default_rng(3), 200))
    assert {len(p.groups) for p in problems} == {1, 2, 3, 4}
    assert {len(np.ravel(p.sources[0].m)) for p in problems} == {1, 2, 3, 4, 5}
    assert {g.n for p in problems for g in p.groups} >= {1, 10000}
    assert {p.selected for p in problems} == {True, False}
    for p in problems:
        for g in p.groups:
            assert not np.any(np.logical_and(g.disclosed, g.not_disclosed))
            assert not p.selected or any(g.disclosed)


# ------------------------------------------------------------------------------ findings


def test_repeats() -> None:
    for n, lr in ((1, 4.5), (2, 9.511), (3, 11.895), (6, 10.692), (400, 4.5)):
        group = FindingGroup([[0.9, 0.2]] * n, 1.0, 0.3)
        log = ref.findings_log_likelihood([group], [0.5, 0.5])
        assert math.exp(log[0] - log[1]) == pytest.approx(lr, abs=5e-4)


def test_unreliable_findings_are_shared() -> None:
    groups = [FindingGroup([[0.8, 0.1], [0.5, 0.5]], 0.9, 0.2), FindingGroup([[0.0, 1.0]])]
    j = 0.2 * np.array([0.8, 0.1]) + 0.8 * np.array([0.4, 0.05])
    expected = 0.9 * j + 0.1 * (0.25 * j[0] + 0.75 * j[1])
    got = ref.findings_log_likelihood(groups, [1.0, 3.0])
    assert got[0] == -math.inf
    assert got[1] == pytest.approx(math.log(expected[1]))


def test_security_factor() -> None:
    m, sd = math.log(0.5), 0.4
    got = ref.security_factor(
        1.0, 4.0, 2, 5.0, hazard=(m, sd), age=3.0, half_life=1.5, reference=0.5
    )
    w = 0.25
    hazard = math.exp(w * m + 0.5 * (w * sd) ** 2 - 0.5 * m - 0.5 * (0.5 * sd) ** 2)
    assert got == pytest.approx((3.0 / 9.0) / (1.0 / 4.0) * hazard, rel=1e-9)
    assert ref.security_factor(0.5, 4.0, 0, 5.0) == pytest.approx(4.0 / 9.0, rel=1e-9)


def test_posterior_and_union() -> None:
    pi, log = [0.5, 0.3, 0.2], np.log([0.1, 0.4, 0.2]) - 5000.0
    assert ref.posterior(pi, log) == pytest.approx(np.array([0.05, 0.12, 0.04]) / 0.21)
    assert ref.union_log_likelihood(pi, log, [1, 2]) == pytest.approx(math.log(0.32) - 5000.0)
