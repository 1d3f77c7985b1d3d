"""How far back SignalWire keeps logs, how far they were read, and days that were not read in time."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.exceptions import HistoryLimitError
from logsync.models import Feed, Log, PullUnit, SyncRun
from logsync.models.choices import RunState, UnitState
from logsync.pulling.days import advance_read_until, record_history_limit
from logsync.scheduling.due_days import first_day_not_over
from tests.support.pulling import ago, failed_of, pull, put, today, total, voice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def some_days(settings):
    settings.PULL_DAYS_BACK = 6
    settings.PULL_OVERLAP_DAYS = 1


def states():
    return dict(PullUnit.objects.filter(feed=voice()).values_list("day", "state"))


def voice_days_requested(space):
    return [request.query["created_on"] for request in space.requests if request.path == "/api/voice/logs"]


def test_days_beyond_the_history_are_not_failures_and_cost_one_request(project, space):
    limit = today() - timedelta(days=2)
    space.limit_history(limit)
    result = pull()
    assert failed_of(result) == 0
    assert voice().history_from == limit
    assert voice().error == ""
    beyond = {day for day, state in states().items() if state == UnitState.BEYOND_HISTORY}
    assert beyond == {day for day in states() if day < limit}
    too_old = [day for day in voice_days_requested(space) if day < str(limit)]
    assert len(too_old) == 1
    assert SyncRun.objects.get(kind="history").state == RunState.DONE
    space.requests.clear()
    pull()
    assert [day for day in voice_days_requested(space) if day < str(limit)] == []


def test_logs_that_fell_out_of_the_history_stay_stored(project, space):
    put(space, created_at=ago(days=5), charge=Decimal("0.5"))
    pull()
    space.limit_history(today() - timedelta(days=1))
    old = today() - timedelta(days=5)
    result = pull(old, old)
    assert failed_of(result) == 0
    assert total() == (1, Decimal("0.5"))
    assert states()[old] == UnitState.DONE
    assert not Log.objects.exclude(discarded_at=None).exists()


def test_an_impossible_limit_is_ignored_and_the_day_retried(project, space):
    put(space, charge=Decimal("0.5"))
    space.faults.add(f"history-limit={today() - timedelta(days=9)} always for /api/voice")
    assert failed_of(pull()) > 0
    assert voice().history_from is None
    unit = PullUnit.objects.get(feed=voice(), day=today())
    assert (unit.state, unit.read_at) == (UnitState.FAILED, None)
    assert "as too old, but this cannot be right" in unit.error
    space.faults.clear()
    pull()
    assert total() == (1, Decimal("0.5"))


def test_a_limit_of_a_day_that_is_not_over_everywhere_is_ignored(project, space):
    not_over = first_day_not_over(timezone.now())
    space.limit_history(not_over + timedelta(days=1))
    pull()
    units = PullUnit.objects.filter(feed=voice())
    assert "cannot be right" in units.get(day=not_over).error
    assert set(units.filter(day__lt=not_over).values_list("state", flat=True)) == {UnitState.BEYOND_HISTORY}


def test_today_is_never_beyond_the_history(project, space):
    space.faults.add(f"history-limit={today()} always")
    assert failed_of(pull()) > 0
    assert PullUnit.objects.get(feed=voice(), day=today()).state == UnitState.FAILED
    assert voice().read_until is None


def test_a_limit_without_a_date_starts_after_the_refused_day(project):
    pull()
    unit = PullUnit.objects.filter(feed=voice()).order_by("day")[2]
    PullUnit.objects.filter(feed=voice()).update(read_at=None, state=UnitState.WAITING)
    record_history_limit(unit, HistoryLimitError("The value exceeds the limit."))
    assert voice().history_from == unit.day + timedelta(days=1)
    assert [state for _, state in sorted(states().items())][:4] == [UnitState.BEYOND_HISTORY] * 3 + [UnitState.WAITING]


def test_chosen_days_are_requested_even_if_they_were_beyond_the_history(project, space):
    limit = today() - timedelta(days=2)
    space.limit_history(limit)
    pull()
    space.limit_history(None)
    put(space, created_at=ago(days=4), charge=Decimal("0.125"))
    day = today() - timedelta(days=4)
    pull(day, day)
    assert total() == (1, Decimal("0.125"))
    assert states()[day] == UnitState.DONE
    assert voice().history_from == day - timedelta(days=1)


def test_the_next_pull_reads_the_days_on_which_nothing_was_running(project, space, settings):
    pull()
    stopped_at = timezone.now() - timedelta(days=4)
    PullUnit.objects.filter(day__gt=stopped_at.date()).delete()
    PullUnit.objects.update(read_at=stopped_at)
    Feed.objects.update(read_until=stopped_at)
    for days in range(6):
        put(space, created_at=ago(days=days, minutes=5))
    pull()
    # Including logs of the day it stopped, created after that day was read.
    assert Log.objects.count() >= 5
    assert voice().read_until > timezone.now() - timedelta(minutes=1)
    assert all(state == UnitState.DONE for state in states().values())


def test_raising_pull_days_back_reads_older_days(project, space, settings):
    put(space, created_at=ago(days=9))
    pull()
    assert total()[0] == 0
    settings.PULL_DAYS_BACK = 10
    pull()
    assert total()[0] == 1


def test_read_until_is_the_time_of_the_request_and_only_grows(project):
    before = datetime.now(UTC)
    pull()
    assert before <= voice().read_until <= datetime.now(UTC)
    reached = voice().read_until
    advance_read_until(voice(), reached - timedelta(hours=1))
    assert voice().read_until == reached


def test_read_until_stops_before_an_unread_day(project):
    pull()
    gap = today() - timedelta(days=2)
    PullUnit.objects.filter(day=gap).update(read_at=None, state=UnitState.FAILED)
    Feed.objects.update(read_until=timezone.now() - timedelta(days=4))
    advance_read_until(voice())
    # The first instant that may be listed under that date: in UTC+14 it begins fourteen hours before UTC.
    assert voice().read_until == datetime.combine(gap, time(), UTC) - timedelta(hours=14)


def test_read_until_is_unset_before_the_first_successful_read(project, space):
    space.faults.add("403 always")
    pull()
    assert voice().read_until is None
    advance_read_until(voice())
    assert voice().read_until is None
