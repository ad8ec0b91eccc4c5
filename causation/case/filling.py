"""From what a case states to everything that the model needs.

What a case states wins; the rest comes from its prior set, from finding templates or from
inquiries. Every number keeps the path under which a case file would state it, its origin and
its basis.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from causation.case.checking import names_of
from causation.case.evidence_filling import fill_findings, fill_groups, fill_security
from causation.case.files import load_case, prior_set_of
from causation.case.filled import Filled, Proposition
from causation.case.ledger import Ledger, labels
from causation.case.library import default_standards, load_fields, load_standards, load_traits
from causation.case.number_filling import Numbers, fill_sources
from causation.case.priors import PriorSet, load_prior_set
from causation.case.schema import Case
from causation.document.mappings import Fixed
from causation.document.problems import listing, nearest
from causation.document.terms import BearsOn, SourceKind
from causation.errors import CaseError


def fill(
    case: Case | str | Path,
    *,
    priors: str | Path | PriorSet | None = None,
    standard: str | float | None = None,
) -> Filled:
    """Fill every gap of a case.

    Parameters
    ----------
    case : Case, str or Path
        What is stated: a case, its file, or the id of a bundled one.
    priors : str, Path or PriorSet, optional
        Prior set to use in place of the case's own: a name, a path, or a loaded set.
    standard : str or float, optional
        Standard of proof in place of the case's own: an id, or a threshold in (0, 1).

    Returns
    -------
    Filled
        The contract to the model.

    Raises
    ------
    CaseError
        If the prior set or the standard does not exist, the set lacks a number, or the chains
        from one entrance add up to more than 1.

    Examples
    --------
    >>> filled = fill("bic-2025-doxxing", standard=0.9)
    >>> filled.threshold, filled.number("actor.publishes").origin
    (0.9, 'priors:neutral')
    """
    case = case if isinstance(case, Case) else load_case(case)
    chosen = prior_set_of(case) if priors is None else priors
    prior_set = chosen if isinstance(chosen, PriorSet) else load_prior_set(chosen)
    standard_id, threshold = _standard(case, case.standard if standard is None else standard)
    ledger, claim = Ledger(case, prior_set), case.proposition
    sources, everybody = fill_sources(case), fill_groups(case, ledger)
    groups = tuple(g for g in everybody if g.bears_on is BearsOn.SOURCE and g.count)
    numbers = Numbers(case, ledger, sources, groups)
    findings, security = fill_findings(case, ledger), fill_security(case, ledger)
    own = {("fields", f.id): labels(f.label, f.id) for f in case.fields if f.label is not None}
    users = {("users", source.name): source.label for source in sources}
    return Filled(
        case=case,
        priors=prior_set,
        standard_id=standard_id,
        threshold=threshold,
        jurisdiction=case.jurisdiction,
        title=labels(case.title, case.id),
        sources=sources,
        groups=groups,
        all_groups=everybody,
        findings=tuple(f for f in findings if f.bears_on is BearsOn.SOURCE),
        all_findings=findings,
        security=tuple(r for r in security if r.bears_on is BearsOn.SOURCE),
        all_security=security,
        proposition=Proposition(claim.source, claim.role, claim.fields, claim.any, claim.victim),
        account_of=_account_of(case),
        fields=numbers.fields,
        traits=numbers.traits,
        custodians=numbers.custodians,
        implies=names_of(case).implies,
        exhaustive=case.exhaustive,
        single=case.routes == "single",
        background=case.background,
        elicitation_sd=float(prior_set.elicitation_sd.value),
        _numbers=Fixed(ledger.numbers),
        _read=tuple(ledger.read),
        _weights=Fixed(numbers.weights),
        _chains=Fixed(numbers.chains),
        _labels=Fixed(_vocabulary() | own | users),
    )


def _standard(case: Case, standard: str | float | None) -> tuple[str, float]:
    if standard is None:
        standard = default_standards()[case.jurisdiction]
    if not isinstance(standard, str):
        if not 0.0 < standard < 1.0:
            raise CaseError(
                "not a threshold", path="standard", found=str(standard), allowed="0 < number < 1"
            )
        return "custom", float(standard)
    table = {row.id: row.threshold for row in load_standards()}
    if standard not in table:
        raise CaseError(
            "unknown standard",
            path="standard",
            found=nearest(standard, table),
            allowed=f"{listing(table)}, or a threshold in (0, 1)",
        )
    return standard, table[standard]


def _account_of(case: Case) -> str | None:
    """Return the custodian whose account `account_link` is."""
    if case.account_of is not None:
        return case.account_of
    claimed = {name: case.sources[name] for name in case.proposition.source if name in case.sources}
    for name, source in claimed.items():
        if source.kind is SourceKind.CUSTODIAN and "account_link" in (source.holds or ()):
            return name
    return None


@cache
def _vocabulary() -> dict[tuple[str, str], Mapping[str, str]]:
    """Labels of the fields and traits of the vocabulary."""
    found = {("fields", name): term.label for name, term in load_fields().items()}
    return found | {("traits", name): trait.label for name, trait in load_traits().items()}
