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
MOVE = 1e-9
"""Relative difference from which on a number has moved; below, it is arithmetic of the platform."""

type Results = dict[str, dict[str, float | str]]


def keys() -> list[str]:
    """Every shipped case under every prior set, as ``case/set``."""
    return [f"{case}/{priors}" for case in bundled_cases() for priors in bundled_prior_sets()]


def compute_results(key: str) -> dict[str, float | str]:
    """What is pinned of one case under one prior set."""
    case, priors = key.split("/")
    a = assess(load_case(case), priors=priors)
    numbers: dict[str, float | str] = {
        "verdict": a.verdict.value,
        "probability": a.probability,
        "lowest_redrawn": a.input_sensitivity.interval[0],
        "highest_redrawn": a.input_sensitivity.interval[1],
    }
    for source, prior, log_evidence in zip(
        a.sources, a.posterior.prior, a.posterior.log_evidence, strict=True
    ):
        numbers[f"prior.{source}"] = float(prior)
        numbers[f"log_evidence.{source}"] = float(log_evidence)
    for row in a.contributions.rows:
        numbers[f"shapley_bans.{row.item.id}"] = row.shapley
    return numbers


def read_table() -> dict[str, Any]:
    """``version`` and ``results`` by key, and those of the ``release_before``."""
    table: dict[str, Any] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return table


def moved_since_release(table: dict[str, Any]) -> list[str]:
    """Keys whose results differ from those of the release before."""
    before: Results = table["release_before"].get("results", {})
    return [k for k, v in before.items() if differences(v, table["results"].get(k, {}))]


def differences(pinned: dict[str, float | str], now: dict[str, float | str]) -> list[str]:
    """What moved, with the old number and the new one."""
    found = [f"{name}: gone" for name in pinned if name not in now]
    for name, value in now.items():
        old = pinned.get(name)
        if isinstance(old, int | float) and isinstance(value, int | float):
            if abs(old - value) > MOVE * max(abs(old), abs(value)):
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
    results: Results = {key: compute_results(key) for key in keys()}
    table = {"version": VERSION, "results": results, "release_before": before}
    TABLE.write_text(yaml.safe_dump(table, sort_keys=False), encoding="utf-8")
    return moved_since_release(table)
