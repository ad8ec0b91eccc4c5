"""Hostile inputs: shipped cases mutated, and cases made up from the whole grammar.

Everything is a function of a `random.Random`, so that one number reproduces an input; Hypothesis
supplies the randomness in the tests (and shrinks what it finds), a seed in the long run.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import yaml

from causation.case import (
    bundled_cases,
    data_path,
    load_fields,
    load_inquiries,
    load_templates,
    starter_case,
)
from causation.document.reading import read_document
from tests.reference.random_cases import SHAPES, random_tree

__all__ = ["MUTATIONS", "shipped_texts", "write"]

_FRAGMENTS = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\x1b[2J\x1b]0;x\x07",
    "\u202e".encode(), "\u2028".encode(), b"\r", b"\t", b"\n", b"&a [*a, *a]", b"*a", b"&a ",
    b"!!python/object/apply:os.system ['true']", b"!!binary aGk=", b"<<: *a", b"--- ", b"\n...\n",
    b"? [a, b]\n: c", b"[" * 400, b"{a: " * 40, b"{" * 5000, b"- " * 300, b"9" * 400, b"1e999",
    b".nan", b"-.inf", b"0x10", b"1_000", b"0o17", b"12:30:45", b"null", b"~", b"yes", b"'", b'"',
    b"|\n  ", b">-\n", b"%YAML 9.9\n", b"{{7*7}}", b"=cmd|' /C calc'!A0", b"<script>1</script>",
    b"../../../etc/passwd", b"/dev/zero", b"/dev/stdin", b"-1", b"1e-300", b"1e300", b"[0, 1]",
)  # fmt: skip

_NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 0.0, 1.0, -0.0, 0.5, 0.999999999999, 1e-6, 1e-12, 1e-300, 5e-324, 1e300,
    1.7976931348623157e308, 10**6, 10**7, 10**9, 10**17, 2**63, [0, 0], [0, 1], [1, 1], [0.5, 0.5],
    [1e-300, 1e-299], [1e-12, 1 - 1e-12], [0.0, 0.5], [0.5, 1.0], [1e-9, 1e9], [0.2, 0.1], [0.1],
    [0.1, 0.2, 0.3], [1e-6, 0.5], [0.9, 0.999999],
)  # fmt: skip

_ODD: tuple[Any, ...] = (
    True, False, "", " ", "x", "platform", "unknown", "no", "phone", [], {}, [[]], [[[]]], {"x": 1},
    ["phone"], ["phone", "phone"], {"platform": 0.5}, [True], "2023-10-02", "9999-12-31",
    "0001-01-01", 1, 9999, "a" * 5000, "=1+1", "\u4e2d\u6587", "e\u0301", "\U0001f600", "../x.yaml",
    "exposure", "attempt", "none", "single", "osint/library", {"users_of": ["platform"]},
    {"value": [0.2, 0.8], "basis": "x"}, {"value": 0.5, "status": "S", "n": 3}, {"value": []},
    {"since": "2024-02-30"}, {"since": 2020, "until": 2010}, {"set": {"standard": 2}},
    {"en": "x"}, {"xx": "x"}, [{"text": "x"}], {"count": 1, "years": 0}, {"date": 2014},
)  # fmt: skip


@cache
def shipped_texts() -> tuple[str, ...]:
    """Every bundled case and the starter cases, as texts."""
    names = [data_path("cases", f"{name}.yaml") for name in bundled_cases()]
    starters = (starter_case(), starter_case("zh"))
    return (*(path.read_text(encoding="utf-8") for path in names), *starters)


@cache
def _trees() -> tuple[dict[str, Any], ...]:
    return tuple(read_document(text).tree for text in shipped_texts())


def write(tree: Any, rng: random.Random) -> bytes:
    """A tree as JSON or YAML, whatever is in it."""
    if rng.random() < 0.5:
        return json.dumps(tree, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    return str(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)).encode()


# --- mutations of shipped cases ----------------------------------------------------------------


def mutated_bytes(rng: random.Random) -> bytes:
    """Bytes flipped, cut, spliced, and fragments put in."""
    data = bytearray(rng.choice(shipped_texts()).encode())
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0 if at < len(data):
                data[at] = rng.randrange(256)
            case 1:
                data[at:at] = rng.choice(_FRAGMENTS)
            case 2:
                del data[at : at + rng.randint(1, 200)]
            case 3:
                other = rng.choice(shipped_texts()).encode()
                start = rng.randrange(len(other))
                data[at:at] = other[start : start + rng.randint(1, 400)]
            case _:
                data = data[:at] if rng.random() < 0.2 else data
    return bytes(data)


def mutated_lines(rng: random.Random) -> bytes:
    """Lines doubled, dropped, moved, indented."""
    lines = rng.choice(shipped_texts()).splitlines(keepends=True)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        match rng.randrange(4):
            case 0:
                lines.insert(at, rng.choice(lines))
            case 1 if len(lines) > 1:
                del lines[at]
            case 2:
                lines[at] = " " * rng.randint(1, 8) + lines[at]
            case _:
                lines[at] = lines[at].lstrip(" ")
    return "".join(lines).encode()


def _places(tree: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    found = [path] if path else []
    for key, value in inner:
        found += _places(value, (*path, key))
    return found


def _at(tree: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def mutated_structure(rng: random.Random) -> bytes:
    """Subtrees deleted, doubled, moved, and replaced by what does not belong there."""
    tree = copy.deepcopy(rng.choice(_trees()))
    for _ in range(rng.randint(1, 3)):
        places = _places(tree)
        if not places:
            break
        path = rng.choice(places)
        parent, key = _at(tree, path[:-1]), path[-1]
        match rng.randrange(5):
            case 0:
                del parent[key]
            case 1 if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[int(key)]))
            case 2:
                parent[key] = copy.deepcopy(_at(tree, rng.choice(places)))
            case 3 if isinstance(parent, dict):
                parent[rng.choice(["x", "", "\x1b[31m", "a" * 300, str(key) + "s"])] = parent.pop(
                    key
                )
            case _:
                parent[key] = copy.deepcopy(rng.choice(_ODD))
    return write(tree, rng)


def mutated_numbers(rng: random.Random) -> bytes:
    """Numbers and intervals replaced by numbers at the edge."""
    tree = copy.deepcopy(rng.choice(_trees()))
    numbers = [
        p for p in _places(tree)
        if p != ("schema",)
        and not isinstance(_at(tree, p), bool)
        and (isinstance(_at(tree, p), int | float) or _is_interval(_at(tree, p)))
    ]  # fmt: skip
    if numbers and rng.random() < 0.5:
        path = rng.choice(numbers)
        _at(tree, path[:-1])[path[-1]] = copy.deepcopy(rng.choice(_NUMBERS))
    for _ in range(rng.randint(1, 3)):
        _add_number(tree, rng)
    return write(tree, rng)


def _is_interval(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(x, float) for x in value)


def _add_number(tree: dict[str, Any], rng: random.Random) -> None:
    """State a number that the case leaves to its prior set."""
    wild = rng.random() < 0.2
    value = copy.deepcopy(rng.choice(_NUMBERS)) if wild else _probability(rng)
    source = tree["sources"][rng.choice(list(tree["sources"]))]
    victim = rng.choice(tree["victims"]) if tree.get("victims") else {}
    fields = [*victim.get("disclosed", []), *victim.get("not_disclosed", []), "phone"]
    match rng.randrange(8):
        case 0:
            source["weight"] = value if wild else _positive(rng)
        case 1:
            source.setdefault("disclosure", {})[rng.choice(fields)] = value
        case 2:
            source[rng.choice(["correlation", "misfit"])] = value if wild else rng.random()
        case 3:
            victim["count"] = value if wild else 10 ** rng.randint(0, 7)
        case 4:
            victim["linkage"] = value
        case 5:
            tree.setdefault("actor", {})[rng.choice(["publishes", "linkage"])] = value
        case 6:
            tree["routes"] = {f"{rng.choice(list(tree['sources']))}/library": value}
        case _:
            tree["standard"] = value if wild else rng.random()


# --- cases made up -----------------------------------------------------------------------------


def _probability(rng: random.Random) -> Any:
    match rng.randrange(8):
        case 0:
            return rng.choice([1e-6, 1e-3, 0.5, 0.999, 1 - 1e-9, 1e-300])
        case 1:
            x = rng.uniform(1e-9, 1 - 1e-9)
            return [x, x]
        case 2 | 3:
            return round(rng.uniform(0.001, 0.999), 3)
        case _:
            lo, hi = sorted((rng.uniform(1e-6, 0.99), rng.uniform(1e-6, 0.999999)))
            return [lo, hi]


def _positive(rng: random.Random) -> Any:
    lo, hi = sorted((10 ** rng.uniform(-6, 6), 10 ** rng.uniform(-6, 6)))
    return [lo, hi] if rng.random() < 0.6 else lo


def _sometimes(rng: random.Random, tree: dict[str, Any], key: str, value: Any) -> None:
    if rng.random() < 0.35:
        tree[key] = value


def _source(rng: random.Random, kind: str, fields: list[str]) -> dict[str, Any]:
    source: dict[str, Any] = {"kind": kind}
    if kind in ("custodian", "residual"):  # members of a kind have one weight together
        _sometimes(rng, source, "weight", _positive(rng))
    if kind == "residual":
        return source
    traits = rng.sample(["anonymous", "handle_reuse", "public_traces"], rng.randint(1, 3))
    edge = [0, 1, rng.random(), 1e-12, 1 - 1e-12]
    for key, value in (
        ("correlation", rng.choice(edge)),
        ("misfit", rng.choice([0, 1, rng.random(), 1e-9])),
        ("disclosure", {f: _probability(rng) for f in rng.sample(fields, min(3, len(fields)))}),
        ("loadings", {rng.choice(fields): rng.choice([-1, 1, 0, rng.uniform(-1, 1)])}),
        ("age", _positive(rng)),
    ):
        _sometimes(rng, source, key, value)
    if kind == "custodian":
        _sometimes(rng, source, "membership", rng.choice([0, 1, _probability(rng)]))
        _sometimes(rng, source, "disclosure_not_user", {rng.choice(fields): _probability(rng)})
    if kind in ("custodian", "leaked_library"):
        _sometimes(rng, source, "holds", rng.sample(fields, rng.randint(0, len(fields))))
    if kind == "inference":
        _sometimes(rng, source, "odds_ratio", {t: _positive(rng) for t in traits})
    return source


def _known_by(rng: random.Random, group: dict[str, Any], custodians: list[str]) -> Any:
    shown = group["disclosed"]
    listed: dict[str, Any] = {"published_any": rng.sample(shown, rng.randint(1, len(shown)))}
    _sometimes(rng, listed, "published_all", rng.sample(shown, 1))
    _sometimes(rng, listed, "users_of", rng.sample(custodians, 1))
    _sometimes(rng, listed, "traits", ["anonymous"])
    return rng.choice(["exposure", listed, listed])


def _group(rng: random.Random, name: str, fields: list[str], custodians: list[str]) -> Any:
    shuffled = rng.sample(fields, len(fields))
    cut, end = sorted((rng.randint(1, len(fields)), rng.randint(1, len(fields))))
    group: dict[str, Any] = {"id": name, "disclosed": shuffled[:cut]}
    degrees = [True, False, 0, 1, 0.5, rng.random()]
    first = name == "v0"
    rest = shuffled[end:]
    user = rng.choice(["users_of", "not_users_of"])
    if first:
        group["plaintiff"] = True
    else:
        _sometimes(rng, group, "linkage", rng.choice([0, 1, _probability(rng)]))
        _sometimes(rng, group, "known_by", _known_by(rng, group, custodians))
        _sometimes(rng, group, "count", rng.choice([0, 1, 2, 5, 100, 10_000, 10**6, 10**9]))
        _sometimes(rng, group, "bears_on", rng.choice(["source", "source", "fault"]))
    for key, value in (
        ("not_disclosed", shuffled[cut:end]),
        ("redacted", rest[: rng.randint(0, len(rest))]),
        ("traits", {i: rng.choice(degrees) for i in rng.sample(["anonymous", "handle_reuse"], 1)}),
        (user, rng.sample(custodians, 1)),
        ("stage", rng.choice(["prima_facie", "rebuttal", "reply"])),
        ("record", _record(rng, group["disclosed"], custodians)),
        ("dates", {rng.choice(group["disclosed"]): _window(rng)}),
        ("posted", rng.choice(["2023-10-02", "2023-11", 2023, "1900-01-01", "2200-12-31"])),
    ):
        _sometimes(rng, group, key, value)
    return group


def _record(rng: random.Random, shown: list[str], custodians: list[str]) -> dict[str, Any]:
    verdict = {f: rng.choice(["agrees", "agrees", "differs", "not_compared"]) for f in shown}
    keys = ("agrees", "differs", "not_compared")
    return {"of": custodians[:1], **{k: [f for f in shown if verdict[f] == k] for k in keys}}


def _window(rng: random.Random) -> dict[str, Any]:
    since = rng.choice(["2023-09-01", "2023-06", 2020, "1900-01-01"])
    return rng.choice([{"since": since}, {"until": "2023-09"}, {"since": since, "until": 2023}])


def _about_custodians(table: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, row in table.items() if "custodian" in row.about)


def _finding(rng: random.Random, name: str, sources: list[str], custodians: list[str]) -> Any:
    finding: dict[str, Any] = {"id": name, "about": rng.sample(custodians, 1)}
    match rng.randrange(4):
        case 0:
            finding["template"] = rng.choice(_about_custodians(load_templates()))
        case 1:
            inquiry = rng.choice(_about_custodians(load_inquiries()))
            finding["inquiry"] = inquiry
            finding["outcome"] = rng.choice(sorted(load_inquiries()[inquiry].outcomes))
        case _:
            finding["likelihood"] = {
                s: rng.choice([0, 1, *[_probability(rng)] * 6]) for s in sources
            }
    for key, value in (
        ("reliability", rng.choice([0, 1, _probability(rng)])),
        ("group", rng.choice(["g", "h"])),
        ("repeats", rng.choice([0, 1, rng.random()])),
        ("count", rng.choice([1, 2, 50, 10**6])),
        ("overlap", rng.choice([0, 0.5, rng.random() / 2, 0.6])),
        ("stage", rng.choice(["prima_facie", "rebuttal", "reply"])),
    ):
        _sometimes(rng, finding, key, value)
    return finding


def _security(rng: random.Random) -> dict[str, Any]:
    record: dict[str, Any] = {"size": rng.choice(["large", "average", "small"])}
    certificate = {"scheme": "x", "date": 2014, "expires": rng.choice([2015, 2030])}
    years = rng.choice([0, 1e-9, 5, 1000])
    for key, value in (
        (
            "incidents",
            {"count": rng.choice([0, 3, 10**6]), "years": years},
        ),
        ("breach_rate", {"shape": 10 ** rng.uniform(-9, 9), "rate": 10 ** rng.uniform(-9, 9)}),
        ("detection", _probability(rng)),
        ("certification", rng.choice(["none", certificate])),
    ):
        _sometimes(rng, record, key, value)
    return record


def _proposition(rng: random.Random, names: list[str], shown: list[str]) -> Any:
    some = rng.sample(names, rng.randint(1, len(names) - 1))
    role = rng.choice(["role", "entrance", "alone", "supplied", "sole"])
    claim: dict[str, Any] = {"source": some, "role": role}
    if role in ("supplied", "sole"):
        claim |= {
            "fields": rng.sample(shown, rng.randint(1, len(shown))),
            "any": rng.random() < 0.5,
        }
    return rng.choice([some, some, claim, claim])


def made_up(rng: random.Random) -> bytes:
    """A case from the whole grammar with numbers at the edge, often a valid one."""
    fields = rng.sample(sorted(load_fields()), rng.randint(1, 5))
    others = ["custodian", "inference", "leaked_library"]
    kinds = ["custodian", *(rng.choice(others) for _ in range(rng.randint(1, 3)))]
    names = [f"s{i}" for i in range(len(kinds))]
    custodians = [n for n, k in zip(names, kinds, strict=True) if k == "custodian"][:2]
    sources = {n: _source(rng, k, fields) for n, k in zip(names, kinds, strict=True)}
    exhaustive = rng.random() < 0.4
    if not exhaustive and rng.random() < 0.5:
        names.append("rest")
        sources["rest"] = _source(rng, "residual", fields)
    count = rng.choice([0, 1, 1, 2, 2, 3])
    victims = [_group(rng, f"v{i}", fields, custodians) for i in range(count)]
    there = {source["kind"] for source in sources.values()}
    added = {"leaked_library": "library", "inference": "osint", "residual": "unknown"}
    every = [*sources, *(n for k, n in added.items() if not exhaustive and k not in there)]
    tree: dict[str, Any] = {
        "schema": 2,
        "id": "made-up",
        "jurisdiction": rng.choice(["cn", "us", "uk", "jp"]),
        "proposition": _proposition(rng, names, victims[0]["disclosed"] if victims else fields),
        "exhaustive": exhaustive,
        "sources": sources,
        "victims": victims,
        "findings": [
            _finding(rng, f"f{i}", every, custodians) for i in range(rng.choice([0, 0, 1, 2, 4]))
        ],
    }
    pairs = [f"{a}/{b}" for a in names for b in names if a != b and "rest" not in (a, b)]
    if rng.random() < 0.8:
        tree["incident_date"] = rng.choice([2024, "2023-10-02", "2023-11"])
    for key, value in (
        ("routes", rng.choice(["single", {rng.choice(pairs): rng.choice([0, 1, 0.3])}])),
        ("priors", rng.choice(["neutral", "claimant", "respondent"])),
        ("standard", rng.choice([0.5, 1e-9, 1 - 1e-9, "cn-high-probability"])),
        ("actor", {"publishes": _probability(rng), "traits": {"anonymous": _probability(rng)}}),
        ("fields", rng.sample(sorted(load_fields()), 2)),
        ("security", {custodians[0]: _security(rng)}),
        ("background", {rng.choice(names): rng.choice([1e-9, 1, 1e9])}),
        ("agreement", {"own": _probability(rng)}),
        ("variants", {"other": {"set": {"victims.v0.traits": {"anonymous": True}}}}),
    ):
        _sometimes(rng, tree, key, value)
    return write(tree, rng)


def ordinary(rng: random.Random) -> bytes:
    """A valid case of some shape, with numbers such as people state."""
    return write(random_tree(rng.randrange(10**6), rng.choice(SHAPES)), rng)


MUTATIONS: dict[str, Callable[[random.Random], bytes]] = {
    "bytes": mutated_bytes,
    "lines": mutated_lines,
    "structure": mutated_structure,
    "numbers": mutated_numbers,
    "made_up": made_up,
    "ordinary": ordinary,
}
