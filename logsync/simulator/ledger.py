"""The rows of one project: made day by day when they are asked for, and those that were put there by hand."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from logsync.days import ONE_DAY, days_between
from logsync.simulator.ids import day_of_id
from logsync.simulator.rows import GeneratedRow, Position, PutRow, Row
from logsync.simulator.shapes import MEDIA
from logsync.simulator.times import day_of
from logsync.simulator.traffic import Traffic

NO_ROWS: dict[str, dict[str, GeneratedRow]] = {medium: {} for medium in MEDIA}


def _position(row: Row) -> Position:
    return row.position


class Ledger:
    """Rows by medium and UTC day, each day in order of time. Without traffic it holds what is put there."""

    def __init__(self, traffic: Traffic | None = None, first_day: date = date.max) -> None:
        self._traffic = traffic
        self._first_day = first_day
        self._begun: dict[date, dict[str, dict[str, GeneratedRow]]] = {}
        self._days: dict[tuple[str, date], list[Row]] = {}
        self._put: dict[str, dict[str, PutRow]] = {medium: {} for medium in MEDIA}
        self._put_days: dict[str, defaultdict[date, list[PutRow]]] = {medium: defaultdict(list) for medium in MEDIA}
        self._hidden: dict[str, set[str]] = {medium: set() for medium in MEDIA}

    def put(self, medium: str, row: PutRow) -> None:
        """Adds a row, or takes the place of the one with the same id, generated or put."""
        self.remove(medium, row.position.id)
        day = day_of(row.position.created_us)
        self._put[medium][row.position.id] = row
        self._put_days[medium][day].append(row)
        self._days.pop((medium, day), None)

    def remove(self, medium: str, log_id: str) -> None:
        """Without a trace: not even a tombstone is left."""
        old = self._put[medium].pop(log_id, None)
        if old:
            day = day_of(old.position.created_us)
            self._put_days[medium][day].remove(old)
            self._days.pop((medium, day), None)
        begun_on = day_of_id(log_id)
        if begun_on and self._traffic:
            self._hidden[medium].add(log_id)
            self._days.pop((medium, begun_on), None)
            self._days.pop((medium, begun_on + ONE_DAY), None)

    def find(self, medium: str, log_id: str, now_us: int) -> Row | None:
        if log_id in self._put[medium]:
            return self._put[medium][log_id]
        day = day_of_id(log_id)
        if day is None or day > day_of(now_us) or log_id in self._hidden[medium]:
            return None
        row = self._begun_on(day)[medium].get(log_id)
        return row if row and row.visible_us <= now_us else None

    def older(self, medium: str, below: Position, floor_us: int, now_us: int) -> Iterator[Row]:
        """Rows before a position and not before an instant, newest first."""
        for day in reversed(self._days_between(medium, day_of(floor_us), day_of(below.created_us), now_us)):
            rows = self._rows_on(medium, day)
            for index in range(bisect_left(rows, below, key=_position) - 1, -1, -1):
                row = rows[index]
                if row.position.created_us < floor_us:
                    return
                if row.visible_us <= now_us:
                    yield row

    def newer(self, medium: str, above: Position, ceiling_us: int, now_us: int) -> Iterator[Row]:
        """Rows after a position and before an instant, oldest first."""
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
        """All rows created on a UTC day, also those of families that began the evening before."""
        if (medium, day) not in self._days:
            rows: list[Row] = [*self._put_days[medium].get(day, []), *self._generated_on(medium, day)]
            self._days[medium, day] = sorted(rows, key=_position)
        return self._days[medium, day]

    def _generated_on(self, medium: str, day: date) -> Iterator[GeneratedRow]:
        if day < self._first_day:
            return
        hidden = self._hidden[medium]
        for begun_on in (day - ONE_DAY, day):
            for log_id, row in self._begun_on(begun_on)[medium].items():
                if log_id not in hidden and day_of(row.position.created_us) == day:
                    yield row

    def _begun_on(self, day: date) -> dict[str, dict[str, GeneratedRow]]:
        """The rows of families that began on a day, by medium and id."""
        if self._traffic is None or day < self._first_day:
            return NO_ROWS
        if day not in self._begun:
            rows: dict[str, dict[str, GeneratedRow]] = {medium: {} for medium in MEDIA}
            for call in self._traffic.calls(day):
                rows[call.medium][call.id] = GeneratedRow(call)
            self._begun[day] = rows
        return self._begun[day]
