"""Which inputs the uncertainty of the answer comes from, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.dossier.digits import percent
from causation.dossier.labels import in_language, listed
from causation.dossier.wording import input_label

if TYPE_CHECKING:
    from causation.dossier.assessment import Assessment

__all__ = ["uncertainty_sentences"]

_CARRY = (
    (
        "{count} of the {all} inputs carry {share} of the uncertainty of the answer; {judged} of "
        "them rest on judgement alone: {names}."
    ),
    "{all}项输入中，{count}项占结果不确定性的{share}，其中{judged}项仅凭判断：{names}。",
)
_HALVE = (
    (
        "{n} incidents of the reference class, with their source and what it gave ascertained, "
        "would halve the variance."
    ),
    "参照类别中如有{n}起来源及泄露内容均已查明的事件，该方差将减半。",
)
_NONE = (
    (
        "No number of ascertained incidents would halve the variance: too much of it lies in "
        "inputs that an incident does not show."
    ),
    "无论查明多少起事件，该方差均不能减半：其中过多部分来自事件无法显示的输入。",
)


def uncertainty_sentences(a: Assessment, lang: str = "en") -> tuple[str, str]:
    """Say which inputs carry the uncertainty, and with how many incidents it would halve.

    Parameters
    ----------
    a : Assessment
    lang : {"en", "zh"}
    """
    found = a.uncertainty

    def name(path: str) -> str:
        return input_label(a.filled, path, lang)

    first = found.inputs[: found.carrying]
    carry = in_language(
        _CARRY, lang, count=found.carrying, all=len(found.inputs), share=percent(found.carried),
        judged=found.judgements, names=listed((name(x.path) for x in first), lang),
    )  # fmt: skip
    halve = _NONE if found.incidents is None else _HALVE
    return carry, in_language(halve, lang, n=found.incidents)
