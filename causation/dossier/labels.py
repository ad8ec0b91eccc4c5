"""What things are called where a reader sees them, in English and Chinese.

Names in a case file are identifiers; readers see labels. A label that the case states wins,
in the language asked for or else in the other; an identifier is shown with spaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from causation.case.library import load_fields, load_profile_items, load_standards
from causation.errors import InputError

if TYPE_CHECKING:
    from causation.analyses.contributions import EvidenceItem
    from causation.case.resolved import ResolvedCase

__all__ = [
    "LANGUAGES",
    "case_title",
    "evidence_label",
    "field_label",
    "group_label",
    "item_label",
    "pick",
    "proposition_label",
    "source_label",
    "stage_label",
    "standard_label",
    "verdict_label",
    "word",
]

LANGUAGES = ("en", "zh")
"""Languages in which readers are addressed."""

_WORDS: dict[str, tuple[str, str]] = {
    # stages of the burden of proof
    "prior": ("before any evidence", "举证之前"),
    "prima_facie": ("plaintiff's first evidence", "原告初步举证"),
    "rebuttal": ("rebuttal", "被告反驳"),
    "reply": ("reply", "原告再反驳"),
    # verdicts
    "established": ("established", "成立"),
    "established_not_robustly": ("established, not robustly", "成立，但不稳健"),
    "not_established": ("not established", "不成立"),
    # evidence
    "users_of": ("users of {}", "均为{}用户"),
    "security": ("security record of {}", "{}的安全记录"),
    "disclosed": ("disclosed: {}", "被泄露：{}"),
    "rest": ("all the rest", "其余全部来源"),
    "own_standard": ("as stated", "自定标准"),
    # verbal scale of likelihood ratios
    "none": ("none", "无支持"),
    "weak": ("weak", "弱"),
    "moderate": ("moderate", "中等"),
    "moderately_strong": ("moderately strong", "较强"),
    "strong": ("strong", "强"),
    "very_strong": ("very strong", "很强"),
    "extremely_strong": ("extremely strong", "极强"),
}


def check_language(lang: str) -> str:
    """Return the language, if there is such a one.

    Raises
    ------
    InputError
        If it is not one of `LANGUAGES`.
    """
    if lang not in LANGUAGES:
        raise InputError(f"there is no language {lang!r}; allowed: {', '.join(LANGUAGES)}")
    return lang


def pick(label: Mapping[str, str], lang: str, *, name: str = "") -> str:
    """Return a label in a language, else in another, else the name with spaces.

    Examples
    --------
    >>> pick({"en": "Platform", "zh": "平台"}, "zh")
    '平台'
    >>> pick({}, "en", name="co_victims")
    'co victims'
    """
    check_language(lang)
    return label.get(lang) or next(iter(label.values()), "") or name.replace("_", " ")


def word(key: str, lang: str) -> str:
    """Return what a stage, verdict or verbal band is called.

    Examples
    --------
    >>> word("not_established", "en"), word("rebuttal", "zh")
    ('not established', '被告反驳')
    """
    return _WORDS[key][LANGUAGES.index(check_language(lang))]


stage_label = word
verdict_label = word


def case_title(case: ResolvedCase, lang: str) -> str:
    """Title of a case, else its identifier."""
    return pick(case.title, lang) or case.id


def source_label(case: ResolvedCase, name: str, lang: str) -> str:
    """What a source is called.

    Examples
    --------
    >>> from causation.case import load_case, resolve
    >>> source_label(resolve(load_case("bic-2025-doxxing")), "osint", "zh")
    '跨平台公开线索'
    """
    labels = {s.name: s.label for s in case.sources}
    return pick(labels.get(name, {}), lang, name=name)


def proposition_label(case: ResolvedCase, lang: str) -> str:
    """What the proposition is called: its sources, joined by "or"."""
    joint = {"en": " or ", "zh": "或"}[check_language(lang)]
    return joint.join(source_label(case, name, lang) for name in case.proposition)


def field_label(name: str, lang: str) -> str:
    """What a field of personal data is called.

    Examples
    --------
    >>> field_label("id_photo", "en"), field_label("my_own", "en")
    ('photo of the ID card', 'my own')
    """
    known = load_fields().get(name)
    return pick(known.label if known else {}, lang, name=name)


def group_label(case: ResolvedCase, name: str, lang: str, *, with_size: bool = True) -> str:
    """What a group of victims is called, with its size where it is more than one."""
    group = next((g for g in case.groups if g.id == name), None)
    label = pick(group.label if group else {}, lang, name=name)
    size = group.count if group and with_size else 1
    return label if size == 1 else f"{label} ({size})"


def item_label(name: str, lang: str) -> str:
    """What a trait of a profile is called."""
    known = load_profile_items().get(name)
    return pick(known.label if known else {}, lang, name=name)


def standard_label(name: str, lang: str) -> str:
    """What a standard of proof is called.

    Examples
    --------
    >>> standard_label("jp-high-probability", "zh")
    '日本：高度盖然性'
    """
    labels = {s.id: s.label for s in load_standards()}
    return pick(labels[name], lang) if name in labels else word("own_standard", lang)


def evidence_label(case: ResolvedCase, item: EvidenceItem, lang: str) -> str:
    """What an item of evidence is called."""
    if item.kind == "victims":
        return group_label(case, item.name, lang)
    if item.kind == "profile":
        return item_label(item.name, lang)
    if item.kind == "disclosed":
        return word("disclosed", lang).format(field_label(item.name, lang))
    if item.kind in {"users_of", "security"}:
        return word(item.kind, lang).format(source_label(case, item.name, lang))
    labels = {f.id: f.label for f in case.findings}
    return pick(labels.get(item.name, {}), lang, name=item.name)
