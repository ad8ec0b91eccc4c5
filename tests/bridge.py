"""Put the reference's plain problems into the product's `Model`, for comparison."""

from __future__ import annotations

import numpy as np

from causation.case.resolved import Stage
from causation.model.build import Model
from tests.reference import evidence as reference


def model_of(problem: reference.Problem) -> Model:
    """The product's model with exactly the numbers of a reference problem."""
    sources = problem.sources
    size = len(sources)
    items = len(problem.xref)

    def table(name: str, width: int) -> np.ndarray:
        rows = [
            np.broadcast_to(np.asarray(getattr(s, name), float), (width,))
            if np.size(getattr(s, name))
            else np.zeros(width)
            for s in sources
        ]
        return np.array(rows).reshape(size, width)

    fields = int(np.size(sources[0].m))
    custodians = int(np.size(sources[0].member_m))
    groups = problem.groups

    def known(name: str, width: int) -> np.ndarray:
        rows = [
            [np.nan if v is None else float(v) for v in getattr(g, name)] or [np.nan] * width
            for g in groups
        ]
        return np.array(rows, dtype=float).reshape(len(groups), width)

    profiled = np.array([s.kind == "inference" for s in sources])
    pi = np.asarray(problem.pi, float) if np.size(problem.pi) else np.full(size, 1.0 / size)
    return Model(
        case=None,  # type: ignore[arg-type]
        sources=tuple(f"s{i}" for i in range(size)),
        fields=tuple(f"f{i}" for i in range(fields)),
        items=tuple(f"x{i}" for i in range(items)),
        custodians=tuple(f"c{i}" for i in range(custodians)),
        groups=tuple(f"g{i}" for i in range(len(groups))),
        proposition=np.arange(size) == 0,
        log_weight=np.log(pi),
        security=(),
        field_center=table("m", fields),
        field_sd=table("sd", fields),
        correlation=np.array([s.r for s in sources], dtype=float),
        misfit=np.array([s.misfit for s in sources], dtype=float),
        effect_center=table("gamma_m", items) * profiled[:, None],
        effect_sd=table("gamma_sd", items) * profiled[:, None],
        profiled=profiled,
        member_center=table("member_m", custodians),
        member_sd=table("member_sd", custodians),
        reference=np.asarray(problem.xref, float),
        count=np.array([g.n for g in groups], dtype=float),
        linkage=np.array([g.kappa for g in groups], dtype=float),
        disclosed=np.array([g.disclosed for g in groups], dtype=float).reshape(-1, fields),
        withheld=np.array([g.not_disclosed for g in groups], dtype=float).reshape(-1, fields),
        profile=known("profile", items),
        user=known("users_of", custodians),
        group_stage=(Stage.PRIMA_FACIE,) * len(groups),
        finding_groups=(),
        finding_stage={},
        selected=problem.selected,
    )
