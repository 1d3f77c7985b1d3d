"""What the terminal says of the reading while `up` runs: how far the first history is, and what went wrong."""

from collections.abc import Iterator

from django.db import DatabaseError, connection
from django.utils import timezone

from dashboard.filters import parse_filter
from dashboard.queries import charges, sync_status
from logsync.money import dollars

# The first history is told of at each tenth of it.
STEPS = 10


class Progress:
    """Says everything once."""

    def __init__(self) -> None:
        self._step = -1
        self._errors: dict[str, str] = {}

    def news(self) -> list[str]:
        """What is to be said since the last call. While the database is away: nothing."""
        try:
            return [*self._history(), *self._failures()]
        except DatabaseError:
            return []
        finally:
            connection.close()

    def _history(self) -> Iterator[str]:
        if self._step == STEPS:
            return
        now = timezone.now()
        table = charges(parse_filter("period=all", now), now)
        done, days = table.freshness.history_done, table.freshness.history_days
        step = done * STEPS // days if days else 0
        if table.total.logs and step > self._step:
            self._step = step
            part = "is read" if step == STEPS else f"{done} of {days} days read"
            yield f"First history: {part}, {table.total.logs:,} logs, {dollars(table.total.charge)}"

    def _failures(self) -> Iterator[str]:
        feeds = sync_status(timezone.now()).feeds
        errors = {f"{feed.medium} logs of {feed.project}": feed.error for feed in feeds if feed.error}
        yield from (f"{feed}: {error}" for feed, error in errors.items() if self._errors.get(feed) != error)
        self._errors = errors
