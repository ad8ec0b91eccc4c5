"""What the evidence would be worth if it were independent, and what it is worth.

Five victims of one doxxer are not five independent trials. The audit computes the naive ratio
(a fresh latent for every victim and field, everything multiplied), the model's, the number of
independent victims to which the further victims of the case amount, which latents tie which items
together, and how the answer saturates in their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from causation import evidence
from causation.analyses.bound import held
from causation.analyses.evaluating import Evaluate, draft
from causation.analyses.naive import naive_log_evidence
from causation.document.mappings import Fixed
from causation.evidence.series import build_series, latents_of
from causation.inference.evaluate import Answer, log10_ratio
from causation.scales import change_in_bans

if TYPE_CHECKING:
    from causation.case.filled import Filled
    from causation.evidence.base import Item, Victim
    from causation.model.structure import Model

MOST_AUDITED = 50
"""Most groups of further victims that are audited one by one."""
COUNTS = (0, 1, 2, 5, 10, 20, 50, 100)
"""Sizes of a group for which the answer is shown."""


@dataclass(frozen=True, slots=True)
class SharedLatent:
    """A latent, such as ``u.platform``, on which several items of evidence depend.

    `items` are their ids; that of a group where what put it on its list hangs on the latent.
    """

    name: str
    label: Mapping[str, str]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoVictims:
    """What one group of further victims adds to the log10 ratio of the proposition.

    `bans` in the model, `independent_bans` if everything were independent, and the number of
    independent victims that are worth as much; None where one would be worth nothing or point the
    other way.
    """

    group: str
    count: int
    bans: float
    independent_bans: float
    equivalent: float | None


@dataclass(frozen=True, slots=True)
class DependenceAudit:
    """Model and naive likelihood ratios of the proposition, in bans, and why they differ.

    Parameters
    ----------
    log10_lr, independent_log10_lr : float
    co_victims : tuple of CoVictims
    shared : tuple of SharedLatent
    """

    log10_lr: float
    independent_log10_lr: float
    co_victims: tuple[CoVictims, ...]
    shared: tuple[SharedLatent, ...]


def audit_dependence(model: Model, *, evaluate: Evaluate = draft) -> DependenceAudit:
    """Compare the model with the same evidence taken as independent, in one call.

    Every group of further victims is audited, or the `MOST_AUDITED` largest.
    """
    groups = sorted((g for g in model.filled.groups if not g.first), key=lambda g: -g.count)
    audited = {g.id for g in groups[:MOST_AUDITED]}
    chosen = [g for g in model.filled.groups if g.id in audited]
    answer = evaluate(model, model.without([[], *([f"victims.{g.id}"] for g in chosen)]))
    ratios = answer.log10_lr.tolist()
    whole = _naive(model, answer)
    rows = []
    for g, without in zip(chosen, ratios[1:], strict=True):
        bans = change_in_bans(ratios[0], without)
        independent = change_in_bans(whole, _naive(model, answer, f"victims.{g.id}"))
        rows.append(
            CoVictims(g.id, g.count, bans, independent, _equivalent(bans, independent, g.count))
        )
    return DependenceAudit(ratios[0], whole, tuple(rows), shared_latents(model))


def _naive(model: Model, answer: Answer, *without: str) -> float:
    naive = naive_log_evidence(model, without=without)
    return float(log10_ratio(answer.log_prior[:1], naive[None], answer.inside)[0])


def _equivalent(bans: float, independent: float, count: int) -> float | None:
    each = independent / count
    if each == 0.0 or not math.isfinite(each) or not math.isfinite(bans):
        return None
    return bans / each if bans / each >= 0.0 else None


@dataclass(frozen=True, eq=False)
class CountCurve:
    """The proposition for other sizes of a group of further victims, its own among them; (C,).

    `probability` is the model's, `held` with the likelihood ratio limited to the validated range;
    `independent_log10_lr` is as if everything were independent.
    """

    group: str
    count: np.ndarray
    own: int
    probability: np.ndarray
    held: np.ndarray
    log10_lr: np.ndarray
    independent_log10_lr: np.ndarray


def count_curve(
    model: Model,
    group: str,
    *,
    bound: float | None,
    counts: Sequence[int] = COUNTS,
    evaluate: Evaluate = draft,
) -> CountCurve:
    """Compute the proposition for other sizes of a group; a count is a fact, each a model.

    Parameters
    ----------
    group : str
    counts : sequence of int
    """
    own = next(g.count for g in model.filled.groups if g.id == group)
    sizes = sorted({*counts, own})
    found = []
    for n in sizes:
        other = replace(model, filled=_sized(model.filled, group, n))
        answer = evaluate(other, other.base())
        found.append(
            (
                answer.probability[0], held(answer, bound).probability[0],
                answer.log10_lr[0], _naive(other, answer),
            )
        )  # fmt: skip
    return CountCurve(group, np.array(sizes), own, *np.array(found, float).T)


def _sized(filled: Filled, group: str, count: int) -> Filled:
    groups = tuple(replace(g, count=count) if g.id == group else g for g in filled.groups)
    return replace(filled, groups=groups)


def shared_latents(model: Model) -> tuple[SharedLatent, ...]:
    """Return the latents on which more than one item of evidence depends, under any route."""
    items: dict[str, dict[str, None]] = {}
    for item in model.items:
        if item.group is None:
            continue
        for name in _latents(model, item):
            items.setdefault(name.removeprefix("own:"), {})[item.id] = None
    return tuple(
        SharedLatent(name, _label(model.filled, name), tuple(ids))
        for name, ids in items.items()
        if len(ids) > 1
    )


def _latents(model: Model, item: Item) -> Iterator[str]:
    """Latents on which an item depends, by itself or, for other kinds, beside the fields."""
    whole = f"victims.{item.group}"
    context = {whole}
    if item.kind not in {"series", "fields"}:  # what was compared or dated was published
        context |= {x.id for x in model.items if (x.kind, x.group) == ("fields", item.group)}
    bare, full = _alone(model, context), _alone(model, {*context, item.id})
    kinds = [kind for kind in evidence.KINDS if kind.name == item.kind]
    for route in model.routes:
        if item.id == whole:
            yield from sorted(latents_of(bare, route))
            continue
        before, after = (
            {name for kind in kinds for name in kind.latents(victims, route)}
            for victims in (bare, full)
        )
        if after != before:
            yield from sorted(after - {name for name in before if name.startswith("own:")})


def _alone(model: Model, items: set[str]) -> tuple[Victim, ...]:
    known = model.item_index
    return build_series(model.filled, lambda i: i in items or i not in known).victims


_LATENTS: dict[str, tuple[str, str, tuple[Literal["source", "fields", "traits", "users"], ...]]] = {
    "v": ("share that the actor publishes of what he has", "行为人公布其掌握信息的比例", ()),
    "u": ("what {} yields as a whole", "信息整体出自{}的程度", ("source",)),
    "c": ("share in which {} yields: {}", "{}流出“{}”的比例", ("source", "fields")),
    "b": ("share of those whom the actor targets: {}", "其目标人群中“{}”者的比例", ("traits",)),
    "h": ("share of those whom the actor targets that uses: {}",
          "其目标人群中{}用户的比例", ("users",)),
    "kappa": ("share of the listed further victims that belong to the series",
              "其他被公开者中属同一系列者的比例", ()),
    "e": ("share of those chosen that the entrance reaches", "事先选定人群的波及比例", ()),
    "mu": ("how often a value from a register agrees with it", "出自登记信息者与之一致的比例", ()),
    "alpha": ("how often another's value agrees with a register", "他处信息与登记信息一致的比例",
              ()),
}  # fmt: skip
"""By the first part of a latent's name: what it is, and what its further parts name."""


def _label(filled: Filled, name: str) -> Mapping[str, str]:
    head, *parts = name.split(".")
    if head not in _LATENTS or "~" in parts:
        return Fixed({"en": name, "zh": name})
    *texts, kinds = _LATENTS[head]
    words = [
        filled.source(part).label if kind == "source" else filled.labels(kind, part)
        for kind, part in zip(kinds, parts, strict=False)
    ]
    pairs = zip(("en", "zh"), texts, strict=True)
    return Fixed({lang: text.format(*(w.get(lang, "") for w in words)) for lang, text in pairs})
