"""Report days: 23, 24 or 25 hours long, half-open, and the UTC dates they overlap."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logsync.days import ONE_DAY, day_bounds, day_of, day_start, days_between, iso_utc, utc_days_of

ZONES = [ZoneInfo(name) for name in ("UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Apia")]
zones = st.sampled_from(ZONES)
dates = st.dates(date(2000, 1, 2), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 3, 9), 24), (date(2026, 11, 1), 25), (date(2026, 11, 2), 24)]
)
def test_a_daylight_saving_day_is_shorter_or_longer(day, hours):
    start, end = day_bounds(day, ZoneInfo("America/New_York"))
    assert end - start == timedelta(hours=hours)


def test_both_occurrences_of_a_repeated_hour_belong_to_the_same_day():
    zone = ZoneInfo("America/New_York")
    for instant in (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)):
        assert instant.astimezone(zone).hour == 1
        assert day_of(instant, zone) == date(2026, 11, 1)


def test_a_day_starts_at_its_own_midnight_in_utc():
    assert day_start(date(2026, 7, 1), ZoneInfo("America/New_York")) == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert day_start(date(2026, 7, 1), ZoneInfo("UTC")) == datetime(2026, 7, 1, tzinfo=UTC)


def test_midnight_belongs_to_the_day_that_starts():
    zone = ZoneInfo("America/New_York")
    start, end = day_bounds(date(2026, 7, 1), zone)
    assert day_of(start, zone) == date(2026, 7, 1)
    assert day_of(end - timedelta(microseconds=1), zone) == date(2026, 7, 1)
    assert day_of(end, zone) == date(2026, 7, 2)


@given(dates, zones)
def test_consecutive_days_have_no_gap_or_overlap(day, zone):
    assert day_bounds(day, zone)[1] == day_bounds(day + ONE_DAY, zone)[0]
    assert day_bounds(day, zone)[0].tzinfo is UTC


@given(st.floats(1e9, 4e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)), zones)
def test_every_instant_is_within_its_day_and_its_utc_dates(instant, zone):
    day = day_of(instant, zone)
    start, end = day_bounds(day, zone)
    assert start <= instant < end
    assert instant.date() in utc_days_of(day, zone)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", [date(2026, 11, 20)]),
        ("America/New_York", [date(2026, 11, 20), date(2026, 11, 21)]),
        ("Asia/Kathmandu", [date(2026, 11, 19), date(2026, 11, 20)]),
    ],
)
def test_the_utc_dates_of_a_report_day(zone, expected):
    assert utc_days_of(date(2026, 11, 20), ZoneInfo(zone)) == expected


def test_days_between_two_dates_include_both():
    assert list(days_between(date(2026, 2, 27), date(2026, 3, 1))) == [
        date(2026, 2, 27),
        date(2026, 2, 28),
        date(2026, 3, 1),
    ]
    assert list(days_between(date(2026, 3, 1), date(2026, 3, 1))) == [date(2026, 3, 1)]
    assert list(days_between(date(2026, 3, 2), date(2026, 3, 1))) == []


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 11, 20, 10, 42, 5, tzinfo=UTC), "2026-11-20T10:42:05Z"),
        (datetime(2026, 11, 20, 10, 42, 5, 120_000, tzinfo=UTC), "2026-11-20T10:42:05.120Z"),
        (datetime(2026, 11, 20, 10, 42, 5, 123_456, tzinfo=UTC), "2026-11-20T10:42:05.123456Z"),
        (datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC), "2026-11-20T10:00:00Z"),
    ],
)
def test_times_are_iso_8601_in_utc(instant, text):
    assert iso_utc(instant) == text
