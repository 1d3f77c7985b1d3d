"""Storing a page: the rules for new, changed, deleted and unreadable logs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from logsync.models import ChargeChange, Log, PhoneNumber, QuarantinedRow, StaleDay
from logsync.storage.upsert import store_page
from tests.support.records import NOON, bad_row, make_feed, page, record, stored, tombstone

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def feed(db):
    return make_feed()


def test_storing_a_page_twice_changes_nothing(feed):
    first = store_page(feed, page(record("a"), record("b")))
    before = list(Log.objects.order_by("id").values())
    second = store_page(feed, page(record("a"), record("b"), read_at=LATER))
    assert (first.new, second.new, second.changed) == (2, 0, 0)
    assert second.days == frozenset()
    assert list(Log.objects.order_by("id").values()) == before


def test_every_field_is_stored(feed):
    full = record(
        "full",
        room_name="sales",
        url="https://example.signalwire.com/x",
        parent_id="p",
        locked=True,
        itemised=Decimal("0.005"),
        descriptions="\nTax\n",
        duration=9,
        duration_ms=9638,
        billing_ms=60000,
        seconds=9,
        started_at=NOON - timedelta(microseconds=1),
        ended_at=LATER,
    )
    store_page(feed, page(full))
    row = stored("full")
    for field in set(full.__struct_fields__) - {"is_tombstone"}:
        assert getattr(row, field) == getattr(full, field), field
    assert (row.medium, row.project_id) == (feed.medium, feed.project_id)
    assert row.first_seen_at == row.read_at == NOON


def test_missing_values_are_stored_as_null(feed):
    bare = dict.fromkeys(["log_type", "source", "direction", "status", "from_number", "to_number", "charge"])
    store_page(feed, page(record("bare", **bare)))
    row = Log.objects.values().get(id="bare")
    assert all(row[name] is None for name in [*bare, "duration", "billing_ms", "seconds", "itemised", "locked"])


@pytest.mark.parametrize("amount", ["0.0000004", "1234567.891234", "-0.0025", "0", "9223372036.854775807"])
def test_charges_are_stored_to_the_last_digit(feed, amount):
    store_page(feed, page(record(charge=Decimal(amount))))
    assert stored().charge == Decimal(amount)


def test_the_json_is_stored_as_received(feed):
    raw = '{"id":"a", "charge": 1e-7, "charge": 0.10, "x": "\\u0000", "b":1,"a":2}'
    changed = record()
    store_page(feed, page(type(changed)(id="a", created_at=NOON, raw=raw, fingerprint=1)))
    assert stored().raw == raw


def test_a_changed_charge_is_recorded(feed):
    store_page(feed, page(record(charge=Decimal("0.01"))))
    result = store_page(feed, page(record(charge=Decimal("0.02")), read_at=LATER))
    change = ChargeChange.objects.get()
    assert (change.old_charge, change.new_charge) == (Decimal("0.01"), Decimal("0.02"))
    assert (change.log_id, change.changed_at, change.was_final) == ("a", LATER, True)
    assert result.changed == 1
    assert stored().charge == Decimal("0.02")
    assert stored().first_seen_at == NOON


def test_the_first_charge_of_a_running_call_is_recorded_as_not_final(feed):
    store_page(feed, page(record(status="in-progress", charge=None)))
    store_page(feed, page(record(charge=Decimal("0.02")), read_at=LATER))
    change = ChargeChange.objects.get()
    assert (change.old_charge, change.new_charge, change.was_final) == (None, Decimal("0.02"), False)


def test_a_change_of_other_fields_records_no_charge_change(feed):
    store_page(feed, page(record(status="in-progress")))
    store_page(feed, page(record(status="completed"), read_at=LATER))
    assert not ChargeChange.objects.exists()
    assert stored().status == "completed"


def test_an_older_version_never_replaces_a_newer_one(feed):
    store_page(feed, page(record(charge=Decimal("0.02")), read_at=LATER))
    late = store_page(feed, page(record(charge=Decimal("0.01")), read_at=NOON))
    assert stored().charge == Decimal("0.02")
    assert late.changed == 0
    assert not ChargeChange.objects.exists()


def test_a_deleted_log_keeps_its_stored_fields(feed):
    store_page(feed, page(record(charge=Decimal("0.02"), status="in-progress")))
    result = store_page(feed, page(tombstone(discarded_at=LATER), read_at=LATER))
    row = stored()
    assert (row.discarded_at, row.charge, row.log_type) == (LATER, Decimal("0.02"), "relay_pstn_call")
    assert row.next_read_at is None
    assert '"charge": 0.02' in row.raw
    assert result.days == {NOON.date()}
    assert not ChargeChange.objects.exists()
    assert store_page(feed, page(tombstone(discarded_at=LATER), read_at=LATER)).changed == 0


def test_a_tombstone_is_replaced_when_the_log_is_listed_again(feed):
    store_page(feed, page(tombstone()))
    assert (stored().log_type, stored().charge) == (None, None)
    store_page(feed, page(record(), read_at=LATER))
    assert (stored().discarded_at, stored().charge) == (None, Decimal("0.01"))


def test_an_older_tombstone_does_not_delete(feed):
    store_page(feed, page(record(), read_at=LATER))
    store_page(feed, page(tombstone(), read_at=NOON))
    assert stored().discarded_at is None


def test_the_same_id_in_another_project_or_medium_is_another_log(feed):
    for other in (feed, make_feed(medium="video"), make_feed("Second")):
        store_page(other, page(record()))
    assert Log.objects.filter(id="a").count() == 3


def test_the_same_id_twice_in_a_page_is_one_log(feed):
    store_page(feed, page(record(charge=Decimal(1)), record(charge=Decimal(2))))
    assert stored().charge == 2


@pytest.mark.parametrize("order", [1, -1])
def test_a_log_and_its_tombstone_in_one_page_keep_the_charge(feed, order):
    store_page(feed, page(*[record("a"), tombstone("a")][::order]))
    assert stored().charge == Decimal("0.01")


def test_numbers_of_any_length_are_stored_and_indexed_by_their_beginning(feed):
    long = "sip:" + "x" * 10_000
    store_page(feed, page(record(from_number=long, to_number=None)))
    assert stored().from_number == long
    assert list(PhoneNumber.objects.values_list("value", flat=True)) == [long[:200]]


def test_an_unreadable_row_is_set_aside_until_it_can_be_read(feed):
    broken = bad_row('{"id": "a", "charge": "much"}', log_id="a", reason="charge is not a number")
    result = store_page(feed, page(record("b"), bad_rows=[broken, broken]))
    quarantined = QuarantinedRow.objects.get()
    assert (quarantined.reason, quarantined.raw, quarantined.log_id) == (broken.reason, broken.raw, "a")
    assert (result.rows, result.new, result.quarantined) == (3, 1, 2)
    store_page(feed, page(bad_rows=[broken], read_at=LATER))
    assert QuarantinedRow.objects.get().last_seen_at == LATER
    store_page(feed, page(record("a"), read_at=LATER))
    assert not QuarantinedRow.objects.exists()


def test_changed_days_are_marked_stale_in_the_report_timezone(feed, settings):
    settings.REPORT_TIME_ZONE = ZoneInfo("America/New_York")
    result = store_page(feed, page(record(created_at=datetime(2026, 11, 21, 4, 59, tzinfo=UTC))))
    assert result.days == {date(2026, 11, 20)}
    assert list(StaleDay.objects.values_list("project_id", "day")) == [(feed.project_id, date(2026, 11, 20))]


def test_a_log_that_moves_to_another_day_changes_both_days(feed):
    store_page(feed, page(record()))
    moved = store_page(feed, page(record(created_at=NOON - timedelta(days=3)), read_at=LATER))
    assert moved.days == {date(2026, 11, 20), date(2026, 11, 17)}
    change = ChargeChange.objects.get()
    assert (change.old_log_created_at, change.log_created_at) == (NOON, NOON - timedelta(days=3))
    assert (change.old_charge, change.new_charge) == (Decimal("0.01"), Decimal("0.01"))


def test_a_log_without_a_charge_that_moves_leaves_no_changed_charge(feed):
    store_page(feed, page(record(charge=None)))
    store_page(feed, page(record(charge=None, created_at=NOON - timedelta(days=3)), read_at=LATER))
    assert not ChargeChange.objects.exists()


def test_a_log_that_moves_and_costs_more_leaves_one_trace(feed):
    store_page(feed, page(record()))
    store_page(feed, page(record(created_at=NOON - timedelta(days=3), charge=Decimal("0.02")), read_at=LATER))
    change = ChargeChange.objects.get()
    assert (change.old_log_created_at, change.old_charge, change.new_charge) == (NOON, Decimal("0.01"), Decimal("0.02"))


@pytest.mark.parametrize(("zone", "moves"), [("UTC", False), ("America/New_York", False), ("Asia/Tokyo", True)])
def test_a_log_moves_only_between_report_days(feed, settings, zone, moves):
    settings.REPORT_TIME_ZONE = ZoneInfo(zone)
    store_page(feed, page(record()))
    store_page(feed, page(record(created_at=NOON + timedelta(hours=4)), read_at=LATER))
    assert ChargeChange.objects.exists() == moves


@pytest.mark.parametrize(
    ("fields", "is_unfinished"),
    [
        ({"status": "in-progress"}, True),
        ({"status": "on-the-moon"}, True),
        ({"status": None}, True),
        ({"status": "completed"}, False),
        ({"status": None, "log_type": "fabric_subscriber_device_leg"}, False),
        ({"status": None, "ended_at": NOON}, False),
    ],
)
def test_unfinished_logs_are_read_again(feed, fields, is_unfinished):
    store_page(feed, page(record(**fields)))
    assert (stored().next_read_at is not None) == is_unfinished


def test_older_unfinished_logs_are_read_again_less_often(feed):
    store_page(feed, page(record("young", status="ringing")))
    store_page(feed, page(record("old", status="ringing", created_at=NOON - timedelta(days=100))))
    assert stored("young").next_read_at == NOON + timedelta(minutes=5)
    assert stored("old").next_read_at == NOON + timedelta(days=10)


def test_a_row_stored_by_another_worker_since_the_lookup_is_compared(feed):
    store_page(feed, page(record("a", charge=Decimal(1))))
    stale_lookup = page(record("a", charge=Decimal(2)), record("b"), read_at=LATER, stored={})
    result = store_page(feed, stale_lookup)
    assert (result.new, result.changed) == (1, 1)
    assert stored("a").charge == 2
    assert ChargeChange.objects.get().old_charge == 1
    assert stored("a").first_seen_at == NOON


def test_an_unchanged_row_is_counted_and_no_longer_set_aside(feed):
    store_page(feed, page(record("a"), bad_rows=[bad_row(log_id="a"), bad_row("[]", log_id="b")]))
    result = store_page(feed, page(record("c"), read_at=LATER, unchanged=("a",), stored={}))
    assert (result.rows, result.new, result.changed) == (2, 1, 0)
    assert QuarantinedRow.objects.get().log_id == "b"
