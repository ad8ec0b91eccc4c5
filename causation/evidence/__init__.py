"""Kinds of evidence, one to a file.

To add a kind that is seen on victims: write a `VictimEvidence` in a file of its own, add a line
to `KINDS`, and a test. Findings and the security record have no latents and enter through the
prior odds and a factor for each source.
"""

from causation.evidence.base import VictimEvidence
from causation.evidence.disclosure import DISCLOSURE
from causation.evidence.membership import MEMBERSHIP

__all__ = ["KINDS"]

KINDS: dict[str, VictimEvidence] = {
    DISCLOSURE.name: DISCLOSURE,
    MEMBERSHIP.name: MEMBERSHIP,
}
