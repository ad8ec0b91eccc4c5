"""What an input is called where a reader sees it, in English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from causation.dossier.labels import (
    LANGUAGES,
    check_language,
    field_label,
    group_label,
    listed,
    pick,
    source_label,
    trait_label,
    word,
)

if TYPE_CHECKING:
    from causation.case.filled import Filled

type _Namer = Callable[[Filled, str, str], str]

_SOURCE: dict[str, tuple[str, str]] = {
    "weight": ("the prior weight of {}", "{}的先验权重"),
    "share": ("the share of its kind that {} has", "{}在同类来源中所占份额"),
    "misfit": ("the chance that {} does not behave as described", "{}与设定失配的概率"),
    "correlation": ("how much the fields of {} come together", "{}各项信息一并泄露的程度"),
    "membership": (
        "the share of its own victims that {} knows as users",
        "自{}泄露者中其用户所占比例",
    ),
    "reach": ("the share of those chosen that {} reaches", "{}对选定人群的波及比例"),
    "age": ("the age of the data of {}, in days", "{}所存信息距公布的天数"),
}
"""By key: with the source."""
_SOURCE_TABLES: dict[str, tuple[str, str, _Namer]] = {
    "disclosure": ("how often {} yields: {}", "{}泄露“{}”的比例", field_label),
    "disclosure_not_user": (
        "how often {} yields for those who are not its users: {}",
        "{}对非其用户者泄露“{}”的比例",
        field_label,
    ),
    "loadings": (
        "whether {} yields with the rest: {}",
        "{}泄露“{}”与其余信息是否一并出现",
        field_label,
    ),
    "odds_ratio": ("the effect of “{1}” on {0}", "“{1}”对{0}的影响", trait_label),
}
"""By key: with the source and what the column is about."""
_ACTOR: dict[str, tuple[str, str]] = {
    "publishes": (
        "the share of what he has that the actor publishes",
        "行为人公开其所得信息的比例",
    ),
    "linkage": (
        "the share of the further victims that belong to the series",
        "其他被公开者属同一系列的概率",
    ),
    "traits": (
        "the share of those whom the actor targets with “{}”",
        "行为人所针对人群中“{}”者的比例",
    ),
    "users": (
        "the share of those whom the actor targets who are users of {}",
        "行为人所针对人群中{}用户的比例",
    ),
}
_AGREEMENT: tuple[tuple[str, str], tuple[str, str]] = (
    (
        "how often a value from the register's holder agrees with it",
        "出自登记方的值与登记一致的比例",
    ),
    (
        "how often a value from elsewhere agrees with the register: {}",
        "出自他处的“{}”与登记一致的比例",
    ),
)
_GROUP: dict[str, tuple[str, str]] = {
    "linkage": ("the probability that {} belong to the series", "{}属同一系列的概率"),
    "count": ("the number of victims in {}", "{}的人数"),
    "traits": ("the degree of “{1}” of {0}", "{0}“{1}”的程度"),
}
_FINDING: dict[str, tuple[str, str]] = {
    "likelihood": ("the probability of “{0}” under {1}", "“{0}”在{1}情形下的概率"),
    "reliability": ("the reliability of “{}”", "“{}”的可靠程度"),
    "overlap": (
        "the overlap of “{}” with the findings grouped with it",
        "“{}”与同组证据的重复程度",
    ),
    "repeats": (
        "the chance that the observations of “{}” only repeat the first",
        "“{}”各次观察仅为首次之重复的概率",
    ),
    "count": ("the number of observations of “{}”", "“{}”的观察次数"),
}
_SECURITY: dict[str, tuple[str, str]] = {
    "breach_rate.shape": (
        "the shape of the distribution of breach rates (for {})",
        "泄露率分布的形状参数（{}）",
    ),
    "breach_rate.rate": (
        "the years per breach that are usual (for {})",
        "通常的泄露间隔年数（{}）",
    ),
    "detection": ("the share of the breaches of {} that become known", "{}的泄露事件被发现的比例"),
    "incidents.count": ("the earlier breaches of {}", "{}的既往泄露事件数"),
    "incidents.years": (
        "the years over which breaches of {} were looked for",
        "{}既往泄露事件的考察年数",
    ),
    "certification.hazard_ratio": (
        "the hazard ratio of a fresh certificate of {}",
        "{}新认证的风险比",
    ),
    "certification.half_life": ("the half-life of a certificate of {}", "{}认证效力的半衰期"),
    "certification.reference": (
        "how current the certificates of the class of {} are",
        "{}同类机构认证的时效程度",
    ),
}
_WHOLE: dict[str, tuple[str, str]] = {
    "standard": ("the comparison value", "对照值"),
    "priors": ("the prior set", "先验集"),
    "case": ("the case", "案件"),
    "routes": ("the routes", "途径"),
    "ages.residual": (
        "the age of the data of whatever is not named, in days",
        "未指明来源所存信息距公布的天数",
    ),
}
_CHAIN: tuple[str, str] = (
    "of the exposures that begin at {0}, the share that goes on to {1}",
    "始于{0}的泄露中接续查询{1}的比例",
)


def input_label(filled: Filled, path: str, lang: str) -> str:
    """What an input is called; a path that is no input stands as it is.

    Parameters
    ----------
    filled : Filled
    path : str
        Of a number of the model (`Filled.numbers`), or of anything that a sweep may vary.
    lang : {"en", "zh"}

    Examples
    --------
    >>> from causation.case import fill, load_case
    >>> filled = fill(load_case("bic-2025-doxxing"))
    >>> input_label(filled, "sources.platform.weight", "en")
    'the prior weight of Platform backend'
    >>> input_label(filled, "sources.platform.disclosure.phone", "zh")
    '平台后台泄露“手机号码”的比例'
    >>> input_label(filled, "chains.inference/leaked_library", "en")
    'of the exposures that begin at inference, the share that goes on to a leaked library'
    """
    which = LANGUAGES.index(check_language(lang))
    if path in _WHOLE:
        return _WHOLE[path][which]
    head, _, rest = path.partition(".")
    make = _MAKERS.get(head)
    words = make(filled, rest, lang) if make else None
    return path if words is None else words[0][which].format(*words[1:])


type _Words = tuple[tuple[str, str], *tuple[str, ...]]
"""A pair of texts, and what is put in."""


def _source(filled: Filled, rest: str, lang: str) -> _Words | None:
    name, _, key = rest.partition(".")
    kind, _, column = key.partition(".")
    label = source_label(filled, name, lang)
    if name not in {s.name for s in filled.sources}:
        return None
    if not column and kind in _SOURCE:
        if kind == "weight":
            label = _weighed(filled, name, lang)
        return _SOURCE[kind], label
    if kind in _SOURCE_TABLES:
        en, zh, namer = _SOURCE_TABLES[kind]
        return (en, zh), label, namer(filled, column, lang)
    return None


def _weighed(filled: Filled, name: str, lang: str) -> str:
    """Whose weight it is: a source's, that of a kind, or of several that are one service."""
    members = filled.members_of(name)
    if len(members) > 1 and filled.source(name).one_service is None:
        return word(filled.source(name).kind, lang)
    return listed((source_label(filled, s, lang) for s in members), lang)


def _chain(filled: Filled, rest: str, lang: str) -> _Words:
    a, _, b = rest.partition("/")
    named = {s.name for s in filled.sources}
    labels = [source_label(filled, x, lang) if x in named else _of_kind(x, lang) for x in (a, b)]
    return _CHAIN, *labels


def _of_kind(kind: str, lang: str) -> str:
    """Some source of a kind."""
    article = "a " if lang == "en" and kind in {"custodian", "leaked_library"} else ""
    return article + word(kind, lang)


def _actor(filled: Filled, rest: str, lang: str) -> _Words | None:
    key, _, column = rest.partition(".")
    if key not in _ACTOR:
        return None
    namer = {"traits": trait_label, "users": source_label}.get(key)
    return (_ACTOR[key], namer(filled, column, lang)) if namer else (_ACTOR[key],)


def _agreement(filled: Filled, rest: str, lang: str) -> _Words:
    if rest == "own":
        return (_AGREEMENT[0],)
    return _AGREEMENT[1], field_label(filled, rest, lang)


def _victims(filled: Filled, rest: str, lang: str) -> _Words | None:
    name, _, key = rest.partition(".")
    kind, _, column = key.partition(".")
    if kind not in _GROUP:
        return None
    return _GROUP[kind], group_label(filled, name, lang), trait_label(filled, column, lang)


def _finding(filled: Filled, rest: str, lang: str) -> _Words | None:
    name, _, key = rest.partition(".")
    kind, _, column = key.partition(".")
    if kind not in _FINDING:
        return None
    labels = {f.id: f.label for f in filled.all_findings}
    label = pick(labels.get(name, {}), lang, name=name)
    if kind != "likelihood":
        return _FINDING[kind], label
    under = [source_label(filled, s, lang) for s in column.split("/")]
    return _FINDING[kind], label, {"en": ", then ", "zh": "后"}[lang].join(under)


def _security(filled: Filled, rest: str, lang: str) -> _Words | None:
    name, _, key = rest.partition(".")
    return (_SECURITY[key], source_label(filled, name, lang)) if key in _SECURITY else None


_MAKERS: dict[str, Callable[[Filled, str, str], _Words | None]] = {
    "sources": _source,
    "chains": _chain,
    "routes": _chain,
    "actor": _actor,
    "agreement": _agreement,
    "victims": _victims,
    "findings": _finding,
    "security": _security,
}


def shown_value(value: float | tuple[float, float] | str) -> str:
    """A number or interval with the digits that a reader needs.

    Examples
    --------
    >>> shown_value((0.1, 0.70001)), shown_value(12000.0), shown_value(0.99996)
    ('[0.1, 0.7]', '12000', '0.99996')
    >>> shown_value((1.48e-07, 0.129))
    '[0.000000148, 0.129]'
    """
    if isinstance(value, tuple):
        return f"[{_digits(value[0])}, {_digits(value[1])}]"
    return value if isinstance(value, str) else _digits(value)


def _digits(x: float) -> str:
    if x == round(x) and abs(x) < 1e6:
        return str(int(x))
    text = f"{x:.3g}" if x < 0.99 or x >= 1.0 else f"{1.0 - float(f'{1.0 - x:.2g}'):.6g}"
    return f"{Decimal(text):f}" if "e" in text else text
