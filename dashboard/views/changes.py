"""Charges that SignalWire restated: what moved, by how much, and when that was read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import figures, links, periods, queries
from dashboard.change_filter import CHANGED, KINDS, ChangeFilter, parse_change_filter
from dashboard.filter_bar import filter_bar
from dashboard.frame import Link, context_bar, pages_of

# More days than these are summed up in the footer alone.
DAYS_SHOWN = 31


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    asked = parse_change_filter(request.GET, now)
    found = queries.changes_page(asked, now)
    projects = queries.project_names()
    page = {
        "bar": context_bar(request.path, asked.logs, found.freshness, now, asked.own()),
        "filters": filter_bar(asked.logs, projects, own=asked.own()),
        "found": found,
        "asked": asked,
        "kinds": _kinds(asked),
        "changed": _changed(asked),
        "changed_label": _when(asked.changed),
        "decimals": figures.decimals([charge for row in found.rows for charge in (row.old_charge, row.new_charge)]),
        "day_decimals": figures.decimals([effect.difference for _, effect in found.by_day]),
        "days": [(day, effect, _of_day(asked, str(day))) for day, effect in found.by_day[:DAYS_SHOWN]],
        "more_days": max(0, len(found.by_day) - DAYS_SHOWN),
        "shows_project": len(projects) > 1,
    }
    return render(request, "changes.html", page | pages_of(asked.query(), found.next_cursor, found.previous_cursor))


def _kinds(asked: ChangeFilter) -> list[Link]:
    return [_link(asked, label, kind=name, is_current=asked.kind == name) for name, label in KINDS.items()]


def _changed(asked: ChangeFilter) -> list[Link]:
    return [_link(asked, _when(name), changed=name, is_current=asked.changed == name) for name in CHANGED]


def _when(period: str) -> str:
    return "Any time" if period == periods.ALL else periods.PERIODS[period]


def _link(asked: ChangeFilter, label: str, *, is_current: bool, **parameters: str) -> Link:
    return Link(label, f"?{links.replaced(asked.query(), **parameters)}", is_current)


def _of_day(asked: ChangeFilter, day: str) -> str:
    return f"?{links.replaced(asked.query(), period=None, start=day, end=day)}"
