"""What the answer says in a few sentences: a comparison, never a finding; and what it hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.dossier.digits import percent, stated
from causation.dossier.labels import check_language, listed, pick, proposition_label, speaker
from causation.dossier.wording import input_label

if TYPE_CHECKING:
    from causation.dossier.assessment import Assessment


def _say(key: str, lang: str, /, **values: object) -> str:
    said = speaker("headline")(key, check_language(lang), **values)
    return said.replace("[[", "").replace("]]", "")


def headline(a: Assessment, lang: str = "en") -> str:
    """The answer in a few sentences: probability, held probability, comparison, readings.

    Parameters
    ----------
    a : Assessment
    lang : {"en", "zh"}

    Returns
    -------
    str
        Readings that could not be computed are not counted; the case as stated is the first.
    """
    law = "cn" if a.filled.jurisdiction == "cn" else "other"
    bounded = a.filled.proposition.role in ("role", "entrance", "alone")
    probability = _say(
        "probability" if bounded else "probability_plain",
        lang,
        claim=proposition_label(a.filled, check_language(lang)),
        p=percent(a.probability, a.threshold),
        held=percent(a.held.probability, a.threshold),
    )
    parts = [
        probability,
        _say(f"value_{law}", lang, threshold=stated(a.threshold)),
        _readings(a, lang),
        *([_say("compared", lang)] if bounded else []),
        _say(f"court_{law}", lang),
    ]
    return {"en": " ", "zh": ""}[lang].join(parts)


def reading_key(readings: int, above: int) -> str:
    """Which sentence says how many of the readings of the facts lie above the comparison value.

    Examples
    --------
    >>> reading_key(1, 0), reading_key(4, 4), reading_key(4, 1)
    ('readings_only_below', 'readings_all', 'readings_one')
    """
    if readings == 1:
        return f"readings_only_{'above' if above else 'below'}"
    return {0: "readings_none", readings: "readings_all", 1: "readings_one"}.get(above, "readings")


def _readings(a: Assessment, lang: str) -> str:
    rows = [(_say("base", lang), a.held.probability >= a.threshold)]
    rows += [
        (pick(v.label, lang, name=v.id), v.meets)
        for v in a.variants
        if v.kind == "reading" and v.meets is not None
    ]
    below = [label for label, above in rows if not above]
    n, k = len(rows), len(rows) - len(below)
    return _say(reading_key(n, k), lang, n=n, k=k, below=listed(below, lang))


def limits(lang: str = "en") -> str:
    """What the answer is not."""
    return _say("limits", lang)


def uncertainty_sentences(a: Assessment, lang: str = "en") -> tuple[str, str]:
    """Say which inputs carry the uncertainty, and with how many incidents it would halve.

    Parameters
    ----------
    a : Assessment
    lang : {"en", "zh"}
    """
    found = a.uncertainty
    names = (input_label(a.filled, x.path, lang) for x in found.inputs[: found.carrying])
    carry = _say(
        "carry", lang, count=found.carrying, all=len(found.inputs),
        share=percent(found.carried, a.threshold), judged=found.judgements,
        names=listed(names, lang),
    )  # fmt: skip
    key = "no_halving" if found.incidents is None else "halve"
    return carry, _say(key, lang, n=found.incidents)
