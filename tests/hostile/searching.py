"""A search for the case on which the integrator errs most beyond its stated error.

Random cases of every shape are made harder step by step: counts to a million, intervals from one
in a million to .999, groups that contradict each other. A step is kept where it raises the
difference between the integrator and the brute-force reference, in standard errors of both.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from causation.case import Case, fill
from causation.errors import CausationError
from causation.inference.evaluate import evaluate
from causation.inference.integrate import IntegratorSettings
from causation.model.structure import build_model
from tests.reference.copying import from_filled
from tests.reference.evidence import Evidence
from tests.reference.prior import name
from tests.reference.random_cases import SHAPES, random_tree

__all__ = ["Found", "climb", "harder", "score"]

LN10 = math.log(10.0)
QUICK = {"tolerance": 0.02, "draws": 2000, "most": 6}
THOROUGH = {"tolerance": 0.002, "draws": 20_000, "most": 40}
NEAR = 0.01
"""Difference in log10 evidence that is none, whatever the stated errors."""
FAR = 20.0
"""A route so many bans behind the best has no part in the answer."""
SUSPECT = 4.0
"""Standard errors from which on a difference is looked at thoroughly."""
_WIDE = ([1e-6, 0.999], [1e-6, 1e-4], [0.9, 0.9999], [0.01, 0.99], 1e-6, 0.999,
         [0.05, 0.06], [0.3, 0.4], [1e-6, 2e-6], [0.9998, 0.9999])  # fmt: skip
_LINKAGES = ([0.001, 0.999], [0.3, 0.7], 0.5, 0.01, 0.99, [0.3, 0.35], [1e-5, 2e-5])


@dataclass(frozen=True)
class Found:
    """How far the two are apart on a case.

    Parameters
    ----------
    errors : float
        Largest difference of a route that matters, in standard errors of both.
    difference : float
        That difference, in log10.
    route : str
    """

    errors: float
    difference: float
    route: str


def score(tree: dict[str, Any], *, thorough: bool = False) -> Found | None:
    """Compare integrator and reference on a case; None where the case is refused as a case."""
    try:
        model = build_model(fill(Case.model_validate(tree)))
    except (CausationError, ValueError):
        return None
    answer = evaluate(model)
    ours = answer.log_evidence[0] / LN10
    error = answer.error[0]
    if thorough:  # by itself again: other points, eight times as many
        more = IntegratorSettings(points=(2053, 8209, 32771), random_seed=77)
        again = evaluate(model, settings=more)
        mine = np.abs(again.log_evidence[0] / LN10 - ours)
    reference = Evidence(from_filled(model.filled), "importance", THOROUGH if thorough else QUICK,
                         log2=14 if thorough else 11)  # fmt: skip
    theirs = {name(z): x / LN10 for z, x in reference.log.items()}
    their_error = {name(z): x for z, x in reference.error.items()}
    strange = max(reference.strangers_error.values(), default=0.0)
    count = sum(v.count for v in reference.case.victims)
    best = max(theirs.values())
    worst = Found(0.0, 0.0, "")
    for k, (route, x) in enumerate(zip(model.route_names, ours, strict=True)):
        y = theirs[route]
        if not (math.isfinite(x) and math.isfinite(y)) or max(x, y) < best - FAR:
            continue
        apart = abs(x - y)
        both = math.hypot(error[k], math.hypot(their_error[route], strange * count))
        if apart <= NEAR or (thorough and mine[k] <= NEAR and their_error[route] > NEAR):
            continue  # none, or the reference does not know better
        worst = max(worst, Found(apart / max(both, 1e-9), apart, route), key=lambda f: f.errors)
    return worst


def climb(seed: int, *, steps: int) -> Iterator[tuple[dict[str, Any], Found]]:
    """Make a random case harder step by step; every case that was compared."""
    rng = np.random.default_rng([seed, 20260101])
    tree = random_tree(seed, SHAPES[seed % len(SHAPES)])
    at = -1.0
    dated = any("dates" in v for v in tree["victims"])  # the reference takes ten times as long
    for _ in range(min(steps, 2) if dated else steps):
        next_tree = harder(tree, rng)
        found = score(next_tree)
        if found is None:
            continue
        yield next_tree, found
        if found.errors >= at:
            tree, at = next_tree, found.errors


def harder(tree: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """A copy of a case with one to three things in it made extreme."""
    changed = copy.deepcopy(tree)
    for _ in range(int(rng.integers(1, 4))):
        _CHANGES[int(rng.integers(len(_CHANGES)))](changed, rng)
    return changed


def _numbers(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Places of intervals of probabilities."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        if isinstance(value, list) and len(value) == 2 and all(
            isinstance(x, int | float) and 0.0 < x < 1.0 for x in value
        ):  # fmt: skip
            yield tree, key
        elif isinstance(value, dict | list):
            yield from _numbers(value)


def _stretch(tree: dict[str, Any], rng: np.random.Generator) -> None:
    places = list(_numbers(tree["sources"])) + list(_numbers(tree.get("actor", {})))
    if places:
        where, key = places[int(rng.integers(len(places)))]
        where[key] = copy.copy(_WIDE[int(rng.integers(len(_WIDE)))])


def _others(tree: dict[str, Any]) -> list[dict[str, Any]]:
    return [v for v in tree["victims"] if not v.get("plaintiff")]


def _count(tree: dict[str, Any], rng: np.random.Generator) -> None:
    others = _others(tree)
    if others:
        entry = others[int(rng.integers(len(others)))]
        entry["count"] = int(10.0 ** rng.uniform(0.0, 6.0))


def _link(tree: dict[str, Any], rng: np.random.Generator) -> None:
    others = [v for v in _others(tree) if v.get("known_by") != "attempt"]
    if others:
        entry = others[int(rng.integers(len(others)))]
        entry["linkage"] = copy.copy(_LINKAGES[int(rng.integers(len(_LINKAGES)))])


def _contradict(tree: dict[str, Any], rng: np.random.Generator) -> None:
    """A further group of which the opposite is known."""
    others = _others(tree)
    if not others or len(others) > 5:
        return
    entry = copy.deepcopy(others[int(rng.integers(len(others)))])
    entry["id"] = f"contrary{len(others)}"
    entry["count"] = int(10.0 ** rng.uniform(0.0, 4.0))
    users, strangers = entry.pop("users_of", None), entry.pop("not_users_of", None)
    if users:
        entry["not_users_of"] = users
    if strangers:
        entry["users_of"] = strangers
    for key in ("known_by", "records", "dates"):
        entry.pop(key, None)
    tree["victims"].append(entry)


_CHANGES = (_stretch, _stretch, _count, _link, _contradict)
