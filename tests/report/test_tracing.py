"""Every numeral of every format is a quantity, text of the case, a citation, or a part's number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from causation.case import bundled_cases, load_case
from causation.case.library import case_file
from causation.report.build import Report
from causation.report.content.annexes import full_value
from causation.report.document import CaseText, Document, Num, Ref, Struct, block_inlines
from tests.report.reading import docx_text, html_runs, markdown_text, numerals, pdf_text

Build = Callable[[str, str], Report]
FileOf = Callable[[str, str, str], bytes]
EVERY = [(name, lang) for name in bundled_cases() for lang in ("en", "zh")]


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


@pytest.mark.parametrize("name", bundled_cases())
def test_case_text_stands_in_the_case_file(build: Build, name: str) -> None:
    source = case_file(name).read_text(encoding="utf-8")
    source += " ".join(str(value) for value in load_case(name).numbers().values())
    report = build(name, "zh")
    known = Counter(numerals(source))
    counts = {str(g.count) for g in report.assessment.case.groups}
    bases = {n for i in report.assessment.case.inputs() for n in numerals(f"{i.basis} {i.source}")}
    for block in report.document.blocks:
        for run in block_inlines(block):
            for inline in run:
                if isinstance(inline, CaseText):
                    for numeral in numerals(inline.text):
                        bare = numeral.lstrip("0") or "0"
                        assert (
                            numeral in known
                            or re.search(rf"(?<![0-9])0*{re.escape(bare)}(?![0-9])", source)
                            or numeral in counts
                            or numeral in bases
                        ), inline


def test_quantities_are_what_was_assessed(build: Build) -> None:
    report = build("bic-2025-doxxing", "en")
    a, q = report.assessment, report.document.quantities
    assert q["probability"].value == a.probability
    assert q["threshold"].value == a.threshold
    for source, p in zip(a.sources, a.posterior.probability.tolist(), strict=True):
        assert q[f"posterior.{source}"].value == p
    for ratio in a.likelihood_ratios:
        assert q[f"lr.{ratio.against}"].value == ratio.log10
    for stage in a.burden:
        assert q[f"burden.{stage.stage}"].value == stage.probability
    for row in a.contributions.rows:
        assert q[f"shapley.{row.item.id}"].value == row.shapley
    inputs = {i.path: i.value for i in a.case.inputs()}
    for path, value in inputs.items():
        assert q[f"input.{path}.lo"].value == value.lo


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
    found = numerals(re.sub("\u200b\\s*", "", text))
    assert len(found) > 500
    broken = set(found) - _allowed(document)
    long = {word for text in _texts(document) for word in text.split() if len(word) > 12}
    assert all(any(piece in word for word in long) for piece in broken)
    assert len(broken) < 60
