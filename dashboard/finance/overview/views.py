"""The overview: the spend of a period, by day and by group, compared with the period before."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import json_script
from django.views.decorators.http import require_safe

from dashboard import queries
from dashboard.filters import periods, query_string
from dashboard.filters.changes import recently_restated
from dashboard.filters.parser import Filter
from dashboard.finance.overview import chart
from dashboard.finance.overview.buckets import bucket_size, in_buckets
from dashboard.finance.overview.day_table import MAX_ROWS, day_note, day_rows
from dashboard.finance.overview.queries import read_overview
from dashboard.finance.overview.results import Comparison, Overview
from dashboard.finance.overview.svg_chart import svg_chart
from dashboard.pages import formats
from dashboard.pages.context_bar import Link, context_bar, gaps, logs_query, logs_url
from dashboard.pages.filter_bar import filter_bar
from dashboard.results import ChargeRow, Effect, Freshness, Totals
from dashboard.results.totals import INCOMPLETE, RUNNING
from logsync.days import day_of
from logsync.money import rounded, rounding_note
from logsync.text import counted

# What the columns of the chart can be stacked by.
DIMENSIONS = {"type": "Type", "direction": "Direction", "medium": "Medium"}
MORE_DIMENSIONS = {"project": "Project", "status": "Status", "source": "Source"}
CLOSING = "closing"
# What stands beside the spend.
STATE_WORDS = {
    "complete": "",
    "running": "still running",
    "incomplete": "not final: some days are not complete",
    CLOSING: "closing: the last logs of yesterday are being read",
    "future": "not begun yet",
}
HUNDREDTH_OF_A_CENT = Decimal("0.0001")
CENT, PER_MILLE = Decimal("0.01"), Decimal("0.001")


class CompactEncoder(DjangoJSONEncoder):
    """The chart of a year has thousands of values."""

    item_separator, key_separator = ",", ":"


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    today = day_of(now, settings.REPORT_TIME_ZONE)
    wanted = queries.read_filter(request.GET, now)
    result = read_overview(wanted, now)
    projects = queries.project_names()
    lately = recently_restated(wanted, now)
    page = {
        "bar": context_bar(request.path, wanted, result.freshness, now),
        "filters": filter_bar(wanted, projects),
        "result": result,
        "average": _average(result.totals),
        "change": _change(result.comparison, has_conditions=bool(wanted.chips())),
        "restated": (restated := queries.restated(lately)),
        "shows_restated": _is_worth_saying(restated, result.totals),
        "changes": f"{reverse('changes')}?{lately.query()}",
        # Update the figures, too, while the first history is read.
        "grows": True,
        "state": (state := _state(result.freshness)),
        "state_words": STATE_WORDS[state],
        "is_empty": queries.nothing_to_show(result.totals, result.freshness),
        "has_projects": bool(projects),
        "rows": logs_url(logs_query(wanted.query())),
        "unseen": logs_url(logs_query(wanted.query(), deleted="unseen")),
    }
    return render(request, "finance/overview/page.html", page | _by_day(wanted, result, today))


@require_safe
def days(request: HttpRequest) -> HttpResponse:
    """The table of days alone, which a long overview loads when it is opened."""
    now = timezone.now()
    wanted = queries.read_filter(request.GET, now)
    result = read_overview(wanted, now)
    series = chart.series_of(result, _dimension(wanted), wanted)
    page = {"bar": context_bar(reverse("overview"), wanted, result.freshness, now), "result": result}
    table = _day_table(wanted, result, series, day_of(now, settings.REPORT_TIME_ZONE))
    return render(request, "finance/overview/days.html", page | table)


def _state(freshness: Freshness) -> str:
    """The state of the period, in which a day that closes in a few minutes is no gap."""
    unfinished = {*freshness.gaps, *freshness.stale_days} - {freshness.closing, freshness.today}
    if freshness.state != INCOMPLETE or unfinished or not freshness.closing:
        return freshness.state
    return RUNNING if freshness.end >= freshness.today else CLOSING


def _is_worth_saying(restated: Effect, totals: Totals) -> bool:
    """Whether the restated charges moved the total by at least a cent or 0.1%, up or down."""
    return abs(restated.difference) >= min(CENT, abs(totals.charge) * PER_MILLE) and restated.difference != 0


def _by_day(wanted: Filter, result: Overview, today: date) -> dict[str, Any]:
    """The chart with its switch and its table, and the bars by type and direction."""
    dimension = _dimension(wanted)
    series = chart.series_of(result, dimension, wanted)
    query = wanted.query()
    columns = in_buckets(result.days, bucket_size(result.days))
    return {
        "dimension": dimension,
        "switch": [
            Link(label, f"?{query_string.with_parameters(query, group_by=name)}", name == dimension)
            for name, label in DIMENSIONS.items()
        ]
        + [Link(label, "", is_current=True) for name, label in MORE_DIMENSIONS.items() if name == dimension],
        "chart": json_script(chart.day_chart(columns, series, query), "chart-data", encoder=CompactEncoder),
        "drawing": svg_chart(columns, series) if result.totals.logs else None,
        "note": rounding_note([item.total.charge for item in series], result.totals.charge),
        "has_incomplete": any(row.incomplete for row in result.days),
        "lighter": " or ".join(dict.fromkeys(row.open_words for row in result.days if row.open_words)),
        "bars": [
            _bars("By type", result.by_type, "type", wanted, result.totals),
            _bars("By direction", result.by_direction, "direction", wanted, result.totals),
        ],
    } | _day_table(wanted, result, series, today, max_rows=MAX_ROWS)


def _day_table(
    wanted: Filter, result: Overview, series: Sequence[chart.Series], today: date, *, max_rows: int | None = None
) -> dict[str, Any]:
    """The table of days, or the address of its page where it has more than `max_rows`."""
    unit = bucket_size(result.days)
    columns = in_buckets(result.days, unit)
    is_long = max_rows is not None and len(columns) > max_rows
    return {
        "unit": unit,
        "columns": len(columns),
        "series": series,
        "days_page": f"{reverse('days')}?{wanted.query()}" if is_long else "",
        "day_rows": "" if is_long else day_rows(columns, series, wanted.query(), today),
        "day_note": day_note(columns, series, result.totals.charge),
    }


def _bars(
    title: str, rows: Sequence[ChargeRow], dimension: str, wanted: Filter, total: Totals
) -> tuple[str, list[chart.Bar], str]:
    """The title, the bars, and what to say where their amounts do not add to the total."""
    drawn = chart.bars(rows, dimension, wanted, total)
    return title, drawn, rounding_note([bar.charge for bar in drawn], total.charge)


def _dimension(wanted: Filter) -> str:
    return next((name for name in wanted.group_by if name in DIMENSIONS | MORE_DIMENSIONS), "type")


def _average(totals: Totals) -> Decimal | None:
    """Dollars per log with a charge, to a hundredth of a cent or finer."""
    if not totals.charged_logs:
        return None
    return rounded(totals.charge / totals.charged_logs, HUNDREDTH_OF_A_CENT)


def _change(comparison: Comparison | None, *, has_conditions: bool) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "comparison": comparison,
        "words": _comparison_words(comparison, has_conditions=has_conditions),
        "earlier_gaps": gaps(comparison.incomplete),
        "is_up": comparison.difference > 0,
        "is_down": comparison.difference < 0,
    }


def _comparison_words(comparison: Comparison, *, has_conditions: bool) -> str:
    """Both ranges, and what should be known of the one before."""
    ranges = _ranges(comparison)
    if not comparison.is_fair:
        days = counted(comparison.days_before, "day")
        before = formats.span(comparison.start, comparison.end)
        return f"No fair comparison with {before}: {comparison.days_known:,} of {days} known"
    if not comparison.before.logs:
        return f"{ranges}, which has no logs{' that match' if has_conditions else ''}"
    return ranges


def _ranges(comparison: Comparison) -> str:
    """Both ranges, and how many days they have where one is shorter."""
    now = formats.span(comparison.now_start, comparison.now_end)
    before = formats.span(comparison.start, comparison.end)
    if comparison.until is not None:
        clock = formats.clock(comparison.until, settings.REPORT_TIME_ZONE)
        return f"{now} until {clock}, against {before} until {clock}"
    now_days = periods.Span(comparison.now_start, comparison.now_end).length
    before_days = comparison.days_before
    if now_days != before_days:
        every = "all " if comparison.partial else ""
        now, before = f"{now} ({now_days} days)", f"{before} ({every}{before_days} days)"
    return f"{now}, the days that are over, against {before}" if comparison.partial else f"{now} against {before}"
