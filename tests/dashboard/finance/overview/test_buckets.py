"""Long periods in weeks or months add up to the same money."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard.finance.overview.buckets import bucket_size, in_buckets
from dashboard.finance.overview.results import DayRow
from dashboard.results import Totals
from tests.support.pages import call, data_of, hrefs, table_rows, text_of
from tests.support.stored_logs import record, store

FIRST = date(2020, 1, 1)  # a Wednesday


def days(count):
    return [
        DayRow(
            day=FIRST + timedelta(days=number),
            totals=Totals(logs=number, charge=Decimal(number) / 8, billing_ms=number),
            charges={"a": Decimal(number) / 8},
            is_running=number == count - 1,
            incomplete="not read yet" if number in {1, 2} else "",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(("count", "unit"), [(1, "day"), (400, "day"), (401, "week"), (1120, "week"), (1121, "month")])
def test_the_unit_grows_with_the_period(count, unit):
    assert bucket_size(days(count)) == unit


@pytest.mark.parametrize(("unit", "columns"), [("day", 500), ("week", 72), ("month", 17)])
def test_units_add_up_to_the_same_money_and_leave_out_no_day(unit, columns):
    rows = in_buckets(days(500), unit)
    assert len(rows) == columns
    assert sum(row.totals.logs for row in rows) == sum(range(500))
    assert sum(row.charges["a"] for row in rows) == sum(row.charges["a"] for row in days(500))
    ends = [row.end or row.day for row in rows]
    assert [end + timedelta(days=1) for end in ends[:-1]] == [row.day for row in rows[1:]]
    assert (rows[0].day, ends[-1]) == (FIRST, FIRST + timedelta(days=499))
    assert [row.is_running for row in rows] == [False] * (columns - 1) + [True]


def test_a_unit_says_how_many_of_its_days_are_missing():
    [first, *others] = in_buckets(days(20), "week")
    assert first.incomplete == "2 of 5 days: not read yet"
    assert {row.incomplete for row in others} == {""}


def test_all_time_over_years_is_drawn_in_months_and_says_so(signed_in):
    store(call("new", 10, "1.5"), record("old", created_at=datetime(2019, 5, 6, tzinfo=UTC), charge=Decimal(2)))
    page = signed_in.get("/?period=all")
    assert "Charge by month one column per month" in text_of(page)
    chart = data_of(page, "chart-data")
    assert len(chart["days"]) == len(chart["ends"]) < 120
    assert sum(map(Decimal, chart["totals"])) == Decimal("3.5")
    assert "/logs/?start=2025-03-01&end=2025-03-31" in hrefs(page)
    assert ["1 – 31 Mar 2025", "$1.50", "$1.50", "1", "–"] in table_rows(page)
    assert "Charge by day" in text_of(signed_in.get("/?start=2025-03-01&end=2025-03-31"))
