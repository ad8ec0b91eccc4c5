"""Rows that agree are found as one by one."""

from __future__ import annotations

import numpy as np
import pytest

from causation.inference import alike
from causation.inference.alike import Alike


@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("rows", [1, 2, 40, 65, 700])
@pytest.mark.parametrize("values", [1, 2, 5, 10**6])
def test_rows_that_agree_are_those_that_have_the_same_numbers(
    rows: int, values: int, mixed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even should the codes of unlike rows be the same."""
    if not mixed:
        monkeypatch.setattr(alike, "_codes", lambda x, _: np.zeros(x.shape, np.uint64))
    rng = np.random.default_rng(rows + values)
    center, sd = rng.integers(0, values, (2, rows, 4)) / 7.0
    sd[:, 1] = 0.5
    more = rng.integers(0, 2, (rows, 2)) * 0.1
    both = Alike(center, sd)
    chosen = rng.permutation(rows)[: max(1, rows - 3)]
    for columns in ([], [0], [1, 3], [0, 1, 2, 3]):
        for extra in ((), (more[chosen],)):
            known: dict[bytes, int] = {}
            expected = [
                known.setdefault(
                    b"".join(
                        x.tobytes()
                        for x in (center[r, columns], sd[r, columns], *(e[n] for e in extra))
                    ),
                    len(known),
                )
                for n, r in enumerate(chosen)
            ]
            first, back = both.of(columns, chosen, *extra)
            assert back.tolist() == expected
            assert first.tolist() == [expected.index(n) for n in range(len(known))]
