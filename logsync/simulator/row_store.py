"""The rows of one project: generated day by day on demand, and those put there by a test."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import partial

from logsync.days import ONE_DAY, days_between
from logsync.simulator.recent_days import RecentDays
from logsync.simulator.rows import GeneratedRow, Position, PutRow, Row
from logsync.simulator.shapes import MEDIA
from logsync.simulator.times import day_of
from logsync.simulator.traffic.generator import Traffic
from logsync.simulator.traffic.ids import day_of_id

NO_ROWS: dict[str, dict[str, GeneratedRow]] = {medium: {} for medium in MEDIA}


# A month of the demo's rows: a pull that asks for several days at a time finds each of them here again.
MAX_ROWS = 8_000


def _position(row: Row) -> Position:
    return row.position


def _number_of_rows(media: dict[str, dict[str, GeneratedRow]]) -> int:
    return sum(map(len, media.values()))


class RowStore:
    """Rows by medium and UTC day, sorted by time. Without traffic it holds only rows that were put there.

    Generated rows follow from their day alone, so days that were not asked for lately are generated anew, unless
    `keeps_all`.
    """

    def __init__(self, traffic: Traffic | None = None, first_day: date = date.max, *, keeps_all: bool = False) -> None:
        self._traffic = traffic
        self._first_day = first_day
        max_rows = None if keeps_all else MAX_ROWS
        self._generated: RecentDays[date, dict[str, dict[str, GeneratedRow]]] = RecentDays(max_rows)
        self._days: RecentDays[tuple[str, date], list[Row]] = RecentDays(max_rows)
        self._put: dict[str, dict[str, PutRow]] = {medium: {} for medium in MEDIA}
        self._put_days: dict[str, defaultdict[date, list[PutRow]]] = {medium: defaultdict(list) for medium in MEDIA}
        self._hidden: dict[str, set[str]] = {medium: set() for medium in MEDIA}

    def put(self, medium: str, row: PutRow) -> None:
        """Add a row, or replace the one with the same id, generated or put."""
        self.remove(medium, row.position.id)
        day = day_of(row.position.created_us)
        self._put[medium][row.position.id] = row
        self._put_days[medium][day].append(row)
        self._days.forget((medium, day))

    def remove(self, medium: str, log_id: str) -> None:
        """Remove a row without leaving a tombstone. An unknown id is ignored."""
        row = self._put[medium].pop(log_id, None)
        if row:
            day = day_of(row.position.created_us)
            self._put_days[medium][day].remove(row)
            self._days.forget((medium, day))
        started_on = day_of_id(log_id)
        if started_on and self._traffic:
            self._hidden[medium].add(log_id)
            self._days.forget((medium, started_on))
            self._days.forget((medium, started_on + ONE_DAY))

    def find(self, medium: str, log_id: str, now_us: int) -> Row | None:
        if log_id in self._put[medium]:
            return self._put[medium][log_id]
        day = day_of_id(log_id)
        if day is None or day > day_of(now_us) or log_id in self._hidden[medium]:
            return None
        row = self._started_on(day)[medium].get(log_id)
        return row if row and row.visible_us <= now_us else None

    def older(self, medium: str, below: Position, floor_us: int, now_us: int) -> Iterator[Row]:
        """Rows before a position (exclusive) down to an instant (inclusive), newest first."""
        for day in reversed(self._days_between(medium, day_of(floor_us), day_of(below.created_us), now_us)):
            rows = self._rows_on(medium, day)
            for index in range(bisect_left(rows, below, key=_position) - 1, -1, -1):
                row = rows[index]
                if row.position.created_us < floor_us:
                    return
                if row.visible_us <= now_us:
                    yield row

    def newer(self, medium: str, above: Position, ceiling_us: int, now_us: int) -> Iterator[Row]:
        """Rows after a position (exclusive) up to an instant (exclusive), oldest first."""
        for day in self._days_between(medium, day_of(above.created_us), day_of(ceiling_us), now_us):
            rows = self._rows_on(medium, day)
            for index in range(bisect_right(rows, above, key=_position), len(rows)):
                row = rows[index]
                if row.position.created_us >= ceiling_us:
                    return
                if row.visible_us <= now_us:
                    yield row

    def _days_between(self, medium: str, first: date, last: date, now_us: int) -> list[date]:
        days = {day for day, rows in self._put_days[medium].items() if rows and first <= day <= last}
        if self._traffic:
            days.update(days_between(max(first, self._first_day), min(last, day_of(now_us))))
        return sorted(days)

    def _rows_on(self, medium: str, day: date) -> list[Row]:
        """All rows created on a UTC day, including late legs of call families that started the day before."""

        def rows() -> list[Row]:
            return sorted([*self._put_days[medium].get(day, []), *self._generated_on(medium, day)], key=_position)

        return self._days.get((medium, day), rows, len)

    def _generated_on(self, medium: str, day: date) -> Iterator[GeneratedRow]:
        if day < self._first_day:
            return
        hidden = self._hidden[medium]
        for started_on in (day - ONE_DAY, day):
            for log_id, row in self._started_on(started_on)[medium].items():
                if log_id not in hidden and day_of(row.position.created_us) == day:
                    yield row

    def _started_on(self, day: date) -> dict[str, dict[str, GeneratedRow]]:
        """The rows of call families that started on a day, by medium and id."""
        if self._traffic is None or day < self._first_day:
            return NO_ROWS
        return self._generated.get(day, partial(self._generate, self._traffic, day), _number_of_rows)

    @staticmethod
    def _generate(traffic: Traffic, day: date) -> dict[str, dict[str, GeneratedRow]]:
        rows: dict[str, dict[str, GeneratedRow]] = {medium: {} for medium in MEDIA}
        for call in traffic.calls(day):
            rows[call.medium][call.id] = GeneratedRow(call)
        return rows
