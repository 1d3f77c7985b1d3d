"""A temporary database on the same engine as the installation's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.db import DatabaseError, connection, connections

from logsync.exceptions import TollbookError

PREFIX = "tollbook_chaos_"


class TemporaryDatabaseError(TollbookError):
    pass


@contextmanager
def temporary_database() -> Iterator[None]:
    """The whole process uses an empty migrated database until the block ends; then it is dropped.

    Raises TemporaryDatabaseError if PostgreSQL does not let us create one.
    """
    create = _postgresql_database if connection.vendor == "postgresql" else _sqlite_file
    with create() as name, _in_use(name):
        call_command("migrate", interactive=False, verbosity=0)
        yield


@contextmanager
def _sqlite_file() -> Iterator[str]:
    with TemporaryDirectory(prefix="tollbook-chaos-") as folder:
        yield str(Path(folder) / "tollbook.sqlite3")


@contextmanager
def _postgresql_database() -> Iterator[str]:
    name = f"{PREFIX}{uuid4().hex[:12]}"
    try:
        _execute(f"CREATE DATABASE {name}")
    except DatabaseError as error:
        raise TemporaryDatabaseError(
            f"The chaos command could not create its temporary database: {str(error).strip()}. Allow it (ALTER ROLE …"
            " CREATEDB), or unset DATABASE_URL to run on a temporary SQLite file."
        ) from None
    try:
        yield name
    finally:
        _execute(f"DROP DATABASE {name} WITH (FORCE)")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def _in_use(name: str) -> Iterator[None]:
    original = connections.settings["default"]
    _switch_to(original | {"NAME": name})
    try:
        yield
    finally:
        _switch_to(original)


def _switch_to(config: dict[str, Any]) -> None:
    """Applies to this thread and to threads started from now on."""
    connections["default"].close()
    connections.settings["default"] = config
    del connections["default"]
