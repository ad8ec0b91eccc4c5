"""What stands on the figures, in English and Chinese."""

from __future__ import annotations

from causation.dossier.labels import speaker

_say = speaker("plots")


def say(key: str, lang: str, /, **values: object) -> str:
    """Return a text of the figures with its values filled in."""
    return shown(_say(key, lang, **values), lang)


def shown(number: str, lang: str) -> str:
    """Set digits as the language does: the sign of per cent close in Chinese, a true minus.

    Examples
    --------
    >>> shown("79.7 %", "zh"), shown("-1.20", "en")
    ('79.7%', '−1.20')
    """
    text = number if lang == "en" else number.replace(" %", "%")
    return "−" + text[1:] if text.startswith("-") else text
