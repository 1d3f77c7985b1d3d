"""The minimum that any pull has to do: write the same rows, with the same indexes, and nothing else."""

import io
import sqlite3
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, transaction

from benchmarks.common import seconds
from logsync.storage.bulk import COLUMNS, KEY, NEVER_UPDATED

NAMES = ", ".join(COLUMNS)
PAGE = 1000


def baseline_seconds() -> float:
    """Seconds to write all stored logs into an empty table with the same indexes."""
    return _copy() if connection.vendor == "postgresql" else _execute_many()


def _copy() -> float:
    """PostgreSQL: one COPY."""
    with connection.cursor() as cursor:
        rows = io.BytesIO()
        with cursor.copy(f"COPY (SELECT {NAMES} FROM logsync_log) TO STDOUT (FORMAT BINARY)") as copy:
            for block in copy:
                rows.write(block)
        cursor.execute("CREATE TABLE baseline (LIKE logsync_log INCLUDING ALL)")

        def write() -> None:
            with transaction.atomic(), cursor.copy(f"COPY baseline ({NAMES}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(rows.getbuffer())

        took = seconds(write)
        cursor.execute("DROP TABLE baseline")
    return took


def _execute_many() -> float:
    """SQLite: executemany upserts, one transaction per page, in a file with our durability settings."""
    with connection.cursor() as cursor:
        rows = cursor.execute(f"SELECT {NAMES} FROM logsync_log").fetchall()
        statements = cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'logsync_log'").fetchall()
    with TemporaryDirectory() as folder, closing(sqlite3.connect(f"{folder}/baseline.sqlite3")) as bare:
        bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        for (sql,) in statements:
            if sql:
                bare.execute(sql)
        return seconds(lambda: _upsert_pages(bare, rows))


def _upsert_pages(bare: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in NEVER_UPDATED)
    placeholders = ", ".join("?" * len(COLUMNS))
    conflict = f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {changes}"
    upsert = f"INSERT INTO logsync_log ({NAMES}) VALUES ({placeholders}) {conflict}"
    for start in range(0, len(rows), PAGE):
        with bare:
            bare.executemany(upsert, rows[start : start + PAGE])
