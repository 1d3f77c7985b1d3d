"""Where machines meet, the time is the database's: a machine whose clock is wrong drops no newer answer."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from logsync import database
from logsync.exceptions import CredentialsError
from logsync.models import Feed, Lease, Log, PullUnit, SyncRun
from logsync.scheduling import leases
from logsync.scheduling.backoff import is_paused, record_feed_failure
from tests.support.processes import manage
from tests.support.pulling import put, stored
from tests.support.records import make_feed
from tests.waiting import wait_for

AHEAD = timedelta(hours=1)
MOMENT = timedelta(minutes=1)


@contextmanager
def clock_ahead():
    """To every process that connects now, the clock of the database is an hour ahead of its own.

    On SQLite there is one machine, so there is one clock. Yields the difference.
    """
    if connection.vendor == "sqlite":
        yield timedelta(0)
        return
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA ahead")
        cursor.execute(
            "CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql"
            " AS $$SELECT pg_catalog.clock_timestamp() + interval '1 hour'$$"
        )
        cursor.execute(f"ALTER DATABASE {name} SET search_path = ahead, pg_catalog, public")
        try:
            yield AHEAD
        finally:
            cursor.execute(f"ALTER DATABASE {name} RESET search_path")
            cursor.execute("DROP SCHEMA ahead CASCADE")


def pull_elsewhere(env):
    with manage(env | {"PULL_DAYS_BACK": "1", "PULL_OVERLAP_DAYS": "1"}, "pull", "--workers", "1") as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output


def test_it_is_the_time_of_this_machine_where_their_clocks_agree(db):
    assert abs(database.now() - datetime.now(UTC)) < MOMENT
    assert database.now() <= database.now()
    assert database.process_started_at() < database.now()


def test_it_costs_no_query_once_it_is_known(db, django_assert_num_queries):
    database.now()
    with django_assert_num_queries(0):
        database.now()


@pytest.mark.django_db(transaction=True)
def test_processes_whose_clocks_are_an_hour_behind_go_by_the_database(project, space, child_env):
    log_id = put(space, charge=Decimal(1))
    with clock_ahead() as difference:
        pull_elsewhere(child_env)
        expected = timezone.now() + difference
        times = [
            *PullUnit.objects.values_list("read_at", flat=True),
            *SyncRun.objects.values_list("started_at", flat=True),
            *SyncRun.objects.values_list("finished_at", flat=True),
            *Log.objects.values_list("read_at", flat=True),
        ]
        assert [time for time in times if abs(time - expected) > MOMENT] == []
        # By their own clocks this answer would be an hour older than the first, and be dropped.
        Log.objects.update(read_at=timezone.now() + difference)
        space.update("voice", log_id, {"charge": Decimal(2)})
        pull_elsewhere(child_env)
    assert stored(log_id).charge == Decimal(2)


@pytest.mark.django_db(transaction=True)
def test_a_lease_expires_by_the_clock_of_the_database(project, space, child_env):
    put(space)
    space.faults.latency_s = 1
    with clock_ahead() as difference:
        env = child_env | {"PULL_DAYS_BACK": "1"}
        with manage(env, "pull", "--workers", "1"):
            wait_for(lambda: Lease.objects.filter(name__startswith="unit:").exists())
            until = Lease.objects.filter(name__startswith="unit:").values_list("until", flat=True).first()
    assert difference < until - timezone.now() + MOMENT < difference + timedelta(minutes=30)


@pytest.mark.parametrize("difference", [AHEAD, -AHEAD])
def test_leases_expire_and_pauses_end_by_the_clock_of_the_database(db, monkeypatch, difference):
    now = timezone.now() + difference
    monkeypatch.setattr(database, "now", lambda: now)
    feed = make_feed()
    leases.acquire("unit:1")
    record_feed_failure(feed, CredentialsError("The token is not valid."))
    assert leases.held_names("unit:") == {"unit:1"}
    assert leases.acquire("unit:1") is None
    feed = Feed.objects.get()
    assert feed.failed_since == now < feed.next_try_at <= now + timedelta(days=1)
    assert is_paused(feed, now)
    Lease.objects.update(until=now - timedelta(seconds=1))
    assert leases.held_names("unit:") == set()
    assert leases.acquire("unit:1")
