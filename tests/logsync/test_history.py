"""How far back SignalWire keeps logs, how far they were read, and days that nobody read in time."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.choices import RunState, UnitState
from logsync.exceptions import HistoryLimitError
from logsync.models import Feed, Log, PullUnit, SyncRun
from logsync.sync import move_read_until, note_history_limit
from tests.logsync.pulling import ago, failed_of, pull, put, today, total, voice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def some_days(settings):
    settings.PULL_DAYS_BACK = 6
    settings.PULL_OVERLAP_DAYS = 1


def states():
    return dict(PullUnit.objects.filter(feed=voice()).values_list("day", "state"))


def voice_days_asked(space):
    return [request.query["created_on"] for request in space.requests if request.path == "/api/voice/logs"]


def test_days_beyond_the_history_are_no_failure_and_cost_one_request(project, space):
    limit = today() - timedelta(days=2)
    space.limit_history(limit)
    done = pull()
    assert failed_of(done) == 0
    assert voice().history_from == limit
    assert voice().error == ""
    beyond = {day for day, state in states().items() if state == UnitState.BEYOND_HISTORY}
    assert beyond == {day for day in states() if day < limit}
    too_old = [day for day in voice_days_asked(space) if day < str(limit)]
    assert len(too_old) == 1
    assert SyncRun.objects.get(kind="history").state == RunState.DONE
    space.requests.clear()
    pull()
    assert [day for day in voice_days_asked(space) if day < str(limit)] == []


def test_what_was_read_before_the_history_ended_there_stays(project, space):
    put(space, created_at=ago(days=5), charge=Decimal("0.5"))
    pull()
    space.limit_history(today() - timedelta(days=1))
    old = today() - timedelta(days=5)
    done = pull(old, old)
    assert failed_of(done) == 0
    assert total() == (1, Decimal("0.5"))
    assert states()[old] == UnitState.DONE
    assert not Log.objects.exclude(discarded_at=None).exists()


def test_a_limit_that_contradicts_itself_is_not_believed_and_the_day_is_read_later(project, space):
    put(space, charge=Decimal("0.5"))
    space.faults.add(f"history-limit={today() - timedelta(days=9)} always for /api/voice")
    assert failed_of(pull()) > 0
    assert voice().history_from is None
    unit = PullUnit.objects.get(feed=voice(), day=today())
    assert (unit.state, unit.read_at) == (UnitState.FAILED, None)
    assert "as too old, which cannot be" in unit.error
    space.faults.clear()
    pull()
    assert total() == (1, Decimal("0.5"))


def test_the_running_day_is_never_beyond_the_history(project, space):
    space.faults.add(f"history-limit={today()} always")
    assert failed_of(pull()) > 0
    assert PullUnit.objects.get(feed=voice(), day=today()).state == UnitState.FAILED
    assert voice().read_until is None


def test_a_limit_that_names_no_day_is_taken_from_the_day_that_met_it(project):
    pull()
    unit = PullUnit.objects.filter(feed=voice()).order_by("day")[2]
    PullUnit.objects.filter(feed=voice()).update(read_at=None, state=UnitState.WAITING)
    note_history_limit(unit, HistoryLimitError("The value exceeds the limit."))
    assert voice().history_from == unit.day + timedelta(days=1)
    assert [state for _, state in sorted(states().items())][:4] == [UnitState.BEYOND_HISTORY] * 3 + [UnitState.WAITING]


def test_chosen_days_ask_again_also_what_was_beyond_the_history(project, space):
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


def test_days_while_nothing_was_running_are_read_by_the_next_pull(project, space, settings):
    pull()
    a_while_ago = timezone.now() - timedelta(days=4)
    PullUnit.objects.filter(day__gt=a_while_ago.date()).delete()
    PullUnit.objects.update(read_at=a_while_ago)
    Feed.objects.update(read_until=a_while_ago)
    for days in range(6):
        put(space, created_at=ago(days=days, minutes=5))
    pull()
    # Also what came on the day on which it stopped, after it had been read.
    assert Log.objects.count() >= 5
    assert voice().read_until > timezone.now() - timedelta(minutes=1)
    assert all(state == UnitState.DONE for state in states().values())


def test_more_days_back_are_read_when_the_setting_grows(project, space, settings):
    put(space, created_at=ago(days=9))
    pull()
    assert total()[0] == 0
    settings.PULL_DAYS_BACK = 10
    pull()
    assert total()[0] == 1


def test_read_until_is_when_the_day_was_asked_for_and_only_grows(project):
    before = datetime.now(UTC)
    pull()
    assert before <= voice().read_until <= datetime.now(UTC)
    reached = voice().read_until
    move_read_until(voice(), reached - timedelta(hours=1))
    assert voice().read_until == reached


def test_read_until_stays_before_a_day_that_was_not_read(project):
    pull()
    gap = today() - timedelta(days=2)
    PullUnit.objects.filter(day=gap).update(read_at=None, state=UnitState.FAILED)
    Feed.objects.update(read_until=timezone.now() - timedelta(days=4))
    move_read_until(voice())
    # The first instant that may be listed under that date: in UTC+14 the day begins fourteen hours earlier.
    assert voice().read_until == datetime.combine(gap, time(), UTC) - timedelta(hours=14)


def test_nothing_is_claimed_before_the_first_day_was_read(project, space):
    space.faults.add("403 always")
    pull()
    assert voice().read_until is None
    move_read_until(voice())
    assert voice().read_until is None
