"""A database for a while: beside the installation's own, on the same engine, and gone at the end."""

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


class NoScratchDatabaseError(TollbookError):
    pass


@contextmanager
def scratch_database() -> Iterator[None]:
    """Lets all of this process use an empty database with Tollbook's tables. Raises NoScratchDatabaseError."""
    make = _postgresql_database if connection.vendor == "postgresql" else _sqlite_file
    with make() as name, _in_use(name):
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
        raise NoScratchDatabaseError(
            f"Chaos needs a database of its own, and could not make one: {str(error).strip()}. Give the role the right"
            " (ALTER ROLE … CREATEDB), or run it with DATABASE_URL unset, on a temporary SQLite file."
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
    before = connections.settings["default"]
    _lead_to(before | {"NAME": name})
    try:
        yield
    finally:
        _lead_to(before)


def _lead_to(config: dict[str, Any]) -> None:
    """Threads that begin from now on use this database, and this one as well."""
    connections["default"].close()
    connections.settings["default"] = config
    del connections["default"]
