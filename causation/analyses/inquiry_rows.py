"""What inquiries are worth: rows, outcomes and pairs, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causation.errors import InputError
from causation.scales import finite_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from causation.case.filled import Filled

__all__ = ["RANKINGS", "InquiryOutcome", "InquiryPair", "InquiryResult", "InquiryRow"]

RANKINGS = ("bits", "chance_of_crossing", "plaintiff_bans", "defendant_bans")
"""What inquiries can be ranked by."""


@dataclass(frozen=True, slots=True)
class InquiryOutcome:
    """What one outcome would do.

    Parameters
    ----------
    id : str
    label : mapping of str to str
        By language.
    chance : float
        Probability of this outcome, given the evidence so far.
    posterior : mapping of str to float
        Posterior probability by route after it.
    probability : float
        Of the proposition after it.
    meets_standard : bool
        Whether the standard is met then.
    """

    id: str
    label: Mapping[str, str]
    chance: float
    posterior: Mapping[str, float]
    probability: float
    meets_standard: bool


@dataclass(frozen=True, slots=True)
class InquiryRow:
    """What an inquiry is worth before it is made.

    Parameters
    ----------
    id : str
    about : str or None
        The source that it is about, several joined by ``/``.
    label, explanation : mapping of str to str
        By language.
    asks : tuple of str
        Who can bring it about: ``plaintiff``, ``defendant``, ``court``.
    bits : float
        Expected information about the route, in bits.
    chance_of_crossing : float
        Probability that the conclusion is another afterwards.
    plaintiff_bans, defendant_bans : float
        Expected weight of evidence (log10) for the plaintiff if the proposition is true, and
        for the defendant if it is not.
    lowest, highest : float
        Least and greatest probability of the proposition afterwards.
    outcomes : tuple of InquiryOutcome
    """

    id: str
    about: str | None
    label: Mapping[str, str]
    explanation: Mapping[str, str]
    asks: tuple[str, ...]
    bits: float
    chance_of_crossing: float
    plaintiff_bans: float
    defendant_bans: float
    lowest: float
    highest: float
    outcomes: tuple[InquiryOutcome, ...]


@dataclass(frozen=True, slots=True)
class InquiryPair:
    """Outcomes of two inquiries that come together.

    Parameters
    ----------
    inquiries : tuple of (str, str or None)
        Id of each, and what it is about.
    outcomes : tuple of str
    labels : tuple of mapping
        Inquiry and outcome in words, by language.
    chance : float
        Probability that both come about, given the evidence so far.
    probability : float
        Of the proposition after both.
    meets_standard : bool
    """

    inquiries: tuple[tuple[str, str | None], tuple[str, str | None]]
    outcomes: tuple[str, str]
    labels: tuple[Mapping[str, str], Mapping[str, str]]
    chance: float
    probability: float
    meets_standard: bool


@dataclass(frozen=True, slots=True)
class InquiryResult:
    """Inquiries that are open in a case, ranked.

    Parameters
    ----------
    filled : Filled
        The case.
    probability, threshold : float
        Of the proposition as it stands (held to the validated range if there is a bound), and
        the standard of proof.
    rows : tuple of InquiryRow
        Those with most expected information first.
    lowest_pair, highest_pair : InquiryPair or None
        The two outcomes after which the proposition is least and most probable.
    """

    filled: Filled
    probability: float
    threshold: float
    rows: tuple[InquiryRow, ...]
    lowest_pair: InquiryPair | None
    highest_pair: InquiryPair | None

    def by(self, ranking: str) -> tuple[InquiryRow, ...]:
        """The rows by another worth: `chance_of_crossing`, `plaintiff_bans`, `defendant_bans`."""
        if ranking not in RANKINGS:
            raise InputError(f"no ranking {ranking!r}; allowed: {', '.join(RANKINGS)}")
        return tuple(sorted(self.rows, key=lambda row: -float(getattr(row, ranking))))

    def to_dict(self) -> dict[str, Any]:
        """Plain Python data."""
        return {
            "case": self.filled.case.id,
            "proposition": list(self.filled.proposition.sources),
            "probability": self.probability,
            "standard": {"id": self.filled.standard_id, "threshold": self.threshold},
            "inquiries": [_row_dict(row) for row in self.rows],
            "lowest_pair": _pair_dict(self.lowest_pair),
            "highest_pair": _pair_dict(self.highest_pair),
        }

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each inquiry."""
        import pandas as pd

        names = ("id", "about", *RANKINGS, "lowest", "highest")
        return pd.DataFrame([{n: getattr(row, n) for n in names} for row in self.rows])


def _row_dict(row: InquiryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "about": row.about,
        "label": dict(row.label),
        "explanation": dict(row.explanation),
        "bits": row.bits,
        "chance_of_crossing": row.chance_of_crossing,
        # infinite where an outcome is decisive
        "plaintiff_bans": finite_or_none(row.plaintiff_bans),
        "defendant_bans": finite_or_none(row.defendant_bans),
        "lowest": row.lowest,
        "highest": row.highest,
        "asks": list(row.asks),
        "outcomes": [
            {
                "id": outcome.id,
                "label": dict(outcome.label),
                "chance": outcome.chance,
                "posterior": dict(outcome.posterior),
                "probability": outcome.probability,
                "meets_standard": outcome.meets_standard,
            }
            for outcome in row.outcomes
        ],
    }


def _pair_dict(pair: InquiryPair | None) -> dict[str, Any] | None:
    if pair is None:
        return None
    return {
        "inquiries": [list(x) for x in pair.inquiries],
        "outcomes": list(pair.outcomes),
        "labels": [dict(x) for x in pair.labels],
        "chance": pair.chance,
        "probability": pair.probability,
        "meets_standard": pair.meets_standard,
    }
