"""Lists by any of several fields, expanded: against sums, enumeration, sampler and reference."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from causation.case import fill
from causation.evidence.fields import FieldFacts
from causation.evidence.listing import are_apart, clauses_of, ways_of
from causation.inference import evaluation
from causation.inference.counting import Plan, Stand
from causation.inference.evaluate import evaluate
from causation.inference.evaluation import Evaluation
from causation.inference.integrate import IntegratorSettings
from causation.inference.interpolation import rule_of
from causation.inference.listed import log_ways, series_of
from causation.inference.nested import additive_kinds
from causation.inference.quadrature import Accuracy
from causation.inference.roles import find_roles
from causation.inference.spreading import Many
from causation.model.structure import build_model
from tests.evidence.small import case, sources
from tests.inference.comparing import Compared
from tests.reference.random_cases import random_tree

LN10 = math.log(10.0)
ANY = {"published_any": ["phone", "real_name", "id_number"]}
BANK = {"kind": "custodian", "holds": ["phone", "real_name"]}


def listed(**given: Any) -> Any:
    """Two further victims on a list by any of three fields."""
    entry = {"id": "g", "count": 2, "disclosed": ["phone", "email"], "known_by": ANY}
    return case(entry | given, plaintiff={"not_disclosed": ["id_number"]})


CASES = {
    "two of three": listed(),
    "withheld": listed(not_disclosed=["real_name"], linkage=0.7),
    "no user": listed(not_users_of=["forum"]),
    "implied": case({"id": "g", "disclosed": ["id_photo", "phone"],
                     "known_by": {"published_all": ["phone", "real_name"]}}),
    "register": case(
        {"id": "g", "disclosed": ["phone", "real_name"], "known_by": ANY,
         "record": {"of": ["forum", "bank"], "agrees": ["phone"], "differs": ["real_name"]}},
        sources=sources(bank=BANK), routes={"forum/bank": 0.2}),
    "dates": case({"id": "g", "disclosed": ["phone", "email"], "posted": "2024-05-03",
                   "known_by": ANY, "dates": {"phone": {"since": "2023-06"}}}),
}  # fmt: skip


@pytest.mark.parametrize("most", [1.0, 3.0, 12.0, 64.0])
@pytest.mark.parametrize("fine", [False, True])
def test_terms_add_up(most: float, *, fine: bool) -> None:
    """``Z**-N`` for every number up to the largest, wherever `Z` lies."""
    terms = series_of(most, fine=fine)
    k, log_w = (np.concatenate(x) for x in zip(*terms.parts, strict=True))
    assert len(k) < 120 + 12 * most
    for n in {1.0, math.ceil(most / 2), most}:
        for z in (0.9, 0.5, 0.1, 0.01, 1e-3):
            log_f = log_w + log_ways(n, k) + n * math.log(z) + k * math.log1p(-z)
            whole = float(np.exp(log_f).sum())
            assert whole == pytest.approx(1.0, abs=2.0 * terms.off), (n, z)


@pytest.mark.parametrize(
    "facts",
    [
        FieldFacts(any_of=("a", "b", "c")),
        FieldFacts(all_of=("a",), any_of=("a", "b")),
        FieldFacts(all_of=("a", "b"), impliers=(("p", frozenset({"a", "b"})),)),
        FieldFacts(all_of=("a", "b"), any_of=("c", "d"), impliers=(("p", frozenset({"b", "c"})),)),
        FieldFacts(all_of=("a", "p"), impliers=(("p", frozenset({"a"})),)),
    ],
)
def test_clauses_against_every_pattern(facts: FieldFacts) -> None:
    chance = {"a": 0.3, "b": 0.6, "c": 0.2, "d": 0.45, "p": 0.5}
    expected = 0.0
    for pattern in itertools.product((False, True), repeat=len(chance)):
        out = {f for f, there in zip(chance, pattern, strict=True) if there}
        shown = out | {f for g, implied in facts.impliers if g in out for f in implied}
        if {*facts.all_of} <= shown and (not facts.any_of or shown & {*facts.any_of}):
            expected += math.prod(p if f in out else 1.0 - p for f, p in chance.items())
    found = sum(
        math.prod(chance[f] for f in shown) * math.prod(1.0 - chance[f] for f in hidden)
        for shown, hidden in ways_of(clauses_of(facts))
    )
    assert found == pytest.approx(expected, rel=1e-12)


def test_between_nodes_polynomials_are_exact() -> None:
    at = np.array([0.0, 0.3, 2.5, 6.9])
    np.testing.assert_allclose(rule_of(at, 8) @ np.arange(8.0) ** 5, at**5, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_against_the_sampler(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sampled; values are within stated errors of finer nodes' and the sampler's."""
    model = build_model(fill(CASES[name]))
    monkeypatch.setattr(evaluation, "integrate", None)
    monkeypatch.setattr("causation.inference.spreading._DEAR", (math.inf, 0.0))
    mine = evaluate(model)
    roles = find_roles(model, mine)
    assert mine.error.max() < 0.005
    monkeypatch.setattr(Evaluation, "accuracy", Accuracy(0.8, 5.5))
    monkeypatch.setattr("causation.inference.factors._SMOOTH", 0.0)
    finer = evaluate(model)
    off = np.abs(mine.log_evidence - finer.log_evidence) / LN10
    assert (off <= mine.error + 1e-9).all()
    monkeypatch.undo()
    monkeypatch.setattr(Plan, "of", classmethod(lambda *_: None))
    theirs = evaluate(model)
    assert (theirs.error > 1e-4).any()  # it was sampled
    gap = np.abs(mine.log_evidence - theirs.log_evidence) / LN10
    assert (gap < 4.0 * np.hypot(mine.error, theirs.error)).all()
    sampled = find_roles(model, theirs)
    for source, row in roles.supplied.items():
        for field, chance in row.items():
            assert chance == pytest.approx(sampled.supplied[source][field], abs=0.01)


def test_rows_of_a_batch_are_those_alone() -> None:
    model = build_model(fill(listed()))
    rows = model.rows([{}, {"sources.forum.correlation": 0.3}, {"actor.publishes": (0.2, 0.5)}])
    whole = evaluate(model, rows)
    for i in range(3):
        one = evaluate(model, rows.take([i]))
        far = np.abs(whole.log_evidence[i] - one.log_evidence[0]) / LN10
        assert (far < 2.0 * np.hypot(whole.error[i], one.error[0])).all()


def test_numbers_below_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mass where a dozen values are published of hardly anybody: it was lost, unnoticed."""
    shop = {
        "kind": "custodian",
        "holds": ["account_link", "phone", "email", "home_address"],
        "disclosure": {"account_link": 0.001, "phone": [0.001, 0.9], "email": [0.05, 0.6],
                       "home_address": 0.001},
        "correlation": 0.01,
    }  # fmt: skip
    entry = {"id": "g", "count": 12, "plaintiff": True, "disclosed": ["phone"],
             "not_disclosed": ["email"],
             "known_by": {"published_any": ["phone", "home_address"]}}  # fmt: skip
    first = {"disclosed": ["account_link"]}
    publishes = {"publishes": 0.9}
    tree = case(entry, plaintiff=first, sources={"forum": shop}, actor=publishes, routes="single")
    model = build_model(fill(tree))
    mine = evaluate(model)
    monkeypatch.setattr(Plan, "of", classmethod(lambda *_: None))
    theirs = evaluate(model)
    gap = np.abs(mine.log_evidence - theirs.log_evidence) / LN10
    assert (gap < 4.0 * np.hypot(mine.error, theirs.error)).all()


def test_either_source_of_a_chain_may_have_given_what_is_rare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sampler starts where each did: one of the two modes has nearly all of the mass."""
    shop = {"kind": "custodian", "holds": ["account_link", "phone", "email", "home_address"],
            "disclosure": {"account_link": [1e-6, 0.999], "home_address": [1e-9, 0.5]}}  # fmt: skip
    entry = {"id": "g", "count": 60, "disclosed": ["phone", "home_address"],
             "not_disclosed": ["email"], "known_by": {"published_all": ["phone"]}}  # fmt: skip
    first = {"disclosed": ["account_link", "phone"]}
    publishes = {"publishes": [1e-6, 1e-4]}
    model = build_model(
        fill(case(entry, plaintiff=first, sources={"forum": shop}, actor=publishes))
    )
    e = Evaluation(model, model.base(), IntegratorSettings())
    route, reach = next(
        x for x in zip(model.routes, model.reach_of, strict=True) if x[0].name == "forum/library"
    )
    exact = e.nested(route, reach, np.arange(1), ())
    assert exact is not None
    monkeypatch.setattr(Evaluation, "nested", lambda *_: None)
    value, error, _ = e.victims(route, reach)
    assert abs(value[0] - exact.value[0]) / LN10 < 4.0 * np.hypot(error[0], exact.error.max())


def test_lists_that_overlap_are_left_to_the_sampler() -> None:
    other = {"id": "h", "disclosed": ["phone"], "known_by": {"published_any": ["phone", "email"]}}
    one = {"id": "g", "disclosed": ["phone"], "known_by": ANY}
    model = build_model(fill(case(one, other)))
    e = Evaluation(model, model.base(), IntegratorSettings())
    stand = Stand.of(e.series, model.routes[0])
    assert Plan.of(e.series, stand, additive_kinds()) is None
    assert Many.of(e.series, stand, additive_kinds()) is None
    answer = evaluate(model)
    assert 1e-4 < answer.error.max() < 0.01  # it was sampled
    photo = (("id_photo", frozenset({"phone", "real_name"})),)
    assert not are_apart(clauses_of(FieldFacts(all_of=("phone", "real_name"), impliers=photo)))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_against_the_reference(name: str) -> None:
    compared = Compared(CASES[name])
    compared.check_evidence()
    compared.check_posterior()
    compared.check_roles()


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["lists", "implied", "not_users", "records"])
@pytest.mark.parametrize("seed", range(20, 26))
def test_random_lists_against_the_reference(shape: str, seed: int) -> None:
    tree = random_tree(seed, shape)
    compared = Compared(tree, {"tolerance": 0.004, "draws": 6000}, log2=15)
    compared.check_evidence()
    compared.check_posterior()
