"""The typefaces of a report: files, found without installing anything."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from causation.document.shipped import data_path
from causation.errors import InputError

LATIN = "Report Sans"
"""For everything but Chinese characters: Source Sans Pro, cut (tools/cut_fonts.py)."""

FONT = "Noto Sans SC"
_FONT_FILE = "NotoSansSC-Regular.ttf"


def latin_folder() -> Path:
    """Folder of the files of `LATIN`, which the package ships."""
    return data_path("fonts")


def font_file() -> Path:
    """File of Noto Sans SC (SIL Open Font License), as the package zhplot ships it.

    Raises
    ------
    InputError
        If it is not there.
    """
    found = importlib.util.find_spec("zhplot")
    for folder in (found.submodule_search_locations if found else None) or ():
        path = Path(folder) / "fonts" / _FONT_FILE
        if path.is_file():
            return path
    raise InputError(
        f"this report needs the font {FONT}, which the package zhplot ships and which was not "
        "found; install it with: pip install --force-reinstall zhplot"
    )
