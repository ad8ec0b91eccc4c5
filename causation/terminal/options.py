"""The command line itself, and the arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Through which source did personal data leak, how sure can a court be, and why.",
)
DEFAULT_SEED = 20250723


def as_standard(value: str) -> str | float:
    """Read a standard of proof: a threshold, or else an id."""
    try:
        return float(value)
    except ValueError:
        return value


def opt(text: str, *names: str, **more: Any) -> Any:
    """An option with its help text."""
    return typer.Option(*names, help=text, **more)


def arg(text: str, **more: Any) -> Any:
    """An argument with its help text."""
    return typer.Argument(help=text, **more)


def flag(name: str, text: str) -> Any:
    """An option that is there or not."""
    return opt(text, f"--{name}")


def out(text: str, **more: Any) -> Any:
    """The option of what is written."""
    return opt(text, "-o", "--output", **more)


CaseName = Annotated[str, arg("A case file, the id of a bundled case, or -.", show_default=False)]
Priors = Annotated[str | None, opt("Prior set: a name or a file.")]
Standard = Annotated[
    Any, typer.Option(help="Standard: an id, or a number.", parser=as_standard, metavar="<str>")
]
Seed = Annotated[int, opt("Seed.", "--seed", min=0, metavar="<int>")]
In = Annotated[Literal["en", "zh"], opt("Language.", "--lang")]
Output = Annotated[Path, out("File to write, or -.")]
Overwrite = Annotated[bool, flag("overwrite", "Replace an existing file.")]
Json = Annotated[bool, flag("json", "Print one JSON object.")]
