"""Logs and their changed charges: a page of them, and all that is known of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dashboard.results.charges import Freshness, Totals


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
