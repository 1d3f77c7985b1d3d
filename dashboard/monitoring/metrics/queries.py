"""The state of reading in numbers, all from the database, so that all processes agree."""

from datetime import datetime, timedelta

from django.db.models import Count, Sum

from dashboard.filters.parser import parse_filter
from dashboard.monitoring.metrics.results import FeedMetrics, Metrics, RunMetrics
from dashboard.queries.completeness import stale_day_count, stale_days
from dashboard.queries.projects import rate_limit_status
from logsync.models import DailyCharge, Feed, PullUnit, QuarantinedRow, SyncRun
from logsync.scheduling.leases import count_in_progress, count_queued

RECENTLY = timedelta(days=1)


def metrics(now: datetime) -> Metrics:
    columns = ("feed__project__name", "feed__medium")
    return Metrics(
        feeds=_feeds(now),
        logs=list(DailyCharge.objects.order_by().values_list("project__name", "medium").annotate(logs=Sum("logs"))),
        units=_units(),
        quarantined=list(QuarantinedRow.objects.order_by().values_list(*columns).annotate(rows=Count("pk"))),
        runs=_runs(now),
        rate_limits=rate_limit_status(),
        stale_days=stale_day_count(stale_days(parse_filter("period=all", now), now)),
        queued=count_queued(),
        at_work=count_in_progress(),
    )


def _feeds(now: datetime) -> list[FeedMetrics]:
    """A feed that is switched off is not behind and does not fail: nobody reads it."""
    columns = ("off", "project__name", "medium", "read_until", "failures", "error")
    return [
        FeedMetrics(project, medium, is_off=True)
        if off
        else FeedMetrics(
            project, medium, (now - read_until).total_seconds() if read_until else None, failures, bool(error)
        )
        for off, project, medium, read_until, failures, error in Feed.objects.with_off().values_list(*columns)
    ]


def _units() -> list[tuple[str, str, str, int]]:
    """The days of active feeds: those of a feed that is switched off are not to be read."""
    units = PullUnit.objects.filter(feed__in=Feed.objects.active().order_by()).order_by()
    return list(units.values_list("feed__project__name", "feed__medium", "state").annotate(units=Count("pk")))


def _runs(now: datetime) -> list[RunMetrics]:
    recent = SyncRun.objects.filter(started_at__gt=now - RECENTLY).order_by().values("kind")
    names = ("requests", "rows", "rows_new", "rows_changed", "units_failed")
    rows = recent.annotate(Count("pk"), *map(Sum, names)).order_by("kind")
    return [RunMetrics(*row) for row in rows.values_list("kind", "pk__count", *(f"{name}__sum" for name in names))]
