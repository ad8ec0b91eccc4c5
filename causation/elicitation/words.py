"""What an elicitation says, in English and Chinese; for the terminal and for notebooks."""

from __future__ import annotations

from causation.dossier.labels import speaker

say = speaker("elicitation")
