#!/usr/bin/env python3
"""Write the prior sets of the two sides, claimant and respondent, from the neutral one.

The two are mirrors. One rule moves the same numbers by the same amount, a factor of two, in
opposite directions:

    weights        custodian times two for the claimant; the residual's halved
    fields         odds doubled where the custodian holds the field; halved under a leaked library
                   and under public traces
    chains         odds halved of a chain between a leaked library and public traces
    odds ratios    towards a rarer public trail: below 1 the odds OR / (1 - OR) halved, above 1 the
                   excess OR - 1 halved, so that none crosses 1
    actor          odds halved that a person of the hunting ground is a user of the custodian;
                   doubled that a listed further victim belongs to the series

and the reverse for the respondent. An interval is moved as a whole, by at most about half its
width on its scale. What describes the actor's habits, registers, ages, security records and the
quality of evidence is the same in all sets: either side may stand on either side of it, by the
facts of the case. So is what a custodian yields that does not hold a field, and the chain from a
custodian to a library (it spares the claimant a record that lacks a field, and takes from him that
the custodian alone supplied all). The weights of libraries and of public traces are the measure
of the others, since only ratios count.

Run `tools/partisan_sets.py` to write both files, `--check` to see whether they are up to date.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import yaml

PRIORS = Path(__file__).resolve().parent.parent / "data" / "priors"
FACTOR = 2.0
Tree = dict[str, Any]
Keys = tuple[str, ...]

TITLES = {
    "claimant": {"en": "Claimant", "zh": "原告方"},
    "respondent": {"en": "Respondent", "zh": "被告方"},
}
POSITIONS = {
    "claimant": {
        "en": (
            "What a claimant could defend: custodians leak more often than police figures show, "
            "since an insider or an abused interface is seldom found, and what they leak is the "
            "whole record; public trails succeed less often than studies say, above all against "
            "anonymous users, and libraries are old; those exposed by one person in one manner "
            "are one series."
        ),
        "zh": (
            "原告方可以主张的数值：内部人员或接口滥用很少被查获，保管方的泄露比警方数据所示更常见，且泄露的往往是整条记录；"
            "公开信息关联比对的成功率低于研究所称，对匿名用户尤其如此，社工库多已陈旧；被同一人以同一方式公开的人属于同一系列。"
        ),
    },
    "respondent": {
        "en": (
            "What a respondent could defend: leaked libraries and public trails yield more than is "
            "commonly thought, and lead from one to the other; a guarded record rarely leaks "
            "whole; friends, former colleagues and other services are never all named; anonymity "
            "on the front end protects little against a determined searcher; victims listed "
            "together need not be one series, and those who expose others hunt on one service "
            "whatever their source."
        ),
        "zh": (
            "被告方可以主张的数值：社工库和公开信息所得多于通常所认为，且二者往往相互接续；受防护的记录很少整条泄露；朋友、前同事"
            "和其他服务从不会全部被提及；前台匿名难以阻挡执意搜索的人；同时列出的人未必属于同一系列，而且无论信息来自何处，"
            "“开盒”者往往在同一平台上寻找目标。"
        ),
    },
}
RULE = {
    "en": (
        "The sets of the two sides are mirrors: one rule, written in tools/partisan_sets.py, moves "
        "the same numbers of the neutral set by a factor of two in opposite directions: the "
        "weights of custodians and of the residual; the odds of every field under a custodian that "
        "holds it, a leaked library and public traces; of the chains between the last two; of the "
        "odds ratios of traits; of users in the hunting ground; of belonging to the series. All "
        "else is as in the neutral set. The rule was fixed before this model gave any probability."
    ),
    "zh": (
        "双方的先验集互为镜像：依tools/partisan_sets.py所载的同一规则，将中性先验集的同一些数值按两倍反向移动，即保管方和"
        "未知或其他来源的权重，保管该项的保管方、社工库、公开信息关联比对之下各项信息的发生比，后两者之间接续途径的发生比，"
        "各特征的比值比，所寻找人群中用户比例的发生比，以及属同一系列的发生比。其余与中性先验集相同。该规则在本模型计算出任何概率之前确定。"
    ),
}
REASONS = {
    ("weights", "custodian"): {
        1: ("insiders and abused interfaces are seldom found", "内部人员和接口滥用很少被查获"),
        -1: ("insiders are few of the cases cleared up", "已侦破案件中内部人员很少"),
    },
    ("weights", "residual"): {
        1: (
            "a route that nobody can name explains little",
            "无人能够指明的途径说明不了多少",
        ),
        -1: (
            "friends, former colleagues and other services are never all named",
            "朋友、前同事和其他服务从不会全部被提及",
        ),
    },
    ("fields", "custodian_holding"): {
        1: ("a record that leaks mostly leaks whole", "记录一旦泄露，大多整条泄露"),
        -1: ("a guarded record rarely leaks whole", "受防护的记录很少整条泄露"),
    },
    ("fields", "other"): {
        1: (
            "this route yields less than is commonly thought",
            "该途径所得少于通常所认为",
        ),
        -1: (
            "this route yields more than is commonly thought",
            "该途径所得多于通常所认为",
        ),
    },
    ("chains",): {
        1: ("most who have enough do not search on", "已有足够信息者大多不再继续查找"),
        -1: ("what one of the two gives is the key to the other", "其中一方所得即为另一方的检索键"),
    },
    ("odds_ratio",): {
        1: (
            "public trails lead to a person less often than studies say",
            "公开线索指向本人的情形少于研究所称",
        ),
        -1: (
            "public trails lead to a person more often than users think",
            "公开线索指向本人的情形多于用户所想",
        ),
    },
    ("actor", "users"): {
        1: (
            "who has another source has no need to keep to one service",
            "另有来源者无须局限于同一服务",
        ),
        -1: (
            "who exposes people hunts where he lives, whatever his source",
            "“开盒”者在自己常去的地方寻找目标，无论信息来自何处",
        ),
    },
    ("actor", "linkage"): {
        1: (
            "one person and one manner of publication point to one means",
            "同一人、同一公开方式，表明手段同一",
        ),
        -1: (
            "a similar manner of publication does not show one means of obtaining",
            "公开方式相似，并不表明获取手段同一",
        ),
    },
}
CHAINS = ("inference/leaked_library", "leaked_library/inference")


def movement(path: Keys) -> tuple[str, int, dict[int, tuple[str, str]]] | None:
    """How a number is moved for the claimant: (scale, sign, reasons of both sides), or None."""
    match path:
        case ("weights", "custodian"):
            return "weight", 1, REASONS[path]
        case ("weights", "residual"):
            return "weight", -1, REASONS[path]
        case ("fields", _, "custodian_holding"):
            return "odds", 1, REASONS["fields", "custodian_holding"]
        case ("fields", _, "inference" | "leaked_library"):
            return "odds", -1, REASONS["fields", "other"]
        case ("chains", pair) if pair in CHAINS:
            return "odds", -1, REASONS["chains",]
        case ("odds_ratio", _):
            return "odds ratio", -1, REASONS["odds_ratio",]
        case ("actor", "users"):
            return "odds", -1, REASONS[path]
        case ("actor", "linkage"):
            return "odds", 1, REASONS[path]
    return None


def moved(value: float, scale: str, sign: int) -> float:
    """Move one number up (sign 1) or down (-1) by the factor, on its scale.

    Examples
    --------
    >>> moved(0.5, "odds", 1), moved(0.5, "weight", -1), moved(3.0, "odds ratio", 1)
    (0.6667, 0.25, 5.0)
    >>> moved(0.5, "odds ratio", -1)
    0.3333
    """
    times = FACTOR**sign
    if scale == "weight":
        return rounded(value * times)
    if scale == "odds ratio" and value > 1:
        return rounded(1 + (value - 1) * times)
    odds = value / (1 - value) * times
    return rounded_share(odds / (1 + odds))


def rounded(value: float) -> float:
    """Four significant digits."""
    return float(f"{value:.4g}")


def rounded_share(p: float) -> float:
    """Four significant digits of the smaller of p and 1 - p.

    Examples
    --------
    >>> rounded_share(198 / 199), rounded_share(1 / 999)
    (0.994975, 0.001001)
    """
    if p < 0.5:
        return rounded(p)
    rest = rounded(1 - p)
    digits = 3 - math.floor(math.log10(rest))
    return round(1 - rest, digits)


def side(neutral: Tree, name: str) -> Tree:
    """The prior set of one side."""
    own = 1 if name == "claimant" else -1
    note = {lang: f"{POSITIONS[name][lang]}{gap}{RULE[lang]}" for lang, gap in GAPS.items()}
    head = {"schema": neutral["schema"], "id": name, "title": TITLES[name], "note": note}
    rest = {key: part for key, part in neutral.items() if key not in head}
    return head | {key: _moved_part(part, (key,), own) for key, part in rest.items()}


GAPS = {"en": " ", "zh": ""}


def _moved_part(part: Any, path: Keys, own: int) -> Any:
    if not isinstance(part, dict):
        return part
    if "value" not in part:
        return {key: _moved_part(inner, (*path, key), own) for key, inner in part.items()}
    rule = movement(path)
    if rule is None:
        return part
    scale, sign, reasons = rule
    sign *= own
    lo, hi = part["value"]
    value = [moved(end, scale, sign) for end in (lo, hi)]
    return part | {"value": value, "basis": _basis(part, scale, sign, reasons[own])}


def _basis(part: Tree, scale: str, sign: int, reason: tuple[str, str]) -> dict[str, str]:
    lo, hi = (f"{end:g}" for end in part["value"])
    if scale == "weight":
        en, zh = "", ""
    elif scale == "odds ratio" and part["value"][1] > 1:
        en, zh = "the excess over 1 of ", "超出1的部分"
    else:
        en, zh = "the odds of ", "的发生比"
    verb, dong = ("twice", "加倍") if sign > 0 else ("half", "减半")
    base = part["basis"]
    return {
        "en": (
            f"{base['en']}; {verb} {en}the neutral [{lo}, {hi}], as this side would say that "
            f"{reason[0]}"
        ),
        "zh": f"{base['zh']}；中性区间[{lo}, {hi}]{zh}{dong}，该方会主张{reason[1]}",
    }


def written(tree: Tree) -> str:
    """A prior set as YAML: sections as blocks, each number on one line."""
    lines = [
        "# Prior set of one side, written by tools/partisan_sets.py from neutral.yaml: change",
        "# those, not this file.",
    ]
    for key, part in tree.items():
        lines += _block(key, part, 0)
    return "\n".join(lines) + "\n"


def _block(key: str, part: Any, depth: int) -> list[str]:
    pad = "  " * depth
    if not isinstance(part, dict) or "value" in part:
        return [f"{pad}{key}: {_flow(part)}"]
    if not any(isinstance(inner, dict) for inner in part.values()) and depth > 0:
        return [f"{pad}{key}: {_flow(part)}"]
    lines = [f"{pad}{key}:"]
    for name, inner in part.items():
        lines += _block(name, inner, depth + 1)
    return lines


def _flow(part: Any) -> str:
    if isinstance(part, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in part.items()) + "}"
    if isinstance(part, list):
        return "[" + ", ".join(map(_flow, part)) + "]"
    if isinstance(part, str):
        plain = part.isascii() and part.isidentifier()
        return part if plain else json.dumps(part, ensure_ascii=False)
    return f"{part:.10g}"


def texts() -> dict[str, str]:
    """The text of both files, by name of the set."""
    neutral = yaml.safe_load((PRIORS / "neutral.yaml").read_text(encoding="utf-8"))
    return {name: written(side(neutral, name)) for name in TITLES}


def main(arguments: list[str]) -> int:
    """Write both sets, or check that they are as written."""
    stale = False
    for name, text in texts().items():
        path = PRIORS / f"{name}.yaml"
        if arguments == ["--check"]:
            if path.read_text(encoding="utf-8") != text:
                print(f"{path.name} is not what tools/partisan_sets.py writes")
                stale = True
        else:
            path.write_text(text, encoding="utf-8")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
