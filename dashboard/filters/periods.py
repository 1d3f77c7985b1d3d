"""Named periods of report days, and the periods to compare them with. Both ends are always included.

A period that is still running ends today. Weeks begin on Monday. No Django.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from logsync.days import ONE_DAY


@dataclass(frozen=True, slots=True)
class Span:
    """Days from start to end. Only the span of all days has no start, and days after its end belong to it, too."""

    start: date | None
    end: date

    @property
    def last(self) -> date:
        """The last day that a log of the span can have: a clock that was ahead can date one after today."""
        return date.max if self.start is None else self.end

    @property
    def length(self) -> int:
        """Days in the span; 0 where it has no start."""
        return 0 if self.start is None else (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The days of a span that are over, and those that they are compared with, which can be fewer.

    `partial`: the span is still running. `until_now`: no day is over yet, so compare both first days up to the same
    time of day.
    """

    now: Span
    before: Span
    partial: bool
    until_now: bool


def _month_start(day: date, months: int = 0) -> date:
    """The first day of the month, this many months later."""
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

# Name -> label and whole span, which may end after today. `span_of` cuts it off; `stepped` needs it whole.
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
DAYS_OF_WEEK = 7
# Of today, yesterday and the periods named last-…-days.
_ROLLING_LENGTHS = frozenset({1, 7, 14, 30, 90, 365})


def span_of(period: str, today: date) -> Span:
    """The days of a period named in PERIODS, up to today."""
    span = _SPANS[period][1](today)
    return Span(span.start, min(span.end, today))


def elapsed(period: str | None, span: Span, today: date) -> Elapsed | None:
    """The days of a span that are over, and the days to compare them with.

    A calendar week, month, quarter or year is compared with the one before it; while it runs, its days that are over
    with as many days from the start of the one before, or all of them if that is shorter. So are the first days of a
    month, quarter or year. Any other span is compared with as many days directly before it. None for all days, and
    for a span that starts after today.
    """
    if span.start is None or span.start > today:
        return None
    whole = _whole(period, span, today)
    days_over = whole.length if whole.end < today else (today - span.start).days
    days = max(1, days_over)
    before = _range_before(whole, days, today)
    is_finished_unit = whole.end < today and _whole_months(whole) > 0
    return Elapsed(
        now=_days_from(span.start, days),
        before=before if is_finished_unit else _first_days(before, days),
        partial=whole.end >= today,
        until_now=days_over == 0,
    )


def fixed(period: str | None, span: Span, today: date) -> Span:
    """Dates that show the same as a period does today, its comparison included, and that keep their meaning.

    They are the days shown. Where these alone would be compared with other days, they are those of the whole period:
    1 – 20 October would be a month, so this-quarter is 1 October – 31 December.
    """
    if elapsed(None, span, today) == elapsed(period, span, today):
        return span
    return _whole(period, span, today)


def stepped(period: str | None, span: Span, steps: int, today: date) -> Span | None:
    """The span this many steps later (negative: earlier). None for all days, and for a start after today.

    A step is a calendar month, quarter or year if the span is one, else the length of the span. The result may end
    after today, so that a step forward and one back lead to the same span.
    """
    moved = _moved(_whole(period, span, today), steps)
    return None if moved.start is None or moved.start > today else moved


def _whole(period: str | None, span: Span, today: date) -> Span:
    """The span with the days of its period that are still to come."""
    return _SPANS[period][1](today) if period in _SPANS else span


def _moved(span: Span, steps: int) -> Span:
    if span.start is None:
        return span
    months = _whole_months(span)
    if months:
        first = _month_start(span.start, steps * months)
        return Span(first, _month_start(first, months) - ONE_DAY)
    offset = timedelta(days=span.length * steps)
    return Span(span.start + offset, span.end + offset)


def _whole_months(span: Span) -> int:
    """The length in months of a calendar month, quarter or year; 0 for any other span."""
    if span.start is None or span.start.day != 1:
        return 0
    if span.end.day != monthrange(span.end.year, span.end.month)[1]:
        return 0
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month + 1
    return months if months in _MONTHS_OF_UNITS and (span.start.month - 1) % months == 0 else 0


def _range_before(span: Span, days_over: int, today: date) -> Span:
    """The range before a span, at its full length. Only what is over of a span that ends in the future has a length."""
    start = span.start or span.end
    if months := _whole_months(span) or _months_begun(span):
        return Span(_month_start(start, -months), start - ONE_DAY)
    is_open = span.end > today and not _is_week(span)
    return Span(start - timedelta(days=days_over if is_open else span.length), start - ONE_DAY)


def _months_begun(span: Span) -> int:
    """The length in months of the calendar unit that the span is the first days of; 0 if there is none.

    The smallest counts. A span as long as one of the rolling periods is taken for that period.
    """
    if span.start is None or span.start.day != 1 or span.length in _ROLLING_LENGTHS:
        return 0
    units = (months for months in sorted(_MONTHS_OF_UNITS) if (span.start.month - 1) % months == 0)
    return next((months for months in units if span.end < _month_start(span.start, months)), 0)


def _is_week(span: Span) -> bool:
    return span.length == DAYS_OF_WEEK and span.end.weekday() == DAYS_OF_WEEK - 1


def _days_from(start: date, days: int) -> Span:
    return Span(start, start + timedelta(days=days - 1))


def _first_days(span: Span, days: int) -> Span:
    """As many days of the span as it has, at most these."""
    return _days_from(span.start or span.end, min(days, span.length))
