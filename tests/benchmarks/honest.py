"""Whether the sampler's stated errors are honest: ``python -m tests.benchmarks.honest``.

Ten hard problems, each over many seeds, against a value from many more points. Of honest errors
about one deviation in twenty is larger than 1.96 of them.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from causation.case import Case, fill
from causation.inference.evaluation import Evaluation
from causation.inference.integral import Integral
from causation.inference.integrate import IntegratorSettings, integrate
from causation.inference.problem import RouteProblem
from causation.inference.quadrature import Accuracy
from causation.model.structure import build_model

__all__ = ["PROBLEMS", "deviations"]

LN10 = float(np.log(10.0))
EVERY = (
    *("account_link", "phone", "real_name", "id_number", "home_address", "email", "employer"),
    *("face_photo", "transaction", "social_ties", "birth_date", "sex", "occupation"),
    *("bank_account", "check_in_time"),
)
SOME = EVERY[:6]


def _case(*victims: dict[str, Any], shares: Any = None, **more: Any) -> Case:
    first = {"id": "p", "plaintiff": True, "disclosed": ["account_link", "phone", "real_name"],
             "traits": {"anonymous": True}}  # fmt: skip
    first |= more.pop("plaintiff", {})
    shop: dict[str, Any] = {"kind": "custodian", "holds": list(EVERY)}
    if shares is not None:
        shop["disclosure"] = dict.fromkeys(EVERY, shares)
    tree = {
        "schema": 2, "id": "hard", "jurisdiction": "none", "standard": 0.75,
        "incident_date": "2024-05-03", "proposition": "shop", "sources": {"shop": shop},
        "victims": [first, *victims],
    }  # fmt: skip
    return Case.model_validate(tree | more)


def _different(count: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(count)
    found = []
    for i in range(count):
        names = [SOME[j] for j in rng.permutation(6)]
        found.append({"id": f"g{i}", "disclosed": names[:2], "not_disclosed": names[2:4]})
    return found


PROBLEMS: dict[str, Callable[[], Case]] = {
    "contradicting victims": lambda: _case(
        {"id": "g", "count": 8, "disclosed": ["phone"], "not_disclosed": ["account_link"]},
        {"id": "h", "count": 8, "disclosed": ["account_link"], "not_disclosed": ["phone"]},
    ),
    "fifteen fields": lambda: _case(
        {"id": "g", "count": 5, "disclosed": list(EVERY[:8]), "not_disclosed": list(EVERY[8:])},
        plaintiff={"disclosed": list(EVERY[3:11]), "not_disclosed": list(EVERY[11:])},
    ),
    "a million victims": lambda: _case(
        {"id": "g", "count": 1_000_000, "disclosed": ["account_link"], "traits": {"anonymous": 1}}
    ),
    "probabilities of 1e-6": lambda: _case(
        {"id": "g", "count": 12, "disclosed": ["phone", "email"]}, shares=[1e-6, 1e-5]
    ),
    "intervals [1e-6, .999]": lambda: _case(
        {"id": "g", "count": 12, "disclosed": ["phone"], "not_disclosed": ["email"]},
        shares=[1e-6, 0.999],
    ),
    "registers": lambda: _case(
        {"id": "g", "count": 3, "disclosed": ["phone"], "record": {"of": ["shop"],
                                                                   "differs": ["phone"]}},
        plaintiff={"record": {"of": ["shop"], "agrees": ["phone", "real_name"]}},
    ),
    "dates": lambda: _case(
        {"id": "g", "count": 2, "disclosed": ["phone"], "posted": "2024-06-01",
         "dates": {"phone": {"since": "2021"}}},
        plaintiff={"dates": {"phone": {"since": "2023-06"}, "real_name": {"until": "2022"}}},
    ),
    "lists by any of several": lambda: _case(
        {"id": "g", "count": 40, "disclosed": ["phone"], "not_disclosed": ["real_name"],
         "known_by": {"published_any": ["phone", "account_link"]}},
    ),
    "thirty different victims": lambda: _case(*_different(30)),
    "users and others": lambda: _case(
        {"id": "g", "count": 300, "disclosed": ["phone"], "users_of": ["shop"]},
        {"id": "h", "count": 200, "disclosed": ["phone"], "not_users_of": ["shop"]},
    ),
}  # fmt: skip


def _problem(name: str) -> tuple[RouteProblem, Integral | None]:
    """The integrand of the chain from the custodian to a library, and its value if it is known.

    Where victims separate it is, by nested quadrature with fine nodes.
    """
    model = build_model(fill(PROBLEMS[name]()))
    e = Evaluation(model, model.base(), IntegratorSettings())
    e.accuracy = Accuracy(0.6, 6.5)
    z = next(i for i, r in enumerate(model.routes) if r.name == "shop/library")
    density = e.density(model.routes[z], model.reach_of[z])
    problem = RouteProblem(density, e.rows.center, e.rows.sd, e.log_b)
    return problem, e.nested(model.routes[z], model.reach_of[z], np.arange(1), ())


def deviations(name: str, seeds: int, settings: IntegratorSettings) -> np.ndarray:
    """Deviations from a nearly exact value in units of the stated error, by seed."""
    problem, known = _problem(name)
    if known is None:
        many = replace(settings, tolerance=1e-3, limit=2e-3, heavy=1e-3, points=(16381,))
        best = [integrate(problem, replace(many, random_seed=10**6 + s)) for s in range(3)]
    else:
        best = [known]
    weight = np.array([1.0 / max(float(r.error[0]), 1e-6) ** 2 for r in best])
    truth = float(weight @ np.array([r.value[0] for r in best]) / weight.sum())
    own = float(1.0 / np.sqrt(weight.sum()))
    found = []
    for seed in range(seeds):
        r = integrate(problem, replace(settings, random_seed=seed))
        gap = (float(r.value[0]) - truth) / LN10
        found.append(gap / np.hypot(r.error[0], own))
    return np.array(found)


def main() -> None:
    """Print the share of large deviations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=60)
    arguments = parser.parse_args()
    every = []
    for name in PROBLEMS:
        z = deviations(name, arguments.seeds, IntegratorSettings())
        every.append(z)
        print(f"{name}: mean {z.mean():+.2f}, sd {z.std():.2f}, "
              f"beyond 1.96: {np.mean(np.abs(z) > 1.96):.1%}", flush=True)  # fmt: skip
    z = np.concatenate(every)
    print(f"all: {len(z)} runs, beyond 1.96: {np.mean(np.abs(z) > 1.96):.1%}, "
          f"largest {np.abs(z).max():.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
