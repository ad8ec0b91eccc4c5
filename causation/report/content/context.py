"""What every section of the report is built from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from causation.case import bundled_prior_sets, load_prior_set
from causation.case.library import load_fields
from causation.case.resolved import Input
from causation.dossier.labels import (
    case_title,
    evidence_label,
    field_label,
    group_label,
    item_label,
    pick,
    source_label,
    standard_label,
)
from causation.report.document import (
    BulletList,
    CaseText,
    Heading,
    Inline,
    Paragraph,
    Ref,
    Row,
    Table,
    Text,
)
from causation.report.language import Filling, Language
from causation.report.privacy import Privacy
from causation.report.quantities import Registry

if TYPE_CHECKING:
    from causation.analyses.contributions import EvidenceItem
    from causation.case import Case
    from causation.dossier.assessment import Assessment
    from causation.report.results import Results

__all__ = ["Context", "cell", "heading"]


def heading(level: int, name: str, content: tuple[Inline, ...]) -> Heading:
    """A heading that is not numbered yet."""
    return Heading(level, name, "", content)


def cell(text: str) -> tuple[Inline, ...]:
    """A cell of plain wording."""
    return (Text(text),)


@dataclass(frozen=True, eq=False)
class Context:
    """A case, its assessment and further results, the wording, and the numbers collected.

    Parameters
    ----------
    case : Case
        What the file states.
    assessment : Assessment
    results : Results
        Everything that is computed beside the assessment.
    language : Language
    registry : Registry
    privacy : Privacy
    identify : bool
        Persons are named as in the case file.
    leaks : tuple of str
        Kinds of values that were withheld.
    """

    case: Case
    assessment: Assessment
    results: Results
    language: Language
    registry: Registry
    privacy: Privacy
    identify: bool
    leaks: tuple[str, ...] = ()

    # --- wording -----------------------------------------------------------------------------

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
        return heading(level, name, self.text(key))

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

    # --- names from the case -------------------------------------------------------------------

    def said(self, text: str) -> CaseText:
        """Text of the case, safe and without leaked values."""
        return CaseText(self.privacy.clean(text))

    def said_in(self, texts: Mapping[str, str]) -> CaseText:
        """Text of the case in the language of the report, else in the other."""
        return self.said(pick(texts, self.language.name))

    @property
    def title(self) -> CaseText:
        """Title of the case."""
        return self.said(case_title(self.assessment.case, self.language.name))

    def source(self, name: str) -> CaseText:
        """What a source is called."""
        return self.said(source_label(self.assessment.case, name, self.language.name))

    @cached_property
    def proposition(self) -> tuple[Inline, ...]:
        """What the proposition is called."""
        return self.joined((self.source(s) for s in self.assessment.proposition), "format.joint")

    def field(self, name: str) -> CaseText:
        """What a field of personal data is called."""
        if name not in load_fields() and name in self.case.fields:
            return self.said_in(self.case.fields[name].label)
        return self.said(field_label(name, self.language.name))

    def fields(self, names: Iterable[str]) -> tuple[Inline, ...]:
        """Fields of personal data, as a list."""
        return self.joined(self.field(name) for name in names)

    def trait(self, name: str) -> CaseText:
        """What a trait of a profile is called."""
        return self.said(item_label(name, self.language.name))

    def group(self, name: str) -> CaseText:
        """What a group of victims is called."""
        return self.said(group_label(self.assessment.case, name, self.language.name))

    def prior_set(self, name: str) -> CaseText:
        """What a prior set is called."""
        if name not in bundled_prior_sets():
            return self.said(name)
        return self.said_in(load_prior_set(name).title)

    def finding(self, name: str) -> CaseText:
        """What a finding is called."""
        labels = {f.id: f.label for f in self.assessment.case.findings}
        return self.said(pick(labels.get(name, {}), self.language.name, name=name))

    def evidence(self, item: EvidenceItem) -> CaseText:
        """What an item of evidence is called."""
        return self.said(evidence_label(self.assessment.case, item, self.language.name))

    def standard(self, name: str) -> Ref:
        """What a standard of proof is called."""
        return Ref(standard_label(name, self.language.name))

    @cached_property
    def case_standard(self) -> tuple[Inline, ...]:
        """What the standard of the case is called."""
        from causation.case.library import load_standards

        name = self.assessment.case.standard_id
        if name in {s.id for s in load_standards()}:
            return (self.standard(name),)
        return self.text("analysis.standard.own")

    # --- numbers -------------------------------------------------------------------------------

    @cached_property
    def threshold(self) -> tuple[Inline, ...]:
        """Standard of the case."""
        return self.registry.stated_percent("threshold", self.assessment.threshold)

    @cached_property
    def probability(self) -> tuple[Inline, ...]:
        """Posterior probability of the proposition."""
        a = self.assessment
        return self.registry.percent(
            "probability", a.probability, error=a.probability_error, threshold=a.threshold
        )

    def interval(self) -> tuple[tuple[Inline, ...], tuple[Inline, ...]]:
        """Ends of the interval of the probability under redrawn inputs."""
        lo, hi = self.assessment.input_sensitivity.interval
        a = self.assessment
        tau, p = a.threshold, a.probability
        return (
            self.registry.percent("sensitivity_lo", lo, guard=1, threshold=tau, like=p),
            self.registry.percent("sensitivity_hi", hi, guard=1, threshold=tau, like=p),
        )

    def mass(self) -> tuple[Inline, ...]:
        """Mass of the interval under redrawn inputs."""
        from causation.analyses.redrawn import INTERVAL_MASS

        return self.registry.stated_percent("sensitivity_mass", INTERVAL_MASS)

    def validated(self) -> tuple[Inline, ...]:
        """Largest ratio that is printed in digits, as a power of ten."""
        limit = self.registry.validated
        return self.registry.word("limit_lr", f"10^{limit:g}" if limit is not None else "")

    def stated(self, key: str, value: Input, **names: Filling) -> tuple[Inline, ...]:
        """An input as it was stated: a number, or an interval."""
        elicited = value.value
        lo = self.registry.stated(f"{key}.lo", elicited.lo, end=self.text("format.lo"), **names)
        if elicited.is_point:
            return lo
        hi = self.registry.stated(f"{key}.hi", elicited.hi, end=self.text("format.hi"), **names)
        return self.text("format.interval", lo=lo, hi=hi)

    def origin(self, value: Input) -> tuple[Inline, ...]:
        """Where an input comes from."""
        kind, _, name = value.origin.partition(":")
        if kind == "priors":
            return self.text("analysis.prior.from_set", set=self.prior_set(name))
        return self.text(f"analysis.prior.from_{kind}")

    def why(self, value: Input) -> tuple[Inline, ...]:
        """On what an input rests, with its citation where it has one."""
        basis = self.said_in(value.basis)
        if not value.source:
            return (basis,)
        return self.text("annexes.inputs.source", basis=basis, source=self.said_in(value.source))

    def met(self, *, reached: bool) -> tuple[Inline, ...]:
        """Whether a standard is reached."""
        return self.text("met.yes" if reached else "met.no")

    def choice(self, prefix: str, value: object) -> tuple[Inline, ...]:
        """Wording of an enumerated value; a dash where nothing is stated."""
        key = f"{prefix}.{getattr(value, 'value', value)}"
        return self.text(key) if value is not None else self.text("format.none")
