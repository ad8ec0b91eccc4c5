"""Kinds of evidence: the extension point, one kind a file.

A kind is added in a file of its own and by a line in `KINDS`. A kind comes after those whose
facts it reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.evidence.attributes import ATTRIBUTES
from causation.evidence.dates import DATES
from causation.evidence.fields import FIELDS
from causation.evidence.records import RECORDS

if TYPE_CHECKING:
    from causation.evidence.base import Kind

__all__ = ["KINDS"]

KINDS: tuple[Kind, ...] = (FIELDS, ATTRIBUTES, RECORDS, DATES)
"""Kinds that say something about victims. Findings and the security record enter by arithmetic."""
