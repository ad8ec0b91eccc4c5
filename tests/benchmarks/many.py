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

import numpy as np

from causation.analyses.redrawn import redrawn_rows
from causation.analyses.sets import models_by_set
from causation.case import Case
from causation.dossier.assessment import assess
from causation.inference.evaluate import evaluate
from causation.inference.integrate import DRAFT, DRAWN, IntegratorSettings
from causation.inference.memo import Memo
from causation.model.structure import Model, build_model
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


HONEST = (("100 different", "neutral", 16), ("100 different", "data-based", 8),
          ("18 groups", "neutral", 16))  # fmt: skip
"""Cases, prior sets and numbers of rows."""


def honest() -> None:
    """Deviations of rows that share proposals from each by itself, in stated errors of both."""
    for name, priors, rows in HONEST:
        base, parent = build_model(CASES[name]()), Memo()
        evaluate(base, memo=parent)
        model = base if priors == "neutral" else models_by_set(base)[priors]
        if not isinstance(model, Model):
            continue
        memo = parent if model is base else Memo(parent)
        evaluate(model, memo=memo)
        groups = [g.id for g in model.filled.groups[3 : 3 + rows]]
        sd = model.filled.elicitation_sd
        for what, asked, settings in (
            ("redrawn", redrawn_rows(model, sd, rows, random_seed=3), DRAWN),
            ("left out", model.without([[f"victims.{g}"] for g in groups]), DRAFT),
        ):
            shared = evaluate(model, asked, settings=settings, memo=memo)
            off: list[float] = []
            for i in range(len(asked)):
                other = IntegratorSettings(random_seed=99 + i)
                alone = evaluate(model, asked.take(np.array([i])), settings=other)
                error = np.hypot(shared.error[i], alone.error[0])
                gap = (shared.log_evidence[i] - alone.log_evidence[0]) / np.log(10.0)
                off += (gap / error).tolist()
            beyond = int((np.abs(off) > 1.96).sum())
            print(f"{name}, {priors}, {what}: {beyond} of {len(off)} beyond 1.96", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--honest", action="store_true", help="whether stated errors are honest")
    arguments = parser.parse_args()
    if arguments.honest:
        honest()
        return
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
