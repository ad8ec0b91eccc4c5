"""Data shipped with the package: standards, vocabularies, templates, prior sets, cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from causation.document.mappings import Fixed, frozen
from causation.document.problems import describe, listing, nearest
from causation.document.reading import read_document, read_file
from causation.document.shipped import data_path
from causation.document.stated import Stated
from causation.errors import CaseError

__all__ = [
    "FieldTerm",
    "Inquiry",
    "Standard",
    "Template",
    "Trait",
    "bundled_cases",
    "bundled_prior_sets",
    "case_file",
    "closed",
    "data_path",
    "default_standards",
    "is_path",
    "load_fields",
    "load_inquiries",
    "load_standards",
    "load_templates",
    "load_traits",
]

type Labels = Mapping[str, str]
"""A text by language."""

_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard of proof in numbers.

    ``threshold`` is the probability that the proposition has to reach; ``status`` says how
    well the number is supported: ``verified``, ``unverified`` or ``weak``. ``jurisdiction`` is
    the law that it belongs to.
    """

    id: str
    jurisdiction: str
    threshold: float
    label: Labels
    basis: Labels
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """A field of personal data; ``implies`` has those that it makes certain, transitively."""

    id: str
    label: Labels
    implies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait of a victim that helps or hinders inference from public traces."""

    id: str
    label: Labels
    explanation: Labels


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of finding with its probability by the kind of a source.

    ``about`` lists the kinds that the finding's key ``about`` may name. ``likelihood`` is by
    kind: ``named`` is a source that it is about, then ``custodian``, ``leaked_library``,
    ``inference``, ``residual``. ``repeats_holds`` marks one that says again what a custodian's
    ``holds`` counts already.
    """

    id: str
    label: Labels
    explanation: Labels
    about: tuple[str, ...]
    likelihood: Mapping[str, Stated]
    reliability: Stated
    overlap: Stated | None = None
    repeats_holds: bool = False


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Something that can be found out, with the probability of every outcome.

    ``probability`` is by the kind of the true source, as in `Template.likelihood`, then by
    outcome. ``about`` is empty for an inquiry that is about no source. ``once`` marks one that is
    answered about all sources at once: who names one does not name another.
    """

    id: str
    label: Labels
    explanation: Labels
    about: tuple[str, ...]
    asks: tuple[str, ...]
    settled_by: tuple[str, ...]
    reliability: Stated
    outcomes: Mapping[str, Labels]
    probability: Mapping[str, Mapping[str, Stated]]
    once: bool = False


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


def _shipped(name: str) -> Mapping[str, Any]:
    path = data_path(name)
    tree: Mapping[str, Any] = frozen(read_document(read_file(path), file=str(path)).tree)
    return tree


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
def default_standards() -> Mapping[str, str]:
    """Return the standard that a case has if it states none, by jurisdiction.

    Examples
    --------
    >>> default_standards()["us"], "kr" in default_standards()
    ('us-preponderance', False)
    """
    defaults: Mapping[str, str] = _shipped("standards.yaml")["defaults"]
    return defaults


@cache
def load_fields() -> Mapping[str, FieldTerm]:
    """Load the vocabulary of fields of personal data, by id.

    Examples
    --------
    >>> "real_name" in load_fields()["id_photo"].implies
    True
    """
    rows = _shipped("fields.yaml")["fields"]
    implied = closed({name: row.get("implies", ()) for name, row in rows.items()})
    return Fixed(
        {
            name: FieldTerm(name, row["label"], implied.get(name, frozenset()))
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
    rows = _shipped("fields.yaml")["traits"]
    return Fixed({name: Trait(name, **row) for name, row in rows.items()})


@cache
def load_templates() -> Mapping[str, Template]:
    """Load the finding templates, by id."""
    rows = _shipped("templates.yaml")["templates"]
    return Fixed({name: _template(name, row) for name, row in rows.items()})


@cache
def load_inquiries() -> Mapping[str, Inquiry]:
    """Load what can be found out, by id."""
    rows = _shipped("inquiries.yaml")["inquiries"]
    return Fixed({name: _inquiry(name, row) for name, row in rows.items()})


def _template(name: str, row: Mapping[str, Any]) -> Template:
    return Template(
        id=name,
        label=row["label"],
        explanation=row["explanation"],
        about=row["about"],
        likelihood=Fixed({role: _entry(entry) for role, entry in row["likelihood"].items()}),
        reliability=_entry(row["reliability"]),
        overlap=_entry(row["overlap"]) if "overlap" in row else None,
        repeats_holds=row.get("repeats_holds", False),
    )


def _inquiry(name: str, row: Mapping[str, Any]) -> Inquiry:
    return Inquiry(
        id=name,
        label=row["label"],
        explanation=row["explanation"],
        about=row["about"],
        asks=row["asks"],
        settled_by=row["settled_by"],
        reliability=_entry(row["reliability"]),
        outcomes=row["outcomes"],
        probability=Fixed(
            {
                role: Fixed({o: _entry({**stated, "value": stated[o]}) for o in row["outcomes"]})
                for role, stated in row["probability"].items()
            }
        ),
        once=row.get("once", False),
    )


def _entry(row: Mapping[str, Any]) -> Stated:
    value = row["value"]
    number = (float(value[0]), float(value[1])) if isinstance(value, tuple) else float(value)
    source = _labels(row["source"]) if "source" in row else None
    return Stated(number, _labels(row["basis"]), source, row.get("status"), row.get("n"))


def _labels(text: str | Labels) -> Labels:
    return Fixed({"en": text, "zh": text}) if isinstance(text, str) else text
