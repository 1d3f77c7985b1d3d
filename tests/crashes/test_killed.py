"""60 SIGKILLs at random moments of a pull. Restarted processes continue by themselves, and the result is complete.

The moments come from a seed, so a failing test can be repeated with the same kills in the same order.
"""

import time
from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from tests.crashes.installation import assert_complete, assert_next_pull_completes, is_reading
from tests.support.pulling import ago, put
from tests.waiting import wait_for

# How often each is killed: 60 times in total.
FOREGROUND = 7  # on each engine
ON_SQLITE = {"worker": 2, "worker child": 4, "beat": 3, "web": 2, "web child": 2}
AS_UP_RUNS_THEM = {"worker with beat": 6, "web": 2, "web child": 2}
ON_POSTGRESQL = {"worker": 2, "worker child": 4, "beat": 3, "web": 2, "web child": 2, "postgresql": 10}
# Other events in between.
OTHER_EVENTS = {"redis emptied": 1, "redis again": 1, "postgresql again": 1}
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
    """Kill a service, or only one of its children, and restart what ended."""
    if name.endswith(" child"):
        installation.kill_child(name.removesuffix(" child"), rng.choice)
    else:
        installation.kill(name)
    installation.keep_running()


def test_a_foreground_pull_killed_and_restarted(engine, install, space):
    rng = Random(f"{SEED} foreground")
    fill(space, 30)
    installation = install(engine, PULL_DAYS_BACK="30")
    space.faults.latency_s = 0.2
    for _ in range(FOREGROUND):
        space.requests.clear()
        installation.start("pull", "--workers", "3")
        wait_for(lambda: space.requests.total)
        time.sleep(rng.uniform(0, 0.5))
        assert is_reading()
        installation.kill("pull")
    space.faults.clear()
    assert_next_pull_completes(space, installation)


@pytest.mark.parametrize(
    ("services", "kills"),
    [(("worker", "beat", "web"), ON_SQLITE), (("worker with beat", "web"), AS_UP_RUNS_THEM)],
    ids=["processes", "threads"],
)
def test_services_killed_on_sqlite_with_the_filesystem_queue(sqlite, install, space, services, kills):
    rng = Random(f"{SEED} sqlite")
    fill(space, 60)
    installation = install(sqlite, PULL_DAYS_BACK="60")
    space.faults.latency_s = 0.8
    for service in services:
        installation.start(service)
    wait_for(lambda: space.requests.total)
    for name in in_random_order(kills, rng):
        time.sleep(rng.uniform(0.2, 0.9))
        assert is_reading()
        kill(installation, name, rng)
    space.faults.clear()
    assert_complete(space, installation)
    wait_for(lambda: installation.get("/healthz"))
    assert installation.get("/healthz")[0] == 200


def test_services_and_the_database_killed_on_postgresql_with_redis(postgresql, own_redis, install, space):
    rng = Random(f"{SEED} postgresql")
    fill(space, 60)
    installation = install(postgresql, PULL_DAYS_BACK="60", REDIS_URL=own_redis.url)
    space.faults.latency_s = 0.8
    for service in ("worker", "beat", "web"):
        installation.start(service)
    wait_for(lambda: space.requests.total)
    seen = []
    for name in in_random_order(ON_POSTGRESQL | OTHER_EVENTS, rng):
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
    assert_complete(space, installation)
    wait_for(lambda: installation.get("/healthz"))
    assert installation.get("/healthz")[0] == 200
    assert {status for status, _ in seen} <= {200, 302, 503}
    assert not [text for _, text in seen if "Traceback" in text or "psycopg" in text]


def test_there_are_fifty_kills():
    assert 2 * FOREGROUND + sum(ON_SQLITE.values()) + sum(ON_POSTGRESQL.values()) == 50
