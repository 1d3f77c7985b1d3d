"""Workbooks: amounts are numbers, totals are formulas, and text is text."""

from decimal import Decimal

import pytest
from openpyxl import load_workbook

from dashboard.exports.tables import Table
from dashboard.exports.xlsx import xlsx_file
from tests.support.sheets import data_rows


def book_of(rows, rows_of_sheet=100):
    table = Table(("name", "logs", "charge"), rows, amounts={"charge"}, sums=("logs", "charge"))
    with xlsx_file(table, "Charges", [("Filter", "all")], rows_of_sheet) as file:
        return load_workbook(file)


def total_row(sheet):
    return [cell.value for cell in sheet[sheet.max_row]]


def hidden_columns(sheet):
    return [letter for letter, column in sheet.column_dimensions.items() if column.hidden]


def test_an_amount_of_many_digits_is_a_number_with_its_text_beside():
    sheet = book_of([("a", 1, Decimal("1000000.000000001")), ("b", 2, Decimal("3.23")), ("c", 3, None)]).active
    assert [cell.value for cell in sheet[1]] == ["name", "logs", "charge", "charge_exact"]
    charges = [row[2] for row in data_rows(sheet)]
    assert sum(cell.value or 0 for cell in charges) == pytest.approx(1000003.23, abs=1e-8)
    assert [row[3].value for row in data_rows(sheet)] == ["1000000.000000001", None, None]
    assert {cell.number_format for cell in charges[:2]} == {"#,##0.00???????"}
    assert hidden_columns(sheet) == []


def test_the_text_beside_is_hidden_while_no_amount_needs_it():
    sheet = book_of([("a", 1, Decimal("3.23")), ("b", 1, Decimal(2))]).active
    assert hidden_columns(sheet) == ["D"]
    assert {row[2].number_format for row in data_rows(sheet)} == {"#,##0.00???????"}


def test_totals_are_formulas_of_the_visible_rows_with_the_exact_sum():
    rows = [(str(number), 1, Decimal("0.1")) for number in range(30)]
    table = Table(("name", "logs", "charge"), rows, amounts={"charge"}, sums=("logs", "charge"))
    with xlsx_file(table, "Charges") as file:
        formulas = load_workbook(file).active
        file.seek(0)
        values = load_workbook(file, data_only=True).active
    assert total_row(formulas) == ["Total", "=SUBTOTAL(109,B2:B31)", "=ROUND(SUBTOTAL(109,C2:C31),9)", None]
    assert total_row(values) == ["Total", 30, 3, None]
    assert len(data_rows(formulas)) == 30
    assert formulas.auto_filter.ref == "A1:D31"
    assert formulas.freeze_panes == "A2"


def test_a_total_of_many_digits_has_its_exact_text_beside():
    sheet = book_of([("a", 1, Decimal("1000000.000000001")), ("b", 1, Decimal("3.23"))]).active
    assert total_row(sheet)[3] == "1000003.230000001"


def test_totals_cover_all_sheets():
    book = book_of([(str(number), 1, Decimal("0.5")) for number in range(5)], rows_of_sheet=2)
    assert book.sheetnames == ["Charges", "Charges 2", "Charges 3", "About"]
    assert total_row(book["Charges 3"])[1] == "=SUBTOTAL(109,'Charges'!B2:B3,'Charges 2'!B2:B3,'Charges 3'!B2:B2)"


def test_a_workbook_without_rows_has_totals_of_zero():
    sheet = book_of([]).active
    assert total_row(sheet)[:3] == ["Total", "=SUBTOTAL(109,B2:B2)", "=ROUND(SUBTOTAL(109,C2:C2),9)"]


@pytest.mark.parametrize("text", ["<r>x & <b>y</r>", "<r></r>", "=1+1", " x "])
def test_text_that_looks_like_markup_or_a_formula_stays_text(text):
    [row] = data_rows(book_of([(text, 1, None)]).active)
    assert (row[0].value, row[0].data_type in {"s", "inlineStr"}) == (text, True)
