"""The logs of a day as lines of CSV, made by the database: text in quotes, null as nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from logsync.models import SEARCH_KEY_LENGTH, SearchText

LINES_PER_CHUNK = 5_000
TEXTS = (
    *("id", "medium", "log_type", "source", "direction", "status"),
    *("from_number", "to_number", "room_name", "parent_id", "descriptions", "unread_fields"),
)
NUMBERS = ("charge", "billing_ms", "seconds")
TIMES = ("created_at", "discarded_at")
KEYS = {
    "from_number": ("key", "kind", "text"),
    "to_number": ("key", "kind", "text"),
    "room_name": ("text",),
    "descriptions": ("text",),
}
KINDS = {"room_name": SearchText.Kind.ROOM, "descriptions": SearchText.Kind.DESCRIPTION}
# As LogQuerySet.with_deleted; `verify` compares the copy with the totals by it.
DELETED = (
    "CASE WHEN discarded_at IS NULL THEN 'no'"
    " WHEN log_type IS NULL AND source IS NULL AND charge IS NULL THEN 'unseen' ELSE 'yes' END"
)
# Column -> DuckDB's type, in the order of the lines.
COLUMNS = (
    dict.fromkeys(TEXTS, "VARCHAR")
    | dict.fromkeys(NUMBERS, "BIGINT")
    | dict.fromkeys(TIMES, "TIMESTAMP")
    | {f"{column}_{key}": "VARCHAR" for column, keys in KEYS.items() for key in keys}
)


def csv_lines(project_id: int, start: datetime, end: datetime) -> Iterator[str]:
    """The logs created from start up to, but not at, end: at one moment, in constant memory."""
    sql = f"SELECT {_line()} FROM logsync_log AS logs {_joins()}"
    sql += " WHERE logs.project_id = %s AND logs.created_at >= %s AND logs.created_at < %s"
    bounds = map(connection.ops.adapt_datetimefield_value, (start, end))
    with _reading(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, [project_id, *bounds])
        while lines := cursor.fetchmany(LINES_PER_CHUNK):
            for (line,) in lines:
                yield line


@contextmanager
def _reading() -> Iterator[None]:
    """On SQLite, a transaction would keep others from writing. PostgreSQL's cursors need one; and it would read the
    whole table for a month, because it takes the index of times and ids for unordered."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off")
        yield


def _line() -> str:
    values = [_text(f"logs.{name}") for name in TEXTS]
    values += [_or_nothing(f"CAST(logs.{name} AS TEXT)") for name in NUMBERS]
    values += [_or_nothing(_time(f"logs.{name}")) for name in TIMES]
    values += [_text(f"{column}.{key}") for column, keys in KEYS.items() for key in keys]
    return " || ',' || ".join(values)


def _text(value: str) -> str:
    return _or_nothing(f"""'"' || REPLACE({value}, '"', '""') || '"'""")


def _or_nothing(value: str) -> str:
    return f"COALESCE({value}, '')"


def _time(value: str) -> str:
    if connection.vendor == "postgresql":
        return f"TO_CHAR({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return value


def _joins() -> str:
    return " ".join(_join(column) for column in KEYS)


def _join(column: str) -> str:
    beginning = f"SUBSTR(logs.{column}, 1, {SEARCH_KEY_LENGTH})"
    if column in KINDS:
        table, kind = "logsync_searchtext", f"{column}.kind = '{KINDS[column]}' AND "
    else:
        table, kind = "logsync_phonenumber", ""
    return f"LEFT JOIN {table} AS {column} ON {kind}{column}.value = {beginning}"
