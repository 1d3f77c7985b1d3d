"""How the reading stands, as plain numbers for monitoring. Every figure is the database's, so all processes agree."""

from datetime import datetime, timedelta

from django.db.models import Count, Sum

from dashboard.monitoring import FeedMetrics, Metrics, RunMetrics
from dashboard.queries.sync import paces
from logsync.leases import at_work, queued
from logsync.models import DailyCharge, Feed, PullUnit, QuarantinedRow, StaleDay, SyncRun

RECENTLY = timedelta(days=1)


def metrics(now: datetime) -> Metrics:
    columns = ("feed__project__name", "feed__medium")
    return Metrics(
        feeds=_feeds(now),
        logs=list(DailyCharge.objects.order_by().values_list("project__name", "medium").annotate(logs=Sum("logs"))),
        units=list(PullUnit.objects.order_by().values_list(*columns, "state").annotate(units=Count("pk"))),
        quarantined=list(QuarantinedRow.objects.order_by().values_list(*columns).annotate(rows=Count("pk"))),
        runs=_runs(now),
        paces=paces(),
        stale_days=StaleDay.objects.values("project_id", "day").distinct().count(),
        queued=queued(),
        at_work=at_work(),
    )


def _feeds(now: datetime) -> list[FeedMetrics]:
    feeds = Feed.objects.order_by("project__name", "medium").values_list(
        "project__name", "medium", "read_until", "failures", "error"
    )
    return [
        FeedMetrics(project, medium, (now - read_until).total_seconds() if read_until else None, failures, bool(error))
        for project, medium, read_until, failures, error in feeds
    ]


def _runs(now: datetime) -> list[RunMetrics]:
    recent = SyncRun.objects.filter(started_at__gt=now - RECENTLY).order_by().values("kind")
    names = ("requests", "rows", "rows_new", "rows_changed", "units_failed")
    rows = recent.annotate(Count("pk"), *map(Sum, names)).order_by("kind")
    return [RunMetrics(*row) for row in rows.values_list("kind", "pk__count", *(f"{name}__sum" for name in names))]
