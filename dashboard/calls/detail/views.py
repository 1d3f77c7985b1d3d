"""One log: its fields, its family, and the request to read it again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from dashboard.calls.detail.json_text import pretty_json
from dashboard.calls.detail.legs import family_page
from dashboard.calls.detail.queries import log_detail
from dashboard.calls.detail.results import AmbiguousLogError, LogDetail
from dashboard.calls.detail.set_aside import set_aside_row
from dashboard.celery import send_task
from dashboard.filters import query_string
from dashboard.filters.search_terms import finding
from dashboard.filters.values import MAX_LENGTH, storable
from dashboard.pages import formats
from dashboard.pages.context_bar import logs_url
from dashboard.pages.log_urls import log_url
from dashboard.queries.projects import project_names_by_id
from dashboard.results import LogRow, SetAsideRow

# How many characters of the raw JSON the page shows.
MAX_RAW = 200_000


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest, medium: str, log_id: str) -> HttpResponse:
    """POST queues a task that reads the log from SignalWire again."""
    project = request.GET.get("project")
    try:
        wanted = (storable(medium), storable(log_id), storable(project) if project else None)
        found = log_detail(*wanted) or set_aside_row(*wanted)
    except AmbiguousLogError as error:
        choices = {name: log_url(medium, log_id, name) for name in error.projects}
        return render(request, "calls/choose_project.html", {"choices": choices, "log_id": log_id, "medium": medium})
    except ValueError:
        raise Http404 from None
    if found is None:
        raise Http404
    if request.method == "POST":
        return _read_again(request, found if isinstance(found, SetAsideRow) else found.row)
    if isinstance(found, SetAsideRow):
        return render(request, "calls/set_aside.html", {"row": found} | _raw(found.raw))
    return render(request, "calls/detail.html", _page(found) | {"back": _list_url(request)})


def log_by_id(request: HttpRequest, medium: str) -> HttpResponse:
    """The same for ids that do not fit in a path: /logs/voice/?id=…"""
    return log(request, medium, request.GET.get("id", ""))


def _list_url(request: HttpRequest) -> str:
    """The list that linked here, with its filter and page; else all logs."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc == request.get_host() and referer.path == reverse("logs") and referer.query:
        return f"{referer.path}?{referer.query}"
    return reverse("logs")


def _read_again(request: HttpRequest, row: LogRow | SetAsideRow) -> HttpResponse:
    [project_id] = [key for key, name in project_names_by_id().items() if name == row.project]
    log_id = row.log_id if isinstance(row, SetAsideRow) else row.id
    if send_task("read_again", project_id, row.medium, log_id):
        messages.success(
            request, "Tollbook is reading this log from SignalWire again. Reload the page in a few seconds."
        )
    else:
        messages.error(request, "The task queue is unavailable, so the log is not read again. Try again later.")
    return redirect(request.get_full_path())


def _page(detail: LogDetail) -> dict[str, Any]:
    row = detail.row
    lines = [line.charge for line in detail.lines]
    changed = [charge for change in detail.changes for charge in (change.old_charge, change.new_charge)]
    return {
        "log": detail,
        "line_decimals": formats.decimals([row.charge, detail.not_itemised, *lines]),
        "change_decimals": formats.decimals(changed),
        "total_difference": sum((change.difference for change in detail.changes), Decimal(0)),
        "row": row,
        "facts": _flagged(detail),
        "itemised": sum((charge for charge in lines if charge is not None), Decimal(0)),
        "same_number": _same_number(row),
        **_raw(detail.raw),
        **family_page(detail.family, row, timezone.now()),
    }


def _same_number(row: LogRow) -> dict[str | None, str]:
    """Each end of the call -> the address of all logs of that party, however they spell its number.

    A text too long for a filter has none.
    """
    ends = (
        {number: finding(number or "") for number in (row.from_number, row.to_number)} if row.medium == "voice" else {}
    )
    return {
        number: logs_url(
            query_string.encode([("period", "all"), ("number", query_string.encode_value("number", value))])
        )
        for number, value in ends.items()
        if len(value) <= MAX_LENGTH
    }


def _raw(raw: str) -> dict[str, Any]:
    length = len(raw) if len(raw) > MAX_RAW else None
    return {"raw": pretty_json(raw[:MAX_RAW]), "raw_length": length, "max_raw": MAX_RAW}


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the log. `kind` says how to print it; `name` is that of the API.

    `received`: what came in place of a value that can be read. `warning`: what is odd about the value.
    """

    label: str
    name: str
    value: str | int | bool | datetime | None
    kind: str = "text"
    received: str = ""
    warning: str = ""


def _flagged(detail: LogDetail) -> Sequence[Fact]:
    early = "before it started, so its length is not known" if detail.ends_before_it_starts else ""
    return [
        replace(fact, received=detail.unread.get(fact.name, ""), warning=early if fact.name == "ended_at" else "")
        for fact in _facts(detail)
    ]


def _facts(detail: LogDetail) -> Sequence[Fact]:
    row = detail.row
    is_call = row.medium == "voice"
    call = [
        Fact("From", "from", row.from_number, "number"),
        Fact("To", "to", row.to_number, "number"),
        Fact("Direction", "direction", row.direction, "value"),
        Fact("Lasted", "duration", row.duration, "seconds"),
        Fact("Lasted, exactly", "duration_ms", row.duration_ms, "ms"),
        Fact("Billed time", "billing_ms", row.billing_ms, "ms"),
        Fact("Parent call", "parent_id", row.parent_id or None, "parent"),
    ]
    session = [
        Fact("Room", "room_name", row.room_name),
        Fact("Started", "started_at", row.started_at, "time"),
        Fact("Ended", "ended_at", row.ended_at, "time"),
        Fact("Lasted", "ended_at − started_at", row.seconds, "seconds"),
        Fact("Locked", "locked", detail.locked, "flag"),
    ]
    return [
        Fact("Log id", "id", row.id, "id"),
        Fact("Project", "", row.project),
        Fact("Type", "type", row.log_type, "type"),
        Fact("Status", "status", row.status, "status"),
        Fact("Created", "created_at", row.created_at, "time"),
        *(call if is_call else session),
        Fact("Source", "source", row.source, "value"),
        Fact("Resource", "url", detail.url, "id"),
        *([Fact("Deleted", "discarded_at", row.discarded_at, "time")] if row.discarded_at else []),
        Fact("First seen by Tollbook", "", detail.first_seen_at, "time"),
        Fact("Last read", "", detail.last_read_at, "time"),
    ]
