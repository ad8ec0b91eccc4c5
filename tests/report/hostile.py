"""A case whose texts try to be something else than text, and that states whatever can be stated."""

from __future__ import annotations

from typing import Any

from causation.case import Case

LABELS = {
    "platform": '<script>alert("x")</script>',
    "osint": "=cmd|' /C calc'!A0",
    "vendor": "#panic() *b* _i_ $x$ @ref <lbl> // /* ```",
}
NOTE = "[a](javascript:alert(1)) | cell | <img src=x onerror=alert(2)> &amp; \\ ` # - 1. --> ]]>"
RIGHT_TO_LEFT = "abc\u202edef\u202c \u200bשלום \u2066x\u2069 \x07 😀 emoji"
LONG = "长" * 5000 + "W" * 5000
NAME = "张三丰"
PHONE, ID, MAIL = "13800138000", "11010519491231002X", "someone@example.org"


VARIANT = "</table> </w:t> \\end{x}"


def tree() -> dict[str, Any]:
    return {
        "schema": 2,
        "id": "hostile",
        "title": "<b>Title</b> {{ 7*7 }} ${x} " + RIGHT_TO_LEFT,
        "note": LONG,
        "persons": [{"name": NAME}],
        "jurisdiction": "none",
        "standard": 0.7,
        "exhaustive": True,
        "incident_date": "2023-10-02",
        "citation": [{"text": "cite <u> |", "url": "https://example.org/?a=1&b="}],
        "proposition": {"source": ["platform", "vendor"], "role": "role"},
        "routes": {"osint/vendor": [0.05, 0.2]},
        "sources": {
            "platform": {
                "kind": "custodian", "holds": ["phone", "real_name"], "label": LABELS["platform"],
            },
            "vendor": {"kind": "custodian", "holds": ["phone"], "label": LABELS["vendor"]},
            "osint": {"kind": "inference", "label": LABELS["osint"]},
        },
        "victims": [
            {
                "id": "plaintiff", "plaintiff": True, "label": "= heading\n+ item",
                "disclosed": ["phone", "real_name"], "redacted": ["id_number"],
                "not_disclosed": ["email"], "traits": {"anonymous": 0.8},
                "record": {"of": ["platform"], "agrees": ["phone"], "not_compared": ["real_name"]},
                "dates": {"phone": {"since": "2023-06"}},
                "note": NOTE, "exhibit": "A-1 `x`",
            },
            {"id": "others", "count": 2, "disclosed": ["phone"], "linkage": 0.9},
            {
                "id": "listed", "disclosed": ["phone"], "not_users_of": ["vendor"],
                "known_by": {"published_any": ["phone"]},
            },
        ],
        "security": {
            "platform": {"incidents": {"count": 1, "years": 5}, "certification": "none"},
            "vendor": {
                "certification": {
                    "scheme": "mlps-3", "date": "2023-01-01", "expires": "2024-01-01",
                },
            },
        },
        "findings": [
            {
                "id": "said", "label": f"{NAME} <i>said</i>", "group": "talk",
                "note": f"{NAME} {PHONE}, {ID}; {MAIL}.",
                "about": "platform", "count": 3, "repeats": 0.4,
                "likelihood": {
                    "platform": [0.5, 0.8], "vendor": 0.4, "osint": 0.3,
                    "osint/vendor": 0.35,
                },
            },
            {
                "id": "heard", "group": "talk", "about": "platform",
                "likelihood": {
                    "platform": 0.6, "vendor": 0.4, "osint": 0.4,
                },
            },
        ],
        "variants": {
            "other": {"label": VARIANT, "set": {"victims.others.count": 3}},
            "lost": {"label": "lost", "set": {"victims.nobody.count": 3}},
        },
    }  # fmt: skip


def case() -> Case:
    """All of it; of the list one field, since several in chains cost more than all the rest."""
    return Case.model_validate(tree())
