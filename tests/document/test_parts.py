"""Parts of documents cannot be changed, at any depth, in any way."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from causation.case import Case, fill, load_case, load_prior_set
from causation.document.mappings import Fixed, frozen
from causation.document.stated import Stated


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("bic-2025-doxxing")


def _set(place: Any, name: str) -> None:
    setattr(place, name, None)


def _delete(place: Any, name: str) -> None:
    delattr(place, name)


ATTACKS: dict[str, Callable[[Any], object]] = {
    "set a key": lambda c: _set(c, "id"),
    "set a new key": lambda c: _set(c, "more"),
    "set what is remembered": lambda c: _set(c, "_file"),
    "delete a key": lambda c: _delete(c, "id"),
    "set a part's key": lambda c: _set(c.sources["platform"], "weight"),
    "set a member of a mapping": lambda c: c.sources.__setitem__("x", 1),
    "delete a member of a mapping": lambda c: c.sources.__delitem__("platform"),
    "update a mapping": lambda c: c.sources.update({}),
    "clear a mapping": lambda c: c.sources.clear(),
    "pop from a mapping": lambda c: c.sources.pop("platform"),
    "set a default in a mapping": lambda c: c.sources.setdefault("x", 1),
    "add to a mapping in place": lambda c: c.sources.__ior__({"x": 1}),
    "set a mapping's attribute": lambda c: _set(c.sources, "_view"),
    "delete a mapping's attribute": lambda c: _delete(c.sources, "_view"),
    "write through a mapping's view": lambda c: c.sources._view.__setitem__("x", 1),
    "make a mapping again": lambda c: c.sources.__init__({}),
    "change a trait": lambda c: c.victims[0].traits.__setitem__("anonymous", False),
    "change a text": lambda c: c.title.__setitem__("en", "x"),
    "append to a list": lambda c: c.victims.append(1),
    "set a member of a list": lambda c: c.victims.__setitem__(0, 1),
    "append to a part's list": lambda c: c.victims[0].disclosed.append("email"),
    "change what a variant sets": lambda c: c.variants["same_fields"].changes.clear(),
    "change a list that a variant sets": lambda c: next(
        iter(c.variants["same_fields"].changes.values())
    ).append("x"),
    "copy with other values": lambda c: c.model_copy(update={"id": "x"}),
    "copy a part with other values": lambda c: c.victims[0].model_copy(update={"count": 7}),
    "make without checks": lambda c: type(c).model_construct(id="x"),
    "make again": lambda c: c.__init__(
        schema=2, id="x", standard=0.5, proposition="a", sources={"a": {"kind": "custodian"}}
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_a_case_can_be_changed(attack: str, case: Case) -> None:
    before = case.sha256
    with pytest.raises((AttributeError, TypeError)):
        ATTACKS[attack](case)
    assert case == load_case("bic-2025-doxxing")
    assert case.sha256 == before
    assert case.id == "bic-2025-doxxing"


PRIOR_ATTACKS: tuple[Callable[[Any], object], ...] = (
    lambda p: _set(p, "id"),
    lambda p: _set(p.weights.custodian, "value"),
    lambda p: p.fields.__setitem__("phone", None),
    lambda p: p.chains.clear(),
    lambda p: p.actor.traits.pop("anonymous"),
    lambda p: p.title.update({}),
    lambda p: p.model_copy(update={}),
)


def test_the_prior_set_that_is_kept_cannot_be_changed() -> None:
    kept = load_prior_set("neutral")
    assert kept is load_prior_set("neutral")
    for attack in PRIOR_ATTACKS:
        with pytest.raises((AttributeError, TypeError)):
            attack(kept)
    assert fill(load_case("bic-2025-doxxing")).number("sources.platform.weight").hi == 2.0


def test_what_is_given_can_be_changed_afterwards_without_effect() -> None:
    holds = ["phone"]
    traits = {"anonymous": True}
    tree: dict[str, Any] = {
        "schema": 2,
        "id": "x",
        "proposition": "a",
        "sources": {"a": {"kind": "custodian", "holds": holds}},
        "victims": [{"id": "p", "disclosed": holds, "traits": traits}],
    }
    case = Case.model_validate(tree)
    before = case.sha256
    holds.append("email")
    traits["anonymous"] = False
    tree["sources"].clear()
    assert case.sources["a"].holds == ("phone",)
    assert case.victims[0].traits == {"anonymous": True}
    assert case == Case.model_validate(
        {
            "schema": 2, "id": "x", "proposition": "a",
            "sources": {"a": {"kind": "custodian", "holds": ["phone"]}},
            "victims": [{"id": "p", "disclosed": ["phone"], "traits": {"anonymous": True}}],
        }
    )  # fmt: skip
    assert case.sha256 == before


def test_a_number_that_is_given_with_its_basis_cannot_be_changed_through_it() -> None:
    basis = {"en": "counted"}
    sources = {"a": {"kind": "custodian", "weight": Stated(1.0, basis=basis)}}
    tree = {"schema": 2, "id": "x", "standard": 0.5, "proposition": "a", "sources": sources}
    case = Case.model_validate(tree)
    before = case.sha256
    basis["en"] = "made up"
    weight: Any = case.sources["a"].weight
    assert weight.basis == {"en": "counted"}
    with pytest.raises(TypeError):
        weight.basis["en"] = "made up"
    assert Case.model_validate({**tree, "sources": case.sources}).sha256 == before


def test_copies_and_pickles_are_the_same_case(case: Case) -> None:
    assert copy.copy(case) is case
    assert copy.deepcopy(case) is case
    assert copy.deepcopy(case.victims[0]) is case.victims[0]
    again = pickle.loads(pickle.dumps(case))  # noqa: S301
    assert again == case
    assert again.sources["platform"].holds == case.sources["platform"].holds
    with pytest.raises(AttributeError):
        again.sources.update({})
    filled = fill(case)
    assert pickle.loads(pickle.dumps(filled)).numbers() == filled.numbers()  # noqa: S301


def test_every_mapping_and_list_of_a_case_is_read_only(case: Case) -> None:
    seen = 0

    def visit(value: object) -> None:
        nonlocal seen
        seen += 1
        assert not isinstance(value, dict | list | set), type(value)
        if isinstance(value, Mapping):
            for inner in value.values():
                visit(inner)
        elif isinstance(value, tuple):
            for inner in value:
                visit(inner)
        elif isinstance(value, Stated):
            for inner in (value.value, value.basis, value.source, value.status, value.n):
                visit(inner)
        elif hasattr(value, "model_fields_set"):
            for inner in value.__dict__.values():
                visit(inner)

    visit(case)
    visit(load_prior_set("neutral"))
    assert seen > 1000


def test_fixed_mappings_compare_hash_and_join_as_mappings_do() -> None:
    mapping = Fixed({"a": 1, "b": 2})
    assert mapping == {"b": 2, "a": 1} == mapping
    assert mapping != {"a": 1}
    assert hash(mapping) == hash(Fixed({"b": 2, "a": 1}))
    assert mapping | {"a": 3} == {"a": 3, "b": 2}
    assert mapping == Fixed({"a": 1, "b": 2})
    assert {**mapping} == {"a": 1, "b": 2}
    assert repr(mapping) == "{'a': 1, 'b': 2}"
    assert pickle.loads(pickle.dumps(mapping)) == mapping  # noqa: S301
    assert frozen([{"a": {1}}]) == (Fixed({"a": frozenset({1})}),)
