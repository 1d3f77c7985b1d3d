"""Whatever the parser makes of an answer, SQLite and PostgreSQL keep all of it, once, and its totals are exact."""

from contextlib import contextmanager

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given

from logsync.answers import read_listing
from logsync.models import ChargeChange, DailyCharge, Log, QuarantinedRow, StaleDay
from logsync.parse import parse_page
from logsync.records import RawPage
from logsync.rollups import rebuild_stale
from logsync.upsert import store_page
from tests.fuzz.rows import answer, patient, spoilt_rows
from tests.logsync.reading import READ_AT
from tests.logsync.storing import make_feed

pytestmark = pytest.mark.django_db


@contextmanager
def forgotten():
    """Nothing of it stays in the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def everything():
    logs = Log.objects.order_by("id").values("id", "raw", "fingerprint", "charge", "seconds", "created_at", "read_at")
    kept_aside = QuarantinedRow.objects.order_by("fingerprint").values("log_id", "raw", "reason", "fingerprint")
    totals = DailyCharge.objects.order_by("pk").values_list("day", "log_type", "logs", "charge", "seconds")
    return [list(rows) for rows in (logs, kept_aside, totals)]


@patient
@given(spoilt_rows(most=10))
def test_every_row_is_stored_or_kept_aside_once_and_totalled_exactly(rows):
    body = answer(rows)
    page = parse_page(RawPage(body, read_listing(body).rows, READ_AT))
    with forgotten():
        feed = make_feed()
        touched = store_page(feed, page)
        rebuild_stale()
        assert (touched.rows, touched.quarantined) == (len(rows), len(page.bad_rows))

        alive = sorted(page.records, key=lambda record: not record.is_tombstone)
        records = {record.id: record for record in alive}
        assert {log.id: (log.raw, log.charge) for log in Log.objects.all()} == {
            record.id: (record.raw, record.charge) for record in records.values()
        }
        assert {row.raw for row in QuarantinedRow.objects.all()} == {row.raw for row in page.bad_rows}
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
