"""Prior sets along the axes of a grid: by name, or with some of their numbers changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causation.case.files import prior_set_of
from causation.case.priors import PriorSet, load_prior_set
from causation.document.problems import listing, nearest
from causation.document.stated import ABOUT
from causation.document.writing import plain
from causation.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from causation.case.schema import Case
    from causation.sweeping.grid import Value


def is_of_set(path: str) -> bool:
    """Whether a path leads to a number of the prior set, such as ``priors.misfit.custodian``."""
    return path.startswith("priors.")


def loaded(priors: str | Path | PriorSet) -> PriorSet:
    """Return a prior set, loaded if need be."""
    return priors if isinstance(priors, PriorSet) else load_prior_set(priors)


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
    before = loaded(prior_set_of(case)) if priors is None else priors
    tree: dict[str, Any] = plain(before)
    known = {f"priors.{name}": entry.value for name, entry in before.entries().items()}
    for path, value in values.items():
        _set(tree, known, path, value)
    return PriorSet.model_validate(tree)


def _set(tree: dict[str, Any], known: Mapping[str, Any], path: str, value: Value) -> None:
    end = next((e for e, mark in enumerate(("[0]", "[1]")) if path.endswith(mark)), None)
    name = path if end is None else path[:-3]
    if name not in known:
        raise CaseError(
            "no number of the prior set", path=path, found=nearest(name, known),
            allowed=listing(known, near=name),
        )  # fmt: skip
    *above, last = name.split(".")[1:]
    for step in above:
        tree = tree[step]
    now = tree[last].get("value", known[name])
    pair = list(now) if isinstance(now, list | tuple) else [now, now]
    if end is None:
        pair = list(value) if isinstance(value, tuple) else value  # type: ignore[assignment]
    else:
        pair[end] = value
    tree[last] = {k: v for k, v in tree[last].items() if k in ABOUT} | {"value": pair}
