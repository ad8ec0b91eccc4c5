"""The bundled real cases beside what the courts found.

The prior sets were written before any of these numbers was computed and are not tuned to them;
the table shows where the estimator and the court agree, and where they do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causation.analyses.verdict import Verdict
from causation.case import bundled_cases, bundled_prior_sets, load_case
from causation.dossier.assessment import assess

__all__ = ["OutcomeRow", "as_markdown", "outcome_table"]


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One real case under one prior set.

    Parameters
    ----------
    case, prior_set : str
    prior, probability, held : float
        Of the proposition: before the evidence, after it, and after it with the likelihood
        ratio limited to the validated range.
    log10_lr_rest : float
        Of the proposition's routes against all others.
    verdict : Verdict
    court_established : bool
        What the court found.
    """

    case: str
    prior_set: str
    prior: float
    probability: float
    held: float
    log10_lr_rest: float
    verdict: Verdict
    court_established: bool

    @property
    def agrees(self) -> bool:
        """Whether the proposition meets the standard exactly where the court found it proved."""
        return (self.verdict is not Verdict.DOES_NOT_MEET) == self.court_established


def outcome_table() -> tuple[OutcomeRow, ...]:
    """Every bundled case with a known outcome, under every bundled prior set."""
    rows = []
    for name in bundled_cases():
        case = load_case(name)
        if not case.court_found:
            continue
        for priors in bundled_prior_sets():
            a = assess(case, priors=priors)
            rows.append(
                OutcomeRow(
                    case=name,
                    prior_set=priors,
                    prior=a.prior_probability,
                    probability=a.probability,
                    held=a.held.probability,
                    log10_lr_rest=a.likelihood_ratio_rest.log10,
                    verdict=a.verdict,
                    court_established=case.court_found[0].established,
                )
            )
    return tuple(rows)


def as_markdown(rows: Sequence[OutcomeRow]) -> str:
    """Return the table as Markdown, as it stands in the documentation."""
    heads = ("case", "prior set", "prior", "posterior", "held", "log10 LR against the rest",
             "verdict", "court", "agree")  # fmt: skip
    rule = ("---", "---", "---:", "---:", "---:", "---:", "---", "---", "---")
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join(rule)} |"]
    for r in rows:
        court = "established" if r.court_established else "not established"
        lines.append(
            f"| {r.case} | {r.prior_set} | {r.prior:.3f} | {r.probability:.3f} | {r.held:.3f} "
            f"| {r.log10_lr_rest:+.2f} | {r.verdict.value.replace('_', ' ')} | {court} "
            f"| {'yes' if r.agrees else 'no'} |"
        )
    return "\n".join(lines) + "\n"
