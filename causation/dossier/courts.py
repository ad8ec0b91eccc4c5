"""What the comparison with decided cases showed, for whoever reads a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml

from causation.case.library import data_path

__all__ = ["CourtAgreement", "court_agreement", "court_paragraph"]

_TEXT = {
    "en": (
        "The method was applied to {cases} reported cases whose outcome is known. Under the "
        "neutral prior set it says what the court decided in {agreed} of {decisions} decisions "
        "on proof, {lost} of which the claimant lost; the share of agreement lies between {lo} "
        "and {hi} ({mass} interval, as if the decisions were independent). A decision is not "
        "the truth, the cases were encoded with their outcome known, and they are known because "
        "they were reported: this is no error rate, and shows neither that the method decides "
        "as courts do nor that it does not."
    ),
    "zh": (
        "本方法曾用于{cases}件结果已知的公开案件。在中性先验集之下，在就证明作出的{decisions}项裁判中，"
        "结果与法院裁判相同的有{agreed}项，其中原告败诉的裁判共{lost}项；一致比例在{lo}与{hi}之间"
        "（{mass}区间，按各项裁判相互独立计算）。裁判结果不等于真实情况；案件系在已知结果的情况下编写，"
        "且因见于报道而为人所知。故此并非错误率，既不表明本方法与法院判断一致，也不表明其不一致。"
    ),
}


@dataclass(frozen=True, slots=True)
class CourtAgreement:
    """Agreement with decisions on proof, under the neutral prior set.

    Parameters
    ----------
    cases, decisions, lost, agreed : int
        Cases; decisions after the evidence; of these lost by the claimant; agreed with.
    lo, hi, mass : float
        Central interval of the share, and its mass.
    """

    cases: int
    decisions: int
    lost: int
    agreed: int
    lo: float
    hi: float
    mass: float

    @property
    def values(self) -> Mapping[str, str]:
        """The numbers as they stand in the paragraph, by name."""
        return {
            "cases": str(self.cases),
            "decisions": str(self.decisions),
            "lost": str(self.lost),
            "agreed": str(self.agreed),
            "lo": f"{self.lo:.2f}",
            "hi": f"{self.hi:.2f}",
            "mass": f"{self.mass:.0%}",
        }


@cache
def court_agreement() -> CourtAgreement:
    """Return what `data/real_cases.yaml` keeps of the comparison."""
    found = yaml.safe_load(data_path("real_cases.yaml").read_text(encoding="utf-8"))
    neutral = found["agreement"]["neutral"]
    lo, hi = neutral["interval"]
    return CourtAgreement(
        found["cases"], found["decisions"], found["lost"], neutral["agreed"], lo, hi,
        found["mass"],
    )  # fmt: skip


def court_paragraph(lang: str) -> str:
    """Return the paragraph of a report on real cases, in English or Chinese.

    Examples
    --------
    >>> court_paragraph("en")[:42]
    'The method was applied to 12 reported case'
    """
    return _TEXT[lang].format(**court_agreement().values)
