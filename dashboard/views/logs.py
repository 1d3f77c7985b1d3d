"""The logs: a filterable, sortable table with the totals of the whole filtered set."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import figures, links, queries
from dashboard.filter_bar import filter_bar
from dashboard.filters import Filter, parse_filter
from dashboard.frame import context_bar, pages_of

# Sort key, title, and whether it holds figures: those stand at the right and are first sorted the largest first.
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
LARGEST_FIRST = frozenset({"created_at", "duration", "charge"})


@dataclass(frozen=True, slots=True)
class Column:
    """`sorted` is the value of aria-sort, "" where the table is sorted by another one."""

    title: str
    href: str
    sorted: str
    is_figure: bool


@require_safe
def logs(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    asked = parse_filter(request.GET, now)
    found = queries.logs_page(asked, now)
    projects = queries.project_names()
    page = {
        "bar": context_bar(request.path, asked, found.freshness, now),
        "filters": filter_bar(asked, projects, found.facets),
        "found": found,
        "columns": _columns(asked),
        "decimals": figures.decimals([found.totals.charge, *(row.charge for row in found.rows)]),
        "shows_project": len(projects) > 1,
        "has_projects": bool(projects),
        "is_empty": not found.totals.logs and not found.freshness.data_until,
    }
    return render(request, "logs.html", page | pages_of(asked.query(), found.next_cursor, found.previous_cursor))


def _columns(asked: Filter) -> Sequence[Column]:
    query, by, is_down = asked.query(), asked.sort.lstrip("-"), asked.sort.startswith("-")
    return [
        Column(
            title=title,
            href=f"?{links.replaced(query, sort=_next_sort(name, by, is_down=is_down))}",
            sorted=("descending" if is_down else "ascending") if name == by else "",
            is_figure=is_figure,
        )
        for name, title, is_figure in COLUMNS
    ]


def _next_sort(name: str, by: str, *, is_down: bool) -> str:
    goes_down = not is_down if name == by else name in LARGEST_FIRST
    return f"-{name}" if goes_down else name
