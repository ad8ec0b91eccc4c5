"""Labels and wording: everything that a reader sees has a name in both languages."""

from __future__ import annotations

import json
import re

import pytest

from causation.analyses.items import evidence_rows, single_rows
from causation.case import Filled, fill, load_case, parse_case
from causation.case.editing import varied_numbers
from causation.dossier.headline import headline
from causation.dossier.labels import (
    LANGUAGES,
    evidence_label,
    group_label,
    pick,
    proposition_label,
    route_label,
    standard_label,
    union_label,
    word,
)
from causation.dossier.wording import input_label, shown_value
from causation.errors import InputError
from causation.model.structure import build_model
from tests.build import document
from tests.handmade import VARIANTS, dossier
from tests.shipped import SHIPPED

EVERYTHING = """
schema: 2
id: everything
jurisdiction: none
standard: 0.75
incident_date: 2024-05-03
proposition: shop
routes: {osint/library: [0.1, 0.5]}
sources:
  shop: {kind: custodian, label: {en: Shop, zh: 商店}, holds: [phone, real_name], membership: 0.99}
  hotel: {kind: custodian, label: {en: Hotel, zh: 酒店}, holds: [phone], one_service: booking}
  vendor: {kind: custodian, label: {en: Vendor, zh: 供应商}, holds: [phone], one_service: booking}
  osint: {kind: inference, reach: 0.2}
  library: {kind: leaked_library, share: 0.4}
  dump: {kind: leaked_library, share: 0.6}
victims:
  - {id: wang_wei, plaintiff: true, disclosed: [phone, real_name], traits: {anonymous: true},
     not_users_of: [hotel], dates: {phone: {since: 2023-06}},
     record: {of: [hotel], agrees: [phone]}}
  - {id: li_si, count: 3, linkage: [0.5, 0.9], disclosed: [phone], traits: {anonymous: 0.5},
     users_of: [shop], known_by: exposure}
  - {id: zhao, disclosed: [phone], known_by: exposure}
security:
  shop: {size: average, incidents: {count: 1, years: 5},
         certification: {scheme: mlps-3, date: 2023, hazard_ratio: [0.3, 0.9]}}
findings:
  - {id: e, about: shop, group: g, overlap: 0.2, reliability: 0.9,
     likelihood: {shop: 0.4, hotel: 0.1, vendor: 0.1, osint: 0.1, library: 0.1, dump: 0.1,
                  unknown: 0.1}}
  - {id: f, about: shop, count: 3, repeats: 0.3, group: g, overlap: 0.2, reliability: 0.9,
     likelihood: {shop: 0.5, hotel: 0.1, vendor: 0.1, osint: 0.1, library: 0.1, dump: 0.1,
                  unknown: 0.1, osint/library: 0.2}}
"""


@pytest.fixture(scope="module")
def everything() -> Filled:
    return fill(parse_case(EVERYTHING))


@pytest.mark.parametrize("name", [*SHIPPED, "everything"])
def test_every_number_has_a_label_in_both_languages(name: str, everything: Filled) -> None:
    filled = everything if name == "everything" else fill(load_case(name))
    paths = {n.path for n in filled.numbers()} | set(varied_numbers(filled))
    assert len(paths) > 10
    seen = set()
    for path in sorted(paths):
        en, zh = (input_label(filled, path, lang) for lang in LANGUAGES)
        assert path not in {en, zh}, path
        assert re.search("[\\u4e00-\\u9fff]", zh), path
        assert not re.search("[\\u4e00-\\u9fff]", en.replace("社工库", "")), path
        assert "_" not in en + zh, path
        assert "{" not in en + zh, path
        seen.add(en)
    assert len(seen) == len(paths)


def test_every_sort_of_number_is_among_them(everything: Filled) -> None:
    """The case for the labels has every sort of number that a case can have."""
    sorts = {n.sort for n in everything.numbers()}
    assert sorts >= {
        "weight", "disclosure", "correlation", "misfit", "odds_ratio", "membership", "age",
        "chain", "publishes", "traits", "users", "linkage", "agreement", "likelihood",
        "reliability", "overlap", "repeats", "security",
    }  # fmt: skip


def test_a_path_that_is_no_input_stands_as_it_is(everything: Filled) -> None:
    for path in ("nothing", "sources.nobody.weight", "sources.shop.what", "actor.x", "victims.a.b"):
        assert input_label(everything, path, "en") == path
    with pytest.raises(InputError, match="allowed: en, zh"):
        input_label(everything, "standard", "fr")


def test_no_person_is_called_by_an_identifier_in_chinese(everything: Filled) -> None:
    names = {g.id: group_label(everything, g.id, "zh", with_size=True) for g in everything.groups}
    assert names == {
        "wang_wei": "原告",
        "li_si": "其他被公开者（第1组）（3人）",
        "zhao": "其他被公开者（第2组）",
    }
    model = build_model(everything)
    for row in (*evidence_rows(model), *single_rows(model)):
        label = evidence_label(everything, row, "zh")
        assert not re.search("wang|li_si|li si|zhao", label)


def test_labels_that_are_stated_win() -> None:
    filled = fill(load_case("bic-2025-doxxing"))
    assert group_label(filled, "co_victims", "zh", with_size=True) == "另外五名用户（5人）"
    assert pick({"en": "only English"}, "zh") == "only English"
    assert (
        route_label(filled, "osint/library", "zh")
        == "先跨平台公开信息关联比对后第三方已泄露数据库（社工库）的接续途径"
    )


PROPOSITIONS = {
    "role": ("Qunar played a role", "趣拿公司（去哪儿网）参与泄露链条"),
    "entrance": ("Qunar was the entrance", "趣拿公司（去哪儿网）为起始来源（最先取得信息之处）"),
    "alone": ("Qunar was the only source", "全部信息仅出自趣拿公司（去哪儿网）"),
    "supplied": ("Qunar supplied phone number and real name",
                 "手机号码和真实姓名出自趣拿公司（去哪儿网）"),
    "sole": ("Qunar alone supplied phone number and real name",
             "手机号码和真实姓名仅出自趣拿公司（去哪儿网）"),
}  # fmt: skip


@pytest.mark.parametrize("role", PROPOSITIONS)
def test_propositions(role: str) -> None:
    claim = {"source": "qunar", "role": role}
    if role in {"supplied", "sole"}:
        claim |= {"fields": ["phone", "real_name"]}  # type: ignore[dict-item]
    filled = fill(load_case("pang-2017").replace(proposition=claim))
    assert tuple(proposition_label(filled, lang) for lang in LANGUAGES) == PROPOSITIONS[role]


def test_a_union_says_at_least_one() -> None:
    filled = fill(load_case("pang-2017"))
    assert union_label(filled, "en") == "at least one of Qunar and China Eastern Airlines"
    assert union_label(filled, "zh") == "趣拿公司（去哪儿网）、东方航空公司其中至少一家"


def test_words_and_standards() -> None:
    assert word("strong", "zh") == "强"
    assert standard_label("0.8", "en") == "as stated"
    assert shown_value((0.1, 0.5)) == "[0.1, 0.5]"
    assert shown_value("neutral") == "neutral"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headline(lang: str) -> None:
    a = dossier()
    text = headline(a, lang)
    readings = [row for row in VARIANTS if row[1] == "reading"]
    above = sum(held >= a.threshold for *_, held in readings) + (a.held.probability >= a.threshold)
    if lang == "en":
        lie = "lies" if above == 1 else "lie"
        assert f"Of {len(readings) + 1} readings of the facts {above} {lie} above it" in text
        assert "no Chinese rule gives 高度可能性 a number" in text
        assert text.endswith("Whether the fact is highly probable is for the court.")
    else:
        assert f"{len(readings) + 1}种事实解读中{above}种高于对照值" in text
        assert "第108条" in text
        assert "认定" not in text
    assert ("Reading silence_others" if lang == "en" else "解读silence_others") in text


def test_headline_elsewhere_names_no_chinese_norm() -> None:
    case = parse_case(json.dumps(document()))
    for lang in LANGUAGES:
        text = headline(dossier(case), lang)
        assert "高度可能性" not in text
        assert "108" not in text
