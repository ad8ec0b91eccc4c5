"""What must change nothing, and what must never go up, at latents that are fixed by name."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causation.case import Case, fill
from causation.inference.evaluate import evaluate
from causation.inference.joint import Joint
from causation.model.structure import Model, build_model
from tests.evidence.small import POINTS, Named, fixed, log_joint, model, odd, sources
from tests.reference.random_cases import random_tree

RICH: dict[str, Any] = {
    "schema": 2,
    "id": "rich",
    "jurisdiction": "none",
    "standard": 0.75,
    "incident_date": "2024-05-03",
    "proposition": "forum",
    "sources": {
        "forum": {"kind": "custodian", "holds": ["account_link", "phone", "id_photo"]},
        "shop": {"kind": "custodian", "holds": ["phone", "home_address"], "weight": [0.2, 1]},
        "osint": {"kind": "inference", "disclosure": {"phone": [0.05, 0.4]}},
        "library": {"kind": "leaked_library"},
        "unknown": {"kind": "residual"},
    },
    "routes": {"osint/shop": 0.2},
    "victims": [
        {"id": "p", "plaintiff": True, "disclosed": ["account_link", "phone", "id_photo"],
         "not_disclosed": ["home_address"], "traits": {"anonymous": True, "public_traces": 0.3},
         "record": {"of": ["forum"], "agrees": ["phone", "real_name"]}},
        {"id": "g", "count": 3, "disclosed": ["phone"], "users_of": ["forum"],
         "not_users_of": ["shop"], "known_by": {"published_any": ["phone", "home_address"]}},
        {"id": "h", "count": 2, "disclosed": ["account_link", "real_name"], "linkage": [0.4, 0.9],
         "traits": {"anonymous": False}},
    ],
    "findings": [
        {"id": "a", "about": "forum", "group": "x", "overlap": 0.3, "reliability": [0.6, 0.9],
         "likelihood": {"forum": 0.4, "shop": 0.7, "osint": [0.5, 0.9], "library": 0.7,
                        "unknown": 0.6}},
        {"id": "b", "about": ["library", "osint"], "group": "x", "overlap": 0.3,
         "reliability": [0.6, 0.9],
         "likelihood": {"forum": 0.2, "shop": 0.2, "osint": 0.6, "library": 0.3, "unknown": 0.5}},
        {"id": "c", "about": "shop", "count": 3, "repeats": 0.4,
         "likelihood": {"forum": 0.2, "shop": 0.5, "osint": 0.2, "library": 0.2, "unknown": 0.3}},
    ],
    "security": {"shop": {"incidents": {"count": 2, "years": 5}, "certification": "none"}},
}  # fmt: skip


def rich(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(RICH), **changes}


def of(tree: Mapping[str, Any]) -> Model:
    return build_model(fill(Case.model_validate(tree)))


def same(
    one: Mapping[tuple[str, bool], np.ndarray],
    two: Mapping[tuple[str, bool], np.ndarray],
    *,
    by: float = 0.0,
    names: Mapping[str, str] | None = None,
) -> None:
    """The same density by route, up to a constant factor and names."""
    called = names or {}
    mine = {("/".join(called.get(s, s) for s in z.split("/")), o): v for (z, o), v in one.items()}
    assert mine.keys() == two.keys()
    for key, value in two.items():
        np.testing.assert_allclose(mine[key] + by, value, rtol=1e-9, atol=1e-9, err_msg=str(key))


BASE = log_joint(of(RICH))
permutation = st.permutations(range(3))
few = settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@given(groups=permutation, findings=permutation, order=st.permutations(list(RICH["sources"])))
@few
def test_order_of_groups_findings_and_sources(
    groups: list[int], findings: list[int], order: list[str]
) -> None:
    tree = rich(
        victims=[RICH["victims"][i] for i in groups],
        findings=[RICH["findings"][i] for i in findings],
        sources={s: RICH["sources"][s] for s in order},
    )
    same(log_joint(of(tree)), BASE)


@given(st.randoms(use_true_random=False))
@few
def test_order_of_fields(random: Any) -> None:
    tree = rich()
    for group in tree["victims"]:
        for key in ("disclosed", "not_disclosed"):
            random.shuffle(group.get(key, []))
        group["traits"] = dict(reversed(group.get("traits", {}).items()))
    for source in tree["sources"].values():
        random.shuffle(source.get("holds", []))
    tree["fields"] = ["phone", "account_link"]
    same(log_joint(of(tree)), BASE)


def test_names_are_only_names() -> None:
    """Groups, findings and sources under other names, which sort otherwise."""
    called = {
        "forum": "zz",
        "shop": "aa",
        "osint": "mm",
        "library": "bb",
        "unknown": "kk",
        "p": "z9",
        "g": "y8",
        "h": "x7",
        "a": "w6",
        "b": "v5",
        "c": "u4",
        "x": "t3",
    }

    def renamed(x: Any) -> Any:
        if isinstance(x, dict):
            return {
                "/".join(called.get(k, k) for k in key.split("/")): (
                    v if key == "kind" else renamed(v)
                )
                for key, v in x.items()
            }
        if isinstance(x, list):
            return [renamed(v) for v in x]
        return called.get(x, x) if isinstance(x, str) else x

    back = {new: old for old, new in called.items()}
    same(log_joint(of(renamed(RICH)), renamed=back), BASE, names=back)


@pytest.mark.parametrize("group", [1, 2])
def test_a_group_of_several_is_several_groups_of_one(group: int) -> None:
    tree = rich()
    entry = tree["victims"].pop(group)
    count = entry.pop("count")
    tree["victims"] += [{**entry, "id": f"one{i}"} for i in range(count)]
    # the number of a group's own linkage has another name, the same value
    same(log_joint(of(tree)), BASE)


@pytest.mark.parametrize("evenly", [True, False])
@pytest.mark.parametrize(("name", "parts"), [("library", 3), ("osint", 2)])
def test_splitting_a_source_into_like_ones(name: str, parts: int, evenly: bool) -> None:
    """The union of a library in parts is the library, chains included."""
    tree = rich(routes={}, findings=[])
    tree["sources"] = {
        k: v for s, v in tree["sources"].items() for k, v in _split(s, v, name, parts, evenly)
    }
    like = {f"{name}{i}": name for i in range(parts)}
    whole = _total(log_joint(of(rich(routes={}, findings=[]))), {})
    # the parts' latents are the same numbers here: each part by itself is the whole
    same_total = _total(log_joint(of(tree), renamed=like), like)
    assert same_total.keys() == whole.keys()
    for key, value in whole.items():
        np.testing.assert_allclose(same_total[key], value, rtol=1e-9, err_msg=key)


def _split(s: str, v: Any, name: str, parts: int, evenly: bool) -> list[tuple[str, Any]]:
    if s != name:
        return [(s, v)]
    shares = [1.0 / parts] * parts if evenly else [0.5, *([0.5 / (parts - 1)] * (parts - 1))]
    return [(f"{s}{i}", {**v, **({} if evenly else {"share": shares[i]})}) for i in range(parts)]


def _total(table: Mapping[tuple[str, bool], Any], called: Mapping[str, str]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for (z, _), value in table.items():
        key = "/".join(called.get(s, s) for s in z.split("/"))
        total[key] = np.logaddexp(total.get(key, -np.inf), value)
    return total


@pytest.mark.parametrize("shown", [["phone"], ["account_link", "id_photo"]])
def test_a_victim_of_linkage_zero_tells_nothing(shown: list[str]) -> None:
    stranger = {"id": "s", "count": 4, "disclosed": shown, "not_users_of": ["shop"],
                "traits": {"anonymous": True}, "linkage": 0.0}  # fmt: skip
    m = of(rich(victims=[*RICH["victims"], stranger]))
    place = Joint(m).evaluation.series.groups["s"]
    uncertain = [i for i, v in enumerate(Joint(m).series.victims) if v.linkage is not None]
    log_b = float(Joint(m).log_b[uncertain.index(place)])
    same(log_joint(m), BASE, by=-4.0 * log_b)


def test_an_implied_field_adds_nothing() -> None:
    photo = {"disclosed": ["phone", "id_photo"], "record": {"of": ["forum"], "agrees": ["phone"]}}
    named = {**photo, "disclosed": ["phone", "id_photo", "real_name", "birth_date", "face_photo"]}
    same(log_joint(model(plaintiff=named)), log_joint(model(plaintiff=photo)))


def test_redacted_fields_drop_out() -> None:
    bare = model(plaintiff={"disclosed": ["phone"]})
    hidden = model(plaintiff={"disclosed": ["phone"], "redacted": ["real_name", "email"]})
    same(log_joint(hidden), log_joint(bare))


def test_a_field_that_alone_defines_the_list_adds_nothing() -> None:
    """So listed, and nothing else known of them: as if they did not exist."""
    listed = {"id": "g", "count": 50, "disclosed": ["phone"], "linkage": 1.0,
              "known_by": {"published_all": ["phone"]}}  # fmt: skip
    same(log_joint(model(listed)), log_joint(model()))
    stated = {**listed, "linkage": 0.5}
    m = model(stated)
    j = Joint(m)
    assert j.log_b[0] == pytest.approx(0.0, abs=1e-12)
    same(log_joint(m), log_joint(model()))


def test_an_attribute_that_defines_the_list_adds_nothing() -> None:
    base = {"id": "g", "count": 5, "disclosed": ["phone"]}
    bare = log_joint(model(base))
    member = {**base, "users_of": ["forum"], "known_by": {"users_of": ["forum"]}}
    same(log_joint(model(member)), bare)
    known = {**base, "traits": {"anonymous": True}, "known_by": {"traits": ["anonymous"]}}
    same(log_joint(model(known)), bare)


def test_an_implier_that_the_entry_leaves_open_is_out_of_the_list() -> None:
    """A name that lists, and nothing else: 1; with "no photo" stated the list was wider."""
    listed = {"id": "g", "disclosed": ["real_name"], "linkage": 1.0,
              "known_by": {"published_all": ["real_name"]}}  # fmt: skip
    same(log_joint(model(listed)), log_joint(model()))
    density, at = fixed(model({**listed, "not_disclosed": ["id_photo"]}), "forum")
    assert float(np.asarray(density.log_l(at)[1])[0, -1]) < -0.01


def test_the_first_plaintiffs_memberships_are_no_evidence() -> None:
    same(log_joint(model(plaintiff={"users_of": ["forum"]})), log_joint(model()))
    shown = {"disclosed": ["phone"]}
    bare, apart = model(plaintiff=shown), model(plaintiff={**shown, "not_users_of": ["forum"]})
    key = ("osint", False)
    assert not np.allclose(log_joint(bare)[key], log_joint(apart)[key])


def test_several_first_plaintiffs_make_the_case_together() -> None:
    """As others do of whom it is said that they are known as users."""
    shown = {"disclosed": ["phone"], "users_of": ["forum"], "traits": {"anonymous": True}}
    others = {**shown, "plaintiff": True, "known_by": {"users_of": ["forum"]}}
    one = model(plaintiff={**shown, "count": 3})
    several = model(*({"id": f"o{i}", **others} for i in range(2)), plaintiff=shown)
    same(log_joint(one), log_joint(several))


def test_a_field_that_shows_an_account_makes_membership_certain() -> None:
    """Whether the account that it shows is named besides or not."""
    interval = {"disclosure": {"screenshot": [0.1, 0.5]}}
    case: dict[str, Any] = {
        "fields": [{"id": "screenshot", "implies": ["account_link"]}, "account_link"],
        "sources": sources(osint={"kind": "inference", **interval},
                           library={"kind": "leaked_library", **interval}),
    }  # fmt: skip
    case["sources"]["forum"] |= interval
    shown = {"id": "g", "disclosed": ["screenshot"], "users_of": ["forum"]}
    bare, named, known = (
        model(g, **case)
        for g in (shown, {**shown, "disclosed": ["screenshot", "account_link"]},
                  {**shown, "users_of": []})
    )  # fmt: skip
    same(log_joint(named), log_joint(bare))
    same(log_joint(known), log_joint(bare))


def test_membership_behind_a_published_account_drops_out() -> None:
    shown = {"id": "g", "count": 5, "disclosed": ["account_link"]}
    same(log_joint(model({**shown, "users_of": ["forum"]})), log_joint(model(shown)))
    phone = {**shown, "disclosed": ["phone"]}
    key = ("library", False)
    bare, member = (log_joint(model(g))[key] for g in (phone, {**phone, "users_of": ["forum"]}))
    assert not np.allclose(bare, member)


@given(st.floats(0.01, 0.99), st.booleans())
@few
def test_a_constant_finding_changes_nothing(p: float, first: bool) -> None:
    constant = {**RICH["findings"][0], "id": "k",
                "likelihood": dict.fromkeys(RICH["sources"], p)}  # fmt: skip
    found = [constant, *RICH["findings"]] if first else [*RICH["findings"], constant]
    same(log_joint(of(rich(findings=found))), BASE, by=-float(np.log(p)))


@given(st.floats(0.01, 100.0))
@few
def test_the_unit_of_weights(unit: float) -> None:
    weights = {"forum": 1.0, "shop": 0.5, "osint": 2.0, "library": 4.0, "unknown": 0.6}
    tree = rich()
    for s, w in weights.items():
        tree["sources"][s]["weight"] = w
    other = copy.deepcopy(tree)
    for s, w in weights.items():
        other["sources"][s]["weight"] = w * unit
    same(log_joint(of(other)), log_joint(of(tree)))


@pytest.mark.parametrize("shape", ["lists", "implied", "not_users", "many"])
@pytest.mark.parametrize("seed", range(4))
def test_a_likelihood_is_at_most_one(shape: str, seed: int) -> None:
    """What was published, given what put him on the list, at any latents, under any route."""
    tree = random_tree(seed, shape)
    for v in tree["victims"]:
        v.pop("traits", None)
        for key in ("users_of", "not_users_of"):
            v.pop(key, None)
        if isinstance(known := v.get("known_by"), dict):
            kept = {k: x for k, x in known.items() if k.startswith("published")}
            v["known_by"] = kept or "exposure"
    m = build_model(fill(Case.model_validate(tree)))
    for density, at in (*(fixed(m, r, seed=seed) for r in m.route_names), odd(m, seed=seed)):
        at.z = Named(seed, shape=(30,))
        weight, log_l = density.log_l(at)
        assert weight is None
        assert np.all(np.asarray(log_l) <= 1e-12)
        assert np.shape(log_l)[-1] == len(density.series.victims)


@pytest.mark.parametrize("source", ["forum", "library", "osint"])
def test_probability_rises_with_its_own_prior(source: str) -> None:
    """Never otherwise: the background is frozen."""
    m = of(rich(proposition=source))
    path = m.filled.weight_of(source).path
    values = np.geomspace(1e-3, 1e3, 25)
    answer = evaluate(m, m.rows([{path: float(w)} for w in values]))
    assert np.ptp(answer.log_evidence, axis=0).max() == 0.0
    assert np.all(np.diff(answer.prior) > 0.0)
    assert np.all(np.diff(answer.probability) > 0.0)
    assert answer.probability[-1] - answer.probability[0] > 0.5


def test_points_differ_from_each_other() -> None:
    """The comparisons above are not of constants."""
    assert all(np.ptp(v) > 0.1 for v in BASE.values())
    assert len(BASE) > 2 * POINTS
