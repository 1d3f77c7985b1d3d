"""Whatever the parser returns, SQLite and PostgreSQL store all of it exactly once, and the totals are exact."""

from contextlib import contextmanager

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given

from logsync.models import ChargeChange, DailyCharge, Log, QuarantinedRow, StaleDay
from logsync.parsing.parser import parse_page
from logsync.parsing.records import RawPage
from logsync.rollups.rebuild import rebuild_stale
from logsync.signalwire.responses import parse_list
from logsync.storage.upsert import store_page
from tests.fuzz.rows import answer, malformed_rows, patient
from tests.support.json_rows import READ_AT
from tests.support.records import make_feed

pytestmark = pytest.mark.django_db


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def everything():
    logs = Log.objects.order_by("id").values("id", "raw", "fingerprint", "charge", "seconds", "created_at", "read_at")
    quarantined = QuarantinedRow.objects.order_by("fingerprint").values("log_id", "raw", "reason", "fingerprint")
    totals = DailyCharge.objects.order_by("pk").values_list("day", "log_type", "logs", "charge", "seconds")
    return [list(rows) for rows in (logs, quarantined, totals)]


@patient
@given(malformed_rows(most=10))
def test_every_row_is_stored_or_set_aside_once_and_totalled_exactly(rows):
    body = answer(rows)
    page = parse_page(RawPage(body, parse_list(body).rows, READ_AT))
    with rolled_back():
        feed = make_feed()
        touched = store_page(feed, page)
        rebuild_stale()
        assert (touched.rows, touched.quarantined) == (len(rows), len(page.bad_rows))

        tombstones_first = sorted(page.records, key=lambda record: not record.is_tombstone)
        records = {record.id: record for record in tombstones_first}
        assert {log.id: (log.raw, log.charge) for log in Log.objects.all()} == {
            record.id: (record.raw, record.charge) for record in records.values()
        }
        latest = {row.log_id or row.fingerprint: row.raw for row in page.bad_rows}
        assert {row.raw for row in QuarantinedRow.objects.all()} == set(latest.values())
        total = DailyCharge.objects.aggregate(logs=Sum("logs"), charge=Sum("charge"), seconds=Sum("seconds"))
        assert (total["logs"] or 0) == len(records)
        assert (total["charge"] or 0) == sum(record.charge or 0 for record in records.values())
        assert (total["seconds"] or 0) == sum(record.seconds or 0 for record in records.values())

        before = everything()
        again = store_page(feed, page)
        assert (again.new, again.changed) == (0, 0)
        assert not StaleDay.objects.exists()
        assert everything() == before
        assert not ChargeChange.objects.exists()
