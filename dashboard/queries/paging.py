"""Pages by keyset: a page begins after the place where another ended, so that the thousandth costs what the first does.

A place is the row's sort value and its key. Rows without a sort value come last in either direction, as a section of
their own: neither database would use an index for an order with nulls at its far end.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.lookups import GreaterThan, LessThan

from dashboard import reading
from dashboard.filters import FilterError
from dashboard.queries.conditions import Instants
from logsync.money import plain

COLUMNS = {
    "created_at": "created_at",
    "changed_at": "changed_at",
    "charge": "charge",
    "duration": "seconds",
    "type": "log_type",
    "from": "from_number",
    "to": "to_number",
    "direction": "direction",
    "status": "status",
}
KEY = ("id", "medium", "project_id")
# Indexed as (created_at, id) and (charge, id); the others are sorted each time, so they may as well be newest first.
TIES = {"created_at": KEY, "charge": KEY, "changed_at": ("pk",)}
DEFAULT_TIES = ("created_at", *KEY)
NEVER_ABSENT = frozenset({"created_at", "changed_at"})

Row = dict[str, Any]
Rows = QuerySet[Any]


class Before(TupleLessThan):
    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        # SQLite compares rows by index; Django takes them apart for it because of other lookups.
        return LessThan.as_sql(self, compiler, connection)


class After(TupleGreaterThan):
    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return GreaterThan.as_sql(self, compiler, connection)


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a `sort`: a column and what breaks its ties, all in one direction."""

    sort: str

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def column(self) -> str:
        return COLUMNS[self.sort.removeprefix("-")]

    @property
    def ties(self) -> tuple[str, ...]:
        return TIES.get(self.column, DEFAULT_TIES)

    def applied(self, rows: Rows) -> Rows:
        """All rows in this order, those without a value last."""
        column = F(self.column)
        first = column.desc(nulls_last=True) if self.is_descending else column.asc(nulls_last=True)
        return rows.order_by(first, *self._directed(self.ties))

    def _directed(self, columns: Sequence[str], *, backward: bool = False) -> list[str]:
        return [f"-{column}" if self.is_descending != backward else column for column in columns]

    def section(self, rows: Rows, place: "Place | None", *, valued: bool, backward: bool) -> Rows:
        """The rows with a value, or those without, in reading order or backward, beyond the place if it is there."""
        columns = (self.column, *self.ties) if valued else self.ties
        if self.column not in NEVER_ABSENT:
            rows = rows.filter(**{f"{self.column}__isnull": not valued})
        if place is not None and place.valued == valued:
            beyond = Before if self.is_descending != backward else After
            rows = rows.filter(Q(beyond(Tuple(*map(F, columns)), place.values)))
        return rows.order_by(*self._directed(columns, backward=backward))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in an order: its values of the section's columns. `backward`: asked is what lies before."""

    sort: str
    valued: bool
    values: tuple[Any, ...]
    backward: bool

    def narrowed(self, within: Instants) -> Instants:
        """The time that can hold what lies beyond the place: of two ends SQLite would start from the wrong one."""
        order = Order(self.sort)
        if order.column != "created_at":
            return within
        at: datetime = self.values[0]
        if order.is_descending != self.backward:
            return Instants(within.start, min(within.end, at + timedelta.resolution))
        return Instants(max(within.start or at, at), within.end)

    @property
    def cursor(self) -> str:
        content = [self.sort, self.valued, self.backward, *map(_written, self.values)]
        return urlsafe_b64encode(json.dumps(content, ensure_ascii=False).encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class RowPage:
    rows: Sequence[Row]
    next_cursor: str | None
    previous_cursor: str | None


def read_page(rows: Rows, columns: Sequence[str], order: Order, size: int, place: Place | None) -> RowPage:
    """One page of rows as dictionaries of these columns, which include those of the order.

    At most two queries, usually one: a page can straddle the rows with and without a value.
    """
    backward = place is not None and place.backward
    found: list[Row] = []
    for valued in _sections(order, place, backward=backward):
        section = order.section(rows, place, valued=valued, backward=backward)
        found += section.values(*columns)[: size + 1 - len(found)]
        if len(found) > size:
            break
    has_more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    has_before, has_after = (has_more, True) if backward else (place is not None, has_more)
    return RowPage(
        rows=found,
        next_cursor=_place_of(found[-1], order, backward=False).cursor if found and has_after else None,
        previous_cursor=_place_of(found[0], order, backward=True).cursor if found and has_before else None,
    )


def _sections(order: Order, place: Place | None, *, backward: bool) -> list[bool]:
    """The sections to read, in reading order, from that of the place on: True for the rows with a value."""
    sections = [True] if order.column in NEVER_ABSENT else [True, False]
    if backward:
        sections.reverse()
    return sections[sections.index(place.valued) :] if place else sections


def _place_of(row: Row, order: Order, *, backward: bool) -> Place:
    valued = row[order.column] is not None
    columns = (order.column, *order.ties) if valued else order.ties
    return Place(order.sort, valued, tuple(row[column] for column in columns), backward)


def _written(value: Any) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal) else value


def read_cursor(cursor: str, sort: str) -> Place:
    """Raises FilterError for what is not the cursor of a page in this order."""
    try:
        made_for, valued, backward, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = _read_place(sort, values, valued=valued is True, backward=backward is True)
        # Whatever was not written here differs when it is written again, an order by another column included.
        is_own = (made_for, cursor) == (sort, place.cursor)
    except (ValueError, TypeError, RecursionError):
        is_own = False
    if not is_own:
        raise FilterError("cursor", "This place in the list belongs to another order. Start at its first page.")
    return place


def _read_place(sort: str, values: list[Any], *, valued: bool, backward: bool) -> Place:
    order = Order(sort)
    columns = (order.column, *order.ties) if valued else order.ties
    read = tuple(_READERS.get(column, reading.storable)(value) for column, value in zip(columns, values, strict=True))
    return Place(sort, valued or order.column in NEVER_ABSENT, read, backward)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _integer(number: int) -> int:
    if abs(number) >= 2**63:
        raise ValueError
    return int(number)


_READERS: dict[str, Callable[[Any], Any]] = {
    "created_at": _instant,
    "changed_at": _instant,
    "charge": reading.amount,
    "seconds": _integer,
    "project_id": _integer,
    "pk": _integer,
}
