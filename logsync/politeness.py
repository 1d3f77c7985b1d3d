"""The budget of each SignalWire project, as the settings give it."""

from functools import cache
from pathlib import Path

from django.conf import settings

from logsync.budget import Budget
from logsync.connection import Limits
from logsync.pace import Rate
from logsync.shelves import FileShelf, RedisShelf, Shelf

FOLDER = "pace"


def budget_of(space_url: str, project_id: str) -> Budget:
    """What all processes of this installation may ask the project together."""
    rate = Rate(settings.PULL_REQUESTS_PER_SECOND, settings.PULL_REQUESTS_IN_FLIGHT, Limits().request_s)
    return Budget(_shelf(settings.REDIS_URL, Path(settings.VAR_DIR, FOLDER)), space_url, project_id, rate)


@cache  # so that a Redis that is away is not asked for each budget
def _shelf(redis_url: str, folder: Path) -> Shelf:
    files = FileShelf(folder)
    return RedisShelf(redis_url, files) if redis_url else files
