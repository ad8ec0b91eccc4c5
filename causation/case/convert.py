"""Case files of the first edition, written anew for the second as far as that can be done."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from causation.case.filled import Notice
from causation.case.library import closed, is_path, load_fields
from causation.case.parts import ADDED
from causation.case.schema import Case
from causation.case.writing import dump_case
from causation.document.mappings import Fixed
from causation.document.problems import InvalidCaseError
from causation.document.reading import read_document
from causation.document.shipped import said
from causation.document.terms import SourceKind
from causation.errors import CaseError

_RESIDUAL_KEYS = ("kind", "label", "weight", "note")
_VAGUE = [0.05, 0.95]
_JURISDICTIONS = {"cn": "cn", "us": "us", "jp": "jp", "balance": "uk"}


@dataclass(frozen=True, slots=True)
class Converted:
    """A case of the second edition, and what could not be carried over.

    ``left_out`` names each thing by its place in the old file, in both languages.
    """

    case: Case
    left_out: tuple[Notice, ...]

    @property
    def text(self) -> str:
        """The case as YAML; comments of the old file are not in it."""
        return dump_case(self.case)


def convert_case(content: str | bytes, *, file: str = "<string>") -> Converted:
    """Write a case file of the first edition as one of the second.

    Parameters
    ----------
    content : str or bytes
        The document, YAML or JSON, of ``schema: 1``.
    file : str
        Its name for messages.

    Returns
    -------
    Converted
        The case, and what could not be carried over.

    Raises
    ------
    CaseError
        If the document cannot be read, is no case of the first edition, or has something wrong
        that the second edition does not take either.

    Examples
    --------
    >>> old = '''
    ... schema: 1
    ... id: old
    ... proposition: shop
    ... sources: {shop: {kind: custodian}, web: {kind: inference}}
    ... victims: [{id: a, disclosed: [phone], profile: {anonymous: true}}]
    ... '''
    >>> convert_case(old).case.victims[0].traits
    {'anonymous': True}
    """
    document = read_document(content, file=file)
    if document.tree.get("schema") != 1:
        found = str(document.tree.get("schema", "nothing"))[:20]
        raise CaseError("not a case file of the first edition", file=file, line=1, path="schema",
                        found=found, allowed="schema: 1")  # fmt: skip
    converter = _Converter(copy.deepcopy(document.tree))
    try:
        case = Case.model_validate(converter.tree())
    except InvalidCaseError as error:
        problem = f"written anew, the case has something wrong: {error.problem}"
        raise CaseError(problem, file=file, path=error.path, found=error.found,
                        allowed=error.allowed) from None  # fmt: skip
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        raise CaseError(
            "not a case file of the first edition: its parts are not what that edition had",
            file=file,
            allowed="a case file that the first edition accepted",
        ) from None
    return Converted(case, tuple(converter.left_out))


class _Converter:
    """The tree of an old case while it is changed."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._old = tree
        self.left_out: list[Notice] = []

    def tree(self) -> dict[str, Any]:
        """Return the tree of the new case."""
        old = self._old
        tree = {key: value for key, value in old.items() if key not in _DROPPED}
        tree["schema"] = 2
        law = str(tree.setdefault("standard", "cn-high-probability")).partition("-")[0]
        tree["jurisdiction"] = _JURISDICTIONS.get(law, "none")
        self._whole()
        tree["sources"] = {n: self._source(n, dict(row)) for n, row in old["sources"].items()}
        self._weights(tree["sources"])
        added = {} if old.get("exhaustive") else self._add(tree)
        if "fields" in old:
            tree["fields"] = [{"id": name, **row} for name, row in old["fields"].items()]
            self._own_fields(tree, added)
        tree["victims"] = self._victims(old.get("victims", []), tree)
        tree["findings"] = [self._finding(row, tree, added) for row in old.get("findings", [])]
        tree["inquiries"] = [self._inquiry(row, tree, added) for row in old.get("inquiries", [])]
        return {key: value for key, value in tree.items() if value != []}

    def _name(self, place: str, text: str) -> None:
        words = said("converting", text)
        about = {"en": f"{place}: {words['en']}", "zh": f"{place}：{words['zh']}"}
        self.left_out.append(Notice(text, Fixed(about)))

    def _whole(self) -> None:
        for trait in self._old.get("reference_profile", {}):
            self._name(f"reference_profile.{trait}", "reference_profile")
        if self._old.get("selection") == "attempted":
            self._name("selection", "attempted")
        if is_path(self._old.get("priors", "")):
            self._name("priors", "priors")

    def _source(self, name: str, row: dict[str, Any]) -> dict[str, Any]:
        if row.pop("class", None) == "leaked_library":
            row["kind"] = "leaked_library"
        if row["kind"] == "residual":
            for key in [key for key in row if key not in _RESIDUAL_KEYS]:
                del row[key]
                self._name(f"sources.{name}.{key}", "residual")
        for custodian, value in row.pop("membership", {}).items():
            if custodian == name and row["kind"] == "custodian":
                row["membership"] = value
            else:
                self._name(f"sources.{name}.membership.{custodian}", "membership")
        if "odds_ratio" in row:
            self._name(f"sources.{name}.odds_ratio", "odds_ratio")
        return row

    def _weights(self, sources: dict[str, Any]) -> None:
        for kind in ("inference", "leaked_library"):
            members = {n: row for n, row in sources.items() if row["kind"] == kind}
            stated = [n for n, row in members.items() if "weight" in row]
            for name in stated if len(members) > 1 else ():
                del members[name]["weight"]
                self._name(f"sources.{name}.weight", "weight")

    def _add(self, tree: dict[str, Any]) -> dict[str, SourceKind]:
        """Name the sources that are added now; list one whose name is taken under another."""
        there = {row["kind"] for row in tree["sources"].values()}
        added: dict[str, SourceKind] = {}
        for kind, usual in ADDED.items():
            if kind in there:
                continue
            name = f"{usual}_2" if usual in tree["sources"] else usual
            if name != usual:
                tree["sources"][name] = {"kind": str(kind)}
            if kind is not SourceKind.RESIDUAL:
                added[name] = kind
                self._name(f"sources.{name}", "added")
        return added

    def _own_fields(self, tree: dict[str, Any], added: dict[str, SourceKind]) -> None:
        for name, kind in added.items():
            tree["sources"].setdefault(name, {"kind": str(kind)})
        denied = {c for row in self._old.get("victims", []) for c in row.get("users_of", {})}
        for name, row in tree["sources"].items():
            keys = () if row["kind"] == "residual" else ("disclosure",)
            for key in (*keys, "disclosure_not_user") if name in denied else keys:
                for field in self._old["fields"]:
                    if field not in row.setdefault(key, {}):
                        row[key][field] = _VAGUE
                        self._name(f"sources.{name}.{key}.{field}", "vague")

    def _victims(self, rows: list[dict[str, Any]], tree: dict[str, Any]) -> list[dict[str, Any]]:
        known = {name: tuple(term.implies) for name, term in load_fields().items()}
        own = {f["id"]: tuple(_words(f.get("implies", ()))) for f in tree.get("fields", ())}
        implies = closed(known | own)
        found = [self._victim(dict(row), implies) for row in rows]
        kept = [row for row in found if row.get("disclosed") or not _counts(row)]
        for row in found:
            if row not in kept:
                self._name(f"victims.{row['id']}", "nothing_published")
        for index, row in enumerate(filter(_counts, kept)):
            place = f"victims.{row['id']}"
            if index:
                self._name(place, "known_by")
            else:
                row["plaintiff"] = True
                if row.pop("linkage", 1) != 1:
                    self._name(f"{place}.linkage", "linkage")
        return kept

    def _victim(self, row: dict[str, Any], implies: Mapping[str, frozenset[str]]) -> dict[str, Any]:
        if profile := row.pop("profile", None):
            row["traits"] = profile
        users = row.pop("users_of", {})
        for key, wanted in (("users_of", True), ("not_users_of", False)):
            if found := [name for name, is_user in users.items() if is_user is wanted]:
                row[key] = found
        shown = set[str]().union(*(implies.get(f, ()) for f in _words(row.get("disclosed", []))))
        hidden = _words(row.get("not_disclosed", []))
        for field in hidden:
            if field in shown:
                self._name(f"victims.{row['id']}.not_disclosed.{field}", "implied")
        if hidden:
            row["not_disclosed"] = [f for f in hidden if f not in shown]
        return row

    def _finding(self, old: Any, tree: dict[str, Any], added: Iterable[str]) -> dict[str, Any]:
        row: dict[str, Any] = dict(old)
        place = f"findings.{row['id']}"
        if "repeats" in row:
            row["overlap"] = min(float(row.pop("repeats")), 0.5)
            self._name(f"{place}.repeats", "repeats")
        stated = row.get("likelihood")
        if not stated or "template" in row:
            return row
        residual = _residual(tree)
        missing = [name for name in added if name not in stated]
        row["likelihood"] = {**stated, **dict.fromkeys(missing, stated.get(residual, _VAGUE))}
        for name in missing:
            self._name(f"{place}.likelihood.{name}", "as_residual")
        values = [value for name, value in row["likelihood"].items() if name != residual]
        if any(value != values[0] for value in values):
            row["about"] = tree["proposition"]
            self._name(f"{place}.about", "about")
        return row

    def _inquiry(self, row: Any, tree: dict[str, Any], added: Iterable[str]) -> dict[str, Any]:
        residual = _residual(tree)
        outcomes = {
            outcome: {**shares, **{n: shares[residual] for n in added if residual in shares}}
            for outcome, shares in row["outcomes"].items()
        }
        for name in added:
            self._name(f"inquiries.{row['id']}.outcomes.{name}", "as_residual")
        return {**row, "outcomes": outcomes}


_DROPPED = ("selection", "reference_profile", "sources", "victims", "fields", "findings",
            "inquiries")  # fmt: skip


def _words(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _residual(tree: dict[str, Any]) -> str:
    listed = (name for name, row in tree["sources"].items() if row["kind"] == "residual")
    return next(listed, ADDED[SourceKind.RESIDUAL])


def _counts(row: dict[str, Any]) -> bool:
    return bool(row.get("bears_on", "source") == "source")
