"""Transactions, the time and dates of the database, and checks of whether it can be used."""

import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import islice
from tempfile import TemporaryFile
from threading import RLock
from typing import Any, TypeVar

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import DateTimeField, Func, QuerySet

Row = TypeVar("Row")
NO_CONNECTION = "has no free connections: raise its connection limit, or run fewer workers"
FULL = "is full: free some space on its disk"
READ_ONLY = "is read-only: give Tollbook write access to it, and to the folder of a database file"
BUSY = "is busy: another process kept it locked for a minute"
POOLED = "is behind a pooler in transaction mode: set DATABASE_POOLER=transaction"
# By PostgreSQL's error code, or the beginning of it.
MESSAGES_BY_CODE = {
    "53300": NO_CONNECTION,
    "53100": FULL,
    "25006": READ_ONLY,
    "55P03": BUSY,
    "25P03": BUSY,
    "57P": "was stopped or is just starting",
    "34000": POOLED,
}
# By the text of the error: Django passes on no codes of SQLite, and a refused connection has none.
MESSAGES_BY_TEXT = {
    "unsupported startup parameter": POOLED,
    "too many connections": NO_CONNECTION,
    "too many clients": NO_CONNECTION,
    "connection slots": NO_CONNECTION,
    "no more connections": NO_CONNECTION,
    "disk is full": FULL,
    "disk i/o error": "cannot be written or read: its disk may be full or broken",
    "readonly": READ_ONLY,
    "read-only": READ_ONLY,
    "is locked": BUSY,
    "unable to open": "file cannot be opened: check its path and permissions",
    "starting up": "was stopped or is just starting",
    "shutting down": "was stopped or is just starting",
    "connection": "cannot be reached",
}


def outage_message(error: BaseException | None) -> str:
    """A sentence for the operator when the database is unavailable, full or locked; '' for every other error.

    Such an error is not the fault of the work at hand, which can be retried. The sentence holds no name or address.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return ""
    code = str(getattr(error.__cause__, "sqlstate", None) or "")
    text = str(error).lower()
    by_code = (message for prefix, message in MESSAGES_BY_CODE.items() if code.startswith(prefix))
    by_text = (message for part, message in MESSAGES_BY_TEXT.items() if part in text)
    message = next(by_code, "") or next(by_text, "")
    return message and f"The database {message}."


def require_tables() -> None:
    """Create the tables in an empty database. Raises CommandError when migrations are missing."""
    try:
        is_empty = not connection.introspection.table_names()
    except DatabaseError as error:
        raise CommandError(outage_message(error) or f"The database cannot be used: {str(error).strip()}") from None
    if is_empty:
        call_command("migrate", interactive=False, verbosity=0)
    if migrations_wait():
        raise CommandError("The database does not match this version of Tollbook. Run: ./tollbook migrate")


def migrations_wait() -> bool:
    """Whether migrations are still to be applied."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


# SQLite allows one writer at a time; others poll for their turn. With this lock, the threads of a process start writing
# as soon as the previous one ends.
_SQLITE_WRITE_LOCK = RLock()


@contextmanager
def atomic() -> Iterator[None]:
    """Django's `transaction.atomic`; on SQLite, one thread of the process at a time."""
    with _SQLITE_WRITE_LOCK if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        yield


ROWS_PER_CHUNK = 2000


def iter_rows(rows: "QuerySet[Any, Row]") -> Iterator[Row]:
    """The rows of one moment, in constant memory, also when the reader is slow.

    Behind a pooler in transaction mode, the rows wait in a temporary file, because a cursor would keep a transaction
    open, and with it one of the few connections to the server.
    """
    if getattr(connection, "has_cursors_in_transactions_only", False):
        yield from _rows_by_file(rows)
    else:
        yield from rows.iterator(chunk_size=ROWS_PER_CHUNK)


def _rows_by_file(rows: "QuerySet[Any, Row]") -> Iterator[Row]:
    with TemporaryFile() as file:
        with transaction.atomic():
            found = rows.iterator(chunk_size=ROWS_PER_CHUNK)
            while chunk := list(islice(found, ROWS_PER_CHUNK)):
                pickle.dump(chunk, file)
        end = file.tell()
        file.seek(0)
        while file.tell() < end:
            yield from pickle.load(file)  # noqa: S301  (written above)


class DateAfter(Func):
    """The midnight of UTC some days after a date. On SQLite, Django's `F("day") + ONE_DAY` would call Python for every
    row."""

    output_field = DateTimeField()
    template = "(%(expressions)s + %(days)s)"

    def __init__(self, *expressions: Any, days: int, **extra: Any) -> None:
        super().__init__(*expressions, days=days, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="DATE(%(expressions)s, '+%(days)s day')", **context)


# How long a measurement of the database's clock is used. In that time clocks drift apart by a few milliseconds.
CLOCK_SECONDS = 60
MEASUREMENTS = 3
# By the database: when it was asked for the time, in seconds since this machine started, and what it said.
_measured: dict[tuple[str, ...], tuple[float, datetime]] = {}
# Goes on while the machine sleeps, where the system has such a clock, and is never set.
_UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_STARTED_S = time.clock_gettime(_UPTIME)


def now() -> datetime:
    """The time where machines meet: that of PostgreSQL, whatever the clock of this machine says.

    An SQLite file is used by one machine only, so it is that machine's time. Nearly always it costs no query.
    """
    if connection.vendor != "postgresql":
        return datetime.now(UTC)
    database = tuple(str(connection.settings_dict[name]) for name in ("HOST", "PORT", "NAME"))
    if database not in _measured or time.clock_gettime(_UPTIME) - _measured[database][0] > CLOCK_SECONDS:
        _measured[database] = _time_of_database()
    at, said = _measured[database]
    return said + timedelta(seconds=time.clock_gettime(_UPTIME) - at)


def _time_of_database() -> tuple[float, datetime]:
    """The quickest of a few answers: the slower the answer, the less exact is its time."""
    answers = []
    with connection.cursor() as cursor:
        for _ in range(MEASUREMENTS):
            asked_at = time.clock_gettime(_UPTIME)
            cursor.execute("SELECT clock_timestamp()")
            said = cursor.fetchone()[0].astimezone(UTC)
            answers.append((time.clock_gettime(_UPTIME) - asked_at, asked_at, said))
    _, asked_at, said = min(answers)
    return asked_at, said


def process_started_at() -> datetime:
    """When this process, or the one that it was forked from, read its settings; by the clock of `now`."""
    return now() - timedelta(seconds=time.clock_gettime(_UPTIME) - _STARTED_S)
