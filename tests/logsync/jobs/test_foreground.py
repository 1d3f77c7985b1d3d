"""The command `pull`: its arguments, output and exit status."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.models import Lease, Log, Project, PullUnit, SyncRun
from logsync.models.choices import RunKind, RunState, UnitState
from logsync.scheduling import leases
from logsync.scheduling.leases import unit_lease
from tests.support.commands import run
from tests.support.processes import manage
from tests.support.pulling import ago, put, today, total
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 2
    settings.PULL_OVERLAP_DAYS = 1


def pull(*arguments):
    return run("pull", "--workers", "1", *arguments)


def test_it_prints_a_summary(project, space):
    put(space)
    put(space, "video")
    status, output = pull()
    assert status == 0
    assert "First history: " in output
    voice_line = next(line for line in output.splitlines() if line.startswith("voice logs of example"))
    units = PullUnit.objects.filter(feed__medium="voice").count()
    # One request more: logs of the first day may be listed under the day before.
    assert voice_line.split()[-7:] == [str(units), "1", "1", "0", "0", str(units + 1), "0"]
    assert "Done in" in output
    assert "\x1b" not in output


def test_a_failed_day_fails_the_command_and_is_reported_once(project, space):
    space.faults.add("400 always for /api/video")
    status, output = pull()
    assert status == 1
    assert output.count("video logs of example, ") == 1
    assert "rejected the request" in output
    assert "The next pull tries again" in output


def test_days_beyond_the_history_do_not_fail_the_command(project, space):
    space.limit_history(today() - timedelta(days=1))
    status, output = pull()
    assert status == 0
    assert "further back than SignalWire keeps logs" in output


def test_chosen_days_are_read_even_if_they_were_read_before(project, space):
    log_id = put(space, created_at=ago(days=20))
    put(space, created_at=ago(days=22))
    day = today() - timedelta(days=20)
    status, _ = pull("--since", str(day), "--until", str(day), "--medium", "voice")
    assert status == 0
    assert Log.objects.get().id == log_id
    # One more day at each end, because the timezone of created_on is unknown.
    assert PullUnit.objects.count() == 3
    assert SyncRun.objects.get(kind=RunKind.RANGE).state == RunState.DONE
    space.update("voice", log_id, {"charge": Decimal(2)})
    pull("--since", str(day), "--until", str(day))
    assert total() == (1, 2)
    # Reading old days on request does not make the days since then due.
    pull()
    assert PullUnit.objects.filter(day__gt=day + timedelta(days=1), day__lt=today() - timedelta(days=3)).count() == 0


def test_only_the_chosen_project_is_read(project, space, settings):
    put(space)
    Project.objects.create(name="other", space_url=project.space_url, signalwire_id="x", api_token="y")
    assert pull("--project", "example")[0] == 0
    status, output = pull("--project", "third")
    assert status == 2
    assert "there is no such project. Choose one of: example, other." in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "soon"], "--since soon: write a date such as 2026-11-20."),
        (["--since", "2026-02-30"], "--since 2026-02-30: write a date"),
        (["--until", "2026-02-03"], "--until needs --since"),
        (["--since", "2026-02-03", "--until", "2026-02-02"], "is after --until 2026-02-02."),
        (["--since", "0001-01-01"], "--since 0001-01-01: write a date from 1970 to 2999."),
        (["--since", "2026-02-03", "--until", "9999-12-31"], "--until 9999-12-31: write a date from 1970 to 2999."),
        (["--since", "2999-01-01"], "--since 2999-01-01 is after today."),
        (["--medium", "voice,fax"], "--medium fax: write voice, video, or voice,video."),
        (["--workers", "0"], "--workers 0: write a number from 1 to 32."),
    ],
)
def test_a_bad_value_is_reported_in_one_line(project, arguments, message):
    status, output = run("pull", *arguments)
    assert status == 2
    assert message in output
    assert output.count("\n") == 0


def test_it_names_the_rows_that_it_set_aside_and_their_money(project, space):
    put(space)
    space.put("voice", '{"id": "a", "created_at": "never", "charge": 0.43}', created_at=ago(hours=1))
    space.put("voice", '{"id": "b", "created_at": "never", "charge": "much"}', created_at=ago(hours=1))
    space.put("video", '{"id": "c", "created_at": "never"}', created_at=ago(hours=1))
    status, output = pull()
    assert status == 0
    assert "voice logs of example: 2 rows set aside, at least $0.43 missing from the totals." in output
    assert "video logs of example: 1 row set aside, at least $0.00" in output
    voice_line = next(line for line in output.splitlines() if line.startswith("voice logs of example"))
    assert voice_line.split()[-7:-1][:5] == [voice_line.split()[-7], "3", "1", "0", "2"]
    space.update("voice", "a", {"created_at": ago(hours=1)})
    assert "voice logs of example: 1 row set aside, at least $0.00" in pull()[1]


def test_the_project_of_the_environment_is_created(space, space_url, settings):
    settings.SIGNALWIRE_SPACE = space_url
    settings.SIGNALWIRE_PROJECT_ID, settings.SIGNALWIRE_API_TOKEN = space.credentials
    put(space)
    assert pull()[0] == 0
    assert total()[0] == 1


def test_without_a_project_it_names_the_missing_variable(settings):
    settings.SIGNALWIRE_SPACE, settings.SIGNALWIRE_PROJECT_ID = "https://example.signalwire.com", "x"
    status, output = pull()
    assert status == 1
    assert output == "SIGNALWIRE_API_TOKEN is not set. Set it, or add a project on the website."


def test_a_project_that_is_switched_off_is_not_read(project):
    Project.objects.update(is_active=False)
    status, output = pull()
    assert status == 1
    assert "switched off" in output


def test_it_retries_at_once_what_failed_before(project, space):
    space.faults.add("401 always")
    assert pull()[0] == 1
    space.faults.clear()
    assert pull()[0] == 0
    assert set(PullUnit.objects.values_list("state", flat=True)) == {UnitState.DONE}


@pytest.mark.django_db(transaction=True)
def test_several_days_are_read_in_parallel(project, space, settings):
    settings.PULL_DAYS_BACK = 10
    for days in range(10):
        put(space, created_at=ago(days=days, minutes=5), charge=Decimal("0.1"))
    space.faults.latency_s = 0.2
    assert run("pull", "--workers", "4")[0] == 0
    assert total() == (10, Decimal(1))
    assert space.requests.most_in_flight == 4
    assert not Lease.objects.exists()


@pytest.mark.both_engines
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
    requests_by_day = Counter((request.path, request.query["created_on"]) for request in space.requests)
    before_the_window = str(today() - timedelta(days=1))
    assert {count for (_, day), count in requests_by_day.items() if day < before_the_window} == {1}
    assert not Lease.objects.exists()


def test_the_day_of_a_killed_process_is_read_once_its_lease_expires(project, space, settings):
    pull()
    unit = PullUnit.objects.order_by("-day").first()
    PullUnit.objects.filter(pk=unit.pk).update(read_at=None, state=UnitState.WAITING)
    leases.acquire(unit_lease(unit.pk))
    Lease.objects.update(until=timezone.now() + timedelta(seconds=1))
    assert pull()[0] == 0
    unit.refresh_from_db()
    assert unit.state == UnitState.DONE
