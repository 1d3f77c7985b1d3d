"""Charges and logs as CSV and JSON: the same rows and figures as the pages, exact to the nano-dollar.

Columns have the names of SignalWire's API; new ones are added behind them, for scripts that read by position. Instants
are UTC in ISO 8601; `report_day` and `local_time` are of the report timezone. Absent values are empty (null in JSON).

What a CSV does when it is opened with a double-click was tried in LibreOffice in English and German:
- Amounts have nine decimals: where the decimal separator is a comma, 0.015 became 15, while 0.015000000 stays as it
  is written.
- `from` and `to` are what SignalWire sent, for scripts. A spreadsheet makes equal numbers of +442079460000 and
  00442079460000, quoted or not; only another first or last character keeps them text. So `from_text` and `to_text`
  hold tel:+442079460000.
- Text that would be a formula gets a leading apostrophe, except for phone numbers.
- There is no byte order mark: csv.DictReader and awk would take it for a part of the first column's name. Excel needs
  one for letters outside ASCII; in an XLSX all text is right.
"""

import csv
import json
import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from io import StringIO
from itertools import islice
from operator import attrgetter
from typing import Any

from django.conf import settings

from dashboard.filters.parser import Filter
from dashboard.results import (
    BEING_REBUILT,
    COMPLETE,
    ChargeChangeRow,
    ChargeRow,
    ChargeTable,
    Freshness,
    LogRow,
    SetAside,
    Totals,
)
from logsync.days import day_of, iso_utc
from logsync.money import plain, plain_nine

Cell = str | int | Decimal | datetime | date | time | None
CHUNK_SIZE = 500
# Most texts and amounts of logs occur again and again.
CACHE_SIZE = 1024
# A formula can start after invisible characters, or after a character that separates cells in other locales.
INVISIBLE = r"[ \x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]{0,64}"
_SIGN = r"[=+\-@＝＋－＠]"
_FORMULA = re.compile(rf"{INVISIBLE}{_SIGN}|[\t\r\n]")
_FORMULA_BEHIND = re.compile(rf"([;|\t\r\n])(?={INVISIBLE}{_SIGN})")
_PHONE_NUMBER = re.compile(r"\+[0-9]+")

# Column -> field of LogRow.
LOG_COLUMNS = {
    "project": "project",
    "medium": "medium",
    "id": "id",
    "created_at": "created_at",
    "type": "log_type",
    "direction": "direction",
    "status": "status",
    "source": "source",
    "from": "from_number",
    "to": "to_number",
    "room_name": "room_name",
    "duration": "duration",
    "duration_ms": "duration_ms",
    "billing_ms": "billing_ms",
    "charge": "charge",
    "itemised": "itemised",
    "parent_id": "parent_id",
    "started_at": "started_at",
    "ended_at": "ended_at",
    "discarded_at": "discarded_at",
    "seconds": "seconds",
    "url": "url",
    "locked": "locked",
}
# Of `created_at`, in the report timezone.
LOCAL_COLUMNS = ("report_day", "local_time")
# Column -> attribute of ChargeChangeRow.
CHANGE_COLUMNS = {
    "changed_at": "changed_at",
    "project": "project",
    "medium": "medium",
    "id": "log_id",
    "created_at": "log_created_at",
    "old_created_at": "old_log_created_at",
    "old_charge": "old_charge",
    "new_charge": "new_charge",
    "difference": "difference",
    "had_ended": "was_final",
}
AMOUNTS = frozenset({"charge", "itemised", "old_charge", "new_charge", "difference"})
LOG_SUMS = ("billing_ms", "charge", "itemised", "seconds")
# What could not be read, in words.
SET_ASIDE = "set_aside"
OF_FEEDS = frozenset({"project", "medium"})
SUMS = tuple(field.name for field in fields(Totals))


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of raw values. `rows` may be an iterator, so read them once only.

    `amounts` are columns of dollars; `sums` are columns that a total row adds up.
    """

    columns: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]
    amounts: Collection[str] = ()
    sums: Collection[str] = ()


def charges_table(charges: ChargeTable) -> Table:
    """What was set aside stands in words, which nothing adds up: rows of the same days repeat it."""
    facts = _facts_of_rows(charges)
    rows = (
        (*row.group, *sums(row.totals), *completeness_cells(*row_facts))
        for row, row_facts in zip(charges.rows, facts, strict=True)
    )
    return Table((*charges.group_by, *SUMS, "complete", "state", SET_ASIDE), rows, AMOUNTS, SUMS)


def completeness_cells(state: str, rows: SetAside) -> tuple[Cell, ...]:
    return (_text(state == COMPLETE), state, rows.words or None)


def _facts_of_rows(charges: ChargeTable) -> list[tuple[str, SetAside]]:
    """The state of each row, and what was set aside: of its day or month, project and medium, else of the filter."""
    fresh = charges.freshness
    at = {name: place for place, name in enumerate(charges.group_by) if name in OF_FEEDS}

    @cache
    def facts(start: date | None, end: date, **feed: str) -> tuple[str, SetAside]:
        return fresh.state_of(start, end), fresh.set_aside_of(start, end, **feed)

    return [
        facts(*_days_of(charges, row), **{name: str(row.group[place]) for name, place in at.items()})
        for row in charges.rows
    ]


def _days_of(charges: ChargeTable, row: ChargeRow) -> tuple[date | None, date]:
    """The first and the last day of the filter that the row can have logs of."""
    start, end = charges.freshness.start, charges.freshness.end
    for name, value in zip(charges.group_by, row.group, strict=True):
        if name in _DAYS_OF_GROUP:
            first, last = _DAYS_OF_GROUP[name](value)
            start, end = max(start or first, first), min(end, last)
    return start, end


def _month(value: str) -> tuple[date, date]:
    first = date.fromisoformat(f"{value}-01")
    return first, first.replace(day=monthrange(first.year, first.month)[1])


# Groups that are days themselves -> the first and the last day of a value.
_DAYS_OF_GROUP: Mapping[str, Callable[[Any], tuple[date, date]]] = {"day": lambda day: (day, day), "month": _month}


def logs_table(rows: Iterable[LogRow]) -> Table:
    zone, values = settings.REPORT_TIME_ZONE, attrgetter(*LOG_COLUMNS.values())

    def cells(row: LogRow) -> tuple[Cell, ...]:
        local = row.created_at.astimezone(zone)
        return (*values(row), local.date(), local.time().replace(microsecond=0))

    return Table((*LOG_COLUMNS, *LOCAL_COLUMNS), map(cells, rows), AMOUNTS, LOG_SUMS)


def some_columns(rows: Iterable[LogRow], columns: Sequence[str]) -> Table:
    """A table of logs with some of LOG_COLUMNS."""
    cells = attrgetter(*(LOG_COLUMNS[column] for column in columns))
    return Table(tuple(columns), map(cells, rows))


def changes_table(rows: Iterable[ChargeChangeRow]) -> Table:
    zone, values = settings.REPORT_TIME_ZONE, attrgetter(*CHANGE_COLUMNS.values())
    cells = ((*values(row), day_of(row.log_created_at, zone), day_of(row.changed_at, zone)) for row in rows)
    return Table((*CHANGE_COLUMNS, "report_day", "changed_day"), cells, AMOUNTS)


def csv_chunks(table: Table) -> Iterator[str]:
    """CSV in chunks of CHUNK_SIZE rows. The first one includes rows, so that a query fails before any output."""
    rows = iter(table.rows)
    lines: Iterable[Iterable[str]] = [table.columns]
    while batch := list(islice(rows, CHUNK_SIZE)):
        yield _csv_text([*lines, *(map(_csv_cell, row) for row in batch)])
        lines = []
    yield _csv_text(lines)


def charges_json(log_filter: Filter, charges: ChargeTable) -> dict[str, Any]:
    rows = [
        {name: _json_value(value) for name, value in zip(charges.group_by, row.group, strict=True)}
        | _totals_json(row.totals)
        | {"state": state}
        for row, (state, _) in zip(charges.rows, _facts_of_rows(charges), strict=True)
    ]
    head = {"filter": filter_json(log_filter), "group_by": list(charges.group_by), "rows": rows}
    return head | {"total": _totals_json(charges.total)} | _completeness_json(charges.freshness) | _zone_json()


def logs_json_chunks(log_filter: Filter, rows: Iterable[LogRow], total: Totals, freshness: Freshness) -> Iterator[str]:
    """One JSON object in chunks, so that it can have any number of rows."""
    table = logs_table(rows)
    tail = {"total": _totals_json(total)} | _completeness_json(freshness) | _zone_json()
    yield f'{{"filter": {_json(filter_json(log_filter))}, "rows": ['
    for number, row in enumerate(table.rows):
        content = dict(zip(table.columns, map(_json_value, row), strict=True))
        yield f"{',' if number else ''}\n{_json(content)}"
    yield f"\n], {_json(tail)[1:]}\n"


def filter_json(log_filter: Filter) -> dict[str, Any]:
    """The parameters of the filter, with its resolved days. `start` is null for all days."""
    parameters = {
        name: value if isinstance(value, str) else list(value) for name, value in log_filter.parameters().items()
    }
    dates = {"start": _json_value(log_filter.start), "end": _json_value(log_filter.end)}
    return parameters | dates


@lru_cache(CACHE_SIZE)
def spreadsheet_safe(text: str) -> str:
    """Text that no spreadsheet reads as a formula."""
    if _PHONE_NUMBER.fullmatch(text):
        return text
    text = _FORMULA_BEHIND.sub(r"\1'", text)
    return f"'{text}" if _FORMULA.match(text) else text


def sums(totals: Totals) -> tuple[Cell, ...]:
    return tuple(getattr(totals, name) for name in SUMS)


def _totals_json(totals: Totals) -> dict[str, Any]:
    return {"logs": totals.logs, "charge": plain(totals.charge)}


def _completeness_json(freshness: Freshness) -> dict[str, Any]:
    reasons = dict.fromkeys(freshness.stale_days, BEING_REBUILT) | dict(freshness.incomplete)
    return {
        "data_until": _json_value(freshness.data_until),
        "complete": freshness.complete,
        "state": freshness.state,
        "incomplete": {str(day): reason for day, reason in sorted(reasons.items())},
        "set_aside": {"rows": freshness.set_aside.rows, "charge": plain(freshness.set_aside.charge)},
        "dated_after_today": freshness.dated_after_today,
        "unknown": [{"parameter": parameter, "value": value} for parameter, value in freshness.unknown],
    }


def _zone_json() -> dict[str, Any]:
    return {"time_zone": settings.REPORT_TIME_ZONE.key}


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def _json_value(value: Cell) -> str | int | None:
    return value if value is None or isinstance(value, int) else _text(value)


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return _amount(value)
    return spreadsheet_safe(value) if isinstance(value, str) else _text(value)


_amount = lru_cache(CACHE_SIZE)(plain_nine)


def _text(value: Cell) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return iso_utc(value) if isinstance(value, datetime) else str(value)


def _csv_text(lines: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()
