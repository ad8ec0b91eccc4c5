"""What the command line says, in English and Chinese."""

from __future__ import annotations

from causation.dossier.labels import speaker

__all__ = ["say"]

say = speaker("terminal")
