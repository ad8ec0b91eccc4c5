"""What each number of a model moves: prior weights, the rest of the prior, findings, victims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causation.evidence.security import security_numbers
from causation.model.routes import prior_numbers

if TYPE_CHECKING:
    from causation.model.structure import Model

__all__ = ["Sorts", "sorts_of"]


@dataclass(frozen=True)
class Sorts:
    """Numbers that vary, by the factor that they move."""

    weights: tuple[str, ...]
    prior: tuple[str, ...]
    findings: Mapping[str, tuple[str, ...]]
    victims: tuple[str, ...]


def sorts_of(model: Model, paths: Sequence[str]) -> Sorts:
    """Sort numbers by what they move."""
    filled = model.filled
    weights = {filled.weight_of(s.name).path for s in filled.sources}
    misfit = {f"sources.{s.name}.misfit" for s in filled.sources}
    prior = {n.path for n in (*prior_numbers(filled), *security_numbers(filled))} - misfit
    group_of = {
        n.path: f.group
        for f in filled.findings
        for n in (*f.likelihood.values(), f.reliability, f.overlap, f.repeats)
    }
    groups: dict[str, list[str]] = {f.group: [] for f in filled.findings}
    others = []
    for path in paths:
        if path in group_of:
            groups[group_of[path]].append(path)
        elif path not in prior:
            others.append(path)
    return Sorts(
        weights=tuple(p for p in paths if p in weights),
        prior=tuple(p for p in paths if p in prior - weights),
        findings={g: tuple(paths) for g, paths in groups.items()},
        victims=tuple(others),
    )
