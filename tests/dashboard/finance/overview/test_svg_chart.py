"""The chart without JavaScript: the same amounts as the table, in a few kilobytes."""

import gzip
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashboard.finance.overview.chart import Series
from dashboard.finance.overview.results import DayRow
from dashboard.finance.overview.svg_chart import svg_chart
from dashboard.results import Totals
from tests.support.pages import MARCH, data_of, store_march

GROUPS = "abcdefg"


def group(name, total="1"):
    return Series(f"colour-{name}", name, name, (name,), Totals(logs=1, charge=Decimal(total)), "", "", is_chosen=False)


def day(number, *charges, start=date(2025, 12, 3), **state):
    amounts = dict(zip(GROUPS, map(Decimal, charges), strict=False))
    totals = Totals(logs=len(amounts), charge=sum(amounts.values(), Decimal(0)))
    return DayRow(start + timedelta(days=number), totals, amounts, **{"is_running": False, "incomplete": ""} | state)


def drawn(*days, groups="ab"):
    return svg_chart(days, [group(name) for name in groups])


def heights(path):
    """From column to the height of what is drawn in it, in units of the plot."""
    columns = re.findall(r"M(\d+) (\d+)V(\d+)h8V\d+", path)
    return {(int(x) - 1) // 10: int(zero) - int(y) for x, zero, y in columns}


def shapes(chart):
    return {(shape.colour[-1], shape.shade): heights(shape.path) for shape in chart.shapes}


def test_each_group_reaches_to_the_top_of_its_segment_and_the_uppermost_is_drawn_first():
    chart = drawn(day(0, "100", "100"), day(1, "50", "0"), day(2, "0", "0"))
    assert [line.label for line in chart.lines] == ["$0", "$50", "$100", "$150", "$200"]
    assert list(shapes(chart)) == [("b", "plain"), ("a", "plain")]
    assert shapes(chart) == {("b", "plain"): {0: 240, 1: 60}, ("a", "plain"): {0: 120, 1: 60}}


def test_days_that_are_not_final_have_their_own_shade():
    chart = drawn(
        day(0, "1", incomplete="not read to its end yet"),
        day(1, "1", is_closing=True),
        day(2, "1", is_running=True, incomplete="not read yet"),
        day(3, "1", is_future=True),
        day(4, "1"),
        groups="a",
    )
    assert {shade: set(columns) for (_, shade), columns in shapes(chart).items()} == {
        "gap": {0},
        "open": {1, 2, 3},
        "plain": {4},
    }
    assert chart.hatched == ["colour-a"]


def test_an_unread_day_is_a_strip_at_the_baseline():
    chart = drawn(day(0, "1"), day(1, incomplete="not read yet"), groups="a")
    assert heights(chart.gaps) == {1: 6}
    assert chart.hatched == []


def test_credits_hang_below_zero():
    chart = drawn(day(0, "3", "-1"), day(1, "0", "-2"))
    assert [line.label for line in chart.lines] == ["−$2", "−$1", "$0", "$1", "$2", "$3"]
    assert shapes(chart) == {("a", "plain"): {0: 144}, ("b", "plain"): {0: -48, 1: -96}}


@pytest.mark.parametrize(
    ("charge", "labels"),
    [
        ("0", ["$0.00", "$0.20"]),
        ("0.0000004", ["$0.0000000", "$0.0000001", "$0.0000002", "$0.0000003", "$0.0000004"]),
        ("2.5", ["$0.00", "$0.50", "$1.00", "$1.50", "$2.00", "$2.50"]),
        ("1234567.89", ["$0", "$500,000", "$1,000,000", "$1,500,000"]),
        ("-1", ["−$1.00", "−$0.80", "−$0.60", "−$0.40", "−$0.20", "$0.00"]),
    ],
)
def test_no_two_lines_have_the_same_label(charge, labels):
    assert [line.label for line in drawn(day(0, charge), groups="a").lines] == labels


def texts(chart, *, narrow):
    return [label.text for label in chart.labels if not (narrow and label.is_wide)]


@pytest.mark.parametrize(
    ("days", "wide", "narrow"),
    [
        (7, 7, ["3 Dec", "5 Dec", "7 Dec", "9 Dec"]),
        (30, 6, ["3 Dec", "8 Dec", "13 Dec", "18 Dec", "23 Dec", "28 Dec"]),
        (365, 12, ["Jan 2026", "Apr", "Jul", "Oct"]),
        (400, 7, ["Jan 2026", "May", "Sep", "Jan 2027"]),
    ],
)
def test_labels_are_thinned_to_the_width(days, wide, narrow):
    chart = drawn(*(day(number, "1") for number in range(days)))
    assert len(texts(chart, narrow=False)) == wide
    assert texts(chart, narrow=True) == narrow


def test_a_year_of_seven_groups_adds_a_few_kilobytes():
    days = [day(number, *(str(number * place * 7919 % 10_007) for place in range(1, 8))) for number in range(365)]
    chart = drawn(*days, groups=GROUPS)
    assert len(chart.shapes) == 7
    assert len(gzip.compress("".join(shape.path for shape in chart.shapes).encode())) < 6_500


def test_touching_columns_are_one_outline_with_holes_where_nothing_was_spent():
    chart = drawn(*(day(number, "0" if number in {50, 51} else "1") for number in range(101)), groups="a")
    [shape] = chart.shapes
    assert shape.path == f"M0 240V0{'h1' * 50}V240M52 240V0{'h1' * 49}V240"


def test_the_page_holds_the_drawing_and_the_tops_are_those_of_the_table(signed_in):
    store_march()
    page = signed_in.get(f"/?{MARCH}")
    [drawing] = re.findall(r'<svg class="chart-svg.*?</svg>\s*<line class="zero"', page.content.decode(), re.DOTALL)
    tops = {}
    for path in re.findall(r'<path class="v-[^"]*"[^>]* d="([^"]*)"', drawing):
        tops = {column: max(height, tops.get(column, 0)) for column, height in heights(path).items()} | tops
    totals = [Decimal(charge) for charge in data_of(page, "chart-data")["totals"]]
    assert tops == {place: round(total * 240 / 4) for place, total in enumerate(totals) if total > Decimal("0.01")}
