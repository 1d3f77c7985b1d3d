"""Keyset pagination: a page starts after the last row of the previous one, so every page costs the same.

A position is a row's sort value and its key. Rows without a sort value come last in both directions. They are a section
of their own, because neither database would use an index for an order with nulls last.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.lookups import GreaterThan, LessThan

from dashboard.filters.values import FilterError, amount, instant, storable
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
# (created_at, id) and (charge, id) are indexed. Other columns are sorted anyway, so ties can be broken by time.
TIE_BREAKERS = {"created_at": KEY, "charge": KEY, "changed_at": ("pk",)}
DEFAULT_TIE_BREAKERS = ("created_at", *KEY)
# So few logs have one number that their times need not be compared first.
FEW_EQUAL = frozenset({"from_number", "to_number"})
NEVER_ABSENT = frozenset({"created_at", "changed_at"})

Row = dict[str, Any]
Rows = QuerySet[Any]
Fetch = Callable[[Rows], list[tuple[Any, ...]]]
Ask = Callable[["Section", Sequence[str], int], list[list[tuple[Any, ...]]]]


class RowLessThan(TupleLessThan):
    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        # SQLite can compare rows by index, but Django splits the comparison into columns for it.
        return LessThan.as_sql(self, compiler, connection)


class RowGreaterThan(TupleGreaterThan):
    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return GreaterThan.as_sql(self, compiler, connection)


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a `sort` parameter: its column and tie-breakers, all in one direction."""

    sort: str

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def column(self) -> str:
        return COLUMNS[self.sort.removeprefix("-")]

    @property
    def ties(self) -> tuple[str, ...]:
        return TIE_BREAKERS.get(self.column, DEFAULT_TIE_BREAKERS)

    def columns(self, *, valued: bool = True) -> tuple[str, ...]:
        """Those that order the rows with a value, or those without."""
        return (self.column, *self.ties) if valued else self.ties

    def applied(self, rows: Rows) -> Rows:
        """All rows in this order; rows without a value come last."""
        column = F(self.column)
        first = column.desc(nulls_last=True) if self.is_descending else column.asc(nulls_last=True)
        return rows.order_by(first, *(f"-{column}" if self.is_descending else column for column in self.ties))


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a row: its values in the columns of its section. `backward` asks for the rows before it."""

    sort: str
    valued: bool
    values: tuple[Any, ...]
    backward: bool

    def narrowed(self, within: Instants) -> Instants:
        """The times that rows beyond the position can have. Without these bounds SQLite may scan from the wrong end."""
        order = Order(self.sort)
        if order.column != "created_at":
            return within
        created_at: datetime = self.values[0]
        if order.is_descending != self.backward:
            return Instants(within.start, min(within.end, created_at + timedelta.resolution))
        return Instants(max(within.start or created_at, created_at), within.end)

    @property
    def cursor(self) -> str:
        content = [self.sort, self.valued, self.backward, *map(_cursor_value, self.values)]
        return urlsafe_b64encode(json.dumps(content, ensure_ascii=False).encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Section:
    """The rows with a value, or those without: forward or backward, beyond the position if this section has it."""

    order: Order
    position: Position | None
    valued: bool
    backward: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return self.order.columns(valued=self.valued)

    @property
    def is_descending(self) -> bool:
        return self.order.is_descending != self.backward

    def first(self, rows: Rows, columns: Sequence[str], limit: int) -> Rows:
        """The first so many of its rows, as tuples of these columns."""
        return self._ordered(self._all(rows), self.columns).values_list(*columns)[:limit]

    def first_copies(self, rows: Rows, columns: Sequence[str], limit: int, fetch: Fetch) -> list[tuple[Any, ...]]:
        """The same of the columnar copy, which finds the first values of one column many times as fast as the first
        rows by several, and reads long ids for few rows only."""
        rows, page = self._all(rows), list[tuple[Any, ...]]()
        leading = self.columns[: 1 if self.columns[0] in FEW_EQUAL else self.columns.index("id")]
        for column in leading:
            left = limit - len(page)
            values = [value for (value,) in fetch(self._ordered(rows, [column]).values_list(column)[:left])]
            if len(values) < left:
                break
            if column == leading[-1]:
                rows = rows.filter(**{f"{column}__{'gte' if self.is_descending else 'lte'}": values[-1]})
                break
            if values[0] != values[-1]:
                before = rows.filter(**{f"{column}__{'gt' if self.is_descending else 'lt'}": values[-1]})
                page += fetch(self._ordered(before, self.columns).values_list(*columns))
            rows = rows.filter(**{column: values[-1]})
        return page + fetch(self._ordered(rows, self.columns).values_list(*columns)[: limit - len(page)])

    def merged(self, parts: Iterable[list[Row]], limit: int) -> list[Row]:
        """The first rows of several lists in this order. Databases and Python compare texts by code points."""
        rows = [row for part in parts for row in part]
        return sorted(rows, key=lambda row: [row[name] for name in self.columns], reverse=self.is_descending)[:limit]

    def _all(self, rows: Rows) -> Rows:
        if self.order.column not in NEVER_ABSENT:
            rows = rows.filter(**{f"{self.order.column}__isnull": not self.valued})
        if self.position is not None and self.position.valued == self.valued:
            beyond = RowLessThan if self.is_descending else RowGreaterThan
            rows = rows.filter(Q(beyond(Tuple(*map(F, self.columns)), self.position.values)))
        return rows

    def _ordered(self, rows: Rows, columns: Sequence[str]) -> Rows:
        return rows.order_by(*(f"-{column}" if self.is_descending else column for column in columns))


@dataclass(frozen=True, slots=True)
class RowPage:
    rows: Sequence[Row]
    next_cursor: str | None
    previous_cursor: str | None


def read_page(ask: Ask, columns: Sequence[str], order: Order, size: int, position: Position | None) -> RowPage:
    """One page of rows as dictionaries of these columns, which must include those of the order.

    `ask` gives the first rows of a section as tuples, in one list for each that answers, all in the section's order.
    Usually it is asked once; twice if the page spans rows with and without a value.
    """
    backward = position is not None and position.backward
    page: list[Row] = []
    for valued in _sections(order, position, backward=backward):
        section, limit = Section(order, position, valued, backward), size + 1 - len(page)
        parts = [[dict(zip(columns, row, strict=True)) for row in rows] for rows in ask(section, columns, limit)]
        page += parts[0] if len(parts) == 1 else section.merged(parts, limit)
        if len(page) > size:
            break
    has_more, page = len(page) > size, page[:size]
    if backward:
        page.reverse()
    has_before, has_after = (has_more, True) if backward else (position is not None, has_more)
    return RowPage(
        rows=page,
        next_cursor=_position_of(page[-1], order, backward=False).cursor if page and has_after else None,
        previous_cursor=_position_of(page[0], order, backward=True).cursor if page and has_before else None,
    )


def _sections(order: Order, position: Position | None, *, backward: bool) -> list[bool]:
    """The sections to read, starting with that of the position. True stands for the rows with a value."""
    sections = [True] if order.column in NEVER_ABSENT else [True, False]
    if backward:
        sections.reverse()
    return sections[sections.index(position.valued) :] if position else sections


def _position_of(row: Row, order: Order, *, backward: bool) -> Position:
    valued = row[order.column] is not None
    return Position(order.sort, valued, tuple(row[column] for column in order.columns(valued=valued)), backward)


def _cursor_value(value: Any) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal) else value


_Integer = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_CURSOR = msgspec.json.Decoder(list[str | bool | _Integer])


def parse_cursor(cursor: str, sort: str) -> Position:
    """Raises FilterError if it is not the cursor of a page in this order."""
    try:
        cursor_sort, valued, backward, *values = _CURSOR.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position = _parse_position(sort, values, valued=valued is True, backward=backward is True)
        # A cursor that Tollbook did not write is encoded differently.
        is_valid = (cursor_sort, cursor) == (sort, position.cursor)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise FilterError("cursor", "This page position does not fit the order of the list. Start at the first page.")
    return position


def _parse_position(sort: str, values: list[Any], *, valued: bool, backward: bool) -> Position:
    order = Order(sort)
    columns = order.columns(valued=valued)
    texts = msgspec.convert(values, tuple[*(_TYPES.get(column, str) for column in columns)])  # type: ignore[misc]
    parsed = tuple(_PARSERS.get(column, storable)(text) for column, text in zip(columns, texts, strict=True))
    return Position(sort, valued or order.column in NEVER_ABSENT, parsed, backward)


# The columns that are not texts in a cursor, and the parsers of those that are not any text.
_TYPES: dict[str, Any] = dict.fromkeys(("seconds", "project_id", "pk"), _Integer)
_PARSERS: dict[str, Callable[[Any], Any]] = {
    "created_at": instant,
    "changed_at": instant,
    "charge": amount,
    **dict.fromkeys(_TYPES, int),
}
