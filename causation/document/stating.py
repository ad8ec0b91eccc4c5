"""Reading of numbers in every form in which they may be stated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, get_args

from causation.document.checking import (
    check_text,
    check_word,
    count_between,
    number_between,
    reject,
)
from causation.document.forms import ALL_OR_NOTHING, Count, Counts, Expert, Panel, Row
from causation.document.forms import interval as interval_of
from causation.document.mappings import frozen
from causation.document.pooling import POOLS, Pool
from causation.document.problems import Loc, listing, nearest, shown
from causation.document.shipped import load_tables
from causation.document.stated import ABOUT, Form, Stated, Status, ends
from causation.scales import Scale

type Check = Callable[[object], Any]
type Tree = Mapping[Any, Any]

_MORE: Mapping[str, tuple[str, ...]] = {
    "value": (),
    "counts": ("relevance",),
    "count": ("of", "spread", "relevance"),
    "experts": ("pool", "weights", "group"),
    "data": ("relevance",),
}
"""Keys that go with each form."""
_share = number_between(0, 1)


def with_basis(check: Check, scale: Scale | None = None, *, entry: bool = False) -> Check:
    """Return the check of a number alone, or with what it rests on, in any form.

    Parameters
    ----------
    check : callable
        Of the number or interval.
    scale : Scale, optional
        Of a quantity that may have an interval; None where a single number is asked for.
    entry : bool
        Whether it is an entry of a prior set: its basis is required, and there is no other set
        from which it could take something.
    """

    def validate(value: object) -> Any:
        if isinstance(value, Stated):
            words = {"basis": frozen(value.basis), "source": frozen(value.source)}
            return replace(value, value=check(value.value), **words)
        if isinstance(value, Mapping):
            return _stated(value, check, scale, entry=entry)
        if entry:
            reject("wrong type", value, "a mapping of keys and values")
        return check(value)

    return validate


def _keys(row: Tree, allowed: Iterable[str], needed: Iterable[str] = (), at: Loc = ()) -> None:
    """Refuse keys that are not allowed, and the lack of those that are needed."""
    known = tuple(allowed)
    for key in map(str, row):
        if key not in known:
            reject("unknown key", key, listing(known), found=nearest(key, known), at=(*at, key))
    for key in needed:
        if key not in row:
            reject("a key is missing", row, f"{key}: a value", found="nothing", at=(*at, key))


def _one_of(row: Tree, key: str, words: tuple[Any, ...]) -> Any:
    if (word := row[key]) not in words:
        reject("unknown value", word, listing(words), at=(key,))
    return word


def _list(row: Tree, key: str, text: str, allowed: str, size: int | None = None) -> Any:
    """Return what must be a list, of some size or filled."""
    found = row[key]
    if not isinstance(found, list | tuple) or not (found if size is None else len(found) == size):
        reject(text, found, allowed, at=(key,))
    return found


def _stated(row: Tree, check: Check, scale: Scale | None, *, entry: bool) -> Stated:
    chosen = next((key for key in _MORE if key in row), None)
    if chosen is None:
        _keys(row, (*_MORE, *ABOUT))
        allowed = "value, counts, count, experts or data: the number"
        reject("a key is missing", row, allowed, found="no value")
    needed = ("basis",) if entry and chosen != "data" else ()
    _keys(row, (chosen, *_MORE[chosen], *ABOUT), needed)
    about: dict[str, Any] = {k: check_text(row[k]) for k in ("basis", "source") if k in row}
    if "status" in row:
        about["status"] = _one_of(row, "status", get_args(Status))
    if "n" in row:
        about["n"] = count_between(1)(row["n"])
    if chosen == "value":
        return Stated(check(row["value"]), **about)
    form = _READ[chosen](row, check, scale)
    if entry and form.needs_own:
        allowed = "in a prior set, counts of several incidents or with a spread, without relevance"
        reject("there is nothing that this could be weighed against", row, allowed,
               found="a form that takes something from the prior set")  # fmt: skip
    used = Scale.UNIT if scale is None else scale
    value = check(interval_of(form.normal(used), used))
    return Stated(value, **(form.implied() | about), form=form)


def _of_shares(scale: Scale | None, key: str) -> None:
    if scale is not Scale.PROBABILITY:
        reject("counts are of shares", key, "a number, or experts", found=key, at=(key,))


def _pair(count: object, of: object, *, at: Loc) -> tuple[int, int]:
    k, n = count_between(0)(count), count_between(1)(of)
    if k > n:
        reject("more were counted than there are", k, f"a count of at most {n}", at=at)
    return k, n


def _counts(row: Tree, _check: Check, scale: Scale | None) -> Counts:
    _of_shares(scale, "counts")
    allowed, found = "a list of pairs [k, n], one for each incident", []
    for index, pair in enumerate(_list(row, "counts", "not a list of counts", allowed)):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            reject("not a count", pair, allowed, at=("counts", index))
        found.append(_pair(pair[0], pair[1], at=("counts", index)))
    return Counts(tuple(found), _share(row.get("relevance", 1.0)))


def _count(row: Tree, check: Check, scale: Scale | None) -> Count:
    _of_shares(scale, "count")
    if "of" not in row:
        reject("a key is missing", row, "of: how many were looked at", found="no total")
    count, of = _pair(row["count"], row["of"], at=("count",))
    spread = row.get("spread")
    if spread is not None and spread != ALL_OR_NOTHING:
        spread = check(spread)
        if not isinstance(spread, tuple) or not spread[0] <= count / of <= spread[1]:
            allowed = f"an interval around {count / of:.3g}, or {ALL_OR_NOTHING}"
            text = "the spread does not contain the share that was counted"
            reject(text, spread, allowed, at=("spread",))
    return Count(count, of, spread, _share(row.get("relevance", 1.0)))


def _panel(row: Tree, check: Check, scale: Scale | None) -> Panel:
    rows = _list(row, "experts", "not a list of experts", "a list of {name, value}")
    members = tuple(_expert(r, check, ("experts", i)) for i, r in enumerate(rows))
    names = [member.name for member in members]
    pool: Pool = _one_of(row, "pool", POOLS) if "pool" in row else "linear"
    for index, member in enumerate(members):
        if member.name in names[:index]:
            same = names.index(member.name) + 1
            reject("an expert stands twice", member.name, "every expert once",
                   found=f"number {index + 1} has the name of number {same}",
                   at=("experts", index))  # fmt: skip
        if pool == "log" and scale is not None and len(set(ends(member.value))) == 1:
            reject("a log pool has no room for a single number", member.value,
                   "an interval of every expert", at=("experts", index))  # fmt: skip
    group = _expert(row["group"], check, ("group",)) if row.get("group") is not None else None
    return Panel(members, pool, _weights(row, len(members)), group)


def _weights(row: Tree, size: int) -> tuple[float, ...] | None:
    if row.get("weights") is None:
        return None
    allowed = f"{size} numbers from 0 that add up to 1, one for each expert"
    weights = _list(row, "weights", "not a weight for every expert", allowed, size)
    found = tuple(map(_share, weights))
    if abs(total := sum(found) - 1.0) > 0.005:
        reject("the weights do not add up", weights, allowed, found=f"{total + 1.0:g}",
               at=("weights",))  # fmt: skip
    return found


def _expert(row: object, check: Check, at: Loc) -> Expert:
    """Read what an expert said, or the group, which has no name."""
    needed = ("name", "value") if at[0] == "experts" else ("value",)
    keys = (*needed, "median", "rationale")
    if not isinstance(row, Mapping):
        reject("wrong type", row, f"a mapping of {listing(keys)}", at=at)
    _keys(row, keys, needed, at)
    value, median = check(row["value"]), row.get("median")
    if median is not None:
        lo, hi = ends(value)
        median = check(median)
        if isinstance(median, tuple) or not lo <= median <= hi:
            reject("an interval does not contain its own median", median,
                   f"a number between {lo:g} and {hi:g}", found=f"{median}",
                   at=(*at, "median"))  # fmt: skip
    name = check_word(row["name"]) if "name" in row else ""
    return Expert(name, value, median, check_text(row["rationale"]) if "rationale" in row else None)


def _row(row: Tree, check: Check, scale: Scale | None) -> Row:
    name, _, key = str(row["data"]).partition(".")
    tables, at = load_tables(), ("data",)
    if name not in tables:
        reject("unknown data set", name, listing(tables), found=nearest(name, tables), at=at)
    rows = tables[name].rows
    if key not in rows:
        known = listing(rows, near=key)
        reject(f"unknown row of {shown(name)}", key, known, found=nearest(key, rows), at=at)
    stated = {k: v for k, v in rows[key].items() if k not in ("label", "source")}
    number = _stated(stated, check, scale, entry=False)
    return Row(f"{name}.{key}", number, _share(row.get("relevance", 1.0)), exact=scale is None)


_READ: Mapping[str, Callable[[Tree, Check, Scale | None], Form]] = {
    "counts": _counts,
    "count": _count,
    "experts": _panel,
    "data": _row,
}
