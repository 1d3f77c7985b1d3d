"""The fastest way of each database to write many logs at once, behind one function."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

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
# Once more in the statement itself, because another worker may have stored the row since it was looked up.
_REPLACE = f"""
    ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET {_CHANGES}
    WHERE logsync_log.fingerprint <> excluded.fingerprint AND logsync_log.read_at <= excluded.read_at"""
_KEEP = f"ON CONFLICT ({', '.join(KEY)}) DO NOTHING"
_TIMES = [position for position, kind in enumerate(COLUMNS.values()) if kind == "timestamptz"]


def upsert_logs(rows: Sequence[Row]) -> None:
    """Insert or replace logs by key; an older answer never replaces a newer one. Runs in the caller's transaction."""
    _write(rows, _REPLACE)


def insert_logs(rows: Sequence[Row]) -> None:
    """Insert the logs that are not there yet, and leave the others alone."""
    _write(rows, _KEEP)


def insert_numbers(values: Sequence[str]) -> None:
    """Add the phone numbers that are not there yet."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            insert = "INSERT INTO logsync_phonenumber (value) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING"
            cursor.execute(insert, [list(values)])
        else:
            insert = "INSERT INTO logsync_phonenumber (value) VALUES (%s) ON CONFLICT DO NOTHING"
            cursor.executemany(insert, [(value,) for value in values])


def _write(rows: Sequence[Row], on_conflict: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy_and_insert(cursor, rows, on_conflict)
        else:
            _execute_many(cursor, rows, on_conflict)


def _copy_and_insert(cursor: CursorWrapper, rows: Sequence[Row], on_conflict: str) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_log ({columns}) ON COMMIT DELETE ROWS")
    with cursor.copy("COPY incoming_log FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(list(COLUMNS.values()))
        for row in rows:
            copy.write_row(row)
    values = _NAMES.replace("raw", "raw::json")
    cursor.execute(f"INSERT INTO logsync_log ({_NAMES}) SELECT {values} FROM incoming_log {on_conflict}")  # noqa: S608
    # A transaction may store several pages.
    cursor.execute("TRUNCATE incoming_log")


def _execute_many(cursor: CursorWrapper, rows: Sequence[Row], on_conflict: str) -> None:
    marks = ", ".join(["%s"] * len(COLUMNS))
    statement = f"INSERT INTO logsync_log ({_NAMES}) VALUES ({marks}) {on_conflict}"  # noqa: S608
    cursor.executemany(statement, [_with_times_as_text(row) for row in rows])


def _with_times_as_text(row: Row) -> Row:
    """Instants as Django keeps them in SQLite: naive UTC text, so that they sort as they compare."""
    values = list(row)
    for position in _TIMES:
        if values[position] is not None:
            values[position] = str(values[position].astimezone(UTC).replace(tzinfo=None))
    return tuple(values)
