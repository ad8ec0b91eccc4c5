"""Analyses that a report prints beside the assessment, each computed when it is first read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from causation.document.shipped import data_path
from causation.report.language import from_yaml

if TYPE_CHECKING:
    from causation.analyses.bounds import RobustBounds
    from causation.analyses.fit import FitCheck
    from causation.analyses.inquiry import InquiryResult
    from causation.analyses.tipping import TippingPoints
    from causation.analyses.tornado import Tornado
    from causation.dossier.assessment import Assessment

FIT_DRAWS = 100
"""Cases simulated for the fit check of a report."""


def _shipped(name: str) -> Mapping[str, Any] | None:
    path = data_path(name)
    return from_yaml(path) if path.is_file() else None


@dataclass(frozen=True, eq=False)
class Results:
    """What is computed beside an assessment."""

    assessment: Assessment

    @cached_property
    def tornado(self) -> Tornado:
        """One input at a time."""
        from causation.analyses.tornado import tornado

        return tornado(self.assessment.model, bound=self.assessment.bound)

    @cached_property
    def tipping(self) -> TippingPoints:
        """The least changes that take the held probability across the comparison value."""
        from causation.analyses.tipping import tipping_points

        return tipping_points(self.assessment.model, bound=self.assessment.bound)

    @cached_property
    def bounds(self) -> RobustBounds:
        """What holds over whole sets of inputs."""
        from causation.analyses.bounds import robust_bounds

        return robust_bounds(self.assessment.model)

    @cached_property
    def fit(self) -> FitCheck:
        """How surprising the evidence is under the best route."""
        from causation.analyses.fit import fit_check

        return fit_check(self.assessment.model, self.assessment.answer, draws=FIT_DRAWS)

    @cached_property
    def inquiry(self) -> InquiryResult:
        """Further evidence by its worth."""
        from causation.analyses.inquiry import inquire

        return inquire(self.assessment.model, bound=self.assessment.bound)

    @cached_property
    def validated_range(self) -> Mapping[str, Any] | None:
        """From what the bound of likelihood ratios was taken; None where nothing limits them."""
        return _shipped("validated_range.yaml")

    @cached_property
    def validation(self) -> Mapping[str, Any] | None:
        """What a run of simulated cases showed, world by world; None where none is on record."""
        return _shipped("validation.yaml")

    @cached_property
    def selftest(self) -> Mapping[str, Any]:
        """Published results, and what ``causation selftest`` found of them."""
        return _shipped("published/reproduced.yaml") or {"date": "", "rows": []}
