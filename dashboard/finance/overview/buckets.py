"""Sums days to weeks or months, so that the columns of a long period stay wide enough to see."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from dashboard.finance.overview.results import DayRow
from dashboard.results import Totals
from logsync.models.logs import TOTALS
from logsync.text import counted

MAX_DAYS, MAX_WEEKS = 400, 160
_SUMS = tuple(TOTALS)


def bucket_size(days: Sequence[DayRow]) -> str:
    """ "day", "week" from Monday, or "month" of the calendar."""
    if len(days) <= MAX_DAYS:
        return "day"
    return "week" if len(days) <= MAX_WEEKS * 7 else "month"


def in_buckets(days: Sequence[DayRow], unit: str) -> list[DayRow]:
    """The days summed by unit, in order. The first and the last unit may be partial."""
    if unit == "day":
        return list(days)
    return [_summed(list(rows)) for _, rows in groupby(days, lambda row: _first_day(row.day, unit))]


def _first_day(day: date, unit: str) -> date:
    return day.replace(day=1) if unit == "month" else day - timedelta(days=day.weekday())


def _summed(rows: Sequence[DayRow]) -> DayRow:
    charges: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for row in rows:
        for value, charge in row.charges.items():
            charges[value] += charge
    incomplete = "; ".join(_reasons(rows))
    return DayRow(
        day=rows[0].day,
        totals=Totals(**{name: sum(getattr(row.totals, name) for row in rows) for name in _SUMS}),
        charges=dict(charges),
        # An incomplete unit is not shown as running.
        is_running=not incomplete and any(row.is_running for row in rows),
        is_closing=not incomplete and any(row.is_closing for row in rows),
        is_future=rows[0].is_future,
        incomplete=incomplete,
        end=rows[-1].day,
    )


def _reasons(rows: Sequence[DayRow]) -> Iterator[str]:
    """ "3 of 7 days: not read yet"."""
    missing = [row.incomplete for row in rows if row.incomplete]
    for reason in dict.fromkeys(missing):
        yield f"{missing.count(reason)} of {counted(len(rows), 'day')}: {reason}"
