"""The page of changed charges: which, by how much, and when Tollbook read the change."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import queries
from dashboard.filters import periods, query_string
from dashboard.filters.changes import CHANGED, KINDS, ChangeFilter
from dashboard.pages import formats
from dashboard.pages.context_bar import Link, context_bar, pager_links
from dashboard.pages.filter_bar import filter_bar

# The footer alone sums up the days beyond these.
MAX_DAYS_SHOWN = 31


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    wanted = queries.read_change_filter(request.GET, now)
    result = queries.changes_page(wanted, now)
    projects = queries.project_names()
    page = {
        "bar": context_bar(request.path, wanted.logs, result.freshness, now, wanted.own(), exported="All changes"),
        "filters": filter_bar(wanted.logs, projects, own=wanted.own()),
        "result": result,
        "wanted": wanted,
        "kinds": [_link(wanted, label, kind=name, is_current=wanted.kind == name) for name, label in KINDS.items()],
        "changed": [
            _link(wanted, _period_label(name), changed=name, is_current=wanted.changed == name) for name in CHANGED
        ],
        "changed_label": _period_label(wanted.changed),
        "decimals": formats.decimals([charge for row in result.rows for charge in (row.old_charge, row.new_charge)]),
        "day_decimals": formats.decimals([effect.difference for _, effect in result.by_day]),
        "days": [(day, effect, _day_href(wanted, str(day))) for day, effect in result.by_day[:MAX_DAYS_SHOWN]],
        "more_days": max(0, len(result.by_day) - MAX_DAYS_SHOWN),
        "shows_project": len(projects) > 1,
    }
    return render(
        request,
        "finance/changed_charges.html",
        page | pager_links(wanted.query(), result.next_cursor, result.previous_cursor),
    )


def _period_label(period: str) -> str:
    return "Any time" if period == periods.ALL else periods.PERIODS[period]


def _link(wanted: ChangeFilter, label: str, *, is_current: bool, **parameters: str) -> Link:
    return Link(label, f"?{query_string.with_parameters(wanted.query(), **parameters)}", is_current)


def _day_href(wanted: ChangeFilter, day: str) -> str:
    return f"?{query_string.with_parameters(wanted.query(), period=None, start=day, end=day)}"
