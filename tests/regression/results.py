"""The table of pinned results: computing, reading, comparing, writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from causation.case import bundled_cases, bundled_prior_sets, load_case
from causation.dossier.assessment import assess
from causation.version import VERSION

__all__ = [
    "MOVE",
    "TABLE",
    "compute_results",
    "differences",
    "keys",
    "moved_since_release",
    "read_table",
    "write_table",
]

TABLE = Path(__file__).with_name("results.yaml")
MOVE = 5e-4
"""Difference from which on a number has moved, absolute, and relative to numbers above 1.

The randomisation of the integrator is seeded: on one machine results are the same to the bit,
whatever the number of threads. Linear algebra for another processor rotates the proposal: that
moves a log evidence by up to 4e-5, a hundredth of the stated error (0.0025 in log10).
"""

type Results = dict[str, dict[str, float | str]]


def keys() -> list[str]:
    """Every shipped case under every prior set, as ``case/set``."""
    return [f"{case}/{priors}" for case in bundled_cases() for priors in bundled_prior_sets()]


def compute_results(key: str, *, whole: bool = False) -> dict[str, float | str]:
    """What is pinned of one case under one prior set.

    Parameters
    ----------
    key : str
    whole : bool
        With the verdict and the redrawn interval, which take most of the time.
    """
    case, priors = key.split("/")
    a = assess(load_case(case), priors=priors)
    numbers: dict[str, float | str] = {
        "probability": a.probability,
        "held": a.held.probability,
        "prior_probability": a.prior_probability,
    }
    for row in (*a.likelihood_ratios, a.likelihood_ratio_rest):
        numbers[f"log10_lr.{row.against}"] = row.log10
    for route in a.routes:
        numbers[f"prior.{route}"] = a.prior[route]
        numbers[f"log_evidence.{route}"] = a.log_evidence[route]
        numbers[f"posterior.{route}"] = a.posterior[route]
    for source, table in a.propositions.items():
        numbers |= {f"{role}.{source}": table[role] for role in ("role", "entrance", "alone")}
    if whole:
        lowest, highest = a.redraws.interval
        numbers |= {"verdict": a.verdict.value, "lowest": lowest, "highest": highest}
    return numbers


def read_table() -> dict[str, Any]:
    """``version`` and ``results`` by key, and those of the ``release_before``."""
    table: dict[str, Any] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return table


def moved_since_release(table: dict[str, Any]) -> list[str]:
    """Keys whose results differ from those of the release before."""
    before: Results = table["release_before"].get("results", {})
    return [k for k, v in before.items() if differences(v, table["results"].get(k, {}))]


def differences(
    pinned: dict[str, float | str], now: dict[str, float | str], *, whole: bool = True
) -> list[str]:
    """What moved, with the old number and the new one.

    Parameters
    ----------
    pinned, now : dict
    whole : bool
        Whether what is pinned and not there now is gone; else it was not asked for.
    """
    found = [f"{name}: gone" for name in pinned if name not in now] if whole else []
    for name, value in now.items():
        old = pinned.get(name)
        if isinstance(old, int | float) and isinstance(value, int | float):
            if not abs(old - value) <= MOVE * max(1.0, abs(old), abs(value)):
                found.append(f"{name}: {old!r} -> {value!r}")
        elif old != value:
            found.append(f"{name}: {old} -> {value}")
    return sorted(found)


def write_table() -> list[str]:
    """Write the table anew; returns the keys that moved since the release before."""
    before: dict[str, Any] = {}
    if TABLE.exists():
        old = read_table()
        same = old["version"] == VERSION
        released = {"version": old["version"], "results": old["results"]}
        before = old["release_before"] if same else released
    results: Results = {key: compute_results(key, whole=True) for key in keys()}
    table = {"version": VERSION, "results": results, "release_before": before}
    TABLE.write_text(yaml.safe_dump(table, sort_keys=False), encoding="utf-8")
    return moved_since_release(table)
