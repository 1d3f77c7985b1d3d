"""A real `manage.py pull` is killed, at any moment, and started again: nothing is lost, nothing is counted twice."""

import signal
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.leases import held_names
from logsync.models import Lease, Log, PullUnit, SyncRun
from logsync.rollups import differences
from tests.logsync.commands import run
from tests.logsync.processes import manage
from tests.logsync.pulling import ago, put_many, today, total
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def one_day(settings):
    settings.PULL_DAYS_BACK = 1
    settings.PULL_OVERLAP_DAYS = 1


@pytest.fixture
def pull_env(child_env):
    return child_env | {"PULL_DAYS_BACK": "1", "PULL_OVERLAP_DAYS": "1"}


def a_little_later():
    """The leases of the dead have run out."""
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))


def wrong_totals(project):
    return list(differences(today() - timedelta(days=3), today(), [project.pk]))


@pytest.mark.parametrize("rows", [1, 2000])
def test_killed_in_the_middle_of_a_day_and_started_again(project, space, pull_env, rows):
    put_many(space, 3000, created_at=ago(hours=1))
    space.faults.latency_s = 0.1
    with manage(pull_env, "pull", "--workers", "1") as process:
        wait_for(lambda: Log.objects.count() >= rows)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert SyncRun.objects.get().state == "running"
    assert 0 < Log.objects.count() <= 3000
    a_little_later()
    space.faults.clear()
    assert run("pull", "--workers", "1")[0] == 0
    assert total() == (3000, Decimal(30))
    assert wrong_totals(project) == []
    assert SyncRun.objects.order_by("pk").values_list("state", flat=True)[0] == "failed"
    assert set(PullUnit.objects.values_list("state", flat=True)) == {"done"}
    assert held_names("") == set()


def test_interrupted_by_hand_it_ends_soon_and_says_how_to_go_on(project, space, pull_env):
    put_many(space, 3000, created_at=ago(hours=1))
    space.faults.latency_s = 0.1
    with manage(pull_env, "pull", "--workers", "2") as process:
        wait_for(Log.objects.exists)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"The next pull goes on where this one ended." in said
    assert b"Traceback" not in said
    assert SyncRun.objects.get().state == "failed"
    assert held_names("") == set()
    assert run("pull", "--workers", "1")[0] == 0
    assert total()[0] == 3000
