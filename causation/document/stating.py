"""Reading of numbers in every form in which they may be stated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

from causation.document.checking import (
    check_text,
    check_word,
    count_between,
    number_between,
    reject,
)
from causation.document.forms import ALL_OR_NOTHING, Count, Counts, Expert, Form, Panel, Row
from causation.document.forms import interval as interval_of
from causation.document.pooling import POOLS
from causation.document.problems import listing, nearest, shown
from causation.document.shipped import load_tables
from causation.document.stated import ABOUT, Stated, Status, ends
from causation.scales import Scale

__all__ = ["with_basis"]

type Check = Callable[[object], Any]

_MORE: Mapping[str, tuple[str, ...]] = {
    "value": (),
    "counts": ("relevance",),
    "count": ("of", "spread", "relevance"),
    "experts": ("pool", "weights", "group"),
    "data": ("relevance",),
}
"""Keys that go with each form."""
_FORMS = "value, counts, count, experts or data"
_share = number_between(0, 1)
_whole = count_between(0)


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
            return replace(value, value=check(value.value))
        if isinstance(value, Mapping):
            return _stated(value, check, scale, entry=entry)
        if entry:
            reject("wrong type", value, "a mapping of keys and values")
        return check(value)

    return validate


def _stated(row: Mapping[Any, Any], check: Check, scale: Scale | None, *, entry: bool) -> Stated:
    chosen = next((key for key in _MORE if key in row), "value")
    allowed = (chosen, *_MORE[chosen], *ABOUT)
    for key in map(str, row):
        if key not in allowed:
            others = [k for k in _MORE if k != chosen] if chosen not in row else []
            known = (*allowed, *others)
            reject("unknown key", key, listing(known), found=nearest(key, known), at=(key,))
    if chosen not in row:
        reject("a key is missing", row, f"{_FORMS}: the number", found="no value")
    if entry and "basis" not in row and chosen != "data":
        reject("a key is missing", row, "basis: a value", found="nothing", at=("basis",))
    form = None if chosen == "value" else _READ[chosen](row, check, scale)
    if form is None:
        value = check(row["value"])
    else:
        if entry and form.needs_own:
            reject("there is nothing that this could be weighed against", row,
                   "in a prior set, counts of several incidents or with a spread, without "
                   "relevance", found="a form that takes something from the prior set")  # fmt: skip
        used = Scale.UNIT if scale is None else scale
        value = check(interval_of(form.normal(used), used))
    return Stated(value, **(_implied(form) | _about(row)), form=form)


def _implied(form: Form | None) -> dict[str, Any]:
    return {} if form is None else form.implied()


def _about(row: Mapping[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {key: check_text(row[key]) for key in ("basis", "source") if key in row}
    if "status" in row:
        if (status := row["status"]) not in (statuses := get_args(Status)):
            reject("unknown value", status, listing(statuses), at=("status",))
        found["status"] = status
    if "n" in row:
        found["n"] = count_between(1)(row["n"])
    return found


def _needs_interval(row: Mapping[Any, Any], scale: Scale | None, key: str) -> None:
    if scale is not Scale.PROBABILITY:
        reject("counts are of shares", row, "a number, or experts", found=key, at=(key,))


def _pair(count: object, of: object, *, at: tuple[str | int, ...]) -> tuple[int, int]:
    k, n = _whole(count), count_between(1)(of)
    if k > n:
        reject("more were counted than there are", k, f"a count of at most {n}", at=at)
    return k, n


def _counts(row: Mapping[Any, Any], _check: Check, scale: Scale | None) -> Counts:
    _needs_interval(row, scale, "counts")
    pairs = row["counts"]
    allowed = "a list of pairs [k, n], one for each incident"
    if not isinstance(pairs, list | tuple) or not pairs:
        reject("not a list of counts", pairs, allowed, at=("counts",))
    found = []
    for index, pair in enumerate(pairs):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            reject("not a count", pair, allowed, at=("counts", index))
        found.append(_pair(pair[0], pair[1], at=("counts", index)))
    return Counts(tuple(found), _share(row.get("relevance", 1.0)))


def _count(row: Mapping[Any, Any], check: Check, scale: Scale | None) -> Count:
    _needs_interval(row, scale, "count")
    if "of" not in row:
        reject("a key is missing", row, "of: how many were looked at", found="no total")
    count, of = _pair(row["count"], row["of"], at=("count",))
    spread = row.get("spread")
    if spread is not None and spread != ALL_OR_NOTHING:
        spread = check(spread)
        if not isinstance(spread, tuple) or not spread[0] <= count / of <= spread[1]:
            reject("the spread does not contain the share that was counted", spread,
                   f"an interval around {count / of:.3g}, or {ALL_OR_NOTHING}",
                   at=("spread",))  # fmt: skip
    return Count(count, of, spread, _share(row.get("relevance", 1.0)))


def _panel(row: Mapping[Any, Any], check: Check, scale: Scale | None) -> Panel:
    rows = row["experts"]
    if not isinstance(rows, list | tuple) or not rows:
        reject("not a list of experts", rows, "a list of {name, value}", at=("experts",))
    members = tuple(_expert(r, check, ("experts", i)) for i, r in enumerate(rows))
    names = [member.name for member in members]
    for index, name in enumerate(names):
        if name in names[:index]:
            reject("an expert stands twice", name, "every expert once",
                   found=f"number {index + 1} has the name of number {names.index(name) + 1}",
                   at=("experts", index))  # fmt: skip
    pool = row.get("pool", "linear")
    if pool not in POOLS:
        reject("unknown value", pool, listing(POOLS), at=("pool",))
    if pool == "log" and scale is not None:
        for index, member in enumerate(members):
            if len(set(ends(member.value))) == 1:
                reject("a log pool has no room for a single number", member.value,
                       "an interval of every expert", at=("experts", index))  # fmt: skip
    group = row.get("group")
    return Panel(
        members, pool, _weights(row.get("weights"), members),
        None if group is None else _expert(group, check, ("group",), named=False),
    )  # fmt: skip


def _weights(weights: object, members: tuple[Expert, ...]) -> tuple[float, ...] | None:
    if weights is None:
        return None
    allowed = f"{len(members)} numbers from 0 that add up to 1, one for each expert"
    if not isinstance(weights, list | tuple) or len(weights) != len(members):
        reject("not a weight for every expert", weights, allowed, at=("weights",))
    found = tuple(_share(w) for w in weights)
    if abs(sum(found) - 1.0) > 0.005:
        reject("the weights do not add up", weights, allowed, found=f"{sum(found):g}",
               at=("weights",))  # fmt: skip
    return found


def _expert(row: object, check: Check, at: tuple[str | int, ...], *, named: bool = True) -> Expert:
    keys = ("name", "value", "median", "rationale")[0 if named else 1 :]
    if not isinstance(row, Mapping):
        reject("wrong type", row, f"a mapping of {listing(keys)}", at=at)
    for key in map(str, row):
        if key not in keys:
            reject("unknown key", key, listing(keys), found=nearest(key, keys), at=(*at, key))
    for key in ("name", "value") if named else ("value",):
        if key not in row:
            reject("a key is missing", row, f"{key}: a value", found="nothing", at=(*at, key))
    value, median = check(row["value"]), row.get("median")
    if median is not None:
        lo, hi = ends(value)
        median = check(median)
        if isinstance(median, tuple) or not lo <= median <= hi:
            reject(
                "an interval does not contain its own median", median,
                f"a number between {lo:g} and {hi:g}", found=f"{median}", at=(*at, "median"),
            )  # fmt: skip
    return Expert(
        check_word(row["name"]) if named else "",
        value,
        median,
        check_text(row["rationale"]) if "rationale" in row else None,
    )


def _row(row: Mapping[Any, Any], check: Check, scale: Scale | None) -> Row:
    name, _, key = str(row["data"]).partition(".")
    tables = load_tables()
    if name not in tables:
        reject("unknown data set", name, listing(tables), found=nearest(name, tables),
               at=("data",))  # fmt: skip
    rows = tables[name].rows
    if key not in rows:
        reject(f"unknown row of {shown(name)}", key, listing(rows, near=key),
               found=nearest(key, rows), at=("data",))  # fmt: skip
    stated = {k: v for k, v in rows[key].items() if k not in ("label", "source")}
    number = _stated(stated, check, scale, entry=False)
    return Row(f"{name}.{key}", number, _share(row.get("relevance", 1.0)), exact=scale is None)


_READ: Mapping[str, Callable[[Mapping[Any, Any], Check, Scale | None], Form]] = {
    "counts": _counts,
    "count": _count,
    "experts": _panel,
    "data": _row,
}
