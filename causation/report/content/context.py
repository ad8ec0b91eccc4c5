"""What every section of the report is built from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from causation.dossier import labels
from causation.dossier.wording import shown_value
from causation.errors import CausationError
from causation.report.content.naming import Naming
from causation.report.document import Inline, Ref, Row
from causation.report.language import Filling

if TYPE_CHECKING:
    from causation.analyses.if_wrong import IfWrong
    from causation.analyses.inquiry import InquiryPair
    from causation.analyses.sets import SetResult
    from causation.analyses.tipping import TippingPoint
    from causation.analyses.variants import VariantResult
    from causation.document.numbers import Number
    from causation.model.structure import Model


class Residual(NamedTuple):
    """The weight of the unknown: as it is, up to where the value is reached, from where not."""

    now: tuple[Inline, ...]
    needed: tuple[Inline, ...]
    fails: tuple[Inline, ...]
    met: bool


class Context(Naming):
    """Wording and names, and the numbers of the assessment, each as it is printed."""

    @cached_property
    def threshold(self) -> tuple[Inline, ...]:
        """Comparison value of the case."""
        return self.registry.given("threshold", self.assessment.threshold)

    @cached_property
    def probability(self) -> tuple[Inline, ...]:
        """Posterior probability of the proposition: the model's."""
        return self.registry.percent("probability", self.assessment.probability)

    @cached_property
    def held(self) -> tuple[Inline, ...]:
        """The probability with the likelihood ratio limited to the validated range."""
        return self.registry.percent("held", self.assessment.held.probability)

    def variant(self, v: VariantResult) -> tuple[tuple[Inline, ...], tuple[Inline, ...]]:
        """Probability and held probability under a variant that has them."""
        label, q = self.said_in(v.label), self.registry
        if v.probability is None or v.held is None:
            raise ValueError(f"{v.id} has no probability")
        p = q.percent(f"variant.{v.id}", v.probability, item=label)
        return p, q.percent(f"variant_held.{v.id}", v.held, item=label)

    def both(self, p: Filling, held: Filling) -> tuple[Inline, ...]:
        """A probability, and in brackets that with the ratio limited."""
        return self.text("format.both", p=p, held=held)

    @cached_property
    def limit(self) -> tuple[Inline, ...]:
        """That nothing moves the held probability, as far as the limit binds; else empty."""
        held, bound = self.assessment.held, self.registry.bound
        if not math.isfinite(bound) or not abs(held.log10_lr) >= bound:
            return ()
        below = held.log10_lr > 0 and held.probability < self.assessment.threshold
        key = f"summary.binds{'_below' if below else ''}"
        return self.text(key, limit=self.validated(), held=self.held)

    def found(self, *names: str) -> tuple[Inline, ...]:
        """Variants of these ids with both probabilities; empty where there are none."""
        known = {v.id: v for v in self.assessment.variants if v.held is not None}
        parts = [
            self.text(
                "format.counted",
                name=self.said_in(known[n].label),
                x=self.both(*self.variant(known[n])),
            )
            for n in names
            if n in known
        ]
        return self.joined(parts, "format.semicolon") if parts else ()

    def variant_rows(self, *names: str, also: Iterable[VariantResult | None] = ()) -> Iterator[Row]:
        """The case as stated, then variants of these ids that have a probability."""
        a = self.assessment
        met = self.met(reached=a.held.probability >= a.threshold)
        yield self.text("summary.base"), self.probability, self.held, met
        known = {v.id: v for v in a.variants}
        for v in (*(known.get(name) for name in names), *also):
            if v is not None and v.held is not None:
                yield (self.said_in(v.label),), *self.variant(v), self.met(reached=bool(v.meets))

    def under(self, s: SetResult) -> tuple[Inline, ...]:
        """Held probability under a prior set that has it."""
        return self.set_values(s)[1]

    def set_values(self, s: SetResult) -> tuple[tuple[Inline, ...], tuple[Inline, ...]]:
        """Probability and held probability under a prior set that has them."""
        label, q = self.prior_set(s.id), self.registry
        if s.probability is None or s.held is None:
            raise ValueError(f"{s.id} has no probability")
        p = q.percent(f"under_set.{s.id}", s.probability, item=label)
        return p, q.percent(f"under_set_held.{s.id}", s.held, item=label)

    def without(self, wrong: IfWrong, name: str) -> tuple[tuple[Inline, ...], tuple[Inline, ...]]:
        """Probability and held probability without an item of evidence, under a prior set."""
        item: tuple[Inline, ...] = self.text("robust.wrong.nothing")
        if wrong.item is not None:
            item = (self.evidence(wrong.item),)
        key = f"{name}.{wrong.item.id if wrong.item else 'nothing'}"
        found, q, label = wrong.by_set[name], self.registry, self.prior_set(name)
        p = q.percent(f"without.{key}", found.probability, item=item, name=label)
        return p, q.percent(f"without_held.{key}", found.held, item=item, name=label)

    def models_by_set(self) -> dict[str, Model]:
        """The model of the case under every prior set that fills it, its own first."""
        found = self.assessment.by_set.items()
        return {name: a.model for name, a in found if not isinstance(a, CausationError)}

    def under_variant(self, name: str) -> tuple[Inline, ...]:
        """Both probabilities under the variant of this id; empty where there is none."""
        known = {v.id: v for v in self.assessment.variants if v.held is not None}
        return self.both(*self.variant(known[name])) if name in known else ()

    def residual(self) -> Residual | None:
        """Weight of the unknown as it is, and where the comparison changes."""
        found, q = self.assessment.carriers.residual, self.registry
        if found is None or found.needed is None:
            return None
        return Residual(
            now=q.size("residual_now", found.weight),
            needed=q.at_most("residual_needed", found.needed),
            fails=q.from_on("residual_fails", found.needed),
            met=found.needed >= found.weight,
        )

    def why_no_weight(self) -> tuple[Inline, ...]:
        """Why no weight of the unknown changes the comparison; empty where one does."""
        found = self.assessment.carriers.residual
        if found is None or found.needed is not None:
            return ()
        return (self.said_in(found.why_missing or {}),)

    def tipped(self, point: TippingPoint) -> dict[str, tuple[Inline, ...]]:
        """An input as it is, and where the comparison has changed."""
        q, label = self.registry, self.input(point.path)
        name = f"{point.path}.{'up' if point.steps > 0 else 'down'}"
        return {
            "base": q.word(f"tip_from.{point.path}", shown_value(point.base), item=label),
            "value": q.word(f"tip_to.{name}", shown_value(point.value), item=label),
        }

    def pair(self, which: str, pair: InquiryPair) -> dict[str, tuple[Inline, ...]]:
        """Two outcomes of inquiries together, and the held probability after them."""
        labels_ = [(self.said_in(label),) for label in pair.labels]
        p = self.registry.percent(f"pair.{which}", pair.probability, item=self.joined(labels_))
        return {"first": labels_[0], "second": labels_[1], "p": p}

    def validated(self) -> tuple[Inline, ...]:
        """Largest ratio that the validation supports."""
        bound = self.registry.bound
        if not math.isfinite(bound):
            return self.text("format.unlimited")
        return self.registry.ratio("limit_lr", bound)

    def validated_log(self) -> tuple[Inline, ...]:
        """log10 of that ratio."""
        bound = self.registry.bound
        if not math.isfinite(bound):
            return self.text("format.unlimited")
        return self.registry.stated("limit_log10", bound)

    def world_threshold(self, run: Mapping[str, Any]) -> tuple[Inline, ...]:
        """Comparison value of the simulated cases of a run."""
        return self.registry.given("world_threshold", run["threshold"])

    def world(self, world: Mapping[str, Any]) -> Ref:
        """How a world of simulated cases differs."""
        return Ref(labels.pick(world["label"], self.language.name))

    def world_share(self, world: Mapping[str, Any]) -> tuple[Inline, ...]:
        """How often a wrong source reached the comparison value in a world."""
        key = f"world_false_hits.{world['id']}"
        return self.registry.percent(key, world["false_hits"], item=self.world(world))

    def world_error(self, world: Mapping[str, Any]) -> tuple[Inline, ...]:
        """Standard error of that share."""
        key = f"world_false_hits_error.{world['id']}"
        return self.registry.percent(key, world["false_hits_error"], item=self.world(world))

    def stated(self, key: str, number: Number, **names: Filling) -> tuple[Inline, ...]:
        """An input as it was stated: a number, or an interval."""
        q = self.registry
        lo = q.stated(f"{key}.lo", number.lo, end=self.text("format.lo"), **names)
        if number.is_point:
            return lo
        hi = q.stated(f"{key}.hi", number.hi, end=self.text("format.hi"), **names)
        return self.text("format.interval", lo=lo, hi=hi)

    def certain(self, group: str) -> bool:
        """Whether a group belongs to the series without doubt."""
        found = next(g for g in self.filled.groups if g.id == group)
        if found.known_by.how == "attempt":
            return bool(found.disclosed)
        return found.plaintiff or found.first

    def origin(self, number: Number) -> tuple[Inline, ...]:
        """Where an input comes from."""
        kind, _, name = number.origin.partition(":")
        if kind == "priors":
            return self.text("origin.priors", set=self.prior_set(name))
        return self.text(f"origin.{kind}")

    def why(self, number: Number) -> tuple[Inline, ...]:
        """On what an input rests, with its citation where it has one."""
        basis = self.said_in(number.basis)
        if not number.source:
            return (basis,)
        return self.text("origin.cited", basis=basis, source=self.said_in(number.source))

    def met(self, *, reached: bool) -> tuple[Inline, ...]:
        """Whether a comparison value is reached."""
        return self.text("met.yes" if reached else "met.no")

    def choice(self, prefix: str, value: object) -> tuple[Inline, ...]:
        """Wording of an enumerated value; a dash where nothing is stated."""
        key = f"{prefix}.{getattr(value, 'value', value)}"
        return self.text(key) if value is not None else self.text("format.none")
