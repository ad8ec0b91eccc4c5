"""The figures of one assessment: every number by an id that names its analysis.

A figure that could not be computed says why; it never costs the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causation.errors import CausationError
from causation.scales import finite_or_none

if TYPE_CHECKING:
    from causation.dossier.assessment import Assessment

__all__ = ["Figure", "figures_of"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it is.

    Parameters
    ----------
    id : str
        Analysis and place, such as ``posterior.platform`` or ``contributions.findings.audit``.
    value : float or None
    error : float or None
        Standard error from the numerics alone, in the same unit.
    unit : str
        ``probability``, ``bans``, ``log10_lr``, ``share`` or ``factor``.
    label : mapping of str to str
        By language.
    why_missing : str or None
        Why there is no value.
    """

    id: str
    value: float | None
    error: float | None
    unit: str
    label: Mapping[str, str]
    why_missing: str | None = None


_ONE = {"en": "{}", "zh": "{}"}


def figures_of(a: Assessment) -> dict[str, Figure]:
    """Collect every figure of an assessment; those that fail are there with their reason."""
    found: dict[str, Figure] = {}
    for name, make in _ANALYSES.items():
        try:
            rows = make(a)
        except (CausationError, MemoryError) as error:
            rows = [Figure(name, None, None, "", {"en": name, "zh": name}, str(error))]
        found.update({row.id: row for row in rows})
    return found


def _named(name: str) -> dict[str, str]:
    return {language: text.format(name) for language, text in _ONE.items()}


def _posterior(a: Assessment) -> list[Figure]:
    return [
        Figure(f"posterior.{r}", p, None, "probability", _named(r)) for r, p in a.posterior.items()
    ] + [Figure(f"prior.{r}", p, None, "probability", _named(r)) for r, p in a.prior.items()]


def _answer(a: Assessment) -> list[Figure]:
    held = a.held
    rest = a.likelihood_ratio_rest
    return [
        Figure("probability", a.probability, a.probability_error, "probability",
               {"en": "posterior probability of the proposition", "zh": "待证事实的后验概率"}),
        Figure("held.probability", held.probability, None, "probability",
               {"en": "held probability", "zh": "按上限计算的概率（保守值）"}),
        Figure("threshold", a.threshold, None, "probability",
               {"en": "comparison value", "zh": "对照值"}),
        Figure("log10_lr.rest", rest.log10, rest.error, "log10_lr",
               {"en": "likelihood ratio against the rest", "zh": "相对其余来源的似然比"}),
    ]  # fmt: skip


def _propositions(a: Assessment) -> list[Figure]:
    rows = []
    for source, table in a.propositions.items():
        rows += [
            Figure(f"sources.{source}.{role}", table[role], None, "probability", _named(source))
            for role in ("role", "entrance", "alone")
        ]
        for kind in ("supplied", "sole"):
            rows += [
                Figure(f"sources.{source}.{kind}.{f}", p, None, "probability", _named(f))
                for f, p in table[kind].items()
            ]
    return rows


def _victims(a: Assessment) -> list[Figure]:
    return [
        Figure(f"victims.{g}.{s}", p, None, "probability", _named(s))
        for g, table in a.victims.items()
        for s, p in table.items()
    ]


def _variants(a: Assessment) -> list[Figure]:
    return [
        Figure(
            f"variants.{v.id}",
            v.probability,
            None,
            "probability",
            v.label,
            None if v.why_missing is None else v.why_missing["en"],
        )
        for v in a.variants
    ]


def _sets(a: Assessment) -> list[Figure]:
    return [
        Figure(f"sets.{s.id}", s.probability, None, "probability", s.label, s.why_missing)
        for s in a.sets
    ]


def _claimants(a: Assessment) -> list[Figure]:
    return [
        Figure(f"claimants.{c.group}", c.probability, None, "probability", c.label)
        for c in a.claimants
    ]


def _contributions(a: Assessment) -> list[Figure]:
    return [
        Figure(f"contributions.{r.item.id}", finite_or_none(r.sequential), None, "bans",
               r.item.label)
        for r in a.contributions.rows
    ]  # fmt: skip


def _uncertainty(a: Assessment) -> list[Figure]:
    return [
        Figure(f"uncertainty.{x.path}", x.share, None, "share", _named(x.path))
        for x in a.uncertainty.inputs
    ]


def _security(a: Assessment) -> list[Figure]:
    return [
        Figure(f"security.{f.source}", f.factor, None, "factor", _named(f.source))
        for f in a.security
    ]


_ANALYSES: Mapping[str, Callable[[Assessment], list[Figure]]] = {
    "posterior": _posterior,
    "answer": _answer,
    "propositions": _propositions,
    "victims": _victims,
    "variants": _variants,
    "sets": _sets,
    "claimants": _claimants,
    "contributions": _contributions,
    "uncertainty": _uncertainty,
    "security": _security,
}
