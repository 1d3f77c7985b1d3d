"""The figures of the overview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from dashboard.results.totals import ChargeRow, Freshness, Totals

# The part of the days of the range before that must be complete.
FAIR_SHARE = Decimal("0.95")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same filter in the range before, from `start` to `end`, and in the days from `now_start` to `now_end`.

    `partial`: the period is still running, so only its days that are over are compared. `until`: no day is over yet,
    so both sides are one day up to that local time.
    """

    start: date
    end: date
    now: Totals
    before: Totals
    now_start: date
    now_end: date
    partial: bool
    until: datetime | None = None
    # Days of the range before that are not read to their end, with the reason.
    incomplete: Mapping[date, str] = field(default_factory=dict)

    @property
    def days_before(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def days_known(self) -> int:
        """The days of the range before that are complete."""
        return self.days_before - len(self.incomplete)

    @property
    def is_fair(self) -> bool:
        """A range that was hardly read has little spend, which says nothing of the change."""
        return self.days_known >= FAIR_SHARE * self.days_before

    @property
    def difference(self) -> Decimal:
        return self.now.charge - self.before.charge

    @property
    def percent(self) -> Decimal | None:
        """The change in percent, not rounded. None unless there was spend before: not of nothing, nor of a credit."""
        if self.before.charge <= 0:
            return None
        return self.difference * 100 / self.before.charge


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the chart and of its table: totals, and the charge of each series that has logs."""

    day: date
    totals: Totals
    charges: Mapping[str | None, Decimal]
    is_running: bool
    incomplete: str
    # It ended only just, and is being read past its end.
    is_closing: bool = False
    # After today: a clock was ahead.
    is_future: bool = False
    # The last day of a row that stands for a week or a month.
    end: date | None = None

    @property
    def is_gap(self) -> bool:
        """Whether it is over and yet not complete."""
        return bool(self.incomplete) and not self.open_words

    @property
    def open_words(self) -> str:
        """Why more logs are still expected, although nothing went wrong; "" if they are not."""
        states = (self.is_future, "dated after today"), (self.is_running, "still running"), (self.is_closing, "closing")
        return next((words for holds, words in states if holds), "")


@dataclass(frozen=True, slots=True)
class Overview:
    totals: Totals
    # None for all time and for a period in the future.
    comparison: Comparison | None
    # Values of the group_by dimension, in no order. The chart draws at most six and sums the rest as "other".
    series: Sequence[ChargeRow]
    days: Sequence[DayRow]
    by_type: Sequence[ChargeRow]
    by_direction: Sequence[ChargeRow]
    by_medium: Sequence[ChargeRow]
    # Logs deleted before they were ever read: counted separately.
    unseen: int
    freshness: Freshness
