"""The logs: a table to filter and sort, with the totals of all pages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import queries
from dashboard.filters import query_string
from dashboard.filters.parser import Filter
from dashboard.pages import formats
from dashboard.pages.context_bar import Link, context_bar, pager_links
from dashboard.pages.filter_bar import filter_bar
from dashboard.pages.log_urls import log_url
from logsync.text import counted

# Sort key, title, and whether it is a figure, which aligns right.
COLUMNS = (
    ("created_at", "Created", False),
    ("type", "Type", False),
    ("direction", "Direction", False),
    ("from", "From", False),
    ("to", "To or room", False),
    ("status", "Status", False),
    ("duration", "Lasted", True),
    ("charge", "Charge", True),
)
# Of how many ids the page says whether they were set aside.
MAX_IDS = 10
# The first click on these sorts in descending order.
LARGEST_FIRST = frozenset({"created_at", "duration", "charge"})


@dataclass(frozen=True, slots=True)
class Column:
    """`sorted` is the value of aria-sort, or "" if the table is sorted by another column."""

    title: str
    href: str
    sorted: str
    is_figure: bool


@require_safe
def logs(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    wanted = queries.read_filter(request.GET, now)
    result = queries.logs_page(wanted, now)
    projects = queries.project_names()
    logs = counted(result.totals.logs, "log")
    page = {
        "bar": context_bar(request.path, wanted, result.freshness, now, exported=f"These {logs}, every column"),
        "filters": filter_bar(wanted, projects, result.facets),
        "result": result,
        "columns": _columns(wanted),
        "decimals": formats.decimals([result.totals.charge, *(row.charge for row in result.rows)]),
        "shows_project": len(projects) > 1,
        "has_projects": bool(projects),
        "set_aside": _set_aside_links(wanted, {row.id for row in result.rows}),
        "is_empty": queries.nothing_to_show(result.totals, result.freshness),
    }
    return render(
        request, "calls/table.html", page | pager_links(wanted.query(), result.next_cursor, result.previous_cursor)
    )


def _set_aside_links(wanted: Filter, shown: Collection[str]) -> Sequence[Link]:
    """The rows with the wanted ids that are set aside, of ids that no shown log has."""
    ids = [log_id for log_id in wanted.id[:MAX_IDS] if log_id and log_id not in shown]
    found = [place for log_id in ids for place in queries.set_aside_with_id(log_id)]
    return [Link(log_id, log_url(medium, log_id), is_current=False) for medium, log_id in found]


def _columns(wanted: Filter) -> Sequence[Column]:
    query, sorted_by, is_descending = wanted.query(), wanted.sort.lstrip("-"), wanted.sort.startswith("-")
    return [
        Column(
            title=title,
            href=f"?{query_string.with_parameters(query, sort=_next_sort(name, wanted.sort))}",
            sorted=("descending" if is_descending else "ascending") if name == sorted_by else "",
            is_figure=is_figure,
        )
        for name, title, is_figure in COLUMNS
    ]


def _next_sort(name: str, current: str) -> str:
    """The sort that a click on the column asks for: a second click reverses it."""
    if current.lstrip("-") != name:
        return f"-{name}" if name in LARGEST_FIRST else name
    return name if current.startswith("-") else f"-{name}"
