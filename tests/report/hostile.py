"""A case whose texts try to be something else than text."""

from __future__ import annotations

import copy
from typing import Any

from causation.case import Case
from tests.build import BASE

LABELS = {
    "platform": '<script>alert("x")</script>',
    "osint": "=cmd|' /C calc'!A0",
    "unknown": "#panic() *b* _i_ $x$ @ref <lbl> // /* ```",
}
NOTE = "[a](javascript:alert(1)) | cell | <img src=x onerror=alert(2)> &amp; \\ ` # - 1. --> ]]>"
RIGHT_TO_LEFT = "abc\u202edef\u202c \u200bשלום \u2066x\u2069 \x07 😀 emoji"
LONG = "长" * 5000 + "W" * 5000
NAME = "张三丰"
PHONE, ID, MAIL = "13800138000", "11010519491231002X", "someone@example.org"


def tree() -> dict[str, Any]:
    document = copy.deepcopy(BASE)
    document["title"] = "<b>Title</b> {{ 7*7 }} ${x} " + RIGHT_TO_LEFT
    document["note"] = LONG
    document["persons"] = [{"name": NAME}]
    for name, label in LABELS.items():
        document["sources"][name]["label"] = label
    document["victims"][0]["label"] = "= heading\n+ item"
    document["victims"][0]["note"] = NOTE
    document["victims"][0]["exhibit"] = "A-1 `x`"
    document["findings"][0]["label"] = f"{NAME} <i>said</i>"
    document["findings"][0]["note"] = f"{NAME} {PHONE}, {ID}; {MAIL}."
    document["citation"] = [{"text": "cite <u> |", "url": "https://example.org/?a=1&b=<"[:25]}]
    return document


def case() -> Case:
    return Case.model_validate(tree())
