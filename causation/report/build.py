"""From a case to a whole report, before it takes a format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from causation.case.filling import fill
from causation.dossier.assessment import Assessment, assess
from causation.report.content import (
    annexes,
    basis,
    checks,
    closing,
    comparison,
    hearing,
    materials,
    method,
    posterior,
    ratios,
    robust,
    weight,
)
from causation.report.content.context import Context
from causation.report.content.front import front
from causation.report.document import Block, Document, Heading
from causation.report.explorer import explorer_data
from causation.report.figures import Drawing, draw_figures
from causation.report.language import Language
from causation.report.manifest import environment, make_manifest
from causation.report.material import Material, withheld_words
from causation.report.numbering import numbered
from causation.report.privacy import Privacy
from causation.report.quantities import Registry
from causation.report.results import Results


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
        registry=Registry(language, assessment.bound, threshold=assessment.threshold),
        privacy=Privacy(material.case, identify=material.identify, words=withheld_words(language)),
        sha256=material.sha256,
        identify=material.identify,
        leaks=material.leaks,
        court_found=material.court_found,
        case_text=material.case_text,
        redacted=material.redacted,
        figures=figures,
        versions=versions,
    )
    words = {
        k.removeprefix("words."): str(t) for k, t in language.entries.items() if k[:6] == "words."
    }
    blocks, numbers = numbered(_blocks(context), words)
    quantities = context.registry.quantities
    explorer = explorer_data(context)
    attachments = {annexes.NUMBERS: annexes.numbers_csv(quantities)}
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
        words=words,
    )
    return Report(document, assessment)


type _Section = Callable[[Context], Iterator[Block]]

_OUTLINE: tuple[tuple[int, str, str, tuple[_Section, ...]], ...] = (
    (1, "basis", "basis", ()),
    (2, "commission", "basis.commission", (basis.commission,)),
    (2, "question", "basis.question", (basis.question,)),
    (1, "hearing", "hearing", ()),
    (2, "agreed", "hearing.agreed", (hearing.agreed,)),
    (2, "between", "hearing.between", (hearing.between,)),
    (2, "questions", "hearing.questions", (hearing.questions,)),
    (1, "materials", "materials", ()),
    (2, "facts", "materials.facts", (materials.facts,)),
    (2, "items", "materials.items", (materials.items,)),
    (2, "elements", "materials.elements", (materials.elements,)),
    (2, "integrity", "materials.integrity", (materials.integrity,)),
    (1, "method", "method", ()),
    (2, "plain", "method.plain", (method.plain_words,)),
    (2, "victims", "method.victims", (method.victims,)),
    (2, "known", "method.known", (method.came_to_be_known,)),
    (2, "findings", "method.findings", (method.findings,)),
    (2, "security", "method.security", (method.security,)),
    (1, "analysis", "analysis", ()),
    (2, "ratios", "analysis.ratios", (ratios.ratios, ratios.by_item)),
    (2, "prior", "analysis.prior", (posterior.prior,)),
    (2, "posterior", "analysis.posterior", (posterior.posterior,)),
    (2, "parts", "analysis.parts", (posterior.parts,)),
    (2, "each-victim", "analysis.victims", (posterior.each_victim,)),
    (2, "standard", "analysis.standard", (comparison.standard,)),
    (2, "variants", "analysis.variants", (comparison.variants, comparison.prior_sets)),
    (2, "curve", "analysis.curve", (comparison.curve,)),
    (2, "explorer", "analysis.explorer", (comparison.explorer,)),
    (2, "burden", "analysis.burden", (comparison.burden,)),
    (1, "robust", "robust", ()),
    (2, "if-wrong", "robust.wrong", (robust.if_wrong,)),
    (2, "carriers", "robust.carriers", (robust.carriers, robust.uncertainty)),
    (2, "unknown", "robust.unknown", (robust.unknown,)),
    (2, "sensitivity", "robust.sensitivity", (robust.redraws, robust.tornado, robust.tipping)),
    (2, "contributions", "weight.contributions", (weight.contributions,)),
    (2, "dependence", "weight.dependence", (weight.dependence,)),
    (2, "inquiry", "checks.inquiry", (checks.inquiry,)),
    (2, "bounds", "checks.bounds", (checks.bounds,)),
    (2, "fit", "checks.fit", (checks.fit,)),
    (2, "validation", "checks.validation", (checks.validation,)),
    (1, "limits", "limits", ()),
    (2, "general", "limits.general", (closing.limits,)),
    (2, "fallacies", "limits.fallacies", (closing.fallacies,)),
    (1, "opinion", "opinion", (closing.opinion,)),
    (1, "closing", "closing", ()),
    (2, "bibliography", "closing.bibliography", (closing.bibliography,)),
    (2, "undertaking", "closing.undertaking", (closing.declaration,)),
    (2, "review", "closing.review", (closing.review,)),
    (2, "signature", "closing.signature", (closing.signature,)),
    (1, "annexes", "annexes", ()),
    (3, "annex-case", "annexes.case", (annexes.case_file,)),
    (3, "annex-inputs", "annexes.inputs", (annexes.inputs,)),
    (3, "annex-selftest", "annexes.selftest", (annexes.selftest,)),
    (3, "annex-provenance", "annexes.provenance", (annexes.provenance,)),
    (3, "annex-quantities", "annexes.quantities", (annexes.numbers_annex,)),
)
"""Level, id, wording and sections of every heading; the last needs every number to be known."""


def _blocks(context: Context) -> Iterator[Block]:
    """The first page, then every part; a section that says nothing has no heading."""
    yield from front(context)
    for level, name, key, sections in _OUTLINE:
        blocks = [block for section in sections for block in context.guarded(section)]
        if blocks or not sections:
            yield Heading(level, name, "", context.text(f"{key}.heading"))
        yield from blocks
