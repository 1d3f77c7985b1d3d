"""Several workers at once: the same rows, the same days, rebuilds in between. Nothing is lost or counted twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from logsync.models import ChargeChange, DailyCharge, Log, StaleDay
from logsync.rollups import differences, rebuild_day, rebuild_stale
from logsync.upsert import store_page
from tests.logsync.storing import NOON, make_feed, page, record, tombstone

pytestmark = pytest.mark.django_db(transaction=True)


def side_by_side(*jobs):
    def run(job):
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, job) for job in jobs]]


def hundred(version, *, backwards=False):
    ids = [f"{number:03}" for number in range(100)]
    rows = [record(id_, charge=Decimal(version)) for id_ in (reversed(ids) if backwards else ids)]
    return page(*rows, read_at=NOON + timedelta(seconds=version))


def test_workers_that_store_the_same_rows_end_in_the_newest(db):
    feed = make_feed()
    versions = [hundred(version, backwards=version % 2 == 1) for version in range(6)]
    side_by_side(*[lambda answer=answer: store_page(feed, answer) for answer in versions])
    assert set(Log.objects.values_list("charge", flat=True)) == {Decimal(5)}
    assert Log.objects.count() == 100


def test_a_charge_that_another_worker_has_just_stored_leaves_its_trace(db):
    feed = make_feed()
    older, newer = hundred(1), hundred(2)
    for _ in range(5):
        Log.objects.all().delete()
        ChargeChange.objects.all().delete()
        side_by_side(lambda: store_page(feed, older), lambda: store_page(feed, newer))
        replaced = set(Log.objects.filter(first_seen_at=older.read_at).values_list("id", flat=True))
        traces = ChargeChange.objects.filter(old_charge=1, new_charge=2)
        assert set(traces.values_list("log_id", flat=True)) == replaced


def test_rebuilds_while_pages_arrive_leave_right_totals_or_a_stale_mark(db):
    feed = make_feed()

    def store(worker):
        for number in range(10):
            store_page(feed, page(record(f"{worker}-{number}"), read_at=NOON))

    def rebuild():
        for _ in range(10):
            rebuild_day(feed.project_id, NOON.date())

    side_by_side(*[lambda worker=worker: store(worker) for worker in range(3)], rebuild, rebuild)
    wrong = list(differences(NOON.date(), NOON.date(), [feed.project_id]))
    assert not wrong or StaleDay.objects.exists()
    rebuild_stale()
    assert list(differences(NOON.date(), NOON.date(), [feed.project_id])) == []
    assert DailyCharge.objects.get().logs == 30


def test_a_tombstone_and_the_living_row_stored_at_once_keep_the_charge(db):
    feed = make_feed()
    gone = page(tombstone(), read_at=NOON + timedelta(seconds=1))
    for attempt in range(10):
        Log.objects.all().delete()
        side_by_side(lambda: store_page(feed, page(record())), lambda: store_page(feed, gone))
        # When the tombstone came first, the next reading of the day finds what it says.
        store_page(feed, page(record(), read_at=NOON + timedelta(seconds=2)))
        assert Log.objects.get().charge == Decimal("0.01"), attempt
