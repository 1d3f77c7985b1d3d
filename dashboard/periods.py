"""Periods: names for ranges of report days, the ranges before and beside them. Both ends are always included.

A period that is still running ends today. Weeks begin on Monday. No Django.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from start to end. Only the span of all days has no start."""

    start: date | None
    end: date

    @property
    def length(self) -> int:
        """Days in the span; 0 where it has no start."""
        return 0 if self.start is None else (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The days of a running or finished span that are over, beside as many of the span before it.

    `until_now`: no day is over yet, so both sides are a first day up to the same time of day.
    """

    now: Span
    before: Span
    partial: bool
    until_now: bool


def _month_start(day: date, months: int = 0) -> date:
    """The first day of the month that lies this many months later."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _unit_of_months(months: int, offset: int) -> Callable[[date], Span]:
    def span(today: date) -> Span:
        first = _month_start(today, -((today.month - 1) % months) + offset * months)
        return Span(first, _month_start(first, months) - ONE_DAY)

    return span


def _week(offset: int) -> Callable[[date], Span]:
    def span(today: date) -> Span:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        return Span(monday, monday + timedelta(days=6))

    return span


def _last_days(count: int) -> Callable[[date], Span]:
    return lambda today: Span(today - timedelta(days=count - 1), today)


DEFAULT_PERIOD = "last-30-days"
ALL = "all"

# Whole units, beyond today where they are running: what `span_of` cuts off and `unit_before` needs whole.
_SPANS: dict[str, tuple[str, Callable[[date], Span]]] = {
    "today": ("Today", _last_days(1)),
    "yesterday": ("Yesterday", lambda today: Span(today - ONE_DAY, today - ONE_DAY)),
    "last-7-days": ("Last 7 days", _last_days(7)),
    "last-14-days": ("Last 14 days", _last_days(14)),
    "last-30-days": ("Last 30 days", _last_days(30)),
    "last-90-days": ("Last 90 days", _last_days(90)),
    "last-365-days": ("Last 365 days", _last_days(365)),
    "this-week": ("This week", _week(0)),
    "last-week": ("Last week", _week(-1)),
    "this-month": ("This month", _unit_of_months(1, 0)),
    "last-month": ("Last month", _unit_of_months(1, -1)),
    "this-quarter": ("This quarter", _unit_of_months(3, 0)),
    "last-quarter": ("Last quarter", _unit_of_months(3, -1)),
    "this-year": ("This year", _unit_of_months(12, 0)),
    "last-year": ("Last year", _unit_of_months(12, -1)),
    ALL: ("All time", lambda today: Span(None, today)),
}
PERIODS: dict[str, str] = {name: label for name, (label, _) in _SPANS.items()}
_MONTHS_OF_UNITS = frozenset({1, 3, 12})


def span_of(period: str, today: date) -> Span:
    """The days of a period named in PERIODS, up to today."""
    span = _SPANS[period][1](today)
    return Span(span.start, min(span.end, today))


def elapsed(period: str | None, span: Span, today: date) -> Elapsed | None:
    """What to compare: the span with as many days directly before it.

    A running span counts only its days that are over, against the first days of the span before. For this-week,
    this-month, this-quarter and this-year that is the unit before, and both sides are cut to the shorter one: the 31st
    of March has no partner in February. None when there is nothing to compare: no start, or all lies in the future.
    """
    if span.start is None or span.start > today:
        return None
    over = span.length if span.end < today else (today - span.start).days
    first = _start_before(period, span, today)
    days = max(1, min(over, (span.start - first).days))
    return Elapsed(
        now=_days_from(span.start, days),
        before=_days_from(first, days),
        partial=span.end >= today,
        until_now=over == 0,
    )


def stepped(period: str | None, span: Span, steps: int, today: date) -> Span | None:
    """The span so many steps later (negative: earlier): by whole weeks, months, quarters or years where the span is
    one, else by its own length. None for all days, and for what would begin after today.

    A running unit keeps its end beyond today, so that stepping back from it leads to where one came from.
    """
    unit = _SPANS[period][1](today) if period in _SPANS else span
    moved = _moved(unit, steps)
    return None if moved.start is None or moved.start > today else moved


def _moved(span: Span, steps: int) -> Span:
    if span.start is None:
        return span
    months = _whole_months(span)
    if months:
        first = _month_start(span.start, steps * months)
        return Span(first, _month_start(first, months) - ONE_DAY)
    by = timedelta(days=span.length * steps)
    return Span(span.start + by, span.end + by)


def _whole_months(span: Span) -> int:
    """How many whole months a span is when it is a calendar month, quarter or year, else 0."""
    if span.start is None or span.start.day != 1:
        return 0
    if span.end.day != monthrange(span.end.year, span.end.month)[1]:
        return 0
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month + 1
    return months if months in _MONTHS_OF_UNITS and (span.start.month - 1) % months == 0 else 0


def _start_before(period: str | None, span: Span, today: date) -> date:
    """Where the span before begins."""
    start = span.start or span.end
    if period is not None and period.startswith("this-"):
        unit = _SPANS[f"last-{period.removeprefix('this-')}"][1](today)
        return unit.start or start
    return start - timedelta(days=span.length)


def _days_from(start: date, days: int) -> Span:
    return Span(start, start + timedelta(days=days - 1))
