"""Tables for people: as wide as they need in a pipe, and within the width of a terminal without cutting a figure.

Where the columns do not fit side by side, phone numbers and names of rooms are shortened, the longest first. If that
is not enough, every row takes several lines, as few as possible.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from rich.cells import cell_len, set_cell_size

from dashboard.exports.tables import Cell, Table
from logsync.days import iso_utc
from logsync.money import plain
from logsync.text import visible

GAP = "  "
SHORTENED = frozenset({"from", "to", "room", "room_name"})
# Enough to tell numbers apart.
LEAST_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column and its texts: its name, then a text for each row. `width` is in cells of a terminal."""

    texts: Sequence[str]
    is_number: bool
    width: int

    @property
    def can_shrink(self) -> bool:
        return self.texts[0] in SHORTENED and self.width > LEAST_WIDTH

    def printed(self, row: int) -> str:
        text = self.texts[row]
        if cell_len(text) > self.width:
            text = f"{set_cell_size(text, self.width - 1).rstrip()}…"
        padding = " " * (self.width - cell_len(text))
        return f"{padding}{text}" if self.is_number else f"{text}{padding}"


def table_lines(table: Table, totals: Sequence[Cell] = (), width: int | None = None) -> Iterator[str]:
    """The lines of a table, at most `width` cells wide unless one figure alone is wider. None: any width."""
    lines = _lines_of_columns(_columns(table, totals), width)
    rows = range(len(lines[0][0].texts))
    rule = "─" * max(len(GAP) * bool(number) + _width(line) for number, line in enumerate(lines))
    for row in rows:
        if row == 1 or (totals and row == rows[-1]):
            yield rule
        for number, line in enumerate(lines):
            yield (GAP * bool(number) + GAP.join(column.printed(row) for column in line)).rstrip()
    if len(rows) == 1:
        yield rule


def _columns(table: Table, totals: Sequence[Cell]) -> list[Column]:
    rows = [*table.rows, *([totals] if totals else [])]
    columns = []
    for index, name in enumerate(table.columns):
        cells = [row[index] for row in rows]
        texts = [name, *map(_text, cells)]
        is_number = any(isinstance(cell, int | Decimal) for cell in cells)
        columns.append(Column(texts, is_number, max(map(cell_len, texts))))
    return columns


def _lines_of_columns(columns: list[Column], width: int | None) -> list[list[Column]]:
    """The columns on as few lines as possible, shortened no more than that requires."""
    if width is None:
        return [columns]
    ways = (_packed(shrunk, width) for shrunk in _ever_narrower(columns, width))
    return min(ways, key=lambda lines: (_excess(lines, width), len(lines)))


def _ever_narrower(columns: list[Column], width: int) -> Iterator[list[Column]]:
    """The columns as they are, then with those that may be shortened at most as wide as the terminal, then with the
    widest of these narrower by one, and so on."""
    yield columns
    columns = [replace(column, width=min(column.width, width)) if column.can_shrink else column for column in columns]
    while shrinkable := [at for at, column in enumerate(columns) if column.can_shrink]:
        widest = max(shrinkable, key=lambda at: columns[at].width)
        narrower = replace(columns[widest], width=columns[widest].width - 1)
        columns = [*columns[:widest], narrower, *columns[widest + 1 :]]
        yield columns


def _packed(columns: list[Column], width: int) -> list[list[Column]]:
    """The columns in lines, the second and later ones indented by a gap."""
    lines: list[list[Column]] = [[]]
    for column in columns:
        indent = len(GAP) if lines[1:] else 0
        if lines[-1] and indent + _width([*lines[-1], column]) > width:
            lines.append([])
        lines[-1].append(column)
    return lines


def _excess(lines: list[list[Column]], width: int) -> int:
    """How far the lines reach beyond the width: a figure is never cut."""
    return sum(max(0, len(GAP) * bool(number) + _width(line) - width) for number, line in enumerate(lines))


def _width(line: Sequence[Column]) -> int:
    return sum(column.width for column in line) + len(GAP) * (len(line) - 1)


def _text(value: Cell) -> str:
    if value is None:
        return "–"
    text = plain(value) if isinstance(value, Decimal) else iso_utc(value) if isinstance(value, datetime) else str(value)
    return visible(text)  # a terminal would obey control characters
