"""Tables as XLSX. Text is never a formula. Amounts are always numbers, so that sums are complete.

Spreadsheets hold 15 digits. The column after an amount has the exact text of those with more; it is hidden while none
has. Below the rows, after an empty one that keeps pivots and filters away, formulas add the visible rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import accumulate, chain, count, islice
from tempfile import TemporaryFile
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from dashboard.exports.tables import Cell, Table
from logsync.money import NANO_DIGITS, plain

EXACT_DIGITS = 15
# Below it, an amount of nine decimals has no more digits than that.
ALWAYS_EXACT = 10 ** (EXACT_DIGITS - NANO_DIGITS)
# Below the header, with room for the empty row and the totals.
MAX_ROWS = 1_048_573
MAX_TEXT = 32_767
COLUMN_WIDTH = 16
WIDTHS = {"id": 38, "parent_id": 38, "created_at": 25, "changed_at": 25, "local_time": 10, "url": 40, "time_zone": 20}
ABOUT_WIDTHS = (34, 100)
# Places for nine decimals, of which zeros are left blank: the points of a column stand below each other.
AMOUNT = {"num_format": "#,##0.00???????"}
FORMATS = {
    "head": {"bold": True, "bottom": 1},
    "total": {"bold": True, "top": 1},
    "total amount": {"bold": True, "top": 1} | AMOUNT,
    "amount": AMOUNT,
    "day": {"num_format": "yyyy-mm-dd"},
    "time": {"num_format": "hh:mm:ss"},
    "instant": {"num_format": 'yyyy-mm-dd"T"hh:mm:ss.000"Z"'},
    "wrapped": {"text_wrap": True, "align": "left", "valign": "top"},
    "wrapped day": {"num_format": "yyyy-mm-dd", "align": "left"},
    "wrapped instant": {"num_format": 'yyyy-mm-dd"T"hh:mm:ss"Z"', "align": "left"},
}
_add = Context(prec=64, rounding=ROUND_HALF_EVEN).add


class _Sheet(Worksheet):  # type: ignore[misc]  # xlsxwriter has no types
    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, str]] = ()) -> None:
        """xlsxwriter takes text from "<r>" to "</r>" for its own markup. Here it is text that somebody sent."""
        self._xml_inline_string(string, preserve=True, attributes=list(attributes))


def xlsx_file(
    table: Table, title: str, about: Iterable[tuple[str, Cell]] = (), rows_of_sheet: int = MAX_ROWS
) -> IO[bytes]:
    """A temporary file, positioned at its start, written in constant memory. Rows beyond a sheet go to the next one."""
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    with Workbook(file, {"constant_memory": True}) as book:
        pen = _Pen(book, table)
        rows = iter(table.rows)
        for number in count(1):
            pen.add_sheet(title if number == 1 else f"{title} {number}", islice(rows, rows_of_sheet))
            next_row = list(islice(rows, 1))
            if not next_row:
                break
            rows = chain(next_row, rows)
        pen.write_totals()
        pen.add_about(about)
    file.seek(0)
    return file


class _Pen:
    """Writes a table to sheets, and adds up its sums."""

    def __init__(self, book: Workbook, table: Table) -> None:
        self.book = book
        self.formats = {name: book.add_format(properties) for name, properties in FORMATS.items()}
        self.columns = table.columns
        self.amounts = table.amounts
        self.is_amount = [name in table.amounts for name in table.columns]
        # An amount takes two columns of the sheet.
        widths = (1 + is_amount for is_amount in self.is_amount)
        self.places = list(accumulate(widths, initial=0))[:-1]
        self.sums = {at: Decimal(0) for at, name in enumerate(table.columns) if name in table.sums}
        self.sheets: list[tuple[Worksheet, int]] = []
        self.inexact: set[int] = set()

    def add_sheet(self, title: str, rows: Iterable[Sequence[Cell]]) -> None:
        sheet = self.book.add_worksheet(title, _Sheet)
        sheet.freeze_panes(1, 0)
        for at, name in self._headings():
            sheet.write_string(0, at, name, self.formats["head"])
        row_number = 0
        for row_number, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                if value is not None:
                    self._write(sheet, row_number, at, value)
            for at, total in self.sums.items():
                if value := row[at]:
                    self.sums[at] = _add(total, value)  # type: ignore[arg-type]
        sheet.autofilter(0, 0, row_number, self._headings()[-1][0])
        self.sheets.append((sheet, row_number))

    def write_totals(self) -> None:
        """The totals of all sheets, below the last one."""
        sheet, rows = self.sheets[-1]
        if self.sums:
            sheet.write_string(rows + 2, 0, "Total", self.formats["total"])
        for at, total in self.sums.items():
            amount = self.columns[at] in self.amounts
            formula = f"SUBTOTAL(109,{','.join(self._ranges(self.places[at]))})"
            formula = f"=ROUND({formula},{NANO_DIGITS})" if amount else f"={formula}"
            look = self.formats["total amount" if amount else "total"]
            sheet.write_formula(rows + 2, self.places[at], formula, look, Decimal(plain(total)))
            if amount:
                self._write_exact(sheet, rows + 2, at, total)
        for sheet, _ in self.sheets:
            self._set_widths(sheet)

    def add_about(self, lines: Iterable[tuple[str, Cell]]) -> None:
        exact = [
            (f"Total {name}, exact, of all rows", plain(total))
            for at, total in self.sums.items()
            if (name := self.columns[at]) in self.amounts
        ]
        if not (about := list(lines)):
            return
        sheet = self.book.add_worksheet("About", _Sheet)
        for column, width in enumerate(ABOUT_WIDTHS):
            sheet.set_column(column, column, width)
        for number, (name, value) in enumerate([*about, *exact]):
            sheet.write_string(number, 0, name, self.formats["head"])
            self._write_value(sheet, (number, 1), value, "wrapped ")

    def _headings(self) -> list[tuple[int, str]]:
        return [heading for at, name in enumerate(self.columns) for heading in self._heading(at, name)]

    def _heading(self, at: int, name: str) -> Iterator[tuple[int, str]]:
        yield self.places[at], name
        if name in self.amounts:
            yield self.places[at] + 1, f"{name}_exact"

    def _ranges(self, column: int) -> Iterator[str]:
        for sheet, rows in self.sheets:
            cells = f"{xl_rowcol_to_cell(1, column)}:{xl_rowcol_to_cell(max(rows, 1), column)}"
            yield cells if len(self.sheets) == 1 else f"'{sheet.get_name()}'!{cells}"

    def _set_widths(self, sheet: Worksheet) -> None:
        for at, name in self._headings():
            sheet.set_column(at, at, WIDTHS.get(name, COLUMN_WIDTH))
        for at, name in enumerate(self.columns):
            if name in self.amounts and at not in self.inexact:
                sheet.set_column(self.places[at] + 1, self.places[at] + 1, COLUMN_WIDTH, None, {"hidden": True})

    def _write(self, sheet: Worksheet, row: int, at: int, value: Cell) -> None:
        if self.is_amount[at] and isinstance(value, Decimal):
            sheet.write_number(row, self.places[at], value, self.formats["amount"])
            self._write_exact(sheet, row, at, value)
        else:
            self._write_value(sheet, (row, self.places[at]), value)

    def _write_exact(self, sheet: Worksheet, row: int, at: int, value: Decimal) -> None:
        if -ALWAYS_EXACT < value < ALWAYS_EXACT:
            return
        text = plain(value)
        if len(text.lstrip("-").replace(".", "").strip("0")) > EXACT_DIGITS:
            self.inexact.add(at)
            sheet.write_string(row, self.places[at] + 1, text)

    def _write_value(self, sheet: Worksheet, cell: tuple[int, int], value: Cell, look: str = "") -> None:
        if isinstance(value, str):
            sheet.write_string(*cell, _truncated(value), self.formats.get(look.strip()))
        elif isinstance(value, bool):
            sheet.write_boolean(*cell, value)
        elif isinstance(value, (int, Decimal)):
            # xlsxwriter writes a Decimal digit by digit, so it never becomes a float.
            sheet.write_number(*cell, value)
        elif isinstance(value, datetime):
            # Spreadsheets have no timezones. The "Z" in the format says UTC.
            utc = value.astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(*cell, utc, self.formats[f"{look}instant"])
        elif isinstance(value, date):
            sheet.write_datetime(*cell, value, self.formats[f"{look}day"])
        elif isinstance(value, time):
            sheet.write_datetime(*cell, value, self.formats["time"])


def _truncated(text: str) -> str:
    """The text, cut to what a cell holds: MAX_TEXT units of UTF-16, of which an emoji takes two."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MAX_TEXT:
        return text
    return f"{units[: 2 * (MAX_TEXT - 1)].decode('utf-16-le', 'ignore')}…"
