"""Concurrent workers storing the same rows and rebuilding the same days lose nothing and count nothing twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from logsync.models import ChargeChange, DailyCharge, Log, StaleDay
from logsync.rollups.compare import differences
from logsync.rollups.rebuild import rebuild_day, rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.records import NOON, make_feed, page, record, tombstone

pytestmark = pytest.mark.django_db(transaction=True)


def run_concurrently(*jobs):
    def run(job):
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, job) for job in jobs]]


def hundred_rows(version, *, backwards=False):
    ids = [f"{number:03}" for number in range(100)]
    rows = [record(id_, charge=Decimal(version)) for id_ in (reversed(ids) if backwards else ids)]
    return page(*rows, read_at=NOON + timedelta(seconds=version))


def test_concurrent_workers_keep_the_newest_version(db):
    feed = make_feed()
    versions = [hundred_rows(version, backwards=version % 2 == 1) for version in range(6)]
    run_concurrently(*[lambda version=version: store_page(feed, version) for version in versions])
    assert set(Log.objects.values_list("charge", flat=True)) == {Decimal(5)}
    assert Log.objects.count() == 100


def test_replacing_a_charge_just_stored_by_another_worker_is_recorded(db):
    feed = make_feed()
    older, newer = hundred_rows(1), hundred_rows(2)
    for _ in range(5):
        Log.objects.all().delete()
        ChargeChange.objects.all().delete()
        run_concurrently(lambda: store_page(feed, older), lambda: store_page(feed, newer))
        replaced = set(Log.objects.filter(first_seen_at=older.read_at).values_list("id", flat=True))
        changes = ChargeChange.objects.filter(old_charge=1, new_charge=2)
        assert set(changes.values_list("log_id", flat=True)) == replaced


def test_rebuilds_during_storing_leave_correct_totals_or_a_stale_mark(db):
    feed = make_feed()

    def store(worker):
        for number in range(10):
            store_page(feed, page(record(f"{worker}-{number}"), read_at=NOON))

    def rebuild():
        for _ in range(10):
            rebuild_day(feed.project_id, NOON.date())

    run_concurrently(*[lambda worker=worker: store(worker) for worker in range(3)], rebuild, rebuild)
    wrong = list(differences(NOON.date(), NOON.date(), [feed.project_id]))
    assert not wrong or StaleDay.objects.exists()
    rebuild_stale()
    assert list(differences(NOON.date(), NOON.date(), [feed.project_id])) == []
    assert DailyCharge.objects.get().logs == 30


def test_a_tombstone_and_its_log_stored_concurrently_keep_the_charge(db):
    feed = make_feed()
    deleted = page(tombstone(), read_at=NOON + timedelta(seconds=1))
    for attempt in range(10):
        Log.objects.all().delete()
        run_concurrently(lambda: store_page(feed, page(record())), lambda: store_page(feed, deleted))
        # If the tombstone was stored first, reading the day again restores the log.
        store_page(feed, page(record(), read_at=NOON + timedelta(seconds=2)))
        assert Log.objects.get().charge == Decimal("0.01"), attempt
