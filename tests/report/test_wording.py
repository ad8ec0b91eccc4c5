"""Wording: complete in both languages, without numbers, and never transposed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import yaml

from causation.case import bundled_cases, data_path
from causation.report.build import Report
from causation.report.document import Num, Paragraph, Table, Text, Verbal, block_inlines, plain
from causation.report.language import Language, load_language
from causation.validation.selftest import run_selftest

LANGUAGES = ("en", "zh")
_NAMES = re.compile(r"\{(\w+)\}")
_TARGETS = re.compile(r"<<([\w.-]+)>>")


def _templates(language: Language) -> dict[str, tuple[str, ...]]:
    return {k: (v,) if isinstance(v, str) else v for k, v in language.entries.items()}


def test_both_languages_have_the_same_templates_with_the_same_names() -> None:
    english, chinese = (_templates(load_language(name)) for name in LANGUAGES)
    assert english.keys() == chinese.keys()
    for key, templates in english.items():
        if key == "format.months":
            continue
        assert len(templates) == len(chinese[key]), key
        for ours, theirs in zip(templates, chinese[key], strict=True):
            assert sorted(_NAMES.findall(ours)) == sorted(_NAMES.findall(theirs)), key
            assert sorted(_TARGETS.findall(ours)) == sorted(_TARGETS.findall(theirs)), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_number_is_typed_into_the_wording(lang: str) -> None:
    for key, templates in _templates(load_language(lang)).items():
        for template in templates:
            assert not re.search(r"\d", re.sub(r"\[\[.*?\]\]", "", template)), key


def test_chinese_wording_is_chinese() -> None:
    for key, templates in _templates(load_language("zh")).items():
        if key.startswith("format.") or key in {"words.blank", "closing.bibliography.entries"}:
            continue
        for template in templates:
            bare = re.sub(r"\{\w+\}|<<.*?>>|\[\[.*?\]\]", "", template)
            if re.search(r"\w", bare) and bare != "log":
                assert re.search(r"[\u4e00-\u9fff]", bare), key


# The evidence is the subject, the source the condition: "E is as probable if H", never "H is
# probable". A posterior names evidence and prior as conditions.
RATIO = {
    "en": re.compile(r"evidence is (about )?[^.]*as probable if the data (came|did not come)"),
    "zh": re.compile(r"(若信息|无论信息)[^。]*出现现有证据的可能性"),
}
POSTERIOR = {
    "en": re.compile(r"^Given the evidence, and on the prior of section .*the probability that"),
    "zh": re.compile(r"^在现有证据之下，并以第.*节所列先验为前提，信息经由.*泄露的概率为"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_cannot_transpose_the_conditional(lang: str) -> None:
    language = load_language(lang)
    words = {n: Text(n) for n in ("h", "s", "lr", "verbal", "p", "what")}
    for key in language.entries:
        if key.startswith("ratio.") and not key.endswith("excluded"):
            names = set(_NAMES.findall(language.raw(key)))
            sentence = language.plain(key, **{n: words[n] for n in names})
            assert RATIO[lang].search(sentence), sentence
            assert "the probability that the data" not in sentence
            assert "泄露的概率" not in sentence
    sentence = language.plain("posterior.proposition", h=words["h"], p=words["p"])
    assert POSTERIOR[lang].search(sentence), sentence


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", bundled_cases())
def test_the_verbal_scale_stands_with_ratios_only(
    build: Callable[[str, str], Report], name: str, lang: str
) -> None:
    document = build(name, lang).document
    seen = 0
    for block in document.blocks:
        if isinstance(block, Table):
            runs = [tuple(i for cell in row for i in cell) for row in block.rows]
        else:
            runs = [tuple(run) for run in block_inlines(block)]
        for run in runs:
            if not any(isinstance(i, Verbal) for i in run):
                continue
            seen += 1
            families = {i.key.partition(".")[0] for i in run if isinstance(i, Num)}
            assert families <= {"lr", "log_lr", "error_log_lr", "item_lr"}
            assert families & {"lr", "item_lr"}
    assert seen > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_report_must_say(build: Callable[[str, str], Report], lang: str) -> None:
    document = build("bic-2025-doxxing", lang).document
    text = "\n".join(plain(run) for b in document.blocks for run in block_inlines(b))
    must = {
        "en": ("not sole proof", "neither fault nor liability", "deemed not to exist"),
        "zh": ("不是唯一证据", "不对过错或责任作出认定", "不是鉴定意见"),
    }[lang]
    for phrase in must[:2]:
        assert phrase in text
    sections = {h.id for h in document.headings()}
    assert sections >= {
        "commission", "question", "facts", "items", "elements", "integrity", "plain", "victims",
        "findings", "security", "ratios", "prior", "posterior", "standard", "curve", "burden",
        "contributions", "dependence", "sensitivity", "bounds", "fit", "validation", "inquiry",
        "general", "fallacies", "opinion", "bibliography", "undertaking", "signature",
        "annex-case", "annex-inputs", "annex-quantities", "annex-selftest", "annex-provenance",
    }  # fmt: skip
    claims = [b.claim for b in document.blocks if isinstance(b, Paragraph) and b.claim]
    assert claims.count("ratio") >= 4
    assert claims.count("posterior") >= 2


def test_a_ratio_below_one_is_turned_round(build: Callable[[str, str], Report]) -> None:
    report = build("shen-2018", "en")
    against = [r for r in report.assessment.likelihood_ratios if r.log10 < 0 and r.verbal != "none"]
    sentences = [
        plain(b.content)
        for b in report.document.blocks
        if isinstance(b, Paragraph) and b.claim == "ratio"
    ]
    for ratio in against:
        label = next(
            s.label["en"] for s in report.assessment.case.sources if s.name == ratio.against
        )
        assert any(f"if the data came through {label} as if" in s for s in sentences)


def test_published_results_are_named_in_the_language_of_the_report(
    build: Callable[[str, str], Report],
) -> None:
    text = data_path("published", "expected.yaml").read_text(encoding="utf-8")
    given = yaml.safe_load(text)["names"]
    found = run_selftest()
    assert set(given) == {row.name for row in found}
    for lang in LANGUAGES:
        document = build("shen-2018", lang).document
        table = next(b for b in document.blocks if isinstance(b, Table) and b.id == "t-selftest")
        names = [plain(row[0]) for row in table.rows]
        assert names == [given[row.name][lang] for row in found]
        assert len(set(names)) == len(names)
        chinese = [name for name in names if re.search("[\u4e00-\u9fff]", name)]
        assert chinese == (names if lang == "zh" else [])


def test_a_number_is_not_parted_from_its_percent_sign(
    build: Callable[[str, str], Report],
) -> None:
    quantities = build("shen-2018", "en").document.quantities.values()
    shares = [q.text for q in quantities if q.text.endswith("%")]
    assert len(shares) > 20
    assert all(re.search(r"[0-9]\u00a0%$", text) for text in shares)
