import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import figures
from dashboard.day_table import HALF_UP, cell
from dashboard.frame import Gap, gaps
from dashboard.pretty import pretty_json
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
    assert plain_spaces(figures.duration(seconds)) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0 s"), (9600, "9.6 s"), (9649, "9.6 s"), (9650, "9.7 s"), (10_000, "10 s"), (61_400, "1 min 01 s")],
)
def test_durations_in_milliseconds(milliseconds, text):
    assert plain_spaces(figures.duration_ms(milliseconds)) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(0, "0.0"), (60_000, "1.0"), (3000, "0.1"), (2999, "0.0"), (74_070_000, "1,234.5")]
)
def test_minutes(milliseconds, text):
    assert figures.minutes(milliseconds) == text


@pytest.mark.parametrize(("day", "text"), [(date(2026, 11, 20), "Fri 20 Nov"), (date(2025, 3, 1), "Sat 1 Mar 2025")])
def test_days_have_their_year_where_it_is_not_this_one(day, text):
    assert figures.day(day, TODAY) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 10, 23), date(2026, 11, 21), "23 Oct – 21 Nov 2026"),
        (date(2026, 11, 1), date(2026, 11, 21), "1 – 21 Nov 2026"),
        (date(2025, 12, 1), date(2026, 1, 31), "1 Dec 2025 – 31 Jan 2026"),
        (date(2026, 11, 20), date(2026, 11, 20), "Fri 20 Nov 2026"),
        (None, date(2026, 11, 20), "until 20 Nov 2026"),
    ],
)
def test_spans_print_each_part_once(start, end, text):
    assert figures.span(start, end) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+12065551212", "+1 206 555 1212"),
        ("+442079460000", "+44 207 946 0000"),
        ("+493012345678", "+49 301 234 5678"),
        ("+3581234567", "+358 123 4567"),
        ("+1206", "+1206"),
        ("2065551212", "2065551212"),
        ("sip:user@example.com", "sip:user@example.com"),
        ("", ""),
    ],
)
def test_phone_numbers_are_grouped_and_anything_else_stays(number, text):
    assert plain_spaces(figures.phone(number)) == text


@given(st.text(max_size=40))
def test_grouping_a_number_never_loses_a_digit(number):
    assert "".join(figures.phone(number).split("\N{NO-BREAK SPACE}")) == number.replace("\N{NO-BREAK SPACE}", "")


def test_moments_are_in_the_zone_of_the_reports():
    midnight = datetime(2026, 11, 20, 3, 4, 5, 678_000, tzinfo=UTC)
    assert figures.moment(midnight, NEW_YORK, TODAY) == "Thu 19 Nov 22:04:05"
    assert figures.utc(midnight) == "2026-11-20 03:04:05.678 UTC"
    assert figures.iso(midnight) == "2026-11-20T03:04:05.678000Z"


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
    assert figures.ago(now - delta, now) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        ("1", "3", "33%"),
        ("0.001", "3", "<1%"),
        ("0", "3", "0%"),
        ("3", "3", "100%"),
        ("1", "0", ""),
        ("-1", "4", "−25%"),
    ],
)
def test_shares(part, whole, text):
    assert figures.share(Decimal(part), Decimal(whole)) == text


def test_a_column_of_exact_charges_has_as_many_decimals_as_it_needs():
    assert figures.decimals([Decimal(1), None, Decimal("0.0066"), Decimal("0.100000000")]) == 4
    assert figures.decimals([]) == 2


@given(st.integers(min_value=-(2**62), max_value=2**62))
def test_the_quick_cells_of_the_day_table_say_what_money_says(nano):
    charge = Decimal(nano).scaleb(-9)
    with localcontext(HALF_UP):
        written = cell(charge)
    assert f">{dollars(charge)}<" in written
    assert (f'title="{exact_dollars(charge)}"' in written) == (exact_dollars(charge) != dollars(charge))


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
def test_json_is_set_out_without_changing_a_number_or_a_key(raw, pretty):
    assert pretty_json(raw) == pretty


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_set_out_json_means_the_same(value):
    assert json.loads(pretty_json(json.dumps(value))) == value


def test_incomplete_days_in_a_row_are_one_gap():
    days = {date(2026, 3, day): "not read yet" for day in (1, 2, 3, 9)} | {date(2026, 3, 4): "failed"}
    assert gaps(days) == [
        Gap(date(2026, 3, 1), date(2026, 3, 3), "not read yet"),
        Gap(date(2026, 3, 4), date(2026, 3, 4), "failed"),
        Gap(date(2026, 3, 9), date(2026, 3, 9), "not read yet"),
    ]
