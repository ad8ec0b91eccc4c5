"""What the command line says, in English and Chinese."""

from __future__ import annotations

from causation.dossier.labels import speaker

say = speaker("terminal")
