"""What a section says with: the wording, and the names that the case has for things."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as declared
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Self

from causation.case.library import load_standards
from causation.dossier import labels
from causation.dossier.wording import input_label
from causation.report.document import (
    Block,
    BulletList,
    CaseText,
    Figure,
    Inline,
    Paragraph,
    Ref,
    Row,
    Table,
    Text,
)
from causation.report.language import Filling, Language, from_yaml, names_in
from causation.report.manifest import environment
from causation.report.privacy import Privacy
from causation.report.quantities import Registry
from causation.report.rendering import TEMPLATES

if TYPE_CHECKING:
    from causation.case.filled import Filled
    from causation.case.schema import Case
    from causation.dossier.assessment import Assessment
    from causation.report.figures import Drawing
    from causation.report.results import Results

_LOG = logging.getLogger(__name__)


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return dict(from_yaml(TEMPLATES / "tables.yaml"))


def _called[T](find: Callable[[Filled, T, str], str]) -> Callable[[Naming, T], CaseText]:
    """What says what something of the case is called, in the language of the report."""

    def called(naming: Naming, what: T) -> CaseText:
        return naming.said(find(naming.filled, what, naming.language.name))

    return called


@dataclass(frozen=True, eq=False)
class Naming:
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
    case_text : str
        The case file as it is embedded.
    redacted : bool
        Whether that states something else than the original.
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
    case_text: str = ""
    redacted: bool = False
    figures: Mapping[str, Drawing | str] = declared(default_factory=dict)
    versions: Mapping[str, str] = declared(default_factory=environment)

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
    def headline_law(self) -> str:
        """Whose words the headline has: those of Chinese law, or of none."""
        return "cn" if self.law == "cn" else "other"

    def norm(self, name: str) -> str:
        """Key of what the law of the case says of something, else of what holds without one."""
        own = f"norms.{self.law}.{name}"
        return own if own in self.language else f"norms.none.{name}"

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

    def pairs(self, key: str) -> Iterator[Row]:
        """Rows of two cells, divided by a bar in the language file."""
        for entry in self.language.entries[key]:
            left, _, right = entry.partition(" | ")
            yield self.language.fill(left), self.language.fill(right)

    def filled_in(self, template: str, filling: Mapping[str, Filling]) -> tuple[Inline, ...]:
        """Fill a template given by its text with what it asks for."""
        return self.language.fill(template, key="", **{n: filling[n] for n in names_in(template)})

    def table(
        self,
        name: str,
        rows: Iterable[Row],
        *,
        columns: Sequence[tuple[Inline, ...]] = (),
        part: int = 0,
        caption: str = "",
        **filling: Filling,
    ) -> Table:
        """A table of `templates/tables.yaml`.

        Parameters
        ----------
        name : str
        rows : iterable of Row
        columns : sequence
            Headings of the columns that depend on the case.
        part : int
            Where its columns begin, if it is one of several tables with too many columns for one.
        caption : str
            Key of its caption, where that depends on the case.
        **filling
            For its caption.
        """
        found = _tables()[name]
        at, header, widths = found["at"], list[tuple[Inline, ...]](), list[float]()
        numeric = found.get("numeric")
        for column, width in found["columns"].items():
            own = columns if column == "*" else (self.text(f"{at}.{column}"),)
            if column == numeric:
                numeric = range(len(header), len(header) + len(own))
            header += own
            widths += [float(width)] * len(own)
        return Table(
            f"{name}-{part}" if part else name,
            (
                *self.text(caption or found.get("caption", f"{at}.caption"), **filling),
                *(self.text("format.continued") if part else ()),
            ),
            tuple(header),
            tuple(rows),
            tuple(widths),
            frozenset(numeric or ()),
            found.get("small", False),
        )

    def divided[T](
        self,
        name: str,
        over: Sequence[T],
        most: int,
        heading: Callable[[T], tuple[Inline, ...]],
        rows: Callable[[Sequence[T]], Iterable[Row]],
        **filling: Filling,
    ) -> Iterator[Block]:
        """A table with a column for each of many, divided evenly if they are more than `most`."""
        size = math.ceil(len(over) / max(math.ceil(len(over) / most), 1))
        for start in range(0, len(over), max(size, 1)):
            part = over[start : start + size]
            columns = [heading(one) for one in part]
            yield self.table(name, rows(part), columns=columns, part=start, caption="", **filling)

    def figure(self, name: str, caption: tuple[Inline, ...], alt: tuple[Inline, ...]) -> Block:
        """A figure, or why there is none."""
        drawn = self.figures.get(name)
        if isinstance(drawn, str):
            return self.paragraph("gap.figure", style="note", what=caption, why=self.said(drawn))
        return Figure(name, caption, alt)

    def guarded(self, section: Callable[[Self], Iterable[Block]]) -> Iterator[Block]:
        """The blocks of a section; one whose analysis fails ends with why, and costs no other."""
        try:
            yield from section(self)
        except Exception as error:  # noqa: BLE001 (a report is not lost with one of its parts)
            _LOG.warning("a part of the report could not be computed", exc_info=True)
            yield self.paragraph("gap.analysis", style="note", why=self.said(str(error)))

    def joined(self, parts: Iterable[Filling], key: str = "format.list") -> tuple[Inline, ...]:
        """Parts with the language's separator between them; a dash where there are none.

        Empty parts are left out.
        """
        result: list[Inline] = []
        for part in parts:
            if result and part:
                result.append(Text(self.language.raw(key)))
            result += part if isinstance(part, tuple) else (part,)
        return tuple(result) or self.text("format.none")

    def said(self, text: str) -> CaseText:
        """Text of the case, safe and without leaked values."""
        return CaseText(self.privacy.clean(text))

    def said_in(self, texts: Mapping[str, str]) -> CaseText:
        """Text of the case in the language of the report, else in the other."""
        return self.said(labels.pick(texts, self.language.name))

    def noted(self, texts: Mapping[str, str]) -> CaseText:
        """A note of the case; what it names by an id, as a case file does, has its label there."""
        lang = self.language.name
        known = {v.id.removeprefix("variants."): v.label for v in self.assessment.variants}

        def called(match: re.Match[str]) -> str:
            if match[1] in known:
                return f"\u201c{labels.pick(known[match[1]], lang)}\u201d"
            how = f"method.victims.how.{match[1]}"
            return f"\u201c{self.language.raw(how)}\u201d" if how in self.language else match[0]

        return self.said(re.sub(r"`(\w+)`", called, labels.pick(texts, lang)))

    @property
    def title(self) -> CaseText:
        """Title of the case."""
        return self.said(labels.case_title(self.filled, self.language.name))

    source = _called(labels.source_label)
    route = _called(labels.route_label)
    field = _called(labels.field_label)
    trait = _called(labels.trait_label)
    group = _called(labels.group_label)
    input = _called(input_label)
    evidence = _called(labels.evidence_label)

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

    def fields(self, names: Iterable[str]) -> tuple[Inline, ...]:
        """Fields of personal data, as a list."""
        return self.joined(self.field(name) for name in names)

    def prior_set(self, name: str) -> CaseText:
        """What a prior set is called."""
        return self.said(labels.prior_set_label(name, self.language.name))

    def finding(self, name: str) -> CaseText:
        """What a finding is called."""
        found = {f.id: f.label for f in self.filled.all_findings}
        return self.said(labels.pick(found.get(name, {}), self.language.name, name=name))

    def item(self, name: str) -> CaseText:
        """What an item of evidence is called, by its id."""
        model = self.assessment.model
        return self.evidence(model.items[model.item_index[name]])

    def standard(self, name: str) -> Ref:
        """What a standard of proof is called."""
        return Ref(labels.standard_label(name, self.language.name))

    @cached_property
    def case_standard(self) -> tuple[Inline, ...]:
        """What the standard of the case is called."""
        name = self.assessment.standard_id
        known = name in {s.id for s in load_standards()}
        return (self.standard(name),) if known else self.text("analysis.standard.own")
