"""What queries.py answers: small frozen values, the only thing views, charts, exports and commands see.

Money is `Decimal` dollars. `None` is unknown or absent, never zero. Days are report days; instants are UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from logsync.budget import Standing


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


@dataclass(frozen=True, slots=True)
class ChargeLineRow:
    description: str | None
    charge: Decimal | None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log as the table and the export show it."""

    project: str
    medium: str
    id: str
    created_at: datetime
    log_type: str | None
    direction: str | None
    status: str | None
    source: str | None
    from_number: str | None
    to_number: str | None
    room_name: str | None
    duration: int | None
    duration_ms: int | None
    billing_ms: int | None
    seconds: int | None
    charge: Decimal | None
    itemised: Decimal | None
    parent_id: str | None
    started_at: datetime | None
    ended_at: datetime | None
    discarded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one parameter within the filter's other conditions, with the number of logs each would give."""

    parameter: str
    values: Sequence[tuple[str | None, int]]


@dataclass(frozen=True, slots=True)
class LogsPage:
    """One page of rows; `next_cursor` and `previous_cursor` are opaque and None at the ends."""

    rows: Sequence[LogRow]
    totals: Totals
    facets: Sequence[Facet]
    next_cursor: str | None
    previous_cursor: str | None
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """A log in the tree of parent_id: its depth from the root, its own charge, and that of all below it with its own.

    `missing`: a parent that a log names but Tollbook does not have. `in_cycle`: its parents lead back to itself.
    """

    id: str
    medium: str
    depth: int
    row: LogRow | None
    charge: Decimal | None
    branch_charge: Decimal
    missing: bool = False
    in_cycle: bool = False
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """Members in tree order; the cost is the sum over distinct ids. `cut_off` when the family was too large to show."""

    members: Sequence[FamilyMember]
    charge: Decimal
    logs: int
    cut_off: bool


@dataclass(frozen=True, slots=True)
class ChargeChangeRow:
    """A charge that moved. `was_final`: the log had ended before; `log_type` is that of the log as it is now."""

    project: str
    medium: str
    log_id: str
    log_created_at: datetime
    old_charge: Decimal | None
    new_charge: Decimal | None
    was_final: bool
    changed_at: datetime
    log_type: str | None = None

    @property
    def difference(self) -> Decimal:
        """What it did to the total of its day."""
        return (self.new_charge or Decimal(0)) - (self.old_charge or Decimal(0))


@dataclass(frozen=True, slots=True)
class Effect:
    """What changed charges did to totals: over so many logs, each counted once."""

    logs: int
    difference: Decimal


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One page of changed charges; the effects are those of all pages, by report day of the logs, newest first."""

    rows: Sequence[ChargeChangeRow]
    by_day: Sequence[tuple[date, Effect]]
    total: Effect
    next_cursor: str | None
    previous_cursor: str | None
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class LogDetail:
    """Everything known of one log. `last_read_at` is the later of its own and its day's last reading."""

    row: LogRow
    url: str | None
    locked: bool | None
    lines: Sequence[ChargeLineRow]
    # charge - itemised; None when the log has no charge.
    not_itemised: Decimal | None
    family: Family
    changes: Sequence[ChargeChangeRow]
    raw: str
    first_seen_at: datetime
    last_read_at: datetime


@dataclass(frozen=True, slots=True)
class FeedStatus:
    project: str
    medium: str
    read_until: datetime | None
    history_from: date | None
    done: int
    waiting: int
    failed: int
    error: str
    failed_since: datetime | None
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunRow:
    kind: str
    state: str
    project: str | None
    medium: str | None
    started_at: datetime
    finished_at: datetime | None
    units: int
    units_done: int
    units_failed: int
    requests: int
    rows: int
    rows_new: int
    rows_changed: int
    rows_quarantined: int
    error: str


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    project: str
    medium: str
    log_id: str
    reason: str
    raw: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One (project, medium, UTC date): its state is a UnitState value."""

    project: str
    medium: str
    day: date
    state: str
    read_at: datetime | None
    rows: int
    error: str
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The sync page. `units` are the last 366 days of every feed, for the calendar of gaps."""

    feeds: Sequence[FeedStatus]
    paces: Mapping[str, Standing]
    runs: Sequence[RunRow]
    units: Sequence[UnitRow]
    failures: Sequence[UnitRow]
    quarantine: Sequence[QuarantineRow]
    quarantined: int
    freshness: Freshness
    stale_days: int
