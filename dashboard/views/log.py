"""One log: all that is known of it, its family, and the request to read it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dashboard import figures, links, queries
from dashboard.addresses import log_address
from dashboard.frame import rows_address
from dashboard.pretty import pretty_json
from dashboard.queries import AmbiguousLogError
from dashboard.queries.names import names_by_id
from dashboard.reading import storable
from dashboard.requests import ask_for
from dashboard.results import FamilyMember, LogDetail

# How many characters of the row as received are set out.
MOST_RAW = 200_000


@dataclass(frozen=True, slots=True)
class Leg:
    """A member of the family with what its row of the tree needs: SVG knows indents in units of its own."""

    member: FamilyMember
    indent: range


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest, medium: str, log_id: str) -> HttpResponse:
    """POST asks SignalWire for it again; the answer comes when a worker has read it."""
    project = request.GET.get("project")
    try:
        found = queries.log_detail(medium, storable(log_id), storable(project) if project else None)
    except AmbiguousLogError as error:
        choices = {name: log_address(medium, log_id, name) for name in error.projects}
        return render(request, "log_choice.html", {"choices": choices, "log_id": log_id, "medium": medium})
    except ValueError:
        raise Http404 from None
    if found is None:
        raise Http404
    if request.method == "POST":
        return _read_again(request, found)
    return render(request, "log.html", _page(found) | {"back": _list_before(request)})


def log_by_id(request: HttpRequest, medium: str) -> HttpResponse:
    """The same under an address that any id fits into: /logs/voice/?id=…"""
    return log(request, medium, request.GET.get("id", ""))


def _list_before(request: HttpRequest) -> str:
    """The list that led here with its filter and page, where that is known."""
    before = urlsplit(request.headers.get("Referer", ""))
    if before.netloc == request.get_host() and before.path == reverse("logs") and before.query:
        return f"{before.path}?{before.query}"
    return reverse("logs")


def _read_again(request: HttpRequest, found: LogDetail) -> HttpResponse:
    row = found.row
    [project_id] = [key for key, name in names_by_id().items() if name == row.project]
    if ask_for("read_again", project_id, row.medium, row.id):
        messages.success(request, "SignalWire is being asked for this log. Reload the page in a few seconds.")
    else:
        messages.error(request, "The queue of work cannot be reached, so nothing was asked for. Try again later.")
    return redirect(request.get_full_path())


def _page(found: LogDetail) -> dict[str, Any]:
    row = found.row
    lines = [line.charge for line in found.lines]
    legs = [member.charge for member in found.family.members]
    changed = [charge for change in found.changes for charge in (change.old_charge, change.new_charge)]
    return {
        "log": found,
        "line_decimals": figures.decimals([row.charge, found.not_itemised, *lines]),
        "leg_decimals": figures.decimals([found.family.charge, *legs]),
        "change_decimals": figures.decimals(changed),
        "moved_in_all": sum((change.difference for change in found.changes), Decimal(0)),
        "row": row,
        "facts": list(_facts(found)),
        "legs": [Leg(member, range(min(member.depth, 12))) for member in found.family.members],
        "has_family": found.family.logs > 1
        or any(member.missing or member.in_cycle for member in found.family.members),
        "itemised": sum((charge for charge in lines if charge is not None), Decimal(0)),
        "raw": pretty_json(found.raw[:MOST_RAW]),
        "raw_length": len(found.raw) if len(found.raw) > MOST_RAW else None,
        "most_raw": MOST_RAW,
        "same_number": {
            number: rows_address(links.joined([("period", "all"), ("number", links.written("number", number))]))
            for number in (row.from_number, row.to_number)
            if number
        },
    }


@dataclass(frozen=True, slots=True)
class Fact:
    """A field in plain words. `kind` says how to print it; `name` is the API's own."""

    label: str
    name: str
    value: str | int | bool | datetime | None
    kind: str = "text"


def _facts(found: LogDetail) -> Sequence[Fact]:
    row = found.row
    is_call = row.medium == "voice"
    call = [
        Fact("From", "from", row.from_number, "number"),
        Fact("To", "to", row.to_number, "number"),
        Fact("Direction", "direction", row.direction),
        Fact("Lasted", "duration", row.duration, "seconds"),
        Fact("Lasted, exactly", "duration_ms", row.duration_ms, "ms"),
        Fact("Billed time", "billing_ms", row.billing_ms, "ms"),
        Fact("Parent call", "parent_id", row.parent_id, "parent"),
    ]
    session = [
        Fact("Room", "room_name", row.room_name),
        Fact("Started", "started_at", row.started_at, "time"),
        Fact("Ended", "ended_at", row.ended_at, "time"),
        Fact("Lasted", "ended_at − started_at", row.seconds, "seconds"),
        Fact("Locked", "locked", found.locked, "flag"),
    ]
    return [
        Fact("Log id", "id", row.id, "id"),
        Fact("Project", "", row.project),
        Fact("Type", "type", row.log_type, "type"),
        Fact("Status", "status", row.status, "status"),
        Fact("Created", "created_at", row.created_at, "time"),
        *(call if is_call else session),
        Fact("Source", "source", row.source),
        Fact("Resource", "url", found.url, "id"),
        *([Fact("Deleted", "discarded_at", row.discarded_at, "time")] if row.discarded_at else []),
        Fact("First seen by Tollbook", "", found.first_seen_at, "time"),
        Fact("Last read", "", found.last_read_at, "time"),
    ]
