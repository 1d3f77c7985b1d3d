"""What the queries of the Sync page return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dashboard.results import SetAsideRow
from dashboard.results.totals import Freshness, SetAside
from logsync.rate_limit.limiter import LimiterStatus


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """`off` says why the feed is not read any more, '' while it is."""

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
    off: str


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
class UnreadLog:
    """A stored log of which some fields could not be read."""

    project: str
    medium: str
    log_id: str
    created_at: datetime
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A day (UTC) of a feed. `state` is a UnitState value; `off` is that of its feed, set for failures only."""

    project: str
    medium: str
    day: date
    state: str
    read_at: datetime | None
    rows: int
    error: str
    next_try_at: datetime | None
    off: str = ""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """`units` are the last 366 days of every feed, for the calendar.

    `failures` are the latest of `failure_total` days, `set_aside` the latest of `set_aside_total` rows, `unread_logs`
    the newest of the logs with unread fields;
    `unread_fields` counts these logs by field.
    """

    feeds: Sequence[FeedStatus]
    rate_limits: Mapping[str, LimiterStatus]
    runs: Sequence[RunRow]
    units: Sequence[UnitRow]
    failures: Sequence[UnitRow]
    failure_total: int
    set_aside: Sequence[SetAsideRow]
    set_aside_total: SetAside
    unread_logs: Sequence[UnreadLog]
    unread_total: int
    unread_fields: Mapping[str, int]
    freshness: Freshness
    stale_days: int
