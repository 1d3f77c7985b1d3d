from datetime import date

import pytest

from dashboard.periods import PERIODS, Span, elapsed, span_of, stepped

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("today", "2026-11-20", "2026-11-20"),
        ("yesterday", "2026-11-19", "2026-11-19"),
        ("last-7-days", "2026-11-14", "2026-11-20"),
        ("last-14-days", "2026-11-07", "2026-11-20"),
        ("last-30-days", "2026-10-22", "2026-11-20"),
        ("last-90-days", "2026-08-23", "2026-11-20"),
        ("last-365-days", "2025-11-21", "2026-11-20"),
        ("this-week", "2026-11-16", "2026-11-20"),
        ("last-week", "2026-11-09", "2026-11-15"),
        ("this-month", "2026-11-01", "2026-11-20"),
        ("last-month", "2026-10-01", "2026-10-31"),
        ("this-quarter", "2026-10-01", "2026-11-20"),
        ("last-quarter", "2026-07-01", "2026-09-30"),
        ("this-year", "2026-01-01", "2026-11-20"),
        ("last-year", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_period_is_its_days_up_to_today(period, start, end):
    assert span_of(period, FRIDAY) == Span(date.fromisoformat(start), date.fromisoformat(end))


def test_all_time_has_no_beginning():
    assert span_of("all", FRIDAY) == Span(None, FRIDAY)


def test_every_period_exists_on_the_first_and_the_last_day_of_a_leap_year():
    for today in (date(2028, 1, 1), date(2028, 2, 29), date(2028, 12, 31)):
        assert all(span_of(period, today).end <= today for period in PERIODS)
    assert span_of("last-quarter", date(2028, 1, 1)) == Span(date(2027, 10, 1), date(2027, 12, 31))
    assert span_of("last-month", date(2028, 3, 31)) == Span(date(2028, 2, 1), date(2028, 2, 29))


@pytest.mark.parametrize(
    ("period", "today", "now", "before"),
    [
        # Finished: as many days directly before.
        ("last-month", "2026-11-20", "2026-10-01..2026-10-31", "2026-08-31..2026-09-30"),
        ("yesterday", "2026-11-20", "2026-11-19..2026-11-19", "2026-11-18..2026-11-18"),
        # Running: the days that are over, against the first days of the period before.
        ("last-7-days", "2026-11-20", "2026-11-14..2026-11-19", "2026-11-07..2026-11-12"),
        ("this-week", "2026-11-20", "2026-11-16..2026-11-19", "2026-11-09..2026-11-12"),
        ("this-month", "2026-11-20", "2026-11-01..2026-11-19", "2026-10-01..2026-10-19"),
        ("this-quarter", "2026-11-20", "2026-10-01..2026-11-19", "2026-07-01..2026-08-19"),
        ("this-year", "2026-11-20", "2026-01-01..2026-11-19", "2025-01-01..2025-11-19"),
        # February has no 29th and 30th to set beside those of March.
        ("this-month", "2026-03-31", "2026-03-01..2026-03-28", "2026-02-01..2026-02-28"),
    ],
)
def test_a_period_is_compared_with_as_many_days_before_it(period, today, now, before):
    today = date.fromisoformat(today)
    found = elapsed(period, span_of(period, today), today)
    assert (f"{found.now.start}..{found.now.end}", f"{found.before.start}..{found.before.end}") == (now, before)
    assert found.partial is (span_of(period, today).end == today)
    assert not found.until_now
    assert found.now.length == found.before.length


@pytest.mark.parametrize(
    ("period", "today", "before"),
    [
        ("today", "2026-11-20", "2026-11-19"),
        ("this-month", "2026-11-01", "2026-10-01"),
        ("this-week", "2026-11-16", "2026-11-09"),
    ],
)
def test_a_period_of_which_no_day_is_over_is_compared_up_to_the_same_time(period, today, before):
    today = date.fromisoformat(today)
    found = elapsed(period, span_of(period, today), today)
    assert found.until_now
    assert found.partial
    assert found.now == Span(today, today)
    assert found.before == Span(date.fromisoformat(before), date.fromisoformat(before))


def test_all_time_and_the_future_are_compared_with_nothing():
    assert elapsed("all", span_of("all", FRIDAY), FRIDAY) is None
    assert elapsed(None, Span(date(2026, 12, 1), date(2026, 12, 31)), FRIDAY) is None


@pytest.mark.parametrize(
    ("period", "start", "end", "steps", "expected"),
    [
        ("last-30-days", "2026-10-22", "2026-11-20", -1, "2026-09-22..2026-10-21"),
        ("this-month", "2026-11-01", "2026-11-20", -1, "2026-10-01..2026-10-31"),
        (None, "2026-10-01", "2026-10-31", -1, "2026-09-01..2026-09-30"),
        (None, "2026-10-01", "2026-10-31", 1, "2026-11-01..2026-11-30"),
        (None, "2026-07-01", "2026-09-30", -1, "2026-04-01..2026-06-30"),
        (None, "2025-01-01", "2025-12-31", 1, "2026-01-01..2026-12-31"),
        (None, "2026-02-01", "2026-03-31", -1, "2025-12-04..2026-01-31"),
        ("this-week", "2026-11-16", "2026-11-20", -2, "2026-11-02..2026-11-08"),
        (None, "2026-11-18", "2026-11-19", 1, "2026-11-20..2026-11-21"),
    ],
)
def test_stepping_moves_by_calendar_units_where_the_days_are_one(period, start, end, steps, expected):
    span = Span(date.fromisoformat(start), date.fromisoformat(end))
    found = stepped(period, span, steps, FRIDAY)
    assert f"{found.start}..{found.end}" == expected


def test_stepping_ends_at_today_and_never_starts_for_all_time():
    assert stepped("last-30-days", span_of("last-30-days", FRIDAY), 1, FRIDAY) is None
    assert stepped("this-month", span_of("this-month", FRIDAY), 1, FRIDAY) is None
    assert stepped("all", span_of("all", FRIDAY), -1, FRIDAY) is None
