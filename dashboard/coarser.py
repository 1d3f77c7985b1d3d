"""Long periods in weeks or months: a column of a chart has to be wide enough to be seen."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from dashboard.results import DayRow, Totals

MOST_DAYS, MOST_WEEKS = 400, 160
_SUMS = tuple(field.name for field in fields(Totals))


def unit_for(days: Sequence[DayRow]) -> str:
    """What one column stands for: a day, a week from Monday on, or a calendar month."""
    if len(days) <= MOST_DAYS:
        return "day"
    return "week" if len(days) <= MOST_WEEKS * 7 else "month"


def in_units(days: Sequence[DayRow], unit: str) -> list[DayRow]:
    """The days added up by unit, in order. The first and the last unit have just the days that are there."""
    if unit == "day":
        return list(days)
    return [_added(list(rows)) for _, rows in groupby(days, lambda row: _first_day(row.day, unit))]


def _first_day(day: date, unit: str) -> date:
    return day.replace(day=1) if unit == "month" else day - timedelta(days=day.weekday())


def _added(rows: Sequence[DayRow]) -> DayRow:
    charges: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for row in rows:
        for value, charge in row.charges.items():
            charges[value] += charge
    incomplete = "; ".join(_reasons(rows))
    return DayRow(
        day=rows[0].day,
        totals=Totals(**{name: sum(getattr(row.totals, name) for row in rows) for name in _SUMS}),
        charges=dict(charges),
        # What is missing shows before what is still to come.
        is_running=not incomplete and any(row.is_running for row in rows),
        incomplete=incomplete,
        end=rows[-1].day,
    )


def _reasons(rows: Sequence[DayRow]) -> Iterator[str]:
    """ "3 of 7 days: not read yet"."""
    missing = [row.incomplete for row in rows if row.incomplete]
    for reason in dict.fromkeys(missing):
        yield f"{missing.count(reason)} of {len(rows)} days: {reason}"
