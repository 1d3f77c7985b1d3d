"""A real `manage.py pull` that is killed and started again loses nothing and counts nothing twice."""

import signal
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.models import Lease, Log, PullUnit, SyncRun
from logsync.rollups.compare import differences
from logsync.scheduling.leases import held_names
from tests.support.commands import run
from tests.support.processes import manage
from tests.support.pulling import ago, put, put_many, today, total
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]


@pytest.fixture(autouse=True)
def one_day(settings):
    settings.PULL_DAYS_BACK = 1
    settings.PULL_OVERLAP_DAYS = 1


@pytest.fixture
def pull_env(child_env):
    return child_env | {"PULL_DAYS_BACK": "1", "PULL_OVERLAP_DAYS": "1"}


def expire_leases():
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))


def wrong_totals(project):
    return list(differences(today() - timedelta(days=3), today(), [project.pk]))


@pytest.mark.parametrize("rows", [1, 2000])
def test_a_pull_killed_in_the_middle_of_a_day_is_completed_by_the_next(project, space, pull_env, rows):
    put_many(space, 3000, created_at=ago(hours=1))
    space.faults.latency_s = 0.1
    with manage(pull_env, "pull", "--workers", "1") as process:
        wait_for(lambda: Log.objects.count() >= rows)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert SyncRun.objects.get().state == "running"
    assert 0 < Log.objects.count() <= 3000
    expire_leases()
    space.faults.clear()
    assert run("pull", "--workers", "1")[0] == 0
    assert total() == (3000, Decimal(30))
    assert wrong_totals(project) == []
    assert SyncRun.objects.order_by("pk").values_list("state", flat=True)[0] == "failed"
    assert set(PullUnit.objects.values_list("state", flat=True)) == {"done"}
    assert held_names("") == set()


def test_a_parent_named_before_a_pull_was_killed_is_read_by_the_next(project, space, pull_env):
    parent = put(space, created_at=ago(days=40), charge=Decimal(1))
    put_many(space, 2000, created_at=ago(hours=2))
    put(space, created_at=ago(hours=1), parent_id=parent, charge=Decimal(2))  # on the first page of its day
    space.faults.latency_s = 0.2
    with manage(pull_env, "pull", "--workers", "1") as process:
        wait_for(lambda: Log.objects.filter(parent_id=parent).exists())
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert Log.objects.count() <= 2000
    expire_leases()
    space.faults.clear()
    assert run("pull", "--workers", "1")[0] == 0
    assert total() == (2002, Decimal(23))


def test_an_interrupted_pull_stops_soon_and_says_how_to_continue(project, space, pull_env):
    put_many(space, 3000, created_at=ago(hours=1))
    space.faults.latency_s = 0.1
    with manage(pull_env, "pull", "--workers", "2") as process:
        wait_for(Log.objects.exists)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"The next pull continues where this one ended." in output
    assert b"Traceback" not in output
    assert SyncRun.objects.get().state == "failed"
    assert held_names("") == set()
    assert run("pull", "--workers", "1")[0] == 0
    assert total()[0] == 3000
