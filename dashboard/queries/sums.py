"""Sums of a filter by any of its dimensions: from the rollup when it can answer, else from the logs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import DateField, F, Field, Sum, TextField, Value
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from dashboard.filters import Filter
from dashboard.queries.conditions import COLUMNS, logs_of, totals_of
from dashboard.queries.memory import Piece, remembered
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


@dataclass(frozen=True, slots=True)
class DayTotals:
    """One day, its charge also by the values of a dimension."""

    sums: Sums
    totals: Totals
    charges: Mapping[str | None, Decimal]


def sums_by(
    pieces: Iterable[Piece], dimensions: Sequence[str], leaving_out: Sequence[str] = ()
) -> list[tuple[Group, Sums]]:
    """The sums of each group that has logs, in no order. `deleted` is a dimension too.

    `leaving_out` names parameters whose conditions are not applied.
    """
    question = ("sums", tuple(dimensions), tuple(leaving_out))
    groups: defaultdict[Group, list[Sums]] = defaultdict(list)
    for piece in pieces:
        for group, sums in remembered(question, piece, partial(_sums_by, piece, dimensions, leaving_out)):
            groups[group].append(sums)
    return [(group, several[0] if len(several) == 1 else added(several)) for group, several in groups.items()]


def totals_by_day(pieces: Iterable[Piece], dimension: str) -> dict[date, DayTotals]:
    """The days that have logs: their totals, and their charges by the values of one dimension."""
    days: dict[date, DayTotals] = {}
    for piece in pieces:
        days |= remembered(("days", dimension), piece, partial(_totals_by_day, piece, dimension))
    return days


def total_of(pieces: Iterable[Piece]) -> Sums:
    return added(sums for _, sums in sums_by(pieces, ["medium"]))


def total_of_logs(wanted: Filter, until: datetime) -> Sums:
    """The sums of the logs created before an instant, counted one by one: for less than a day."""
    rows = _log_rows(logs_of(wanted).filter(created_at__lt=until), ["medium"])
    return added(tuple(row[1:]) for row in rows)


def _sums_by(piece: Piece, dimensions: Sequence[str], leaving_out: Sequence[str]) -> list[tuple[Group, Sums]]:
    if piece.wanted.from_rollup:
        rows = _rollup_rows(piece.wanted, dimensions, SUMS, leaving_out)
    else:
        rows = _log_rows(logs_of(piece.wanted, leaving_out, piece.details), dimensions)
    width = len(dimensions)
    return [(tuple(map(_value, dimensions, row[:width])), tuple(map(int, row[width:]))) for row in rows]


def _totals_by_day(piece: Piece, dimension: str) -> dict[date, DayTotals]:
    charges: defaultdict[date, dict[str | None, Decimal]] = defaultdict(dict)
    if piece.wanted.from_rollup:
        # Thousands of days and values: of each only what the chart draws.
        for day, value, nano in _rollup_rows(piece.wanted, ["day", dimension], ["charge"], ()):
            charges[day][_value(dimension, value)] = from_nano(int(nano))
        sums = {day: sums for (day,), sums in _sums_by(piece, ["day"], ())}
    else:
        several: defaultdict[date, list[Sums]] = defaultdict(list)
        for (day, value), one in _sums_by(piece, ["day", dimension], ()):
            charges[day][value] = from_nano(one[CHARGE])
            several[day].append(one)
        sums = {day: added(of_day) for day, of_day in several.items()}
    return {day: DayTotals(of_day, as_totals(of_day), charges[day]) for day, of_day in sums.items()}


def added(several: Iterable[Sums]) -> Sums:
    return tuple(map(sum, zip(NOTHING, *several, strict=True)))


def as_totals(sums: Sums) -> Totals:
    return Totals(sums[0], from_nano(sums[CHARGE]), *sums[CHARGE + 1 :])


def by_group(rows: Iterable[tuple[Group, Sums]]) -> list[ChargeRow]:
    """In the order of the groups, absent values last."""
    ordered = sorted(rows, key=lambda row: [(value is None, value) for value in row[0]])
    return [ChargeRow(group, as_totals(sums)) for group, sums in ordered]


def _rollup_rows(
    wanted: Filter, dimensions: Sequence[str], figures: Sequence[str], leaving_out: Sequence[str]
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
