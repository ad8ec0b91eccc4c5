"""Cases built in code: from mappings, from a data frame of victims, from a spreadsheet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.case.parts import field_names
from causation.case.schema import Case
from causation.case.tables import Table, read_victims
from causation.document.problems import InvalidCaseError

if TYPE_CHECKING:
    import pandas as pd

type Victims = (
    Table | pd.DataFrame | str | Path | list[Mapping[str, Any]] | tuple[Mapping[str, Any], ...]
)


def build_case(
    name: str,
    /,
    *,
    victims: Victims = (),
    sources: Mapping[str, str | Mapping[str, Any]] | None = None,
    proposition: str | Sequence[str] | Mapping[str, Any] | None = None,
    **keys: Any,
) -> Case:
    """Build a case without a file.

    Parameters
    ----------
    name : str
        Identifier of the case.
    victims : DataFrame, path, Table, or list of mappings
        A table of victims (see the module), a spreadsheet with one, what `read_victims` made of
        one, or groups as in a case file. The first is the plaintiff unless one says that it is.
    sources : mapping, optional
        Each source as in a case file, or only its kind: ``custodian``, ``leaked_library``,
        ``inference``, ``residual``. By default the custodians whose users the table names, or
        else ``platform``; the one to prove holds the fields of the victims.
    proposition : str, sequence of str, or mapping, optional
        What is to be proved; by default about the first custodian.
    **keys
        Everything else as in a case file: ``title``, ``standard``, ``priors``, ``findings``,
        ``security`` and so on. Without a standard it is 0.75, of no jurisdiction.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        If the case breaks the format.
    InputError
        If the table cannot be read.

    Examples
    --------
    >>> case = build_case("mine", victims=[{"id": "plaintiff", "disclosed": ["phone"]}])
    >>> case.source_names, case.sources["platform"].holds
    (('platform', 'library', 'osint', 'unknown'), ('phone',))
    """
    own = [f["id"] for f in field_names(keys.get("fields", ())) if isinstance(f, Mapping)]
    table = _table(victims, own)
    stated = {key: _source(value) for key, value in (sources or {}).items()}
    called = {name: id for id, name in table.services.items()}
    if isinstance(proposition, str):
        proposition = called.get(proposition, proposition)
    if not stated:
        wanted = [proposition] if isinstance(proposition, str) else []
        for custodian in (*wanted, *(table.services or ("platform",))):
            label = table.services.get(custodian, custodian)
            named = {"label": {"en": label, "zh": label}} if label != custodian else {}
            stated.setdefault(custodian, {"kind": "custodian", **named})
        if "platform" in stated:
            stated["platform"]["label"] = {"en": "platform", "zh": "平台"}
        next(iter(stated.values()))["holds"] = list(table.fields)
    if proposition is None:
        custodians = (key for key, source in stated.items() if source.get("kind") == "custodian")
        proposition = next(custodians, "platform")
    tree = {
        "schema": 2,
        "id": name,
        **({} if "standard" in keys or "jurisdiction" in keys else _GROUND),
        "proposition": proposition,
        "sources": stated,
        "victims": _with_plaintiff(table.groups),
        **keys,
    }
    try:
        return Case.model_validate(tree)
    except InvalidCaseError as error:
        raise table.located(error) from None


_GROUND = {"jurisdiction": "none", "standard": 0.75}


def _source(value: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": value} if isinstance(value, str) else dict(value)


def _table(victims: Victims, own: Collection[str]) -> Table:
    if isinstance(victims, Table):
        return victims
    if isinstance(victims, list | tuple):
        return Table(tuple(dict(group) for group in victims))
    return read_victims(victims, fields=own)


def _with_plaintiff(groups: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = [dict(group) for group in groups]
    if len(rows) > 1 and not any(row.get("plaintiff") for row in rows):
        rows[0] = {"id": rows[0].get("id"), "plaintiff": True, **rows[0]}
    return rows
