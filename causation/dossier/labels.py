"""What things are called where a reader sees them, in English and Chinese.

Names in a case file are identifiers; readers see labels. A label that the case states wins, in
the language asked for or else in the other; an identifier is shown with spaces, but no person is
called by an identifier in Chinese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from causation.case.library import bundled_prior_sets, load_standards
from causation.document.shipped import shipped
from causation.errors import InputError

if TYPE_CHECKING:
    from causation.analyses.bound import LikelihoodRatio
    from causation.case.filled import Filled

LANGUAGES = ("en", "zh")
"""Languages in which readers are addressed."""

_WORDS: dict[str, tuple[str, str]] = {
    # moments of the burden of proof
    "prior": ("before any evidence", "举证之前"),
    "prima_facie": ("after the first evidence", "初步举证之后"),
    "rebuttal": ("after the defendant's evidence", "被告举证之后"),
    "reply": ("after the reply", "原告再次举证之后"),
    # verdicts: comparisons, never findings
    "meets": ("meets", "达到对照值，且稳健"),
    "meets_not_robustly": ("meets, not robustly", "达到对照值，但不稳健"),
    "does_not_meet": ("does not meet", "未达对照值"),
    # kinds of sources
    "custodian": ("custodian", "保管方"),
    "leaked_library": ("leaked library", "已泄露数据库（社工库）"),
    "inference": ("inference", "公开信息关联比对"),
    "residual": ("unknown or other source", "未知或其他来源"),
    # parts of a source
    "role": ("role", "参与泄露链条"),
    "entrance": ("entrance", "起始来源"),
    "alone": ("alone", "全部信息仅出自该来源"),
    "supplied": ("supplied", "该项信息出自该来源"),
    "sole": ("sole supplier", "该项信息仅出自该来源"),
    # evidence
    "users": ("whether users of {}", "是否为{}用户"),
    "not_published": ("{} (not published)", "{}（未公开）"),
    "security": ("security record of {}", "{}的安全保障记录"),
    "rest": ("all the rest", "其余全部来源"),
    "own_standard": ("as stated", "自定对照值"),
    "plaintiff": ("plaintiff", "原告"),
    "further": ("further victims", "其他被公开者"),
    # verbal scale of likelihood ratios
    "none": ("none", "无支持"),
    "weak": ("weak", "弱"),
    "moderate": ("moderate", "中等"),
    "moderately_strong": ("moderately strong", "较强"),
    "strong": ("strong", "强"),
    "very_strong": ("very strong", "很强"),
    "extremely_strong": ("extremely strong", "极强"),
    # prior sets
    "neutral": ("neutral", "中性"),
    "claimant": ("claimant's", "原告方"),
    "data-based": ("data-based", "数据型"),
    "respondent": ("respondent's", "被告方"),
}

_PROPOSITION: dict[str, tuple[str, str]] = {
    "role": ("{} played a role", "{}参与泄露链条"),
    "entrance": ("{} was the entrance", "{}为起始来源（最先取得信息之处）"),
    "alone": ("{} was the only source", "全部信息仅出自{}"),
    "supplied": ("{} supplied {}", "{1}出自{0}"),
    "sole": ("{} alone supplied {}", "{1}仅出自{0}"),
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
    found = label.get(lang) or next(iter(label.values()), "")
    return name.replace("_", " ") if found in ("", name) else found


def word(key: str, lang: str) -> str:
    """Return what a stage, verdict, kind, part or verbal band is called.

    Examples
    --------
    >>> word("does_not_meet", "en"), word("rebuttal", "zh")
    ('does not meet', '被告举证之后')
    """
    return _WORDS[key][LANGUAGES.index(check_language(lang))]


def strength(ratio: LikelihoodRatio, lang: str) -> str:
    """Return the band of a ratio, at least that where it lies beyond the validated range."""
    band = word(ratio.verbal, lang)
    if abs(ratio.log10) > abs(ratio.held):
        return f"at least {band}" if lang == "en" else f"{band}以上"
    return band


def in_language(texts: tuple[str, str], lang: str, /, **values: object) -> str:
    """One of two texts with its values, the sign of per cent set as the language does.

    Examples
    --------
    >>> in_language(("P {p}", "概率{p}"), "zh", p="79.7 %")
    '概率79.7%'
    """
    text = texts[LANGUAGES.index(check_language(lang))].format(**values)
    return text if lang == "en" else text.replace(" %", "%")


def speaker(name: str) -> Callable[..., str]:
    """Return what says the texts of ``data/words/NAME.yaml``: by key, language and values.

    Examples
    --------
    >>> speaker("elicitation")("keep", "zh")
    '保留'
    """

    def say(key: str, lang: str, /, **values: object) -> str:
        """Return a text in a language with its values filled in."""
        found = texts(name)[key]
        return in_language((found["en"], found["zh"]), lang, **values)

    return say


def texts(name: str) -> Mapping[str, Any]:
    """Texts of ``data/words/NAME.yaml``, by key and language."""
    return shipped(f"words/{name}.yaml")


def listed(names: Iterable[str], lang: str) -> str:
    """Join names as a list.

    Examples
    --------
    >>> listed(["a", "b"], "en"), listed(["甲", "乙"], "zh")
    ('a, b', '甲、乙')
    """
    return {"en": ", ", "zh": "、"}[check_language(lang)].join(names)


def case_title(filled: Filled, lang: str) -> str:
    """Title of a case, else its identifier."""
    return pick(filled.title, lang) or filled.case.id


def source_label(filled: Filled, name: str, lang: str) -> str:
    """What a source is called.

    Examples
    --------
    >>> from causation.case import fill, load_case
    >>> source_label(fill(load_case("bic-2025-doxxing")), "platform", "zh")
    '平台后台'
    """
    labels = {s.name: s.label for s in filled.sources}
    return pick(labels.get(name, {}), lang, name=name)


def route_label(filled: Filled, name: str, lang: str) -> str:
    """What a route is called; a chain names its entrance first.

    Examples
    --------
    >>> from causation.case import fill, load_case
    >>> route_label(fill(load_case("bic-2025-doxxing")), "platform/library", "en")
    'Platform backend, then Leaked third-party library'
    """
    labels = [source_label(filled, s, lang) for s in name.split("/")]
    if len(labels) == 1:
        return labels[0]
    return {"en": "{}, then {}", "zh": "先{}后{}的接续途径"}[lang].format(*labels)


def union_label(filled: Filled, lang: str) -> str:
    """The sources of the proposition: one, or at least one of several."""
    names = [source_label(filled, s, lang) for s in filled.proposition.sources]
    if len(names) == 1:
        return names[0]
    if check_language(lang) == "zh":
        return f"{'、'.join(names)}其中至少一家"
    return f"at least one of {', '.join(names[:-1])} and {names[-1]}"


def proposition_label(filled: Filled, lang: str) -> str:
    """What is to be proved, as a clause.

    Examples
    --------
    >>> from causation.case import fill, load_case
    >>> proposition_label(fill(load_case("bic-2025-doxxing")), "en")
    'Platform backend played a role'
    >>> proposition_label(fill(load_case("pang-2017")), "zh")
    '趣拿公司（去哪儿网）、东方航空公司其中至少一家参与泄露链条'
    """
    p = filled.proposition
    fields = [field_label(filled, f, lang) for f in p.fields]
    joint = {"en": " or " if p.any else " and ", "zh": "或" if p.any else "和"}[
        check_language(lang)
    ]
    clause = _PROPOSITION[p.role][LANGUAGES.index(lang)]
    clause = clause.format(union_label(filled, lang), joint.join(fields))
    if p.victim is None:
        return clause
    group = group_label(filled, p.victim, lang)
    return f"{clause} ({group})" if lang == "en" else f"{clause}（{group}）"


def field_label(filled: Filled, name: str, lang: str) -> str:
    """What a field of personal data is called.

    Examples
    --------
    >>> from causation.case import fill, load_case
    >>> field_label(fill(load_case("bic-2025-doxxing")), "id_photo", "en")
    'photo of the ID card'
    """
    return pick(filled.labels("fields", name), lang, name=name)


def trait_label(filled: Filled, name: str, lang: str) -> str:
    """What a trait of a victim is called."""
    return pick(filled.labels("traits", name), lang, name=name)


def group_label(filled: Filled, name: str, lang: str, *, with_size: bool = False) -> str:
    """What a group of victims is called; in Chinese never by its identifier.

    Examples
    --------
    >>> from causation.case import fill, load_case
    >>> filled = fill(load_case("bic-2025-doxxing").replace({"victims.co_victims.label": None}))
    >>> group_label(filled, "co_victims", "zh"), group_label(filled, "co_victims", "en")
    ('其他被公开者（第1组）', 'co victims')
    """
    group = next((g for g in filled.all_groups if g.id == name), None)
    label = pick(group.label if group else {}, lang, name=name)
    if lang == "zh" and label == name.replace("_", " "):
        label = filled.unnamed(name)
    if group is None or not with_size or group.count == 1:
        return label
    return f"{label}（{group.count}人）" if lang == "zh" else f"{label} ({group.count})"


def prior_set_label(name: str, lang: str) -> str:
    """What a prior set is called: a shipped one in words, another by its id.

    Examples
    --------
    >>> prior_set_label("claimant", "zh"), prior_set_label("mine", "en")
    ('原告方', 'mine')
    >>> prior_set_label("neutral@0a1b2c3d4e5f", "en")
    'neutral (not the shipped set; sha256 0a1b2c3d4e5f)'
    """
    own, _, digest = name.partition("@")
    if digest:
        zh = f"{own}（并非随附的先验集；sha256 {digest}）"
        return zh if lang == "zh" else f"{own} (not the shipped set; sha256 {digest})"
    return word(name, lang) if name in bundled_prior_sets() else name


def standard_label(name: str, lang: str) -> str:
    """What a standard of proof is called.

    Examples
    --------
    >>> standard_label("jp-high-probability", "zh")
    '日本：高度盖然性'
    """
    labels = {s.id: s.label for s in load_standards()}
    return pick(labels[name], lang) if name in labels else word("own_standard", lang)


class Evidence(Protocol):
    """What can be left out: an item of the model, or several that leave together."""

    @property
    def id(self) -> str:
        """Such as ``victims.plaintiff.fields.phone``, ``traits.anonymous``, ``findings.audit``."""

    @property
    def kind(self) -> str:
        """Kind of evidence; ``series`` for a whole group of victims."""

    @property
    def label(self) -> Mapping[str, str]:
        """What it is called by itself, by language."""


def evidence_label(filled: Filled, item: Evidence, lang: str) -> str:
    """What an item of evidence is called, or several that leave together.

    Examples
    --------
    >>> from causation.model.structure import build_model
    >>> model = build_model("bic-2025-doxxing")
    >>> evidence_label(model.filled, model.items[3], "en")
    'Plaintiff: phone number'
    """
    head, *steps = item.id.split(".")
    part = pick(item.label, lang, name=item.id.rpartition(".")[2])
    if item.kind == "security":
        return word("security", lang).format(part)
    if head == "victims" and len(steps) == 1:
        return group_label(filled, steps[0], lang, with_size=True)
    if "users" in (head, *steps[1:2]):
        part = word("users", lang).format(part)
    if head != "victims" or not steps:
        return part
    if item.kind == "fields" and _withheld(filled, steps):
        part = word("not_published", lang).format(part)
    group = group_label(filled, steps[0], lang)
    return f"{group}: {part}" if lang == "en" else f"{group}：{part}"


def _withheld(filled: Filled, steps: list[str]) -> bool:
    """Whether an item is that a field of a group was not published."""
    group = next((g for g in filled.all_groups if g.id == steps[0]), None)
    return group is not None and steps[-1] in group.not_disclosed
