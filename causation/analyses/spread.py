"""How far each input could lie from where it was put, in standard deviations.

A number with an interval moves by its own standard deviation where only its mean counts
(weights, linkage, findings, reliability, hazard ratios); where the whole interval is part of
the model (disclosure, membership, odds ratios), and for single numbers, it moves by the
standard deviation of a second elicitation. Intervals keep their width: 0 is the case itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from causation.case import Case, load_case, resolve
from causation.case.resolved import BearsOn, Input, ResolvedCase
from causation.inference.integrate import IntegratorSettings
from causation.scales import Scale
from causation.sweeping.grid import Value
from causation.sweeping.paths import Priors
from causation.sweeping.sweep import compute, plan_sweep

__all__ = ["CORRELATION_SD", "Scenarios", "Spread", "log_odds_of", "spreads_of"]

CORRELATION_SD = 0.25 / math.sqrt(3.0)
"""Standard deviation of a correlation that is uniform within 0.25 of its value."""

_INTEGRATED = ("disclosure", "membership", "odds_ratio")


@dataclass(frozen=True, slots=True)
class Spread:
    """One input and its standard deviation.

    Parameters
    ----------
    item : Input
    sd : float
        On the scale on which it is normal: logit, natural log, or as it is (a correlation).
    """

    item: Input
    sd: float

    @property
    def path(self) -> str:
        """Where a case file states the input."""
        return self.item.path

    @property
    def base(self) -> Value:
        """The input as it is: a number or an interval."""
        value = self.item.value
        return value.lo if value.is_point else (value.lo, value.hi)

    def at(self, t: float) -> Value:
        """The input moved by a number of standard deviations.

        Examples
        --------
        >>> from causation.scales import Elicited
        >>> weight = Input("sources.a.weight", Elicited(1.0, 4.0, Scale.POSITIVE), "case")
        >>> [round(end, 12) for end in Spread(weight, weight.value.sd).at(0.0)]
        [1.0, 4.0]
        """
        value = self.item.value
        if t == 0.0:
            return self.base
        if self.path.endswith(".correlation"):
            return min(1.0, max(0.0, value.lo + t * self.sd))
        lo = _moved(value.lo, t * self.sd, value.scale)
        return lo if value.is_point else (lo, _moved(value.hi, t * self.sd, value.scale))


def _moved(x: float, shift: float, scale: Scale) -> float:
    if scale is Scale.POSITIVE:
        return min(1e99, max(1e-99, x * math.exp(min(230.0, max(-230.0, shift)))))
    odds = x / (1.0 - x) * math.exp(min(700.0, max(-700.0, shift)))
    return min(1.0 - 1e-12, max(1e-12, odds / (1.0 + odds)))


def spreads_of(case: ResolvedCase) -> tuple[Spread, ...]:
    """Every input that can move: those that are used, and not certain (0, 1 or excluded)."""
    used = {f"victims.{g.id}." for g in case.groups if g.bears_on is BearsOn.SOURCE}
    used |= {f"security.{r.source}." for r in case.security if r.bears_on is BearsOn.SOURCE}
    seen: set[tuple[str, str]] = set()
    skipped: set[str] = set()
    members: dict[str, int] = {}
    for f in case.findings:
        if f.bears_on is not BearsOn.SOURCE:
            skipped.add(f"findings.{f.id}.")
            continue
        used.add(f"findings.{f.id}.")
        members[f.group] = members.get(f.group, 0) + 1
        for key in ("reliability", "repeats"):  # one for the whole group
            if (f.group, key) in seen:
                skipped.add(f"findings.{f.id}.{key}")
            seen.add((f.group, key))
    lone = {f.id for f in case.findings if members.get(f.group) == 1}
    skipped |= {f"findings.{name}.repeats" for name in lone}
    heads = ("sources.", "reference_profile.", *used)
    found = []
    for item in case.inputs():
        if not item.path.startswith(heads) or item.path.startswith(tuple(skipped) or ("\0",)):
            continue
        spread = _spread(item, case.elicitation_sd)
        if spread is not None:
            found.append(spread)
    return tuple(found)


def _spread(item: Input, elicitation_sd: float) -> Spread | None:
    value = item.value
    if item.path.endswith(".correlation"):
        return Spread(item, CORRELATION_SD)
    if value.is_point:
        certain = value.scale is Scale.PROBABILITY and value.lo in (0.0, 1.0)
        return None if certain else Spread(item, elicitation_sd)
    integrated = item.path.startswith("sources.") and item.path.split(".")[2] in _INTEGRATED
    return Spread(item, elicitation_sd if integrated else value.sd)


@dataclass(frozen=True, slots=True)
class Scenarios:
    """A case to be assessed under many changes of its inputs.

    Parameters
    ----------
    case : Case
    resolved : ResolvedCase
    priors, standard
        In place of those of the case.
    settings : IntegratorSettings
    """

    case: Case
    resolved: ResolvedCase
    priors: Priors
    standard: str | float | None
    settings: IntegratorSettings

    @classmethod
    def of(
        cls,
        case: Case | str | Path,
        priors: Priors,
        standard: str | float | None,
        settings: IntegratorSettings | None,
    ) -> Scenarios:
        """Load a case."""
        loaded = case if isinstance(case, Case) else load_case(case)
        resolved = resolve(loaded, priors=priors, standard=standard)
        return cls(loaded, resolved, priors, standard, settings or IntegratorSettings())

    def log_odds(self, columns: Mapping[str, Sequence[Value]]) -> np.ndarray:
        """Natural log odds of the proposition, one for each row of the columns by path.

        The standard of proof plays no part.
        """
        if not columns:
            columns = {"standard": [self.resolved.threshold]}
        plan = plan_sweep(
            self.case,
            dict(columns),
            zipped=True,
            priors=self.priors,
            settings=self.settings,
            variables=("posterior",),
        )
        posterior = compute(plan)["posterior"]
        return log_odds_of(posterior, np.array([s in plan.proposition for s in plan.sources]))

    def moved(self, spreads: Sequence[Spread], steps: np.ndarray) -> np.ndarray:
        """Log odds with inputs moved by numbers of standard deviations, shape (rows, inputs)."""
        columns = {
            s.path: [s.at(float(t)) for t in column]
            for s, column in zip(spreads, steps.T, strict=True)
        }
        return self.log_odds(columns)


def log_odds_of(posterior: np.ndarray, proposition: np.ndarray) -> np.ndarray:
    """Natural log odds of a union of sources, from the posterior (S, ...)."""
    with np.errstate(divide="ignore"):
        own = np.log(posterior[proposition].sum(axis=0))
        result: np.ndarray = own - np.log(posterior[~proposition].sum(axis=0))
    return result
