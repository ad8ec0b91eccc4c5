"""What whoever wrote a case should look at; few, and in both languages.

The words are in ``data/notices.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from causation.case.filled import Notice
from causation.case.library import load_templates
from causation.case.writing import placeholders_left
from causation.document.counted import WIDEST
from causation.document.parts import numbers_in
from causation.document.problems import NoSuchPathError
from causation.document.shipped import said
from causation.document.stated import Stated
from causation.document.terms import SourceKind
from causation.document.writing import plain
from causation.errors import CaseError
from causation.scales import Scale

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from causation.case.filled import Filled, FilledGroup, FilledSource
    from causation.case.schema import Case

MANY = 20
"""Number of further victims from which linkage should not be a default."""
_NAMED = 6
"""Most groups or sources that a notice names."""
_RATES = frozenset({"disclosure", "reach", "users", "traits", "publishes", "agreement"})
_JOINT = {"en": ", ", "zh": "、"}

type _Told = Iterator[tuple[str, dict[str, Any]]]
"""Notices by id, with what is filled in."""


def notices_of(filled: Filled) -> tuple[Notice, ...]:
    """Return the notices of a filled case, in a stable order."""
    told = (row for rule in _RULES for row in rule(filled))
    return tuple(Notice(id, said("notices", id, **names)) for id, names in told)


def future_notice(case: Case, today: date) -> Notice | None:
    """Return the notice of publications that a case states to be after a day, None without one.

    No number depends on it, nor does :func:`notices_of`: what was true of a file stays true. The
    other dates are held to the publication.
    """
    stated = {"incident_date": case.incident_date}
    stated |= {f"victims.{group.id}.posted": group.posted for group in case.victims}
    late = [f"{p}: {when}" for p, when in stated.items() if when and when.first > today]
    if not late:
        return None
    words = said("notices", "published_in_future", paths=_listed(late), today=today)
    return Notice("published_in_future", words)


def _listed(words: Iterable[str]) -> dict[str, str]:
    found = list(words)
    return {language: joint.join(found) for language, joint in _JOINT.items()}


def _names(things: Iterable[FilledGroup | FilledSource]) -> dict[str, str]:
    """Name groups or sources by their labels, the first few where there are many."""
    every, found = list(things), {}
    more = len(every) - _NAMED
    for language, joint in _JOINT.items():
        labels = [thing.label[language] for thing in every]
        if more > 1:
            labels = labels[:_NAMED]
            labels[-1] += f"等{len(every)}组" if language == "zh" else f" and {more} more"
        found[language] = joint.join(labels)
    return found


def _further(filled: Filled) -> list[FilledGroup]:
    return [group for group in filled.groups if not group.first]


def _common(groups: Iterable[FilledGroup]) -> dict[str, list[str]]:
    """What all groups have in common, as `known_by` would state it."""
    shared: dict[str, list[set[str]]] = {"users_of": [], "traits": [], "published_all": []}
    for group in groups:
        shared["users_of"].append({c for c, is_user in group.users.items() if is_user})
        shared["traits"].append({k for k, degree in group.traits.items() if degree == 1.0})
        shared["published_all"].append({*group.disclosed})
    return {key: sorted(set.intersection(*sets)) for key, sets in shared.items()}


def _placeholders(filled: Filled) -> _Told:
    if left := placeholders_left(plain(filled.case)):
        yield "placeholders_left", {"places": _listed(f"{p} ({t})" for p, t in left.items())}


def _known_by(filled: Filled) -> _Told:
    open_ = [group for group in _further(filled) if group.known_by.how == "unstated"]
    if open_:
        lists = [f"{key}: [{', '.join(ws)}]" for key, ws in _common(open_).items() if ws]
        words = f"{{{', '.join(lists)}}}"
        event = said("notices", "known_by_event", words=words) if lists else ""
        yield "known_by_not_stated", {"groups": _names(open_), "event": event}


def _users(filled: Filled) -> _Told:
    held = {s: {*(s.holds or ())} for s in _custodians(filled)}
    published = {f for group in filled.groups for f in group.disclosed}
    shared = [
        s
        for s, fields in held.items()
        if any(fields & others & published for o, others in held.items() if o is not s)
    ]
    without = [s for s in shared if s.name not in filled.custodians]
    if without and len(without) < len(shared):
        yield "users_of_uneven", {"sources": _names(without)}


def _custodians(filled: Filled) -> list[FilledSource]:
    return [s for s in filled.sources if s.kind is SourceKind.CUSTODIAN]


def _common_to_all(filled: Filled) -> _Told:
    listed = [g for g in _further(filled) if g.known_by.how in ("exposure", "list")]
    if sum(g.count for g in listed) < 2:
        return
    common = _common(listed)
    said_of = [g.known_by for g in listed]
    fields = {*common["published_all"]}.difference(*(known.published_all for known in said_of))
    traits = {*common["traits"]}.difference(*(known.traits for known in said_of))
    labels = [filled.labels("fields", name) for name in sorted(fields)]
    labels += [filled.labels("traits", name) for name in sorted(traits)]
    if labels:
        words = {lang: joint.join(text[lang] for text in labels) for lang, joint in _JOINT.items()}
        yield "common_to_all", {"words": words}


def _beside(filled: Filled) -> _Told:
    """Custodians whom the proposition does not name, and who can only dilute the answer."""
    others = [s for s in _custodians(filled) if s.name not in filled.proposition.sources]
    shown = {f for group in filled.groups for f in group.disclosed}
    shown |= {implied for f in shown for implied in filled.implies.get(f, ())}
    if without := [s for s in others if not {*(s.holds or ())} & shown]:
        yield "holds_nothing_published", {"sources": _names(without)}
    listed = [g for g in _further(filled) if g.known_by.how in ("exposure", "list", "unstated")]
    if sum(g.count for g in listed) > 1 and (
        unused := [s for s in others if all(g.users.get(s.name) is False for g in listed)]
    ):
        yield "nobody_uses", {"sources": _names(unused)}


def _templates(filled: Filled) -> _Told:
    holders = {s.name for s in filled.sources if s.holds}
    for finding in filled.findings:
        template = load_templates().get(finding.template or "")
        if template is not None and template.repeats_holds and holders & {*finding.about}:
            yield "template_repeats_holds", {"finding": finding.id}


def _linkage(filled: Filled) -> _Told:
    linkage = filled.optional("actor.linkage")
    latent = [g for g in filled.groups if g.shares_linkage]
    plaintiffs = sum(g.count for g in filled.groups if g.plaintiff)
    many = plaintiffs > 1 or sum(g.count for g in latent) >= MANY
    if latent and many and linkage is not None and linkage.origin != "case":
        yield "default_linkage", {"groups": _names(latent)}


def _rates(filled: Filled) -> _Told:
    bare = [
        n.path
        for n in filled.numbers()
        if n.origin == "case" and n.is_point and n.source is None and n.sort in _RATES
    ]
    if bare:
        yield "rate_without_source", {"paths": _listed(bare)}


def _transaction(filled: Filled) -> _Told:
    holders = [s for s in _custodians(filled) if "transaction" in (s.holds or ())]
    services = {s.one_service or s.name for s in holders}
    if len(holders) > 1 and len(services) > 1:
        yield "one_transaction", {"sources": _names(holders)}


def _non_users(filled: Filled) -> _Told:
    account = filled.account_of
    published = [g for g in filled.groups if filled.shows(g.disclosed, "account_link")]
    denied = [g for g in published if account is not None and g.users.get(account) is False]
    if denied:
        yield "account_of_non_user", {"groups": _names(denied)}


def _reach(filled: Filled) -> _Told:
    if not any(group.known_by.how == "attempt" for group in filled.groups):
        return
    stated = {name: source.reach for name, source in filled.case.sources.items()}
    bare = [n for n, r in stated.items() if not (isinstance(r, Stated) and r.basis is not None)]
    if bare:
        yield "reach_without_basis", {"paths": _listed(bare)}


def _breaches(filled: Filled) -> _Told:
    incident = filled.case.incident_date
    for name, record in filled.case.security.items():
        dates = record.incidents.dates if record.incidents is not None else ()
        if late := [str(when) for when in dates if incident and when.first > incident.last]:
            source = _names([filled.source(name)])
            yield "breach_after_publication", {"source": source, "dates": _listed(late)}


def _variants(filled: Filled) -> _Told:
    for name in filled.case.variants:
        try:
            filled.case.with_variant(name)
        except NoSuchPathError:
            yield "variant_without_place", {"variant": name}
        except CaseError:
            yield "variant_contradicts", {"variant": name}


def _forms(filled: Filled) -> _Told:
    own = {n.path: n for n in filled.numbers() if n.origin == "case"}
    loose = [
        path
        for path, stated in numbers_in(filled.case)
        if stated.form is not None and stated.form.loose and path in own
    ]
    if loose:
        yield "count_without_spread", {"paths": _listed(loose)}
    shares = [n for n in own.values() if n.scale is Scale.PROBABILITY]
    if wide := [n.path for n in shares if n.sd >= WIDEST - 1e-9]:
        yield "all_or_nothing", {"paths": _listed(wide)}


_RULES = (
    _placeholders,
    _known_by,
    _users,
    _common_to_all,
    _beside,
    _templates,
    _linkage,
    _rates,
    _transaction,
    _non_users,
    _reach,
    _breaches,
    _variants,
    _forms,
)
