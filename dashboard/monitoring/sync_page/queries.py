"""The queries of the Sync page: feeds, runs, days, errors, rows set aside and unread fields."""

import os
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import connection
from django.db.models import Count, Q, Sum

from dashboard.filters.parser import parse_filter
from dashboard.monitoring.sync_page.results import FeedStatus, RunRow, SyncStatus, UnitRow, UnreadLog
from dashboard.queries.completeness import freshness, stale_day_count
from dashboard.queries.projects import rate_limit_status
from dashboard.results import SetAside, SetAsideRow
from logsync.models import Feed, Log, PullUnit, QuarantinedRow, SyncRun
from logsync.models.choices import UnitState

MAX_RUNS = 50
MAX_FAILURES = 100
MAX_SET_ASIDE = 100
MAX_UNREAD = 100
MIN_FREE_MB = 64
UNREAD = Log.objects.filter(unread_fields__isnull=False)
CALENDAR = timedelta(days=366)


def sync_status(now: datetime) -> SyncStatus:
    """The state at `now`. Its freshness covers all days."""
    feeds = _feeds(now)
    off = {(feed.project, feed.medium): feed.off for feed in feeds}
    units = _units(Q(day__gt=now.date() - CALENDAR))
    failures = _units(Q(state=UnitState.FAILED), "-day", limit=MAX_FAILURES)
    unread = dict(UNREAD.order_by().values_list("unread_fields").annotate(logs=Count("id")))
    fresh = freshness(parse_filter("period=all", now), now)
    return SyncStatus(
        feeds=feeds,
        rate_limits=rate_limit_status(),
        runs=_runs(),
        units=units,
        failures=[replace(unit, off=off[unit.project, unit.medium]) for unit in failures],
        failure_total=sum(feed.failed for feed in feeds),
        set_aside=_set_aside(),
        set_aside_total=_set_aside_total(),
        unread_logs=_unread_logs() if unread else [],
        unread_total=sum(unread.values()),
        unread_fields=_by_field(unread),
        freshness=fresh,
        stale_days=stale_day_count(fresh.stale_days),
    )


def _feeds(now: datetime) -> list[FeedStatus]:
    """Without tomorrow, although it is read: SignalWire may list some of today's logs under it."""
    begun = Q(units__day__lte=now.date())
    feeds = Feed.objects.with_off().annotate(
        done=Count("units", filter=begun & Q(units__state=UnitState.DONE)),
        waiting=Count("units", filter=begun & Q(units__state=UnitState.WAITING)),
        failed=Count("units", filter=begun & Q(units__state=UnitState.FAILED)),
    )
    columns = ("project__name", "medium", "read_until", "history_from", "done", "waiting", "failed", "error")
    return [FeedStatus(*feed) for feed in feeds.values_list(*columns, "failed_since", "next_try_at", "off")]


def _runs() -> list[RunRow]:
    """The latest runs, newest first."""
    columns = ("kind", "state", "feed__project__name", "feed__medium", "started_at", "finished_at")
    counts = ("units", "units_done", "units_failed", "requests", "rows", "rows_new", "rows_changed", "rows_quarantined")
    runs = SyncRun.objects.order_by("-started_at").values_list(*columns, *counts, "error")
    return [RunRow(*run) for run in runs[:MAX_RUNS]]


def _units(condition: Q, *order: str, limit: int | None = None) -> list[UnitRow]:
    """In this order, then by feed and day."""
    units = PullUnit.objects.filter(condition).order_by(*order, "feed__project__name", "-feed__medium", "day")
    columns = ("feed__project__name", "feed__medium", "day", "state", "read_at", "rows", "error", "next_try_at")
    return [UnitRow(*unit) for unit in units.values_list(*columns)[:limit]]


def _set_aside() -> list[SetAsideRow]:
    """The latest rows that could not be read, newest first."""
    rows = QuarantinedRow.objects.order_by("-last_seen_at", "-pk").values_list(*SetAsideRow.COLUMNS)
    return [SetAsideRow(*row) for row in rows[:MAX_SET_ASIDE]]


def _set_aside_total() -> SetAside:
    total = QuarantinedRow.objects.aggregate(rows=Count("pk"), charge=Sum("charge", default=Decimal(0)))
    return SetAside(total["rows"], total["charge"])


def _unread_logs() -> list[UnreadLog]:
    """The newest of them."""
    columns = ("project__name", "medium", "id", "created_at", "unread_fields")
    logs = UNREAD.order_by("-created_at", "id").values_list(*columns)
    return [
        UnreadLog(project, medium, log_id, created_at, (fields or "").split(","))
        for project, medium, log_id, created_at, fields in logs[:MAX_UNREAD]
    ]


def _by_field(logs: Mapping[str, int]) -> dict[str, int]:
    """The number of logs by field, the most frequent first; `logs` are by all fields of a log."""
    counts: Counter[str] = Counter()
    for fields, number in logs.items():
        counts.update(dict.fromkeys(fields.split(","), number))
    return dict(counts.most_common())


def why_not_stored() -> str:
    """Why the SQLite file cannot be written, or soon will not be; else ''. PostgreSQL raises its own errors."""
    if connection.vendor != "sqlite":
        return ""
    file = Path(str(connection.settings_dict["NAME"]))
    if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return "The database is read-only, so nothing new is stored. Let Tollbook write to its file and its folder."
    free_mb = shutil.disk_usage(file.parent).free // 2**20
    if free_mb < MIN_FREE_MB:
        return f"The disk of the database has only {free_mb} MB left. Free some space, or nothing new can be stored."
    return ""
