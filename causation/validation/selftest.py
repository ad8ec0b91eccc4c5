"""Published results, reproduced: each published number, ours, and the difference.

The cases and the published numbers are data (``data/published``), one file to a source, each
with its citation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import betaincinv, ndtr

from causation.analyses.bounds import robust_bounds
from causation.analyses.contributions import contributions
from causation.analyses.information import expected_information
from causation.case import Case, data_path, load_case
from causation.document.shipped import shipped
from causation.evidence.findings import repeated
from causation.inference.evaluate import evaluate
from causation.inference.integrate import IntegratorSettings, integrate
from causation.model.structure import Model, build_model
from causation.validation.metrics import cllr


@dataclass(frozen=True, slots=True)
class SelftestRow:
    """One published number beside ours; the last of its decimals may be off by half a unit."""

    name: str
    published: float
    ours: float
    decimals: int
    citation: str

    @property
    def agrees(self) -> bool:
        """Whether ours rounds to the published number."""
        return abs(self.ours - self.published) <= 0.5000001 * 10.0**-self.decimals

    def cells(self) -> tuple[str, str, str, str, str]:
        """Name, published, ours, difference and judgement, as text."""
        return (
            self.name,
            f"{self.published:.{self.decimals}f}",
            f"{self.ours:.{self.decimals}f}",
            f"{self.ours - self.published:+.1e}",
            "ok" if self.agrees else "DIFFERS",
        )


def run_selftest() -> tuple[SelftestRow, ...]:
    """Reproduce every published number that is shipped."""
    rows: list[SelftestRow] = []
    for entry in shipped("published/expected.yaml")["results"]:
        if "case" in entry:
            rows += _of_case(entry)
        else:
            rows += _of_formula(entry)
    return tuple(rows)


def _of_case(entry: dict[str, Any]) -> Iterator[SelftestRow]:
    case = load_case(data_path("published", f"{entry['case']}.yaml"))
    citation = " ".join(entry["citation"].split())
    for scenario in entry.get("scenarios", ()):
        yield from _of_scenario(case, scenario, f"{entry['case']}: {scenario['id']}", citation)
    if "contributions" in entry:
        yield from _contributions(entry, build_model(case), citation)
    for item in entry.get("information", ()):
        model = build_model(case)
        table = [[row[r] for r in model.route_names] for row in item["outcomes"].values()]
        prior = np.exp(evaluate(model).log_prior[0])
        ours = expected_information(prior, np.array(table))
        label = f"{entry['case']}: information in {item['id']}, bits"
        yield SelftestRow(label, item["bits"], ours, item["decimals"], citation)
    for item in entry.get("bounds", ()):
        one = case.replace(proposition=item["source"])
        found = robust_bounds(one, epsilon=item["epsilon"]).contaminated
        for end in ("lower", "upper"):
            label = f"{entry['case']}: {item['id']}, {end}"
            ours = float(getattr(found, end))
            yield SelftestRow(label, item[end], ours, item["decimals"], citation)


def _of_scenario(
    case: Case, scenario: dict[str, Any], label: str, citation: str
) -> Iterator[SelftestRow]:
    answer = evaluate(build_model(_scenario(case, scenario)))
    of_route = dict(zip(answer.model.route_names, answer.posterior[0].tolist(), strict=True))
    claims = scenario.get("claims", {})
    for name, published in scenario["posterior"].items():
        whole = name == "proposition"
        ours = sum(of_route[s] for s in claims.get(name, () if whole else (name,)))
        ours = float(answer.probability[0]) if whole else ours
        row = label if whole else f"{label}, {name}"
        yield SelftestRow(row, published, ours, scenario["decimals"], citation)
    if "evidence" in scenario:
        value, decimals = scenario["evidence"]["value"], scenario["evidence"]["decimals"]
        ours = float(np.exp(np.logaddexp.reduce((answer.log_prior + answer.log_evidence)[0])))
        yield SelftestRow(f"{label}, evidence", value, ours, decimals, citation)


def _scenario(case: Case, scenario: dict[str, Any]) -> Case:
    dropped = [f.id for f in case.findings if f.id not in scenario.get("keep", ())]
    changes = scenario.get("change", {}) | {
        f"findings.{finding}.likelihood.{source}": value
        for finding, likelihood in scenario.get("likelihood", {}).items()
        for source, value in likelihood.items()
    }
    changed = case.replace(changes) if changes else case
    return changed.without(*dropped) if dropped else changed


def _contributions(entry: dict[str, Any], model: Model, citation: str) -> Iterator[SelftestRow]:
    published, found = entry["contributions"], contributions(model)
    rows = {r.item.id: r for r in found.rows}
    for kind in ("sequential", "leave_one_out", "shapley"):
        for name, value in zip(published["order"], published[kind], strict=True):
            label = f"{entry['case']}: {kind} bans of {name}"
            ours = float(getattr(rows[f"findings.{name}"], kind))
            yield SelftestRow(label, value, ours, published["decimals"], citation)
    label = f"{entry['case']}: total bans"
    yield SelftestRow(label, published["total"], found.total, published["decimals"], citation)


_FINE = IntegratorSettings(tolerance=1e-4, points=(1021, 4093))


@dataclass(frozen=True, eq=False)
class _SharedRate:
    """Probability that all of n like observations are made; their common rate has a beta law."""

    shape: tuple[float, float]
    count: int
    dim = rows = 1
    heavy = 0.0
    axis = None
    pairs = ()
    alike = np.zeros(1, int)

    def _value(self, z: np.ndarray) -> np.ndarray:
        rate = betaincinv(*self.shape, ndtr(z[..., 0]))
        result: np.ndarray = self.count * np.log(rate)
        return result

    def log_likelihood(self, z: np.ndarray, _: np.ndarray) -> np.ndarray:
        return np.atleast_2d(self._value(z))

    def gradients(self, z: np.ndarray, _: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        step = 1e-5
        slope = (self._value(z + step) - self._value(z - step)) / (2.0 * step)
        return self._value(z), slope[..., None]

    def starts(self, _: np.ndarray) -> np.ndarray:
        return np.zeros((1, 1, 1))

    def functionals(self, _: np.ndarray, __: np.ndarray) -> None:
        return None


def _log_moment(shape: Sequence[float], count: int) -> float:
    a, b = shape
    return float(integrate(_SharedRate((a, b), count), _FINE).value[0])


def _of_formula(entry: dict[str, Any]) -> Iterator[SelftestRow]:
    citation = " ".join(entry["citation"].split())
    for item in entry.get("repeats", ()):
        pair = repeated(np.array(item["p"]), int(item["n"]), np.array(item["d"]))
        label = f"{entry['formula']}: n = {item['n']}"
        ours = float(pair[0] / pair[1])
        yield SelftestRow(label, item["lr"], ours, item["decimals"], citation)
    for item in entry.get("shared", ()):
        first, second = (_log_moment(item[key], item["n"]) for key in ("first", "second"))
        names = " v. ".join(f"Beta({a}, {b})" for a, b in (item["first"], item["second"]))
        label = f"{entry['formula']}: {names}, n = {item['n']}"
        yield SelftestRow(
            label, item["lr"], float(np.exp(first - second)), item["decimals"], citation
        )
    for item in entry.get("cllr", ()):
        ours = cllr(np.array(item["log10_lr"]), np.array(item["truth"], dtype=bool))
        label = f"{entry['formula']}: {item['id']}"
        yield SelftestRow(label, item["value"], ours, item["decimals"], citation)
