"""What the sync page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dashboard.results.charges import Freshness
from logsync.budget import Standing


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
