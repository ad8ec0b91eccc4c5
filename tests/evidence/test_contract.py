"""One contract for every kind of evidence, and for one that is defined here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, override

import numpy as np
import pytest
from scipy.special import expit

from causation import evidence
from causation.case import Case, fill
from causation.case.filled import Filled, FilledGroup
from causation.document.mappings import Fixed
from causation.document.numbers import Number
from causation.dossier.assessment import assess
from causation.errors import CaseError
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, Facts, Item, Kind, Present, Route, Victim
from causation.evidence.dates import NEVER
from causation.evidence.drawing import Draw
from causation.inference.evaluate import evaluate
from causation.inference.evaluation import Evaluation
from causation.inference.integrate import IntegratorSettings
from causation.inference.problem import RouteProblem
from causation.model.simulation import simulate
from causation.model.structure import Model, Scenarios, build_model
from causation.scales import Scale
from tests.evidence.small import POINTS, case, log_joint, model, sources

FOO = Number.of("actor.foo", 0.2, 0.7, Scale.PROBABILITY, owner="actor", sort="traits")
SHIFT = 1.5


class Foo(Kind):
    """Whether a victim is foo: more common where the entrance is an inference."""

    name = "foo"
    turn = 0
    words: Mapping[str, str] = MappingProxyType({"en": "foo", "zh": "某"})
    victim_keys: Mapping[str, Any] = MappingProxyType({"foo": bool})

    @override
    def items(self, filled: Filled, group: FilledGroup) -> tuple[Item, ...]:
        if "foo" not in group.extra:
            return ()
        item = f"victims.{group.id}.foo"
        return (Item(item, self.name, group.id, group.stage, self.words),)

    @override
    def numbers(self, filled: Filled) -> tuple[Number, ...]:
        return (FOO,) if any("foo" in g.extra for g in filled.groups) else ()

    @override
    def facts(
        self, filled: Filled, group: FilledGroup, present: Present, so_far: Facts
    ) -> Hashable:
        if "foo" not in group.extra or not present(f"victims.{group.id}.foo"):
            return None
        return bool(group.extra["foo"])

    @override
    def latents(self, victims: Sequence[Victim], route: Route) -> tuple[str, ...]:
        return ("own:foo",) if any(self.name in v.facts for v in victims) else ()

    @override
    def log_factor(self, victims: Sequence[Victim], route: Route, at: At) -> Any:
        if not self.latents(victims, route):
            return 0.0
        p = self._share(route, at)
        chance = {True: p, False: 1.0 - p, None: p * 0.0 + 1.0}
        return at.xp.stack([at.xp.log(chance[v.facts.get(self.name)]) for v in victims])  # type: ignore[index]

    @override
    def simulate(self, draw: Draw) -> None:
        if "foo" in draw.group.extra:
            foo = draw.happens(self._share(draw.route, draw.at))
            draw.entry["extra"] = Fixed({**draw.group.extra, "foo": foo})

    def _share(self, route: Route, at: At) -> Any:
        inference = route.entrance.kind == "inference" and not route.vague
        return at.share("actor.foo", "own:foo", SHIFT if inference else 0.0)


TOY = Foo()
EVERY = (*evidence.KINDS, TOY)


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(evidence, "KINDS", EVERY)
    yield  # noqa: PT022 - nothing of a model may be made before


def _fields() -> Case:
    return case(
        {"id": "g", "count": 3, "disclosed": ["phone"], "not_disclosed": ["real_name"],
         "known_by": {"published_any": ["phone", "account_link"]}},
        {"id": "h", "disclosed": ["id_photo", "real_name"], "linkage": [0.3, 0.8]},
        plaintiff={"traits": {}},
    )  # fmt: skip


def _attributes() -> Case:
    more = {"users_of": ["forum"], "traits": {"public_traces": 0.7, "handle_reuse": False}}
    return case(
        {"id": "g", "count": 2, "disclosed": ["phone"], **more},
        {"id": "h", "disclosed": ["phone"], "not_users_of": ["forum"]},
    )


def _records() -> Case:
    shown = ["phone", "real_name", "id_photo"]
    return case(
        {"id": "g", "count": 2, "disclosed": ["phone"],
         "record": {"of": ["shop"], "differs": ["phone"]}},
        plaintiff={
            "disclosed": shown,
            "record": [{"of": ["forum"], "agrees": ["phone", "id_photo"], "differs": ["real_name"]},
                       {"of": ["forum", "shop"], "agrees": ["phone"]}],
        },
        sources=sources(shop={"kind": "custodian", "holds": ["phone"]}),
    )  # fmt: skip


def _dates() -> Case:
    return case(
        {"id": "g", "count": 2, "disclosed": ["phone"], "posted": "2024-06-01",
         "dates": {"phone": {"since": "2021"}}},
        plaintiff={"dates": {"phone": {"since": "2023-06"}, "real_name": {"until": "2022"}}},
    )  # fmt: skip


def _foo() -> Case:
    return case({"id": "g", "count": 3, "disclosed": ["phone"], "foo": False},
                plaintiff={"foo": True})  # fmt: skip


EXAMPLES: dict[str, Callable[[], Case]] = {
    "fields": _fields, "attributes": _attributes, "records": _records, "dates": _dates,
    "foo": _foo,
}  # fmt: skip
"""A case for each kind, in which something of it is stated."""

each_kind = pytest.mark.parametrize("kind", EVERY, ids=lambda k: k.name)


def example(kind: Kind) -> Model:
    return build_model(fill(EXAMPLES[kind.name]()))


def problems(m: Model) -> Iterator[RouteProblem]:
    """The integrand of a custodian, a chain with a library, and the stand-in."""
    e = Evaluation(m, m.base(), IntegratorSettings())
    for z, route in enumerate(m.routes):
        if route.name not in {"forum", "osint/library", "unknown"}:
            continue
        reach = "" if route.vague else m.reach_of[z]
        density = e.density(route, reach)
        problem = RouteProblem(density, e.rows.center, e.rows.sd, e.log_b)
        if problem.log_likelihood(np.zeros((1, problem.dim)), np.array([0])).max() > 0.5 * NEVER:
            yield problem  # of what is impossible no number says anything


def some_points(dim: int, count: int = POINTS) -> np.ndarray:
    return np.random.default_rng(3).standard_normal((count, dim))


@each_kind
def test_complete_at_import(kind: Kind) -> None:
    assert kind.name.isidentifier()
    assert [k.name for k in EVERY].count(kind.name) == 1
    assert kind.turn in {0, 1, 2}
    own = type(kind)
    for answer in ("items", "numbers", "facts", "simulate"):
        assert getattr(own, answer) is not getattr(Kind, answer), answer
    assert kind.name in EXAMPLES


@each_kind
def test_words_in_both_languages(kind: Kind) -> None:
    mine = [i for i in example(kind).items if i.kind == kind.name]
    assert mine
    for words in (kind.words, *(i.label for i in mine)):
        assert set(words) >= {"en", "zh"}
        assert all(words[lang].strip() for lang in ("en", "zh"))


@each_kind
def test_items_and_numbers_have_one_place_each(kind: Kind) -> None:
    m = example(kind)
    assert len({i.id for i in m.items}) == len(m.items)
    paths = [n.path for n in kind.numbers(m.filled)]
    assert paths
    assert len(set(paths)) == len(paths)
    assert set(paths) <= set(m.columns)
    for item in m.items:
        assert item.group is None or item.id.startswith(f"victims.{item.group}")


@each_kind
def test_facts_are_hashable_and_tell_like_victims_from_unlike(kind: Kind) -> None:
    m = example(kind)
    e = Evaluation(m, m.base(), IntegratorSettings())
    keys = [hash(v.key) for v in e.series.victims]
    assert len(set(keys)) == len(keys) == len(m.filled.groups)
    assert any(v.facts.get(kind.name) for v in e.series.victims)


@each_kind
def test_nothing_stated_is_the_factor_one(kind: Kind) -> None:
    m = example(kind)
    base = m.base()
    nobody = [Victim({}), Victim({})]
    for route in m.routes:
        at = At(NUMPY, m.places, base.center, base.sd, {})
        assert kind.latents(nobody, route) == ()
        assert np.all(kind.log_factor(nobody, route, at) == 0.0)


@each_kind
def test_what_is_absent_might_not_have_been_stated(kind: Kind) -> None:
    """Every item left out at evaluation, against the file without it."""
    stated = EXAMPLES[kind.name]()
    m = build_model(fill(stated))
    refused = []
    for item in m.items:
        if item.id == "victims.p":  # another victim would be the first plaintiff
            continue
        try:
            reduced = build_model(fill(stated.without(item.id)))
        except CaseError:  # the only field published of somebody, or one that was compared
            refused.append(item)
            continue
        mine = log_joint(m, row=m.without([[item.id]]))
        theirs = log_joint(reduced)
        assert mine.keys() == theirs.keys()
        for route, value in theirs.items():
            np.testing.assert_allclose(mine[route], value, rtol=1e-10, err_msg=f"{item.id} {route}")
    assert {item.kind for item in refused} <= {"fields"}
    assert len(refused) < len(m.items) / 2


def test_what_was_compared_or_dated_leaves_with_its_field() -> None:
    for shown, key in (("record", {"of": ["forum"], "agrees": ["phone"]}),
                       ("dates", {"phone": {"since": "2023-06"}})):  # fmt: skip
        m = model(plaintiff={shown: key})
        mine = log_joint(m, row=m.without([["victims.p.fields.phone"]]))
        theirs = log_joint(model(plaintiff={"disclosed": ["account_link", "real_name"]}))
        for route, value in theirs.items():
            np.testing.assert_allclose(mine[route], value, rtol=1e-10)


@each_kind
def test_all_items_of_a_kind_left_out(kind: Kind) -> None:
    stated = EXAMPLES[kind.name]()
    m = build_model(fill(stated))
    mine = [i.id for i in m.items if i.kind == kind.name]
    if kind.name == "fields":  # of somebody something was published
        mine = [i for i in mine if not i.endswith((".phone", ".id_photo"))]
    assert len(mine) >= 2
    here = log_joint(m, row=m.without([mine]))
    there = log_joint(build_model(fill(stated.without(*mine))))
    for route, value in there.items():
        np.testing.assert_allclose(here[route], value, rtol=1e-10, atol=1e-12)


@each_kind
def test_dual_numbers_have_the_value_and_the_slope(kind: Kind) -> None:
    h = 1e-6
    for problem in problems(example(kind)):
        z = some_points(problem.dim)
        row = np.array([0])
        (value,), (slope,) = problem.gradients(z[None], np.array([0]))
        np.testing.assert_allclose(value, problem.log_likelihood(z, row)[0], rtol=1e-12)
        for d in range(problem.dim):
            step = np.zeros(problem.dim)
            step[d] = h
            up, down = (problem.log_likelihood(z + s, row)[0] for s in (step, -step))
            np.testing.assert_allclose(slope[:, d], (up - down) / (2 * h), rtol=2e-5, atol=2e-7)


@each_kind
def test_pytensor_has_the_value(kind: Kind) -> None:
    pytest.importorskip("pytensor")
    import pytensor
    import pytensor.tensor as pt

    from causation.inference.tensors import PYTENSOR

    for problem in itertools.islice(problems(example(kind)), 2):
        density = problem.density
        z = pt.vector("z")
        at = At(PYTENSOR, density.places, problem.center[0], problem.sd[0],
                {name: z[d] for d, name in enumerate(density.names)})  # fmt: skip
        graph = pytensor.function([z], density.log_total(at, problem.log_b[0]), mode="FAST_COMPILE")
        points = some_points(problem.dim, 2)
        expected = problem.log_likelihood(points, np.array([0]))[0]
        np.testing.assert_allclose([graph(p) for p in points], expected, rtol=1e-12)


@each_kind
def test_many_at_once_are_one_by_one(kind: Kind) -> None:
    """Rows of other numbers and many points, against each row and point alone."""
    for problem in problems(example(kind)):
        rng = np.random.default_rng(5)
        center = problem.center + 0.3 * rng.standard_normal((3, problem.center.shape[1]))
        center = np.where(problem.sd > 0.0, center, problem.center)
        rows = replace(
            problem,
            center=center,
            sd=np.repeat(problem.sd, 3, axis=0),
            log_b=np.repeat(problem.log_b, 3, axis=0),
        )
        z = some_points(problem.dim)
        whole = rows.log_likelihood(z, np.arange(3))
        assert whole.shape == (3, POINTS)
        for r, p in itertools.product(range(3), range(POINTS)):
            one = rows.log_likelihood(z[p : p + 1], np.array([r]))[0, 0]
            assert whole[r, p] == pytest.approx(one, rel=1e-12)


@each_kind
def test_what_is_said_to_be_read_is_read(kind: Kind) -> None:
    """A number that a density does not read changes nothing, one that it reads does."""
    m = example(kind)
    for problem in problems(m):
        density, zero = problem.density, np.array([0])
        read = set(density.read(problem.center, problem.sd).tolist())
        z = some_points(problem.dim)
        base = problem.log_likelihood(z, zero)
        for column, number in enumerate(m.numbers):
            center, sd = problem.center.copy(), problem.sd.copy()
            center[0, column] = 0.8 * center[0, column] - 0.03
            if sd[0, column]:
                sd[0, column] *= 1.3
            changed = replace(problem, center=center, sd=sd).log_likelihood(z, zero)
            if column not in read:
                np.testing.assert_array_equal(changed, base, err_msg=number.path)
            elif not _unread(number.path, m, density.route):
                assert not np.array_equal(changed, base), (number.path, density.route.name)


def _unread(path: str, m: Model, route: Route) -> bool:
    """Shares of a victim who is not a user are read together, whichever fields he has."""
    del route
    if not path.startswith("sources.forum.disclosure_not_user."):
        return False
    stated = {f for g in m.filled.groups if g.users.get("forum") is False for f in g.disclosed}
    return path.rsplit(".", 1)[1] not in stated


@each_kind
def test_what_is_drawn_is_read_as_it_was_drawn(kind: Kind) -> None:
    """Facts of a simulated case, against its entries."""
    design = example(kind)
    rng = np.random.default_rng(8)
    kept = 0
    for _ in range(5):
        drawn = simulate(design, rng=rng)
        filled = drawn.filled()
        again = build_model(filled)
        e = Evaluation(again, again.base(), IntegratorSettings())
        for g in filled.groups:
            victim = e.series.victims[e.series.groups[g.id]]
            kept += _check(kind.name, g, victim)
    assert kept


def _check(kind: str, g: FilledGroup, victim: Victim) -> int:
    """Compare one victim's facts with his entry; how much there was to compare."""
    facts: Any = victim.facts.get(kind)
    if kind == "fields":
        assert facts.shown == frozenset(g.disclosed)
        assert facts.withheld == tuple(sorted(g.not_disclosed))
        return len(g.disclosed) + len(g.not_disclosed)
    if kind == "attributes":
        traits = () if facts is None else facts.traits
        assert dict(traits) == dict(g.traits)
        return len(traits)
    if kind == "records":
        stated = {(f, True) for r in g.records for f in r.agrees}
        stated |= {(f, False) for r in g.records for f in r.differs}
        found = {(f, agrees) for r in facts or () for f, _, agrees in r.compared}
        assert found == stated
        return len(found)
    if kind == "dates":
        windows = () if facts is None else tuple(f for f, _, _ in facts.windows)
        assert windows == tuple(sorted(g.dates))
        return len(windows)
    assert facts == g.extra.get("foo")
    return 1


def test_a_further_kind_counts_everywhere() -> None:
    """Evidence with it over evidence without it is the mean share, by quadrature."""
    stated = case(plaintiff={"foo": True}, routes="single",
                  sources=sources(forum_2={"kind": "custodian", "misfit": 0.0},
                                  osint={"kind": "inference", "misfit": 0.0}))  # fmt: skip
    m = build_model(fill(stated))
    answer = evaluate(m, Scenarios(*_with_and_without(m)))
    x, w = np.polynomial.hermite_e.hermegauss(80)
    ratio = dict(zip(m.route_names, np.exp(-np.diff(answer.log_evidence, axis=0)[0]), strict=True))
    for name, shift in {"forum_2": 0.0, "osint": SHIFT, "unknown": 0.0}.items():
        mean = float((w / w.sum()) @ expit(FOO.center + shift + FOO.sd * x))
        assert ratio[name] == pytest.approx(mean, rel=0.01)


def _with_and_without(m: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = m.without([[], ["victims.p.foo"]])
    return rows.center, rows.sd, rows.present


def test_a_further_kind_in_an_assessment() -> None:
    a = assess(_foo())
    assert any(n.path == "actor.foo" for n in a.model.numbers)
    assert "victims.p.foo" in {i for c in a.contributions.rows for i in c.item.items}
    bare = assess(_foo().without("victims.p.foo", "victims.g.foo"))
    assert a.probability != pytest.approx(bare.probability, abs=1e-3)
    assert 0.0 <= a.redraws.probability.mean() <= 1.0
