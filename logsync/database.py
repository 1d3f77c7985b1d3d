"""Whether the database can be used, and in plain words why not."""

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

NO_CONNECTION = "has no connection to spare: allow it more, or run fewer workers"
FULL = "is full: make room on its disk"
READ_ONLY = "can only be read: let Tollbook write to it, and to the folder of a database file"
BUSY = "is busy: another process kept it to itself for a minute"
# By PostgreSQL's code of the error, or the beginning of the code.
WORDS_OF_CODES = {
    "53300": NO_CONNECTION,
    "53100": FULL,
    "25006": READ_ONLY,
    "55P03": BUSY,
    "25P03": BUSY,
    "57P": "was stopped or is just starting",
}
# By what the message says: SQLite has no codes that Django hands on, and a refused connection has none.
WORDS_OF_TEXTS = {
    "too many connections": NO_CONNECTION,
    "too many clients": NO_CONNECTION,
    "connection slots": NO_CONNECTION,
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


def trouble_in_words(error: BaseException | None) -> str:
    """A sentence when the database is away, full or locked, which says nothing about the work: that is done later.

    '' for every other error. The sentence holds no name, address or value.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return ""
    code = str(getattr(error.__cause__, "sqlstate", None) or "")
    text = str(error).lower()
    by_code = (words for beginning, words in WORDS_OF_CODES.items() if code.startswith(beginning))
    by_text = (words for part, words in WORDS_OF_TEXTS.items() if part in text)
    words = next(by_code, "") or next(by_text, "")
    return words and f"The database {words}."


def require_tables() -> None:
    """Make the tables in a database that is still empty. Raises CommandError when it is not of this version."""
    try:
        is_empty = not connection.introspection.table_names()
    except DatabaseError as error:
        raise CommandError(trouble_in_words(error) or f"The database cannot be used: {str(error).strip()}") from None
    if is_empty:
        call_command("migrate", interactive=False, verbosity=0)
    if migrations_wait():
        raise CommandError("The database is not of this version of Tollbook. Run: ./tollbook migrate")


def migrations_wait() -> bool:
    """Whether some migrations are not applied yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
