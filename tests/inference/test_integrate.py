"""The integrator on integrands with known integrals; it knows no case."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from causation.inference.integrate import DRAFT, IntegratorSettings, _Search, integrate
from causation.inference.proposal import bent, fit_lines

LN10 = math.log(10.0)
type Log = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Known:
    """Rows of functions of standard normal latents, gradients by central differences.

    Parameters
    ----------
    functions : tuple of callable
        Natural logs, one a row, from points (P, D) to (P,).
    dim : int
    places : ndarray, shape (K, D)
        Where to climb from.
    wanted : callable, optional
        From points to (P, Q).
    """

    functions: tuple[Log, ...]
    dim: int
    places: np.ndarray
    wanted: Log | None = None

    axis: int | None = None
    heavy: bool = False
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def rows(self) -> int:
        return len(self.functions)

    @property
    def alike(self) -> np.ndarray:
        return np.arange(self.rows)

    def log_likelihood(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray:
        points = z if z.ndim == 3 else [z] * len(rows)
        return np.stack([self.functions[r](x) for r, x in zip(rows.tolist(), points, strict=True)])

    def gradient(self, z: np.ndarray, row: int) -> tuple[np.ndarray, np.ndarray]:
        h, f = 1e-5, self.functions[row]
        slope = np.empty_like(z)
        for d in range(self.dim):
            step = np.zeros(self.dim)
            step[d] = h
            slope[:, d] = (f(z + step) - f(z - step)) / (2.0 * h)
        return f(z), slope

    def gradients(self, z: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = [self.gradient(x, r) for x, r in zip(z, rows.tolist(), strict=True)]
        values, slopes = zip(*found, strict=True)
        return np.stack(values), np.stack(slopes)

    def starts(self, rows: np.ndarray) -> np.ndarray:
        return np.repeat(self.places[None], len(rows), axis=0)

    def functionals(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
        if self.wanted is None:
            return None
        found = self.wanted(z)
        return np.broadcast_to(found, (len(rows), *found.shape[-2:]))


def bump(center: np.ndarray, var: float) -> Log:
    return lambda z: -0.5 * ((z - center) ** 2).sum(axis=1) / var


def bump_integral(center: np.ndarray, var: float) -> float:
    """Log of the integral of a bump against the standard normal density."""
    dim = len(center)
    return float(0.5 * dim * math.log(var / (1.0 + var)) - 0.5 * (center @ center) / (1.0 + var))


def two(dim: int) -> tuple[Known, float]:
    """Two narrow bumps far apart and of unequal mass, with a start for each."""
    a, b = np.full(dim, 3.0), np.full(dim, -2.5)
    one, other = bump(a, 0.1), bump(b, 0.3)
    expected = float(logsumexp([bump_integral(a, 0.1), bump_integral(b, 0.3)]))
    f: Log = lambda z: np.logaddexp(one(z), other(z))  # noqa: E731
    return Known((f,), dim, np.array([np.zeros(dim), 0.9 * a, 0.9 * b])), expected


def products(dim: int, count: int) -> tuple[Known, float]:
    """Shares that many independent trials taught: one-dimensional integrals, multiplied."""
    hits = np.round(np.linspace(0.1, 0.9, dim) * count)
    x = np.linspace(-10.0, 10.0, 20001)
    log_n = -0.5 * x * x - 0.5 * math.log(2.0 * math.pi) + math.log(x[1] - x[0])

    def one(z: np.ndarray, k: float) -> np.ndarray:
        p = expit(1.5 * z - 0.5)
        result: np.ndarray = k * np.log(p) + (count - k) * np.log1p(-p)
        return result

    expected = sum(float(logsumexp(one(x, k) + log_n)) for k in hits)

    def f(z: np.ndarray) -> np.ndarray:
        return np.stack([one(z[:, d], k) for d, k in enumerate(hits)], axis=1).sum(axis=1)

    return Known((f,), dim, np.zeros((1, dim))), expected


def funnel() -> tuple[Known, float]:
    """Two directions whose width hangs on a third, on both sides of the prior's."""

    def f(z: np.ndarray) -> np.ndarray:
        precision = np.exp(2.0 * z[:, 0])
        result: np.ndarray = -0.5 * precision * (z[:, 1] ** 2 + z[:, 2] ** 2)
        return result

    x, w = np.polynomial.hermite_e.hermegauss(200)
    # each direction integrates to (1 + precision) ** -1/2
    expected = math.log(float((w / w.sum()) @ (1.0 / (1.0 + np.exp(2.0 * x)))))
    return Known((f,), 3, np.zeros((1, 3))), expected


CASES: dict[str, tuple[Known, float]] = {
    "two, 3": two(3),
    "two, 8": two(8),
    "products, 6": products(6, 40),
    "products, 12": products(12, 3),
    "products, 2": products(2, 100_000),
    "funnel": funnel(),
}


@pytest.mark.parametrize("which", list(CASES))
def test_known_integrals(which: str) -> None:
    problem, expected = CASES[which]
    got = integrate(problem)
    assert abs(got.value[0] - expected) / LN10 < 0.01
    assert got.error[0] <= IntegratorSettings().limit


@pytest.mark.parametrize("which", ["two, 3", "products, 6", "funnel"])
def test_errors_are_honest_over_seeds(which: str) -> None:
    """Twenty randomisations: deviations from the truth in units of the stated error."""
    problem, expected = CASES[which]
    few = IntegratorSettings(tolerance=1.0, limit=1.0, points=(257,))
    found = [integrate(problem, replace(few, random_seed=s)) for s in range(20)]
    gap = np.array([(f.value[0] - expected) / LN10 for f in found])
    error = np.array([f.error[0] for f in found])
    # stated from eight randomisations, and never less than the largest weight's share
    assert np.abs(gap / error).max() < 5.0
    assert math.sqrt(np.mean((gap / error) ** 2)) < 1.5
    assert np.median(error) < 0.05


def test_more_points_narrow_the_error() -> None:
    problem, _ = CASES["products, 6"]
    errors = [
        integrate(problem, IntegratorSettings(tolerance=1.0, limit=1.0, points=(n,))).error[0]
        for n in (127, 4093)
    ]
    assert errors[1] < errors[0] / 3.0


def test_rows_share_a_proposal_and_each_has_its_own_integral() -> None:
    """The last row lies elsewhere altogether: it finds a proposal of its own."""
    centers = [np.full(4, x) for x in (0.0, 0.1, 0.2, -3.5)]
    problem = Known(tuple(bump(c, 0.2) for c in centers), 4, np.array([np.zeros(4)]))
    got = integrate(problem)
    expected = [bump_integral(c, 0.2) for c in centers]
    np.testing.assert_allclose(got.value, expected, atol=0.01 * LN10)


def test_rows_in_which_another_mode_counts_find_it() -> None:
    """What is drawn around the mode of the first row shows nothing of the other."""
    a, b, dim = np.full(5, 1.5), np.full(5, -2.5), 5

    def row(shift: float, log_other: float) -> tuple[Log, float]:
        one, other = bump(a + shift, 0.1), bump(b, 0.1)
        f: Log = lambda z: np.logaddexp(one(z), log_other + other(z))  # noqa: E731
        parts = [bump_integral(a + shift, 0.1), log_other + bump_integral(b, 0.1)]
        return f, float(logsumexp(parts))

    cases = [row(0.0, -60.0), row(0.1, -60.0), row(0.1, 10.0), row(-0.1, 14.0)]
    problem = Known(tuple(f for f, _ in cases), dim, np.array([a, b]))
    got = integrate(problem, DRAFT)
    gap = (got.value - [x for _, x in cases]) / LN10
    assert np.abs(gap).max() < 0.05
    assert (np.abs(gap) < 4.0 * np.maximum(got.error, 1e-4)).all()


def test_what_goes_round_a_corner_has_a_component() -> None:
    """Where either of two shares will do, both arms are drawn; a round bell needs nothing."""

    def either(z: np.ndarray) -> np.ndarray:
        p, q = expit(2.0 * z[:, 0] - 6.0), expit(2.0 * z[:, 1] - 6.0)
        result: np.ndarray = 3.0 * np.log(p + q - p * q) - 0.5 * (z * z).sum(axis=1)
        return result

    place, root = np.array([2.4, 0.2, 0.0]), np.diag([0.4, 0.9, 1.0])
    (component,) = bent(either, place, root, [(0, 1)])
    arms = np.array([[2.4, 0.2, 0.0], [0.2, 2.4, 0.0], [1.8, 1.8, 0.0]])
    assert np.ptp(either(arms) - component.log_density(arms)) < 3.0
    alone = fit_lines(either, place, root).log_density(arms)
    assert np.ptp(either(arms) - alone) > 3.5
    assert bent(lambda z: -0.5 * (z * z).sum(axis=1), np.zeros(3), np.eye(3), [(0, 1)]) == []


def test_more_points_of_a_proposal_count_even_if_they_state_more() -> None:
    """Few that miss what is rare state less; a worse proposal is not taken for a better one."""
    problem = Known((lambda z: z[:, 0],), 1, np.zeros((1, 1)))
    search, one, mine = _Search(problem, DRAFT, keep=False), np.arange(1), object()

    def weigh(points: int, spread: float, proposal: object) -> tuple[float, float]:
        which = np.repeat(np.arange(4), points)
        z = spread * np.sin(np.arange(4.0 * points))[:, None]
        search._weigh(z, np.zeros(4 * points), which, one, proposal=proposal)
        return float(search.value[0]), float(search.error[0])

    first = weigh(50, 0.3, mine)
    assert weigh(100, 3.0, object()) == first
    more = weigh(100, 3.0, mine)
    assert more[0] != first[0]
    assert more[1] > 1.5 * first[1]
    assert weigh(100_000, 0.0, mine)[1] >= more[1] * 100 / 100_000 * 0.99


def test_posterior_means() -> None:
    """Of a bump: its centre, shrunk to the prior's."""
    center = np.array([1.0, -2.0])
    problem = Known((bump(center, 0.5),), 2, np.zeros((1, 2)), wanted=lambda z: z)
    got = integrate(problem)
    assert got.means is not None
    np.testing.assert_allclose(got.means[0], center / 1.5, atol=0.02)


def test_nothing_to_integrate() -> None:
    problem = Known((lambda z: np.full(len(z), -1.5),), 0, np.zeros((1, 0)))
    got = integrate(problem)
    assert got.value.tolist() == [-1.5]
    assert got.error.tolist() == [0.0]
    assert not got.slow.any()


def test_an_integral_of_nothing() -> None:
    problem = Known((lambda z: np.full(len(z), -2000.0) + z[:, 0],), 2, np.zeros((1, 2)))
    assert integrate(problem).value[0] == pytest.approx(-1999.5, abs=0.01)


def ridge() -> tuple[Known, float]:
    """A curved ridge that no ellipsoid fits."""

    def f(z: np.ndarray) -> np.ndarray:
        bent = z[:, 1] - (z[:, 0] ** 2 - 1.0)
        result: np.ndarray = -0.5 * bent**2 / 0.002
        return result

    x, w = np.polynomial.hermite_e.hermegauss(250)
    var = 1.002
    inner = 0.5 * math.log(0.002 / var) - 0.5 * (x * x - 1.0) ** 2 / var
    starts = np.array([[0.0, -1.0], [1.0, 0.0], [-1.0, 0.0]])
    return Known((f,), 2, starts), float(logsumexp(inner, b=w / w.sum()))


def test_the_slower_road() -> None:
    """Where few points do not do it is said that it was slow, and still it is right."""
    problem, expected = ridge()
    settings = IntegratorSettings(points=(127, 509))
    found = [integrate(problem, replace(settings, random_seed=s)) for s in range(6)]
    assert any(f.slow[0] for f in found)
    for f in found:
        assert abs(f.value[0] - expected) / LN10 < max(0.01, 4.0 * f.error[0])
        assert f.error[0] < 0.08


def test_one_size_of_points_is_enough() -> None:
    problem, expected = CASES["funnel"]
    got = integrate(problem, IntegratorSettings(tolerance=0.0, points=(1021,)))
    assert abs(got.value[0] - expected) / LN10 < 0.02


def test_the_same_seed_gives_the_same_number() -> None:
    problem, _ = CASES["funnel"]
    one, two_, other = (integrate(problem, IntegratorSettings(random_seed=s)) for s in (1, 1, 2))
    assert one.value[0] == two_.value[0]
    assert one.value[0] != other.value[0]
