"""Rows that are set aside: one per log, with what could be read, until a readable version arrives."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from logsync.models import Log, QuarantinedRow
from logsync.parsing.parser import parse_log
from logsync.storage.set_aside import forget_unlisted, set_aside_since
from logsync.storage.upsert import store_page
from tests.support.records import NOON, bad_row, make_feed, page, record, stored

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)
DAY = date(2026, 11, 20)


@pytest.fixture
def feed(db):
    return make_feed()


def version(number, log_id="a", **read):
    return bad_row(f'{{"id": "{log_id}", "charge": "much {number}"}}', log_id=log_id, **read)


def test_what_could_be_read_of_a_row_is_kept(feed):
    row = version(1, created_at=NOON, charge=Decimal("0.43"))
    store_page(feed, page(bad_rows=[row], listed_on=DAY))
    kept = QuarantinedRow.objects.get()
    assert (kept.created_at, kept.charge, kept.listed_on) == (NOON, Decimal("0.43"), DAY)


def test_a_log_is_set_aside_once_however_often_its_bytes_change(feed):
    store_page(feed, page(bad_rows=[version(1, charge=Decimal(1)), version(2, charge=Decimal(2))], listed_on=DAY))
    first_seen_at = QuarantinedRow.objects.get().first_seen_at
    store_page(feed, page(bad_rows=[version(3, charge=Decimal(3))], read_at=LATER))
    kept = QuarantinedRow.objects.get()
    assert kept.raw == version(3).raw
    assert (kept.charge, kept.last_seen_at, kept.listed_on) == (Decimal(3), LATER, DAY)
    assert kept.first_seen_at == first_seen_at


def test_the_same_id_in_another_feed_is_another_row(feed):
    for other in (feed, make_feed(medium="video"), make_feed("Second")):
        store_page(other, page(bad_rows=[version(1)]))
    assert QuarantinedRow.objects.count() == 3


def test_an_older_version_never_replaces_a_newer_one(feed):
    store_page(feed, page(bad_rows=[version(2)], read_at=LATER))
    store_page(feed, page(bad_rows=[version(1)], read_at=NOON))
    assert QuarantinedRow.objects.get().raw == version(2).raw
    store_page(feed, page(record("a"), read_at=NOON))
    assert QuarantinedRow.objects.get().raw == version(2).raw


def test_an_older_unreadable_version_of_a_stored_log_is_not_set_aside(feed):
    store_page(feed, page(record("a"), read_at=LATER))
    store_page(feed, page(bad_rows=[version(1)], read_at=NOON))
    assert not QuarantinedRow.objects.exists()


def test_rows_without_an_id_are_told_apart_by_their_bytes(feed):
    rows = [bad_row("[1]"), bad_row("[2]")]
    store_page(feed, page(bad_rows=rows, listed_on=DAY))
    store_page(feed, page(bad_rows=rows, read_at=LATER))
    assert list(QuarantinedRow.objects.values_list("listed_on", "last_seen_at")) == [(DAY, LATER)] * 2


def test_bytes_that_an_earlier_version_set_aside_without_their_id_are_no_longer(feed):
    log = record("525", fingerprint=7)
    QuarantinedRow.objects.create(feed=feed, reason="id", raw=log.raw, fingerprint=7, last_seen_at=NOON)
    store_page(feed, page(log, read_at=LATER))
    assert not QuarantinedRow.objects.exists()


def test_bytes_whose_id_can_be_read_by_now_stay_one_row(feed):
    row = version(1, log_id="525")
    QuarantinedRow.objects.create(feed=feed, raw=row.raw, fingerprint=row.fingerprint, last_seen_at=NOON)
    store_page(feed, page(bad_rows=[row], read_at=LATER))
    assert QuarantinedRow.objects.get().log_id == "525"


def test_a_day_read_to_its_end_forgets_rows_without_an_id_that_it_no_longer_lists(feed):
    gone, there = bad_row("[1]"), bad_row("[2]")
    store_page(feed, page(bad_rows=[gone, there, version(1)], listed_on=DAY))
    store_page(feed, page(bad_rows=[there], read_at=LATER, listed_on=DAY))
    forget_unlisted(feed, DAY, LATER)
    assert set(QuarantinedRow.objects.values_list("raw", flat=True)) == {there.raw, version(1).raw}


def test_another_day_or_feed_forgets_nothing(feed):
    store_page(feed, page(bad_rows=[bad_row("[1]")], listed_on=DAY))
    forget_unlisted(feed, DAY + timedelta(days=1), LATER)
    forget_unlisted(make_feed(medium="video"), DAY, LATER)
    assert QuarantinedRow.objects.count() == 1


@pytest.mark.parametrize(("hour", "forgotten"), [(0, True), (23, True), (24, False)])
def test_a_row_of_the_newest_logs_is_forgotten_with_the_day_it_was_created(feed, hour, forgotten):
    created_at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hour)
    store_page(feed, page(bad_rows=[bad_row("[1]", created_at=created_at)]))
    forget_unlisted(feed, DAY, LATER)
    assert QuarantinedRow.objects.exists() != forgotten


def test_a_row_seen_after_the_day_was_read_is_kept(feed):
    store_page(feed, page(bad_rows=[bad_row("[1]")], listed_on=DAY, read_at=LATER))
    forget_unlisted(feed, DAY, NOON)
    assert QuarantinedRow.objects.exists()


def test_rows_are_counted_with_their_readable_charges(feed):
    store_page(feed, page(bad_rows=[version(1), version(1, log_id="b", charge=Decimal("0.0000004"))]))
    store_page(feed, page(bad_rows=[bad_row("[1]", charge=Decimal("0.43"))], read_at=LATER))
    assert set_aside_since(feed, NOON) == (3, Decimal("0.4300004"))
    assert set_aside_since(feed, LATER) == (1, Decimal("0.43"))
    assert set_aside_since(make_feed(medium="video"), NOON) == (0, Decimal(0))


def test_a_charge_that_the_totals_have_of_an_older_version_is_not_missing(feed):
    store_page(feed, page(record("a", charge=Decimal(5))))
    rows = [version(2, charge=Decimal(5)), version(1, log_id="b", charge=Decimal(1))]
    store_page(feed, page(bad_rows=rows, read_at=LATER))
    assert set_aside_since(feed, NOON) == (2, Decimal(1))


def test_half_of_a_character_is_stored(feed):
    row = b'{"id": "a", "created_at": "2026-11-20T09:15:00Z", "charge": 0.43, "room_name": "\\ud83d", "x": "\\ud83d"}'
    store_page(feed, page(parse_log(row)))
    log = Log.objects.get()
    assert (log.raw.encode(), log.unread_fields) == (row, "room_name")


def test_the_names_of_unread_fields_are_stored_and_cleared(feed):
    store_page(feed, page(record("a", unread_fields="duration,from")))
    assert stored().unread_fields == "duration,from"
    store_page(feed, page(record("a"), read_at=LATER))
    assert Log.objects.get().unread_fields is None
