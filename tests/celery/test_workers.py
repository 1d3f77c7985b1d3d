"""From a scheduled message to the totals, with real workers over Redis and over files."""

import signal
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.models import Feed, Lease, Log, PullUnit, SyncRun
from logsync.models.choices import RunKind, RunState
from logsync.rollups.compare import differences
from tests.support.pulling import ago, put, put_many, today, total, video, voice
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 10


def all_read():
    return PullUnit.objects.exists() and not PullUnit.objects.filter(read_at=None).exists()


def wrong_totals(project):
    return list(differences(today() - timedelta(days=15), today(), [project.pk]))


def test_workers_read_the_first_history_in_parallel_and_keep_it_current(project, space, worker, send):
    for days in range(10):
        put(space, created_at=ago(days=days, minutes=5), charge=Decimal("0.1"))
        put(space, "video", created_at=ago(days=days, minutes=5), charge=Decimal("0.0000004"))
    space.faults.latency_s = 0.05
    with worker():
        send("dispatch_history", "dispatch_newest")
        wait_for(all_read, 60)
        send("dispatch_history")
        wait_for(lambda: SyncRun.objects.filter(kind=RunKind.HISTORY, state=RunState.DONE).exists())
        assert space.requests.most_in_flight > 1
        assert total() == (20, Decimal("1.000004"))
        requested_days = [request.query["created_on"] for request in space.requests if "created_on" in request.query]
        assert len(requested_days) == PullUnit.objects.count() + 2  # of each feed, the day before the first one
        # From then on the schedule keeps it current.
        log_id = put(space, created_at=ago(seconds=10), status="in-progress", parent_id="gone")
        send("dispatch_newest")
        wait_for(lambda: Log.objects.filter(id=log_id).exists())
        space.update("voice", log_id, {"status": "completed", "charge": Decimal("0.25")})
        send("dispatch_today")
        wait_for(lambda: total() == (21, Decimal("1.250004")))
        send("dispatch_window", "dispatch_unfinished", "dispatch_parents", "rebuild_stale")
        wait_for(lambda: SyncRun.objects.filter(kind=RunKind.WINDOW, state=RunState.DONE).exists())
    assert wrong_totals(project) == []
    assert not Feed.objects.exclude(error="").exists()


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_a_killed_worker_is_replaced_and_nothing_is_lost(project, space, worker, send):
    put_many(space, 2500, created_at=ago(days=1))
    space.faults.latency_s = 0.1
    with worker(units=2) as first:
        send("dispatch_history")
        wait_for(Log.objects.exists, 60)
        first.send_signal(signal.SIGKILL)
        first.wait()
    space.faults.clear()
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))  # as if the leases had expired
    with worker():
        send("dispatch_history", "rebuild_stale")
        wait_for(all_read, 60)
        wait_for(lambda: total() == (2500, Decimal(25)))
    assert wrong_totals(project) == []


@pytest.mark.parametrize("broker", ["filesystem"], indirect=True)
def test_one_medium_with_bad_credentials_does_not_stop_the_other(project, space, worker, send):
    put(space, "video", charge=Decimal("0.25"))
    space.faults.add("403 always for /api/voice")
    with worker():
        send("dispatch_history", "dispatch_newest")
        wait_for(lambda: video().units.exists() and not video().units.filter(read_at=None).exists(), 60)
        wait_for(lambda: total() == (1, Decimal("0.25")))
    assert "Voice scope" in voice().error
    assert voice().next_try_at > timezone.now()
    assert video().error == ""
