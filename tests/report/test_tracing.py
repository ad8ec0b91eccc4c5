"""Every numeral of every format is a quantity, text of the case, a citation, or a part's number."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
import yaml

from causation.case.library import case_file
from causation.document.shipped import data_path
from causation.dossier import digits
from causation.report.build import Report
from causation.report.content.annexes import full_value
from causation.report.document import (
    CaseText,
    Document,
    Num,
    Paragraph,
    Ref,
    Struct,
    Text,
    block_inlines,
    plain,
)
from tests.report.cases import EVERY, NAMES
from tests.report.reading import docx_text, html_runs, markdown_text, numerals, pdf_text

STATED = {
    "threshold", "standard", "asked", "needed", "interval_mass", "redrawn_mass", "bounds_epsilon",
    "courts_mass", "world_threshold", "world_most",
}  # fmt: skip
"""Probabilities that somebody stated: printed as they were."""

RATIOS = {"lr", "lr_larger", "log_lr", "item_lr", "limit_lr"}

Build = Callable[[str, str], Report]
FileOf = Callable[[str, str, str], bytes]


def _texts(document: Document) -> list[str]:
    """Everything in which a numeral may stand: quantities, case, citations, own numbers."""
    texts = [q.text for q in document.quantities.values()]
    texts += [full_value(q) for q in document.quantities.values()]
    for block in document.blocks:
        for run in block_inlines(block):
            texts += [i.text for i in run if isinstance(i, CaseText | Ref | Struct)]
    return [*texts, *document.numbers.values()]


def _allowed(document: Document) -> set[str]:
    """Numerals that may appear."""
    return {n for text in _texts(document) for n in numerals(text)}


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_every_number_of_the_document_is_in_the_registry(
    build: Build, name: str, lang: str
) -> None:
    document = build(name, lang).document
    for block in document.blocks:
        for run in block_inlines(block):
            for inline in run:
                if isinstance(inline, Num):
                    quantity = document.quantities[inline.key]
                    assert inline.text in {quantity.text, full_value(quantity)}
                    assert quantity.definition
                elif not isinstance(inline, CaseText | Ref | Struct):
                    assert not numerals(inline.text), inline


@pytest.mark.parametrize("name", NAMES)
def test_case_text_stands_in_the_case_file(build: Build, name: str) -> None:
    source = case_file(name).read_text(encoding="utf-8")
    report = build(name, "zh")
    filled = report.assessment.filled
    counts = {str(g.count) for g in filled.all_groups}
    texts = [*(f"{n.basis} {n.source}" for n in report.assessment.model.numbers)]
    texts += [f"{filled.priors.elicitation_sd.basis}", *(f"{n.text}" for n in filled.notices)]
    known = {n for text in texts for n in numerals(text)} | counts
    for block in report.document.blocks:
        for run in block_inlines(block):
            for inline in run:
                if isinstance(inline, CaseText):
                    for numeral in numerals(inline.text):
                        bare = numeral.lstrip("0") or "0"
                        stated = rf"(?<![0-9])0*{re.escape(bare)}(?![0-9])"
                        assert numeral in known or re.search(stated, source), inline


@pytest.mark.parametrize("name", NAMES)
def test_quantities_are_what_was_assessed(build: Build, name: str) -> None:
    report = build(name, "en")
    a, q = report.assessment, report.document.quantities
    assert q["probability"].value == a.probability
    assert q["held"].value == a.held.probability
    assert q["threshold"].value == a.threshold
    for route in a.routes:
        assert q[f"posterior.{route}"].value == a.posterior[route]
        assert q[f"prior.{route}"].value == a.prior[route]
    for source, table in a.propositions.items():
        for kind in ("role", "entrance", "alone"):
            assert q[f"{kind}.{source}"].value == table[kind]
        for kind in ("supplied", "sole"):
            for field, p in table[kind].items():
                assert q[f"{kind}.{source}.{field}"].value == p
    if len(a.victims) > 1:
        for group, parts in a.victims.items():
            for source, p in parts.items():
                assert q[f"victim.{group}.{source}"].value == p


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_beside_the_answer_is_what_was_assessed(build: Build, name: str) -> None:
    report = build(name, "en")
    a, q = report.assessment, report.document.quantities
    for stage in a.burden:
        assert q[f"burden.{stage.stage}"].value == stage.probability
    for row in a.contributions.rows:
        assert q[f"shapley.{row.item.id}"].value == row.shapley
    for v in a.variants:
        if v.probability is not None:
            assert q[f"variant.{v.id}"].value == v.probability
            assert q[f"variant_held.{v.id}"].value == v.held
    for s in a.sets:
        assert q[f"under_set.{s.id}"].value == s.probability
    assert (q["range.lo"].value, q["range.hi"].value) == (
        a.range_of_opinion.lo,
        a.range_of_opinion.hi,
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_list_of_inputs_is_everything_that_the_model_reads(build: Build, name: str) -> None:
    report = build(name, "en")
    a, q = report.assessment, report.document.quantities
    listed = {key.removeprefix("input.").rpartition(".")[0] for key in q if key[:6] == "input."}
    assert listed == {n.path for n in a.model.numbers}
    for n in a.model.numbers:
        assert q[f"input.{n.path}.lo"].value == n.lo
    assert q["elicitation_sd"].value == a.filled.elicitation_sd


@pytest.mark.parametrize("name", NAMES)
def test_ratios_are_held_to_the_validated_range_in_print_and_value(build: Build, name: str) -> None:
    report = build(name, "en")
    a, q = report.assessment, report.document.quantities
    assert a.bound is not None
    for ratio in (*a.likelihood_ratios, a.likelihood_ratio_rest):
        held = max(-a.bound, min(a.bound, ratio.log10))
        assert q[f"lr.{ratio.against}"].value == held
        assert q[f"log_lr.{ratio.against}"].value == held
        assert q[f"lr.{ratio.against}"].text == digits.ratio(ratio.log10, a.bound)
    for key, quantity in q.items():
        family = key.partition(".")[0]
        if family.removesuffix("_route") in RATIOS or family[:3] == "co_b":
            assert quantity.value is None or abs(float(quantity.value)) <= a.bound


def test_what_lies_beyond_the_validated_range_is_only_more() -> None:
    from causation.report.language import load_language
    from causation.report.quantities import Registry

    q, name = Registry(load_language("en"), 2.0, threshold=0.75), Text("a")
    [ratio] = q.ratio("lr.a", 5.0, name=name)
    [bans] = q.held_bans("log_lr.a", -5.0, name=name)
    assert (ratio.text, q.quantities["lr.a"].value) == ("more than 100", 2.0)
    assert (bans.text, q.quantities["log_lr.a"].value) == ("beyond −2.00", -2.0)


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_have_the_digits_of_every_other_reader(build: Build, name: str) -> None:
    for lang, sign in (("en", "\u00a0%"), ("zh", "%")):
        for key, q in build(name, lang).document.quantities.items():
            family = key.partition(".")[0]
            if key == "prior_at_standard":
                assert isinstance(q.value, float)
                assert q.text == digits.percent_at_least(q.value).replace(" %", sign)
                assert float(q.text.rstrip("%").strip()) / 100.0 >= q.value
            elif family in STATED:
                assert q.text == digits.stated(float(str(q.value))).replace(" %", sign), key
            elif q.text.endswith("%") and isinstance(q.value, float):
                assert q.text == digits.percent(q.value).replace(" %", sign), key
            if isinstance(q.value, float):
                assert math.isfinite(q.value)


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_html_numerals(build: Build, file_of: FileOf, name: str, lang: str) -> None:
    document = build(name, lang).document
    parser = html_runs(file_of(name, lang, "html"))
    allowed = _allowed(document)
    found = 0
    for text, stack in parser.runs:
        tags = {tag for tag, _ in stack}
        if tags & {"script", "style", "head"} or not numerals(text):
            continue
        found += 1
        data = [attributes for tag, attributes in stack if tag == "data"]
        if data:
            quantity = document.quantities[str(data[-1]["data-q"])]
            assert text in {quantity.text, full_value(quantity)}
            assert quantity.definition in str(data[-1]["title"])
        else:
            classes = {c for _, a in stack for c in str(a.get("class")).split()}
            assert tags & {"cite"} or classes & {"case", "struct"}, text
    assert found > 100
    for image in parser.images:
        assert image["alt"]
        assert set(numerals(str(image["alt"]))) <= allowed


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_markdown_and_docx_numerals_are_those_of_the_document(
    build: Build, file_of: FileOf, name: str, lang: str
) -> None:
    allowed = _allowed(build(name, lang).document)
    for text in (
        markdown_text(file_of(name, lang, "md")),
        docx_text(file_of(name, lang, "docx")),
    ):
        found = numerals(text)
        assert len(found) > 500
        assert set(found) <= allowed


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_pdf_numerals_are_those_of_the_document(
    build: Build, file_of: FileOf, name: str, lang: str
) -> None:
    """Pieces of long words are told from numerals: a line may end in the middle of a digest.

    The first pages are left out, because the contents have page numbers.
    """
    document = build(name, lang).document
    text = "\n".join(pdf_text(file_of(name, lang, "pdf"))[2:])
    assert not re.search("-\u200b?-\u200b?\\s*\n", text)  # an option stays on its line
    found = numerals(re.sub("\u200b\\s*", "", text))
    assert len(found) > 500
    broken = set(found) - _allowed(document)
    long = {word for text in _texts(document) for word in text.split() if len(word) > 12}
    assert all(any(piece in word for word in long) for piece in broken)
    assert len(broken) < 60


def test_validation_figures_are_those_of_the_shipped_run(build: Build) -> None:
    record = yaml.safe_load(data_path("validation.yaml").read_text(encoding="utf-8"))
    q = build("bic-2025-doxxing", "en").document.quantities
    assert q["world_cases"].value == record["run"]["cases"]
    assert q["worlds"].value == len(record["worlds"])
    for name in ("seed", "date", "command"):
        assert q[f"world_{name}"].value == str(record["run"][name])
    for world in record["worlds"]:
        for family in ("cllr", "cllr_cal", "false_hits", "false_hits_error", "hits_false"):
            assert q[f"world_{family}.{world['id']}"].value == world[family]
        assert q[f"world_naive_cllr.{world['id']}"].value == world["naive"]["cllr"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_worlds_in_which_the_method_fails_are_named(build: Build, lang: str) -> None:
    record = yaml.safe_load(data_path("validation.yaml").read_text(encoding="utf-8"))
    blocks = build("bic-2025-doxxing", lang).document.blocks
    texts = [plain(b.content) for b in blocks if isinstance(b, Paragraph)]
    costly = [w["label"][lang] for w in record["worlds"] if w["cllr"] > 1.0]
    worst = max(record["worlds"], key=lambda w: float(w["false_hits"]))["label"][lang]
    assert costly
    assert any(all(label in text for label in costly) for text in texts)
    assert any(worst in text and not all(label in text for label in costly) for text in texts)
