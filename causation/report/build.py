"""From a case to a whole report, before it takes a format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from causation.case.filling import fill
from causation.dossier.assessment import Assessment, assess
from causation.report.content.annexes import NUMBERS, annexes, numbers_annex, numbers_csv
from causation.report.content.basis import basis
from causation.report.content.checks import checks
from causation.report.content.closing import closing, limits, opinion
from causation.report.content.comparison import comparison
from causation.report.content.context import Context
from causation.report.content.front import front
from causation.report.content.hearing import hearing
from causation.report.content.materials import materials
from causation.report.content.method import method
from causation.report.content.posterior import posterior, prior
from causation.report.content.ratios import ratios
from causation.report.content.robust import robust
from causation.report.content.weight import weight
from causation.report.document import Block, Document
from causation.report.explorer import explorer_data
from causation.report.figures import Drawing, draw_figures
from causation.report.language import Language
from causation.report.manifest import environment, make_manifest
from causation.report.material import Material, withheld_words
from causation.report.numbering import numbered
from causation.report.privacy import Privacy
from causation.report.quantities import Registry
from causation.report.results import Results

__all__ = ["Report", "build_report"]


@dataclass(frozen=True, eq=False)
class Report:
    """A report before it is rendered, with the assessment behind it."""

    document: Document
    assessment: Assessment


def build_report(
    material: Material,
    language: Language,
    *,
    random_seed: int | None = None,
    versions: Mapping[str, str] | None = None,
) -> Report:
    """Assess a case and put its report together.

    Parameters
    ----------
    material : Material
    language : Language
    random_seed : int, optional
        Seed of the engine, in place of the usual one.
    versions : mapping of str to str, optional
        Versions to print, in place of those that run.

    Returns
    -------
    Report
    """
    filled = fill(material.case, priors=material.priors, standard=material.standard)
    assessment = assess(filled) if random_seed is None else assess(filled, random_seed=random_seed)
    return _report_of(assessment, material, language, versions or environment())


def _report_of(
    assessment: Assessment, material: Material, language: Language, versions: Mapping[str, str]
) -> Report:
    results = Results(assessment)
    figures = draw_figures(assessment, results, lang=language.name)
    context = Context(
        assessment=assessment,
        results=results,
        language=language,
        registry=Registry(language, assessment.bound),
        privacy=Privacy(material.case, identify=material.identify, words=withheld_words(language)),
        sha256=material.sha256,
        identify=material.identify,
        leaks=material.leaks,
        court_found=material.court_found,
        figures=figures,
        versions=versions,
    )
    blocks, numbers = numbered(_blocks(context, material))
    quantities = context.registry.quantities
    explorer = explorer_data(context)
    attachments = {NUMBERS: numbers_csv(quantities)}
    document = Document(
        title=f"{language.plain('title')}{language.plain('words.colon')}{context.title.text}",
        lang=language.name,
        blocks=blocks,
        quantities=quantities,
        attachments=attachments,
        numbers=numbers,
        figures={name: found for name, found in figures.items() if isinstance(found, Drawing)},
        explorer=explorer,
        manifest=make_manifest(
            material,
            assessment,
            lang=language.name,
            quantities=quantities,
            explorer=explorer,
            versions=versions,
        ),
        words={
            key.removeprefix("words."): str(text)
            for key, text in language.entries.items()
            if key.startswith("words.")
        },
    )
    return Report(document, assessment)


_CHAPTERS: tuple[tuple[str, tuple[Callable[[Context], Iterator[Block]], ...]], ...] = (
    ("analysis", (ratios, prior, posterior, comparison)),
    ("robust", (robust, weight, checks)),
)
"""Chapters of several files, by the id of their heading."""


def _blocks(context: Context, material: Material) -> Iterator[Block]:
    for first in (front, basis, hearing, materials, method):
        yield from first(context)
    for name, sections in _CHAPTERS:
        yield context.heading(1, name, f"{name}.heading")
        for section in sections:
            yield from section(context)
    for last in (limits, opinion, closing):
        yield from last(context)
    yield from annexes(context, case_text=material.case_text, redacted=material.redacted)
    yield from numbers_annex(context)
