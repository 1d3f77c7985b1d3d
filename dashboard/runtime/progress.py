"""Progress in the terminal while `up` runs: the first history, and feeds that fail."""

from collections.abc import Iterator

from django.db import DatabaseError, connection
from django.utils import timezone

from dashboard.filters.parser import parse_filter
from dashboard.queries import charges
from dashboard.queries.projects import feed_errors
from logsync.money import dollars
from logsync.scheduling.time_left import history_time_left
from logsync.text import counted

# The first history is reported at each tenth.
STEPS = 10


class HistoryProgress:
    """Reports each step and each error once."""

    def __init__(self) -> None:
        self._step = -1
        self._errors: dict[str, str] = {}

    def new_lines(self) -> list[str]:
        """The lines since the last call. None while the database is unavailable."""
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
            left = history_time_left(now)
            part = "all days read" if step == STEPS else f"{done} of {counted(days, 'day')} read"
            left = f"; {left} left" if left else ""
            yield f"First history: {part}, {counted(table.total.logs, 'log')}, {dollars(table.total.charge)}{left}"

    def _failures(self) -> Iterator[str]:
        errors = feed_errors()
        yield from (f"{feed}: {error}" for feed, error in errors.items() if self._errors.get(feed) != error)
        self._errors = errors
