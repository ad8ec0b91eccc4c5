"""Data that ship with the package, and the tables to which numbers may refer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from causation.document.mappings import Fixed, frozen
from causation.document.reading import read_document, read_file


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


@dataclass(frozen=True, slots=True)
class Table:
    """A data set: numbers that were counted, not judged.

    Parameters
    ----------
    id : str
    title, population, source, licence, limits : mapping of str to str
        By language. `population` is what the shares are shares of, `limits` what it is blind to.
    date : str
    address : tuple of str
    status : str
        ``V`` seen in public text, ``U`` not verified.
    rows : mapping of str to mapping
        Each a number in one of the forms in which numbers are stated, with its ``label``; a row
        may have a ``source`` of its own.
    """

    id: str
    title: Mapping[str, str]
    population: Mapping[str, str]
    source: Mapping[str, str]
    licence: Mapping[str, str]
    limits: Mapping[str, str]
    date: str
    address: tuple[str, ...]
    status: str
    rows: Mapping[str, Mapping[str, Any]]


@cache
def shipped(name: str) -> Mapping[str, Any]:
    """Read a data file that ships with the package, once.

    Examples
    --------
    >>> shipped("standards.yaml")["defaults"]["us"]
    'us-preponderance'
    """
    path = data_path(name)
    return Fixed(read_document(read_file(path), file=str(path)).tree)


def said(part: str, id: str, **names: Any) -> Fixed[str, str]:
    """Say something of ``data/notices.yaml`` in every language.

    `names` are filled in, the same in every language, or by language.

    Examples
    --------
    >>> said("left_out", "empty", row=3)["en"]
    'row 3 left out: empty'
    """
    found = {}
    for language, text in shipped("notices.yaml")[part][id].items():
        own = {k: v[language] if isinstance(v, Mapping) else v for k, v in names.items()}
        found[language] = text.format(**own)
    return Fixed(found)


@cache
def load_tables() -> Mapping[str, Table]:
    """Load the data sets, by id."""
    paths = sorted(data_path("tables").glob("*.yaml"))
    return {path.stem: load_table(path.stem) for path in paths}


@cache
def load_table(id: str) -> Table:
    """Load one of them.

    Examples
    --------
    >>> load_table("hibp").rows["phone"]["count"]
    279
    """
    tree = dict(shipped(f"tables/{id}.yaml"))
    del tree["schema"]
    return Table(**(frozen(tree) | {"date": str(tree["date"])}))
