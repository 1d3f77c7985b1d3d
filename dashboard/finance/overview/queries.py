"""The figures of the overview: totals, days by series, shares, and the comparison with the period before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain

from django.conf import settings

from dashboard.filters import periods
from dashboard.filters.parser import Filter
from dashboard.finance.overview.results import Comparison, DayRow, Overview
from dashboard.queries.cache import date_slices
from dashboard.queries.completeness import freshness, incomplete_days
from dashboard.queries.conditions import DELETED
from dashboard.queries.totals import (
    CHARGE,
    ZERO_SUMS,
    DayTotals,
    Group,
    Sums,
    add_sums,
    sums_by,
    to_totals,
    total_of,
    total_of_logs,
    totals_by_day,
)
from dashboard.results import BEING_REBUILT, ChargeRow, Freshness, Totals
from logsync.days import day_of
from logsync.models.choices import Deleted
from logsync.money import from_nano
from logsync.rollups.known_days import days_of

SERIES = ("type", "direction", "medium", "project", "status", "source")
EMPTY_DAY = DayTotals(ZERO_SUMS, Totals(), {})
MAX_ATTEMPTS = 5
PARTS = ("deleted", "type", "direction", "medium")


def read_overview(log_filter: Filter, now: datetime) -> Overview:
    """The series come from the filter's first group_by that is in SERIES, else from the type.

    Completeness is read before the sums, so that no total lacks logs that it reports as read.
    """
    state = freshness(log_filter, now)
    series = next((name for name in log_filter.group_by if name in SERIES), "type")
    dimensions = list(dict.fromkeys([*PARTS, series]))
    days, parts = _days_and_parts(log_filter, series, dimensions)
    shown = [(group, sums) for group, sums in parts if group[0] in DELETED[log_filter.deleted]]
    return Overview(
        totals=to_totals(add_sums(sums for _, sums in shown)),
        comparison=_comparison(log_filter, days, state, now),
        series=_by_value(shown, dimensions.index(series)),
        days=_days(log_filter, days, state, now),
        by_type=_by_value(shown, 1),
        by_direction=_by_value(shown, 2),
        by_medium=_by_value(shown, 3),
        unseen=sum(sums[0] for group, sums in parts if group[0] == Deleted.UNSEEN),
        freshness=state,
    )


def _days_and_parts(
    log_filter: Filter, series: str, dimensions: Sequence[str]
) -> tuple[dict[date, DayTotals], list[tuple[Group, Sums]]]:
    """The same logs by day and by group. Reads both again if a day was rebuilt in between.

    The groups ignore the filter's `deleted`, because unseen tombstones are counted separately.
    """
    for _ in range(MAX_ATTEMPTS if log_filter.from_rollup else 0):
        slices = date_slices(log_filter)
        days = totals_by_day(slices, series)
        parts = sums_by(slices, dimensions, leaving_out=["deleted"])
        if date_slices(log_filter) == slices:
            return days, parts
    return _both_in_one(log_filter, series, dimensions)


def _both_in_one(
    log_filter: Filter, series: str, dimensions: Sequence[str]
) -> tuple[dict[date, DayTotals], list[tuple[Group, Sums]]]:
    """The same from one query for each slice, so nothing can change in between. One scan of logs is cheaper than two,
    but the rollup answers two small questions sooner than this large one."""
    rows = sums_by(date_slices(log_filter), ["day", *dimensions], leaving_out=["deleted"])
    parts: defaultdict[Group, list[Sums]] = defaultdict(list)
    days: defaultdict[date, list[tuple[str | None, Sums]]] = defaultdict(list)
    for (day, *group), sums in rows:
        parts[tuple(group)].append(sums)
        if group[0] in DELETED[log_filter.deleted]:
            days[day].append((group[dimensions.index(series)], sums))
    return (
        {day: _day_totals(groups) for day, groups in days.items()},
        [(group, add_sums(group_sums)) for group, group_sums in parts.items()],
    )


def _day_totals(groups: Sequence[tuple[str | None, Sums]]) -> DayTotals:
    sums = add_sums(group_sums for _, group_sums in groups)
    charges: defaultdict[str | None, int] = defaultdict(int)
    for value, group_sums in groups:
        charges[value] += group_sums[CHARGE]
    return DayTotals(sums, to_totals(sums), {value: from_nano(nano) for value, nano in charges.items()})


def _by_value(rows: Iterable[tuple[Group, Sums]], position: int) -> list[ChargeRow]:
    """The sums by the value at this position of the groups, in no order."""
    groups: defaultdict[str | None, list[Sums]] = defaultdict(list)
    for group, sums in rows:
        groups[group[position]].append(sums)
    return [ChargeRow((value,), to_totals(add_sums(parts))) for value, parts in groups.items()]


def _days(log_filter: Filter, days: Mapping[date, DayTotals], state: Freshness, now: datetime) -> list[DayRow]:
    """Every day of the filter up to today, including days without logs, and later days that have some."""
    today = day_of(now, settings.REPORT_TIME_ZONE)
    later = sorted(day for day in days if day > today)
    being_rebuilt = dict.fromkeys(state.stale_days, BEING_REBUILT)
    return [
        DayRow(
            day=day,
            totals=days.get(day, EMPTY_DAY).totals,
            charges=days.get(day, EMPTY_DAY).charges,
            is_running=day == today,
            is_future=day > today,
            incomplete="" if day == state.closing else state.incomplete.get(day) or being_rebuilt.get(day, ""),
            is_closing=day == state.closing,
        )
        for day in chain(days_of(log_filter.start, min(log_filter.end, today)), later)
    ]


def _comparison(
    log_filter: Filter, days: Mapping[date, DayTotals], state: Freshness, now: datetime
) -> Comparison | None:
    elapsed = periods.elapsed(log_filter.period, log_filter.span, day_of(now, settings.REPORT_TIME_ZONE))
    if elapsed is None:
        return None
    if elapsed.until_now:
        return _comparison_until(log_filter, elapsed, min(now, state.data_until or now))
    before = _on(log_filter, elapsed.before)
    incomplete = incomplete_days(before, now)
    now_sums = add_sums(day_totals.sums for day, day_totals in days.items() if day <= elapsed.now.end)
    comparison = _compared(elapsed, now_sums, total_of(date_slices(before)))
    return replace(comparison, incomplete=incomplete)


def _comparison_until(log_filter: Filter, elapsed: periods.Elapsed, until: datetime) -> Comparison | None:
    """The running day, as far as it was read, compared with the earlier day up to the same local time.

    Both sides are counted from the logs, because the rollup has whole days only.
    """
    zone = settings.REPORT_TIME_ZONE
    if day_of(until, zone) != elapsed.now.end:
        return None
    local_time = until.astimezone(zone).timetz()
    until_before = datetime.combine(elapsed.before.end, local_time).astimezone(UTC)
    before = _on(log_filter, elapsed.before)
    incomplete = incomplete_days(before, until)
    now_sums = total_of_logs(_on(log_filter, elapsed.now), until)
    comparison = _compared(elapsed, now_sums, total_of_logs(before, until_before), until)
    return replace(comparison, incomplete=incomplete)


def _compared(elapsed: periods.Elapsed, now: Sums, before: Sums, until: datetime | None = None) -> Comparison:
    return Comparison(
        start=elapsed.before.start or elapsed.before.end,
        end=elapsed.before.end,
        now=to_totals(now),
        before=to_totals(before),
        now_start=elapsed.now.start or elapsed.now.end,
        now_end=elapsed.now.end,
        partial=elapsed.partial,
        until=until,
    )


def _on(log_filter: Filter, span: periods.Span) -> Filter:
    return replace(log_filter, period=None, start=span.start, end=span.end)
