"""Cut the fonts that reports and figures use for Latin text: done once, the result is shipped.

The source is Source Sans Pro (SIL Open Font License), as the package font-source-sans-pro has it.
What is cut may not keep the reserved name, so the family is called Report Sans.

Run with: python tools/cut_fonts.py FOLDER_WITH_SOURCE_SANS_PRO
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Report Sans"
OUT = Path(__file__).resolve().parents[1] / "data" / "fonts"
RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x2010, 0x2044), (0x2070, 0x209F))
SINGLE = "€№™→←↑↓−∞≈≠≤≥×÷·∑√∂∫□■○●◆▲▼✓"


def cut(source: Path, style: str) -> None:
    """Write one style, cut to Latin, Greek and signs, under its own name."""
    options = Options(
        hinting=False, layout_features=["kern", "liga", "tnum", "lnum"], name_IDs=["*"]
    )
    with TTFont(source / f"SourceSansPro-{style}.ttf", recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(
            unicodes={c for lo, hi in RANGES for c in range(lo, hi + 1)}, text=SINGLE
        )
        subsetter.subset(font)
        names = font["name"]
        plain = "Regular" if style == "Regular" else "Bold"
        for record in list(names.names):
            if record.nameID not in {0, 13, 14}:
                names.removeNames(nameID=record.nameID)
        for number, text in (
            (1, FAMILY),
            (2, plain),
            (3, f"{FAMILY} {style}"),
            (4, f"{FAMILY} {plain}"),
            (5, "Version 1.0"),
            (6, f"ReportSans-{plain}"),
        ):
            names.setName(text, number, 3, 1, 0x409)
        if plain == "Bold":
            font["OS/2"].usWeightClass = 700
            font["OS/2"].fsSelection = 0x20
            font["head"].macStyle = 1
        font.save(OUT / f"ReportSans-{plain}.ttf")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    folder = Path(sys.argv[1])
    for style in ("Regular", "Semibold"):
        cut(folder, style)
    shutil.copy(folder / "LICENSE.txt", OUT / "OFL.txt")
