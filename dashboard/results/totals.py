"""Totals of a filter, and how complete they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from logsync.days import ONE_DAY
from logsync.money import exact_dollars
from logsync.text import counted

# Why a stale day is not complete: logs changed, or the timezone of the totals did.
BEING_REBUILT = "its totals are being rebuilt"
CLOSING = "closing: not read past its end yet"


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums, each with the number of logs that have the figure: `charged_logs` have a charge, and so on."""

    logs: int = 0
    charge: Decimal = Decimal(0)
    charged_logs: int = 0
    billing_ms: int = 0
    billed_logs: int = 0
    seconds: int = 0
    timed_logs: int = 0


COMPLETE, RUNNING, INCOMPLETE, FUTURE = "complete", "running", "incomplete", "future"


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows that could not be read, and what could be read of their charges: they cost at least that much."""

    rows: int = 0
    charge: Decimal = Decimal(0)

    @property
    def words(self) -> str:
        """ "31 rows set aside, at least $0.43"; "" for none."""
        if not self.rows:
            return ""
        return f"{counted(self.rows, 'row')} set aside, at least {exact_dollars(self.charge)}"

    def __add__(self, other: "SetAside") -> "SetAside":
        return SetAside(self.rows + other.rows, self.charge + other.charge)


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One group. `group` has a value for each name in group_by, in that order: a date for day, else text or None."""

    group: tuple[Any, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class Freshness:
    """How complete the figures of a period are. `end` is date.max for a period without one.

    The state of a period, and of any part of it, is the first of these that holds:
    `future`: it has not begun.
    `incomplete`: nothing was ever read, or a day that is over was not read to its end after it was over, has rows that
    were set aside, or is about to be totalled again.
    `running`: it is not over.
    `complete`: everything else. Later changes are listed under Changed charges.

    `data_until`: everything created before it was read at least once, for every feed of the filter; None: not yet.
    `days` are those up to today, `complete_days` those in state complete.
    `incomplete`: days up to today that are not read to their end or have rows set aside, with the reason; CLOSING is
    the reason of yesterday in its first minutes.
    `stale_days`: days whose totals are about to be rebuilt.
    `set_aside_days`: what was set aside, by report day; `set_aside_feeds` the same by project and medium first.
    `dated_after_today`: the number of logs of the period with a later day, because a clock was ahead.
    `history_done` of `history_days`: progress of the first history, in pull units.
    """

    start: date | None
    end: date
    today: date
    data_until: datetime | None
    days: int
    complete_days: int
    incomplete: Mapping[date, str]
    stale_days: Sequence[date]
    history_done: int
    history_days: int
    # Feed -> the first day that SignalWire still keeps, if the period begins earlier.
    history_limits: Mapping[str, date] = field(default_factory=dict)
    set_aside_days: Mapping[date, SetAside] = field(default_factory=dict)
    set_aside_feeds: Mapping[tuple[str, str], Mapping[date, SetAside]] = field(default_factory=dict)
    dated_after_today: int = 0
    # Parameter and value of each condition that no project or log has ever met.
    unknown: Sequence[tuple[str, str]] = ()

    @property
    def state(self) -> str:
        return self.state_of(self.start, self.end)

    @property
    def complete(self) -> bool:
        return self.state == COMPLETE

    @property
    def set_aside(self) -> SetAside:
        return sum(self.set_aside_days.values(), SetAside())

    @property
    def words(self) -> str:
        """ "29 of 31 days complete, 1 closing, 1 running"."""
        if not self.days:
            return "not begun yet"
        has_today = (self.start or self.today) <= self.today <= self.end
        running = ", 1 running" if has_today and not self._nothing_read else ""
        closing = ", 1 closing" if self.closing else ""
        return f"{self.complete_days:,} of {counted(self.days, 'day')} complete{closing}{running}"

    @property
    def closing(self) -> date | None:
        """Yesterday, while nothing but the read after its end, which is due now, is missing."""
        yesterday = self.today - ONE_DAY
        return yesterday if self.incomplete.get(yesterday) == CLOSING else None

    @property
    def gaps(self) -> dict[date, str]:
        """`incomplete` without the closing day, which nobody needs to look after."""
        return {day: reason for day, reason in self.incomplete.items() if reason != CLOSING}

    @property
    def words_after_today(self) -> str:
        """ "3 logs are dated after today"; "" for none."""
        count = self.dated_after_today
        return f"{counted(count, 'log')} {'is' if count == 1 else 'are'} dated after today" if count else ""

    def state_of(self, start: date | None, end: date) -> str:
        """The state of these days of the period. They begin with the first known day if `start` is None."""
        if start is not None and start > self.today:
            return FUTURE
        if self._nothing_read or self._has_gap(start, min(end, self.today - ONE_DAY)):
            return INCOMPLETE
        return RUNNING if end >= self.today else COMPLETE

    def set_aside_of(self, start: date | None, end: date, project: str = "", medium: str = "") -> SetAside:
        """What was set aside of these days, and of this project and medium if given."""
        wanted = (
            days for feed, days in self.set_aside_feeds.items() if feed == (project or feed[0], medium or feed[1])
        )
        within = (rows for days in wanted for day, rows in days.items() if (start or day) <= day <= end)
        return sum(within, SetAside())

    @property
    def _nothing_read(self) -> bool:
        return self.data_until is None and not self.history_done

    def _has_gap(self, start: date | None, last: date) -> bool:
        if start == last:
            return start in self.incomplete or start in self.stale_days
        return any((start or day) <= day <= last for days in (self.incomplete, self.stale_days) for day in days)


@dataclass(frozen=True, slots=True)
class ChargeTable:
    """Totals of a filter by its groups, sorted by group."""

    group_by: tuple[str, ...]
    rows: Sequence[ChargeRow]
    total: Totals
    freshness: Freshness
