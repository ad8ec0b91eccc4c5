"""Which variants a case has: other readings of its facts, and stress on the model.

Each is a row of the model or another case. Binding variants have to reach the
standard for a robust verdict; without a group of uncertain linkage one half is enough; the others
ask for facts or test the ground, and are shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from causation.case.filled import KnownBy
from causation.case.ledger import labels
from causation.case.library import load_fields
from causation.document.mappings import EMPTY, Fixed
from causation.document.shipped import load_table
from causation.document.terms import SourceKind
from causation.model.structure import Model, Scenarios, build_model

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.case.schema import Case

type VariantKind = Literal["reading", "model"]

ONE_HALF = 0.5
"""What a case has to keep without a group of uncertain linkage."""
UNPROVED = "no_alternative_shown"
"""Template of the finding that a defence was asserted and not proved."""
_INSIDERS = {
    "insiders-as-in-judgments": "judgments_2016_2021",
    "insiders-as-in-arrests": "police_suspects",
}
"""Rows of the table of insiders."""
_OWN_KEYS = ("disclosure", "disclosure_not_user", "correlation", "loadings")


type Made = Scenarios | Case | Model
"""A row of the model, another case, or its model."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant that is to be evaluated, such as ``chains_off``, ``without.others``.

    `make` returns its row, case or model, and an error of it says why there is none; `needed` is
    the held probability that a robust verdict asks of it, None where it is only shown.
    """

    id: str
    label: Mapping[str, str]
    kind: VariantKind
    make: Callable[[], Made]
    needed: float | None = None
    binding: bool = False


_LABELS = {
    "chains_off": ("no chains: every route is a single source", "不计接续途径，每一途径仅一个来源"),
    "residual_2": (
        "twice the weight of unknown or other sources",
        "“未知或其他来源”的权重加倍",
    ),
    "residual_4": (
        "four times the weight of unknown or other sources",
        "“未知或其他来源”的权重增至四倍",
    ),
    "kind_intervals": (
        "every source with the usual intervals of its kind",
        "各来源均采用同类来源的通常区间",
    ),
    "one_class": ("all custodians as one class", "各保管方合并为一类计算权重"),
    "as_listed": (
        "as listed: what the further victims have in common is not counted",
        "名单共同特征不计入",
    ),
    "silence_plaintiff": (
        "plaintiff: silence taken as non-publication",
        "原告：未载明视为未公开",
    ),
    "silence_others": (
        "further victims: silence taken as non-publication",
        "其他被公开者：未载明视为未公开",
    ),
    "without_uncertain": (
        "without all further victims of uncertain linkage",
        "不计入是否属同一系列尚不确定的全部其他被公开者",
    ),
    "insiders-as-in-judgments": (
        "custodians begin half of all exposures, as insiders in 8 602 judgments of 2016-2021",
        "半数公开始于保管方：按2016-2021年8602份裁判中内部人员的份额",
    ),
    "insiders-as-in-arrests": (
        "custodians begin 3.6 % of all exposures, as insiders among suspects of 2020-2023",
        "3.6%的公开始于保管方：按2020-2023年嫌疑人中内部人员的份额",
    ),
    "no_security": ("without the security record", "不计入安全保障记录"),
    "no_defence": (
        "no weight for a defence that is asserted and not proved",
        "仅有主张而未举证的抗辩不计分量",
    ),
    "without": ("without {}", "不计入{}"),
    "membership_counted": (
        "for comparison only: that those listed are users counted as evidence",
        "仅供对照：将用户身份一并计入",
    ),
}


def _labelled(
    key: str,
    kind: VariantKind,
    make: Callable[[], Made],
    *,
    needed: float | None = None,
    of: tuple[str, Mapping[str, str]] = ("", EMPTY),
) -> Variant:
    """A variant by its label; one of which something is asked binds, unless it leaves facts out."""
    name, owner = of
    pairs = zip(("en", "zh"), _LABELS[key], strict=True)
    label = Fixed({lang: text.format(owner.get(lang, "")) for lang, text in pairs})
    return Variant(
        key + name, label, kind, make, needed, needed is not None and key[:7] != "without"
    )


def planned_variants(model: Model) -> tuple[Variant, ...]:
    """Return the variants that a case has, binding ones first."""
    found = [*_stress(model), *_readings(model), *_less(model)]
    return tuple(sorted(found, key=lambda v: (not v.binding, v.needed is None)))


def _stress(model: Model) -> Iterator[Variant]:
    """Stress on the model."""
    filled = model.filled
    tau = filled.threshold
    if any(len(r.sources) == 2 for r in model.routes):
        yield _labelled("chains_off", "model", partial(_without_chains, filled), needed=tau)
    if residual := next((s.name for s in filled.sources if s.kind is SourceKind.RESIDUAL), None):
        paths = [filled.weight_of(residual).path]
        yield _labelled("residual_2", "model", partial(_weighted, model, paths, 2), needed=tau)
        yield _labelled("residual_4", "model", partial(_weighted, model, paths, 4))
    yield from _insiders(model)
    if own := _own_intervals(filled):
        yield _labelled("kind_intervals", "model", partial(filled.case.replace, own), needed=tau)
    custodians = [s for s in filled.sources if s.kind is SourceKind.CUSTODIAN]
    if len({filled.weight_of(s.name).path for s in custodians}) > 1:
        one = {f"sources.{s.name}.one_service": "custodians" for s in custodians}
        yield _labelled("one_class", "model", partial(filled.case.replace, one), needed=tau)


def _without_chains(filled: Filled) -> Model:
    return build_model(replace(filled, single=True, _chains=EMPTY))


def _insiders(model: Model) -> Iterator[Variant]:
    """The weight of custodians by either body of evidence on insiders."""
    filled = model.filled
    weights = {filled.weight_of(s.name): s.kind for s in filled.sources}
    own = [n for n, kind in weights.items() if kind is SourceKind.CUSTODIAN]
    rest = math.fsum(n.middle for n in weights if n not in own)
    if not own or not rest:
        return
    odds = math.fsum(n.middle for n in own) / rest
    for key, table_row in _INSIDERS.items():
        share = _share(load_table("insiders").rows[table_row])
        times = share / (1.0 - share) / odds
        yield _labelled(key, "model", partial(_weighted, model, [n.path for n in own], times))


def _share(row: Mapping[str, Any]) -> float:
    return float(row["count"] / row["of"] if "count" in row else row["value"])


def _own_intervals(filled: Filled) -> dict[str, None]:
    """Paths of what the case states of a source in place of its kind's intervals.

    A field of the case's own has no usual interval, and keeps what is stated of it.
    """
    found: dict[str, None] = {}
    for name, source in filled.case.sources.items():
        for key in _OWN_KEYS:
            stated, path = getattr(source, key), f"sources.{name}.{key}"
            if isinstance(stated, Mapping):
                found |= {f"{path}.{f}": None for f in stated if f in load_fields()}
            elif stated is not None:
                found[path] = None
    return found


def _weighted(model: Model, paths: list[str], times: float) -> Scenarios:
    rows = model.rows([{}])
    for path in paths:
        rows.center[:, model.columns[path]] += math.log(times)
    return rows


def _readings(model: Model) -> Iterator[Variant]:
    """Other readings of the facts."""
    case, filled = model.filled.case, model.filled
    if any(g.known_by.how == "unstated" and not g.first for g in filled.groups):
        make = partial(case.reading, "as_listed")
        yield _labelled("as_listed", "reading", make, needed=filled.threshold)
    for key in ("silence_plaintiff", "silence_others"):
        changed = case.reading(key)
        if changed != case:
            yield _labelled(key, "reading", partial(case.reading, key))
    for name, variant in case.variants.items():
        yield Variant(
            f"variants.{name}", labels(variant.label, name), "reading",
            partial(case.with_variant, name),
            filled.threshold if variant.binding else None, variant.binding,
        )  # fmt: skip


def _less(model: Model) -> Iterator[Variant]:
    """The case with less evidence."""
    groups = uncertain_groups(model)
    for g in groups:
        make = partial(model.without, [[f"victims.{g.id}"]])
        label = dict(g.label)
        if label.get("zh") in (g.id, g.id.replace("_", " ")):
            label["zh"] = model.filled.unnamed(g.id)
        yield _labelled("without", "reading", make, needed=ONE_HALF, of=(f".{g.id}", label))
    if len(groups) > 1:
        make = partial(model.without, [[f"victims.{g.id}" for g in groups]])
        yield _labelled("without_uncertain", "reading", make, needed=ONE_HALF)
    unproved = [f"findings.{f.id}" for f in model.filled.findings if f.template == UNPROVED]
    security = [item.id for item in model.items if item.kind == "security"]
    for key, items in (("no_security", security), ("no_defence", unproved)):
        if items:
            yield _labelled(key, "model", partial(model.without, [items]))


def membership_counted(model: Model) -> Variant | None:
    """Return the case with the memberships that defined a list counted as evidence, or None.

    For comparison only. Nothing is divided out for them, and a published account does not make
    them certain.
    """
    filled = model.filled
    if not any(g.known_by.users_of for g in filled.groups):
        return None
    groups = tuple(
        replace(g, known_by=_less_users(g.known_by)) if g.known_by.users_of else g
        for g in filled.groups
    )
    other = replace(filled, groups=groups, account_of=None)
    return _labelled("membership_counted", "model", partial(build_model, other))


def _less_users(event: KnownBy) -> KnownBy:
    rest = replace(event, users_of=())
    left = rest.published_all or rest.published_any or rest.traits
    return rest if left else KnownBy("exposure")


def uncertain_groups(model: Model) -> tuple[FilledGroup, ...]:
    """Return the groups of further victims whose linkage to the series is uncertain."""
    filled = model.filled

    def uncertain(g: FilledGroup) -> bool:
        if g.plaintiff or g.known_by.how == "attempt":
            return False
        linkage = g.linkage or filled.number("actor.linkage")
        return not (np.isposinf(linkage.center) and linkage.sd == 0.0)

    return tuple(g for g in filled.groups if uncertain(g))
