"""SIGKILL at random moments of a pull: 50 in all. What is started again goes on by itself, and nothing differs after.

The moments come from a seed: a test that fails is repeated by itself, with the same order of the same kills.
"""

import time
from collections import Counter
from decimal import Decimal
from random import Random

from logsync.leases import held_names
from tests.crashes.installation import is_reading, prove
from tests.logsync.commands import run
from tests.logsync.pulling import ago, put
from tests.waiting import wait_for

# How often each is killed: together, 50 times.
FOREGROUND = 7  # on each engine
ON_SQLITE = {"worker": 2, "worker child": 4, "beat": 3, "web": 2, "web child": 2}
ON_POSTGRESQL = {"worker": 2, "worker child": 4, "beat": 3, "web": 2, "web child": 2, "postgresql": 10}
# What else goes on meanwhile.
AND_ALSO = {"redis emptied": 1, "redis again": 1, "postgresql again": 1}
PAGES = ("/healthz", "/accounts/login/", "/")
SEED = 20261121


def fill(space, days):
    for day in range(days):
        for number in range(4):
            put(space, created_at=ago(days=day, minutes=number), charge=Decimal(f"0.00{number}7"))
        put(space, "video", created_at=ago(days=day, minutes=3), charge=Decimal("0.0000004"))


def in_random_order(events, rng):
    order = list(Counter(events).elements())
    rng.shuffle(order)
    return order


def kill(installation, name, rng):
    """Kill a service and start it again at once, as whoever keeps it running does; or only a process of it."""
    service, _, part = name.partition(" ")
    if part:
        installation.kill_child(service, rng.choice)
    else:
        installation.kill(service)
    installation.keep_running()


def test_the_foreground_killed_and_started_again(engine, install, space):
    rng = Random(f"{SEED} foreground")
    fill(space, 30)
    installation = install(engine, PULL_DAYS_BACK="30")
    space.faults.latency_s = 0.4
    for _ in range(FOREGROUND):
        space.requests.clear()
        installation.start("pull", "--workers", "3")
        wait_for(lambda: space.requests.total)
        time.sleep(rng.uniform(0, 1))
        assert is_reading()
        installation.kill("pull")
    space.faults.clear()
    wait_for(lambda: not held_names(""))  # a pull closes the runs of those whose leases are over
    status, said = run("pull", "--workers", "1")
    assert status == 0, said
    prove(space, installation)


def test_workers_scheduler_and_web_killed_on_sqlite_with_the_queue_in_files(sqlite, install, space):
    rng = Random(f"{SEED} sqlite")
    fill(space, 60)
    installation = install(sqlite, PULL_DAYS_BACK="60")
    space.faults.latency_s = 0.8
    for service in ("worker", "beat", "web"):
        installation.start(service)
    wait_for(lambda: space.requests.total)
    for name in in_random_order(ON_SQLITE, rng):
        time.sleep(rng.uniform(0.2, 0.9))
        assert is_reading()
        kill(installation, name, rng)
    space.faults.clear()
    prove(space, installation)
    wait_for(lambda: installation.get("/healthz"))
    assert installation.get("/healthz")[0] == 200


def test_all_processes_and_the_database_killed_on_postgresql_with_redis(postgresql, own_redis, install, space):
    rng = Random(f"{SEED} postgresql")
    fill(space, 60)
    installation = install(postgresql, PULL_DAYS_BACK="60", REDIS_URL=own_redis.url)
    space.faults.latency_s = 0.8
    for service in ("worker", "beat", "web"):
        installation.start(service)
    wait_for(lambda: space.requests.total)
    seen = []
    for name in in_random_order(ON_POSTGRESQL | AND_ALSO, rng):
        time.sleep(rng.uniform(0.2, 0.9))
        assert is_reading()
        match name:
            case "postgresql":
                postgresql.server.kill()
                seen += filter(None, map(installation.get, PAGES))
                postgresql.server.start()
            case "postgresql again":
                postgresql.server.stop()
                postgresql.server.start()
            case "redis emptied":
                own_redis.empty()
            case "redis again":
                own_redis.stop()
                own_redis.start()
            case _:
                kill(installation, name, rng)
    space.faults.clear()
    prove(space, installation)
    wait_for(lambda: installation.get("/healthz"))
    assert installation.get("/healthz")[0] == 200
    assert {status for status, _ in seen} <= {200, 302, 503}
    assert not [text for _, text in seen if "Traceback" in text or "psycopg" in text]


def test_the_kills_are_fifty():
    assert 2 * FOREGROUND + sum(ON_SQLITE.values()) + sum(ON_POSTGRESQL.values()) == 50
