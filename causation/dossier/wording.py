"""What an input is called where a reader sees it, in English and Chinese."""

from __future__ import annotations

from causation.case.resolved import ResolvedCase
from causation.dossier.labels import field_label, group_label, item_label, pick, source_label
from causation.sweeping.grid import Value

__all__ = ["input_label", "percent", "shown_value"]

_SOURCE = {
    "weight": ("the prior weight of {}", "{}的先验权重"),
    "misfit": ("the chance that {} does not behave as described", "{}不按设定方式行为的概率"),
    "correlation": (
        "how much the fields of {} come together",
        "{}各项信息一并泄露的程度",
    ),
}
_SOURCE_TABLES = {
    "disclosure": ("how often {} yields: {}", "{}泄露“{}”的比例"),
    "membership": (
        "the share of the victims of {} who are users of {}",
        "{}的受害人中{}用户的比例",
    ),
    "odds_ratio": ("the effect of “{1}” on {0}", "“{1}”对{0}的影响"),
}
_GROUP = {
    "linkage": ("the probability that {} belong to the series", "{}属于同一系列的概率"),
    "count": ("the number of victims in {}", "{}的人数"),
}
_FINDING = {
    "reliability": ("the reliability of “{}”", "“{}”的可靠性"),
    "repeats": (
        "the chance that findings grouped with “{}” only repeat it",
        "与“{}”同组的发现仅为重复的概率",
    ),
}
_SECURITY = {
    "breach_rate.shape": ("the spread of breach rates (for {})", "泄露率分布的形状参数（{}）"),
    "breach_rate.rate": (
        "the years per breach that are usual (for {})",
        "通常的泄露间隔年数（{}）",
    ),
    "certification.hazard_ratio": (
        "the hazard ratio of a fresh certificate of {}",
        "{}新认证的风险比",
    ),
    "certification.half_life": (
        "the half-life of a certificate of {}",
        "{}认证效力的半衰期",
    ),
    "certification.reference": (
        "how current the certificates of the class of {} are",
        "{}同类机构认证的时效程度",
    ),
}


def input_label(case: ResolvedCase, path: str, lang: str) -> str:
    """What an input is called.

    Examples
    --------
    >>> from causation.case import load_case, resolve
    >>> case = resolve(load_case("bic-2025-doxxing"))
    >>> input_label(case, "sources.platform.weight", "en")
    'the prior weight of Platform backend'
    >>> input_label(case, "sources.platform.disclosure.phone", "zh")
    '平台后台泄露“手机号码”的比例'
    """
    which = ("en", "zh").index(lang)
    head, *steps = path.split(".")
    if head == "standard":
        return ("the standard of proof", "证明标准")[which]
    if head == "reference_profile":
        name = item_label(steps[0], lang)
        return (f"the usual share of “{name}”", f"“{name}”的一般比例")[which]
    if head == "sources":
        source = source_label(case, steps[0], lang)
        if steps[1] in _SOURCE:
            return _SOURCE[steps[1]][which].format(source)
        if steps[1] == "membership":
            other = source_label(case, steps[2], lang)
        elif steps[1] == "odds_ratio":
            other = item_label(steps[2], lang)
        else:
            other = field_label(steps[2], lang)
        return _SOURCE_TABLES[steps[1]][which].format(source, other)
    if head == "victims" and steps[1] in _GROUP:
        return _GROUP[steps[1]][which].format(group_label(case, steps[0], lang))
    if head == "security":
        key, source = ".".join(steps[1:]), source_label(case, steps[0], lang)
        return _SECURITY[key][which].format(source) if key in _SECURITY else path
    if head == "findings":
        return _finding_label(case, steps, lang)
    return path


def _finding_label(case: ResolvedCase, steps: list[str], lang: str) -> str:
    labels = {f.id: f.label for f in case.findings}
    name = pick(labels.get(steps[0], {}), lang, name=steps[0])
    which = ("en", "zh").index(lang)
    if steps[1] == "likelihood":
        source = source_label(case, steps[2], lang)
        pair = ("the probability of “{0}” under {1}", "“{0}”在{1}情形下的概率")
        return pair[which].format(name, source)
    return _FINDING[steps[1]][which].format(name)


def shown_value(value: Value) -> str:
    """A number or interval with the digits that a reader needs.

    Examples
    --------
    >>> shown_value((0.1, 0.70001)), shown_value(12000.0)
    ('[0.1, 0.7]', '12000')
    """
    if isinstance(value, tuple):
        return f"[{_digits(value[0])}, {_digits(value[1])}]"
    return value if isinstance(value, str) else _digits(value)


def _digits(x: float) -> str:
    if x == round(x) and abs(x) < 1e6:
        return str(int(x))
    return f"{x:.3g}" if x < 0.99 or x >= 1.0 else f"{1.0 - float(f'{1.0 - x:.2g}'):.6g}"


def percent(p: float) -> str:
    """A probability in percent, never rounded to certainty.

    Examples
    --------
    >>> percent(0.98574), percent(0.99996), percent(0.0)
    ('98.6 %', 'more than 99.9 %', '0 %')
    """
    if 0.999 < p < 1.0:
        return "more than 99.9 %"
    if 0.0 < p < 0.001:
        return "less than 0.1 %"
    return f"{100.0 * p:.3g} %"
