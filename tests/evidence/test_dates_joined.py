"""Cells of time over which all is linear are joined; nothing changes but the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from causation.case import build_case
from causation.evidence import cells, dates
from causation.evidence.series import build_series
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model


def dated(*, alike: bool) -> Any:
    """Victims with days and months of their own, or with the same ones."""
    windows: list[dict[str, dict[str, str]]] = [
        {"phone": {"since": "2023-03-01"}},
        {"phone": {"since": "2023-03" if alike else "2023-05", "until": "2024-05"}},
        {"phone": {"since": "2023-03" if alike else "2023-07"}, "email": {"until": "2024-05-02"}},
    ]
    victims: list[Mapping[str, Any]] = [
        {"id": f"v{i}", "plaintiff": i == 0, "disclosed": ["phone", "email"], "dates": w,
         "posted": f"2024-05-0{i + 1}"}
        for i, w in enumerate(windows)
    ]  # fmt: skip
    victims.append({"id": "more", "count": 3, "disclosed": ["phone"], "known_by": "exposure",
                    "dates": {"phone": {"until": "2024-04"}}})  # fmt: skip
    return build_model(build_case("dated", victims=victims, incident_date="2024-05-03"))


@pytest.mark.parametrize("alike", [False, True])
def test_joined_cells_say_the_same(alike: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    model = dated(alike=alike)
    joined = evaluate(model)
    sizes: list[tuple[int, int]] = []
    join = cells.runs_of

    def count(pieces: Any, lone: Any) -> Any:
        sizes.append((len(pieces), len(join(pieces, lone))))
        return [[p] for p in pieces]

    monkeypatch.setattr(dates, "runs_of", count)
    apart = evaluate(dated(alike=alike))
    assert np.allclose(joined.log_evidence, apart.log_evidence, atol=1e-9, rtol=0.0)
    assert np.allclose(joined.posterior, apart.posterior, atol=1e-9)
    whole = max(before for before, _ in sizes)
    least = min(after for before, after in sizes if before == whole)
    assert least < 0.8 * whole
    if alike:  # two people share a window's edge: what is not linear is not joined
        assert least > 8


def test_a_window_of_several_people_is_not_lone() -> None:
    series = build_series(dated(alike=False).filled, lambda _: True)
    facts: list[Any] = [v.facts["dates"] for v in series.victims]
    assert [len(f.lone) for f in facts] == [1, 1, 2, 0]
