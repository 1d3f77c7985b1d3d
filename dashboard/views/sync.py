"""How far SignalWire has been read: feeds, the first history, gaps, errors and what is done about them."""

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
from dashboard.calendar import Calendar, calendar_of
from dashboard.change_filter import restated_lately
from dashboard.filters import parse_filter
from dashboard.requests import ask_for
from dashboard.results import FeedStatus, SyncStatus, UnitRow
from logsync.choices import RunKind, RunState

KINDS: dict[str, str] = dict(RunKind.choices)
STATES: dict[str, str] = {RunState.RUNNING: "live", RunState.DONE: "good", RunState.FAILED: "bad"}


@dataclass(frozen=True, slots=True)
class FeedPanel:
    feed: FeedStatus
    calendar: Calendar
    asked_for: int


@require_http_methods(["GET", "HEAD", "POST"])
def sync(request: HttpRequest) -> HttpResponse:
    """POST, for staff, asks for the newest logs at once instead of within five minutes."""
    if request.method == "POST":
        return _pull_now(request)
    now = timezone.now()
    status = queries.sync_status(now)
    lately = restated_lately(parse_filter("period=all", now), now)
    runs = [{"run": run, "kind": KINDS[run.kind], "state": STATES[run.state]} for run in status.runs]
    page = {
        "status": status,
        "panels": _panels(status),
        "runs": runs,
        "has_projects": bool(status.feeds),
        "restated": queries.restated(lately),
        "changes": f"{reverse('changes')}?{lately.query()}",
        "why_not_stored": queries.why_not_stored(),
    }
    return render(request, "sync.html", page)


def _pull_now(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied
    if ask_for("dispatch_head") and ask_for("dispatch_today"):
        messages.success(request, "The newest logs and the days that are not complete are being read now.")
    else:
        messages.error(request, "The queue of work cannot be reached, so nothing was started. Is Redis running?")
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
