"""Many unlike victims: shared terms, proposals that are kept, and what needs no accuracy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causation.inference.evaluate import Answer, evaluate
from causation.inference.evaluation import Evaluation
from causation.inference.integrate import DRAFT, IntegratorSettings, integrate
from causation.inference.memo import Memo
from causation.inference.pooled import Pooled
from causation.inference.problem import RouteProblem
from causation.model.density import Density
from causation.model.structure import Model, build_model
from tests.benchmarks.engine import different, made
from tests.benchmarks.many import table
from tests.inference.test_integrate import LN10, Known, bump, bump_integral


@pytest.fixture(scope="module")
def model() -> Model:
    return different(12)


def listed() -> Model:
    """Victims on lists by any of several fields, some no users, some by attempt of nobody."""
    entries: list[dict[str, Any]] = [
        {
            "id": f"g{i}",
            "disclosed": ["phone", "real_name"][: 1 + i % 2],
            "not_disclosed": ["home_address"] if i % 3 else [],
            **({"not_users_of": ["shop"]} if i % 4 == 1 else {}),
            "traits": {"anonymous": 0.3} if i % 2 else {},
            **({"linkage": 0.9} if i % 5 else {}),
            "known_by": {"published_any": ["phone", "home_address"]},
        }
        for i in range(12)
    ]
    return made(entries)


@pytest.mark.parametrize("case", [lambda: different(12), lambda: build_model(table(12)), listed])
def test_terms_that_victims_share_sum_to_the_same(case: Any) -> None:
    """Values, gradients and several series, against each victim's terms by themselves."""
    m = case()
    e = Evaluation(m, m.base(), IntegratorSettings())
    rng = np.random.default_rng(1)
    one = np.array([0])
    for z, route in enumerate(m.routes):
        mine = e.density(route, m.reach_of[z])
        assert mine.atoms is not None
        plain = Density(mine.places, mine.series, mine.route, mine.reach)
        ours, theirs = (RouteProblem(d, e.rows.center, e.rows.sd, e.log_b) for d in (mine, plain))
        points = 1.5 * rng.standard_normal((20, mine.dim))
        np.testing.assert_allclose(
            ours.log_likelihood(points, one), theirs.log_likelihood(points, one), rtol=1e-11
        )
        linked = rng.random((20, mine.uncertain.size)) < 0.5
        for given in (None, linked[None]):
            pair = (p.gradients(points[None], one, given) for p in (ours, theirs))
            for got, expected in zip(*pair, strict=True):
                np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)
        count = mine.series.count * (rng.random((3, len(mine.series.count))) < 0.7)
        center, sd, log_b = (np.repeat(x, 3, axis=0) for x in (e.rows.center, e.rows.sd, e.log_b))
        own = points[:18].reshape(3, 6, mine.dim)
        pair = (
            RouteProblem(d, center, sd, log_b, count=count).gradients(own, np.arange(3))
            for d in (mine, plain)
        )
        for got, expected in zip(*pair, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)
        several = [
            d.log_total(p._at(points, one), e.log_b[:, None], count=count)
            for d, p in ((mine, ours), (plain, theirs))
        ]
        np.testing.assert_allclose(several[0], several[1], rtol=1e-11)
        assert (
            mine.read(e.rows.center, e.rows.sd).tolist()
            == plain.read(e.rows.center, e.rows.sd).tolist()
        )


def test_few_victims_and_those_with_dates_are_as_they_were() -> None:
    few, dated = different(5), build_model(table(12, dated=True))
    for m in (few, dated):
        e = Evaluation(m, m.base(), IntegratorSettings())
        whole = e.density(m.routes[0], m.reach_of[0])
        assert isinstance(whole, Pooled)
        assert whole.atoms is None


def agree(one: Answer, other: Answer, by: float = 5.0) -> None:
    gap = np.abs(one.log_evidence - other.log_evidence) / LN10
    assert (gap <= by * np.hypot(one.error, other.error) + 1e-6).all()
    assert np.abs(one.probability - other.probability).max() < 0.02


def test_rows_from_kept_proposals_are_as_by_themselves(model: Model) -> None:
    """Without some victims, with one number moved, with all, and with another randomisation."""
    memo, settings = Memo(), DRAFT
    evaluate(model, settings=settings, memo=memo)
    assert memo.origins
    assert memo.evidence is not None
    rng = np.random.default_rng(3)
    moved = model.rows([{"sources.shop.disclosure.phone": 0.2}, {}])
    moved.center[1] += 0.4 * rng.standard_normal(moved.center.shape[1]) * (moved.sd[1] > 0.0)
    again = replace(settings, random_seed=7)
    for rows in (model.without([["victims.g4", "victims.g7"]]), moved):
        kept = evaluate(model, rows, settings=again, memo=memo)
        for n in range(len(rows)):
            alone = evaluate(model, rows.take(np.array([n])), settings=settings)
            agree(evaluate_row(kept, n), alone)


@pytest.mark.slow
def test_families_of_rows_without_a_trait_are_sampled_together(model: Model) -> None:
    """Each lacks other victims: as by themselves, and whom the proposition is about is found."""
    traits = [i.id for i in model.items if ".traits." in i.id]
    groups = [["victims.g1"], ["victims.g2", "victims.g3"]]
    rows = model.without([[], *([*traits, *g] for g in groups)])
    memo = Memo()
    evaluate(model, settings=DRAFT, memo=memo)
    together = evaluate(model, rows, settings=DRAFT, memo=memo)
    for n in (1, 2):
        alone = evaluate(model, rows.take(np.array([n])), settings=DRAFT)
        agree(evaluate_row(together, n), alone)
        assert np.abs(together.credit[n] - alone.credit[0]).max() < 0.02


def evaluate_row(answer: Answer, n: int) -> Answer:
    names = ("log_prior", "log_evidence", "error", "credit", "slow")
    return replace(answer, **{name: getattr(answer, name)[n : n + 1] for name in names})


@pytest.mark.slow
def test_another_model_starts_from_the_proposals_of_this(model: Model) -> None:
    memo = Memo()
    evaluate(model, settings=DRAFT, memo=memo)
    case = model.filled.case.replace({"actor.publishes": 0.6, "sources.shop.correlation": 0.3})
    other = build_model(case)
    child = Memo(memo)
    agree(evaluate(other, settings=DRAFT, memo=child), evaluate(other, settings=DRAFT))
    assert child.origins


def test_what_lies_far_behind_needs_no_accuracy() -> None:
    """Of two bumps one adds next to nothing to what it is added to: its points stay few."""
    place = np.full(6, 1.0)
    target, seen = bump(place, 0.05), []

    def counted(z: np.ndarray) -> np.ndarray:
        seen.append(len(z))
        return target(z)

    known, exact = Known((counted,), 6, place[None]), bump_integral(place, 0.05)
    settings = IntegratorSettings(tolerance=1e-7, limit=2e-7, others=1e-7, points=(61, 257, 1021))
    spent = []
    for beside in (-np.inf, exact + 12.0 * LN10):
        seen.clear()
        got = integrate(known, settings, beside=np.array([beside]))
        spent.append(sum(seen))
        assert abs(got.value[0] - exact) / LN10 < 5.0 * got.error[0] + 1e-6
    assert spent[1] < 0.5 * spent[0]


def test_the_less_a_route_weighs_the_larger_its_error_may_be() -> None:
    """But never in the answer for the case as it is."""
    memo, model = Memo(), different(40)
    first = evaluate(model, memo=memo)
    again = evaluate(model, settings=IntegratorSettings(random_seed=5), memo=memo)
    e = Evaluation(model, model.without([["victims.g2"]]), DRAFT, memo=(memo, ()))
    asked = {r.name: e._eased(r).others for r in model.routes if not r.vague}
    heaviest = model.routes[int(np.argmax(first.posterior[0][:-1]))].name
    assert asked[heaviest] == min(asked.values())
    assert DRAFT.others <= min(asked.values()) <= max(asked.values()) <= 2.0 * DRAFT.others
    assert again.error.max() < 0.01


@pytest.mark.parametrize("ahead", [-np.inf, 0.0])
def test_mass_that_lies_elsewhere_without_some_is_found(ahead: float) -> None:
    """Kept points that miss it say nothing: neither refitted nor taken for far behind."""
    there, here = np.full(9, -4.0), np.full(9, 4.0)
    origin = integrate(Known((bump(there, 0.005),), 9, there[None]), DRAFT, keep=True).origin
    exact = bump_integral(here, 0.005)
    moved = Known((bump(here, 0.005),), 9, here[None])
    home, beside = np.array([True]), np.array([exact + ahead])
    got = integrate(moved, DRAFT, origin=origin, home=home, beside=beside)
    assert abs(got.value[0] - exact) / LN10 < 0.05


def test_rows_without_thousands_are_not_left_with_points_that_miss_their_mass() -> None:
    """Two sorts of thousands who contradict each other: without one, 13 bans were missed."""
    name, numbers = "real_name", ["id_number", "real_name"]
    rows: list[tuple[int, list[str], list[str], Any, Any]] = [
        (1, [name, "phone"], ["email", "home_address", "id_number"], 0.999, numbers),
        (1, ["phone", "email", name], ["account_link"], 0.3, None),
        (2, ["account_link", "id_number"], [], None, None),
        (10000, ["account_link"], [name, "phone", "home_address"], None, None),
        (5000, ["home_address", "phone", name], ["id_number", "account_link", "email"], 0.999,
         ["home_address", "id_number"]),
        (30, ["id_number"], [name, "account_link"], None, None),
        (30, ["phone", "email"], ["id_number"], None, None),
        (30, [name], ["phone"], 0.5, numbers),
        (1, ["phone", "email", "account_link"], ["home_address", name, "id_number"], None,
         ["id_number", "phone"]),
    ]  # fmt: skip
    entries = [
        {"id": f"g{i}", "count": n, "disclosed": shown, "not_disclosed": hidden,
         "traits": {"anonymous": i not in (1, 2, 8)},
         **({} if linked is None else {"linkage": linked}),
         **({} if any_of is None else {"known_by": {"published_any": any_of}})}
        for i, (n, shown, hidden, linked, any_of) in enumerate(rows)
    ]  # fmt: skip
    changes = {
        "sources.shop.correlation": 0.95, "actor.publishes": [0.01, 0.9],
        "actor.linkage": [0.01, 0.999], "sources.shop.disclosure": {
            "account_link": 0.999, "phone": [0.3, 0.9], name: [1e-6, 0.999],
            "email": [0.001, 0.999], "home_address": [1e-4, 0.01], "id_number": [0.01, 0.3]},
    }  # fmt: skip
    m, memo = build_model(made(entries).filled.case.replace(changes)), Memo()
    evaluate(m, settings=DRAFT, memo=memo)
    without = m.without([["victims.g3"], ["victims.g4"]])
    kept = evaluate(m, without, settings=DRAFT, memo=memo)
    alone = evaluate(m, without.take(np.array([1])), settings=DRAFT)
    agree(evaluate_row(kept, 1), alone)
