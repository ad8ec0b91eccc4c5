"""The verdict: what does not hold is named, and JSON alone gives it again."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from causation.analyses.bound import Held
from causation.analyses.redrawn import Redraws
from causation.analyses.variants import VariantResult
from causation.analyses.verdict import Judgement, Verdict, judge, verdict_of, verdict_of_document
from causation.document.mappings import Fixed, thawed

TAU = 0.75


@dataclass
class Stated:
    """What a verdict reads."""

    held: Held
    variants: tuple[VariantResult, ...]
    redraws: Redraws
    threshold: float = TAU

    @property
    def compared(self) -> tuple[VariantResult, ...]:
        return tuple(v for v in self.variants if v.needed is not None)

    def to_json(self) -> str:
        return json.dumps(
            {
                "standard": {"threshold": self.threshold},
                "held": {"probability": self.held.probability},
                "variants": thawed(self.variants),
                "redraws": self.redraws.to_dict(),
            }
        )


def variant(name: str, held: float | None, needed: float | None) -> VariantResult:
    label = Fixed({"en": name, "zh": name})
    meets = None if held is None else held >= TAU
    return VariantResult(name, label, "model", needed == TAU, held, held, meets, needed)


def drawn(*held: float) -> Redraws:
    values = np.array(held)
    return Redraws(0.5, np.full(len(values), 0.99), values, TAU)


def stated(base: float = 0.8, *rows: VariantResult, redraws: Redraws | None = None) -> Stated:
    return Stated(Held(base, 1.0), rows, redraws or drawn(0.7, 0.8, 0.9))


def reasons(judgement: Judgement) -> list[str]:
    return [r.id for r in judgement.because]


CASES = {
    "all above": (stated(0.8, variant("a", 0.76, TAU), variant("b", 0.5, 0.5)), "meets", []),
    "on the level": (stated(TAU, variant("a", TAU, TAU), redraws=drawn(TAU)), "meets", []),
    "base below": (stated(0.74), "does_not_meet", ["base"]),
    "a binding one below": (
        stated(0.8, variant("a", 0.749, TAU)), "meets_not_robustly", ["a"],
    ),
    "a group out below one half": (
        stated(0.8, variant("without.g", 0.49, 0.5)), "meets_not_robustly", ["without.g"],
    ),
    "one that is only shown": (stated(0.8, variant("a", 0.1, None)), "meets", []),
    "a binding one that cannot be built": (
        stated(0.8, variant("a", None, TAU)), "meets_not_robustly", ["a"],
    ),
    "the mean of the redraws": (
        stated(0.8, redraws=drawn(0.7, 0.7, 0.8)), "meets_not_robustly", ["redraws.mean"],
    ),
    "their lower end": (
        stated(0.8, redraws=drawn(*[0.4] * 6, *[0.9] * 94)),
        "meets_not_robustly", ["redraws.lower"],
    ),
    "everything": (
        stated(0.7, variant("a", 0.6, TAU), redraws=drawn(0.3, 0.3)),
        "does_not_meet", ["base", "a", "redraws.mean", "redraws.lower"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_verdicts(name: str) -> None:
    what, verdict, because = CASES[name]
    judgement = judge(what)
    assert judgement.verdict == verdict
    assert reasons(judgement) == because


@pytest.mark.parametrize("name", CASES)
def test_json_alone_gives_the_same(name: str) -> None:
    what, _, _ = CASES[name]
    assert verdict_of_document(json.loads(what.to_json())) == judge(what)
    assert verdict_of(what) is judge(what).verdict


def test_held_probabilities_are_compared() -> None:
    """The model's own probability of every draw above is .99."""
    assert judge(stated(redraws=drawn(0.2))).verdict is Verdict.NOT_ROBUSTLY


def test_reasons_say_what_is_below_what() -> None:
    what = stated(
        0.8, variant("a", 0.7, TAU), variant("b", 0.4, 0.5), variant("c", None, TAU),
        redraws=drawn(0.3),
    )  # fmt: skip
    text = {r.id: r.text for r in judge(what).because}
    assert text["a"] == {"en": "a: below the comparison value", "zh": "a：低于对照值"}
    assert text["b"] == {"en": "b: below one half", "zh": "b：低于二分之一"}
    assert text["c"] == {"en": "c: cannot be computed", "zh": "c：无法计算"}
    assert text["redraws.lower"]["zh"] == "重新取值检验中间90%的下端：低于二分之一"
    for r in judge(what).because:
        assert not {"认定", "成立"} & set(r.text["zh"].split("：")[-1:])
