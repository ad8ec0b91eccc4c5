"""What whoever wrote a case should look at; few, and in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.case.filled import Notice
from causation.case.library import load_templates
from causation.document.counted import WIDEST
from causation.document.mappings import Fixed
from causation.document.parts import numbers_in
from causation.document.problems import NoSuchPathError
from causation.document.stated import Stated
from causation.document.terms import SourceKind
from causation.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from causation.case.filled import Filled, FilledGroup, FilledSource

__all__ = ["MANY", "notices_of"]

MANY = 20
"""Number of further victims from which linkage should not be a default."""
_NAMED = 6
"""Most groups or sources that a notice names."""
_RATES = frozenset({"disclosure", "reach", "users", "traits", "publishes", "agreement"})


def notices_of(filled: Filled) -> tuple[Notice, ...]:
    """Return the notices of a filled case, in a stable order."""
    return tuple(notice for rule in _RULES for notice in rule(filled))


def _notice(id: str, en: str, zh: str) -> Notice:
    return Notice(id, Fixed({"en": en, "zh": zh}))


def _names(things: Iterable[FilledGroup | FilledSource], language: str) -> str:
    labels = [thing.label[language] for thing in things]
    more = len(labels) - _NAMED
    if more > 1:
        labels = labels[:_NAMED]
        labels[-1] += f"等{more + _NAMED}组" if language == "zh" else f" and {more} more"
    return ("、" if language == "zh" else ", ").join(labels)


def _words(filled: Filled, what: str, names: Iterable[str], language: str) -> str:
    labels = [filled.labels(what, name)[language] for name in names]  # type: ignore[arg-type]
    return ("、" if language == "zh" else ", ").join(labels)


def _further(filled: Filled) -> list[FilledGroup]:
    return [group for group in filled.groups if not group.first]


def _known_by(filled: Filled) -> Iterator[Notice]:
    open_ = [group for group in _further(filled) if group.known_by.how == "unstated"]
    if open_:
        words = _event(open_)
        en = f" If that is what put them there: known_by: {words}." if words else ""
        zh = f"如其系因下列共同点列入名单，请填写 known_by: {words}。" if words else ""
        yield _notice(
            "known_by_not_stated",
            f"How these further victims came to be known is not stated: {_names(open_, 'en')}. "
            f"What put them on the list is no evidence; state known_by.{en}",
            f"下列其他被公开者的知悉方式未载明：{_names(open_, 'zh')}。使其列入名单的特征不是证据，"
            f"请填写 known_by。{zh}",
        )


def _event(groups: list[FilledGroup]) -> str:
    """Write what all of some groups have in common as a case file would."""
    shared = {
        "users_of": set.intersection(
            *({c for c, is_user in g.users.items() if is_user} for g in groups)
        ),
        "traits": set.intersection(*({k for k, t in g.traits.items() if t == 1.0} for g in groups)),
        "published_all": set.intersection(*({*g.disclosed} for g in groups)),
    }
    stated = [f"{key}: [{', '.join(sorted(words))}]" for key, words in shared.items() if words]
    return f"{{{', '.join(stated)}}}" if stated else ""


def _users(filled: Filled) -> Iterator[Notice]:
    custodians = [s for s in filled.sources if s.kind is SourceKind.CUSTODIAN]
    published = {f for group in filled.groups for f in group.disclosed}
    shared = [
        s
        for s in custodians
        if any(
            {*(s.holds or ())} & {*(o.holds or ())} & published for o in custodians if o is not s
        )
    ]
    without = [s for s in shared if s.name not in filled.custodians]
    if without and len(without) < len(shared):
        yield _notice(
            "users_of_uneven",
            "Several custodians hold the same published fields, but whether the victims use them "
            f"is stated of some only; it is missing for: {_names(without, 'en')}.",
            "数家保管方持有相同的已公开信息，但仅就其中部分载明被公开者是否为其用户；未载明的有："
            f"{_names(without, 'zh')}。",
        )


def _common(filled: Filled) -> Iterator[Notice]:
    listed = [g for g in _further(filled) if g.known_by.how in ("exposure", "list")]
    if sum(g.count for g in listed) < 2:
        return
    fields = set.intersection(*({*g.disclosed} - {*g.known_by.published_all} for g in listed))
    traits = set.intersection(
        *({k for k, t in g.traits.items() if t == 1.0} - {*g.known_by.traits} for g in listed)
    )
    if not fields and not traits:
        return
    en, zh = (
        ("、" if language == "zh" else ", ").join(
            part
            for part in (
                _words(filled, "fields", sorted(fields), language),
                _words(filled, "traits", sorted(traits), language),
            )
            if part
        )
        for language in ("en", "zh")
    )
    yield _notice(
        "common_to_all",
        f"All listed further victims have this in common, and it counts as evidence: {en}. "
        "If it is what put them on the list, known_by should say so.",
        f"名单上的其他被公开者均有下列共同特征，且已作为证据计入：{zh}。如其正是列入名单的原因，"
        "应在 known_by 中载明。",
    )


def _templates(filled: Filled) -> Iterator[Notice]:
    holders = {s.name for s in filled.sources if s.holds}
    for finding in filled.findings:
        template = load_templates().get(finding.template or "")
        if template is not None and template.repeats_holds and holders & {*finding.about}:
            yield _notice(
                "template_repeats_holds",
                f"The finding {finding.id} says again what `holds` of its source counts already.",
                f"证据事项 {finding.id} 与其来源的 holds 所计内容重复。",
            )


def _linkage(filled: Filled) -> Iterator[Notice]:
    linkage = filled.optional("actor.linkage")
    latent = [
        g
        for g in filled.groups
        if not g.plaintiff and g.linkage is None and g.known_by.how != "attempt"
    ]
    plaintiffs = sum(g.count for g in filled.groups if g.plaintiff)
    many = plaintiffs > 1 or sum(g.count for g in latent) >= MANY
    if latent and many and linkage is not None and linkage.origin != "case":
        yield _notice(
            "default_linkage",
            "There are many victims, and whether they belong to one series is the default of the "
            f"prior set; state the linkage of: {_names(latent, 'en')}.",
            "人数众多，而是否属于同一系列采用先验集的默认值；请就下列各组填写 linkage："
            f"{_names(latent, 'zh')}。",
        )


def _rates(filled: Filled) -> Iterator[Notice]:
    bare = [
        n.path
        for n in filled.numbers()
        if n.origin == "case" and n.is_point and n.source is None and n.sort in _RATES
    ]
    if bare:
        yield _notice(
            "rate_without_source",
            f"A rate is stated as a single number without a source: {', '.join(bare)}. A single "
            "number says that it is known exactly.",
            f"下列比率以单一数值载明而无出处：{'、'.join(bare)}。单一数值意味着确切已知。",
        )


def _transaction(filled: Filled) -> Iterator[Notice]:
    holders = [
        s
        for s in filled.sources
        if s.kind is SourceKind.CUSTODIAN and "transaction" in (s.holds or ())
    ]
    services = {s.one_service or s.name for s in holders}
    if len(holders) > 1 and len(services) > 1:
        yield _notice(
            "one_transaction",
            f"Several custodians hold the transaction: {_names(holders, 'en')}. Each adds its own "
            "weight; where they are parts of one service, state one_service.",
            f"数家保管方持有该笔交易：{_names(holders, 'zh')}。各家权重相加；如其同属一项服务，"
            "请填写 one_service。",
        )


def _non_users(filled: Filled) -> Iterator[Notice]:
    account = filled.account_of
    denied = [
        g
        for g in filled.groups
        if "account_link" in g.disclosed and account is not None and g.users.get(account) is False
    ]
    if denied:
        yield _notice(
            "account_of_non_user",
            f"An account was published of victims who are stated not to be its users: "
            f"{_names(denied, 'en')}.",
            f"被公开账号者载明并非该账号所属服务的用户：{_names(denied, 'zh')}。",
        )


def _reach(filled: Filled) -> Iterator[Notice]:
    if not any(group.known_by.how == "attempt" for group in filled.groups):
        return
    stated = {name: source.reach for name, source in filled.case.sources.items()}
    bare = [n for n, r in stated.items() if not (isinstance(r, Stated) and r.basis is not None)]
    if bare:
        yield _notice(
            "reach_without_basis",
            f"The reach of these sources is stated without a basis: {', '.join(bare)}. Unequal "
            "widths of ignorance would count as evidence.",
            f"下列来源的波及比例未载明依据：{'、'.join(bare)}。不知情程度的差异会被当作证据。",
        )


def _variants(filled: Filled) -> Iterator[Notice]:
    for name in filled.case.variants:
        try:
            filled.case.with_variant(name)
        except NoSuchPathError:
            yield _notice(
                "variant_without_place",
                f"The variant {name} changes what the case does not have; it has no probability.",
                f"其他解读 {name} 所修改的内容不在本案之中，故无概率。",
            )
        except CaseError:
            yield _notice(
                "variant_contradicts",
                f"The variant {name} contradicts what the case states; it has no probability.",
                f"其他解读 {name} 与本案所载内容矛盾，故无概率。",
            )


def _forms(filled: Filled) -> Iterator[Notice]:
    own = {n.path: n for n in filled.numbers() if n.origin == "case"}
    loose = [
        path
        for path, stated in numbers_in(filled.case)
        if stated.form is not None and stated.form.loose and path in own
    ]
    if loose:
        yield _notice(
            "count_without_spread",
            f"Counts that do not say how incidents differ move the centre only, the spread is that "
            f"of the prior set: {', '.join(loose)}.",
            f"未载明各事件差异的计数只移动中心，离散程度仍取先验集：{'、'.join(loose)}。",
        )
    wide = [n.path for n in own.values() if n.sd >= WIDEST - 1e-9]
    if wide:
        yield _notice(
            "all_or_nothing",
            f"These shares are all or nothing by incident: {', '.join(wide)}. Their interval keeps "
            "the mean and is as wide as is used; two sources, one with and one without the field, "
            "say the same more plainly.",
            f"下列比例在各事件中非全有即全无：{'、'.join(wide)}。其区间保持均值，并取所用的最大宽度；分列为有该项"
            "信息和无该项信息的两个来源，表述更为清楚。",
        )


_RULES = (
    _known_by,
    _users,
    _common,
    _templates,
    _linkage,
    _rates,
    _transaction,
    _non_users,
    _reach,
    _variants,
    _forms,
)
