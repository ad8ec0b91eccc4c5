"""What findings must be, alone and in a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.case.checking import Names, twice, unknown, unknown_items
from causation.case.library import load_inquiries, load_templates
from causation.document.problems import Loc, Problem, listing, nearest
from causation.document.stated import bare
from causation.document.terms import BearsOn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from causation.case.schema import Case
    from causation.evidence.entries import Finding

__all__ = ["check_findings"]


def check_findings(case: Case, names: Names) -> Iterator[Problem]:
    """Find what is wrong with findings."""
    for index, finding in enumerate(case.findings):
        loc: Loc = ("findings", index)
        yield from unknown_items((*loc, "about"), "source", finding.about, names.kinds)
        yield from twice((*loc, "about"), finding.about)
        yield from _likelihood(case, loc, finding, names)
        if finding.template is not None:
            yield from _template(loc, finding, names)
        elif finding.inquiry is not None:
            yield from _inquiry(loc, finding, names)
        elif finding.likelihood or finding.bears_on is BearsOn.SOURCE:
            yield from _spelled_out(case, loc, finding, names)
        if finding.inquiry is None and finding.outcome is not None:
            yield Problem((*loc, "outcome"), "an outcome of no inquiry", finding.outcome,
                          "inquiry: what was asked for", absent=True)  # fmt: skip
    yield from _groups(case)


def _likelihood(case: Case, loc: Loc, finding: Finding, names: Names) -> Iterator[Problem]:
    chaining = {*names.chaining} if case.routes != "single" else set()
    for name in finding.likelihood:
        entrance, slash, second = name.partition("/")
        is_route = slash and entrance != second and {entrance, second} <= chaining
        if name not in names.kinds and not is_route:
            yield unknown((*loc, "likelihood", name), "source or route", name, names.kinds)


def _template(loc: Loc, finding: Finding, names: Names) -> Iterator[Problem]:
    if finding.inquiry is not None:
        yield Problem((*loc, "inquiry"), "a finding has one origin", "a template and an inquiry",
                      "one of the two")  # fmt: skip
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
        yield Problem((*loc, "outcome"), "an inquiry without its outcome", "nothing",
                      listing(inquiry.outcomes), absent=True)  # fmt: skip
    elif finding.outcome not in inquiry.outcomes:
        yield unknown((*loc, "outcome"), "outcome", finding.outcome, inquiry.outcomes)
    if inquiry.about:
        yield from _about(loc, finding, names, "inquiry", inquiry.about)
    elif finding.about:
        yield Problem((*loc, "about"), "this inquiry is about no source", listing(finding.about),
                      "no about")  # fmt: skip


def _about(
    loc: Loc, finding: Finding, names: Names, what: str, kinds: tuple[str, ...]
) -> Iterator[Problem]:
    allowed = [name for name, kind in names.kinds.items() if kind in kinds]
    if not finding.about:
        yield Problem((*loc, "about"), f"the {what} needs the source that it is about", "nothing",
                      listing(allowed), absent=True)  # fmt: skip
    for index, name in enumerate(finding.about):
        if name in names.kinds and name not in allowed:
            yield Problem(
                (*loc, "about", index), f"not a source that this {what} can be about",
                nearest(name, allowed), listing(allowed),
            )  # fmt: skip


def _spelled_out(case: Case, loc: Loc, finding: Finding, names: Names) -> Iterator[Problem]:
    if not finding.likelihood:
        yield Problem(loc, "a finding without template, inquiry or likelihood", finding.id,
                      "template, inquiry, or likelihood for every source", absent=True)  # fmt: skip
        return
    for name in names.kinds:
        if name not in finding.likelihood:
            added = "" if name in case.sources else " (which is added)"
            yield Problem(
                (*loc, "likelihood"), f"no likelihood for the source {name}{added}",
                f"{len(names.kinds.keys() & finding.likelihood.keys())} of {len(names.kinds)}",
                "every source, the residual included",
            )  # fmt: skip
    values = {bare(finding.likelihood[n]) for n in names.chaining if n in finding.likelihood}
    if finding.about or case.routes == "single" or len(values) < 2:
        return
    yield Problem(
        (*loc, "about"), "chains are possible and the values differ: which source of a chain "
        "the finding is about must be stated", "nothing", listing(names.chaining), absent=True,
    )  # fmt: skip


def _groups(case: Case) -> Iterator[Problem]:
    stated: dict[tuple[str, str], object] = {}
    for index, finding in enumerate(case.findings):
        if finding.bears_on is not BearsOn.SOURCE:
            continue
        for key, value in (("reliability", finding.reliability), ("overlap", finding.overlap)):
            place = (finding.group or finding.id, key)
            if value is None:
                continue
            if stated.setdefault(place, bare(value)) != bare(value):
                yield Problem(
                    ("findings", index, key),
                    f"the findings of one group state different {key}",
                    _said(bare(value)),
                    f"the same in the whole group {place[0]}: {_said(stated[place])}",
                )


def _said(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)
