"""Concurrent processes, and processes that stall and resume: no visible double work, and no stale data stored."""

import os
import signal
import time
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from logsync.models import ChargeChange, Log
from tests.crashes.installation import assert_complete
from tests.support.commands import run
from tests.support.pulling import ago, put, put_many, today
from tests.waiting import wait_for


def requested_days(space):
    """How often each day of each list was requested."""
    queries = [(request.path, request.query) for request in space.requests]
    return Counter((path, query["created_on"]) for path, query in queries if "created_on" in query)


def test_two_schedulers_and_two_workers_read_each_day_once(postgresql, own_redis, install, space):
    for days in range(12):
        put(space, created_at=ago(days=days), charge=Decimal("0.5"))
    space.faults.latency_s = 0.2
    # Leases outlast the test's work, and due work is checked every four seconds.
    installation = install(postgresql, PULL_DAYS_BACK="12", REDIS_URL=own_redis.url, LEASE_SECONDS="12")
    for service in ("worker", "second worker", "beat", "second beat"):
        installation.start(service)
    wait_for(lambda: len(requested_days(space)) >= 26, 60)
    past = {key: count for key, count in requested_days(space).items() if date.fromisoformat(key[1]) < today()}
    assert set(past.values()) == {1}
    assert_complete(space, installation)


def test_two_pulls_of_the_same_days_at_once_both_succeed(engine, install, space):
    put_many(space, 1500, created_at=ago(hours=30))
    space.faults.latency_s = 0.2
    installation = install(engine, PULL_DAYS_BACK="2")
    since = str(today() - timedelta(days=2))
    pulls = [installation.start("pull", "--since", since, "--workers", "2") for _ in range(2)]
    assert [process.wait(90) for process in pulls] == [0, 0], installation.output("pull")
    assert_complete(space, installation)
    assert not ChargeChange.objects.exists()


def test_a_pull_that_stalls_beyond_its_lease_does_not_store_its_stale_response(sqlite, install, space):
    day = today() - timedelta(days=1)
    log_id = put(space, created_at=ago(days=1), charge=Decimal(1))
    installation = install(sqlite, PULL_DAYS_BACK="1")
    range_ = ("--since", str(day), "--until", str(day), "--medium", "voice", "--workers", "1")
    space.faults.latency_s = 1
    stalled = installation.start("pull", *range_)
    wait_for(lambda: ("/api/voice/logs", str(day)) in requested_days(space))
    os.killpg(stalled.pid, signal.SIGSTOP)  # the response is in flight
    space.faults.clear()
    space.update("voice", log_id, {"charge": Decimal(2)})
    time.sleep(2.2)  # its lease expires
    assert run("pull", *range_)[0] == 0
    assert Log.objects.get().charge == Decimal(2)
    os.killpg(stalled.pid, signal.SIGCONT)
    assert stalled.wait(60) == 0, installation.output("pull")
    assert Log.objects.get().charge == Decimal(2)
    assert not ChargeChange.objects.exists()
    assert run("pull", "--workers", "1")[0] == 0
    assert_complete(space, installation)


def test_another_worker_takes_over_from_one_that_stalls_beyond_its_lease(postgresql, own_redis, install, space):
    ids = [put(space, created_at=ago(days=days), charge=Decimal(1)) for days in range(1, 9)]
    installation = install(postgresql, PULL_DAYS_BACK="10", REDIS_URL=own_redis.url)
    space.faults.latency_s = 1
    installation.start("beat")
    stalled = installation.start("worker")
    wait_for(lambda: len(requested_days(space)) >= 4)
    os.killpg(stalled.pid, signal.SIGSTOP)
    space.faults.clear()
    for log_id in ids:
        space.update("voice", log_id, {"charge": Decimal(2)})
    installation.start("second worker")
    wait_for(lambda: Log.objects.filter(charge=Decimal(2)).count() == len(ids), 60)
    os.killpg(stalled.pid, signal.SIGCONT)
    stalled.terminate()  # it ends after its current task
    stalled.wait(60)
    assert_complete(space, installation)
    assert not ChargeChange.objects.exists()
