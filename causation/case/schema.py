"""The case file as a model: what may be stated, and of which type.

A `Case` holds what its file states and nothing else; `causation.case.filling.fill` fills the
gaps from a prior set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from causation.case.checks import check_case
from causation.case.parts import (
    ADDED,
    Actor,
    CaseInquiry,
    Citation,
    Claim,
    CourtFound,
    FieldName,
    Person,
    Routes,
    Source,
    Variant,
    VictimGroup,
    court_decisions,
    field_names,
)
from causation.document.building import LineOf
from causation.document.checking import Choice, Date, Identifier, Standing, Text, reject
from causation.document.parts import Whole
from causation.document.problems import InvalidCaseError, Loc, listing, nearest
from causation.document.quantities import OpenProbability, Weights
from causation.document.reading import line_of
from causation.document.terms import BearsOn, SourceKind
from causation.document.writing import canonical
from causation.errors import CaseError
from causation.evidence.entries import Finding, SecurityRecord

if TYPE_CHECKING:
    from causation.document.stated import Value


class Case(Whole):
    """A dispute about the source of leaked personal data, as its file states it.

    Any way of making one checks it whole, and nothing in it can be changed. Two cases are equal
    when they state the same, wherever they were read from.

    Raises
    ------
    CaseError
        If anything in it breaks the format.

    Examples
    --------
    >>> case = Case.model_validate({
    ...     "schema": 2, "id": "two", "proposition": "shop", "standard": 0.75,
    ...     "sources": {"shop": {"kind": "custodian"}},
    ... })
    >>> case.replace(standard=0.9).standard, case.source_names
    (0.9, ('shop', 'library', 'osint', 'unknown'))
    """

    schema_version: Literal[2] = Field(alias="schema")
    id: Identifier
    title: Text | None = None
    citation: tuple[Citation, ...] = ()
    note: Text | None = None
    persons: tuple[Person, ...] = ()
    jurisdiction: Literal["cn", "us", "uk", "kr", "jp", "none"] = "cn"
    incident_date: Date | None = None
    proposition: Claim
    standard: Standing | None = None
    priors: str = "neutral"
    exhaustive: Choice = False
    account_of: str | None = None
    fields: Annotated[tuple[FieldName, ...], BeforeValidator(field_names)] = ()
    actor: Actor = Field(default_factory=Actor)
    routes: Routes = Field(default_factory=dict)
    agreement: Mapping[str, OpenProbability] = Field(default_factory=dict)
    background: Weights = Field(default_factory=dict)
    sources: Mapping[Identifier, Source]
    victims: tuple[VictimGroup, ...] = ()
    security: Mapping[str, SecurityRecord] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    inquiries: tuple[CaseInquiry, ...] = ()
    variants: Mapping[Identifier, Variant] = Field(default_factory=dict)
    court_found: Annotated[tuple[CourtFound, ...], BeforeValidator(court_decisions)] = ()

    _file: str | None = PrivateAttr(None)
    _lines: LineOf | None = PrivateAttr(None)
    _digest: str | None = PrivateAttr(None)

    @model_validator(mode="before")
    @classmethod
    def _edition(cls, value: Any) -> Any:
        stated = value.get("schema") if isinstance(value, dict) else None
        if type(stated) is int and stated == 1:
            allowed = "schema: 2; causation convert OLD NEW writes it anew"
            reject("a case file of the first edition", stated, allowed, at=("schema",))
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if problems := check_case(self):
            raise InvalidCaseError(problems)
        return self

    def read_from(self, file: str | None, *, lines: LineOf | None = None) -> Self:
        """Remember, once, the file that this case was read from and its lines; return the case."""
        if self._file is None and self._lines is None:
            self._remember(_file=file, _lines=lines)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        names = self.source_names
        others = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        victims, findings = sum(group.count for group in self.victims), len(self.findings)
        return (
            f"<Case {self.id}: {' or '.join(self.proposition.source)} among {others}; "
            f"{victims} victim{'s'[: victims != 1]}, {findings} finding{'s'[: findings != 1]}>"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        from causation.notebook.display import html_of

        return html_of(self)

    @property
    def sha256(self) -> str:
        """Digest of what the case states, whatever its file looks like."""
        if self._digest is None:
            self._remember(_digest=hashlib.sha256(canonical(self)).hexdigest())
        return str(self._digest)

    @property
    def file(self) -> str | None:
        """The file that the case was read from, as the user named it."""
        return self._file

    def line_at(self, loc: Loc) -> int | None:
        """Line of a place in the file that the case was read from."""
        return None if self._lines is None else line_of(self._lines, loc)

    def fault(self, problem: str, path: str, *, found: str, allowed: str) -> CaseError:
        """Return an error of what stands at a path, with its file and line."""
        line = self.line_at(tuple(path.split(".")[:2]))
        return CaseError(
            problem, file=self.file, line=line, path=path, found=found, allowed=allowed
        )

    @property
    def kinds(self) -> dict[str, SourceKind]:
        """Kinds of all sources by name, those that are added last."""
        kinds = {name: source.kind for name, source in self.sources.items()}
        if not self.exhaustive:
            there = set(kinds.values())
            kinds |= {name: kind for kind, name in ADDED.items() if kind not in there}
        return kinds

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of all sources, those that are added last."""
        return tuple(self.kinds)

    @property
    def series(self) -> tuple[VictimGroup, ...]:
        """The groups that bear on the source and have somebody in them."""
        return tuple(g for g in self.victims if g.bears_on is BearsOn.SOURCE and g.count)

    @property
    def first_plaintiff(self) -> VictimGroup | None:
        """The group of the first plaintiff; the only group is one without saying so."""
        groups = self.series
        if len(groups) == 1 and groups[0].plaintiff is None:
            return groups[0]
        return next((group for group in groups if group.plaintiff), None)

    def replace(self, changes: Mapping[str, Any] | None = None, /, **keys: Any) -> Case:
        """Return a case with other values at some paths; this one stays as it is.

        Parameters
        ----------
        changes : mapping of str to object
            Values by path (see `causation.case.editing`). ``None`` takes a key away, so that the
            prior set fills it. What findings of one group share (reliability, overlap), and the
            weight that all leaked libraries or all inference sources share, changes for all that
            state it.
        **keys : object
            Values of top-level keys.

        Raises
        ------
        CaseError
            If a path leads nowhere, or the new case breaks the format.

        Examples
        --------
        >>> from causation.case import load_case
        >>> case = load_case("bic-2025-doxxing")
        >>> case.replace({"victims.co_victims.count": 9}).victims[1].count
        9
        >>> case.replace({"sources.osint.weight[1]": 6}).sources["osint"].weight
        (1.0, 6.0)
        """
        from causation.case.editing import Editor

        return Editor(self).change({**(changes or {}), **keys}).case()

    def without(self, *names: str) -> Case:
        """Return a case without some of its evidence.

        Parameters
        ----------
        *names : str
            Id of a victim group or finding, custodian of a security record, or the path of
            anything else, such as ``victims.co_victims.traits.anonymous`` (the trait becomes
            unknown) or ``victims.plaintiff.disclosed.phone`` (the field becomes missing). The ids
            of the model's items (``victims.plaintiff.fields.phone``) are such paths too.

        Raises
        ------
        CaseError
            If there is no such thing, or what is left breaks the format.

        Examples
        --------
        >>> from causation.case import load_case
        >>> [g.id for g in load_case("bic-2025-doxxing").without("co_victims").victims]
        ['plaintiff']
        """
        from causation.case.editing import Editor

        return Editor(self).remove(*names).case()

    def with_finding(self, name: str, /, **keys: Any) -> Case:
        """Return a case with one more finding, after the others.

        Parameters
        ----------
        name : str
            Identifier of the finding.
        **keys : object
            Its keys, such as ``template=..., about=...`` or ``likelihood={...}``.

        Raises
        ------
        CaseError
            If the finding breaks the format or its id is taken.
        """
        from causation.case.editing import Editor

        return Editor(self).add("findings", {"id": name, **keys}).case()

    def with_outcome(
        self, inquiry: str, outcome: str, /, *, about: str | None = None, **keys: Any
    ) -> Case:
        """Return the case with what came of an inquiry, as one more finding.

        Parameters
        ----------
        inquiry : str
            A shipped inquiry, or one of the case's own, which is then no longer open.
        outcome : str
        about : str, optional
            The source that it is about, several joined by ``/``, as `causation.inquire` has it.
        **keys : object
            Further keys of the finding, such as ``party=..., stage=...``.

        Raises
        ------
        CaseError
            If there is no such inquiry, outcome or source.

        Examples
        --------
        >>> from causation.case import load_case
        >>> case = load_case("bic-2025-doxxing")
        >>> case.with_outcome("access_log_audit", "clean", about="platform").findings[-1].id
        'access_log_audit'
        """
        from causation.case.editing import with_outcome

        return with_outcome(self, inquiry, outcome, about=about, keys=keys)

    def with_variant(self, name: str) -> Case:
        """Return the case under one of its own variants; it then has none.

        Raises
        ------
        NoSuchPathError
            If the case does not have what the variant changes.
        CaseError
            If there is no such variant, or the case that it makes breaks the format.
        """
        from causation.case.editing import Editor

        if name not in self.variants:
            found, allowed = nearest(name, self.variants), listing(self.variants)
            raise self.fault("unknown variant", "variants", found=found, allowed=allowed)
        variant = self.variants[name]
        changed = Editor(self).change(variant.changes).remove(*variant.unset)
        return changed.change({"variants": None}).case()

    def reading(self, name: str) -> Case:
        """Return the case under a structural reading; see `causation.case.readings.reading`."""
        from causation.case.readings import reading

        return reading(self, name)

    def numbers(self) -> dict[str, Value | int]:
        """Every number that can be varied, by path, in a stable order.

        Those the case states and those its prior set fills in, counts included.
        """
        from causation.case.editing import varied_numbers
        from causation.case.filling import fill

        return varied_numbers(fill(self))
