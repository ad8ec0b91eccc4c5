"""How the proposition stands to the standard of proof, and what does not hold.

A comparison of numbers with numbers: whether a fact is proved is for the court. Everything that
the verdict reads is in the assessment's JSON, and `verdict_of_document` finds it again from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from causation.document.mappings import EMPTY, Fixed, thawed

if TYPE_CHECKING:
    from causation.analyses.bound import Held
    from causation.analyses.redrawn import Redraws
    from causation.analyses.variants import VariantResult

LOWER = 0.5
"""What the lower end of the redraws' interval has to reach."""


class Verdict(StrEnum):
    """How the held probability stands to the standard.

    Examples
    --------
    >>> Verdict("meets").name
    'MEETS'
    """

    MEETS = "meets"
    NOT_ROBUSTLY = "meets_not_robustly"
    DOES_NOT_MEET = "does_not_meet"


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that does not hold: what lies below what.

    `id` is ``base``, the id of a variant, ``redraws.mean`` or ``redraws.lower``; `value` a held
    probability, None for a variant that cannot be built; `needed` what it would have to reach.
    """

    id: str
    text: Mapping[str, str]
    value: float | None
    needed: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and everything that does not hold, the case itself first."""

    verdict: Verdict
    because: tuple[Reason, ...]


class Judged(Protocol):
    """What a verdict reads of an assessment."""

    @property
    def threshold(self) -> float:
        """Standard of proof."""

    @property
    def held(self) -> Held:
        """The case as it is, with the likelihood ratio limited to the validated range."""

    @property
    def compared(self) -> Sequence[VariantResult]:
        """Those of the variants that a robust verdict asks something of."""

    @property
    def redraws(self) -> Redraws:
        """The inputs elicited once more."""


def judge(assessment: Judged) -> Judgement:
    """Compare the case, its variants and its redraws with the standard.

    Binding variants have to reach the standard, the case without each group of uncertain linkage,
    and without all, one half; the mean of the redraws the standard, their lower end one half.
    All with the likelihood ratio limited to the validated range.
    """
    mean, interval = assessment.redraws.held_mean, assessment.redraws.held_interval
    return verdict_of_document(
        {
            "standard": {"threshold": assessment.threshold},
            "held": {"probability": assessment.held.probability},
            "variants": thawed(assessment.compared),
            "redraws": {"held_mean": mean, "held_interval": interval},
        }
    )


def verdict_of(assessment: Judged) -> Verdict:
    """Return the verdict alone: what cannot change it any more is not computed."""
    threshold = assessment.threshold
    if assessment.held.probability < threshold:
        return Verdict.DOES_NOT_MEET
    if any(
        v.held is None or v.held < v.needed for v in assessment.compared if v.needed is not None
    ):
        return Verdict.NOT_ROBUSTLY
    redraws = assessment.redraws
    robust = redraws.held_mean >= threshold and redraws.held_interval[0] >= LOWER
    return Verdict.MEETS if robust else Verdict.NOT_ROBUSTLY


def verdict_of_document(document: Mapping[str, Any]) -> Judgement:
    """Find the verdict again from an assessment's JSON alone.

    Parameters
    ----------
    document : mapping
        With ``standard.threshold``, ``held.probability``, ``variants`` (``id``, ``label``,
        ``needed``, ``held``) and ``redraws`` (``held_mean``, ``held_interval``).
    """
    threshold, redraws = document["standard"]["threshold"], document["redraws"]
    limited = document["held"]["probability"]
    compared: list[tuple[str, Mapping[str, str], float | None, float]] = [
        ("base", _BASE, limited, threshold),
        *(
            (v["id"], v["label"], v["held"], v["needed"])
            for v in document["variants"]
            if v["needed"] is not None
        ),
        ("redraws.mean", _MEAN, redraws["held_mean"], threshold),
        ("redraws.lower", _LOWER, redraws["held_interval"][0], LOWER),
    ]
    reasons = tuple(
        Reason(name, _text(label, value, needed, threshold), value, needed)
        for name, label, value, needed in compared
        if value is None or value < needed
    )
    if limited < threshold:
        return Judgement(Verdict.DOES_NOT_MEET, reasons)
    return Judgement(Verdict.NOT_ROBUSTLY if reasons else Verdict.MEETS, reasons)


_BASE = Fixed({"en": "the case as stated", "zh": "本案所载"})
_MEAN = Fixed({"en": "mean of the redraws", "zh": "重新取值检验的均值"})
_LOWER = Fixed(
    {
        "en": "lower end of the central 90 % interval of the redraws",
        "zh": "重新取值检验中间90%的下端",
    }
)
_BELOW = {"en": "{}: below the comparison value", "zh": "{}：低于对照值"}
_BELOW_HALF = {"en": "{}: below one half", "zh": "{}：低于二分之一"}
_UNKNOWN = {"en": "{}: cannot be computed", "zh": "{}：无法计算"}


def _text(
    label: Mapping[str, str], value: float | None, needed: float, threshold: float
) -> Mapping[str, str]:
    pattern = _BELOW if needed == threshold else _BELOW_HALF
    chosen = _UNKNOWN if value is None else pattern
    words = label or EMPTY
    return Fixed({lang: text.format(words.get(lang, "")) for lang, text in chosen.items()})
