"""What the overview shows: totals, days by series, shares, and the change against the period before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from django.conf import settings

from dashboard import periods
from dashboard.filters import Filter
from dashboard.queries.conditions import DELETED
from dashboard.queries.freshness import first_day, freshness, incomplete_days
from dashboard.queries.memory import pieces_of
from dashboard.queries.sums import (
    CHARGE,
    NOTHING,
    DayTotals,
    Group,
    Sums,
    added,
    as_totals,
    sums_by,
    total_of,
    total_of_logs,
    totals_by_day,
)
from dashboard.results import ChargeRow, Comparison, DayRow, Freshness, Overview, Totals
from logsync.choices import Deleted
from logsync.days import day_of, days_between

SERIES = ("type", "direction", "medium", "project", "status", "source")
EMPTY = DayTotals(NOTHING, Totals(), {})
MOST_ATTEMPTS = 5
PARTS = ("deleted", "type", "direction", "medium")


def overview(wanted: Filter, now: datetime) -> Overview:
    """The series are those of the filter's first group_by that makes some, else of the type."""
    series = next((name for name in wanted.group_by if name in SERIES), "type")
    dimensions = list(dict.fromkeys([*PARTS, series]))
    days, parts = _days_and_parts(wanted, series, dimensions)
    shown = [(group, sums) for group, sums in parts if group[0] in DELETED[wanted.deleted]]
    state = freshness(wanted, now)
    return Overview(
        totals=as_totals(added(sums for _, sums in shown)),
        comparison=_comparison(wanted, days, state, now),
        series=_by_charge(shown, dimensions.index(series)),
        days=_days(wanted, days, state, now),
        by_type=_by_charge(shown, 1),
        by_direction=_by_charge(shown, 2),
        by_medium=_by_charge(shown, 3),
        unseen=sum(sums[0] for group, sums in parts if group[0] == Deleted.UNSEEN),
        freshness=state,
    )


def _days_and_parts(
    wanted: Filter, series: str, dimensions: Sequence[str]
) -> tuple[dict[date, DayTotals], list[tuple[Group, Sums]]]:
    """The same logs by day and by group: read again when a day was totalled anew in between.

    The groups are also of what the filter does not show, because tombstones are counted apart.
    """
    for _ in range(MOST_ATTEMPTS):
        pieces = pieces_of(wanted)
        days = totals_by_day(pieces, series)
        parts = sums_by(pieces, dimensions, leaving_out=["deleted"])
        if pieces_of(wanted) == pieces:
            break
    return days, parts


def _by_charge(rows: Iterable[tuple[Group, Sums]], at: int) -> list[ChargeRow]:
    """The sums by one value of the groups, largest charge first, then by its name."""
    groups: defaultdict[str | None, list[Sums]] = defaultdict(list)
    for group, sums in rows:
        groups[group[at]].append(sums)
    totals = [(value, added(several)) for value, several in groups.items()]
    ordered = sorted(totals, key=lambda row: (-row[1][CHARGE], -row[1][0], row[0] is None, row[0]))
    return [ChargeRow((value,), as_totals(sums)) for value, sums in ordered]


def _days(wanted: Filter, days: Mapping[date, DayTotals], state: Freshness, now: datetime) -> list[DayRow]:
    """Every day of the filter up to today, also those without a log; all days begin with the first that is known."""
    today = day_of(now, settings.REPORT_TIME_ZONE)
    start = wanted.start or first_day() or wanted.end
    return [
        DayRow(
            day=day,
            totals=days.get(day, EMPTY).totals,
            charges=days.get(day, EMPTY).charges,
            is_running=day == today,
            incomplete=state.incomplete.get(day, ""),
        )
        for day in days_between(start, min(wanted.end, today))
    ]


def _comparison(wanted: Filter, days: Mapping[date, DayTotals], state: Freshness, now: datetime) -> Comparison | None:
    elapsed = periods.elapsed(wanted.period, wanted.span, day_of(now, settings.REPORT_TIME_ZONE))
    if elapsed is None:
        return None
    if elapsed.until_now:
        return _comparison_until(wanted, elapsed, min(now, state.data_until or now))
    before = _on(wanted, elapsed.before)
    found = _compared(
        elapsed,
        added(of_day.sums for day, of_day in days.items() if day <= elapsed.now.end),
        total_of(pieces_of(before)),
    )
    return replace(found, incomplete=incomplete_days(before, now))


def _comparison_until(wanted: Filter, elapsed: periods.Elapsed, until: datetime) -> Comparison | None:
    """A day that has only begun, as far as it was read, beside the other day up to the same time by the clock.

    Totals of whole days cannot answer this: both sides are counted from the logs.
    """
    zone = settings.REPORT_TIME_ZONE
    if day_of(until, zone) != elapsed.now.end:
        return None
    by_the_clock = until.astimezone(zone).timetz()
    until_before = datetime.combine(elapsed.before.end, by_the_clock).astimezone(UTC)
    before = _on(wanted, elapsed.before)
    now_side = total_of_logs(_on(wanted, elapsed.now), until)
    found = _compared(elapsed, now_side, total_of_logs(before, until_before), until)
    return replace(found, incomplete=incomplete_days(before, until))


def _compared(elapsed: periods.Elapsed, now: Sums, before: Sums, until: datetime | None = None) -> Comparison:
    return Comparison(
        start=elapsed.before.start or elapsed.before.end,
        end=elapsed.before.end,
        now=as_totals(now),
        before=as_totals(before),
        now_end=elapsed.now.end,
        partial=elapsed.partial,
        until=until,
    )


def _on(wanted: Filter, span: periods.Span) -> Filter:
    return replace(wanted, period=None, start=span.start, end=span.end)
