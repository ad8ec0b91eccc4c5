"""Wording: complete in both languages, without numbers, and never transposed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

import causation.report
from causation.case import data_path, load_case
from causation.dossier.headline import headline
from causation.report.build import Report
from causation.report.content.ratios import in_words
from causation.report.document import (
    Heading,
    Num,
    Paragraph,
    Table,
    Text,
    Verbal,
    block_inlines,
    plain,
)
from causation.report.language import Language, load_language
from causation.report.quantities import Registry
from causation.validation.selftest import run_selftest
from tests.report.cases import EVERY, LANGUAGES

Build = Callable[[str, str], Report]
_NAMES = re.compile(r"\{(\w+)\}")
_TARGETS = re.compile(r"<<([\w.-]+)>>")


def _templates(language: Language) -> dict[str, tuple[str, ...]]:
    return {k: (v,) if isinstance(v, str) else v for k, v in language.entries.items()}


def _text(report: Report) -> str:
    return "\n".join(plain(run) for b in report.document.blocks for run in block_inlines(b))


def _section(report: Report, name: str) -> str:
    """Text of a section, up to the next heading."""
    parts, inside = [], False
    for block in report.document.blocks:
        if isinstance(block, Heading):
            inside = block.id == name
        elif inside:
            parts += [plain(run) for run in block_inlines(block)]
    return "\n".join(parts)


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


def test_every_template_is_used() -> None:
    """By its key, or where the code makes the last part of a key from a value."""
    folder = Path(causation.report.__file__).parent
    code = "".join(p.read_text("utf-8") for p in [*folder.rglob("*.py"), *folder.rglob("*.jinja")])
    begun = {m[1] for m in re.finditer(r'f"([a-z][\w.]*[._])\{', code)} | {"ratio.", "words."}
    begun |= {f"{m[1]}." for m in re.finditer(r'choice\("([\w.]+)"', code)}
    words = {p for text in re.findall(r'"([\w.{}]+)[."]', code) for p in (text, *text.split("."))}
    for table in yaml.safe_load((folder / "templates" / "tables.yaml").read_text("utf-8")).values():
        words |= {table["at"], table.get("caption", "caption"), *table["columns"]}
    outline = {f"{m[1]}.heading" for m in re.finditer(r'", "([a-z.]+)", \(', code)}
    for key in load_language("en").entries:
        if key.endswith(".heading"):
            assert key in outline | {"summary.heading"}, key
        used = key in words or key.rpartition(".")[2] in words
        assert used or any(key.startswith(b) for b in begun), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_number_is_typed_into_the_wording(lang: str) -> None:
    for key, templates in _templates(load_language(lang)).items():
        for template in templates:
            assert not re.search(r"\d", re.sub(r"\[\[.*?\]\]", "", template)), key


def test_chinese_wording_is_chinese() -> None:
    for key, templates in _templates(load_language("zh")).items():
        if (
            key.startswith("format.")
            or key in {"words.blank", "closing.bibliography.entries"}
            or key.endswith(".literature")
        ):
            continue
        for template in templates:
            bare = re.sub(r"\{\w+\}|<<.*?>>|\[\[.*?\]\]", "", template)
            if re.search(r"\w", bare) and bare != "log":
                assert re.search(r"[\u4e00-\u9fff]", bare), key


def test_words_that_belong_to_the_court_or_to_another_branch_of_law_are_not_ours() -> None:
    for key, templates in _templates(load_language("zh")).items():
        for template in templates:
            bare = re.sub(r"\[\[.*?\]\]|自行委托|优势证据", "", template)
            for word in (
                "认定",
                "成立",
                "优势",
                "几率",
                "相关性",
                "沉默",
                "举证责任转移",
                "个人信息处理者",
            ):
                assert word not in bare, (key, word)
            assert "至少" not in bare or "其中至少一家" in bare or "至少有一项" in bare, key
    for key, templates in _templates(load_language("en")).items():
        for template in templates:
            assert not re.search(r"\bestablish", template), key


# The evidence is the subject, the source the condition: "E is as probable if H", never "H is
# probable". A posterior names evidence and prior as conditions.
RATIO = {
    "en": re.compile(r"[Tt]he evidence (is|can(not)? arise)"),
    "zh": re.compile(r"出现现有证据的可能性"),
}
POSTERIOR = {
    "en": re.compile(r"^Given the evidence, and on the prior of section .*the probability that"),
    "zh": re.compile(r"^在现有证据之下，并以第.*节所列先验为前提，.*的概率"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_cannot_transpose_the_conditional(lang: str) -> None:
    language = load_language(lang)
    words = {n: Text(n) for n in ("claim", "s", "lr", "limit", "verbal", "p", "held")}
    for key in language.entries:
        if key.startswith("ratio."):
            names = set(_NAMES.findall(language.raw(key)))
            sentence = language.plain(key, **{n: words[n] for n in names})
            assert RATIO[lang].search(sentence), sentence
            assert "the probability that" not in sentence
            assert "的概率" not in sentence
            if lang == "en":
                assert sentence.index("evidence") < sentence.index("claim")
    filling = {n: words[n] for n in ("claim", "p", "held")}
    sentence = language.plain("posterior.proposition", **filling)
    assert POSTERIOR[lang].search(sentence), sentence


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_the_headline_is_that_of_every_other_reader(build: Build, name: str, lang: str) -> None:
    report = build(name, lang)
    boxes = [
        b for b in report.document.blocks if isinstance(b, Paragraph) and b.style == "headline"
    ]
    sign = load_language(lang).raw("format.percent")
    expected = headline(report.assessment, lang).replace(" %", sign)
    assert [plain(b.content) for b in boxes] == [expected, expected]


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_nothing_is_missing_from_the_report_of_a_shipped_case(
    build: Build, name: str, lang: str
) -> None:
    report = build(name, lang)
    gap = {"en": "could not be", "zh": "未能计算"}[lang]
    assert gap not in _text(report).replace("could not be computed again", "")
    assert len(report.document.figures) == 5
    assert {h.id for h in report.document.headings()} >= {
        "commission", "question", "agreed", "between", "questions", "known", "if-wrong", "unknown",
        "review", "facts", "items", "elements", "integrity", "plain", "victims",
        "findings", "security", "ratios", "prior", "posterior", "parts", "standard", "variants",
        "curve", "burden", "contributions", "dependence", "sensitivity", "carriers", "bounds",
        "fit", "validation", "inquiry", "general", "fallacies", "opinion", "bibliography",
        "undertaking", "signature", "annex-case", "annex-inputs", "annex-quantities",
        "annex-selftest", "annex-provenance",
    }  # fmt: skip
    claims = [b.claim for b in report.document.blocks if isinstance(b, Paragraph) and b.claim]
    assert claims.count("ratio") >= 4
    assert claims.count("posterior") >= 2


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_readings_stand_side_by_side_wherever_the_probability_does(
    build: Build, name: str, lang: str
) -> None:
    report = build(name, lang)
    readings = [v for v in report.assessment.variants if v.kind == "reading"]
    tables = {b.id: b for b in report.document.blocks if isinstance(b, Table)}
    for table in ("t-first-readings", "t-opinion-readings"):
        if not readings:
            assert table not in tables
            continue
        rows = [plain(row[0]) for row in tables[table].rows]
        assert rows[1:] == [v.label[lang] for v in readings if v.held is not None]
    own = [v for v in report.assessment.variants if v.id.startswith("variants.")]
    assert len(own) == len(report.assessment.case.variants)
    for section in ("summary", "opinion", "variants"):
        text = _section(report, section)
        assert all(v.label[lang] in text for v in own)


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_what_the_court_found_is_nowhere(build: Build, name: str, lang: str) -> None:
    report = build(name, lang)
    assert report.assessment.case.court_found == ()
    text = _text(report)
    for decision in load_case(name).court_found:
        assert decision.note is not None
        for language in LANGUAGES:
            assert decision.note[language][:25] not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_readings_of_the_facts_stand_apart_from_stress_on_the_model(
    build: Build, lang: str
) -> None:
    report = build("bic-2025-doxxing", lang)
    tables = {b.id: b for b in report.document.blocks if isinstance(b, Table)}
    for kind in ("reading", "model"):
        rows = tables[f"t-variants-{kind}"].rows
        names = {plain(row[0]).replace("\u00a0", " ") for row in rows}
        assert {v.label[lang] for v in report.assessment.variants if v.kind == kind} < names
    assert len(tables["t-prior-sets"].rows) == len(report.assessment.sets)


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_the_verbal_scale_stands_with_ratios_only(build: Build, name: str, lang: str) -> None:
    seen = 0
    for block in build(name, lang).document.blocks:
        if isinstance(block, Table):
            runs = [tuple(i for cell in row for i in cell) for row in block.rows]
        else:
            runs = [tuple(run) for run in block_inlines(block)]
        for run in runs:
            if not any(isinstance(i, Verbal) for i in run):
                continue
            seen += 1
            families = {i.key.partition(".")[0] for i in run if isinstance(i, Num)}
            families = {f.removesuffix("_route") for f in families}
            assert families <= {"limit_lr", "lr", "lr_larger", "log_lr", "error_log_lr", "item_lr"}
            assert families & {"limit_lr", "lr", "lr_larger", "item_lr"}
    assert seen > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_report_must_say(build: Build, lang: str) -> None:
    text = _text(build("bic-2025-doxxing", lang))
    must = {
        "en": ("not sole proof", "neither fault nor liability", "not a judicial appraisal",
               "no Chinese rule gives 高度可能性 a number", "is for the court",
               "art. 90(1)", "art. 122(2)", "art. 84(2)",
               "one of the factual premises of causation", "as users of Platform backend"),
        "zh": ("不是唯一证据", "亦不涉及过错或责任", "不是鉴定意见", "因果关系的前提事实之一",
               "法律及司法解释未对“高度可能性”规定数值", "由法庭结合全案证据判断",
               "第90条第1项", "作为平台后台的用户", "知悉方式"),
    }[lang]  # fmt: skip
    for phrase in must:
        assert phrase in text


def test_a_ratio_below_one_is_turned_round(build: Build) -> None:
    report = build("shen-2018", "en")
    against = [r for r in report.assessment.likelihood_ratios if r.log10 < 0 and r.verbal != "none"]
    sentences = [
        plain(b.content)
        for b in report.document.blocks
        if isinstance(b, Paragraph) and b.claim == "ratio"
    ]
    for ratio in against:
        label = report.assessment.filled.source(ratio.against).label["en"]
        assert any(
            f"as probable if the data came by another route that begins at {label} as if" in s
            for s in sentences
        )


def test_published_results_are_named_in_the_language_of_the_report(build: Build) -> None:
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


def test_a_number_is_not_parted_from_its_percent_sign(build: Build) -> None:
    quantities = build("shen-2018", "en").document.quantities.values()
    shares = [q.text for q in quantities if q.text.endswith("%")]
    assert len(shares) > 20
    assert all(re.search(r"[0-9]\u00a0%$", text) for text in shares)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_ratio_either_way_has_its_words(lang: str) -> None:
    """A case that the evidence speaks against has its tables too."""
    language = load_language(lang)
    c = SimpleNamespace(
        text=language.text, language=language, registry=Registry(language, 0.9, threshold=0.75)
    )
    words = []
    for log10 in (0.7, -0.7, 3.0, -3.0):
        ratio = SimpleNamespace(log10=log10, verbal="weak")
        found = in_words(c, ratio)  # type: ignore[arg-type]
        assert any(isinstance(i, Verbal) for i in found)
        words.append(plain(found))
    assert len(set(words)) == 4
