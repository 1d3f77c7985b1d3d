"""How long the first history takes: in words, and from what was seen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logsync.models import PullUnit, SyncRun
from logsync.models.choices import RunKind, RunState, UnitState
from logsync.projects import ensure_project
from logsync.scheduling.due_days import active_feeds, ensure_history
from logsync.scheduling.time_left import SOON, history_time_left, time_left, words


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({"seconds": 0}, SOON),
        ({"seconds": 60}, SOON),
        ({"seconds": 61}, "about 2 min"),
        ({"minutes": 59}, "about 59 min"),
        ({"minutes": 59, "seconds": 1}, "about 1 h"),
        ({"minutes": 76}, "about 1 h 20 min"),
        ({"minutes": 80}, "about 1 h 20 min"),
        ({"hours": 25, "minutes": 3}, "about 25 h 05 min"),
    ],
)
def test_the_words_are_rounded_up(left, said):
    assert words(timedelta(**left)) == said


def test_before_there_is_a_pace_a_unit_takes_a_request(settings):
    settings.PULL_REQUESTS_PER_SECOND = 10
    assert time_left(0, 730, timedelta(0)) == timedelta(seconds=73)
    assert time_left(2, 730, timedelta(hours=1), largest=365) == timedelta(seconds=36.5)
    assert time_left(10, 720, timedelta(minutes=1)) == timedelta(minutes=72)


@pytest.fixture
def history(project, settings):
    """A first history of 20 days of two feeds, begun ten minutes ago."""
    settings.PULL_DAYS_BACK, settings.PULL_REQUESTS_PER_SECOND = 19, 10
    ensure_history(active_feeds(), timezone.now())
    run = SyncRun.objects.create(kind=RunKind.HISTORY, units=40)
    SyncRun.objects.update(started_at=timezone.now() - timedelta(minutes=10))
    return run


def left():
    return history_time_left(timezone.now())


def test_the_pace_of_the_pass_so_far_goes_on(history):
    assert left() == SOON
    read = PullUnit.objects.order_by("-day")[:20].values("pk")
    PullUnit.objects.filter(pk__in=list(read.values_list("pk", flat=True))).update(state=UnitState.DONE)
    SyncRun.objects.update(units_done=20)
    waiting = PullUnit.objects.filter(state=UnitState.WAITING, day__lte=timezone.now().date()).count()
    assert left() == f"about {waiting // 2 + 1} min"


def test_without_a_pass_that_goes_on_nothing_is_said(history):
    SyncRun.objects.update(state=RunState.FAILED)
    assert left() == ""


def test_days_that_are_read_or_beyond_the_history_take_no_time(history):
    PullUnit.objects.update(state=UnitState.BEYOND_HISTORY)
    assert left() == ""


def test_projects_are_read_beside_each_other(history, settings, space_url):
    settings.PULL_REQUESTS_PER_SECOND = 1
    one = left()
    ensure_project(name="other", space_url=space_url, signalwire_id="1-2", api_token="secret")
    ensure_history(active_feeds(), timezone.now())
    assert left() == one == SOON
    settings.PULL_DAYS_BACK = 365
    ensure_history(active_feeds(), timezone.now())
    assert left() == "about 13 min"
