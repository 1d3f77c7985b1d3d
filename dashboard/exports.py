"""Charges and logs as CSV, XLSX and JSON: the same rows and figures as the pages, exact to the nano-dollar.

Names are those of SignalWire's API. Times are UTC in ISO 8601, absent values empty (null in JSON), and amounts plain
decimals. What a spreadsheet would take for a formula gets an apostrophe in front; a phone number stays as it is.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from operator import attrgetter
from typing import Any

from dashboard.filters import Filter
from dashboard.results import ChargeChangeRow, ChargeRow, ChargeTable, Freshness, LogRow, Totals
from logsync.money import plain

Cell = str | int | Decimal | datetime | date | None
ROWS_AT_ONCE = 500
MONTH_LENGTH = len("2026-11")
# What begins a formula, also behind characters that are not seen; and behind a sign that separates cells elsewhere.
_UNSEEN = r"[ \x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]{0,64}"
_SIGN = r"[=+\-@＝＋－＠]"
_FORMULA = re.compile(rf"{_UNSEEN}{_SIGN}|[\t\r\n]")
_FORMULA_BEHIND = re.compile(rf"([;|\t\r\n])(?={_UNSEEN}{_SIGN})")
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
}
# Column -> attribute of ChargeChangeRow.
CHANGE_COLUMNS = {
    "changed_at": "changed_at",
    "project": "project",
    "medium": "medium",
    "id": "log_id",
    "created_at": "log_created_at",
    "old_charge": "old_charge",
    "new_charge": "new_charge",
    "difference": "difference",
    "had_ended": "was_final",
}
SUMS = ("logs", "charge", "charged_logs", "billing_ms", "billed_logs", "seconds", "timed_logs")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of values as they are; the rows may be read once only."""

    columns: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]


def charges_table(found: ChargeTable) -> Table:
    missing = {str(day) for day in (*found.freshness.incomplete, *found.freshness.stale_days)}
    missing |= {day[:MONTH_LENGTH] for day in missing}
    rows = ((*row.group, *sums(row.totals), _is_complete(found, row, missing)) for row in found.rows)
    return Table((*found.group_by, *SUMS, "complete"), rows)


def _is_complete(found: ChargeTable, row: ChargeRow, missing: AbstractSet[str]) -> str:
    """Whether the days of a row were all read to their end and added up: its own day, its month, or all of them.

    `missing` are the days that were not, and their months.
    """
    periods = {str(value) for name, value in zip(found.group_by, row.group, strict=True) if name in {"day", "month"}}
    return "false" if missing and periods <= missing else "true"


def logs_table(rows: Iterable[LogRow], columns: Sequence[str] = tuple(LOG_COLUMNS)) -> Table:
    cells = attrgetter(*(LOG_COLUMNS[column] for column in columns))
    return Table(tuple(columns), map(cells, rows))


def changes_table(rows: Iterable[ChargeChangeRow]) -> Table:
    cells = attrgetter(*CHANGE_COLUMNS.values())
    return Table(tuple(CHANGE_COLUMNS), map(cells, rows))


def file_name(kind: str, wanted: Filter, ending: str) -> str:
    """ "tollbook-logs-2026-10-22-to-2026-11-20.csv"; days are report days."""
    return f"tollbook-{kind}-{wanted.start or 'all'}-to-{wanted.end}.{ending}"


def csv_chunks(table: Table) -> Iterator[str]:
    """The lines, several at a time. The first chunk comes with rows, so that a failing query fails before it."""
    rows = iter(table.rows)
    lines: Iterable[Iterable[str]] = [table.columns]
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield _csv_text([*lines, *(map(_csv_cell, row) for row in batch)])
        lines = []
    yield _csv_text(lines)


def charges_json(wanted: Filter, found: ChargeTable) -> dict[str, Any]:
    rows = [
        {name: _json_value(value) for name, value in zip(found.group_by, row.group, strict=True)} | _brief(row.totals)
        for row in found.rows
    ]
    head = {"filter": filter_json(wanted), "group_by": list(found.group_by), "rows": rows}
    return head | {"total": _brief(found.total)} | _state(found.freshness)


def logs_json_chunks(wanted: Filter, rows: Iterable[LogRow], total: Totals, state: Freshness) -> Iterator[str]:
    """One JSON object in pieces, with any number of rows."""
    table = logs_table(rows)
    yield f'{{"filter": {_json(filter_json(wanted))}, "rows": ['
    for number, row in enumerate(table.rows):
        content = dict(zip(table.columns, map(_json_value, row), strict=True))
        yield f"{',' if number else ''}\n{_json(content)}"
    yield f"\n], {_json({'total': _brief(total)} | _state(state))[1:]}\n"


def filter_json(wanted: Filter) -> dict[str, Any]:
    """What was set, and the days that it means; no start: all days."""
    given = {name: value if isinstance(value, str) else list(value) for name, value in wanted.parameters().items()}
    dates = {"start": _json_value(wanted.start), "end": _json_value(wanted.end)}
    return given | dates


def spreadsheet_safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    if _PHONE_NUMBER.fullmatch(text):
        return text
    text = _FORMULA_BEHIND.sub(r"\1'", text)
    return f"'{text}" if _FORMULA.match(text) else text


def iso(instant: datetime) -> str:
    """ "2026-11-20T10:42:05Z", with the fraction of the second where there is one."""
    text = instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"{text.removesuffix('000Z')}Z" if text.endswith("000Z") else text


def sums(totals: Totals) -> tuple[Cell, ...]:
    return tuple(getattr(totals, name) for name in SUMS)


def _brief(totals: Totals) -> dict[str, Any]:
    return {"logs": totals.logs, "charge": plain(totals.charge)}


def _state(state: Freshness) -> dict[str, Any]:
    incomplete = {str(day): reason for day, reason in sorted(state.incomplete.items())}
    return {"data_until": _json_value(state.data_until), "complete": state.complete, "incomplete": incomplete}


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def _json_value(value: Cell) -> str | int | None:
    return value if value is None or isinstance(value, int) else _text(value)


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    return spreadsheet_safe(value) if isinstance(value, str) else _text(value)


def _text(value: Cell) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return iso(value) if isinstance(value, datetime) else str(value)


def _csv_text(lines: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()
