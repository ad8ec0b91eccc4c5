"""The Beijing case with the neutral numbers, written by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tests.reference.cases import (
    CUSTODIAN,
    INFERENCE,
    LIBRARY,
    RESIDUAL,
    Case,
    KnownBy,
    Num,
    Victim,
    chance,
    positive,
)

HOLDING = {
    "account_link": (0.55, 0.99),
    "phone": (0.55, 0.99),
    "real_name": (0.55, 0.99),
    "id_number": (0.4, 0.98),
    "id_photo": (0.2, 0.95),
    "home_address": (0.4, 0.98),
    "transaction": (0.5, 0.98),
}
NOT_HOLDING = {
    "account_link": (0.02, 0.4),
    "phone": (0.02, 0.4),
    "real_name": (0.05, 0.5),
    "id_number": (0.01, 0.2),
    "id_photo": (0.002, 0.05),
    "home_address": (0.05, 0.4),
    "transaction": (0.001, 0.05),
}
OSINT = {
    "account_link": (0.1, 0.7),
    "phone": (0.05, 0.5),
    "real_name": (0.1, 0.6),
    "id_number": (0.01, 0.2),
    "id_photo": (0.002, 0.05),
    "home_address": (0.05, 0.4),
    "transaction": (0.001, 0.05),
}
LEAKED = {
    "account_link": (0.05, 0.5),
    "phone": (0.5, 0.98),
    "real_name": (0.5, 0.98),
    "id_number": (0.4, 0.95),
    "id_photo": (0.01, 0.3),
    "home_address": (0.2, 0.8),
    "transaction": (0.005, 0.1),
}
IMPLIES = {"id_photo": frozenset({"real_name", "id_number", "birth_date", "face_photo"})}
SOURCES = {"platform": CUSTODIAN, "osint": INFERENCE, "library": LIBRARY, "unknown": RESIDUAL}
HELD = ("account_link", "phone", "real_name", "id_photo")
WEIGHT = {CUSTODIAN: (0.5, 2), INFERENCE: (1, 4), LIBRARY: (2, 8), RESIDUAL: (0.25, 1)}
CHAIN = {
    (INFERENCE, LIBRARY): (0.1, 0.5),
    (CUSTODIAN, LIBRARY): (0.05, 0.35),
    (LIBRARY, INFERENCE): (0.05, 0.35),
}


EXPOSURE = KnownBy()


def centre(interval: tuple[float, float]) -> float:
    return math.sqrt(interval[0] * interval[1])


def middle(interval: tuple[float, float]) -> float:
    return 1.0 / (1.0 + math.exp(-chance(*interval)[0]))


def neutral(
    sources: Mapping[str, str] = SOURCES,
    held: Mapping[str, tuple[str, ...]] | None = None,
    victims: tuple[Victim, ...] = (),
    **more: Any,
) -> Case:
    """A case with the neutral numbers."""
    held = {"platform": HELD} if held is None else held
    share: dict[tuple[str, str], Num] = {}
    other: dict[tuple[str, str], Num] = {}
    for s, kind in sources.items():
        for f in HOLDING:
            if kind == CUSTODIAN:
                row = HOLDING if f in held.get(s, ()) else NOT_HOLDING
                other[s, f] = chance(*NOT_HOLDING[f])
            elif kind == RESIDUAL:
                continue
            else:
                row = OSINT if kind == INFERENCE else LEAKED
            share[s, f] = chance(*row[f])
    set_weight = {k: centre(v) for k, v in WEIGHT.items()}
    chain = {k: middle(v) for k, v in CHAIN.items()}
    base: dict[str, Any] = {
        "sources": sources,
        "weight": {s: set_weight[k] for s, k in sources.items()},
        "kind_weight": set_weight,
        "set_weight": set_weight,
        "chain": chain,
        "set_chain": chain,
        "share": share,
        "share_not_user": other,
        "victims": victims,
        "correlation": dict.fromkeys(sources, 0.5),
        "loading": {(s, "account_link"): -0.5 for s, k in sources.items() if k == LIBRARY},
        "misfit": {s: 0.0 if k == RESIDUAL else 0.02 for s, k in sources.items()},
        "odds_ratio": {
            (s, k): positive(*iv)[0]
            for s, kind in sources.items()
            if kind == INFERENCE
            for k, iv in {
                "anonymous": (0.1, 0.9),
                "handle_reuse": (1.2, 8),
                "public_traces": (1.2, 10),
            }.items()
        },
        "own": {s: 0.995 for s, k in sources.items() if k == CUSTODIAN},
        "age": {
            s: {
                CUSTODIAN: positive(0.5, 90),
                LIBRARY: positive(250, 3800),
                INFERENCE: positive(0.5, 1500),
                RESIDUAL: positive(1, 3000),
            }[k]
            for s, k in sources.items()
        },
        "vague_age": positive(1, 3000),
        "publishes": chance(0.5, 0.95),
        "traits": {k: chance(0.05, 0.95) for k in ("anonymous", "handle_reuse", "public_traces")},
        "users": {s: chance(0.3, 0.95) for s, k in sources.items() if k == CUSTODIAN},
        "linkage": chance(0.7, 0.98),
        "agreement_own": chance(0.9, 0.995),
        "agreement": {
            "real_name": chance(0.85, 0.99),
            "birth_date": chance(0.85, 0.99),
            "id_number": chance(0.9, 0.995),
            "phone": chance(0.6, 0.95),
            "home_address": chance(0.3, 0.8),
            "transaction": chance(0.005, 0.06),
            "id_photo": chance(0.3, 0.9),
            "account_link": chance(0.3, 0.9),
            "face_photo": chance(0.3, 0.9),
        },
        "implies": IMPLIES,
        "account_of": "platform" if "platform" in sources else None,
        "proposition": ("platform",),
    }
    return Case(**(base | more))


PLAINTIFF = Victim(
    "plaintiff", plaintiff=True, published=HELD, users={"platform": True}, traits={"anonymous": 1.0}
)


def five(known_by: KnownBy = EXPOSURE, **more: Any) -> Victim:
    base: dict[str, Any] = {
        "count": 5,
        "published": ("account_link",),
        "users": {"platform": True},
        "traits": {"anonymous": 1.0},
    }
    return Victim("five", known_by=known_by, **(base | more))
