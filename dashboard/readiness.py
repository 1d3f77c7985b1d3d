"""Whether this process can do its work: the database answers and is up to date, and messages can be sent."""

import os
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from logsync.shelves import redis_client


def problems() -> list[str]:
    """Which of "database", "migrations" and "broker" are not ready; every wait for them is short."""
    if not _answers(connection.ensure_connection):
        return ["database"]
    found = {"migrations": not _answers(_require_migrations), "broker": not _has_broker()}
    return [name for name, is_wrong in found.items() if is_wrong]


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Error:
        return False
    return True


def _require_migrations() -> None:
    """Raises Error unless all are applied."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Error("Migrations wait to be applied.")


def _has_broker() -> bool:
    if not settings.REDIS_URL:
        return os.access(Path(settings.VAR_DIR), os.W_OK)
    try:
        return bool(redis_client(settings.REDIS_URL).ping())
    except redis.RedisError:
        return False
