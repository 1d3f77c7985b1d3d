"""Writes many logs at once, as fast as each database allows."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import IntegrityError, connection, transaction

Row = tuple[Any, ...]

# The columns of logsync_log and their PostgreSQL types, in the order of a Row.
COLUMNS = {
    "id": "text",
    "medium": "text",
    "project_id": "int8",
    "log_type": "text",
    "source": "text",
    "direction": "text",
    "status": "text",
    "from_number": "text",
    "to_number": "text",
    "room_name": "text",
    "url": "text",
    "parent_id": "text",
    "locked": "bool",
    "charge": "int8",
    "itemised": "int8",
    "descriptions": "text",
    "duration": "int8",
    "duration_ms": "int8",
    "billing_ms": "int8",
    "seconds": "int8",
    "created_at": "timestamptz",
    "started_at": "timestamptz",
    "ended_at": "timestamptz",
    "discarded_at": "timestamptz",
    "raw": "text",
    "unread_fields": "text",
    "fingerprint": "int8",
    "read_at": "timestamptz",
    "first_seen_at": "timestamptz",
    "next_read_at": "timestamptz",
}
KEY = ("id", "medium", "project_id")
NEVER_UPDATED = (*KEY, "first_seen_at")
_NAMES = ", ".join(COLUMNS)
_UPDATES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in NEVER_UPDATED)
_ON_CONFLICT_REPLACE = f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {_UPDATES}"
_ON_CONFLICT_KEEP = f"ON CONFLICT ({', '.join(KEY)}) DO NOTHING"
_PLACEHOLDERS = f"({', '.join('?' * len(COLUMNS))})"
# Rows per SQLite statement. Few sizes, because each prepared statement stays cached with its last parameters.
ROWS_PER_STATEMENT = (500, 100, 20, 4, 1)
_TIME_COLUMNS = [position for position, kind in enumerate(COLUMNS.values()) if kind == "timestamptz"]


def to_database_rows(rows: list[Row]) -> list[Row]:
    """The rows with their values as the database stores them."""
    return rows if connection.vendor == "postgresql" else [_with_text_times(row) for row in rows]


def insert_logs(rows: Sequence[Row]) -> int:
    """Insert the rows whose keys are not stored yet, skip the others, and return how many were inserted."""
    if rows and connection.vendor == "postgresql":
        # The caller has checked: nearly always none of them is stored, and a direct COPY is fastest.
        with suppress(IntegrityError), transaction.atomic():
            _copy(rows, "logsync_log")
            return len(rows)
    return _write(rows, _ON_CONFLICT_KEEP)


def replace_logs(rows: Sequence[Row]) -> None:
    """Replace the stored rows with the same keys, which the caller has locked."""
    _write(rows, _ON_CONFLICT_REPLACE)


def insert_texts(table: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Insert the rows of texts that are not stored yet, in their order."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        values = ", ".join(f"item->>{position}" for position in range(len(columns)))
        source = "json_array_elements(%s::json) AS item"
    else:
        values = ", ".join(f"json_extract(value, '$[{position}]')" for position in range(len(columns)))
        source = "json_each(%s)"
    statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {source} WHERE true"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING", [json.dumps(rows)])


def _texts_query() -> str:
    """A query that yields the texts of one parameter, a JSON list.

    One parameter avoids the databases' limits on parameters; PostgreSQL's driver would quote an array item by item.
    """
    if connection.vendor == "postgresql":
        return "SELECT json_array_elements_text(%s::json)"
    # Without a condition SQLite would parse ON CONFLICT as part of a join.
    return "SELECT value FROM json_each(%s) WHERE true"


def in_texts() -> str:
    """A condition: the value is among the texts of one parameter, a JSON list."""
    return f"= ANY(ARRAY({_texts_query()}))" if connection.vendor == "postgresql" else f"IN ({_texts_query()})"


def _write(rows: Sequence[Row], on_conflict: str) -> int:
    """Write the rows in the caller's transaction; returns how many were written."""
    if not rows:
        return 0
    if connection.vendor == "postgresql":
        return _write_by_copy(rows, on_conflict)
    return _write_by_insert(rows, on_conflict)


def _write_by_copy(rows: Sequence[Row], on_conflict: str) -> int:
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_log ({columns}) ON COMMIT DELETE ROWS")
        _copy(rows, "incoming_log")
        values = _NAMES.replace("raw", "raw::json")
        cursor.execute(f"INSERT INTO logsync_log ({_NAMES}) SELECT {values} FROM incoming_log {on_conflict}")  # noqa: S608
        written = cursor.rowcount
        cursor.execute("DELETE FROM incoming_log")  # the transaction may store more pages
        return int(written)


def _copy(rows: Sequence[Row], table: str) -> None:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({_NAMES}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(list(COLUMNS.values()))
        for row in rows:
            copy.write_row(row)


def _write_by_insert(rows: Sequence[Row], on_conflict: str) -> int:
    """Use few statements, because each one lets other threads of the process take over.

    Bypasses Django's cursor, which would search the long statement for parameters each time.
    """
    written = start = 0
    for size in ROWS_PER_STATEMENT:
        statement = f"INSERT INTO logsync_log ({_NAMES}) VALUES {', '.join([_PLACEHOLDERS] * size)} {on_conflict}"  # noqa: S608
        while len(rows) - start >= size:
            values = list(chain.from_iterable(rows[start : start + size]))
            with connection.wrap_database_errors:
                written += connection.connection.execute(statement, values).rowcount
            start += size
    return written


def _with_text_times(row: Row) -> Row:
    """Times as Django stores them in SQLite: naive UTC text, which sorts in order of time."""
    values = list(row)
    for position in _TIME_COLUMNS:
        if values[position] is not None:
            values[position] = _as_text(values[position])
    return tuple(values)


# Most times are those at which the page was read, so neighbouring rows share them.
@lru_cache(maxsize=16)
def _as_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(" ").removesuffix("+00:00")
