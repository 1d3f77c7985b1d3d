"""The overview: what was spent in the period, on what, and how that compares."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import charts, figures, links, queries
from dashboard.change_filter import restated_lately
from dashboard.coarser import in_units, unit_for
from dashboard.day_table import day_rows
from dashboard.filter_bar import filter_bar
from dashboard.filters import Filter, parse_filter
from dashboard.frame import Link, context_bar, gaps, rows_address, rows_query
from dashboard.queries.freshness import first_day
from dashboard.results import Comparison, Overview, Totals
from logsync.days import day_of

# What the columns can be stacked by, in words.
DIMENSIONS = {"type": "Type", "direction": "Direction", "medium": "Medium"}
MORE_DIMENSIONS = {"project": "Project", "status": "Status", "source": "Source"}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    asked = parse_filter(request.GET, now)
    found = queries.overview(asked, now)
    projects = queries.project_names()
    lately = restated_lately(asked, now)
    page = {
        "bar": context_bar(request.path, asked, found.freshness, now),
        "filters": filter_bar(asked, projects),
        "found": found,
        "average": _average(found.totals),
        "change": _change(asked, found.comparison),
        "restated": queries.restated(lately),
        "changes": f"{reverse('changes')}?{lately.query()}",
        # While the first history comes in, the page follows it.
        "grows": True,
        "is_empty": not found.totals.logs and not found.freshness.data_until,
        "has_projects": bool(projects),
        "rows": rows_address(rows_query(asked.query())),
        "unseen": rows_address(rows_query(asked.query(), deleted="unseen")),
    }
    return render(request, "overview.html", page | _by_day(asked, found, day_of(now, settings.REPORT_TIME_ZONE)))


def _by_day(asked: Filter, found: Overview, today: date) -> dict[str, Any]:
    """The chart by day with its switch and its table, and the bars of shares."""
    dimension = _dimension(asked)
    series = charts.series_of(found, dimension, asked)
    query = asked.query()
    unit = unit_for(found.days)
    columns = in_units(found.days, unit)
    return {
        "dimension": dimension,
        "unit": unit,
        "columns": len(columns),
        "switch": [
            Link(label, f"?{links.replaced(query, group_by=name)}", name == dimension)
            for name, label in DIMENSIONS.items()
        ]
        + [Link(label, "", is_current=True) for name, label in MORE_DIMENSIONS.items() if name == dimension],
        "series": series,
        "chart": charts.day_chart(columns, series, query),
        "day_rows": day_rows(columns, series, query, today),
        "has_incomplete": any(row.incomplete for row in found.days),
        "has_running": any(row.is_running for row in found.days),
        "bars": [
            ("By type", charts.bars(found.by_type, "type", asked, found.totals)),
            ("By direction", charts.bars(found.by_direction, "direction", asked, found.totals)),
        ],
    }


def _dimension(asked: Filter) -> str:
    return next((name for name in asked.group_by if name in DIMENSIONS | MORE_DIMENSIONS), "type")


def _average(totals: Totals) -> Decimal | None:
    """Dollars per log that carries a charge, to a hundredth of a cent."""
    if not totals.charged_logs:
        return None
    return (totals.charge / totals.charged_logs).quantize(Decimal("0.0001"))


def _change(asked: Filter, comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "comparison": comparison,
        "words": _compared(asked, comparison),
        "known_since": _known_since(comparison),
        "earlier_gaps": gaps(comparison.incomplete),
        "is_up": comparison.difference > 0,
        "is_down": comparison.difference < 0,
    }


def _known_since(comparison: Comparison) -> date | None:
    """The first day that was ever read, where the days before reach back beyond it."""
    first = first_day() if comparison.before.logs else None
    return first if first and first > comparison.start else None


def _compared(asked: Filter, comparison: Comparison) -> str:
    """Which days are compared: both ranges by name where it is not all of the period."""
    before = figures.span(comparison.start, comparison.end)
    if comparison.until is not None:
        clock = figures.clock(comparison.until, settings.REPORT_TIME_ZONE)
        return f"today until {clock}, against {before} until {clock}"
    if not comparison.before.logs:
        return f"nothing to compare with: no logs of {before} are known"
    if comparison.partial:
        return f"{figures.span(asked.start, comparison.now_end)}, the days that are over, against {before}"
    return f"against {before}"
