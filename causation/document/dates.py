"""Dates as documents state them: a day, a month, or a year."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

DAYS_PER_YEAR = 365.25

PARTS, HOURS = 12, 24
_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class When:
    """A stated date: the first and the last day that it can mean.

    Examples
    --------
    >>> when = When.read("2021-11")
    >>> str(when), when.last.day, when.middle.isoformat()
    ('2021-11', 30, '2021-11-15')
    """

    first: dt.date
    last: dt.date

    @classmethod
    def read(cls, value: object) -> When | None:
        """Read a day, a month or a year; None where the value is none of them."""
        if isinstance(value, When):
            return value
        if isinstance(value, dt.datetime):
            value = value.date()
        if isinstance(value, dt.date):
            return cls(value, value)
        if isinstance(value, int) and not isinstance(value, bool):
            value = f"{value:04d}"
        match = _FORM.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            return None
        year, month, day = (None if part is None else int(part) for part in match.groups())
        try:
            return cls._between(year or 0, month, day)
        except ValueError:  # no such day
            return None

    @classmethod
    def _between(cls, year: int, month: int | None, day: int | None) -> When:
        if month is None:
            return cls(dt.date(year, 1, 1), dt.date(year, 12, 31))
        if day is not None:
            return cls(dt.date(year, month, day), dt.date(year, month, day))
        last = calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 0
        return cls(dt.date(year, month, 1), dt.date(year, month, last))

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day."""
        return self.first, self.last

    @property
    def middle(self) -> dt.date:
        """The day in the middle, the earlier of two."""
        return self.first + (self.last - self.first) // 2

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        if (self.first.month, self.last.month) == (1, 12):
            return f"{self.first.year:04d}"
        return f"{self.first.year:04d}-{self.first.month:02d}"


def moments_of(days: tuple[dt.date, dt.date]) -> tuple[float, ...]:
    """Equally likely moments of what is known to a day or to less, in days (ordinal).

    They are the hours of a day, or twelve parts of a longer time.
    """
    start, end = float(days[0].toordinal()), float(days[1].toordinal() + 1)
    points = HOURS if days[0] == days[1] else PARTS
    return tuple(start + (end - start) * (i + 0.5) / points for i in range(points))
