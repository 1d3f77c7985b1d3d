"""The Sync page: how far each feed was read, gaps, errors and runs."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from dashboard import queries
from dashboard.celery import send_task
from dashboard.filters.changes import recently_restated
from dashboard.filters.parser import parse_filter
from dashboard.monitoring.sync_page.calendar import Calendar, calendar_of
from dashboard.monitoring.sync_page.queries import sync_status, why_not_stored
from dashboard.monitoring.sync_page.results import FeedStatus, SyncStatus, UnitRow
from logsync.columnar.check import copy_status
from logsync.models.choices import RunKind, RunState
from logsync.scheduling.time_left import history_time_left

KINDS: dict[str, str] = dict(RunKind.choices)
STATES: dict[str, str] = {RunState.RUNNING: "live", RunState.DONE: "good", RunState.FAILED: "bad"}


@dataclass(frozen=True, slots=True)
class FeedPanel:
    feed: FeedStatus
    calendar: Calendar
    requested_days: int


@require_http_methods(["GET", "HEAD", "POST"])
def sync(request: HttpRequest) -> HttpResponse:
    """POST, for staff only, reads the newest logs now instead of within five minutes."""
    if request.method == "POST":
        return _pull_now(request)
    now = timezone.now()
    status = sync_status(now)
    fresh = status.freshness
    lately = recently_restated(parse_filter("period=all", now), now)
    runs = [{"run": run, "kind": KINDS[run.kind], "state": STATES[run.state]} for run in status.runs]
    page = {
        "status": status,
        "panels": _panels(status),
        "runs": runs,
        "has_projects": bool(status.feeds),
        "history_left": history_time_left(now) if fresh.history_done < fresh.history_days else "",
        "waits_for_workers": any(_waits_for_workers(feed) for feed in status.feeds),
        "restated": queries.restated(lately),
        "changes": f"{reverse('changes')}?{lately.query()}",
        "why_not_stored": why_not_stored(),
        "copy": copy_status(),
    }
    return render(request, "monitoring/sync_page.html", page)


def _waits_for_workers(feed: FeedStatus) -> bool:
    """Whether the feed is new: its days are listed with the first pass of a worker, within seconds."""
    has_days = feed.done or feed.waiting or feed.failed
    return not (has_days or feed.off or feed.error or feed.read_until)


def _pull_now(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied
    if send_task("dispatch_newest") and send_task("dispatch_today"):
        messages.success(request, "The newest logs and the incomplete days are being read now.")
    else:
        messages.error(request, "The task queue is unavailable, so nothing was started. Is Redis running?")
    return redirect("sync")


def _panels(status: SyncStatus) -> list[FeedPanel]:
    units: defaultdict[tuple[str, str], list[UnitRow]] = defaultdict(list)
    for unit in status.units:
        units[unit.project, unit.medium].append(unit)
    today = timezone.now().astimezone(UTC).date()
    return [
        FeedPanel(feed, calendar_of(units[feed.project, feed.medium], today), feed.done + feed.waiting + feed.failed)
        for feed in status.feeds
    ]
