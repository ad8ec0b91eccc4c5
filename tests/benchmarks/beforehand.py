"""What a user can see beforehand: verdicts of cases with a hit, true and false, by world.

Cases of each world whose probability reaches the comparison value are written as case files and
assessed like any other. A false hit whose verdict is "meets, not robustly" says so on its first
page; one that "meets" in every binding variant does not.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.verdict import Verdict
from causation.case import parse_case
from causation.dossier.assessment import assess
from causation.inference.evaluate import evaluate
from causation.inference.integrate import DRAFT
from causation.model.simulation import MARK
from causation.model.structure import build_model
from causation.output import write_whole
from causation.validation.designs import designs
from causation.validation.scoring import THRESHOLD
from causation.validation.worlds import WORLDS, Setting

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup, Window
    from causation.validation.faults import Document

__all__ = ["Seen", "case_file", "of_world", "table"]

MAX_CASES = 1500
"""Cases of a world among which hits are looked for."""


def case_file(document: Document, filled: Filled) -> Document | None:
    """A drawn case as the file that its analyst would write, from that of its design.

    None where nothing was published of somebody who was not chosen beforehand: no file says so.
    """
    said = {v["id"]: v for v in document["victims"]}
    victims = [_victim(said[g.id.partition(MARK)[0]], g) for g in filled.groups]
    if any(not v["disclosed"] and v.get("known_by") != "attempt" for v in victims):
        return None
    made = {f.id: f for f in filled.findings}
    findings = [
        finding
        | {
            "likelihood": {key: n.mean() for key, n in made[finding["id"]].likelihood.items()},
            "count": made[finding["id"]].count,
        }
        for finding in document["findings"]
        if finding["id"] in made
    ]
    result = document | {"victims": victims, "findings": findings}
    if filled.security:
        result["security"] = {
            r.source: {"incidents": {"count": r.incidents, "years": r.years}}
            for r in filled.security
        }
    return result


def _victim(said: Document, g: FilledGroup) -> Document:
    rest = {k: v for k, v in said.items() if k in {"plaintiff", "known_by"}}
    found: dict[str, Any] = {
        "id": g.id.replace(MARK, "_"),
        "disclosed": list(g.disclosed),
        "not_disclosed": list(g.not_disclosed),
        "traits": dict(g.traits),
        "users_of": [c for c, user in g.users.items() if user],
        "not_users_of": [c for c, user in g.users.items() if not user],
        "record": [
            {"of": list(r.of), "agrees": list(r.agrees), "differs": list(r.differs)}
            for r in g.records
        ],
        "dates": {f: _window(w) for f, w in g.dates.items() if f in g.disclosed},
    }
    return rest | {key: value for key, value in found.items() if value or key == "disclosed"}


def _window(window: Window) -> dict[str, str]:
    sides = {"since": window.since, "until": window.until}
    return {key: side[0].isoformat() for key, side in sides.items() if side is not None}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is said of one case with a hit.

    Parameters
    ----------
    world : str
    holds : bool
    verdict : Verdict
    low : float
        Lower end of the range of opinion, with the ratio limited to the validated range.
    missing : tuple of str
        Binding variants that do not reach what they have to.
    """

    world: str
    holds: bool
    verdict: Verdict
    low: float
    missing: tuple[str, ...]


def of_world(name: str, *, hits: int, random_seed: int) -> Iterator[Seen]:
    """Assess so many true and so many false hits of a world, or as many as turn up."""
    world = WORLDS[name]
    rng = np.random.default_rng([random_seed, list(WORLDS).index(name)])
    settings = [s for s in (Setting.of(d, world) for d in designs()) if s is not None]
    wanted = {True: hits, False: hits}
    for i in range(MAX_CASES):
        if not any(wanted.values()):
            return
        setting = settings[i % len(settings)]
        drawn = setting.draw(rng)
        holds = drawn.case.holds()
        if not wanted[holds]:
            continue
        document = case_file(setting.document, drawn.filled)
        answer = evaluate(build_model(drawn.filled), settings=DRAFT)
        if document is None or answer.probability[0] < THRESHOLD:
            continue
        wanted[holds] -= 1
        found = assess(parse_case(json.dumps(document)))
        missing = tuple(
            v.id
            for v in found.variants
            if v.needed is not None and v.held is not None and v.held < v.needed
        )
        yield Seen(name, holds, found.verdict, found.range_of_opinion.held_lo, missing)


def table(seen: Sequence[Seen]) -> str:
    """In Markdown."""
    head = (
        "world", "false hits", "of them robust", "range of opinion reaches below",
        "what fails most often", "true hits", "of them robust",
    )  # fmt: skip
    rows = [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head))]
    for world in dict.fromkeys(s.world for s in seen):
        false = [s for s in seen if s.world == world and not s.holds]
        true = [s for s in seen if s.world == world and s.holds]
        names = [name for s in false for name in s.missing]
        most = sorted(dict.fromkeys(names), key=lambda n: -names.count(n))[:2]
        rows.append(
            f"| {world} | {len(false)} | {_robust(false)} "
            f"| {sum(s.low < THRESHOLD for s in false)} "
            f"| {', '.join(f'{n} ({names.count(n)})' for n in most) or '–'} "
            f"| {len(true)} | {_robust(true)} |"
        )
    return "\n".join(rows) + "\n"


def _robust(seen: Sequence[Seen]) -> int:
    return sum(s.verdict is Verdict.MEETS for s in seen)


def main() -> None:
    """Assess hits of every world, and write a table, renewed after every world."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--hits", type=int, default=10, help="true and false ones of each world")
    parser.add_argument("--world", action="append", help="by default all of them")
    parser.add_argument("--seed", type=int, default=20250723)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table (Markdown)")
    options = parser.parse_args()
    found: list[Seen] = []
    for name in options.world or WORLDS:
        found += of_world(name, hits=options.hits, random_seed=options.seed)
        write_whole(options.output, table(found))


if __name__ == "__main__":
    main()
