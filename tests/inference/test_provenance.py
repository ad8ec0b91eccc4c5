"""Who supplied what: enumerated, where every number is a plain one."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from causation.analyses.bound import held
from causation.case import Case, fill
from causation.inference.evaluate import evaluate
from causation.inference.joint import Joint
from causation.inference.lattice import shifted_lattice
from causation.inference.roles import Part, find_roles
from causation.model.structure import build_model

A = {"phone": 0.8, "id_photo": 0.1}
B = {"phone": 0.3, "id_photo": 0.6}
MISFIT = 0.02
OMEGA = 0.5


def tree(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "schema": 2, "id": "who", "jurisdiction": "none", "standard": 0.75,
        "incident_date": "2024-05-03", "proposition": "b", "exhaustive": True,
        "sources": {
            "a": {"kind": "custodian", "disclosure": A, "weight": 1.0, "misfit": MISFIT},
            "b": {"kind": "custodian", "disclosure": B, "weight": 1.0, "misfit": MISFIT},
        },
        "routes": {"a/b": 0.5},
        "actor": {"publishes": OMEGA},
        "victims": [{"id": "p", "plaintiff": True, "disclosed": ["phone", "id_photo"]}],
    }  # fmt: skip
    return base | changes


def suppliers(register: float | None = None) -> dict[tuple[str, str], float]:
    """Chance of who supplied (phone, photo) in the chain a/b, each of a, b, ab."""
    found = {}
    for phone, photo in itertools.product(("a", "b", "ab"), repeat=2):
        p, who = 1.0, (phone, photo)
        for f, s in zip(("phone", "id_photo"), who, strict=True):
            p *= OMEGA * (A[f] if "a" in s else 1 - A[f]) * (B[f] if "b" in s else 1 - B[f])
        if register is not None:  # the phone agrees with a register of a: .9, else this
            p *= 0.9 if "a" in who[0] else register
        found[who] = p
    return found


def vague() -> float:
    """Evidence of the stand-in: both fields published, r = .5, by quadrature."""
    sd, x = math.log(19.0) / 1.6448536, np.linspace(-9.0, 9.0, 241)
    w = np.exp(-0.5 * x * x) / np.exp(-0.5 * x * x).sum()
    half = math.sqrt(0.5)
    share = (1.0 / (1.0 + np.exp(-sd * half * (x[:, None] + x[None, :])))) @ w
    return float(OMEGA**2 * (w @ share**2))


def posterior(own: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Of the three routes, and how likely each behaved as elicited."""
    prior = {"a": 0.25, "a/b": 0.25, "b": 0.5}
    fits = {"a": 1 - MISFIT, "b": 1 - MISFIT, "a/b": (1 - MISFIT) ** 2}
    parts = {z: (fits[z] * own[z], (1 - fits[z]) * vague()) for z in prior}
    joint = {z: prior[z] * sum(parts[z]) for z in prior}
    total = sum(joint.values())
    return (
        {z: p / total for z, p in joint.items()},
        {z: parts[z][0] / sum(parts[z]) for z in parts},
    )


def test_every_part_enumerated() -> None:
    model = build_model(fill(Case.model_validate(tree())))
    answer = evaluate(model)
    who = suppliers()
    whole = sum(who.values())
    own = {
        "a": OMEGA**2 * A["phone"] * A["id_photo"],
        "b": OMEGA**2 * B["phone"] * B["id_photo"],
        "a/b": whole,
    }
    p, fit = posterior(own)
    mine = dict(zip(model.route_names, answer.posterior[0], strict=True))
    assert mine == pytest.approx(p, abs=2e-3)
    chance = {k: x / whole for k, x in who.items()}

    def in_chain(holds: Any) -> float:
        return sum(x for k, x in chance.items() if holds(k))

    found = find_roles(model, answer)
    some_b = in_chain(lambda k: "b" in k[0] or "b" in k[1])
    assert some_b == pytest.approx(
        1 - math.prod(A[f] * (1 - B[f]) / (1 - (1 - A[f]) * (1 - B[f])) for f in A)
    )
    role_b = p["b"] + p["a/b"] * fit["a/b"] * some_b
    assert found.role["b"] == pytest.approx(role_b, abs=2e-3)
    assert answer.probability[0] == pytest.approx(role_b, abs=2e-3)
    # the entrance is always in a role, and in the misfit branch credited with everything
    assert found.role["a"] == pytest.approx(p["a"] + p["a/b"], abs=2e-3)
    assert found.entrance["a"] == pytest.approx(p["a"] + p["a/b"], abs=2e-3)
    assert found.alone["a"] == pytest.approx(p["a"], abs=2e-3)
    for i, f in enumerate(("phone", "id_photo")):
        for s, other in (("a", "b"), ("b", "a")):
            supplied = in_chain(lambda k, i=i, s=s: s in k[i])
            sole = in_chain(lambda k, i=i, s=s: k[i] == s)
            credited = float(s == "a")
            chain = p["a/b"]
            odd = chain * (1 - fit["a/b"]) * credited
            assert found.supplied[s][f] == pytest.approx(
                p[s] + chain * fit["a/b"] * supplied + odd, abs=2e-3
            )
            assert found.sole[s][f] == pytest.approx(
                p[s] + chain * fit["a/b"] * sole + odd, abs=2e-3
            )
            # sole suppliers and "both" are certain together
            both = found.supplied[s][f] - found.sole[s][f]
            assert found.sole[s][f] + found.sole[other][f] + both == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("role", "fields", "some", "holds"),
    [
        ("supplied", ["phone"], False, lambda k: "b" in k[0]),
        ("supplied", ["phone", "id_photo"], False, lambda k: "b" in k[0] and "b" in k[1]),
        ("supplied", ["phone", "id_photo"], True, lambda k: "b" in k[0] or "b" in k[1]),
        ("sole", ["phone"], False, lambda k: k[0] == "b"),
        ("sole", ["phone", "id_photo"], False, lambda k: k == ("b", "b")),
        ("supplied", ["real_name"], False, lambda k: "b" in k[1]),
    ],
)
def test_propositions_about_fields(role: str, fields: list[str], some: bool, holds: Any) -> None:
    """A name that the photo shows was supplied by who supplied the photo."""
    claim = {"source": "b", "role": role, "fields": fields, "any": some}
    entry = {"id": "p", "plaintiff": True, "disclosed": ["phone", "id_photo", "real_name"]}
    answer = evaluate(
        build_model(fill(Case.model_validate(tree(proposition=claim, victims=[entry]))))
    )
    who = suppliers()
    whole = sum(who.values())
    own = {"a": OMEGA**2 * A["phone"] * A["id_photo"], "b": OMEGA**2 * B["phone"] * B["id_photo"],
           "a/b": whole}  # fmt: skip
    p, fit = posterior(own)
    expected = p["b"] + p["a/b"] * fit["a/b"] * sum(x for k, x in who.items() if holds(k)) / whole
    assert answer.probability[0] == pytest.approx(expected, abs=2e-3)


def test_a_register_says_who_supplied() -> None:
    entry = {"id": "p", "plaintiff": True, "disclosed": ["phone", "id_photo"],
             "record": {"of": ["a"], "agrees": ["phone"]}}  # fmt: skip
    stated = tree(victims=[entry], agreement={"own": 0.9, "phone": 0.2})
    for s in stated["sources"].values():
        s["misfit"] = 0.0
    model = build_model(fill(Case.model_validate(stated)))
    answer = evaluate(model)
    who = suppliers(register=0.2)
    whole = sum(who.values())
    at = dict(zip(model.route_names, answer.posterior[0], strict=True))
    chain = sum(x for k, x in who.items() if "a" in k[0]) / whole
    found = find_roles(model, answer)
    assert found.supplied["a"]["phone"] == pytest.approx(at["a"] + at["a/b"] * chain, abs=2e-3)
    assert at["a/b"] / at["b"] == pytest.approx(
        0.25 * whole / (0.5 * OMEGA**2 * B["phone"] * B["id_photo"] * 0.2), rel=5e-3
    )


def test_every_victim_by_hand() -> None:
    """A further victim is of the series or was exposed by anybody."""
    further = {"id": "w", "count": 2, "disclosed": ["phone"], "linkage": 0.6}
    stated = tree(routes="single", victims=[
        {"id": "p", "plaintiff": True, "disclosed": ["phone"]}, further])  # fmt: skip
    for s in stated["sources"].values():
        s["misfit"] = 0.0
    stated["sources"]["b"]["weight"] = 3.0
    model = build_model(fill(Case.model_validate(stated)))
    found = find_roles(model, evaluate(model))
    ell = {"a": OMEGA * A["phone"], "b": OMEGA * B["phone"]}
    stranger = sum(0.5 * x for x in ell.values())  # the set's weights are equal
    rho = {s: 0.6 * x / (0.6 * x + 0.4 * stranger) for s, x in ell.items()}
    post = {
        s: w * ell[s] * (0.6 * ell[s] + 0.4 * stranger) ** 2 for s, w in (("a", 1.0), ("b", 3.0))
    }
    post = {s: p / sum(post.values()) for s, p in post.items()}
    apart = 1.0 - sum(post[s] * rho[s] for s in post)
    for s in ("a", "b"):
        expected = post[s] * rho[s] + apart * 0.5 * ell[s] / stranger
        assert found.victims["w"][s] == pytest.approx(expected, abs=1e-3)
        assert found.victims["p"][s] == pytest.approx(post[s], abs=1e-3)
    assert found.linked["w"] == pytest.approx(1.0 - apart, abs=1e-3)


def test_a_stranger_whose_chance_is_less_than_any_double() -> None:
    """Forty fields of 1e-12 each, and a fiftieth more from the other source."""
    names = [f"x{n}" for n in range(40)]
    stated = tree(routes="single", exhaustive=True, victims=[
        {"id": "p", "plaintiff": True, "disclosed": ["phone"]},
        {"id": "w", "disclosed": names, "linkage": 0.0}])  # fmt: skip
    stated["fields"] = [{"id": f, "label": f} for f in names]
    for s, p in (("a", 1e-12), ("b", 1.02e-12)):
        stated["sources"][s] |= {"misfit": 0.0, "disclosure": {"phone": 0.5}}
        stated["sources"][s]["disclosure"] |= dict.fromkeys(names, p)
    model = build_model(fill(Case.model_validate(stated)))
    found = find_roles(model, evaluate(model)).victims["w"]
    a, b = model.background
    assert found["a"] == pytest.approx(a / (a + b * 1.02**40), rel=1e-6)
    assert found["a"] + found["b"] == pytest.approx(1.0)


def test_shares_that_pass_one_by_rounding_leave_no_chance_below_none() -> None:
    posterior = np.array([0.5, 0.5 + 2e-15])
    none, every = np.zeros(2), np.ones(2)
    part = Part(linked=every, second=none, apart=every, apart_second=none)
    assert part.chance(posterior, none, every) == 0.0
    assert part.chance(posterior, np.array([0.0, 1e-30]), none) > 0.0
    assert part.chance(posterior, every, none) == 1.0


def test_without_victims_a_role_is_being_in_the_route() -> None:
    model = build_model(fill(Case.model_validate(tree(victims=[]))))
    answer = evaluate(model)
    assert answer.probability[0] == pytest.approx(0.75)
    assert find_roles(model, answer).role["b"] == pytest.approx(0.75)


def test_who_was_chosen_and_not_exposed_has_a_part_as_far_as_he_was_reached() -> None:
    """By hand: nothing known of one, one field known not to have been published of another."""
    shares, reach = {"a": 0.8, "b": 0.3}, {"a": 0.3, "b": 0.9}
    case = tree(
        sources={
            s: {"kind": "custodian", "disclosure": {"phone": p}, "weight": 1.0, "misfit": 0.0,
                "reach": reach[s]}
            for s, p in shares.items()
        },
        routes="single",
        victims=[
            {"id": "p", "plaintiff": True, "disclosed": ["phone"]},
            {"id": "open", "plaintiff": True, "known_by": "attempt"},
            {"id": "looked", "known_by": "attempt", "not_disclosed": ["phone"]},
        ],
    )  # fmt: skip
    model = build_model(fill(Case.model_validate(case)))
    found = find_roles(model, evaluate(model))
    silent = {s: reach[s] * (1 - OMEGA * p) + 1 - reach[s] for s, p in shares.items()}
    weight = {s: OMEGA * p * silent[s] for s, p in shares.items()}
    for s, p in shares.items():
        chance = weight[s] / sum(weight.values())
        assert found.victims["p"][s] == pytest.approx(chance, abs=1e-6)
        assert found.victims["open"][s] == pytest.approx(chance * reach[s], abs=1e-6)
        reached = reach[s] * (1 - OMEGA * p) / silent[s]
        assert found.victims["looked"][s] == pytest.approx(chance * reached, abs=1e-6)


def test_a_value_that_two_fields_carry_was_supplied_by_whoever_supplied_either() -> None:
    """A name that both the photo and the phone's account show, held against a register of a."""
    entry = {"id": "p", "plaintiff": True, "disclosed": ["phone", "id_photo", "real_name"],
             "record": {"of": ["a"], "agrees": ["real_name"]}}  # fmt: skip
    stated = tree(victims=[entry], agreement={"own": 0.9, "real_name": 0.2})
    for s in stated["sources"].values():
        s["misfit"] = 0.0
    both = {"id_photo": frozenset({"real_name"}), "phone": frozenset({"real_name"})}
    model = build_model(replace(fill(Case.model_validate(stated)), implies=both))
    answer = evaluate(model)
    chance = {}
    for (phone, photo), p in suppliers().items():
        agrees = 0.9 if "a" in phone + photo else 0.2
        chance[phone, photo] = p * agrees
    whole = sum(chance.values())
    at = dict(zip(model.route_names, answer.posterior[0], strict=True))
    other = OMEGA**2 * B["phone"] * B["id_photo"] * 0.2
    assert at["a/b"] / at["b"] == pytest.approx(0.25 * whole / (0.5 * other), rel=5e-3)
    found = find_roles(model, answer)
    for s, r in (("a", "b"), ("b", "a")):
        some = sum(p for who, p in chance.items() if s in who[0] + who[1]) / whole
        sole = sum(p for who, p in chance.items() if r not in who[0] + who[1]) / whole
        assert found.supplied[s]["real_name"] == pytest.approx(at[s] + at["a/b"] * some, abs=2e-3)
        assert found.sole[s]["real_name"] == pytest.approx(at[s] + at["a/b"] * sole, abs=2e-3)


@pytest.mark.parametrize("linkage", [None, 0.6])
def test_a_named_victim_has_the_chance_of_the_table_of_victims(linkage: float | None) -> None:
    """Also where he may be a stranger, in every engine's density and when ratios are held."""
    further = {"id": "w", "count": 2, "disclosed": ["phone", "id_photo"]}
    further |= {} if linkage is None else {"linkage": linkage}
    victims = [{"id": "p", "plaintiff": True, "disclosed": ["phone"]}, further]
    for source in ("a", "b"):
        stated = tree(victims=victims, proposition={"source": source, "victim": "w"},
                      actor={"publishes": OMEGA, "linkage": [0.2, 0.9]})  # fmt: skip
        model = build_model(fill(Case.model_validate(stated)))
        answer = evaluate(model, model.rows([{}, {"sources.a.misfit": 0.1}, {}]))
        expected = find_roles(model, answer).victims["w"][source]
        assert answer.probability[0] == pytest.approx(expected, abs=1e-6)
        assert answer.probability[2] == answer.probability[0] != answer.probability[1]
        assert held(answer, None).probability == pytest.approx(answer.probability, abs=1e-9)
        joint = Joint(model)
        u = shifted_lattice(4093, len(joint.names), 4, 1).reshape(-1, len(joint.names))
        log_joint, chance = joint.table(ndtri(u))
        weight = np.exp(log_joint - log_joint.max())
        assert (weight * chance).sum() / weight.sum() == pytest.approx(expected, abs=3e-3)


def test_the_entrance_of_a_stranger_by_hand() -> None:
    """Every role of a victim who is surely none of the series is that of the background."""
    victims = [
        {"id": "p", "plaintiff": True, "disclosed": ["phone"]},
        {"id": "w", "disclosed": ["phone"], "linkage": 0.0},
    ]
    both = 1.0 - (1.0 - A["phone"]) * (1.0 - B["phone"])
    stated = tree(victims=victims)
    for s in stated["sources"].values():
        s["misfit"] = 0.0
    chances = {}
    for role in ("entrance", "alone", "role"):
        stated["proposition"] = {"source": "b", "victim": "w", "role": role}
        model = build_model(fill(Case.model_validate(stated)))
        chances[role] = float(evaluate(model).probability[0])
        shares = dict(zip(model.route_names, model.background, strict=True))
    parts = {"a": shares["a"] * A["phone"], "b": shares["b"] * B["phone"]}
    chain = shares.get("a/b", 0.0)
    total = sum(parts.values()) + chain * both
    assert chances["entrance"] == pytest.approx(parts["b"] / total, abs=1e-6)
    assert chances["alone"] == pytest.approx(parts["b"] / total, abs=1e-6)
    assert chances["role"] == pytest.approx((parts["b"] + chain * B["phone"]) / total, abs=1e-6)
