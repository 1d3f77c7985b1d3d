"""DuckDB within this process: bounded, and without access to any file outside the folder of the copy."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from django.conf import settings

THREADS = 2
MEMORY = "256MB"
TEMPORARY_FILES = "2GB"
# A question that takes longer is asked of the database instead.
DEADLINE_S = 30
WRITING_DEADLINE_S = 900


class CopyError(Exception):
    """The copy cannot answer, or a file of it cannot be written. The message names the file or the cause."""


def folder() -> Path:
    return Path(settings.VAR_DIR) / "columnar"


def make_folder() -> None:
    """Of this user alone: the files hold phone numbers."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)


def run(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement. Raises CopyError."""
    with cursor() as asked:
        return asked.execute(sql, list(parameters)).fetchall()  # type: ignore[no-any-return]


@contextmanager
def cursor(deadline_s: float = DEADLINE_S) -> Iterator[Any]:
    """A cursor of this process's engine, interrupted after a while. Its errors become CopyError."""
    with _lock:
        own = _engine(os.getpid(), folder()).cursor()
    deadline = Timer(deadline_s, own.interrupt)
    deadline.daemon = True
    deadline.start()
    try:
        yield own
    except _errors() as error:
        raise CopyError(str(error).partition("\n")[0]) from error
    finally:
        deadline.cancel()
        own.close()


def quoted(path: Path) -> str:
    """As a text in SQL, where DuckDB takes no parameter."""
    return "'" + str(path).replace("'", "''") + "'"


_lock = Lock()


@cache  # never shared with a forked process
def _engine(_process_id: int, allowed: Path) -> Any:
    import duckdb  # noqa: PLC0415 - takes 50 MB, so only processes that ask the copy load it

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": MEMORY,
        "temp_directory": str(allowed / "tmp"),
        "max_temp_directory_size": TEMPORARY_FILES,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        make_folder()
        engine = duckdb.connect(":memory:", config=config)
        engine.execute("SET allowed_directories = [$1]", [str(allowed)])
        engine.execute("SET enable_external_access = false")
        engine.execute("SET lock_configuration = true")
    except (OSError, duckdb.Error) as error:
        raise CopyError(str(error)) from error
    return engine


@cache
def _errors() -> type[Exception]:
    import duckdb  # noqa: PLC0415

    return duckdb.Error
