"""What is otherwise in each world: in the case file, in how cases come about, in what is recorded.

Every function takes a thing and returns another of the same sort; `causation.validation.worlds`
puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit

from causation.document.mappings import Fixed
from causation.scales import Scale

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledFinding, FilledGroup
    from causation.model.simulation import SimulatedCase
    from causation.model.structure import Model, Scenarios

type Document = dict[str, Any]
type Numbers = Callable[[Model, np.random.Generator], Scenarios]

ACCOUNT = "account_link"
"""The field whose publication hurts nobody by itself."""


def _sorts(model: Model, *sorts: str) -> np.ndarray:
    return np.array([n.sort in sorts for n in model.numbers])


def _moved(model: Model, columns: np.ndarray, by: float | np.ndarray) -> Scenarios:
    """Other centres of some numbers, on their own scales."""
    row = model.base()
    center = row.center.copy()
    center[:, columns] += by
    return replace(row, center=center)


def dependent(model: Model, _: np.random.Generator) -> Scenarios:
    """Fields of a source come together, victims share more, findings repeat each other."""
    row = model.base()
    center, sd = row.center.copy(), row.sd.copy()
    center[:, _sorts(model, "correlation")] = 0.95
    more = _sorts(model, "overlap", "repeats") & (center[0] > 0.0)
    center[:, more] = 0.5 + 0.5 * center[:, more]
    sd[:, _sorts(model, "disclosure", "users", "traits")] *= 1.5
    return replace(row, center=center, sd=sd)


def unlinked(model: Model, _: np.random.Generator) -> Scenarios:
    """Further victims belong to the series 0.4 times as often."""
    column = _sorts(model, "linkage")
    center = model.base().center[:, column]
    return _moved(model, column, logit(0.4 * expit(center)) - center)


def biased(logits: float) -> Numbers:
    """All intervals of shares, chains apart, moved one way; which way is drawn for each case."""

    def numbers(model: Model, rng: np.random.Generator) -> Scenarios:
        shares = (n.scale is Scale.PROBABILITY and n.sd > 0.0 for n in model.numbers)
        columns = np.array([*shares]) & ~_sorts(model, "chain")
        return _moved(model, columns, logits if rng.random() < 0.5 else -logits)

    return numbers


def leaning(model: Model, _: np.random.Generator) -> Scenarios:
    """The proposition's sources yield less than stated, all others more, by a logit."""
    mine = model.filled.proposition.sources
    columns = _sorts(model, "disclosure")
    owners = np.array([n.owner in mine for n in model.numbers])[columns]
    return _moved(model, columns, np.where(owners, -1.0, 1.0))


def narrow(model: Model, _: np.random.Generator) -> Scenarios:
    """Every interval is twice as wide."""
    row = model.base()
    return replace(row, sd=2.0 * row.sd)


def overweighted(model: Model, _: np.random.Generator) -> Scenarios:
    """The proposition's sources have a quarter of their weight."""
    paths = {model.filled.weight_of(s).path for s in model.filled.proposition.sources}
    columns = np.array([n.path in paths for n in model.numbers])
    return _moved(model, columns, -np.log(4.0))


def _further(document: Document) -> list[Document]:
    return list(document["victims"][1:])


def _chosen_beforehand(document: Document) -> bool:
    return any(v["known_by"] == "attempt" for v in _further(document))


def singles_only(document: Document) -> Document | None:
    """Single routes, where chains without the platform are possible too."""
    return document | {"routes": "single"} if "library" in document["sources"] else None


def with_chains(document: Document) -> Document:
    """All chains of the pairs that the designs have."""
    pairs = (("platform", "library"), ("osint", "platform"), ("osint", "library"),
             ("library", "osint"))  # fmt: skip
    return document | {"routes": {f"{a}/{b}": 0.2 for a, b in pairs}}


def with_residual(document: Document) -> Document | None:
    """A list of every kind of source, with whatever nobody named."""
    if "library" not in document["sources"]:
        return None
    if "unknown" in document["sources"]:
        return document
    unknown = {"kind": "residual", "weight": 1.0, "reach": [0.2, 0.6], "age": [1, 2000]}
    return _with_source(document, "unknown", unknown) | {"exhaustive": False}


def with_another(document: Document) -> Document:
    """A custodian like the platform, of which the analyst does not know."""
    another = dict(document["sources"]["platform"])
    another["disclosure"] = {
        f: [float(expit(logit(p) + (0.5 if i % 2 else -0.5))) for p in ends]
        for i, (f, ends) in enumerate(another["disclosure"].items())
    }
    return _with_source(document, "elsewhere", another)


def _with_source(document: Document, name: str, source: Document) -> Document:
    """A further source; findings are as probable under it as under those without the platform."""
    findings = []
    for finding in document["findings"]:
        table = finding["likelihood"]
        mean = float(np.mean([p for s, p in table.items() if s != "platform"]))
        findings.append(finding | {"likelihood": {**table, name: mean}})
    return document | {"sources": {**document["sources"], name: source}, "findings": findings}


def users_exposed(document: Document) -> Document | None:
    """Further victims, users of the platform, said to be known because they were exposed."""
    if not _further(document):
        return None
    for v in _further(document):
        v |= {"users_of": ["platform"], "known_by": "exposure"}
    document["actor"]["users"] = {"platform": [0.3, 0.8]} | document["actor"]["users"]
    return document


def users_searched(document: Document) -> Document:
    """The same, found among the users of whom something was published."""
    for v in _further(document):
        v["known_by"] = {"users_of": ["platform"], "published_any": v["disclosed"]}
    return document


def with_register(document: Document) -> Document | None:
    """A case with a library, a register of the platform, and further victims who are its users."""
    if "library" not in document["sources"]:
        return None
    document = users_exposed(document) or document
    for v in document["victims"][:2]:
        v["record"] = [{"of": ["platform"], "agrees": v["disclosed"][:2]}]
    others = {f: [0.3, 0.9] for f in document["fields"]}
    document.setdefault("agreement", {"own": [0.9, 0.99], **others})
    return document


def descended(document: Document) -> Document:
    """The library has the fields that the platform had."""
    platform = document["sources"]["platform"]
    library = document["sources"]["library"] | {
        key: platform[key] for key in ("disclosure", "correlation")
    }
    library.pop("loadings", None)
    return document | {"sources": document["sources"] | {"library": library}}


def with_others(document: Document) -> Document | None:
    """Cases with further victims who were not chosen beforehand."""
    return document if _further(document) and not _chosen_beforehand(document) else None


def loosely_linked(document: Document) -> Document | None:
    """Two or more further victims, of whom it is open whether they belong to the series."""
    if len(_further(document)) < 2 or _chosen_beforehand(document):
        return None
    document["actor"]["linkage"] = [0.2, 0.8]
    return document


def with_findings(document: Document) -> Document | None:
    """Cases in which something was looked for."""
    return document if document["findings"] else None


def all_dated(document: Document) -> Document | None:
    """Several victims, whose phone numbers are all dated."""
    if not _further(document) or not any("dates" in v for v in document["victims"]):
        return None
    for v in document["victims"]:
        v["dates"] = {"phone": {"since": "2023-06-01"}}
    return document


def one_register(filled: Filled) -> Filled:
    """The library has the values of the platform's register too; no case file can say so."""
    groups = [
        replace(g, records=tuple(replace(r, of=(*r.of, "library")) for r in g.records))
        for g in filled.groups
    ]
    return _with_groups(filled, groups)


def _one_of(model: Model, signed: np.ndarray, chosen: np.ndarray, rng: np.random.Generator) -> str:
    """One of the chosen routes, by their prior."""
    weight = np.abs(signed) * chosen
    return model.route_names[int(rng.choice(weight.size, p=weight / weight.sum()))]


def a_chain(model: Model, signed: np.ndarray, rng: np.random.Generator) -> str:
    """A chain, every other time one of the proposition's."""
    chains = np.array([len(r.sources) == 2 for r in model.routes])
    side = signed > 0.0 if rng.random() < 0.5 else signed < 0.0
    return _one_of(model, signed, chains & side, rng)


def another(model: Model, signed: np.ndarray, rng: np.random.Generator) -> str:
    """The proposition's, or the source that nobody named."""
    if rng.random() < 0.5:
        return _one_of(model, signed, signed > 0.0, rng)
    return "elsewhere"


def by_the_library(model: Model, signed: np.ndarray, rng: np.random.Generator) -> str:
    """The proposition's, or one in which the library has a part."""
    if rng.random() < 0.5:
        return _one_of(model, signed, signed > 0.0, rng)
    part = np.array(["library" in name.split("/") for name in model.route_names])
    return _one_of(model, signed, part & (signed < 0.0), rng)


def _with_groups(filled: Filled, groups: list[FilledGroup]) -> Filled:
    return replace(filled, groups=tuple(groups), all_groups=tuple(groups))


def flipped(_: SimulatedCase, filled: Filled, rng: np.random.Generator) -> Filled:
    """Record three in ten traits the wrong way round, those apart that defined a list."""

    def recorded(g: FilledGroup) -> dict[str, float]:
        return {
            k: 1.0 - t if k not in g.known_by.traits and rng.random() < 0.3 else t
            for k, t in g.traits.items()
        }

    return _with_groups(filled, [replace(g, traits=Fixed(recorded(g))) for g in filled.groups])


def users_of_the_library(case: SimulatedCase, filled: Filled, rng: np.random.Generator) -> Filled:
    """Whoever was in the library had been a user of the platform."""
    share = filled.optional("sources.platform.membership")
    if share is None or case.odd or "library" not in case.route.split("/"):
        return filled
    own = share.mean()
    groups = [
        replace(g, users=Fixed({**g.users, "platform": bool(rng.random() < own)}))
        if linked and not g.first and "platform" in g.users
        else g
        for g, linked in zip(filled.groups, case.linked, strict=True)
    ]
    return _with_groups(filled, groups)


def only_what_hurt(_: SimulatedCase, filled: Filled, __: np.random.Generator) -> Filled:
    """Leave out what was withheld, and account links that did not define a list."""
    groups = []
    for g in filled.groups:
        listing = {*g.known_by.published_all, *g.known_by.published_any}
        kept = tuple(f for f in g.disclosed if f != ACCOUNT or f in listing)
        groups.append(replace(g, disclosed=kept, not_disclosed=()))
    return _with_groups(filled, groups)


def only_what_helps(_: SimulatedCase, filled: Filled, __: np.random.Generator) -> Filled:
    """Leave out findings that are less probable under the proposition than elsewhere on average."""
    mine = filled.proposition.sources

    def mean(finding: FilledFinding, *, inside: bool) -> float:
        some = (s.name for s in filled.sources if (s.name in mine) == inside)
        return float(np.mean([finding.likelihood[name].mean() for name in some]))

    kept = tuple(f for f in filled.findings if mean(f, inside=True) > mean(f, inside=False))
    return replace(filled, findings=kept, all_findings=kept)
