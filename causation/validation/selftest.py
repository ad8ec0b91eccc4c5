"""Published results, reproduced: each published number, ours, and the difference.

The cases and the published numbers are data (``data/published``), one file to a source, each
with its citation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from causation.analyses.bounds import robust_bounds
from causation.analyses.contributions import contributions
from causation.analyses.information import expected_information
from causation.case import data_path, load_case
from causation.evidence.findings import repeated
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from causation.validation.metrics import cllr

if TYPE_CHECKING:
    from causation.case import Case
    from causation.model.structure import Model

__all__ = ["SelftestRow", "run_selftest"]


@dataclass(frozen=True, slots=True)
class SelftestRow:
    """One published number beside ours.

    Parameters
    ----------
    name : str
        What it is.
    published, ours : float
    decimals : int
        Decimals printed in the source; the last may be off by half a unit.
    citation : str
    """

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
    text = data_path("published", "expected.yaml").read_text(encoding="utf-8")
    rows: list[SelftestRow] = []
    for entry in yaml.safe_load(text)["results"]:
        if "case" in entry:
            rows += _of_case(entry)
        else:
            rows += _of_formula(entry)
    return tuple(rows)


def _of_case(entry: dict[str, Any]) -> Iterator[SelftestRow]:
    case = load_case(data_path("published", f"{entry['case']}.yaml"))
    citation = " ".join(entry["citation"].split())
    for scenario in entry.get("scenarios", ()):
        answer = evaluate(build_model(_scenario(case, scenario)))
        of_route = dict(zip(answer.model.route_names, answer.posterior[0].tolist(), strict=True))
        for name, published in scenario["posterior"].items():
            whole = name == "proposition"
            ours = float(answer.probability[0]) if whole else of_route[name]
            label = f"{entry['case']}: {scenario['id']}" + ("" if whole else f", {name}")
            yield SelftestRow(label, published, ours, scenario["decimals"], citation)
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


def _scenario(case: Case, scenario: dict[str, Any]) -> Case:
    dropped = [f.id for f in case.findings if f.id not in scenario["keep"]]
    changes = {
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


def _of_formula(entry: dict[str, Any]) -> Iterator[SelftestRow]:
    citation = " ".join(entry["citation"].split())
    for item in entry.get("repeats", ()):
        pair = repeated(np.array(item["p"]), int(item["n"]), np.array(item["d"]))
        label = f"{entry['formula']}: n = {item['n']}"
        ours = float(pair[0] / pair[1])
        yield SelftestRow(label, item["lr"], ours, item["decimals"], citation)
    for item in entry.get("cllr", ()):
        ours = cllr(np.array(item["log10_lr"]), np.array(item["truth"], dtype=bool))
        label = f"{entry['formula']}: {item['id']}"
        yield SelftestRow(label, item["value"], ours, item["decimals"], citation)
