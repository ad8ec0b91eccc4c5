"""Prior sets along the axes of a grid: by name, or with some of their numbers changed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from causation.case.files import prior_set_of
from causation.case.priors import PriorSet, load_prior_set
from causation.case.writing import plain
from causation.document.problems import listing, nearest
from causation.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from causation.case.schema import Case
    from causation.sweeping.grid import Value

__all__ = ["digest", "is_of_set", "loaded", "with_numbers"]


def is_of_set(path: str) -> bool:
    """Whether a path leads to a number of the prior set, such as ``priors.misfit.custodian``."""
    return path.startswith("priors.")


def loaded(priors: str | Path | PriorSet) -> PriorSet:
    """Return a prior set, loaded if need be."""
    return priors if isinstance(priors, PriorSet) else load_prior_set(priors)


def digest(priors: PriorSet) -> str:
    """Digest of what a prior set states."""
    text = json.dumps(plain(priors), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def with_numbers(case: Case, priors: PriorSet | None, values: Mapping[str, Value]) -> PriorSet:
    """Return a prior set with other numbers at some paths.

    Parameters
    ----------
    case : Case
        Whose set it is, unless `priors` is given.
    values : mapping of str to number or interval
        By path, ``[0]`` or ``[1]`` at its end for one end of an interval.

    Raises
    ------
    CaseError
        If the set has no such number, or the number is not allowed there.
    """
    tree: dict[str, Any] = plain(loaded(prior_set_of(case)) if priors is None else priors)
    known = list(_numbers(tree))
    for path, value in values.items():
        _set(tree, known, path, value)
    return PriorSet.model_validate(tree)


def _numbers(tree: Any, path: str = "priors") -> Iterator[str]:
    if isinstance(tree, dict):
        if "value" in tree:
            yield path
        else:
            for key, inner in tree.items():
                yield from _numbers(inner, f"{path}.{key}")


def _set(tree: dict[str, Any], known: list[str], path: str, value: Value) -> None:
    end = next((e for e, mark in enumerate(("[0]", "[1]")) if path.endswith(mark)), None)
    name = path if end is None else path[:-3]
    if name not in known:
        raise CaseError(
            "no number of the prior set", path=path, found=nearest(name, known),
            allowed=listing(known, near=name),
        )  # fmt: skip
    node = tree
    for step in name.split(".")[1:]:
        node = node[step]
    if end is None:
        node["value"] = list(value) if isinstance(value, tuple) else value
    else:
        now = node["value"] if isinstance(node["value"], list) else [node["value"]] * 2
        node["value"] = [value if e == end else now[e] for e in (0, 1)]
