"""Tables of an assessment as data frames."""

from __future__ import annotations

import pandas as pd
import pytest

from causation.case import load_case
from causation.dossier.assessment import Assessment
from causation.dossier.tables import TABLES, to_frame
from causation.errors import InputError
from tests.handmade import VARIANTS, dossier


@pytest.fixture(scope="module")
def beijing() -> Assessment:
    return dossier()


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_a_frame(name: str, beijing: Assessment) -> None:
    frame = beijing.to_frame(name)
    assert isinstance(frame, pd.DataFrame)
    assert not frame.empty
    assert all(frame.index.names)
    assert frame.index.is_unique


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_a_case_without_victims(name: str) -> None:
    case = load_case("bic-2025-doxxing").replace(victims=[])
    assert isinstance(to_frame(dossier(case), name), pd.DataFrame)


def test_frames_hold_the_numbers(beijing: Assessment) -> None:
    a = beijing
    routes = to_frame(a, "routes")
    assert routes.posterior.to_dict() == dict(a.posterior)
    assert routes.loc["osint/library", "entrance"] == "osint"
    sources = to_frame(a)
    assert sources.role.tolist() == [a.propositions[s]["role"] for s in a.sources]
    assert sources.prior_entrance.sum() == pytest.approx(1.0)
    provenance = to_frame(a, "provenance")
    assert (
        provenance.loc[("phone", "library"), "supplied"]
        == a.propositions["library"]["supplied"]["phone"]
    )
    ratios = to_frame(a, "likelihood_ratios")
    assert ratios.loc["rest", "log10_lr"] == a.likelihood_ratio_rest.log10
    assert ratios.log10_lr_held.abs().max() <= (a.bound or 0.0)
    variants = to_frame(a, "variants")
    assert variants.held.tolist() == [row[-1] for row in VARIANTS]
    assert to_frame(a, "contributions").shapley_bans.sum() == pytest.approx(a.contributions.total)
    assert len(to_frame(a, "inputs")) == len(a.filled.numbers())
    assert to_frame(a, "redraws").held.tolist() == a.redraws.held.tolist()
    assert to_frame(a, "if_wrong").loc[("", "neutral"), "held"] == 0.55
    assert to_frame(a, "carriers").index[0] == "sources.platform.weight"
    with pytest.raises(InputError, match="no table 'nothing'"):
        a.to_frame("nothing")
