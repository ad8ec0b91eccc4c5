"""Prior sets: the numbers that fill what a case leaves out, each with its basis."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from causation.case.library import bundled_prior_sets, data_path, is_path
from causation.case.parts import Part, problems_of
from causation.case.problems import listing, nearest, raise_first
from causation.case.quantities import (
    Identifier,
    OpenProbability,
    Positive,
    PositiveNumber,
    Probability,
    Text,
    UnitNumber,
)
from causation.case.reading import line_of, read_document, read_file, shown_file
from causation.errors import CaseError

__all__ = ["AnyEntry", "PriorEntry", "PriorSet", "load_prior_set", "parse_prior_set"]


class PriorEntry(Part):
    """A number with the basis on which it rests.

    ``basis`` says where the number comes from, or ``judgement`` and why; ``source`` cites it.
    Either is one text, or one by language: ``{en: ..., zh: ...}``.
    """

    basis: Text
    source: Text | None = None


class OpenEntry(PriorEntry):
    """A probability strictly between 0 and 1."""

    value: OpenProbability


class ProbabilityEntry(PriorEntry):
    """A probability."""

    value: Probability


class PositiveEntry(PriorEntry):
    """A positive quantity."""

    value: Positive


class PositiveNumberEntry(PriorEntry):
    """A single positive number."""

    value: PositiveNumber


class UnitEntry(PriorEntry):
    """A single number in [0, 1]."""

    value: UnitNumber


type AnyEntry = OpenEntry | ProbabilityEntry | PositiveEntry | PositiveNumberEntry | UnitEntry
"""An entry of a prior set, whatever its value is."""


class WeightPriors(Part):
    """Prior weights by the role of a source."""

    custodian: PositiveEntry
    leaked_library: PositiveEntry
    inference: PositiveEntry
    residual: PositiveEntry


class RolePriors(Part):
    """Numbers in [0, 1] by the role of a source."""

    custodian: UnitEntry
    leaked_library: UnitEntry
    inference: UnitEntry
    residual: UnitEntry


class FieldPriors(Part):
    """In what share of the victims of a source a field appears, by the role of the source."""

    custodian_holding: OpenEntry
    custodian_not_holding: OpenEntry
    leaked_library: OpenEntry
    inference: OpenEntry


class MembershipPriors(Part):
    """In what share the victims of a source are users of a custodian."""

    own: ProbabilityEntry
    other: ProbabilityEntry
    residual: ProbabilityEntry


class SecurityPriors(Part):
    """Defaults of a security record."""

    breach_shape: PositiveNumberEntry
    breach_rate: PositiveNumberEntry
    hazard_ratio: PositiveEntry
    half_life: PositiveNumberEntry
    reference: UnitEntry


class FindingPriors(Part):
    """Defaults of findings."""

    reliability: ProbabilityEntry
    repeats: UnitEntry


class PriorSet(Part):
    """All numbers that a case may leave out."""

    schema_version: Literal[1] = Field(alias="schema")
    id: Identifier
    title: Text
    note: Text
    elicitation_sd: PositiveNumberEntry
    weights: WeightPriors
    misfit: RolePriors
    correlation: RolePriors
    odds_ratio: dict[str, PositiveEntry]
    reference_profile: dict[str, UnitEntry]
    linkage: ProbabilityEntry
    membership: MembershipPriors
    security: SecurityPriors
    findings: FindingPriors
    residual: OpenEntry
    fields: dict[str, FieldPriors]


def parse_prior_set(content: str | bytes, *, file: str = "<string>") -> PriorSet:
    """Read a prior set from a YAML or JSON document.

    Raises
    ------
    CaseError
        With file, line and path, if it breaks the format.
    """
    document = read_document(content, file=file)
    try:
        return PriorSet.model_validate(document.tree)
    except ValidationError as error:
        problems = problems_of(error, PriorSet)
        raise_first(problems, file=file, lines=[line_of(document.lines, p.loc) for p in problems])


def load_prior_set(name_or_path: str | Path) -> PriorSet:
    """Load a bundled prior set by name, or any by path.

    Parameters
    ----------
    name_or_path : str or Path
        A path wins when it exists or has a suffix or separator.

    Raises
    ------
    CaseError
        If there is no such set, or its file breaks the format.

    Examples
    --------
    >>> load_prior_set("neutral").weights.inference.value
    (1.0, 4.0)
    """
    name = str(name_or_path)
    if isinstance(name_or_path, Path) or is_path(name) or Path(name).is_file():
        return parse_prior_set(read_file(name_or_path), file=shown_file(name_or_path))
    if name not in bundled_prior_sets():
        raise CaseError(
            "unknown prior set",
            found=nearest(name, bundled_prior_sets()),
            allowed=f"a file, or one of {listing(bundled_prior_sets())}",
        )
    return _bundled_prior_set(name)


@cache
def _bundled_prior_set(name: str) -> PriorSet:
    path = data_path("priors", f"{name}.yaml")
    return parse_prior_set(read_file(path), file=str(path))
