"""Whatever may be observed adds up: the evidence of every outcome to that of not having looked.

Of one victim a field is published or not, he has a trait or not, a value agrees with a register or
not, it was the true one until a day or since then: under every route the two sum to the evidence
without. In how many like victims there are the evidence is a sequence of moments, so that its
logarithm is convex.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causation.case import Case, fill
from causation.inference.evaluate import Answer, evaluate
from causation.model.structure import build_model
from tests.reference.random_cases import PHOTO_SHOWS, random_tree

LN10 = math.log(10.0)
QUICK = ("single", "lists", "implied")
SLOW = ("chains", "not_users", "custodians", "attempt", "records", "dates", "many")
few = settings(
    max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
many = settings(few, max_examples=20)


def answer(tree: dict[str, Any]) -> Answer:
    return evaluate(build_model(fill(Case.model_validate(tree))))


def alone(seed: int, shape: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A random case, and of it a victim who has no like; a plaintiff as often as another."""
    tree = random_tree(seed, shape)
    victims = tree["victims"]
    one = victims[seed % len(victims)]
    if (count := one.get("count", 1)) > 1:
        one["count"] = 1
        victims.append({**copy.deepcopy(one), "id": "like", "count": count - 1})
    return tree, one


def adds_up(outcomes: list[Answer], whole: Answer) -> None:
    """The evidence of the outcomes sums to the whole, to four errors or a thousandth of a ban."""
    parts = np.stack([x.log_evidence[0] for x in outcomes])
    total = np.logaddexp.reduce(parts, axis=0)
    near = whole.log_evidence[0] > whole.log_evidence[0].max() - 20.0 * LN10
    share = np.exp(parts - total)
    error = np.sqrt(sum((s * x.error[0]) ** 2 for s, x in zip(share, outcomes, strict=True)))
    gap = np.abs(total - whole.log_evidence[0]) / LN10
    assert (gap <= np.maximum(4.0 * np.hypot(error, whole.error[0]), 1e-3))[near].all(), gap


def check_field(seed: int, shape: str) -> None:
    tree, one = alone(seed, shape)
    known = one["known_by"] if isinstance(one.get("known_by"), dict) else {}
    named = {f for key in ("disclosed", "not_disclosed", "redacted") for f in one.get(key, ())}
    named |= {*known.get("published_all", ()), *known.get("published_any", ())}
    if "id_photo" in named:
        named |= {*PHOTO_SHOWS}
    field = next(f for f in ("phone", "home_address", "email", "occupation") if f not in named)
    tree["fields"] = [field]
    outcomes = []
    for key in ("disclosed", "not_disclosed"):
        stated = one.get(key, [])
        one[key] = [*stated, field]
        outcomes.append(answer(tree))
        one[key] = stated
    adds_up(outcomes, answer(tree))


def check_trait(seed: int, shape: str) -> None:
    tree, one = alone(seed, shape)
    if one.get("known_by") == "attempt":
        return
    known = one["known_by"] if isinstance(one.get("known_by"), dict) else {}
    trait = next(k for k in ("handle_reuse", "anonymous") if k not in known.get("traits", ()))
    others = {k: x for k, x in one.get("traits", {}).items() if k != trait}
    outcomes = []
    for value in (True, False):
        one["traits"] = {**others, trait: value}
        outcomes.append(answer(tree))
    one["traits"] = others
    adds_up(outcomes, answer(tree))


def check_record(seed: int, shape: str) -> None:
    tree, one = alone(seed, shape)
    one.pop("record", None)
    if not one.get("disclosed"):
        return
    whole, outcomes, field = answer(tree), [], one["disclosed"][0]
    custodians = [s for s, x in tree["sources"].items() if x["kind"] == "custodian"]
    for key in ("agrees", "differs"):
        one["record"] = {"of": custodians[: 1 + seed % 2], key: [field]}
        outcomes.append(answer(tree))
    adds_up(outcomes, whole)


def check_dates(seed: int, shape: str) -> None:
    """Single sources: of a chain either may have had it, so that both windows may hold."""
    tree = random_tree(seed, shape) | {"routes": "single"}
    one = tree["victims"][0]
    one.pop("dates", None)
    for finding in tree.get("findings", ()):
        finding["likelihood"] = {s: x for s, x in finding["likelihood"].items() if "/" not in s}
    hidden = PHOTO_SHOWS if "id_photo" in one["disclosed"] else ()
    field = next(f for f in one["disclosed"] if f not in hidden)
    whole, outcomes = answer(tree), []
    day = ("2023-09-20", "2023-06", "2022")[seed % 3]
    for key in ("until", "since"):
        one["dates"] = {field: {key: day}}
        outcomes.append(answer(tree))
    adds_up(outcomes, whole)


def check_counts(seed: int, shape: str) -> None:
    tree = random_tree(seed, shape)
    others = [v for v in tree["victims"][1:] if not v.get("plaintiff")]
    if not others:
        return
    first = (1, 6, 38, 62)[seed % 4]
    found = []
    for count in range(first, first + 5):
        others[0]["count"] = count
        found.append(answer(tree))
    log, error = (np.stack([getattr(x, k)[0] for x in found]) for k in ("log_evidence", "error"))
    bend = (log[:-2] - 2.0 * log[1:-1] + log[2:]) / LN10
    allowed = 4.0 * np.sqrt(error[:-2] ** 2 + 4.0 * error[1:-1] ** 2 + error[2:] ** 2)
    near = (log > log.max(axis=1, keepdims=True) - 20.0 * LN10).all(axis=0)
    assert (bend > -np.maximum(allowed, 1e-3))[:, near].all(), bend


CHECKS = (check_field, check_trait, check_record, check_dates, check_counts)


@pytest.mark.parametrize("check", CHECKS)
@given(st.integers(0, 500), st.sampled_from(QUICK))
@few
def test_outcomes_add_up(check: Any, seed: int, shape: str) -> None:
    check(seed, shape)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
@given(st.integers(0, 10_000), st.sampled_from((*QUICK, *SLOW)))
@many
def test_more_outcomes_add_up(check: Any, seed: int, shape: str) -> None:
    check(seed, shape)
