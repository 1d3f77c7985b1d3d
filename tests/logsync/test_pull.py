"""The command `pull`: what it takes, what it prints, and the status it ends with."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync import leases
from logsync.choices import RunKind, RunState, UnitState
from logsync.models import Lease, Log, Project, PullUnit, SyncRun
from logsync.schedule import unit_lease
from tests.logsync.commands import run
from tests.logsync.processes import manage
from tests.logsync.pulling import ago, put, today, total
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 2
    settings.PULL_OVERLAP_DAYS = 1


def pull(*arguments):
    return run("pull", "--workers", "1", *arguments)


def test_it_tells_what_it_read(project, space):
    put(space)
    put(space, "video")
    status, said = pull()
    assert status == 0
    assert "First history: " in said
    voice = next(line for line in said.splitlines() if line.startswith("voice logs of example"))
    units = PullUnit.objects.filter(feed__medium="voice").count()
    assert voice.split()[-7:] == [str(units), "1", "1", "0", "0", str(units), "0"]
    assert "Done in" in said
    assert "\x1b" not in said


def test_a_failed_day_fails_the_command_and_is_told_once(project, space):
    space.faults.add("400 always for /api/video")
    status, said = pull()
    assert status == 1
    assert said.count("video logs of example, ") == 1
    assert "rejected the request" in said
    assert "is tried again by the next pull" in said


def test_days_beyond_the_history_do_not_fail_it(project, space):
    space.limit_history(today() - timedelta(days=1))
    status, said = pull()
    assert status == 0
    assert "further back than SignalWire keeps logs" in said


def test_chosen_days_are_read_whatever_was_read_before(project, space):
    old = put(space, created_at=ago(days=20))
    put(space, created_at=ago(days=22))
    day = today() - timedelta(days=20)
    status, _ = pull("--since", str(day), "--until", str(day), "--medium", "voice")
    assert status == 0
    assert Log.objects.get().id == old
    # One day more at each end, for the timezone of created_on.
    assert PullUnit.objects.count() == 3
    assert SyncRun.objects.get(kind=RunKind.RANGE).state == RunState.DONE
    space.update("voice", old, {"charge": Decimal(2)})
    pull("--since", str(day), "--until", str(day))
    assert total() == (1, 2)
    # Old days that were asked for are no reason to read all days since.
    pull()
    assert PullUnit.objects.filter(day__gt=day + timedelta(days=1), day__lt=today() - timedelta(days=3)).count() == 0


def test_only_the_chosen_project_is_read(project, space, settings):
    put(space)
    Project.objects.create(name="other", space_url=project.space_url, signalwire_id="x", api_token="y")
    assert pull("--project", "example")[0] == 0
    status, said = pull("--project", "third")
    assert status == 2
    assert "there is no such project, but example, other." in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "soon"], "--since soon: write a date such as 2026-11-20."),
        (["--since", "2026-02-30"], "--since 2026-02-30: write a date"),
        (["--until", "2026-02-03"], "--until needs --since"),
        (["--since", "2026-02-03", "--until", "2026-02-02"], "lies after --until 2026-02-02."),
        (["--since", "2999-01-01"], "--since 2999-01-01 lies after today."),
        (["--medium", "voice,fax"], "--medium fax: write voice, video, or voice,video."),
        (["--workers", "0"], "--workers 0: write a number from 1 to 32."),
    ],
)
def test_a_value_that_cannot_be_used_is_said_in_one_line(project, arguments, said):
    status, output = run("pull", *arguments)
    assert status == 2
    assert said in output
    assert output.count("\n") == 0


def test_the_project_of_the_environment_is_made(space, space_url, settings):
    settings.SIGNALWIRE_SPACE = space_url
    settings.SIGNALWIRE_PROJECT_ID, settings.SIGNALWIRE_API_TOKEN = space.credentials
    put(space)
    assert pull()[0] == 0
    assert total()[0] == 1


def test_without_any_project_it_says_which_variable_is_missing(settings):
    settings.SIGNALWIRE_SPACE, settings.SIGNALWIRE_PROJECT_ID = "https://example.signalwire.com", "x"
    status, said = pull()
    assert status == 1
    assert said == "SIGNALWIRE_API_TOKEN is not set. Set it, or add a project in the admin."


def test_a_project_that_is_switched_off_is_not_read(project):
    Project.objects.update(is_active=False)
    status, said = pull()
    assert status == 1
    assert "switched off" in said


def test_it_tries_at_once_what_failed_before(project, space):
    space.faults.add("401 always")
    assert pull()[0] == 1
    space.faults.clear()
    assert pull()[0] == 0
    assert set(PullUnit.objects.values_list("state", flat=True)) == {UnitState.DONE}


@pytest.mark.django_db(transaction=True)
def test_several_days_are_read_side_by_side(project, space, settings):
    settings.PULL_DAYS_BACK = 10
    for days in range(10):
        put(space, created_at=ago(days=days, minutes=5), charge=Decimal("0.1"))
    space.faults.latency_s = 0.2
    assert run("pull", "--workers", "4")[0] == 0
    assert total() == (10, Decimal(1))
    assert space.requests.most_in_flight == 4
    assert not Lease.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_pulls_at_once_read_each_day_of_the_history_once(project, space, child_env, settings):
    settings.PULL_DAYS_BACK = 7
    put(space, charge=Decimal("0.1"))
    space.faults.latency_s = 0.1
    with manage(child_env | {"PULL_DAYS_BACK": "7", "PULL_OVERLAP_DAYS": "1"}, "pull", "--workers", "2") as other:
        wait_for(SyncRun.objects.exists)
        status, _ = run("pull", "--workers", "2")
        assert other.wait(60) == 0
    assert status == 0
    assert total() == (1, Decimal("0.1"))
    asked = Counter((request.path, request.query["created_on"]) for request in space.requests)
    before_the_window = str(today() - timedelta(days=1))
    assert {times for (_, day), times in asked.items() if day < before_the_window} == {1}
    assert not Lease.objects.exists()


def test_a_day_that_a_dead_process_held_is_read_once_its_lease_has_run_out(project, space, settings):
    pull()
    unit = PullUnit.objects.order_by("-day").first()
    PullUnit.objects.filter(pk=unit.pk).update(read_at=None, state=UnitState.WAITING)
    leases.take(unit_lease(unit.pk))
    Lease.objects.update(until=timezone.now() + timedelta(seconds=1))
    assert pull()[0] == 0
    unit.refresh_from_db()
    assert unit.state == UnitState.DONE
