"""The first and the last day that are read: their logs may be listed under dates that no unit reads."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from logsync.days import days_between
from logsync.models import Log, PullUnit, QuarantinedRow
from logsync.models.choices import UnitState
from logsync.simulator import Behaviour, DateRules, sample
from tests.support.pulling import ago, failed_of, pull, put, today, voice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 3
    settings.PULL_OVERLAP_DAYS = 2


EVERYWHERE = pytest.mark.parametrize(
    "name", ["UTC", "America/Los_Angeles", "Pacific/Auckland", "Etc/GMT+12", "Pacific/Kiritimati"]
)


def put_around_the_clock(space, first, last):
    """A log every three hours of these UTC days."""
    start = datetime.combine(first, time(0, 1), UTC)
    for hours in range(0, 24 * ((last - first).days + 1), 3):
        put(space, created_at=start + timedelta(hours=hours))


def hours_by_day():
    return Counter(created_at.date() for created_at in Log.objects.values_list("created_at", flat=True))


@EVERYWHERE
def test_no_log_of_the_first_history_is_missed_whatever_the_timezone_of_created_on(project, space, name):
    space.behaviour = Behaviour(DateRules(zone=ZoneInfo(name)))
    first, yesterday = today() - timedelta(days=3), today() - timedelta(days=1)
    put_around_the_clock(space, first - timedelta(days=2), yesterday)
    pull()
    found = hours_by_day()
    assert [found[day] for day in days_between(first, yesterday)] == [8, 8, 8]
    assert PullUnit.objects.filter(feed=voice()).order_by("day").first().day == first


@EVERYWHERE
def test_no_log_of_days_that_are_read_on_request_is_missed(project, space, name):
    space.behaviour = Behaviour(DateRules(zone=ZoneInfo(name)))
    day = today() - timedelta(days=10)
    put_around_the_clock(space, day - timedelta(days=4), day + timedelta(days=4))
    pull(day)
    # Each date with a unit is complete. The others would be incomplete, without a unit that says so.
    units = set(PullUnit.objects.filter(feed=voice()).values_list("day", flat=True))
    assert day in units
    found = hours_by_day()
    assert {day: found[day] for day in units} == dict.fromkeys(units, 8)


def test_a_limit_of_the_history_just_before_the_first_day_is_no_failure(project, space):
    space.limit_history(today() - timedelta(days=3))
    put(space, created_at=ago(days=3))
    assert failed_of(pull()) == 0
    assert set(PullUnit.objects.values_list("state", flat=True)) == {UnitState.DONE}


def test_a_stored_log_that_moved_to_the_date_before_is_kept_up_to_date(project, space):
    log_id = put(space, created_at=ago(days=3))
    pull()
    moved = datetime.combine(today() - timedelta(days=4), time(12), UTC)
    space.put("voice", sample("relay_pstn_call", id=log_id, created_at=moved))
    pull(today() - timedelta(days=2))
    assert Log.objects.get(id=log_id).created_at == moved


def test_of_the_date_before_only_rows_that_may_belong_to_the_first_day_are_set_aside(project, space):
    noon = datetime.combine(today() - timedelta(days=4), time(12), UTC)
    at_noon = noon.isoformat()
    space.put("voice", '{"charge": 0.5}', log_id="no time", created_at=at_noon)
    space.put("voice", f'{{"id": "earlier", "created_at": "{at_noon}", "charge": []}}', created_at=at_noon)
    pull()
    assert [(row.log_id, row.listed_on) for row in QuarantinedRow.objects.all()] == [("", noon.date())]
    space.remove("voice", "no time")
    pull(today() - timedelta(days=2))
    assert not QuarantinedRow.objects.exists()
