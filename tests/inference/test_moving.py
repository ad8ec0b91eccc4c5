"""Rows that share what was found for the first: moved proposals, and victims who are left out."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.redrawn import redrawn_rows
from causation.inference.counting import beyond_states, states_in
from causation.inference.evaluate import evaluate
from causation.inference.evaluation import Evaluation
from causation.inference.integrate import DRAFT, IntegratorSettings, _Search, integrate
from causation.inference.problem import RouteProblem
from causation.model.structure import Model, build_model
from tests.benchmarks.many import table
from tests.inference.test_integrate import LN10, Known, bump, bump_integral


def test_a_moved_proposal_finds_two_modes_of_every_row() -> None:
    """Two bumps that stand elsewhere in every row, of another weight: closed form."""

    def pair(shift: float, weight: float) -> tuple[Known, float]:
        first, second = np.array([2.0 + shift, 1.0]), np.array([-2.0, shift])
        f, g = bump(first, 0.1), bump(second, 0.2)
        whole = np.logaddexp(bump_integral(first, 0.1), weight + bump_integral(second, 0.2))
        return lambda z: np.logaddexp(f(z), weight + g(z)), whole  # type: ignore[return-value]

    rows = [pair(s, w) for s, w in ((0.0, 0.0), (0.5, 1.0), (-0.7, -1.5), (1.1, 2.0))]
    starts = np.array([[2.0, 1.0], [-2.0, 0.0]])
    got = integrate(Known(tuple(f for f, _ in rows), 2, starts))  # type: ignore[misc]
    np.testing.assert_allclose(got.value, [x for _, x in rows], atol=0.02 * LN10)
    assert (np.abs(got.value - [x for _, x in rows]) / LN10 < 5.0 * got.error + 1e-6).all()


@pytest.fixture(scope="module")
def model() -> Model:
    return build_model(table(11, dated=True))


def test_victims_left_out_are_sampled_with_the_others(model: Model) -> None:
    """As if each were a case of its own, for what is sampled."""
    rows = model.without([[], ["victims.g2"], ["victims.g4", "victims.g7"]])
    assert beyond_states(Evaluation(model, model.base(), DRAFT).series)
    together = evaluate(model, rows)
    for n in range(len(rows)):
        alone = evaluate(model, rows.take(np.array([n])))
        gap = (together.log_evidence[n] - alone.log_evidence[0]) / LN10
        error = np.hypot(together.error[n], alone.error[0])
        assert (np.abs(gap) <= 5.0 * error + 1e-6).all()
        assert error.max() < 0.03
        assert abs(together.credit[n] - alone.credit[0]).max() < 0.02


def test_numbers_of_rows_without_dates_do_not_hang_on_who_has_some(model: Model) -> None:
    """Victims with and without dates are computed apart: the same as together."""
    e = Evaluation(model, model.base(), IntegratorSettings())
    place = next(z for z, r in enumerate(model.routes) if r.name == "platform/library")
    density = e.density(model.routes[place], model.reach_of[place])
    z = np.random.default_rng(1).standard_normal((1, 40, density.dim))
    at = density.at(z, e.rows.center[:, None], e.rows.sd[:, None])
    weight, log_l = density.log_l(at)
    assert density.parts
    whole = density.mix(at, log_l, e.log_b[:, None], states=True)
    expected = np.logaddexp.reduce(weight + whole, axis=-1)
    np.testing.assert_allclose(density.log_total(at, e.log_b[:, None]), expected, rtol=1e-12)


def test_rows_that_are_searched_together_are_as_each_by_itself(model: Model) -> None:
    rows = redrawn_rows(model, 1.0, 5, random_seed=1)
    e = Evaluation(model, rows, IntegratorSettings())
    z = next(i for i, r in enumerate(model.routes) if len(r.sources) == 2)
    density = e.density(model.routes[z], model.reach_of[z])
    problem, every = RouteProblem(density, rows.center, rows.sd, e.log_b), np.arange(5)
    axis = problem.axis
    assert axis is not None
    search = _Search(problem, DRAFT, keep=False)
    whole = search._mixtures(every, problem.starts(every))
    sliced = search._sliced([m for _, m in whole], every, axis)
    for row, (modes, mixture), slices in zip(every, whole, sliced, strict=True):
        ((alone, mine),) = search._mixtures(np.array([row]), problem.starts(np.array([row])))
        (by_itself,) = search._sliced([mine], np.array([row]), axis)
        np.testing.assert_allclose(modes.place, alone.place, atol=1e-7)
        np.testing.assert_allclose(modes.root, alone.root, atol=1e-6)
        np.testing.assert_allclose(mixture.share, mine.share, atol=1e-6)
        for one, other in zip(slices.components, by_itself.components, strict=True):
            np.testing.assert_allclose(one.place, other.place, atol=1e-5)
            np.testing.assert_allclose(one.root, other.root, atol=1e-5)


@pytest.mark.filterwarnings("error")
def test_more_states_than_any_double_holds_are_too_many_without_a_warning() -> None:
    assert states_in(np.full(200, 5000.0)) == np.inf
    assert states_in(np.array([2.0, 4.0])) == 15.0
    assert states_in(np.empty(0)) == 1.0
