"""Tables as XLSX. Text is never a formula; an amount is a number while a spreadsheet holds it exactly, else text."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, count, islice
from tempfile import TemporaryFile
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboard.exports import Cell, Table
from logsync.money import plain

# A spreadsheet's numbers are doubles: any number of so many digits survives in one, none with more.
EXACT_DIGITS = 15
MOST_ROWS = 1_048_575
LONGEST_TEXT = 32_767
COLUMN_WIDTH = 16
FORMATS = {
    "head": {"bold": True, "bottom": 1},
    "amount": {"num_format": "0.00#######"},
    "day": {"num_format": "yyyy-mm-dd"},
    "instant": {"num_format": 'yyyy-mm-dd"T"hh:mm:ss.000"Z"'},
}


def xlsx_file(table: Table, title: str, rows_of_sheet: int = MOST_ROWS) -> IO[bytes]:
    """A temporary file, at its beginning, made in constant memory. More rows than a sheet holds go on in the next."""
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    rows = iter(table.rows)
    with Workbook(file, {"constant_memory": True}) as book:
        formats = {name: book.add_format(properties) for name, properties in FORMATS.items()}
        for number in count(1):
            sheet = book.add_worksheet(title if number == 1 else f"{title} {number}")
            _write_sheet(sheet, formats, table.columns, islice(rows, rows_of_sheet))
            beyond = list(islice(rows, 1))
            if not beyond:
                break
            rows = chain(beyond, rows)
    file.seek(0)
    return file


def _write_sheet(
    sheet: Worksheet, formats: Mapping[str, Format], columns: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, COLUMN_WIDTH)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column, formats["head"])
    last = 0
    for last, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            _write(sheet, formats, (last, at), value)
    sheet.autofilter(0, 0, last, len(columns) - 1)


def _write(sheet: Worksheet, formats: Mapping[str, Format], place: tuple[int, int], value: Cell) -> None:
    if isinstance(value, str):
        sheet.write_string(*place, _fitting(value))
    elif isinstance(value, Decimal | int):
        _write_number(sheet, formats, place, Decimal(value))
    elif isinstance(value, datetime):
        # Spreadsheets know no timezones; the format says that it is UTC.
        sheet.write_datetime(*place, value.astimezone(UTC).replace(tzinfo=None), formats["instant"])
    elif isinstance(value, date):
        sheet.write_datetime(*place, value, formats["day"])


def _fitting(text: str) -> str:
    """At most as much as a cell holds: it counts UTF-16, in which an emoji is two."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    return f"{units[: 2 * (LONGEST_TEXT - 1)].decode('utf-16-le', 'ignore')}…"


def _write_number(sheet: Worksheet, formats: Mapping[str, Format], place: tuple[int, int], value: Decimal) -> None:
    text = plain(value)
    if len(text.lstrip("-").replace(".", "").strip("0")) > EXACT_DIGITS:
        sheet.write_string(*place, text)
    else:
        # Written digit by digit: no float is made of it here.
        sheet.write_number(*place, Decimal(text), formats["amount"] if "." in text else None)
