"""Every test that touches the database runs on a real SQLite file and on a real PostgreSQL server.

Tests ask for `db`, `transactional_db`, `live_server` or the mark `django_db`, as ever; `--database` picks one engine.
Where one engine proves as much, the test says so: `@pytest.mark.parametrize("database", ["sqlite"], indirect=True)`.
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
DATABASE_FIXTURES = {"database", "db", "transactional_db", "live_server", "django_db_reset_sequences", "browser"}


def uses_database(metafunc: pytest.Metafunc) -> bool:
    """Whether the test is to run on each engine."""
    if any("database" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")):
        return False
    return any(metafunc.definition.iter_markers("django_db")) or not DATABASE_FIXTURES.isdisjoint(metafunc.fixturenames)


def parametrize_by_engine(metafunc: pytest.Metafunc) -> None:
    chosen = metafunc.config.getoption("--database")
    engines = ENGINES if chosen == "both" else (chosen,)
    if "database" not in metafunc.fixturenames:
        metafunc.fixturenames.append("database")
    metafunc.parametrize("database", engines, indirect=True, scope="session")


@contextmanager
def default_database(config: Config) -> Iterator[None]:
    """Let Django's default connection lead to another database, in every thread, until the block ends."""
    before = settings.DATABASES["default"]
    use(config)
    try:
        yield
    finally:
        use(before)


def with_tables(config: Config) -> Config:
    """The same database, migrated."""
    with default_database(config):
        call_command("migrate", interactive=False, verbosity=0)
    return config


def use(config: Config) -> None:
    forget_connection()
    settings.DATABASES["default"] = config
    connections.configure_settings(settings.DATABASES)
    ContentType.objects.clear_cache()


def forget_connection() -> None:
    """Close this thread's connection and make another one when it is needed."""
    connections["default"].close()
    del connections["default"]
