"""The layout of tables for people."""

from decimal import Decimal

from rich.cells import cell_len

from dashboard.exports.console import table_lines
from dashboard.exports.tables import Table

ROW = ("+12065551212", "sip:somebody@example.com", Decimal("0.0066"), "a-b")
NUMBERS = Table(("from", "to", "charge", "id"), [ROW])


def lines(table=NUMBERS, totals=(), width=None):
    return list(table_lines(table, totals, width))


def test_without_a_width_every_column_is_as_wide_as_its_longest_text():
    assert lines() == [
        "from          to                        charge  id",
        "─" * 51,
        "+12065551212  sip:somebody@example.com  0.0066  a-b",
    ]


def test_the_widest_number_gives_way_first_and_figures_never():
    assert lines(width=45)[-1] == "+12065551212  sip:somebody@exam…  0.0066  a-b"
    assert lines(width=34)[-1] == "+1206555…  sip:someb…  0.0066  a-b"


def test_what_does_not_fit_takes_several_lines_but_as_few_as_possible():
    assert lines(width=26) == [
        "from          to",
        "  charge  id",
        "─" * 26,
        "+12065551212  sip:somebod…",
        "  0.0066  a-b",
    ]
    assert lines(width=14)[-3:] == ["+12065551212", "  sip:somebod…", "  0.0066  a-b"]


def test_a_figure_wider_than_the_terminal_is_whole():
    assert lines(Table(("charge",), [(Decimal("1234567.891234567"),)]), width=10)[-1] == "1234567.891234567"


def test_totals_stand_below_a_rule_and_wide_characters_in_line():
    table = Table(("from", "charge"), [("日本語の名前の電話番号", Decimal(2)), (None, None)])
    printed = lines(table, ("total", Decimal("12.5")), 16)
    assert printed[-2:] == ["─" * 16, "total       12.5"]
    assert printed[-3] == "–              –"
    assert "…" in printed[2]
    assert {cell_len(line) for line in printed} == {16}


def test_a_table_without_rows_has_a_head():
    assert lines(Table(("day", "charge"), [])) == ["day  charge", "─" * 11]
    assert lines(Table(("day", "charge"), []), ("total", Decimal(0)))[-1] == "total       0"
