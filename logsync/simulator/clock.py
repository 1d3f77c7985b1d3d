"""The time in a space: the wall clock, or a clock that stands still until advanced."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A callable for `Space(now=…)`. With a start, it stands still there; without one, it follows the wall clock."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._offset = timedelta()

    def __call__(self) -> datetime:
        return (self._start or datetime.now(UTC)) + self._offset

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self._offset += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
