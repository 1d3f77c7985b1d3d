"""The fastest way of each database to write many logs at once, behind one function."""

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
    "fingerprint": "int8",
    "read_at": "timestamptz",
    "first_seen_at": "timestamptz",
    "next_read_at": "timestamptz",
}
KEY = ("id", "medium", "project_id")
KEPT = (*KEY, "first_seen_at")
_NAMES = ", ".join(COLUMNS)
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in KEPT)
_REPLACE = f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {_CHANGES}"
_KEEP = f"ON CONFLICT ({', '.join(KEY)}) DO NOTHING"
_MARKS = f"({', '.join('?' * len(COLUMNS))})"
# Rows in one statement of SQLite: few sizes, for it keeps each statement ready, with all that was last given to it.
STATEMENT_SIZES = (500, 100, 20, 4, 1)
_TIMES = [position for position, kind in enumerate(COLUMNS.values()) if kind == "timestamptz"]


def prepared(rows: list[Row]) -> list[Row]:
    """The rows as the database takes them."""
    return rows if connection.vendor == "postgresql" else [_with_times_as_text(row) for row in rows]


def insert_logs(rows: Sequence[Row]) -> int:
    """Insert the prepared rows that are not there yet, leave the others alone, and answer how many were inserted."""
    if rows and connection.vendor == "postgresql":
        # Whoever calls has looked: nearly always none of them is there, and they take no way round.
        with suppress(IntegrityError), transaction.atomic():
            _copy(rows, "logsync_log")
            return len(rows)
    return _write(rows, _KEEP)


def replace_logs(rows: Sequence[Row]) -> None:
    """Put the prepared rows in the place of those with their keys, which the caller has locked."""
    _write(rows, _REPLACE)


def insert_numbers(values: Sequence[str]) -> None:
    """Add the phone numbers that are not there yet."""
    insert = f"INSERT INTO logsync_phonenumber (value) {texts()} ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        cursor.execute(insert, [json.dumps(values)])


def texts() -> str:
    """A query for the texts of one parameter, a JSON list: no database limits their number then, and as an array
    PostgreSQL's driver would quote them one by one."""
    if connection.vendor == "postgresql":
        return "SELECT json_array_elements_text(%s::json)"
    # Without a condition SQLite would take ON CONFLICT for one of a join.
    return "SELECT value FROM json_each(%s) WHERE true"


def among_texts() -> str:
    """The condition to be one of them."""
    return f"= ANY(ARRAY({texts()}))" if connection.vendor == "postgresql" else f"IN ({texts()})"


def _write(rows: Sequence[Row], on_conflict: str) -> int:
    """How many rows were written. Runs in the caller's transaction."""
    if not rows:
        return 0
    if connection.vendor == "postgresql":
        return _copy_and_insert(rows, on_conflict)
    return _insert_at_once(rows, on_conflict)


def _copy_and_insert(rows: Sequence[Row], on_conflict: str) -> int:
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_log ({columns}) ON COMMIT DELETE ROWS")
        _copy(rows, "incoming_log")
        values = _NAMES.replace("raw", "raw::json")
        cursor.execute(f"INSERT INTO logsync_log ({_NAMES}) SELECT {values} FROM incoming_log {on_conflict}")  # noqa: S608
        written = cursor.rowcount
        # A transaction may store several pages.
        cursor.execute("DELETE FROM incoming_log")
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


def _insert_at_once(rows: Sequence[Row], on_conflict: str) -> int:
    """By few statements: at each one, the other threads of the process take over for a moment.

    Past Django's cursor, which would look through a statement of many rows for its parameters each time.
    """
    written = start = 0
    for size in STATEMENT_SIZES:
        statement = f"INSERT INTO logsync_log ({_NAMES}) VALUES {', '.join([_MARKS] * size)} {on_conflict}"  # noqa: S608
        while len(rows) - start >= size:
            values = list(chain.from_iterable(rows[start : start + size]))
            with connection.wrap_database_errors:
                written += connection.connection.execute(statement, values).rowcount
            start += size
    return written


def _with_times_as_text(row: Row) -> Row:
    """Instants as Django keeps them in SQLite: naive UTC text, so that they sort as they compare."""
    values = list(row)
    for position in _TIMES:
        if values[position] is not None:
            values[position] = _as_text(values[position])
    return tuple(values)


# Of the times of a row, most are those of its neighbours: when the page was read.
@lru_cache(maxsize=16)
def _as_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(" ").removesuffix("+00:00")
