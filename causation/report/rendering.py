"""What the formats that are written by templates have in common."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from causation.report.document import Document, plain

TEMPLATES = Path(__file__).parent / "templates"


@cache
def template_file(name: str) -> str:
    """A file of the templates, as it is."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def rendered(
    name: str, document: Document, filters: dict[str, Callable[..., Any]], **values: Any
) -> str:
    """Fill a template with a document; what is put in is escaped where the format has markup."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=not name.endswith(".md.jinja"),  # noqa: S701 (Markdown escapes by itself)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "kind": lambda x: type(x).__name__,
        "plain": plain,
        "data": lambda text: base64.b64encode(
            text if isinstance(text, bytes) else text.encode()
        ).decode(),
        **filters,
    }
    return environment.get_template(name).render(doc=document, **values)
