"""Sums of a filter by any of its dimensions: from the rollup when it can answer, else from the logs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any

from django.conf import settings
from django.db.models import DateField, F, Field, Sum, TextField, Value
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from dashboard.filters.parser import DEFAULT_GROUP_BY, DEFAULT_SORT, Filter
from dashboard.queries.cache import DateSlice, cached, date_slices
from dashboard.queries.completeness import freshness
from dashboard.queries.conditions import COLUMNS, matching_logs, rollup_rows
from dashboard.queries.planner import Fetch, explain, plan_of
from dashboard.queries.projects import project_names_by_id
from dashboard.results import ChargeRow, ChargeTable, Totals
from logsync.columnar.copied_log import CopyReader
from logsync.columnar.files import COMBINED
from logsync.models.logs import TOTALS, LogQuerySet
from logsync.money import from_nano, to_nano

# While sums are added, a charge is a whole number of nano-dollars: nothing can round.
SUMS = tuple(TOTALS)
CHARGE = SUMS.index("charge")
# Dimension -> column of the combinations of the copy, where they differ.
_COMBINED_AS = {"project": "project_id", "type": "log_type"}
# The rollup stores '' where logs have null.
NULLABLE = frozenset({"type", "direction", "status", "source"})

Group = tuple[Any, ...]
Sums = tuple[int, ...]
ZERO_SUMS: Sums = (0,) * len(SUMS)


@dataclass(frozen=True, slots=True)
class DayTotals:
    """The sums of a day, and its charge by the values of one dimension."""

    sums: Sums
    totals: Totals
    charges: Mapping[str | None, Decimal]


def sums_by(
    slices: Iterable[DateSlice], dimensions: Sequence[str], leaving_out: Sequence[str] = ()
) -> list[tuple[Group, Sums]]:
    """The sums of each group that has logs, in no order. `deleted` is a dimension too.

    `leaving_out` names parameters whose conditions are not applied.
    """
    name = ("sums", tuple(dimensions), tuple(leaving_out))
    parts = [cached(name, each, partial(_sums_by, each, dimensions, leaving_out)) for each in slices]
    return _added(chain.from_iterable(parts))


def totals_by_day(slices: Iterable[DateSlice], dimension: str) -> dict[date, DayTotals]:
    """The totals of each day that has logs, with its charges by the values of one dimension."""
    days: dict[date, DayTotals] = {}
    for date_slice in slices:
        days |= cached(("days", dimension), date_slice, partial(_totals_by_day, date_slice, dimension))
    return days


def total_of(slices: Iterable[DateSlice]) -> Sums:
    return add_sums(sums for _, sums in sums_by(slices, ["medium"]))


def total_of_logs(log_filter: Filter, until: datetime) -> Sums:
    """The sums of the logs created before an instant. It reads the logs, so use it for part of a day only."""
    rows = _log_rows(matching_logs(log_filter).filter(created_at__lt=until), ["medium"], list)
    return add_sums(tuple(row[1:]) for row in rows)


def _sums_by(date_slice: DateSlice, dimensions: Sequence[str], leaving_out: Sequence[str]) -> list[tuple[Group, Sums]]:
    log_filter = date_slice.log_filter
    if log_filter.from_rollup:
        explain("rollup")
        return _grouped(_rollup_rows(log_filter, dimensions, SUMS, leaving_out), dimensions)
    parts = plan_of(log_filter, leaving_out).ask(
        lambda logs, fetch: _grouped(_log_rows(logs, dimensions, fetch), dimensions),
        lambda: matching_logs(log_filter, leaving_out, date_slice.log_only()),
    )
    return parts[0] if len(parts) == 1 else _added(chain.from_iterable(parts))


def _grouped(rows: Iterable[Any], dimensions: Sequence[str]) -> list[tuple[Group, Sums]]:
    width = len(dimensions)
    return [(tuple(map(_value, dimensions, row[:width])), tuple(map(int, row[width:]))) for row in rows]


def _added(rows: Iterable[tuple[Group, Sums]]) -> list[tuple[Group, Sums]]:
    """One row for each group."""
    groups: defaultdict[Group, list[Sums]] = defaultdict(list)
    for group, sums in rows:
        groups[group].append(sums)
    return [(group, parts[0] if len(parts) == 1 else add_sums(parts)) for group, parts in groups.items()]


def _totals_by_day(date_slice: DateSlice, dimension: str) -> dict[date, DayTotals]:
    charges: defaultdict[date, dict[str | None, Decimal]] = defaultdict(dict)
    if date_slice.log_filter.from_rollup:
        # There can be thousands of days and values, so read only the charge of each.
        for day, value, nano in _rollup_rows(date_slice.log_filter, ["day", dimension], ["charge"], ()):
            charges[day][_value(dimension, value)] = from_nano(int(nano))
        sums = {day: sums for (day,), sums in _sums_by(date_slice, ["day"], ())}
    else:
        parts: defaultdict[date, list[Sums]] = defaultdict(list)
        for (day, value), group_sums in _sums_by(date_slice, ["day", dimension], ()):
            charges[day][value] = from_nano(group_sums[CHARGE])
            parts[day].append(group_sums)
        sums = {day: add_sums(day_parts) for day, day_parts in parts.items()}
    return {day: DayTotals(day_sums, to_totals(day_sums), charges[day]) for day, day_sums in sums.items()}


def add_sums(parts: Iterable[Sums]) -> Sums:
    return tuple(map(sum, zip(ZERO_SUMS, *parts, strict=True)))


def to_totals(sums: Sums) -> Totals:
    return Totals(sums[0], from_nano(sums[CHARGE]), *sums[CHARGE + 1 :])


def sorted_by_group(rows: Iterable[tuple[Group, Sums]]) -> list[ChargeRow]:
    """In the order of the groups, absent values last."""
    ordered = sorted(rows, key=lambda row: [(value is None, value) for value in row[0]])
    return [ChargeRow(group, to_totals(sums)) for group, sums in ordered]


def _rollup_rows(
    log_filter: Filter, dimensions: Sequence[str], figures: Sequence[str], leaving_out: Sequence[str]
) -> Iterable[Any]:
    groups = {f"by_{name}": _ROLLUP.get(name) or F(COLUMNS[name]) for name in dimensions}
    # A plain Field converts nothing: the sums are whole numbers already, and thousands of Decimals would be slow.
    sums = {f"sum_{name}": Sum(name, output_field=Field()) for name in figures}
    rows = rollup_rows(log_filter, leaving_out).order_by().values(**groups).annotate(**sums)
    return rows.values_list(*groups, *sums)


def _log_rows(logs: LogQuerySet, dimensions: Sequence[str], fetch: Fetch) -> Iterator[list[Any]]:
    if isinstance(fetch, CopyReader) and not {"day", "month"}.intersection(dimensions):
        return _combined_rows(logs, dimensions, fetch)
    zone = settings.REPORT_TIME_ZONE
    expressions = {
        "day": TruncDate("created_at", tzinfo=zone),
        "month": TruncMonth("created_at", tzinfo=zone, output_field=DateField()),
        "project": F("project__name"),
        "deleted": F("deleted"),
    }
    if isinstance(fetch, CopyReader):
        expressions |= {"day": F("day"), "month": TruncMonth("day"), "project": F("project_id")}
    groups = {
        f"by_{name}": expressions.get(name) or Coalesce(F(COLUMNS[name]), Value(""), output_field=TextField())
        for name in dimensions
    }
    rows = _rows_by(logs, groups, fetch)
    return _with_project_names(dimensions, rows) if isinstance(fetch, CopyReader) else rows


def _combined_rows(logs: LogQuerySet, dimensions: Sequence[str], fetch: CopyReader) -> Iterator[list[Any]]:
    """By combinations, which the manifests of the files explain. Several can be of one group."""
    combinations = fetch.source.combinations
    places = [COMBINED.index(_COMBINED_AS.get(name, name)) for name in dimensions]
    rows = (
        [*(combinations[code][place] for place in places), *sums]
        for code, *sums in _rows_by(logs, {"by_combination": F("combination")}, fetch)
    )
    return _with_project_names(dimensions, rows)


def _rows_by(logs: LogQuerySet, groups: Mapping[str, Any], fetch: Fetch) -> Iterator[list[Any]]:
    """The values of the groups, and the sums of each as whole numbers."""
    width = len(groups)
    totals = (f"total_{name}" for name in SUMS)
    for row in fetch(logs.with_deleted().totals_by(**groups).values_list(*groups, *totals)):
        sums = list(row[width:])
        sums[CHARGE] = to_nano(Decimal(sums[CHARGE]))
        yield [*row[:width], *sums]


def _with_project_names(dimensions: Sequence[str], rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """In place of the keys of projects, which are all that the copy has."""
    if "project" not in dimensions:
        yield from rows
        return
    place, names = dimensions.index("project"), project_names_by_id()
    for row in rows:
        row[place] = names[row[place]]
        yield row


_ROLLUP: dict[str, Any] = {
    "day": F("day"),
    "month": TruncMonth("day"),
    "project": F("project__name"),
    "deleted": F("deleted"),
}


def _value(name: str, value: Any) -> Any:
    if name in NULLABLE:
        return value or None
    return f"{value:%Y-%m}" if name == "month" else value


def charges(log_filter: Filter, now: datetime) -> ChargeTable:
    """One row for each group that has logs, in the filter's order. The default group is the day.

    The freshness is read first: a total can be newer than its state, but never lack what its state says is read.
    """
    fresh = freshness(log_filter, now)
    group_by = log_filter.group_by or DEFAULT_GROUP_BY
    rows = sums_by(date_slices(log_filter), group_by)
    return ChargeTable(
        group_by=group_by,
        rows=_in_order(sorted_by_group(rows), group_by, log_filter.sort),
        total=to_totals(add_sums(sums for _, sums in rows)),
        freshness=fresh,
    )


def _in_order(rows: list[ChargeRow], group_by: Sequence[str], sort: str) -> list[ChargeRow]:
    """`rows`, which are sorted by group, by a group or figure. Absent values stay last, and ties in their order."""
    if sort == DEFAULT_SORT:
        return rows
    name, is_descending = sort.removeprefix("-"), sort.startswith("-")
    if name not in group_by:
        return sorted(rows, key=lambda row: getattr(row.totals, name), reverse=is_descending)
    at = group_by.index(name)
    present = [row for row in rows if row.group[at] is not None]
    present.sort(key=lambda row: row.group[at], reverse=is_descending)
    return [*present, *(row for row in rows if row.group[at] is None)]
