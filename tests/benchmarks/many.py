"""What victims that all differ cost: ``python -m tests.benchmarks.many``.

Processor time of one process and its largest memory, for tables of which every row is another.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import datetime as dt
import random
import resource
import time
from typing import Any

from causation.case import Case
from causation.dossier.assessment import assess
from tests.benchmarks.engine import different

__all__ = ["CASES", "table"]


def table(count: int = 40, *, groups: int | None = None, dated: bool = False) -> Case:
    """A case from a table of further victims of one incident, the first row the plaintiff's.

    Parameters
    ----------
    count : int
        Rows.
    groups : int, optional
        How many different ones there are beside the plaintiff's; every row another by default.
    dated : bool
        Whether some of the numbers are the true ones only from a date on.
    """
    rng = random.Random(5)  # noqa: S311
    kinds: dict[tuple[Any, ...], dict[str, Any]] = {}
    while len(kinds) < (groups or count - 1):
        row: dict[str, Any] = {"users_of": ["platform"]}
        known = {
            f: rng.choices([True, False, None], [p, 0.15, 0.85 - p])[0]
            for f, p in (("phone", 0.6), ("real_name", 0.4), ("id_photo", 0.15), ("email", 0.3))
        }
        known["phone"] = known["phone"] or (dated and len(kinds) in {4, 11, 30})
        row["disclosed"] = ["account_link", *(f for f, x in known.items() if x)]
        hidden = {f for f, x in known.items() if x is False}
        row["not_disclosed"] = sorted(hidden - ({"real_name"} if known["id_photo"] else set()))
        row["traits"] = rng.choices([{"anonymous": True}, {"anonymous": False}, {}], [8, 1, 1])[0]
        sure = rng.choice([0.8, 0.9, 0.95, None])
        row |= {} if sure is None else {"linkage": sure}
        row["posted"] = dt.date(2024, 5, 3) + dt.timedelta(days=rng.randrange(9) if dated else 0)
        if dated and len(kinds) in {4, 11, 30}:
            since = dt.date(2021, 1 + len(kinds) % 12, 1)
            row["dates"] = {"phone": {"since": since.isoformat()}}
        row["known_by"] = {"published_all": ["account_link"]}
        kinds.setdefault(tuple(map(str, row.values())), row)
    entries = [
        {**row, "id": f"g{i}", "count": 1 + (groups is not None and i < count - 1 - groups)}
        for i, row in enumerate(kinds.values())
    ]
    first = {"id": "p", "plaintiff": True, "disclosed": ["account_link", "phone", "real_name"],
             "traits": {"anonymous": True}, "posted": dt.date(2024, 5, 3)}  # fmt: skip
    tree = {
        "schema": 2, "id": "table", "jurisdiction": "none", "standard": 0.75,
        "incident_date": "2024-05-03", "proposition": "platform",
        "sources": {"platform": {"kind": "custodian",
                    "holds": ["account_link", "phone", "real_name", "id_photo", "email"]}},
        "victims": [first, *entries],
    }  # fmt: skip
    return Case.model_validate(tree)


CASES = {
    "10 groups": lambda: table(11),
    "18 groups": lambda: table(40, groups=18),
    "39 groups, dated": lambda: table(40, dated=True),
    "100 different": lambda: different(100).filled.case,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--parts", action="store_true")
    arguments = parser.parse_args()
    for name in arguments.cases or CASES:
        start = time.process_time()
        a = assess(CASES[name]())
        print(
            f"{name}: the answer {time.process_time() - start:.2f} s, "
            f"P {a.probability:.4f}, errors {a.answer.error.max():.4f}",
            flush=True,
        )
        if arguments.parts:
            for part in (
                "roles",
                "propositions",
                "victims",
                "claimants",
                "compared",
                "variants",
                "redraws",
                "sets",
                "burden",
                "prior_curve",
                "shifts",
                "uncertainty",
                "carriers",
            ):
                before = time.process_time()
                getattr(a, part)
                print(f"  {part}: {time.process_time() - before:.2f} s", flush=True)
        a.to_dict()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name}: assess {time.process_time() - start:.1f} s, {memory:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
