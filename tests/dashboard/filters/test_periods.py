from datetime import date, timedelta

import pytest

from dashboard.filters.periods import PERIODS, Span, elapsed, fixed, span_of, stepped

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


def test_all_days_have_no_start():
    assert span_of("all", FRIDAY) == Span(None, FRIDAY)


def test_every_period_exists_on_the_first_and_the_last_day_of_a_leap_year():
    for today in (date(2028, 1, 1), date(2028, 2, 29), date(2028, 12, 31)):
        assert all(span_of(period, today).end <= today for period in PERIODS)
    assert span_of("last-quarter", date(2028, 1, 1)) == Span(date(2027, 10, 1), date(2027, 12, 31))
    assert span_of("last-month", date(2028, 3, 31)) == Span(date(2028, 2, 1), date(2028, 2, 29))


def days(text):
    start, _, end = text.partition("..")
    return Span(date.fromisoformat(start), date.fromisoformat(end))


def compared(period, span, today):
    comparison = elapsed(period, span, today)
    return (
        f"{comparison.now.start}..{comparison.now.end}",
        f"{comparison.before.start}..{comparison.before.end}",
    )


@pytest.mark.parametrize(
    ("period", "today", "now", "before"),
    [
        # Finished: the calendar period before, or as many days directly before.
        ("last-month", "2026-11-20", "2026-10-01..2026-10-31", "2026-09-01..2026-09-30"),
        ("last-month", "2026-03-31", "2026-02-01..2026-02-28", "2026-01-01..2026-01-31"),
        ("last-month", "2028-04-01", "2028-03-01..2028-03-31", "2028-02-01..2028-02-29"),
        ("last-month", "2026-01-15", "2025-12-01..2025-12-31", "2025-11-01..2025-11-30"),
        ("last-week", "2027-01-06", "2026-12-28..2027-01-03", "2026-12-21..2026-12-27"),
        ("last-quarter", "2026-11-20", "2026-07-01..2026-09-30", "2026-04-01..2026-06-30"),
        ("last-quarter", "2028-05-01", "2028-01-01..2028-03-31", "2027-10-01..2027-12-31"),
        ("last-year", "2029-01-01", "2028-01-01..2028-12-31", "2027-01-01..2027-12-31"),
        ("yesterday", "2026-11-20", "2026-11-19..2026-11-19", "2026-11-18..2026-11-18"),
        # Running: the days that are over, against the first days of the period before.
        ("last-7-days", "2026-11-20", "2026-11-14..2026-11-19", "2026-11-07..2026-11-12"),
        ("last-7-days", "2026-11-07", "2026-11-01..2026-11-06", "2026-10-25..2026-10-30"),
        ("this-week", "2026-11-20", "2026-11-16..2026-11-19", "2026-11-09..2026-11-12"),
        ("this-week", "2027-01-03", "2026-12-28..2027-01-02", "2026-12-21..2026-12-26"),
        ("this-month", "2026-11-20", "2026-11-01..2026-11-19", "2026-10-01..2026-10-19"),
        ("this-quarter", "2026-11-20", "2026-10-01..2026-11-19", "2026-07-01..2026-08-19"),
        ("this-year", "2026-11-20", "2026-01-01..2026-11-19", "2025-01-01..2025-11-19"),
        # All of the period before where it is shorter. No day that is over is left out.
        ("this-month", "2026-03-31", "2026-03-01..2026-03-30", "2026-02-01..2026-02-28"),
        ("this-month", "2028-03-31", "2028-03-01..2028-03-30", "2028-02-01..2028-02-29"),
        ("this-month", "2026-10-31", "2026-10-01..2026-10-30", "2026-09-01..2026-09-30"),
        ("this-quarter", "2026-09-30", "2026-07-01..2026-09-29", "2026-04-01..2026-06-30"),
        ("this-quarter", "2026-12-31", "2026-10-01..2026-12-30", "2026-07-01..2026-09-29"),
        ("this-year", "2028-12-31", "2028-01-01..2028-12-30", "2027-01-01..2027-12-31"),
    ],
)
def test_a_period_is_compared_with_the_period_before_it(period, today, now, before):
    today = date.fromisoformat(today)
    comparison = elapsed(period, span_of(period, today), today)
    assert (comparison.now, comparison.before) == (days(now), days(before))
    assert comparison.partial is (span_of(period, today).end == today)
    assert not comparison.until_now


@pytest.mark.parametrize(
    ("dates", "today", "now", "before"),
    [
        # Exactly a calendar week, month, quarter or year.
        ("2026-10-01..2026-10-31", "2026-11-20", "2026-10-01..2026-10-31", "2026-09-01..2026-09-30"),
        ("2028-02-01..2028-02-29", "2028-11-20", "2028-02-01..2028-02-29", "2028-01-01..2028-01-31"),
        ("2026-07-01..2026-09-30", "2026-11-20", "2026-07-01..2026-09-30", "2026-04-01..2026-06-30"),
        ("2028-01-01..2028-12-31", "2029-11-20", "2028-01-01..2028-12-31", "2027-01-01..2027-12-31"),
        ("2026-12-28..2027-01-03", "2027-11-20", "2026-12-28..2027-01-03", "2026-12-21..2026-12-27"),
        # The same while it runs.
        ("2026-11-01..2026-11-30", "2026-11-20", "2026-11-01..2026-11-19", "2026-10-01..2026-10-19"),
        ("2026-10-01..2026-12-31", "2026-11-20", "2026-10-01..2026-11-19", "2026-07-01..2026-08-19"),
        ("2026-11-16..2026-11-22", "2026-11-20", "2026-11-16..2026-11-19", "2026-11-09..2026-11-12"),
        # The first days of a month, quarter or year, and the same when they are over.
        ("2026-11-01..2026-11-20", "2026-11-20", "2026-11-01..2026-11-19", "2026-10-01..2026-10-19"),
        ("2026-11-01..2026-11-20", "2027-05-05", "2026-11-01..2026-11-20", "2026-10-01..2026-10-20"),
        ("2026-10-01..2026-11-20", "2027-05-05", "2026-10-01..2026-11-20", "2026-07-01..2026-08-20"),
        ("2026-01-01..2026-11-20", "2027-05-05", "2026-01-01..2026-11-20", "2025-01-01..2025-11-20"),
        ("2026-03-01..2026-03-30", "2027-05-05", "2026-03-01..2026-03-30", "2026-01-30..2026-02-28"),
        ("2026-03-01..2026-03-29", "2027-05-05", "2026-03-01..2026-03-29", "2026-02-01..2026-02-28"),
        # Any other range: as many days directly before.
        ("2026-11-03..2026-11-09", "2026-11-20", "2026-11-03..2026-11-09", "2026-10-27..2026-11-02"),
        ("2026-10-02..2026-10-31", "2026-11-20", "2026-10-02..2026-10-31", "2026-09-02..2026-10-01"),
        ("2025-03-03..2025-03-04", "2026-11-20", "2025-03-03..2025-03-04", "2025-03-01..2025-03-02"),
        # A range that ends in the future: the days that are over.
        ("2026-11-16..2026-12-15", "2026-11-20", "2026-11-16..2026-11-19", "2026-11-12..2026-11-15"),
        ("2026-11-01..2026-11-25", "2026-11-20", "2026-11-01..2026-11-19", "2026-10-01..2026-10-19"),
    ],
)
def test_dates_are_compared_by_what_they_are(dates, today, now, before):
    assert compared(None, days(dates), date.fromisoformat(today)) == (now, before)


@pytest.mark.parametrize(
    ("period", "today", "before"),
    [
        ("today", "2026-11-20", "2026-11-19"),
        ("this-month", "2026-11-01", "2026-10-01"),
        ("this-week", "2026-11-16", "2026-11-09"),
        ("this-year", "2027-01-01", "2026-01-01"),
    ],
)
def test_a_period_without_a_finished_day_is_compared_up_to_the_same_time(period, today, before):
    today = date.fromisoformat(today)
    comparison = elapsed(period, span_of(period, today), today)
    assert comparison.until_now
    assert comparison.partial
    assert comparison.now == Span(today, today)
    assert comparison.before == Span(date.fromisoformat(before), date.fromisoformat(before))


def test_a_range_that_begins_today_is_compared_up_to_the_same_time():
    comparison = elapsed(None, Span(FRIDAY, date(2026, 12, 15)), FRIDAY)
    assert comparison.until_now
    assert (comparison.now, comparison.before) == (Span(FRIDAY, FRIDAY), days("2026-11-19..2026-11-19"))


EVERY_DAY = [date(2026, 12, 1) + timedelta(days=number) for number in range(800)]


@pytest.mark.parametrize("period", [period for period in PERIODS if period != "all"])
def test_fixed_dates_have_the_figures_and_the_comparison_of_their_period(period):
    """Of every day of two years, a leap year among them."""
    for today in EVERY_DAY:
        span = span_of(period, today)
        dates = fixed(period, span, today)
        assert elapsed(None, dates, today) == elapsed(period, span, today), today
        assert (dates.start, min(dates.end, today)) == (span.start, span.end)


@pytest.mark.parametrize("period", ["this-week", "this-month", "this-quarter", "this-year", "last-7-days"])
def test_fixed_dates_keep_their_meaning_when_they_are_over(period):
    for today in EVERY_DAY:
        dates = fixed(period, span_of(period, today), today)
        running = elapsed(None, dates, today)
        later = elapsed(None, dates, date(2031, 5, 5))
        assert (later.now, later.before.start) == (dates, running.before.start), today


@pytest.mark.parametrize(
    ("period", "today", "expected"),
    [
        ("this-month", "2026-11-20", "2026-11-01..2026-11-20"),
        ("this-quarter", "2026-11-20", "2026-10-01..2026-11-20"),
        ("this-year", "2026-11-20", "2026-01-01..2026-11-20"),
        ("last-7-days", "2026-11-07", "2026-11-01..2026-11-07"),
        # These days alone would be another period, so the link has all of its own.
        ("this-month", "2026-11-07", "2026-11-01..2026-11-30"),
        ("this-quarter", "2026-10-20", "2026-10-01..2026-12-31"),
        ("this-week", "2026-11-20", "2026-11-16..2026-11-22"),
        ("this-month", "2026-11-01", "2026-11-01..2026-11-30"),
    ],
)
def test_fixed_dates_are_those_shown_unless_they_would_mean_something_else(period, today, expected):
    today = date.fromisoformat(today)
    assert fixed(period, span_of(period, today), today) == days(expected)


def test_all_days_stay_all_days():
    assert fixed("all", span_of("all", FRIDAY), FRIDAY) == Span(None, FRIDAY)


def test_all_days_and_the_future_have_no_comparison():
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
def test_a_step_is_a_calendar_unit_or_the_length_of_the_span(period, start, end, steps, expected):
    span = Span(date.fromisoformat(start), date.fromisoformat(end))
    moved = stepped(period, span, steps, FRIDAY)
    assert f"{moved.start}..{moved.end}" == expected


def test_there_is_no_step_beyond_today_and_none_for_all_days():
    assert stepped("last-30-days", span_of("last-30-days", FRIDAY), 1, FRIDAY) is None
    assert stepped("this-month", span_of("this-month", FRIDAY), 1, FRIDAY) is None
    assert stepped("all", span_of("all", FRIDAY), -1, FRIDAY) is None
