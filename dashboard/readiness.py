"""Whether this process can do its work: the database answers and is up to date, and messages can be sent."""

import os
from pathlib import Path

import redis
from django.conf import settings
from django.db import Error

from logsync.database import migrations_wait
from logsync.shelves import redis_client


def problems() -> list[str]:
    """Which of "database", "migrations" and "broker" are not ready; every wait for them is short."""
    try:
        found = {"migrations": migrations_wait(), "broker": not _has_broker()}
    except Error:
        return ["database"]
    return [name for name, is_wrong in found.items() if is_wrong]


def _has_broker() -> bool:
    if not settings.REDIS_URL:
        return os.access(Path(settings.VAR_DIR), os.W_OK)
    try:
        return bool(redis_client(settings.REDIS_URL).ping())
    except redis.RedisError:
        return False
