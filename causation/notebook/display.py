"""How cases, assessments and posteriors look in a notebook and at a prompt.

HTML is built from escaped text alone and needs no script, style sheet or network. Every object
has a short text form; `show` gives the long form of either language.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causation.dossier.labels import (
    LANGUAGES,
    case_title,
    check_language,
    field_label,
    group_label,
    pick,
    proposition_label,
    source_label,
    stage_label,
    standard_label,
    verdict_label,
    word,
)
from causation.errors import InputError

if TYPE_CHECKING:
    from causation.case import Case
    from causation.case.resolved import ResolvedCase
    from causation.dossier.assessment import Assessment
    from causation.inference.posterior import Posterior

__all__ = ["Shown", "assessment_text", "case_text", "html_of", "posterior_text", "show"]

_WORDS: dict[str, tuple[str, str]] = {
    "source": ("source", "来源"),
    "prior": ("prior", "先验概率"),
    "posterior": ("posterior", "后验概率"),
    "lr": ("log10 LR against it", "相对该来源的 log10 LR"),
    "support": ("support (LR only)", "支持强度（仅指 LR）"),
    "proposition": ("Proposition", "待证事实"),
    "through": ("the data came through {}", "信息经由{}泄露"),
    "standard": ("Standard", "证明标准"),
    "verdict": ("Verdict", "结论"),
    "redrawn": ("with the inputs redrawn, 90 % interval", "输入重新抽取时的90%区间"),
    "stage": ("stage", "阶段"),
    "evidence": ("evidence", "证据"),
    "bans": ("bans (Shapley)", "班（Shapley值）"),
    "kind": ("kind", "类别"),
    "holds": ("holds", "持有字段"),
    "victims": ("victims", "受害人"),
    "count": ("number", "人数"),
    "disclosed": ("disclosed", "被泄露字段"),
    "error": ("error (log10 evidence)", "误差（log10 证据）"),
    "log_evidence": ("log10 evidence", "log10 证据"),
    "priors": ("prior set", "先验设定"),
    "not_decided": (
        "A probability under stated assumptions; it decides neither fault nor liability.",
        "此为特定假设下的概率，不判断过错或责任。",
    ),
    "custodian": ("custodian", "保管者"),
    "inference": ("inference", "推断"),
    "residual": ("residual", "其他"),
    "for": ("for", "支持"),
    "against": ("against", "反对"),
    "engine": ("engine", "计算方法"),
}


def _say(key: str, lang: str, *values: str) -> str:
    return _WORDS[key][LANGUAGES.index(lang)].format(*values)


@dataclass(frozen=True)
class Shown:
    """An object as it is shown: HTML where a notebook can, text elsewhere."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def show(thing: Case | Assessment | Posterior, *, lang: str = "en") -> Shown:
    """Show a case, an assessment or a posterior in a language.

    Parameters
    ----------
    thing : Case, Assessment or Posterior
    lang : {"en", "zh"}

    Returns
    -------
    Shown
        A notebook shows its HTML, a prompt its text.

    Raises
    ------
    InputError
        If there is no such language, or it is nothing of these.

    Examples
    --------
    >>> from causation import assess
    >>> show(assess("pang-2017"))  # doctest: +ELLIPSIS
    <Assessment pang-2017: the data came through Qunar or China Eastern Airlines, P = 0.341 ...
    """
    return Shown(html_of(thing, lang=lang), _text(thing, lang))


def _text(thing: Any, lang: str) -> str:
    from causation.case import Case
    from causation.dossier.assessment import Assessment
    from causation.inference.posterior import Posterior

    if isinstance(thing, Assessment):
        return assessment_text(thing, lang)
    if isinstance(thing, Case):
        return case_text(thing, lang)
    if isinstance(thing, Posterior):
        return posterior_text(thing)
    raise InputError(f"cannot show a {type(thing).__name__}")


def html_of(thing: Case | Assessment | Posterior, *, lang: str = "en") -> str:
    """HTML of a case, an assessment or a posterior.

    Raises
    ------
    InputError
        As `show`.
    """
    from causation.case import Case
    from causation.dossier.assessment import Assessment
    from causation.inference.posterior import Posterior

    check_language(lang)
    if isinstance(thing, Assessment):
        return _assessment_html(thing, lang)
    if isinstance(thing, Case):
        return _case_html(thing, lang)
    if isinstance(thing, Posterior):
        return _posterior_html(thing, lang)
    raise InputError(f"cannot show a {type(thing).__name__}")


# --- text ---------------------------------------------------------------------------------


def assessment_text(a: Assessment, lang: str = "en") -> str:
    """One line: proposition, probability, standard, prior set."""
    case, what = a.case, _say("through", check_language(lang), proposition_label(a.case, lang))
    if lang == "zh":
        return (
            f"{case_title(case, lang)}：{what}，后验概率 {a.probability:.3f}"
            f"（标准 {a.threshold:.2f}），先验设定 {case.prior_set}"
        )
    return (
        f"<Assessment {case.id}: {what}, P = {a.probability:.3f} "
        f"(standard {a.threshold:.2f}), priors {case.prior_set}>"
    )


def case_text(case: Case, lang: str = "en") -> str:
    """One line: identifier, proposition, sizes."""
    victims = sum(g.count for g in case.victims)
    sources, union = ", ".join(case.source_names), " or ".join(case.proposition)
    if lang == "zh":
        return (
            f"案件 {case.id}：待证来源 {union}；候选来源 {sources}；"
            f"受害人 {victims} 名；其他事实 {len(case.findings)} 项"
        )
    return (
        f"<Case {case.id}: {union} among {sources}; "
        f"{victims} victims, {len(case.findings)} findings>"
    )


def posterior_text(p: Posterior) -> str:
    """One line: every source with its probability."""
    shares = ", ".join(f"{s} {x:.3f}" for s, x in zip(p.sources, p.probability, strict=True))
    return f"<Posterior ({p.engine}): {shares}>"


# --- HTML ---------------------------------------------------------------------------------


def _escaped(text: object) -> str:
    return f"<bdi>{html.escape(str(text))}</bdi>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; heads are plain text, cells are HTML."""
    top = "".join(
        f'<th style="text-align:left;padding-right:1em">{html.escape(h)}</th>' for h in head
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td style="text-align:left;padding-right:1em">{c}</td>' for c in row)
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _division(lang: str, *parts: str) -> str:
    return f'<div lang="{lang}">{"".join(parts)}</div>'


def _bar(value: float, threshold: float | None, *, own: bool) -> str:
    """Draw a probability as a small bar, with a tick at the standard."""
    color = "#0072B2" if own else "#9a9a9a"
    tick = (
        f'<line x1="{120 * threshold:.1f}" x2="{120 * threshold:.1f}" y1="0" y2="12" '
        'stroke="#D55E00" stroke-width="2"/>'
        if threshold is not None
        else ""
    )
    return (
        f'<svg width="120" height="12" role="img" aria-label="{value:.3f}">'
        '<rect width="120" height="12" fill="#eeeeee"/>'
        f'<rect width="{120 * value:.1f}" height="12" fill="{color}"/>{tick}</svg>'
    )


def _number(x: float) -> str:
    return f"{x:.3f}" if 0.0005 <= x <= 0.9995 or x in {0.0, 1.0} else _precise(x)


def _precise(x: float) -> str:
    """A probability near 0 or 1 with as many digits as it needs."""
    digits = 1 - math.floor(math.log10(min(x, 1.0 - x)))
    return f"{x:.{min(digits, 12)}f}"


def _signed(x: float) -> str:
    return f"{x:+.2f}".replace("-", "−") if math.isfinite(x) else ("∞" if x > 0 else "−∞")


def _heading(case: ResolvedCase, lang: str) -> str:
    return (
        f"<strong>{_escaped(case_title(case, lang))}</strong> <code>{html.escape(case.id)}</code>"
    )


def _assessment_html(a: Assessment, lang: str) -> str:
    ratios = {r.against: r for r in a.likelihood_ratios}
    rows = []
    for i, name in enumerate(a.sources):
        p, ratio = float(a.posterior.probability[i]), ratios.get(name)
        own = ratio is None
        rows.append(
            (
                _escaped(source_label(a.case, name, lang)),
                _number(float(a.posterior.prior[i])),
                f"{_bar(p, a.threshold, own=own)} {_number(p)}",
                "" if ratio is None else _ratio(a, ratio.log10),
                "" if ratio is None else _support(ratio.log10, ratio.verbal, lang),
            )
        )
    lo, hi = a.input_sensitivity.interval
    standard = f"{standard_label(a.case.standard_id, lang)}: {a.threshold:.2f}"
    facts = (
        ("proposition", _say("through", lang, proposition_label(a.case, lang))),
        ("posterior", f"{_number(a.probability)} ({_say('redrawn', lang)} {lo:.2f}–{hi:.2f})"),
        ("standard", standard),
        ("verdict", verdict_label(a.verdict.value, lang)),
        ("priors", a.case.prior_set),
    )
    burden = [
        (
            _escaped(stage_label(b.stage, lang)),
            f"{_bar(b.probability, a.threshold, own=True)} {_number(b.probability)}",
        )
        for b in a.burden
    ]
    return _division(
        lang,
        _heading(a.case, lang),
        _table(("", ""), ((_escaped(_say(k, lang)), _escaped(v)) for k, v in facts)),
        _table([_say(k, lang) for k in ("source", "prior", "posterior", "lr", "support")], rows),
        _table([_say(k, lang) for k in ("stage", "posterior")], burden),
        f"<small>{_escaped(_say('not_decided', lang))}</small>",
    )


def _ratio(a: Assessment, log10: float) -> str:
    """A ratio in bans; beyond the validated range only that it is more than that range."""
    most = a.validated_log10_lr
    if most is not None and math.isfinite(log10) and abs(log10) > most:
        shown = math.floor(100.0 * most) / 100.0  # never more than was validated
        return f"&gt; +{shown:.2f}" if log10 > 0 else f"&lt; −{shown:.2f}"
    return _signed(log10)


def _support(log10: float, verbal: str, lang: str) -> str:
    strength = word(verbal, lang)
    if verbal == "none":
        return _escaped(strength)
    side = _say("for" if log10 > 0 else "against", lang)
    return _escaped(f"{strength}{side}" if lang == "zh" else f"{strength} {side}")


def _case_html(case: Case, lang: str) -> str:
    from causation.case.filling import resolve

    full = resolve(case)
    sources = [
        (
            _escaped(source_label(full, s.name, lang)),
            _escaped(_say(s.kind.value, lang)),
            _escaped(", ".join(field_label(f, lang) for f in s.holds)),
        )
        for s in full.sources
    ]
    groups = [
        (
            _escaped(group_label(full, g.id, lang, with_size=False)),
            str(g.count),
            _escaped(", ".join(field_label(f, lang) for f in g.disclosed)),
        )
        for g in full.groups
    ]
    findings = [
        (_escaped(pick(f.label, lang, name=f.id)), _escaped(stage_label(f.stage.value, lang)))
        for f in full.findings
    ]
    parts = [
        _heading(full, lang),
        f"<br>{_escaped(_say('through', lang, proposition_label(full, lang)))}",
        _table([_say(k, lang) for k in ("source", "kind", "holds")], sources),
        _table([_say(k, lang) for k in ("victims", "count", "disclosed")], groups),
    ]
    if findings:
        parts.append(_table([_say(k, lang) for k in ("evidence", "stage")], findings))
    return f'<div lang="{lang}">{"".join(parts)}</div>'


def _posterior_html(p: Posterior, lang: str) -> str:
    rows = [
        (
            _escaped(name),
            _number(float(p.prior[i])),
            _bar(float(p.probability[i]), None, own=bool(p.proposition[i]))
            + f" {_number(float(p.probability[i]))}",
            _signed(float(p.log_evidence[i]) / math.log(10.0)),
            f"{float(p.error[i]):.1g}",
        )
        for i, name in enumerate(p.sources)
    ]
    head = [_say(k, lang) for k in ("source", "prior", "posterior", "log_evidence", "error")]
    engine = f"{_say('engine', lang)}: {p.engine}"
    return f'<div lang="{lang}">{_table(head, rows)}<small>{_escaped(engine)}</small></div>'
