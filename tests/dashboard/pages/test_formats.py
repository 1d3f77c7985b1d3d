import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls.detail.json_text import pretty_json
from dashboard.finance.overview.day_table import HALF_UP, cell
from dashboard.pages import formats
from dashboard.pages.context_bar import Gap, gaps
from logsync.money import dollars, exact_dollars

TODAY = date(2026, 11, 20)
NEW_YORK = ZoneInfo("America/New_York")


def plain_spaces(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (9, "9 s"),
        (60, "1 min 00 s"),
        (252, "4 min 12 s"),
        (3599, "59 min 59 s"),
        (3780, "1 h 03 min"),
        (360_000_000, "100,000 h 00 min"),
        (-5, "−5 s"),
    ],
)
def test_durations(seconds, text):
    assert plain_spaces(formats.duration(seconds)) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0 s"), (9600, "9.6 s"), (9649, "9.6 s"), (9650, "9.7 s"), (10_000, "10 s"), (61_400, "1 min 01 s")],
)
def test_durations_in_milliseconds(milliseconds, text):
    assert plain_spaces(formats.duration_ms(milliseconds)) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(0, "0.0"), (60_000, "1.0"), (3000, "0.1"), (2999, "0.0"), (74_070_000, "1,234.5")]
)
def test_minutes(milliseconds, text):
    assert formats.minutes(milliseconds) == text


@pytest.mark.parametrize(("day", "text"), [(date(2026, 11, 20), "Fri 20 Nov"), (date(2025, 3, 1), "Sat 1 Mar 2025")])
def test_days_show_the_year_unless_it_is_this_one(day, text):
    assert formats.day(day, TODAY) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 10, 23), date(2026, 11, 21), "23 Oct – 21 Nov 2026"),
        (date(2026, 11, 1), date(2026, 11, 21), "1 – 21 Nov 2026"),
        (date(2025, 12, 1), date(2026, 1, 31), "1 Dec 2025 – 31 Jan 2026"),
        (date(2026, 11, 20), date(2026, 11, 20), "Fri 20 Nov 2026"),
        (None, date(2026, 11, 20), "all days"),
    ],
)
def test_spans_repeat_no_month_or_year(start, end, text):
    assert formats.span(start, end) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+12065551212", "+1 206 555 1212"),
        ("+442079460000", "+44 20 7946 0000"),
        ("+4930123456", "+49 30 123456"),
        ("+33142685300", "+33 1 42 68 53 00"),
        ("+5511987654321", "+55 11 98765 4321"),
        ("+81312345678", "+81 3 1234 5678"),
        ("+254712345678", "+254 712 345678"),
        ("+390612345678", "+39 06 1234 5678"),
        ("+3581234567", "+358 12 34567"),
    ],
)
def test_phone_numbers_are_grouped_as_in_their_country(number, text):
    assert plain_spaces(formats.phone(number)) == text


@pytest.mark.parametrize(
    "text",
    [
        "+1206",
        "+12345",
        "+120655512123456",
        "+1206555121234567",
        "+99912345",
        "+440207946000",
        "+4402079460000",
        "+\u0661\u0662\u0660\u0666\u0665\u0665\u0665\u0661\u0662\u0661\u0662",
        "+1206555121\u0662",
        "+1 206-555-1212",
        "tel:+12065551212",
        "+12065551212;ext=3",
        "2065551212",
        "sip:user@example.com",
        "",
    ],
)
def test_anything_but_a_possible_e164_number_is_unchanged(text):
    assert formats.phone(text) == text


@given(st.one_of(st.text(max_size=40), st.from_regex(r"\+[1-9][0-9]{3,15}", fullmatch=True)))
def test_grouping_adds_only_spaces(number):
    assert "".join(formats.phone(number).split("\N{NO-BREAK SPACE}")) == number.replace("\N{NO-BREAK SPACE}", "")


def test_times_are_in_the_report_timezone():
    midnight = datetime(2026, 11, 20, 3, 4, 5, 678_000, tzinfo=UTC)
    assert formats.date_time(midnight, NEW_YORK, TODAY) == "Thu 19 Nov 22:04:05"
    assert formats.utc(midnight) == "2026-11-20 03:04:05.678 UTC"


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=400), "400 days ago"),
        (-timedelta(minutes=3), "in 3 min"),
    ],
)
def test_how_long_ago(delta, text):
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert formats.ago(now - delta, now) == text


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(seconds=-1), ""),
        (timedelta(0), ""),
        (timedelta(seconds=1), "in 1 min"),
        (timedelta(minutes=9, seconds=59), "in 10 min"),
        (timedelta(minutes=59, seconds=59), "in 1 h"),
        (timedelta(hours=5, minutes=29), "in 5 h"),
        (timedelta(hours=23, minutes=59, seconds=58), "in 1 day"),
        (timedelta(days=2, seconds=-1), "in 2 days"),
        (timedelta(days=8, hours=11), "in 8 days"),
    ],
)
def test_how_long_until(delta, text):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert formats.until(now + delta, now) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        ("1", "3", "33%"),
        ("0.001", "3", "<1%"),
        ("0", "3", "0%"),
        ("3", "3", "100%"),
        ("1", "0", ""),
        ("-1", "4", ""),
        ("1", "-4", ""),
        ("2.985", "3", ">99%"),
        ("5", "8", "63%"),
    ],
)
def test_shares(part, whole, text):
    assert formats.share(Decimal(part), Decimal(whole)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0.0%"),
        ("-0.04", "<0.1%"),
        ("12.25", "12.3%"),
        ("-12.25", "12.3%"),
        ("99.94", "99.9%"),
        ("149.45", "149%"),
        ("1234.5", "1,235%"),
    ],
)
def test_percentages_are_rounded_half_up_and_once(value, text):
    assert formats.percent(Decimal(value)) == text


def test_a_column_of_exact_charges_has_as_many_decimals_as_it_needs():
    assert formats.decimals([Decimal(1), None, Decimal("0.0066"), Decimal("0.100000000")]) == 4
    assert formats.decimals([]) == 2


@given(st.integers(min_value=-(2**62), max_value=2**62) | st.integers(-(10**8), 10**8))
def test_cells_of_the_day_table_are_formatted_like_money(nano):
    charge = Decimal(nano).scaleb(-9)
    with localcontext(HALF_UP):
        written = cell(charge)
    exact = exact_dollars(charge)
    assert f">{dollars(charge)}<" in written
    assert (f'title="{exact}" aria-label="{exact}"' in written) == (exact != dollars(charge))


@pytest.mark.parametrize(
    ("raw", "pretty"),
    [
        ("{}", "{}"),
        ("[]", "[]"),
        ('{"a":1.10}', '{\n  "a": 1.10\n}'),
        (
            '{"a": [1e-7, {"b": null}], "c": []}',
            '{\n  "a": [\n    1e-7,\n    {\n      "b": null\n    }\n  ],\n  "c": []\n}',
        ),
        ('{"a": "x, y: {z} \\" [\\\\"}', '{\n  "a": "x, y: {z} \\" [\\\\"\n}'),
        ('{"a": 1, "a": 2}', '{\n  "a": 1,\n  "a": 2\n}'),
    ],
)
def test_json_is_indented_without_changing_a_number_or_a_key(raw, pretty):
    assert pretty_json(raw) == pretty


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_indented_json_has_the_same_value(value):
    assert json.loads(pretty_json(json.dumps(value))) == value


def test_incomplete_days_in_a_row_are_one_gap():
    days = {date(2026, 3, day): "not read yet" for day in (1, 2, 3, 9)} | {date(2026, 3, 4): "failed"}
    assert gaps(days) == [
        Gap(date(2026, 3, 1), date(2026, 3, 3), "not read yet"),
        Gap(date(2026, 3, 4), date(2026, 3, 4), "failed"),
        Gap(date(2026, 3, 9), date(2026, 3, 9), "not read yet"),
    ]
