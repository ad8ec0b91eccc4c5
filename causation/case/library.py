"""Data shipped with the package: standards, vocabularies, templates, prior sets, cases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.case.problems import listing, nearest
from causation.case.reading import Document, read_document, read_file
from causation.errors import CaseError

if TYPE_CHECKING:
    from causation.case.quantities import Number

__all__ = [
    "Entry",
    "FieldTerm",
    "ProfileItem",
    "Standard",
    "Template",
    "bundled_cases",
    "bundled_prior_sets",
    "case_file",
    "data_path",
    "is_path",
    "load_fields",
    "load_profile_items",
    "load_standards",
    "load_templates",
]

_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard of proof in numbers.

    ``threshold`` is the probability that the proposition has to reach; ``status`` says how
    well the number is supported: ``verified``, ``unverified`` or ``weak``.
    """

    id: str
    threshold: float
    label: dict[str, str]
    basis: dict[str, str]
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """A field of personal data."""

    id: str
    label: dict[str, str]


@dataclass(frozen=True, slots=True)
class ProfileItem:
    """A trait of a victim that helps or hinders inference from public traces."""

    id: str
    label: dict[str, str]
    explanation: dict[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A number with the basis on which it rests and, where there is one, its source."""

    value: Number
    basis: dict[str, str]
    source: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of finding with its probability by the role of a source.

    ``about`` lists the roles that the finding's key ``about`` may name. ``likelihood`` is by
    role: ``named`` is the source it is about, then ``custodian``, ``leaked_library``,
    ``inference``, ``residual``.
    """

    id: str
    label: dict[str, str]
    explanation: dict[str, str]
    about: tuple[str, ...]
    likelihood: dict[str, Entry]
    reliability: Entry


@cache
def _data_root() -> Path:
    package = Path(__file__).resolve().parent.parent
    inside = package / "data"
    return inside if inside.is_dir() else package.parent / "data"


def data_path(*parts: str) -> Path:
    """Return the path of a shipped data file or folder.

    Examples
    --------
    >>> data_path("standards.yaml").name
    'standards.yaml'
    """
    return _data_root().joinpath(*parts)


def _bundled(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in data_path(folder).glob("*.yaml")))


@cache
def bundled_cases() -> tuple[str, ...]:
    """Return the identifiers of the bundled cases, sorted.

    Examples
    --------
    >>> "bic-2025-doxxing" in bundled_cases()
    True
    """
    return _bundled("cases")


@cache
def bundled_prior_sets() -> tuple[str, ...]:
    """Return the names of the bundled prior sets, sorted.

    Examples
    --------
    >>> bundled_prior_sets()
    ('claimant', 'neutral', 'respondent')
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
    path = Path(name)
    if isinstance(name, Path) or is_path(name) or name in {".", ".."} or _exists(path):
        return path
    if name in bundled_cases():
        return data_path("cases", f"{name}.yaml")
    raise CaseError(
        "unknown case",
        found=nearest(name, bundled_cases()),
        allowed=f"a file, or one of {listing(bundled_cases())}",
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long for the system
        return False


def _shipped(name: str) -> dict[str, Any]:
    path = data_path(name)
    document: Document = read_document(read_file(path), file=str(path))
    return document.tree


@cache
def load_standards() -> tuple[Standard, ...]:
    """Load the table of standards of proof, in the order of its file.

    Examples
    --------
    >>> load_standards()[0].id, load_standards()[0].threshold
    ('cn-high-probability', 0.75)
    """
    return tuple(Standard(**row) for row in _shipped("standards.yaml")["standards"])


@cache
def load_fields() -> dict[str, FieldTerm]:
    """Load the vocabulary of fields of personal data, by id."""
    rows = _shipped("fields.yaml")["fields"]
    return {name: FieldTerm(name, row["label"]) for name, row in rows.items()}


@cache
def load_profile_items() -> dict[str, ProfileItem]:
    """Load the traits that a profile may state, by id."""
    rows = _shipped("fields.yaml")["profile"]
    return {name: ProfileItem(name, **row) for name, row in rows.items()}


@cache
def load_templates() -> dict[str, Template]:
    """Load the finding templates, by id."""
    rows = _shipped("templates.yaml")["templates"]
    return {name: _template(name, row) for name, row in rows.items()}


def _template(name: str, row: dict[str, Any]) -> Template:
    return Template(
        id=name,
        label=row["label"],
        explanation=row["explanation"],
        about=tuple(row["about"]),
        likelihood={role: _entry(entry) for role, entry in row["likelihood"].items()},
        reliability=_entry(row["reliability"]),
    )


def _entry(row: dict[str, Any]) -> Entry:
    value = row["value"]
    number = tuple(map(float, value)) if isinstance(value, list) else float(value)
    return Entry(number, row["basis"], row.get("source"))  # type: ignore[arg-type]
