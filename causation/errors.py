"""What can go wrong, as a tree.

::

    CausationError                     everything raised on purpose
    ├── InputError                     bad input or usage; the command line exits with 2
    │   ├── CaseError                  a case file, prior set or other data file
    │   ├── ImpossibleEvidenceError    the evidence excludes every source
    │   ├── RefusalError               an engine cannot reach its stated accuracy
    │   ├── MissingExtraError          an optional dependency is not installed
    │   └── OutputError                a result cannot be written where it was asked for
    └── (anything else is a failure of ours; the command line exits with 1)
"""

from __future__ import annotations


class CausationError(Exception):
    """Base of every error that the package raises on purpose."""


class InputError(CausationError):
    """Something that the user gave cannot be used; the message says what and why."""


class CaseError(InputError):
    """A case file or another data file cannot be used.

    Parameters
    ----------
    problem : str
        What is wrong, in one sentence, never quoting a personal value.
    file : str or None
        The file, as the user named it.
    line : int or None
        Line in that file, counted from 1.
    path : str or None
        Where in the document, such as ``victims[1].linkage``.
    found, allowed : str or None
        What stands there and what may stand there.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        line: int | None = None,
        path: str | None = None,
        found: str | None = None,
        allowed: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.path = path
        self.found = found
        self.allowed = allowed
        super().__init__(problem)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        head = ": ".join(part for part in (place, self.path) if part)
        text = f"{head}: {self.problem}" if head else self.problem
        if self.found is not None:
            text += f"; found {self.found}"
        if self.allowed is not None:
            text += f"; allowed: {self.allowed}"
        return text


class ImpossibleEvidenceError(InputError):
    """The evidence has probability zero under every source; names what excludes them."""


class RefusalError(InputError):
    """An engine refuses a result that it cannot vouch for, and says which and why."""


class MissingExtraError(InputError):
    """An optional dependency is asked for and not installed.

    Parameters
    ----------
    package : str
        The package that is missing.
    extra : str
        The extra of this project that brings it.
    purpose : str
        What it is needed for.
    """

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(
            f"{purpose} needs the package {package}, which is not installed; "
            f"install it with: pip install 'causation[{extra}]'"
        )


class OutputError(InputError):
    """A result cannot be written where it was asked for; what was there is untouched."""
