"""What victims and findings must be: alone, and as a series or a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.case.checking import Names, apart, as_written, problem, unknown
from causation.case.library import load_inquiries, load_templates
from causation.document.dates import moments_of
from causation.document.problems import Loc, Problem, listing, nearest, shown
from causation.document.stated import bare
from causation.document.terms import BearsOn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from causation.case.parts import VictimGroup
    from causation.case.schema import Case
    from causation.document.dates import When
    from causation.evidence.entries import DateWindow, Finding, ListedBy, Register


def check_victims(case: Case, names: Names) -> Iterator[Problem]:
    """Find what is wrong with victims."""
    first = case.first_plaintiff
    if (groups := case.series) and first is None:
        yield problem("no_plaintiff", ("victims",), size=len(groups))
    for index, group in enumerate(case.victims):
        loc: Loc = ("victims", index)
        if group.plaintiff and not group.count:
            yield problem("plaintiff_nobody", (*loc, "count"))
        if group.linkage is not None and (group is first or group.plaintiff):
            yield problem("plaintiff_linkage", (*loc, "linkage"), group=group.id)
        yield from _fields(loc, group, names)
        users = {"users_of": group.users_of, "not_users_of": group.not_users_of}
        yield from apart(loc, users, "user_and_not")
        if group is first and group.known_by is not None:
            yield problem("first_known_by", (*loc, "known_by"), group=group.id)
        yield from _known_by(case, (*loc, "known_by"), group, names)
        for place, register in enumerate(group.record):
            yield from _record((*loc, "record", place), register, group, names)
        for field, window in group.dates.items():
            yield from _window(case, (*loc, "dates", field), window, group, names)


def _fields(loc: Loc, group: VictimGroup, names: Names) -> Iterator[Problem]:
    lists = {"disclosed": group.disclosed, "not_disclosed": group.not_disclosed}
    yield from apart(loc, lists | {"redacted": group.redacted})
    for index, field in enumerate(group.not_disclosed):
        for implier in group.disclosed:
            if field in names.implies.get(implier, ()):
                yield problem("implied_not_disclosed", (*loc, "not_disclosed", index),
                              field=shown(field), implier=shown(implier))  # fmt: skip
    attempt = group.known_by is not None and group.known_by.how == "attempt"
    if group.bears_on is BearsOn.SOURCE and group.count and not group.disclosed and not attempt:
        yield problem("nothing_published", (*loc, "disclosed"))


def _known_by(case: Case, loc: Loc, group: VictimGroup, names: Names) -> Iterator[Problem]:
    known = group.known_by
    if known is None:
        return
    if known.how == "attempt":
        for name in names.kinds:
            if name not in case.sources or case.sources[name].reach is None:
                yield problem("attempt_without_reach", loc, name=name)
        if group.linkage is not None:
            yield problem("attempt_with_linkage", (*loc[:-1], "linkage"), group=group.id)
    if known.how == "list":
        yield from _event(loc, known, group, names)


def _event(loc: Loc, known: ListedBy, group: VictimGroup, names: Names) -> Iterator[Problem]:
    """Find where what is stated of a group cannot be so if this event lists it."""
    if not (known.users_of or known.traits or known.published_all or known.published_any):
        yield problem("known_by_nothing", loc)
    published = names.shown(group.disclosed)
    wrong: list[tuple[Loc, str, str]] = []
    for index, field in enumerate(known.published_all):
        if field in names.fields and field not in published:
            found = f"{shown(field)} is not published"
            wrong.append((("published_all", index), found, listing(published)))
    if known.published_any and not published & {*known.published_any}:
        wrong.append((("published_any",), "none of them is published", listing(published)))
    for index, custodian in enumerate(known.users_of):
        if custodian in group.not_users_of:
            found = f"not users of {shown(custodian)}"
            wrong.append((("users_of", index), found, "users of it"))
    for index, trait in enumerate(known.traits):
        if trait in group.traits and not group.traits[trait]:
            wrong.append((("traits", index), f"{shown(trait)} is false", "true"))
    for place, found, allowed in wrong:
        yield problem("not_as_known", (*loc, *place), found, allowed)


def _record(loc: Loc, register: Register, group: VictimGroup, names: Names) -> Iterator[Problem]:
    custodians = listing(names.custodians)
    if not register.of:
        yield problem("register_of_nobody", (*loc, "of"), allowed=custodians)
    for index, name in enumerate(register.of):
        if name not in names.custodians:
            yield problem("register_of_other", (*loc, "of", index), shown(name), custodians)
        if name in register.of[:index]:
            yield problem("twice", (*loc, "of", index), shown(name))
    lists = {key: getattr(register, key) for key in ("agrees", "differs", "not_compared")}
    published = names.shown(group.disclosed)
    for key, words in lists.items():
        for index, field in enumerate(words):
            if field in names.fields and field not in published:
                place = (*loc, key, index)
                yield problem("value_not_published", place, shown(field), listing(published))
    yield from apart(loc, lists)


def _window(
    case: Case, loc: Loc, window: DateWindow, group: VictimGroup, names: Names
) -> Iterator[Problem]:
    since, until = window.since, window.until
    posted, published = group.posted or case.incident_date, names.shown(group.disclosed)
    if (field := str(loc[-1])) not in published:
        yield problem("value_not_published", loc, shown(field), listing(published))
    if since is None and until is None:
        yield problem("window_without_ends", loc)
    if since is not None and until is not None and since.first > until.last:
        yield problem("dates_out_of_order", (*loc, "until"), until=until, since=since)
    elif since is not None and until is not None and _never_before(since, until):
        yield problem("too_coarse_dates", (*loc, "until"), later=until, since=since)
    if posted is None:
        yield problem("not_posted", loc)
    elif since is not None and since.first > posted.last:
        yield problem("later_than_posted", (*loc, "since"), since=since, posted=posted)
    elif since is not None and _never_before(since, posted):
        yield problem("too_coarse_dates", (*loc, "since"), later=posted, since=since)


def _never_before(since: When, later: When) -> bool:
    return moments_of(since.days)[0] >= moments_of(later.days)[-1]


def check_findings(case: Case, names: Names) -> Iterator[Problem]:
    """Find what is wrong with findings, alone and in a group."""
    shared: dict[tuple[str, str], object] = {}
    for index, finding in enumerate(case.findings):
        loc: Loc = ("findings", index)
        yield from _likelihood(case, loc, finding, names)
        if finding.template is not None:
            yield from _template(loc, finding, names)
        elif finding.inquiry is not None:
            yield from _inquiry(loc, finding, names)
        elif finding.likelihood or finding.bears_on is BearsOn.SOURCE:
            yield from _spelled_out(case, loc, finding, names)
        if finding.inquiry is None and finding.outcome is not None:
            yield problem("outcome_of_nothing", (*loc, "outcome"), outcome=finding.outcome)
        if finding.bears_on is BearsOn.SOURCE:
            yield from _unlike(loc, finding, shared)


def _unlike(loc: Loc, finding: Finding, shared: dict[tuple[str, str], object]) -> Iterator[Problem]:
    """Find numbers that differ in a group, whose earlier ones are `shared`."""
    group = finding.group or finding.id
    for key in ("reliability", "overlap"):
        if (stated := getattr(finding, key)) is not None:
            first = shared.setdefault((group, key), bare(stated))
            if first != bare(stated):
                yield problem("unlike_in_group", (*loc, key), key=key, group=group,
                              value=as_written(bare(stated)), first=as_written(first))  # fmt: skip


def _likelihood(case: Case, loc: Loc, finding: Finding, names: Names) -> Iterator[Problem]:
    chaining = {*names.chaining} if case.routes != "single" else set()
    for name in finding.likelihood:
        entrance, slash, second = name.partition("/")
        is_route = slash and entrance != second and {entrance, second} <= chaining
        if name not in names.kinds and not is_route:
            yield unknown((*loc, "likelihood", name), "source or route", name, names.kinds)


def _template(loc: Loc, finding: Finding, names: Names) -> Iterator[Problem]:
    if finding.inquiry is not None:
        yield problem("two_origins", (*loc, "inquiry"))
    template = load_templates().get(str(finding.template))
    if template is None:
        yield unknown((*loc, "template"), "template", str(finding.template), load_templates())
        return
    yield from _about(loc, finding, names, "template", template.about)


def _inquiry(loc: Loc, finding: Finding, names: Names) -> Iterator[Problem]:
    inquiry = load_inquiries().get(str(finding.inquiry))
    if inquiry is None:
        yield unknown((*loc, "inquiry"), "inquiry", str(finding.inquiry), load_inquiries())
        return
    if finding.outcome is None:
        yield problem("no_outcome", (*loc, "outcome"), allowed=listing(inquiry.outcomes))
    elif finding.outcome not in inquiry.outcomes:
        yield unknown((*loc, "outcome"), "outcome", finding.outcome, inquiry.outcomes)
    if inquiry.about:
        yield from _about(loc, finding, names, "inquiry", inquiry.about)
    elif finding.about:
        yield problem("about_nobody", (*loc, "about"), listing(finding.about))


def _about(
    loc: Loc, finding: Finding, names: Names, what: str, kinds: tuple[str, ...]
) -> Iterator[Problem]:
    allowed = [name for name, kind in names.kinds.items() if kind in kinds]
    if not finding.about:
        yield problem(f"needs_about_{what}", (*loc, "about"), allowed=listing(allowed))
    for index, name in enumerate(finding.about):
        if name in names.kinds and name not in allowed:
            place, found = (*loc, "about", index), nearest(name, allowed)
            yield problem(f"wrong_about_{what}", place, found, listing(allowed))


def _spelled_out(case: Case, loc: Loc, finding: Finding, names: Names) -> Iterator[Problem]:
    stated, every = finding.likelihood, names.kinds
    if not stated:
        yield problem("no_origin", loc, finding=finding.id)
        return
    for name in every:
        if name not in stated:
            id = "no_likelihood" if name in case.sources else "no_likelihood_of_added"
            yield problem(id, (*loc, "likelihood"), name=name, all=len(every),
                          stated=len(every.keys() & stated.keys()))  # fmt: skip
    values = {bare(stated[n]) for n in names.chaining if n in stated}
    if not finding.about and case.routes != "single" and len(values) > 1:
        yield problem("about_in_chains", (*loc, "about"), allowed=listing(names.chaining))
