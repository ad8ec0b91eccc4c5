"""What every section of the report is built from."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from causation.case.library import load_standards
from causation.dossier import labels
from causation.dossier.wording import input_label, shown_value
from causation.errors import CausationError
from causation.report.document import (
    Block,
    BulletList,
    CaseText,
    Figure,
    Heading,
    Inline,
    Paragraph,
    Ref,
    Row,
    Table,
    Text,
)
from causation.report.language import Filling, Language, names_in
from causation.report.manifest import environment
from causation.report.privacy import Privacy
from causation.report.quantities import Registry

if TYPE_CHECKING:
    from causation.analyses.if_wrong import IfWrong
    from causation.analyses.inquiry import InquiryPair
    from causation.analyses.sets import SetResult
    from causation.analyses.tipping import TippingPoint
    from causation.analyses.variants import VariantResult
    from causation.case.filled import Filled
    from causation.case.schema import Case
    from causation.document.numbers import Number
    from causation.dossier.assessment import Assessment
    from causation.model.structure import Model
    from causation.report.figures import Drawing
    from causation.report.results import Results

__all__ = ["Context", "Residual"]

_LOG = logging.getLogger(__name__)


class Residual(NamedTuple):
    """The weight of the unknown: as it is, up to where the value is reached, from where not."""

    now: tuple[Inline, ...]
    needed: tuple[Inline, ...]
    fails: tuple[Inline, ...]
    met: bool


@dataclass(frozen=True, eq=False)
class Context:
    """A case, its assessment and further results, the wording, and the numbers collected.

    Parameters
    ----------
    assessment : Assessment
    results : Results
        What is computed beside the assessment.
    language : Language
    registry : Registry
    privacy : Privacy
    sha256 : str
        Digest of the case as it was put in, before anything was withheld.
    identify : bool
        Persons are named as in the case file.
    leaks : tuple of str
        Kinds of values that were withheld.
    court_found : bool
        Whether the case file has what a court found, which the report leaves out.
    figures : mapping of str to Drawing or str
        Drawings by the id of their figure, or why there is none.
    versions : mapping of str to str
        Of the program and its libraries, as they are printed.
    """

    assessment: Assessment
    results: Results
    language: Language
    registry: Registry
    privacy: Privacy
    sha256: str
    identify: bool
    leaks: tuple[str, ...] = ()
    court_found: bool = False
    figures: Mapping[str, Drawing | str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=environment)

    @property
    def case(self) -> Case:
        """What the file states."""
        return self.assessment.case

    @property
    def law(self) -> str:
        """Whose norms the report cites: those of the case's jurisdiction, or none."""
        found = self.filled.jurisdiction
        return found if f"norms.{found}.status" in self.language else "none"

    @property
    def filled(self) -> Filled:
        """The case with every gap filled."""
        return self.assessment.filled

    def text(self, key: str, **filling: Filling) -> tuple[Inline, ...]:
        """Fill a template of the language."""
        return self.language.text(key, **filling)

    def paragraph(self, key: str, *, style: str = "normal", **filling: Filling) -> Paragraph:
        """A paragraph of one template."""
        return Paragraph(self.text(key, **filling), style)

    def bullets(self, key: str, **filling: Filling) -> BulletList:
        """A list of templates."""
        return BulletList(self.language.texts(key, **filling))

    def heading(self, level: int, name: str, key: str) -> Heading:
        """A heading; its number comes when the report is put together."""
        return Heading(level, name, "", self.text(key))

    def pairs(self, key: str) -> Iterator[Row]:
        """Rows of two cells, divided by a bar in the language file."""
        for entry in self.language.entries[key]:
            left, _, right = entry.partition(" | ")
            yield self.language.fill(left), self.language.fill(right)

    def filled_in(self, template: str, filling: Mapping[str, Filling]) -> tuple[Inline, ...]:
        """Fill a template given by its text with what it asks for."""
        return self.language.fill(template, key="", **{n: filling[n] for n in names_in(template)})

    def header(self, prefix: str, *names: str) -> Row:
        """Header cells of a table, by the last parts of their keys."""
        return tuple(self.text(f"{prefix}.{name}") for name in names)

    def table(
        self,
        name: str,
        caption: tuple[Inline, ...],
        header: Row,
        rows: Iterable[Row],
        widths: tuple[float, ...],
        *,
        numeric: Iterable[int] = (),
        small: bool = False,
    ) -> Table:
        """A table."""
        return Table(name, caption, header, tuple(rows), widths, frozenset(numeric), small)

    def figure(self, name: str, caption: tuple[Inline, ...], alt: tuple[Inline, ...]) -> Block:
        """A figure, or why there is none."""
        drawn = self.figures.get(name)
        if isinstance(drawn, str):
            return self.paragraph("gap.figure", style="note", what=caption, why=self.said(drawn))
        return Figure(name, caption, alt)

    def sections(self, *sections: Callable[[Context], Iterator[Block]]) -> Iterator[Block]:
        """Sections in order; one whose analysis fails ends with why, and costs no other."""
        for section in sections:
            try:
                yield from section(self)
            except Exception as error:  # noqa: BLE001 (a report is not lost with one of its parts)
                _LOG.warning("a part of the report could not be computed", exc_info=True)
                yield self.paragraph("gap.analysis", style="note", why=self.said(str(error)))

    @staticmethod
    def parts[T](columns: Sequence[T], most: int) -> Iterator[tuple[int, Sequence[T]]]:
        """Columns in as few tables as take them, evenly: where each begins, and its own."""
        tables = math.ceil(len(columns) / most)
        size = math.ceil(len(columns) / max(tables, 1))
        for start in range(0, len(columns), max(size, 1)):
            yield start, columns[start : start + size]

    def joined(self, parts: Iterable[Filling], key: str = "format.list") -> tuple[Inline, ...]:
        """Parts with the language's separator between them; a dash where there are none."""
        result: list[Inline] = []
        for part in parts:
            if result:
                result.append(Text(self.language.raw(key)))
            result += part if isinstance(part, tuple) else (part,)
        return tuple(result) or self.text("format.none")

    def said(self, text: str) -> CaseText:
        """Text of the case, safe and without leaked values."""
        return CaseText(self.privacy.clean(text))

    def said_in(self, texts: Mapping[str, str]) -> CaseText:
        """Text of the case in the language of the report, else in the other."""
        return self.said(labels.pick(texts, self.language.name))

    @property
    def title(self) -> CaseText:
        """Title of the case."""
        return self.said(labels.case_title(self.filled, self.language.name))

    def source(self, name: str) -> CaseText:
        """What a source is called."""
        return self.said(labels.source_label(self.filled, name, self.language.name))

    def route(self, name: str) -> CaseText:
        """What a route is called; a chain names its entrance first."""
        return self.said(labels.route_label(self.filled, name, self.language.name))

    @cached_property
    def sources(self) -> CaseText:
        """The sources of the proposition: one, or at least one of several."""
        return self.said(labels.union_label(self.filled, self.language.name))

    @cached_property
    def proposition(self) -> CaseText:
        """What is to be proved, as a clause."""
        return self.said(labels.proposition_label(self.filled, self.language.name))

    @cached_property
    def condition(self) -> tuple[Inline, ...]:
        """What likelihood ratios are about: the clause, or that the sources take part at all."""
        if self.filled.proposition.role in {"role", "entrance", "alone"}:
            return (self.proposition,)
        return self.text("role.in_route", h=self.sources)

    def field(self, name: str) -> CaseText:
        """What a field of personal data is called."""
        return self.said(labels.field_label(self.filled, name, self.language.name))

    def fields(self, names: Iterable[str]) -> tuple[Inline, ...]:
        """Fields of personal data, as a list."""
        return self.joined(self.field(name) for name in names)

    def trait(self, name: str) -> CaseText:
        """What a trait of a victim is called."""
        return self.said(labels.trait_label(self.filled, name, self.language.name))

    def group(self, name: str) -> CaseText:
        """What a group of victims is called."""
        return self.said(labels.group_label(self.filled, name, self.language.name))

    def prior_set(self, name: str) -> CaseText:
        """What a prior set is called."""
        return self.said(labels.prior_set_label(name, self.language.name))

    def finding(self, name: str) -> CaseText:
        """What a finding is called."""
        found = {f.id: f.label for f in self.filled.all_findings}
        return self.said(labels.pick(found.get(name, {}), self.language.name, name=name))

    def evidence(self, item: labels.Evidence) -> CaseText:
        """What an item of evidence is called, or several that leave together."""
        return self.said(labels.evidence_label(self.filled, item, self.language.name))

    def item(self, name: str) -> CaseText:
        """What an item of evidence is called, by its id."""
        model = self.assessment.model
        return self.evidence(model.items[model.item_index[name]])

    def input(self, path: str) -> CaseText:
        """What an input is called."""
        return self.said(input_label(self.filled, path, self.language.name))

    def standard(self, name: str) -> Ref:
        """What a standard of proof is called."""
        return Ref(labels.standard_label(name, self.language.name))

    @cached_property
    def case_standard(self) -> tuple[Inline, ...]:
        """What the standard of the case is called."""
        name = self.assessment.standard_id
        known = name in {s.id for s in load_standards()}
        return (self.standard(name),) if known else self.text("analysis.standard.own")

    @cached_property
    def threshold(self) -> tuple[Inline, ...]:
        """Comparison value of the case."""
        return self.registry.given("threshold", self.assessment.threshold)

    @cached_property
    def probability(self) -> tuple[Inline, ...]:
        """Posterior probability of the proposition: the model's."""
        return self.registry.percent("probability", self.assessment.probability)

    @cached_property
    def held(self) -> tuple[Inline, ...]:
        """The probability with the likelihood ratio limited to the validated range."""
        return self.registry.percent("held", self.assessment.held.probability)

    def variant(self, v: VariantResult) -> tuple[tuple[Inline, ...], tuple[Inline, ...]]:
        """Probability and held probability under a variant that has them."""
        label, q = self.said_in(v.label), self.registry
        if v.probability is None or v.held is None:
            raise ValueError(f"{v.id} has no probability")
        p = q.percent(f"variant.{v.id}", v.probability, item=label)
        return p, q.percent(f"variant_held.{v.id}", v.held, item=label)

    def found(self, *names: str) -> tuple[Inline, ...]:
        """Variants of these ids with their held probability; empty where there are none."""
        known = {v.id: v for v in self.assessment.variants if v.held is not None}
        parts = [
            self.text(
                "format.counted", name=self.said_in(known[n].label), x=self.variant(known[n])[1]
            )
            for n in names
            if n in known
        ]
        return self.joined(parts, "format.semicolon") if parts else ()

    def variant_rows(self, *names: str, also: Iterable[VariantResult | None] = ()) -> Iterator[Row]:
        """The case as stated, then variants of these ids that have a probability."""
        a = self.assessment
        met = self.met(reached=a.held.probability >= a.threshold)
        yield self.text("summary.base"), self.probability, self.held, met
        known = {v.id: v for v in a.variants}
        for v in (*(known.get(name) for name in names), *also):
            if v is not None and v.held is not None:
                yield (self.said_in(v.label),), *self.variant(v), self.met(reached=bool(v.meets))

    def under(self, s: SetResult) -> tuple[Inline, ...]:
        """Held probability under a prior set that has it."""
        if s.held is None:
            raise ValueError(f"{s.id} has no probability")
        return self.registry.percent(f"under_set_held.{s.id}", s.held, item=self.prior_set(s.id))

    def without(self, wrong: IfWrong, name: str) -> tuple[Inline, ...]:
        """Held probability without an item of evidence, under a prior set."""
        item: tuple[Inline, ...] = self.text("robust.wrong.nothing")
        if wrong.item is not None:
            item = (self.evidence(wrong.item),)
        key = f"without.{name}.{wrong.item.id if wrong.item else 'nothing'}"
        held = wrong.by_set[name].held
        return self.registry.percent(key, held, item=item, name=self.prior_set(name))

    def models_by_set(self) -> dict[str, Model]:
        """The model of the case under every prior set that fills it, its own first."""
        found = self.assessment.by_set.items()
        return {name: a.model for name, a in found if not isinstance(a, CausationError)}

    def held_of(self, name: str) -> tuple[Inline, ...]:
        """Held probability under the variant of this id; empty where there is none."""
        known = {v.id: v for v in self.assessment.variants if v.held is not None}
        return self.variant(known[name])[1] if name in known else ()

    def residual(self) -> Residual | None:
        """Weight of the unknown as it is, and where the comparison changes."""
        found, q = self.assessment.carriers.residual, self.registry
        if found is None or found.needed is None:
            return None
        return Residual(
            now=q.size("residual_now", found.weight),
            needed=q.at_most("residual_needed", found.needed),
            fails=q.from_on("residual_fails", found.needed),
            met=found.needed >= found.weight,
        )

    def tipped(self, point: TippingPoint) -> dict[str, tuple[Inline, ...]]:
        """An input as it is, and where the comparison has changed."""
        q, label = self.registry, self.input(point.path)
        name = f"{point.path}.{'up' if point.steps > 0 else 'down'}"
        return {
            "base": q.word(f"tip_from.{point.path}", shown_value(point.base), item=label),
            "value": q.word(f"tip_to.{name}", shown_value(point.value), item=label),
        }

    def pair(self, which: str, pair: InquiryPair) -> dict[str, tuple[Inline, ...]]:
        """Two outcomes of inquiries together, and the held probability after them."""
        labels_ = [(self.said_in(label),) for label in pair.labels]
        p = self.registry.percent(f"pair.{which}", pair.probability, item=self.joined(labels_))
        return {"first": labels_[0], "second": labels_[1], "p": p}

    def validated(self) -> tuple[Inline, ...]:
        """Largest ratio that the validation supports."""
        bound = self.registry.bound
        if not math.isfinite(bound):
            return self.text("format.unlimited")
        return self.registry.ratio("limit_lr", bound)

    def stated(self, key: str, number: Number, **names: Filling) -> tuple[Inline, ...]:
        """An input as it was stated: a number, or an interval."""
        q = self.registry
        lo = q.stated(f"{key}.lo", number.lo, end=self.text("format.lo"), **names)
        if number.is_point:
            return lo
        hi = q.stated(f"{key}.hi", number.hi, end=self.text("format.hi"), **names)
        return self.text("format.interval", lo=lo, hi=hi)

    def certain(self, group: str) -> bool:
        """Whether a group belongs to the series without doubt."""
        found = next(g for g in self.filled.groups if g.id == group)
        if found.known_by.how == "attempt":
            return bool(found.disclosed)
        return found.plaintiff or found.first

    def origin(self, number: Number) -> tuple[Inline, ...]:
        """Where an input comes from."""
        kind, _, name = number.origin.partition(":")
        if kind == "priors":
            return self.text("origin.priors", set=self.prior_set(name))
        return self.text(f"origin.{kind}")

    def why(self, number: Number) -> tuple[Inline, ...]:
        """On what an input rests, with its citation where it has one."""
        basis = self.said_in(number.basis)
        if not number.source:
            return (basis,)
        return self.text("origin.cited", basis=basis, source=self.said_in(number.source))

    def met(self, *, reached: bool) -> tuple[Inline, ...]:
        """Whether a comparison value is reached."""
        return self.text("met.yes" if reached else "met.no")

    def choice(self, prefix: str, value: object) -> tuple[Inline, ...]:
        """Wording of an enumerated value; a dash where nothing is stated."""
        key = f"{prefix}.{getattr(value, 'value', value)}"
        return self.text(key) if value is not None else self.text("format.none")
