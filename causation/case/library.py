"""Data shipped with the package: standards, vocabularies, templates, prior sets, cases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import model_validator

from causation.document.checking import Choice, Text, Words
from causation.document.mappings import Fixed
from causation.document.parts import Part
from causation.document.problems import describe, listing, nearest
from causation.document.quantities import OverlapEntry, ProbabilityEntry, UnitEntry, UnitValue
from causation.document.shipped import data_path, shipped
from causation.document.stated import ABOUT
from causation.errors import CaseError
from causation.output import is_file, is_folder

_SUFFIXES = (".yaml", ".yml", ".json")


class Standard(Part):
    """A standard of proof in numbers.

    ``threshold`` is the probability that the proposition has to reach; ``status`` says how
    well the number is supported: ``verified``, ``unverified`` or ``weak``. ``jurisdiction`` is
    the law that it belongs to.
    """

    id: str
    jurisdiction: str
    threshold: UnitValue
    label: Text
    basis: Text
    source: str
    status: str


class FieldTerm(Part):
    """A field of personal data; ``implies`` has those that it makes certain, transitively."""

    id: str
    label: Text
    implies: frozenset[str] = frozenset()


class Trait(Part):
    """A trait of a victim that helps or hinders inference from public traces."""

    id: str
    label: Text
    explanation: Text


class Template(Part):
    """A kind of finding with its probability by the kind of a source.

    ``about`` lists the kinds that the finding's key ``about`` may name. ``likelihood`` is by
    kind: ``named`` is a source that it is about, then ``custodian``, ``leaked_library``,
    ``inference``, ``residual``. ``repeats_holds`` marks one that says again what a custodian's
    ``holds`` counts already.
    """

    id: str
    label: Text
    explanation: Text
    about: Words
    likelihood: Mapping[str, ProbabilityEntry]
    reliability: ProbabilityEntry
    overlap: OverlapEntry | None = None
    repeats_holds: Choice = False


class Inquiry(Part):
    """Something that can be found out, with the probability of every outcome.

    ``probability`` is by the kind of the true source, as in `Template.likelihood`, then by
    outcome. ``about`` is empty for an inquiry that is about no source. ``once`` marks one that is
    answered about all sources at once: who names one does not name another.
    """

    id: str
    label: Text
    explanation: Text
    about: Words
    asks: Words
    settled_by: Words
    reliability: ProbabilityEntry
    outcomes: Mapping[str, Text]
    probability: Mapping[str, Mapping[str, UnitEntry]]
    once: Choice = False

    @model_validator(mode="before")
    @classmethod
    def _one_basis(cls, value: Any) -> Any:
        """Give every outcome the basis of its row."""
        rows = {}
        for role, row in value["probability"].items():
            basis = {key: row[key] for key in ABOUT if key in row}
            rows[role] = {name: {"value": row[name], **basis} for name in value["outcomes"]}
        return {**value, "probability": rows}


@cache
def _bundled(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in data_path(folder).glob("*.yaml")))


def bundled_cases() -> tuple[str, ...]:
    """Return the identifiers of the bundled cases, sorted.

    Examples
    --------
    >>> "bic-2025-doxxing" in bundled_cases()
    True
    """
    return _bundled("cases")


def bundled_prior_sets() -> tuple[str, ...]:
    """Return the names of the bundled prior sets, sorted.

    Examples
    --------
    >>> bundled_prior_sets()
    ('claimant', 'data-based', 'neutral', 'respondent')
    """
    return _bundled("priors")


def is_path(name: str) -> bool:
    """Whether a name is meant as a path: it has a separator or a suffix.

    Examples
    --------
    >>> is_path("neutral"), is_path("mine.yaml"), is_path("sets/mine")
    (False, True, True)
    """
    return "/" in name or "\\" in name or name.lower().endswith(_SUFFIXES)


def case_file(name: str | Path) -> Path:
    """Find the file of a case given by path or by the id of a bundled one.

    Raises
    ------
    CaseError
        If the name is neither a path nor a bundled case.
    """
    if not isinstance(name, str | Path):
        raise CaseError(
            "not a case",
            found=describe(name),
            allowed="a Case, the path of a file, or the id of a bundled case",
        )
    return file_of(name, "cases", "case")


def file_of(name: str | Path, folder: str, what: str) -> Path:
    """Find a file given by path, or by the name of a bundled one; a file that exists wins.

    Raises
    ------
    CaseError
        If the name is neither.
    """
    path, known = Path(name), _bundled(folder)
    if isinstance(name, Path) or is_path(name) or name in {".", ".."} or is_file(path):
        return path
    if name in known:
        return data_path(folder, f"{name}.yaml")
    if is_folder(path):
        return path
    allowed = f"a file, or one of {listing(known)}"
    raise CaseError(f"unknown {what}", found=nearest(name, known), allowed=allowed)


def shipped_rows[P: Part](kind: type[P], name: str, key: str, *, id: str = "id") -> Mapping[str, P]:
    """Read the parts of one kind under a key of a shipped data file, by their ids."""
    rows = shipped(name)[key].items()
    return Fixed({name: kind.model_validate({id: name, **row}) for name, row in rows})


@cache
def load_standards() -> tuple[Standard, ...]:
    """Load the table of standards of proof, in the order of its file.

    Examples
    --------
    >>> load_standards()[0].id, load_standards()[0].threshold
    ('cn-high-probability', 0.75)
    """
    return tuple(map(Standard.model_validate, shipped("standards.yaml")["standards"]))


@cache
def default_standards() -> Mapping[str, str]:
    """Return the standard that a case has if it states none, by jurisdiction.

    Examples
    --------
    >>> default_standards()["us"], "kr" in default_standards()
    ('us-preponderance', False)
    """
    return Fixed(shipped("standards.yaml")["defaults"])


@cache
def load_fields() -> Mapping[str, FieldTerm]:
    """Load the vocabulary of fields of personal data, by id.

    Examples
    --------
    >>> "real_name" in load_fields()["id_photo"].implies
    True
    """
    rows = shipped("fields.yaml")["fields"]
    implied = closed({name: row.get("implies", ()) for name, row in rows.items()})
    return Fixed(
        {
            name: FieldTerm(id=name, label=row["label"], implies=implied.get(name, frozenset()))
            for name, row in rows.items()
        }
    )


def closed(implies: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Return what each field makes certain, transitively; fields that imply nothing are left out.

    Examples
    --------
    >>> sorted(closed({"a": ("b",), "b": ("c",)})["a"])
    ['b', 'c']
    """
    found: dict[str, frozenset[str]] = {}
    for name in implies:
        reached: set[str] = set()
        ahead = list(implies[name])
        while ahead:
            if (field := ahead.pop()) not in reached:
                reached.add(field)
                ahead += implies.get(field, ())
        if reached - {name}:
            found[name] = frozenset(reached - {name})
    return found


@cache
def load_traits() -> Mapping[str, Trait]:
    """Load the traits that a victim may have, by id."""
    return shipped_rows(Trait, "fields.yaml", "traits")


@cache
def load_templates() -> Mapping[str, Template]:
    """Load the finding templates, by id."""
    return shipped_rows(Template, "templates.yaml", "templates")


@cache
def load_inquiries() -> Mapping[str, Inquiry]:
    """Load what can be found out, by id."""
    return shipped_rows(Inquiry, "inquiries.yaml", "inquiries")
