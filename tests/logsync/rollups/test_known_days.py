"""All time is as long as its logs: a single log dated 1970 or 2999 adds one day, and stays in every total."""

from datetime import UTC, date, datetime, timedelta

import pytest

from logsync.models import PullUnit
from logsync.rollups.known_days import days_of, first_day
from tests.support.stored_logs import make_feed, record, store

pytestmark = pytest.mark.django_db

LAST = date(2026, 11, 20)
FAR = date(1970, 1, 1)


def store_on(*days):
    store(*(record(str(day), created_at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC)) for day in days))


def days_before(last, number):
    return [last - timedelta(days=back) for back in range(number, -1, -1)]


def test_without_anything_it_is_the_last_day():
    assert days_of(None, LAST) == [LAST]


def test_days_that_were_asked_for_count_with_and_without_logs():
    PullUnit.objects.create(feed=make_feed(), day=LAST - timedelta(days=4))
    assert days_of(None, LAST) == days_before(LAST, 4)


def test_days_with_logs_before_them_count_with_those_in_between():
    PullUnit.objects.create(feed=make_feed(), day=LAST - timedelta(days=4))
    store_on(LAST - timedelta(days=300), LAST - timedelta(days=40))
    assert days_of(None, LAST) == days_before(LAST, 300)


@pytest.mark.parametrize("asked_for", [True, False])
def test_a_log_dated_long_before_or_after_adds_one_day_at_most(asked_for):
    if asked_for:
        PullUnit.objects.create(feed=make_feed(), day=LAST - timedelta(days=4))
    store_on(FAR, LAST - timedelta(days=4), date(2999, 12, 31))
    assert days_of(None, LAST) == [FAR, *days_before(LAST, 4)]
    assert first_day(LAST) == LAST - timedelta(days=4)


def test_a_range_has_all_its_days():
    store_on(FAR)
    assert days_of(LAST - timedelta(days=1), LAST) == days_before(LAST, 1)
    assert days_of(LAST + timedelta(days=1), LAST) == []
