"""Every test that uses the database runs on a real SQLite file and on a real PostgreSQL server.

Tests request `db`, `transactional_db`, `live_server` or the mark `django_db` as usual; `--database` picks one engine.
A test that needs only one says so: `@pytest.mark.parametrize("database", ["sqlite"], indirect=True)`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections

Config = dict[str, Any]
ENGINES = ("sqlite", "postgresql")
SLOW_FIXTURES = frozenset({"browser", "child_env"})
DATABASE_FIXTURES = {"database", "db", "transactional_db", "live_server", "django_db_reset_sequences", "browser"}


def uses_database(metafunc: pytest.Metafunc) -> bool:
    """Whether to run the test on each engine."""
    if any("database" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")):
        return False
    return any(metafunc.definition.iter_markers("django_db")) or not DATABASE_FIXTURES.isdisjoint(metafunc.fixturenames)


def parametrize_by_engine(metafunc: pytest.Metafunc) -> None:
    """On each engine, but for tests of a browser or of processes, which take long and rarely depend on it: those that
    do have the mark `both_engines`."""
    chosen = metafunc.config.getoption("--database")
    needs_one = SLOW_FIXTURES.intersection(metafunc.fixturenames)
    needs_both = not needs_one or any(metafunc.definition.iter_markers("both_engines"))
    engines = (ENGINES if needs_both else ENGINES[:1]) if chosen == "both" else (chosen,)
    if "database" not in metafunc.fixturenames:
        metafunc.fixturenames.append("database")
    metafunc.parametrize("database", engines, indirect=True, scope="session")


@contextmanager
def default_database(config: Config) -> Iterator[None]:
    """Point Django's default connection at another database, in every thread, until the block ends."""
    original = settings.DATABASES["default"]
    use(config)
    try:
        yield
    finally:
        use(original)


def with_tables(config: Config) -> Config:
    """Migrate the database, and return its configuration."""
    with default_database(config):
        call_command("migrate", interactive=False, verbosity=0)
    return config


def use(config: Config) -> None:
    forget_connection()
    settings.DATABASES["default"] = config
    connections.configure_settings(settings.DATABASES)
    ContentType.objects.clear_cache()


def forget_connection() -> None:
    """Close this thread's connection; Django opens a new one when needed."""
    connections["default"].close()
    del connections["default"]
