"""The closed vocabularies that several kinds of documents share."""

from __future__ import annotations

from enum import StrEnum


class SourceKind(StrEnum):
    """Kind of a candidate source."""

    CUSTODIAN = "custodian"
    LEAKED_LIBRARY = "leaked_library"
    INFERENCE = "inference"
    RESIDUAL = "residual"


class Stage(StrEnum):
    """Stage of the proof at which an item came forward, in order."""

    PRIMA_FACIE = "prima_facie"
    REBUTTAL = "rebuttal"
    REPLY = "reply"


class Party(StrEnum):
    """Who brought the evidence forward."""

    PLAINTIFF = "plaintiff"
    DEFENDANT = "defendant"
    COURT = "court"


class BearsOn(StrEnum):
    """The element of the claim on which an item bears; only ``source`` enters the likelihood."""

    SOURCE = "source"
    CONDUCT = "conduct"
    FAULT = "fault"
    DAMAGE = "damage"
