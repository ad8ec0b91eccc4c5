"""What the answer says in a few sentences: a comparison, never a finding; and what it hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.dossier.digits import percent, stated
from causation.dossier.labels import (
    check_language,
    in_language,
    listed,
    pick,
    proposition_label,
)
from causation.dossier.wording import input_label

if TYPE_CHECKING:
    from causation.dossier.assessment import Assessment

__all__ = ["headline", "limits", "uncertainty_sentences"]

_PROBABILITY = {
    "en": "On these inputs the probability that {what} is {p} ({held} with the likelihood ratio "
    "limited to the validated range).",
    "zh": "在所列输入之下，{what}的概率为{p}（似然比以经验证的上限计为{held}）。",
}
_UNHELD = {
    "en": "On these inputs the probability that {what} is {p}.",
    "zh": "在所列输入之下，{what}的概率为{p}。",
}
_VALUE = {
    "en": "The comparison value is {t}.",
    "zh": "对照值取{t}。",
}
_VALUE_CN = {
    "en": "The comparison value is {t}; no Chinese rule gives 高度可能性 a number.",
    "zh": "对照值取{t}；法律及司法解释未对“高度可能性”规定数值。",
}
_ALL_ABOVE = {
    "en": "All {n} readings of the facts lie above it.",
    "zh": "{n}种事实解读均高于对照值。",
}
_ALL_BELOW = {
    "en": "All {n} readings of the facts lie below it.",
    "zh": "{n}种事实解读均低于对照值。",
}
_SOME_BELOW = {
    "en": "Of {n} readings of the facts {k} lie above it; below: {below}.",
    "zh": "{n}种事实解读中{k}种高于对照值，其余为：{below}。",
}
_ONE_ABOVE = {
    "en": "Of {n} readings of the facts {k} lies above it; below: {below}.",
    "zh": _SOME_BELOW["zh"],
}
_ONLY = {
    True: {
        "en": "The only reading of the facts, the case as stated, lies above it.",
        "zh": "仅有本案所载一种事实解读，高于对照值。",
    },
    False: {
        "en": "The only reading of the facts, the case as stated, lies below it.",
        "zh": "仅有本案所载一种事实解读，低于对照值。",
    },
}
_COURT = {
    "en": "Whether the standard is reached is for the court.",
    "zh": "待证事实是否达到证明标准，由法庭结合全案证据判断。",
}
_COURT_CN = {
    "en": "Whether the fact is highly probable is for the court.",
    "zh": "是否足以确信待证事实具有高度可能性（《民诉法解释》第108条），由法庭结合全案证据判断。",
}
_BASE = {"en": "the case as stated", "zh": "本案所载"}
_LIMITS = {
    "en": "A probability under stated assumptions. It decides neither fault nor liability, and the "
    "verbal scale is of the likelihood ratio, never of the probability.",
    "zh": "此为所列假设之下的概率，不判断过错或责任；文字等级仅用于似然比，不用于概率。",
}


def headline(a: Assessment, lang: str = "en") -> str:
    """The answer in a few sentences: probability, held probability, comparison, readings.

    Parameters
    ----------
    a : Assessment
    lang : {"en", "zh"}

    Returns
    -------
    str
        Readings that could not be computed are not counted; the case as stated is the first.
    """
    cn = a.filled.jurisdiction == "cn"
    what = proposition_label(a.filled, check_language(lang))
    bounded = a.filled.proposition.role in ("role", "entrance", "alone")
    parts = [
        (_PROBABILITY if bounded else _UNHELD)[lang].format(
            what=what,
            p=percent(a.probability, a.threshold),
            held=percent(a.held.probability, a.threshold),
        ),
        (_VALUE_CN if cn else _VALUE)[lang].format(t=stated(a.threshold)),
        _readings(a, lang),
        (_COURT_CN if cn else _COURT)[lang],
    ]
    return " ".join(parts) if lang == "en" else "".join(parts).replace(" %", "%")


def _readings(a: Assessment, lang: str) -> str:
    rows = [(_BASE[lang], a.held.probability >= a.threshold)]
    rows += [
        (pick(v.label, lang, name=v.id), v.meets)
        for v in a.variants
        if v.kind == "reading" and v.meets is not None
    ]
    below = [label for label, above in rows if not above]
    if len(rows) == 1:
        return _ONLY[not below][lang]
    if not below:
        return _ALL_ABOVE[lang].format(n=len(rows))
    if len(below) == len(rows):
        return _ALL_BELOW[lang].format(n=len(rows))
    above = len(rows) - len(below)
    text = _ONE_ABOVE if above == 1 else _SOME_BELOW
    return text[lang].format(n=len(rows), k=above, below=listed(below, lang))


def limits(lang: str = "en") -> str:
    """What the answer is not."""
    return _LIMITS[check_language(lang)]


_CARRY = (
    (
        "{count} of the {all} uncertain inputs carry {share} of the uncertainty of the answer: "
        "{names}. Resting on judgement alone among them: {judged}."
    ),
    "{all}项不确定的输入中，{count}项占结果不确定性的{share}：{names}。其中仅凭判断者：{judged}项。",
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
