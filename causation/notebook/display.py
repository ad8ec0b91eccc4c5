"""How cases, assessments and answers look in a notebook and at a prompt.

HTML is built from escaped text alone and needs no script, style sheet or network. Every object
has a short text form; `show` gives the long form of either language.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causation.dossier.digits import percent, ratio, stated
from causation.dossier.headline import headline, limits
from causation.dossier.labels import (
    LANGUAGES,
    case_title,
    check_language,
    field_label,
    group_label,
    listed,
    pick,
    prior_set_label,
    proposition_label,
    route_label,
    source_label,
    standard_label,
    trait_label,
    word,
)
from causation.dossier.wording import shown_value
from causation.errors import InputError

if TYPE_CHECKING:
    from causation.case import Case, Filled
    from causation.case.filled import FilledFinding, FilledGroup, KnownBy
    from causation.document.numbers import Number
    from causation.dossier.assessment import Assessment
    from causation.inference.evaluate import Answer

__all__ = ["Shown", "answer_text", "assessment_text", "case_text", "html_of", "show"]

_WORDS: dict[str, tuple[str, str]] = {
    "route": ("route", "途径"),
    "source": ("source", "来源"),
    "prior": ("prior", "先验概率"),
    "posterior": ("posterior", "后验概率"),
    "held": ("held probability", "按上限计算的概率（保守值）"),
    "lr": ("ratio against it", "相对该来源的似然比"),
    "support": ("in words (ratio only)", "文字等级（仅指似然比）"),
    "role": ("played a role", "参与泄露链条"),
    "entrance": ("entrance", "起始来源"),
    "alone": ("only source", "全部信息仅出自该来源"),
    "proposition": ("Proposition", "待证事实"),
    "standard": ("Comparison value", "对照值"),
    "verdict": ("Comparison", "对照结果"),
    "stage": ("stage", "阶段"),
    "kind": ("kind", "类别"),
    "holds": ("holds", "所存信息"),
    "victims": ("victims", "被公开者"),
    "count": ("number", "人数"),
    "disclosed": ("published", "被公开的信息"),
    "finding": ("finding", "证据事项"),
    "error": ("error (log10 evidence)", "误差（证据对数）"),
    "log_evidence": ("log evidence", "证据的自然对数"),
    "priors": ("Prior set", "先验集"),
    "routes": ("Routes", "途径"),
    "absent": ("not published", "已知未公开"),
    "redacted": ("redacted", "已遮盖"),
    "known": ("known of them", "已知情况"),
    "listed": ("how they came to be known", "知悉方式"),
    "linkage": ("of the series", "属同一系列的概率"),
    "user": ("user of {}", "{}用户"),
    "not_user": ("not a user of {}", "非{}用户"),
    "by_unstated": ("not stated", "未载明"),
    "by_exposure": ("their exposure", "因信息被公开而知悉"),
    "by_attempt": ("chosen beforehand", "事先选定人群"),
    "by_list": ("as listed", "名单共同特征不计入"),
    "all_of": ("published: {}", "已公开：{}"),
    "any_of": ("published, any of: {}", "已公开其中任一项：{}"),
    "about": ("about", "所涉来源"),
    "party": ("brought by", "提出方"),
    "of_plaintiff": ("plaintiff", "原告"),
    "of_defendant": ("defendant", "被告"),
    "of_court": ("court", "法院"),
    "reliability": ("reliability", "可靠程度"),
    "for": ("for", "支持"),
    "against": ("against", "反对"),
}


def _say(key: str, lang: str) -> str:
    return _WORDS[key][LANGUAGES.index(lang)]


@dataclass(frozen=True)
class Shown:
    """An object as it is shown: HTML where a notebook can, text elsewhere."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def show(thing: Case | Assessment | Answer, *, lang: str = "en") -> Shown:
    """Show a case, an assessment or an answer in a language.

    Parameters
    ----------
    thing : Case, Assessment or Answer
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
    >>> from causation import load_case
    >>> show(load_case("bic-2025-doxxing"))
    <Case bic-2025-doxxing: Platform backend played a role; 6 victims, 1 findings>
    """
    return Shown(html_of(thing, lang=lang), _text(thing, lang))


def _text(thing: Any, lang: str) -> str:
    from causation.case import Case
    from causation.dossier.assessment import Assessment
    from causation.inference.evaluate import Answer

    if isinstance(thing, Assessment):
        return assessment_text(thing, lang)
    if isinstance(thing, Case):
        return case_text(thing, lang)
    if isinstance(thing, Answer):
        return answer_text(thing)
    raise InputError(f"cannot show a {type(thing).__name__}")


def html_of(thing: Case | Assessment | Answer, *, lang: str = "en") -> str:
    """HTML of a case, an assessment or an answer.

    Raises
    ------
    InputError
        As `show`.
    """
    from causation.case import Case
    from causation.dossier.assessment import Assessment
    from causation.inference.evaluate import Answer

    check_language(lang)
    if isinstance(thing, Assessment):
        return _assessment_html(thing, lang)
    if isinstance(thing, Case):
        return _case_html(thing, lang)
    if isinstance(thing, Answer):
        return _answer_html(thing, lang)
    raise InputError(f"cannot show a {type(thing).__name__}")


def assessment_text(a: Assessment, lang: str = "en") -> str:
    """One line: proposition, probability, comparison value, prior set."""
    what = proposition_label(a.filled, check_language(lang))
    p, t, priors = percent(a.probability), stated(a.threshold), a.filled.priors.id
    if lang == "zh":
        title = case_title(a.filled, lang)
        priors = prior_set_label(priors, lang)
        return f"{title}：{what}，后验概率{p}（对照值{t}），先验集“{priors}”"
    return f"<Assessment {a.case.id}: {what}, P = {p} (comparison value {t}), priors {priors}>"


def case_text(case: Case, lang: str = "en") -> str:
    """One line: identifier, proposition, sizes."""
    from causation.case import fill

    filled = fill(case)
    victims = sum(g.count for g in filled.all_groups)
    what, findings = proposition_label(filled, lang), len(filled.all_findings)
    if lang == "zh":
        return f"案件 {case.id}：待证事实：{what}；被公开者{victims}人；证据事项{findings}项"
    return f"<Case {case.id}: {what}; {victims} victims, {findings} findings>"


def answer_text(answer: Answer) -> str:
    """One line: every route with its probability, of the first row."""
    names = answer.model.route_names
    shares = ", ".join(
        f"{r} {percent(float(p))}" for r, p in zip(names, answer.posterior[0], strict=True)
    )
    rows = f" ({len(answer.posterior)} rows)" if len(answer.posterior) > 1 else ""
    return f"<Answer{rows}: {shares}>"


def _escaped(text: object) -> str:
    return f"<bdi>{html.escape(str(text))}</bdi>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; heads are plain text, cells are HTML."""
    style = 'style="text-align:left;padding-right:1em"'
    top = "".join(f"<th {style}>{html.escape(h)}</th>" for h in head)
    body = "".join(f"<tr>{''.join(f'<td {style}>{c}</td>' for c in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _heads(lang: str, *keys: str) -> list[str]:
    return [_say(key, lang) for key in keys]


def _division(lang: str, *parts: str) -> str:
    return f'<div lang="{lang}">{"".join(parts)}</div>'


def _bar(value: float, threshold: float | None, *, own: bool) -> str:
    """Draw a probability as a small bar, with a tick at the comparison value."""
    color = "#0072B2" if own else "#9a9a9a"
    tick = (
        f'<line x1="{120 * threshold:.1f}" x2="{120 * threshold:.1f}" y1="0" y2="12" '
        'stroke="#D55E00" stroke-width="2"/>'
        if threshold is not None
        else ""
    )
    return (
        f'<svg width="120" height="12" role="img" aria-label="{percent(value)}">'
        '<rect width="120" height="12" fill="#eeeeee"/>'
        f'<rect width="{120 * value:.1f}" height="12" fill="{color}"/>{tick}</svg>'
    )


def _heading(filled: Filled, lang: str) -> str:
    title = _escaped(case_title(filled, lang))
    return f"<strong>{title}</strong> <code>{html.escape(filled.case.id)}</code>"


def _assessment_html(a: Assessment, lang: str) -> str:
    facts = (
        ("verdict", word(a.verdict.value, lang)),
        ("held", percent(a.held.probability)),
        ("standard", f"{stated(a.threshold)} ({standard_label(a.standard_id, lang)})"),
        ("priors", prior_set_label(a.filled.priors.id, lang)),
    )
    burden = [
        (
            _escaped(word(b.stage, lang)),
            f"{_bar(b.probability, a.threshold, own=True)} {percent(b.probability)}",
        )
        for b in a.burden
    ]
    return _division(
        lang,
        _heading(a.filled, lang),
        f"<p>{_escaped(headline(a, lang))}</p>",
        _table(("", ""), ((_escaped(_say(k, lang)), _escaped(v)) for k, v in facts)),
        _table(_heads(lang, "route", "prior", "posterior"), _routes(a, lang)),
        _table(_heads(lang, "source", "role", "entrance", "alone", "lr", "support"),
               _sources(a, lang)),
        _table(_heads(lang, "stage", "posterior"), burden),
        f"<small>{_escaped(limits(lang))}</small>",
    )  # fmt: skip


def _routes(a: Assessment, lang: str) -> list[Sequence[str]]:
    inside = dict(zip(a.routes, a.answer.inside, strict=True))
    return [
        (
            _escaped(route_label(a.filled, r, lang)),
            percent(a.prior[r]),
            f"{_bar(p, None, own=bool(inside[r]))} {percent(p)}",
        )
        for r, p in a.posterior.items()
    ]


def _sources(a: Assessment, lang: str) -> list[Sequence[str]]:
    ratios = {r.against: r for r in a.likelihood_ratios}
    rows: list[Sequence[str]] = []
    for s, table in a.propositions.items():
        row = ratios.get(s)
        rows.append(
            (
                _escaped(source_label(a.filled, s, lang)),
                *(percent(table[part]) for part in ("role", "entrance", "alone")),
                "" if row is None else html.escape(ratio(row.log10, a.bound, lang)),
                "" if row is None else _support(row.log10, row.verbal, lang),
            )
        )
    return rows


def _support(log10: float, verbal: str, lang: str) -> str:
    strength = word(verbal, lang)
    if verbal == "none":
        return _escaped(strength)
    side = _say("for" if log10 > 0 else "against", lang)
    return _escaped(f"{strength}{side}" if lang == "zh" else f"{strength} {side}")


def _case_html(case: Case, lang: str) -> str:
    from causation.case import fill
    from causation.model.routes import build_routes

    filled = fill(case)
    sources = [
        (
            _escaped(source_label(filled, s.name, lang)),
            _escaped(word(s.kind.value, lang)),
            _escaped(listed((field_label(filled, f, lang) for f in s.holds or ()), lang)),
        )
        for s in filled.sources
    ]
    routes = listed((route_label(filled, r.name, lang) for r in build_routes(filled)), lang)
    findings = [_finding(filled, f, lang) for f in filled.all_findings]
    parts = [
        _heading(filled, lang),
        f"<br>{_escaped(proposition_label(filled, lang))}",
        _table(_heads(lang, "source", "kind", "holds"), sources),
        f"<p>{_escaped(_say('routes', lang))}: {_escaped(routes)}</p>",
        _table(
            _heads(lang, "victims", "count", "disclosed", "absent", "known", "listed", "linkage"),
            (_group(filled, g, lang) for g in filled.all_groups),
        ),
    ]
    if findings:
        parts.append(
            _table(_heads(lang, "finding", "about", "party", "stage", "reliability"), findings)
        )
    return _division(lang, *parts)


def _group(filled: Filled, g: FilledGroup, lang: str) -> Sequence[str]:
    """A row about a group of victims: everything that its entry states."""

    def fields(names: Iterable[str]) -> str:
        return listed((field_label(filled, f, lang) for f in names), lang)

    absent = [fields(g.not_disclosed)]
    if g.redacted:
        absent.append(f"{_say('redacted', lang)}{_colon(lang)}{fields(g.redacted)}")
    known = [
        _say("user" if member else "not_user", lang).format(source_label(filled, c, lang))
        for c, member in g.users.items()
    ]
    known += [
        f"{trait_label(filled, t, lang)}{'' if x == 1.0 else f' {shown_value(float(x))}'}"
        for t, x in g.traits.items()
    ]
    linkage = g.linkage
    if linkage is None and not g.plaintiff and g.known_by.how != "attempt":
        linkage = filled.number("actor.linkage")
    return (
        _escaped(group_label(filled, g.id, lang)),
        str(g.count),
        _escaped(fields(g.disclosed)),
        _escaped(listed((x for x in absent if x), lang)),
        _escaped(listed(known, lang)),
        _escaped("" if g.plaintiff else _known_by(filled, g.known_by, lang)),
        "" if linkage is None else html.escape(_interval(linkage)),
    )


def _known_by(filled: Filled, event: KnownBy, lang: str) -> str:
    """How a further victim came to be known."""
    if event.how != "list":
        return _say(f"by_{event.how}", lang)
    parts = [_say("user", lang).format(source_label(filled, c, lang)) for c in event.users_of]
    parts += [trait_label(filled, t, lang) for t in event.traits]
    for key, names in (("all_of", event.published_all), ("any_of", event.published_any)):
        if names:
            fields = listed((field_label(filled, f, lang) for f in names), lang)
            parts.append(_say(key, lang).format(fields))
    return f"{_say('by_list', lang)}{_colon(lang)}{listed(parts, lang)}"


def _finding(filled: Filled, f: FilledFinding, lang: str) -> Sequence[str]:
    """A row about a finding: what it is about, and who brought it."""
    return (
        _escaped(pick(f.label, lang, name=f.id)),
        _escaped(listed((source_label(filled, s, lang) for s in f.about), lang)),
        _escaped("" if f.party is None else _say(f"of_{f.party.value}", lang)),
        _escaped(word(f.stage.value, lang)),
        html.escape(_interval(f.reliability)),
    )


def _interval(number: Number) -> str:
    return shown_value(number.lo if number.is_point else (number.lo, number.hi))


def _colon(lang: str) -> str:
    return "：" if lang == "zh" else ": "


def _answer_html(answer: Answer, lang: str) -> str:
    rows = [
        (
            _escaped(route_label(answer.model.filled, name, lang)),
            percent(float(prior)),
            f"{_bar(float(p), None, own=bool(own))} {percent(float(p))}",
            f"{float(evidence):.2f}",
            f"{float(error):.1g}",
        )
        for name, prior, p, own, evidence, error in zip(
            answer.model.route_names, answer.route_prior[0], answer.posterior[0], answer.inside,
            answer.log_evidence[0], answer.error[0], strict=True,
        )
    ]  # fmt: skip
    heads = _heads(lang, "route", "prior", "posterior", "log_evidence", "error")
    return _division(lang, _table(heads, rows))
