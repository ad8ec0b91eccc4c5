"""HTML: one file that asks nothing of the network."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from decimal import Decimal
from functools import cache

from markupsafe import Markup

from causation.document.shipped import data_path
from causation.report.document import Document, block_inlines, plain
from causation.report.fonts import font_file
from causation.report.language import load_language
from causation.report.manifest import MARK, NO_DIGEST, encode, seal
from causation.report.rendering import rendered, template_file

_PIXELS_PER_INCH = 96


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _breakable(html: Markup) -> Markup:
    """The name of an input, which may be broken after its dots and dashes."""
    return Markup(re.sub(r"([._/])(?=\w)(?![^<]*>)", r"\1<wbr>", html))  # noqa: S704 (made here)


def render_html(document: Document) -> bytes:
    """A report as one HTML file with a strict content security policy.

    Figures are vectors with text for those who cannot see them; the script is allowed by its
    digest and computes the interactive form; nothing is loaded from anywhere.
    """
    quantities = document.quantities
    drawings = document.figures
    filters = {
        "breakable": _breakable,
        "definition": lambda key: quantities[key].definition,
        "raw_value": lambda key: quantities[key].value,
        "svg": lambda name: drawings[name].svg,
        "width": lambda name: round(drawings[name].width * _PIXELS_PER_INCH),
        "height": lambda name: round(drawings[name].height * _PIXELS_PER_INCH),
    }
    language = load_language(document.lang)
    script = template_file("explorer.js")
    style = (
        _latin_faces(document.lang)
        + _font_face(_characters(document))
        + template_file("report.css")
    )
    text = rendered(
        "report.html.jinja",
        document,
        filters,
        words={
            key: language.plain(f"analysis.explorer.{key}")
            for key in ("text", "standard", "reset", "robust", "script")
        },
        standard_step=_step(float(document.explorer["threshold"])),
        style=style,
        style_hash=_sha256(style),
        script=script,
        script_hash=_sha256(script),
        explorer_json=_script_data(document.explorer),
        mark=MARK,
        no_digest=NO_DIGEST,
        manifest=encode(document.manifest),
    )
    return seal(text.encode())


_FIRST_WIDE = 0x2E80


def _characters(document: Document) -> str:
    """Chinese characters of a document, each once."""
    parts = [plain(run) for block in document.blocks for run in block_inlines(block)]
    parts += [q.definition for q in document.quantities.values()]
    parts += [*document.words.values(), document.title]
    parts += [str(entry) for entry in load_language(document.lang).entries.values()]
    return "".join(sorted({c for part in parts for c in part if ord(c) >= _FIRST_WIDE}))


@cache
def _latin_faces(lang: str) -> str:
    """Style rules with the typeface of the reports, which the package ships cut.

    In Chinese the quotation marks are those of the Chinese font, as wide as a character.
    """
    without = "unicode-range:U+0-2017,U+201E-2E7F;" if lang == "zh" else ""
    rules = []
    for style, weight in (("Regular", 400), ("Bold", 700)):
        data = base64.b64encode(data_path("fonts", f"ReportSans-{style}.ttf").read_bytes()).decode()
        rules.append(
            f'@font-face{{font-family:"Report Sans";font-weight:{weight};{without}'
            f"src:url(data:font/ttf;base64,{data})}}\n"
        )
    return "".join(rules)


_UNUSED_TABLES = ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "VORG", "vhea", "vmtx"]
"""Of vertical and of special setting; text on a page in one direction needs none."""


@cache
def _font_face(characters: str) -> str:
    """Style rule with those characters of Noto Sans SC, for readers without a Chinese font."""
    if not characters:
        return ""
    from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    options = Options(hinting=False, layout_features=[], name_IDs=[], notdef_outline=True)
    options.drop_tables += _UNUSED_TABLES
    stream = io.BytesIO()
    with TTFont(font_file(), lazy=True, recalcTimestamp=False) as font:
        # without this, names would be made up for all of its glyphs
        font.setGlyphOrder([f"g{k}" for k in range(font["maxp"].numGlyphs)])
        subsetter = Subsetter(options)
        subsetter.populate(text=characters)
        subsetter.subset(font)
        font.save(stream)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'@font-face{{font-family:"Report SC";src:url(data:font/ttf;base64,{data})}}\n'


def _script_data(data: object) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(
        data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _step(threshold: float) -> float:
    """Step of the slider of the standard: a hundredth, or what the threshold needs."""
    decimals = -int(Decimal(repr(threshold)).as_tuple().exponent)
    return float(f"{10.0 ** -min(max(decimals, 2), 6):.6f}")
