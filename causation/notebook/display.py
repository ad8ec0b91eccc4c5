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
from causation.dossier.headline import headline, limits, uncertainty_sentences
from causation.dossier.labels import (
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
    speaker,
    standard_label,
    strength,
    trait_label,
    word,
)
from causation.dossier.wording import shown_value
from causation.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from causation.case import Case, Filled
    from causation.case.filled import FilledFinding, FilledGroup, KnownBy
    from causation.document.numbers import Number
    from causation.dossier.assessment import Assessment
    from causation.inference.evaluate import Answer

_say = speaker("display")
_MOST = 12
"""Groups of victims that are shown."""


@dataclass(frozen=True)
class Shown:
    """An object as it is shown: HTML where a notebook can, text elsewhere."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def show(thing: Case | Assessment | Answer | xr.Dataset, *, lang: str = "en") -> Shown:
    """Show a case, an assessment, an answer or a sweep in a language.

    Parameters
    ----------
    thing : Case, Assessment, Answer or Dataset
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
    return Shown(*(write(thing, check_language(lang)) for write in _writers(thing)))


def html_of(thing: Case | Assessment | Answer | xr.Dataset, *, lang: str = "en") -> str:
    """HTML of a case, an assessment, an answer or a sweep.

    Raises
    ------
    InputError
        As `show`.
    """
    check_language(lang)
    written: str = _writers(thing)[0](thing, lang)
    return written


def _writers(thing: object) -> tuple[Any, Any]:
    """What writes HTML and text of a thing."""
    from causation.case import Case
    from causation.dossier.assessment import Assessment
    from causation.inference.evaluate import Answer

    for kind, writers in (
        (Assessment, (_assessment_html, assessment_text)),
        (Case, (_case_html, case_text)),
        (Answer, (_answer_html, answer_text)),
    ):
        if isinstance(thing, kind):
            return writers
    if "case_sha256" in getattr(thing, "attrs", ()):
        return _sweep_html, sweep_text
    raise InputError(f"cannot show a {type(thing).__name__}")


def assessment_text(a: Assessment, lang: str = "en") -> str:
    """One line: proposition, probability, comparison value, prior set."""
    what = proposition_label(a.filled, check_language(lang))
    p, t, priors = percent(a.probability, a.threshold), stated(a.threshold), a.filled.priors.name
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


def answer_text(answer: Answer, lang: str = "en") -> str:  # noqa: ARG001
    """One line: every route with its probability, of the first row."""
    names, level = answer.model.route_names, answer.model.filled.threshold
    shares = ", ".join(
        f"{r} {percent(float(p), level)}" for r, p in zip(names, answer.posterior[0], strict=True)
    )
    rows = f" ({len(answer.posterior)} rows)" if len(answer.posterior) > 1 else ""
    return f"<Answer{rows}: {shares}>"


def sweep_text(data: xr.Dataset, lang: str = "en") -> str:
    """One line: the cases, the axes, between what the probability lies."""
    p, cases = data["probability"], data.attrs["case"]
    axes = " × ".join(f"{name} ({n})" for name, n in p.sizes.items())
    ends = f"{float(p.min()):.3f} – {float(p.max()):.3f}"
    if lang == "zh":
        return f"{cases}：{axes}；后验概率 {ends}"
    return f"<Sweep of {cases}: {axes}; P {ends}>"


class _Raw(str):
    """HTML: all other text is escaped."""

    __slots__ = ()


def _escaped(text: str) -> str:
    return text if isinstance(text, _Raw) else f"<bdi>{html.escape(text)}</bdi>"


def _table(lang: str, keys: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of texts, with what the keys say as its heads."""
    return _headed([_say(k, lang) if k else "" for k in keys], rows)


def _headed(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    style = 'style="text-align:left;padding-right:1em"'
    top = "".join(f"<th {style}>{html.escape(head)}</th>" for head in heads)
    body = "".join(
        f"<tr>{''.join(f'<td {style}>{_escaped(c)}</td>' for c in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _block(lang: str, filled: Filled | None, *parts: str) -> str:
    head = ""
    if filled is not None:
        title = _escaped(case_title(filled, lang))
        head = f"<strong>{title}</strong> <code>{html.escape(filled.case.id)}</code>"
    whole = f'<div lang="{lang}">{head}{"".join(parts)}</div>'
    return whole.replace(" %", "%") if lang == "zh" else whole


def _small(*texts: str) -> str:
    return "".join(f"<p><small>{_escaped(text)}</small></p>" for text in texts)


def bar(
    value: float, *, own: bool, level: float, width: int = 120, tick: float | None = None,
    circle: float | None = None,
) -> str:  # fmt: skip
    """Draw a probability that is compared with a level as a small bar, with a tick or a circle."""
    height, color = round(12 + width / 80), "#0072B2" if own else "#767676"
    more = ""
    if tick is not None:
        more += (
            f'<line x1="{width * tick:.1f}" x2="{width * tick:.1f}" y1="0" y2="{height}" '
            'stroke="#D55E00" stroke-width="2"/>'
        )
    if circle is not None:
        more += (
            f'<circle cx="{width * circle:.1f}" cy="{height / 2}" r="4" fill="white" '
            'stroke="black"/>'
        )
    return (
        f'<svg width="{width}" height="{height}" role="img" aria-label="{percent(value, level)}">'
        f'<rect width="{width}" height="{height}" fill="#eeeeee"/>'
        f'<rect width="{width * value:.1f}" height="{height}" fill="{color}"/>{more}</svg>'
    )


def _barred(value: float, *, own: bool, level: float, tick: float | None = None) -> _Raw:
    return _Raw(f"{bar(value, own=own, level=level, tick=tick)} {percent(value, level)}")


def _assessment_html(a: Assessment, lang: str) -> str:
    filled = a.filled
    facts = (
        ("verdict", word(a.verdict.value, lang)),
        ("held", percent(a.held.probability, a.threshold)),
        ("standard", f"{stated(a.threshold)} ({standard_label(a.standard_id, lang)})"),
        ("priors", prior_set_label(filled.priors.name, lang)),
    )
    routes = [
        (
            route_label(filled, r, lang),
            percent(a.prior[r], a.threshold),
            _barred(p, own=bool(inside), level=a.threshold),
        )
        for (r, p), inside in zip(a.posterior.items(), a.answer.inside, strict=True)
    ]
    parts = ("role", *(("any_remove",) if a.any_remove else ()), "entrance", "alone")
    burden = [
        (word(b.stage, lang), _barred(b.probability, own=True, level=a.threshold, tick=a.threshold))
        for b in a.burden
    ]  # fmt: skip
    return _block(
        lang, filled,
        f"<p>{_escaped(headline(a, lang))}</p>",
        _table(lang, ("", ""), ((_say(k, lang), v) for k, v in facts)),
        _table(lang, ("route", "prior", "posterior"), routes),
        _table(lang, ("source", *parts, "lr", "support"), _sources(a, parts, lang)),
        _claimants(a, lang),
        _table(lang, ("stage", "posterior"), burden),
        _small(*uncertainty_sentences(a, lang), limits(lang)),
    )  # fmt: skip


def _sources(a: Assessment, parts: Sequence[str], lang: str) -> Iterable[Sequence[str]]:
    ratios = {r.against: r for r in a.likelihood_ratios}
    for s, table in a.propositions.items():
        said = ("", "")
        if (row := ratios.get(s)) is not None:
            support = word(row.verbal, lang)
            if row.verbal != "none":
                side = "for" if row.log10 > 0 else "against"
                support = _say(side, lang, strength=strength(row, lang))
            said = (ratio(row.log10, a.bound, lang), support)
        chances = (percent(table[part], a.threshold) if part in table else "" for part in parts)
        yield source_label(a.filled, s, lang), *chances, *said


def _claimants(a: Assessment, lang: str) -> str:
    """The proposition about a victim of every group, where there are several."""
    if len(a.claimants) < 2:
        return ""
    rows = [
        (
            group_label(a.filled, c.group, lang, with_size=True),
            "" if c.plaintiff else percent(round(c.linked, 6), a.threshold),
            _barred(c.probability, own=True, level=a.threshold, tick=a.threshold),
            percent(c.held, a.threshold),
            word(c.verdict.value, lang)
            if c.verdict
            else _say("over" if c.meets else "under", lang),
        )
        for c in a.claimants[:_MOST]
    ]
    more = len(a.claimants) - _MOST
    heads = ("victims", "linked", "probability", "held", "comparison")
    return _table(lang, heads, rows) + (_small(_say("more", lang, n=more)) if more > 0 else "")


def _case_html(case: Case, lang: str) -> str:
    from causation.case import fill
    from causation.model.routes import build_routes

    filled = fill(case)
    sources = [
        (
            source_label(filled, s.name, lang),
            word(s.kind.value, lang),
            _fields(filled, s.holds or (), lang),
        )
        for s in filled.sources
    ]
    routes = listed((route_label(filled, r.name, lang) for r in build_routes(filled)), lang)
    groups = [_group(filled, g, lang) for g in filled.all_groups]
    findings = [_finding(filled, f, lang) for f in filled.all_findings]
    heads = ("victims", "count", "disclosed", "absent", "known", "listed", "linked")
    return _block(
        lang, filled,
        f"<br>{_escaped(proposition_label(filled, lang))}",
        _table(lang, ("source", "kind", "holds"), sources),
        f"<p>{_escaped(_say('routes', lang, names=routes))}</p>",
        _table(lang, heads, groups),
        _table(lang, ("finding", "about", "party", "stage", "reliability"), findings)
        if findings else "",
    )  # fmt: skip


def _fields(filled: Filled, names: Iterable[str], lang: str) -> str:
    return listed((field_label(filled, f, lang) for f in names), lang)


def _group(filled: Filled, g: FilledGroup, lang: str) -> Sequence[str]:
    """A row about a group of victims: everything that its entry states."""
    absent = [_fields(filled, g.not_disclosed, lang)] if g.not_disclosed else []
    if g.redacted:
        absent.append(_say("redacted", lang, names=_fields(filled, g.redacted, lang)))
    known = [
        _say("user" if member else "not_user", lang, name=source_label(filled, c, lang))
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
        group_label(filled, g.id, lang),
        str(g.count),
        _fields(filled, g.disclosed, lang),
        listed(absent, lang),
        listed(known, lang),
        "" if g.plaintiff else _known_by(filled, g.known_by, lang),
        "" if linkage is None else _interval(linkage),
    )


def _known_by(filled: Filled, event: KnownBy, lang: str) -> str:
    """How a further victim came to be known."""
    if event.how != "list":
        return _say(f"by_{event.how}", lang)
    parts = [_say("user", lang, name=source_label(filled, c, lang)) for c in event.users_of]
    parts += [trait_label(filled, t, lang) for t in event.traits]
    parts += [
        _say(key, lang, names=_fields(filled, names, lang))
        for key, names in (("all_of", event.published_all), ("any_of", event.published_any))
        if names
    ]
    return _say("by_list", lang, parts=listed(parts, lang))


def _finding(filled: Filled, f: FilledFinding, lang: str) -> Sequence[str]:
    """A row about a finding: what it is about, and who brought it."""
    return (
        pick(f.label, lang, name=f.id),
        listed((source_label(filled, s, lang) for s in f.about), lang),
        "" if f.party is None else _say(f"of_{f.party.value}", lang),
        word(f.stage.value, lang),
        _interval(f.reliability),
    )


def _interval(number: Number) -> str:
    return shown_value(number.lo if number.is_point else (number.lo, number.hi))


def _answer_html(answer: Answer, lang: str) -> str:
    rows = [
        (
            route_label(answer.model.filled, name, lang),
            percent(float(prior), answer.model.filled.threshold),
            _barred(float(p), own=bool(own), level=answer.model.filled.threshold),
            f"{float(evidence):.2f}",
            f"{float(error):.1g}",
        )
        for name, prior, p, own, evidence, error in zip(
            answer.model.route_names, answer.route_prior[0], answer.posterior[0], answer.inside,
            answer.log_evidence[0], answer.error[0], strict=True,
        )
    ]  # fmt: skip
    return _block(
        lang, None, _table(lang, ("route", "prior", "posterior", "log_evidence", "error"), rows)
    )


def _sweep_html(data: xr.Dataset, lang: str) -> str:
    """The first scenarios of a sweep: their values, and what came of them."""
    some = [name for name in ("probability", "held", "met") if name in data]
    frame = data[some].to_dataframe().reset_index().head(_MOST)
    heads, columns = [], []
    for name in frame.columns:
        values = frame[name].tolist()
        if name == "met":
            columns.append([_say("over" if x else "under", lang) for x in values])
        elif name in some:
            columns.append([f"{x:.3f}" for x in values])
        else:
            columns.append([shown_value(x) if isinstance(x, float) else str(x) for x in values])
        said = _say("comparison" if name == "met" else name, lang) if name in some else name
        heads.append(data[name].attrs.get(f"label_{lang}", said))
    table = _headed(heads, zip(*columns, strict=True))
    return _block(lang, None, f"<p>{_escaped(sweep_text(data, lang))}</p>", table)
