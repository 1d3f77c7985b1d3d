"""Sums of a filter by any of its dimensions: from the rollup when it can answer, else from the logs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import DateField, F, Field, Q, Sum, TextField, Value
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from dashboard.filters import Filter
from dashboard.queries.conditions import COLUMNS, logs_of, totals_of
from dashboard.results import ChargeRow, Totals
from logsync.money import from_nano, to_nano
from logsync.querysets import LogQuerySet

# As in Totals, in this order. While they are added a charge is a whole number of nano-dollars: nothing can round.
SUMS = ("logs", "charge", "charged_logs", "billing_ms", "billed_logs", "seconds", "timed_logs")
LOG_SUMS = ("logs", "charge_sum", "charged_logs", "billing_ms_sum", "billed_logs", "seconds_sum", "timed_logs")
CHARGE = SUMS.index("charge")
# The rollup holds '' where the logs hold null.
NULLABLE = frozenset({"type", "direction", "status", "source"})

Group = tuple[Any, ...]
Sums = tuple[int, ...]
NOTHING: Sums = (0,) * len(SUMS)


def sums_by(
    wanted: Filter, dimensions: Sequence[str], leaving_out: Collection[str] = (), details: Q | None = None
) -> list[tuple[Group, Sums]]:
    """The sums of each group that has logs, in no order. `deleted` is a dimension too.

    `leaving_out` names parameters whose conditions are not applied; `details` see conditions.logs_of.
    """
    if wanted.from_rollup:
        rows = _rollup_rows(wanted, dimensions, SUMS, leaving_out)
    else:
        rows = _log_rows(logs_of(wanted, leaving_out, details), dimensions)
    width = len(dimensions)
    return [(tuple(map(_value, dimensions, row[:width])), tuple(map(int, row[width:]))) for row in rows]


@dataclass(frozen=True, slots=True)
class DaySums:
    """The sums of each day that has logs, and its charge in nano-dollars by the values of one dimension."""

    sums: Mapping[date, Sums]
    charges: Mapping[date, Mapping[str | None, int]]


def sums_by_day(wanted: Filter, dimension: str) -> DaySums:
    charges: defaultdict[date, dict[str | None, int]] = defaultdict(dict)
    if wanted.from_rollup:
        # Thousands of days and values: of each only what the chart draws.
        for day, value, nano in _rollup_rows(wanted, ["day", dimension], ["charge"], ()):
            charges[day][_value(dimension, value)] = int(nano)
        return DaySums({day: sums for (day,), sums in sums_by(wanted, ["day"])}, charges)
    days: defaultdict[date, list[Sums]] = defaultdict(list)
    for (day, value), sums in sums_by(wanted, ["day", dimension]):
        days[day].append(sums)
        charges[day][value] = sums[CHARGE]
    return DaySums({day: added(several) for day, several in days.items()}, charges)


def total_of(wanted: Filter) -> Sums:
    return added(sums for _, sums in sums_by(wanted, ["medium"]))


def total_of_logs(wanted: Filter, until: datetime) -> Sums:
    """The sums of the logs created before an instant, counted one by one: for less than a day."""
    rows = _log_rows(logs_of(wanted).filter(created_at__lt=until), ["medium"])
    return added(tuple(row[1:]) for row in rows)


def added(several: Iterable[Sums]) -> Sums:
    return tuple(map(sum, zip(NOTHING, *several, strict=True)))


def as_totals(sums: Sums) -> Totals:
    return Totals(sums[0], from_nano(sums[CHARGE]), *sums[CHARGE + 1 :])


def by_group(rows: Iterable[tuple[Group, Sums]]) -> list[ChargeRow]:
    """In the order of the groups, absent values last."""
    ordered = sorted(rows, key=lambda row: [(value is None, value) for value in row[0]])
    return [ChargeRow(group, as_totals(sums)) for group, sums in ordered]


def _rollup_rows(
    wanted: Filter, dimensions: Sequence[str], figures: Sequence[str], leaving_out: Collection[str]
) -> Iterable[Any]:
    groups = {f"by_{name}": _ROLLUP.get(name) or F(COLUMNS[name]) for name in dimensions}
    # A field that converts nothing: whole numbers come as they are, and a Decimal for each of thousands takes its time.
    sums = {f"sum_{name}": Sum(name, output_field=Field()) for name in figures}
    rows = totals_of(wanted, leaving_out).order_by().values(**groups).annotate(**sums)
    return rows.values_list(*groups, *sums)


def _log_rows(logs: LogQuerySet, dimensions: Sequence[str]) -> Iterator[list[Any]]:
    zone = settings.REPORT_TIME_ZONE
    days = {
        "day": TruncDate("created_at", tzinfo=zone),
        "month": TruncMonth("created_at", tzinfo=zone, output_field=DateField()),
        "project": F("project__name"),
        "deleted": F("deleted"),
    }
    groups = {
        f"by_{name}": days.get(name) or Coalesce(F(COLUMNS[name]), Value(""), output_field=TextField())
        for name in dimensions
    }
    for row in logs.with_deleted().totals_by(**groups).values_list(*groups, *LOG_SUMS):
        group, sums = row[: len(dimensions)], [value or 0 for value in row[len(dimensions) :]]
        sums[CHARGE] = to_nano(Decimal(sums[CHARGE]))
        yield [*group, *sums]


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
