"""Worlds do what they say, and the estimator is given the case file that an analyst would write."""

from __future__ import annotations

import numpy as np
import pytest

from causation.case.filled import Window
from causation.model.structure import build_model
from causation.scales import Scale
from causation.validation.designs import designs
from causation.validation.worlds import AS_ELICITED, WORLDS, Drawn, Setting


def setting(world: str, design: int) -> Setting:
    found = Setting.of(designs()[design], WORLDS[world])
    assert found is not None
    return found


def drawn(world: str, design: int, count: int, *, seed: int = 1) -> list[Drawn]:
    rng, one = np.random.default_rng(seed), setting(world, design)
    return [one.draw(rng) for _ in range(count)]


def test_every_world_has_its_words_and_cases() -> None:
    assert len(WORLDS) == 18
    assert sum(w.mild for w in WORLDS.values()) == 4
    for world in WORLDS.values():
        assert set(world.meaning) == {"en", "zh"}
        assert any("\u4e00" <= c <= "\u9fff" for c in world.meaning["zh"])
        there = [i for i, d in enumerate(designs()) if world.applies(d)]
        assert len(there) >= 4
        one = setting(world.name, there[-1])
        found = one.draw(np.random.default_rng(0))
        model = build_model(found.filled)
        # the estimator knows the numbers and the routes of the case file, and no others
        assert model.route_names == one.stated.route_names
        known = {n.path: n for n in one.stated.numbers if n.sort != "likelihood"}
        assert all(known.get(n.path, n) == n for n in model.numbers if n.sort != "likelihood")


@pytest.mark.parametrize("design", [2, 9, 11])
def test_numbers(design: int) -> None:
    rng = np.random.default_rng(0)
    model = designs()[design].model
    base = model.base()
    sorts = np.array([n.sort for n in model.numbers])
    worse = WORLDS["more dependence"].numbers(model, rng)
    assert (worse.center[0, sorts == "correlation"] == 0.95).all()
    spread = sorts == "disclosure"
    np.testing.assert_allclose(worse.sd[0, spread], 1.5 * base.sd[0, spread])
    apart = WORLDS["wrong linkage"].numbers(model, rng)
    share, before = (
        1.0 / (1.0 + np.exp(-row.center[0, sorts == "linkage"])) for row in (apart, base)
    )
    np.testing.assert_allclose(share, 0.4 * before)
    assert (apart.center != base.center).sum() == (sorts == "linkage").sum() > 0
    narrow = WORLDS["narrow experts"].numbers(model, rng)
    np.testing.assert_array_equal(narrow.sd, 2.0 * base.sd)
    np.testing.assert_array_equal(narrow.center, base.center)


def test_biased_intervals_all_go_one_way() -> None:
    rng, model = np.random.default_rng(0), designs()[11].model
    intervals = np.array(
        [n.scale is Scale.PROBABILITY and n.sd > 0 and n.sort != "chain" for n in model.numbers]
    )
    for name, by in (("biased by one logit", 1.0), ("biased by two logits", 2.0)):
        ways = set()
        for _ in range(12):
            row = WORLDS[name].numbers(model, rng)
            moved = row.center[0] - model.base().center[0]
            assert (moved[~intervals] == 0.0).all()
            np.testing.assert_allclose(np.abs(moved[intervals]), by)
            ways |= set(np.sign(moved[intervals]).tolist())
            assert len(set(np.sign(moved[intervals]).tolist())) == 1
        assert ways == {-1.0, 1.0}


def test_experts_lean_to_the_claimant_and_weights_are_too_large() -> None:
    rng, model = np.random.default_rng(0), designs()[10].model
    base = model.base().center[0]
    moved = WORLDS["leaning experts"].numbers(model, rng).center[0] - base
    for n, by in zip(model.numbers, moved, strict=True):
        expected = 0.0
        if n.path.split(".")[2:3] == ["disclosure"]:
            expected = -1.0 if n.owner in model.filled.proposition.sources else 1.0
        assert by == pytest.approx(expected), n.path
    moved = WORLDS["wrong weights"].numbers(model, rng).center[0] - base
    changed = {n.path for n, by in zip(model.numbers, moved, strict=True) if by}
    assert changed == {f"sources.{s}.weight" for s in model.filled.proposition.sources}
    np.testing.assert_allclose(np.exp(moved[moved != 0.0]), 0.25)


def test_traits_are_recorded_the_wrong_way_round() -> None:
    one, rng = setting("wrong traits", 10), np.random.default_rng(1)
    flips, total = 0, 0
    for _ in range(100):
        case = one.draw(rng)
        for g, h in zip(case.case.groups, case.filled.groups, strict=True):
            assert g.disclosed == h.disclosed
            flips += sum(g.traits[k] != h.traits[k] for k in g.traits)
            total += len(g.traits)
    assert flips / total == pytest.approx(0.3, abs=4.0 * np.sqrt(0.21 / total))


def test_chains_that_the_case_does_not_list() -> None:
    one = setting("unlisted chain", 15)
    assert not any("/" in name for name in one.stated.route_names)
    cases = drawn("unlisted chain", 15, 60)
    assert all("/" in c.case.route for c in cases)
    with_platform = np.mean(["platform" in c.case.route.split("/") for c in cases])
    assert with_platform == pytest.approx(0.5, abs=4.0 * np.sqrt(0.25 / 60))


def test_a_source_that_nobody_named() -> None:
    one = setting("unlisted source", 14)
    assert "unknown" in one.stated.source_names
    assert "elsewhere" not in one.stated.source_names
    cases = drawn("unlisted source", 14, 60)
    elsewhere = np.array([c.case.route == "elsewhere" for c in cases])
    assert elsewhere.mean() == pytest.approx(0.5, abs=4.0 * np.sqrt(0.25 / 60))
    assert not any(c.case.holds() for c, e in zip(cases, elsewhere, strict=True) if e)


def test_victims_found_among_users() -> None:
    searched = drawn("found among users", 17, 40)
    for c in searched:
        for g in c.filled.groups[1:]:
            assert g.known_by.how == "exposure"
            assert g.users["platform"]
            assert g.disclosed  # found because something of him was published
    exposed = drawn(AS_ELICITED, 17, 40)
    assert not all(g.disclosed for c in exposed for g in c.filled.groups[1:])


def test_a_library_from_an_old_leak_of_the_platform() -> None:
    cases = [c for c in drawn("old leak", 9, 300) if c.case.route == "library" and not c.case.odd]
    agrees = differs = users = linked = 0
    for c in cases:
        assert all(r.of == ("platform",) for g in c.filled.groups for r in g.records)
        for g, mine in zip(c.filled.groups[1:], c.case.linked[1:], strict=True):
            users += mine and g.users["platform"]
            linked += mine
        for r in c.filled.groups[0].records:
            agrees, differs = agrees + len(r.agrees), differs + len(r.differs)
    # values of the platform's register and its users, as if they had come from the platform
    own = setting("old leak", 9).stated.filled.number("agreement.own").mean()
    count = agrees + differs
    assert agrees / count == pytest.approx(own, abs=5.0 * np.sqrt(own * (1 - own) / count) + 0.02)
    assert users / linked > 0.9


def _by_strangers(case: Drawn) -> list[set[str]]:
    """Sources that gave anything of each victim who does not belong to the series."""
    pairs = zip(case.case.linked, case.case.supplied, strict=True)
    return [{s for by in gave.values() for s in by} for linked, gave in pairs if not linked]


def test_strangers_of_one_other_series() -> None:
    """What they have from one entrance each is from the same one."""
    together = [_by_strangers(c) for c in drawn("another series", 11, 60)]
    apart = [_by_strangers(c) for c in drawn("wrong linkage", 11, 60)]
    names = [
        [len(set().union(*by)) for by in table if sum(map(bool, by)) >= 2]
        for table in (together, apart)
    ]
    assert max(names[0]) <= 2  # an entrance, and what was looked up
    assert max(names[1]) > 2


def test_a_copycat_publishes_what_was_published_of_the_plaintiff() -> None:
    strangers = 0
    for c in drawn("copycat", 17, 40):
        first, *others = c.case.groups
        for g, linked in zip(others, c.case.linked[1:], strict=True):
            if not linked:
                strangers += 1
                assert set(g.disclosed) <= set(first.disclosed)
    assert strangers > 60


def test_only_what_was_published_and_hurt_is_recorded() -> None:
    for c in drawn("selective fields", 10, 20):  # the list is of those whose account was linked
        for g, h in zip(c.case.groups, c.filled.groups, strict=True):
            assert h.not_disclosed == ()
            assert set(g.disclosed) - set(h.disclosed) <= {"account_link"}
            assert ("account_link" in h.disclosed) == (not h.first)


def test_only_findings_that_help_are_reported() -> None:
    kept = []
    for c in drawn("selective findings", 16, 40):
        kept.append(len(c.filled.findings))
        for f in c.filled.findings:
            others = [n.mean() for s, n in f.likelihood.items() if s != "platform"]
            assert f.likelihood["platform"].mean() > np.mean(others)
    assert min(kept) < 3


def test_one_copy_of_one_day() -> None:
    def alike(world: str) -> float:
        same = []
        for c in drawn(world, 22, 200, seed=3):
            if c.case.route != "shop" or c.case.odd:
                continue
            values = [g.dates["phone"] for g in c.case.groups if "phone" in g.dates]
            same += [len(set(values)) == 1] if len(values) > 1 else []
        return float(np.mean(same))

    assert alike("one snapshot") > 0.95
    window = designs()[22].model.filled.groups[0].dates["phone"]
    assert isinstance(window, Window)
