"""What the sync page shows: feeds, passes, days, errors, and rows kept aside."""

from datetime import datetime, timedelta

from django.db.models import Count, Q

from dashboard.filters import parse_filter
from dashboard.queries.freshness import freshness
from dashboard.results import FeedStatus, QuarantineRow, RunRow, SyncStatus, UnitRow
from logsync.budget import Standing
from logsync.choices import UnitState
from logsync.models import Feed, Project, PullUnit, QuarantinedRow, StaleDay, SyncRun
from logsync.politeness import budget_of

RUNS = 50
ROWS_KEPT_ASIDE = 100
CALENDAR = timedelta(days=366)


def sync_status(now: datetime) -> SyncStatus:
    """The state at `now`; its freshness is that of all days that were ever asked for."""
    units = _units(Q(day__gt=now.date() - CALENDAR))
    return SyncStatus(
        feeds=_feeds(now),
        paces=paces(),
        runs=_runs(),
        units=units,
        failures=_units(Q(state=UnitState.FAILED)),
        quarantine=_quarantine(),
        quarantined=QuarantinedRow.objects.count(),
        freshness=freshness(parse_filter("period=all", now), now),
        stale_days=StaleDay.objects.values("project_id", "day").distinct().count(),
    )


def paces() -> dict[str, Standing]:
    """How each project that is read is asked, all workers together."""
    projects = Project.objects.filter(is_active=True).values_list("name", "space_url", "signalwire_id")
    return {name: budget_of(space_url, signalwire_id).standing() for name, space_url, signalwire_id in projects}


def _feeds(now: datetime) -> list[FeedStatus]:
    """With the days that have begun: the next one is read, too, as some of today's logs may be listed under it."""
    begun = Q(units__day__lte=now.date())
    feeds = Feed.objects.order_by("project__name", "-medium").annotate(
        done=Count("units", filter=begun & Q(units__state=UnitState.DONE)),
        waiting=Count("units", filter=begun & Q(units__state=UnitState.WAITING)),
        failed=Count("units", filter=begun & Q(units__state=UnitState.FAILED)),
    )
    columns = ("project__name", "medium", "read_until", "history_from", "done", "waiting", "failed", "error")
    return [FeedStatus(*feed) for feed in feeds.values_list(*columns, "failed_since", "next_try_at")]


def _runs() -> list[RunRow]:
    """The latest passes, newest first."""
    columns = ("kind", "state", "feed__project__name", "feed__medium", "started_at", "finished_at")
    counts = ("units", "units_done", "units_failed", "requests", "rows", "rows_new", "rows_changed", "rows_quarantined")
    runs = SyncRun.objects.order_by("-started_at").values_list(*columns, *counts, "error")
    return [RunRow(*run) for run in runs[:RUNS]]


def _units(condition: Q) -> list[UnitRow]:
    """In the order of feeds and days."""
    units = PullUnit.objects.filter(condition).order_by("feed__project__name", "-feed__medium", "day")
    columns = ("feed__project__name", "feed__medium", "day", "state", "read_at", "rows", "error", "next_try_at")
    return [UnitRow(*unit) for unit in units.values_list(*columns)]


def _quarantine() -> list[QuarantineRow]:
    """The rows that could not be read, the latest first."""
    columns = ("feed__project__name", "feed__medium", "log_id", "reason", "raw", "first_seen_at", "last_seen_at")
    rows = QuarantinedRow.objects.order_by("-last_seen_at", "-pk").values_list(*columns)
    return [QuarantineRow(*row) for row in rows[:ROWS_KEPT_ASIDE]]
