"""A cache of days of rows: what was asked for lately stays, up to a number of rows."""

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Rows = TypeVar("Rows")


class RecentDays(Generic[Key, Rows]):
    """With `max_rows` None, everything stays."""

    def __init__(self, max_rows: int | None) -> None:
        self._max_rows = max_rows
        self._rows = 0
        # The day that was asked for last is at the end. Each with its number of rows.
        self._days: dict[Key, tuple[Rows, int]] = {}

    def get(self, key: Key, make: Callable[[], Rows], count: Callable[[Rows], int]) -> Rows:
        """The rows of a day. `make` makes them if they are not here."""
        kept = self._days.pop(key, None)
        if kept is None:
            rows = make()
            kept = rows, count(rows)
            self._rows += kept[1]
        self._days[key] = kept
        self._forget_oldest()
        return kept[0]

    def forget(self, key: Key) -> None:
        _, count = self._days.pop(key, (None, 0))
        self._rows -= count

    def _forget_oldest(self) -> None:
        while self._max_rows is not None and self._rows > self._max_rows and len(self._days) > 1:
            self.forget(next(iter(self._days)))
