"""Many like victims: the sum over how many are linked, against every state and the reference."""

from __future__ import annotations

import math
import tracemalloc
from typing import Any, ClassVar

import numpy as np
import pytest

from causation.case import Case, fill
from causation.inference import counting
from causation.inference.counting import Plan, Stand
from causation.inference.evaluate import Answer, evaluate
from causation.inference.evaluation import Evaluation
from causation.inference.factors import log_mean
from causation.inference.integrate import IntegratorSettings, integrate
from causation.inference.laws import Law, is_large, power_means
from causation.inference.problem import RouteProblem
from causation.inference.quadrature import Accuracy
from causation.inference.roles import find_roles
from causation.inference.spreading import Many
from causation.model.routes import VAGUE
from causation.model.structure import build_model
from causation.scales import Z90
from tests.benchmarks.engine import FIELDS, made
from tests.evidence.small import case
from tests.inference.comparing import Compared

LN10 = math.log(10.0)
AGAINST = {"id": "g", "count": 45, "disclosed": ["real_name"], "not_disclosed": ["phone"]}
LIKE = {"id": "g", "count": 45, "disclosed": ["phone", "real_name"]}


def gap(one: Answer, other: Answer) -> float:
    """Largest difference in bans."""
    return float(np.abs(one.log_evidence - other.log_evidence).max()) / LN10


@pytest.mark.parametrize(
    "entry",
    [LIKE, AGAINST, AGAINST | {"linkage": 0.6}, LIKE | {"traits": {"handle_reuse": 0.7}}],
)
def test_against_the_sum_over_every_state(entry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who supplied what and who is linked too."""
    other = {"id": "h", "count": 2, "disclosed": ["phone"]}
    model = build_model(fill(case(entry, other)))
    for name in ("MOST_STATES", "MOST_TERMS"):
        monkeypatch.setattr(counting, name, 5000)
    monkeypatch.setattr("causation.inference.laws._MANY", 5000)
    exact = evaluate(model)
    parts = find_roles(model, exact)
    monkeypatch.undo()
    monkeypatch.setattr(counting, "MOST_STATES", 1)
    monkeypatch.setattr("causation.inference.spreading.MOST_STATES", 5000)
    mine = evaluate(model)
    assert gap(mine, exact) < 2e-4
    np.testing.assert_allclose(mine.credit, exact.credit, atol=1e-4)
    found = find_roles(model, mine)
    for g in ("g", "h"):
        assert found.linked[g] == pytest.approx(parts.linked[g], abs=1e-4)
        assert found.victims[g] == pytest.approx(parts.victims[g], abs=1e-4)


@pytest.mark.parametrize(
    ("count", "entry"),
    [(1_000_000, LIKE), (100_000, LIKE | {"linkage": 0.9})],
)
def test_against_the_sampler(count: int, entry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(fill(case(entry | {"count": count})))
    mine = evaluate(model)
    assert mine.error.max() < 2.5e-3
    again = evaluate(model, settings=IntegratorSettings(random_seed=1))
    np.testing.assert_array_equal(mine.log_evidence, again.log_evidence)
    monkeypatch.setattr(Many, "of", classmethod(lambda *_: None))
    theirs = evaluate(model)
    far = np.abs(mine.log_evidence - theirs.log_evidence) / LN10
    assert (far < 4.0 * np.hypot(mine.error, theirs.error) + 1e-9).all()


@pytest.mark.parametrize("count", [3000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_every_route_against_finer_nodes(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those far behind too: shares that all published lie far off what is known of them."""
    entry = {"id": "g", "count": count, "disclosed": [*FIELDS[:2]]}
    model = made([entry])

    def integrals() -> tuple[np.ndarray, np.ndarray]:
        e = Evaluation(model, model.base(), IntegratorSettings())
        every = [e.victims(r, "") for r in model.routes]
        return np.array([x[0][0] for x in every]), np.array([x[1][0] for x in every])

    mine, error = integrals()
    assert error.max() < 2.5e-3
    monkeypatch.setattr(Evaluation, "accuracy", Accuracy(0.7, 6.0))
    monkeypatch.setattr("causation.inference.laws._MOST_NODES", 1000)
    monkeypatch.setattr("causation.inference.spreading._SpreadNest.most", math.inf)
    finer, _ = integrals()
    assert (np.abs(mine - finer) / LN10 < error).all()


@pytest.mark.parametrize("count", [3000, 1_000_000])
def test_fields_withheld_of_many_against_the_sampler(count: int) -> None:
    """One source at a time is summed; chains are sampled."""
    model = build_model(fill(case(AGAINST | {"count": count})))
    e = Evaluation(model, model.base(), IntegratorSettings())
    value, error, _ = e.victims(VAGUE, "")
    problem = RouteProblem(e.density(VAGUE, ""), e.rows.center, e.rows.sd, e.log_b)
    theirs = integrate(problem, IntegratorSettings(random_seed=5, tolerance=1e-3))
    assert error[0] < 0.0025
    assert not theirs.slow[0]
    assert abs(value[0] - theirs.value[0]) / LN10 < 4.0 * math.hypot(error[0], theirs.error[0])


@pytest.mark.slow
@pytest.mark.parametrize("entry", [LIKE, AGAINST])
def test_against_the_reference(entry: Any) -> None:
    Compared(case(entry | {"count": 3000})).check_evidence()


def test_rows_of_a_batch_are_those_alone() -> None:
    model = build_model(fill(case(LIKE | {"count": 5000})))
    rows = model.rows([{}, {"sources.forum.correlation": 0.3}, {"actor.linkage": (0.2, 0.5)}])
    whole = evaluate(model, rows)
    for i in range(3):
        one = evaluate(model, rows.take([i]))
        far = np.abs(whole.log_evidence[i] - one.log_evidence[0]) / LN10
        assert (far < 2.0 * np.hypot(whole.error[i], one.error[0])).all()


def test_several_large_sorts_are_left_to_the_sampler() -> None:
    model = build_model(fill(case(LIKE | {"count": 9000}, AGAINST | {"id": "h", "count": 9000})))
    e = Evaluation(model, model.base(), IntegratorSettings())
    stand = Stand.of(e.series, model.routes[0])
    assert Many.of(e.series, stand, frozenset({"fields"})) is None
    assert Plan.of(e.series, stand, frozenset({"fields"})) is None


def test_counts_between_whole_numbers_are_large() -> None:
    assert is_large((((0,), (), 2.5, 0),))
    assert is_large((((0,), (), 1, 300),))
    assert not is_large((((0,), (), 3, 2),))


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(300_000, 0.3, 0.4), (3000, 0.05, 0.06), (10_000_000, 0.9, 0.901), (300, 1e-6, 2e-6),
     (1000, 0.2, 0.6)],
)  # fmt: skip
def test_powers_of_a_narrow_share_peak_far_out(count: int, low: float, high: float) -> None:
    """E[h**n], against a fine grid over thirteen thousand deviations and more."""
    ends = [math.log(p / (1.0 - p)) for p in (low, high)]
    center, sd = sum(ends) / 2.0, (ends[1] - ends[0]) / (2.0 * Z90)
    z = np.linspace(-10.0, 20_000.0, 2_000_001)
    f = -count * np.logaddexp(0.0, -(center + sd * z)) - 0.5 * z * z
    exact = np.logaddexp.reduce(f) + math.log((z[1] - z[0]) / math.sqrt(2.0 * math.pi))

    class Rules:
        kept: ClassVar[dict[Any, Any]] = {}
        nodes = staticmethod(lambda *_: pytest.fail("the peak lies beyond these"))

    def terms(x: np.ndarray) -> np.ndarray:
        found: np.ndarray = -np.logaddexp(0.0, -(center + sd * x))
        return found[None, :, None]

    found, _ = log_mean(Rules(), terms, np.array([[float(count)]]))  # type: ignore[arg-type]
    assert found[0, 0] == pytest.approx(exact, abs=1e-4)


def test_who_had_so_many_users_is_not_found_for_want_of_reach() -> None:
    """All of 300 000 are users: likelier by chance than by a source that has .9929 of them."""
    model = build_model(fill(Case.model_validate({
        "schema": 2, "id": "many", "jurisdiction": "none", "standard": 0.75,
        "incident_date": "2023-10-02", "proposition": ["shop"], "routes": "single",
        "sources": {
            "shop": {"kind": "custodian", "holds": ["phone"], "membership": 0.9929, "misfit": 0.0},
            "osint": {"kind": "inference"}, "unknown": {"kind": "residual"},
        },
        "actor": {"users": {"shop": [0.3, 0.4]}, "linkage": 0.999},
        "victims": [
            {"id": "plaintiff", "plaintiff": True, "disclosed": ["phone"]},
            {"id": "g", "count": 300_000, "disclosed": ["phone"], "users_of": ["shop"],
             "known_by": "exposure"},
        ],
    })))  # fmt: skip
    assert evaluate(model).probability[0] < 1e-100


def test_what_cannot_be_in_some_states_is_likelier_nowhere() -> None:
    """A source whose data are too old gave nothing, whatever is summed over around a million."""
    tree = {
        "schema": 2, "id": "nothing", "jurisdiction": "jp", "proposition": ["old"],
        "incident_date": "2023-11", "exhaustive": True,
        "sources": {
            "old": {"kind": "custodian", "holds": [], "age": 399.0, "misfit": 0},
            "library": {"kind": "leaked_library", "correlation": 0.924, "misfit": 0,
                        "loadings": {"bank_account": 0}},
        },
        "victims": [
            {"id": "v0", "plaintiff": True, "disclosed": ["bank_account"],
             "dates": {"bank_account": {"since": "2023-09-01"}}},
            {"id": "v1", "count": 10**6, "disclosed": ["home_address", "bank_account"],
             "linkage": [0.3, 0.63], "known_by": "exposure"},
        ],
    }  # fmt: skip
    model = build_model(fill(Case.model_validate(tree)))
    answer = evaluate(model)
    with np.errstate(all="raise", under="ignore"):
        roles = find_roles(model, answer)
    assert roles.supplied["old"] == {"bank_account": pytest.approx(0.0, abs=1e-9)}
    assert answer.posterior[0, model.route_names.index("old/library")] > 0.01
    assert roles.supplied["library"] == {"bank_account": pytest.approx(1.0, abs=1e-9)}


def test_many_numbers_of_many_rows_are_not_raised_at_once() -> None:
    nodes = np.linspace(-4.0, 4.0, 200)
    share = np.tile(1.0 / (1.0 + np.exp(-nodes)), (20, 1))
    weight = np.full((20, 3, 200), 1.0 / 200.0)
    law = Law((share,), (1.0 - share,), weight, regular=False)
    tracemalloc.start()
    value, log_scale, _ = power_means([law, law], (0, 0), np.arange(1.0, 41.0), None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e8  # of 256 million bytes that all of them take, several times over
    has = 1.0 - (1.0 - share[0])[:, None] * (1.0 - share[0])
    for k in (0, 39):
        expected = np.log((has ** (k + 1.0)).mean())
        assert np.log(value[7, k, 1, 2]) + log_scale[7, k] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("linkage", [0.003, 0.01, 0.05])
def test_who_supplied_one_of_many_of_whom_hardly_any_is_linked(linkage: float) -> None:
    """Of none of them too: that number is one of those between which sums are interpolated."""
    first, second, omega, background = 0.3, 0.7, 0.8, (5.0, 5.0, 0.3)
    tree = {
        "schema": 2, "id": "many", "jurisdiction": "none", "standard": 0.75,
        "exhaustive": True, "routes": {"a/b": 0.6, "b/a": 0},
        "proposition": {"source": "b", "role": "role", "victim": "g"},
        "sources": {
            "a": {"kind": "custodian", "disclosure": {"phone": first, "email": 0.6}, "misfit": 0},
            "b": {"kind": "leaked_library", "disclosure": {"phone": second, "email": 0.25},
                  "misfit": 0},
        },
        "actor": {"publishes": omega, "linkage": linkage},
        "background": dict(zip(("a", "b", "a/b"), background, strict=True)),
        "victims": [
            {"id": "p", "plaintiff": True, "disclosed": ["email"]},
            {"id": "g", "count": 70, "disclosed": ["phone"], "known_by": "exposure"},
        ],
    }  # fmt: skip
    model = build_model(fill(Case.model_validate(tree)))
    either = 1.0 - (1.0 - first) * (1.0 - second)
    of_routes = background[0] * first, background[1] * second, background[2] * either
    stranger = omega * sum(of_routes) / sum(background)
    linked = linkage * omega * either
    linked /= linked + (1.0 - linkage) * stranger
    apart = (of_routes[1] + background[2] * second) / sum(of_routes)
    credit = float(evaluate(model).credit[0, model.route_names.index("a/b")])
    assert credit == pytest.approx(linked * second / either + (1.0 - linked) * apart, abs=1e-5)
