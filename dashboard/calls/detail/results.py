"""The details of one log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dashboard.results import ChargeChangeRow, LogRow, SetAsideRow


class AmbiguousLogError(Exception):
    """Several projects have a log with this id. `projects` holds their names."""

    def __init__(self, projects: list[str]) -> None:
        super().__init__(f"Several projects have this log: {', '.join(projects)}. Name one of them.")
        self.projects = projects


@dataclass(frozen=True, slots=True)
class ChargeLineRow:
    description: str | None
    charge: Decimal | None


@dataclass(frozen=True, slots=True)
class HiddenLegs:
    """Legs below a member that are not shown, and what they cost."""

    legs: int
    charge: Decimal


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """A log in the tree of parent ids. `branch_charge` is its own charge and that of all logs below it.

    It has no row if a log names it as parent but Tollbook does not have it. `in_cycle`: its parents lead back to it.
    `between`: the legs between it and the member above it that are not shown. `same_id`: other logs with this id.
    """

    id: str
    medium: str
    depth: int
    row: LogRow | None
    branch_charge: Decimal
    in_cycle: bool
    is_current: bool
    is_parent: bool
    is_dearest: bool
    between: int
    hidden: HiddenLegs | None
    same_id: Sequence[LogRow]

    @property
    def missing(self) -> bool:
        return self.row is None

    @property
    def charge(self) -> Decimal | None:
        return self.row.charge if self.row else None


@dataclass(frozen=True, slots=True)
class ParentSearch:
    """What is done about a missing parent: SignalWire is asked at `next_read_at`; never again if that is None.

    `failures`: how often SignalWire did not know it. `not_read`: the feeds that would ask, but are not read.
    """

    next_read_at: datetime | None
    failures: int
    not_read: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """The shown members in tree order. `charge` and `logs` count each log of the whole family once.

    `search` is that of the root, if it is missing; no other member can be.
    """

    members: Sequence[FamilyMember]
    charge: Decimal
    logs: int
    shown: int
    search: ParentSearch | None


@dataclass(frozen=True, slots=True)
class LogDetail:
    """Everything known about one log. `last_read_at` is when the log or its day was last read.

    `unread`: the fields that could not be read, as received, by name. `set_aside`: a later version of the log.
    """

    row: LogRow
    url: str | None
    locked: bool | None
    lines: Sequence[ChargeLineRow]
    # charge - itemised; None when the log has no charge, or its charge lines could not be read.
    not_itemised: Decimal | None
    family: Family
    changes: Sequence[ChargeChangeRow]
    raw: str
    first_seen_at: datetime
    last_read_at: datetime
    unread: Mapping[str, str]
    set_aside: SetAsideRow | None

    @property
    def ends_before_it_starts(self) -> bool:
        started_at, ended_at = self.row.started_at, self.row.ended_at
        return started_at is not None and ended_at is not None and ended_at < started_at
