"""Totals of a filter, and what the overview shows of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of logs and sums over those that carry the figure: `charged_logs` carry a charge, and so on."""

    logs: int = 0
    charge: Decimal = Decimal(0)
    charged_logs: int = 0
    billing_ms: int = 0
    billed_logs: int = 0
    seconds: int = 0
    timed_logs: int = 0


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One group. `group` has a value for each of group_by, in that order: a date for day, a name, or None."""

    group: tuple[Any, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the figures of a period can be trusted.

    `data_until`: everything created before it was read at least once, for every feed in question; None: nothing yet.
    `incomplete`: past and running days of the period that are not read to their end, with the reason in words.
    `stale_days`: days whose totals are being made again right now.
    `history_done` of `history_days`: progress of the first history in (feed, day) units.
    """

    data_until: datetime | None
    days: int
    complete_days: int
    incomplete: Mapping[date, str]
    stale_days: Sequence[date]
    history_done: int
    history_days: int
    # Feed -> the first day that SignalWire still keeps, where the period begins before it.
    history_limits: Mapping[str, date] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return self.complete_days == self.days and not self.stale_days


@dataclass(frozen=True, slots=True)
class ChargeTable:
    """Totals of a filter by its groups, sorted by group."""

    group_by: tuple[str, ...]
    rows: Sequence[ChargeRow]
    total: Totals
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same filter in the range before, of the same length.

    `partial`: the period is still running, so both sides count only the days that are over; `now` is the present side
    then, up to `now_end`. `until`: not even one day is over, so both sides are a day up to that time by the clock.
    """

    start: date
    end: date
    now: Totals
    before: Totals
    now_end: date
    partial: bool
    until: datetime | None = None
    # Days of the range before that are not read to their end, with the reason in words.
    incomplete: Mapping[date, str] = field(default_factory=dict)

    @property
    def difference(self) -> Decimal:
        return self.now.charge - self.before.charge

    @property
    def percent(self) -> Decimal | None:
        """Change in percent with one decimal, None when there was no spend before."""
        if not self.before.charge:
            return None
        return (self.difference * 100 / self.before.charge).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the chart and of the table under it: totals, and the charge of each series that has any logs."""

    day: date
    totals: Totals
    charges: Mapping[str | None, Decimal]
    is_running: bool
    incomplete: str
    # The last day, where the row is of several: a week or a month.
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    totals: Totals
    # None for all time and for a period in the future.
    comparison: Comparison | None
    # Values of the stack dimension (group_by), largest charge first; at most six are drawn, the rest is "other".
    series: Sequence[ChargeRow]
    days: Sequence[DayRow]
    by_type: Sequence[ChargeRow]
    by_direction: Sequence[ChargeRow]
    by_medium: Sequence[ChargeRow]
    # Tombstones never seen alive in the period: counted apart.
    unseen: int
    freshness: Freshness
