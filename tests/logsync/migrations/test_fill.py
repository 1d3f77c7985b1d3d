"""What an upgrade fills in for existing rows is what storing them today gives."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from logsync.models import ChargeChange, Log, PhoneNumber, PullUnit, QuarantinedRow, SearchText
from logsync.models.choices import UnitState
from logsync.storage.upsert import store_page
from tests.support.json_rows import page_of
from tests.support.migrations import migrate
from tests.support.records import NOON, make_feed, page, record

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = "0003_change_restated_index"
ADDED = "0004_search_keys_and_set_aside"
DAY = date(2026, 11, 20)
NUMBERS = [
    "+12065550142",
    "(206) 555-0142",
    "sip:12065550142@example.sip.signalwire.com",
    "tel:+1-206-555-0142",
    "011 1 206 555 0142",
    '"João" <+12065550142>',
    "JOA\u0303O",
    "+1\u2011206\u2011555\u20110142",
    "\u202a+12065550142\u202c",
    "+44 (0)20 7946 0018",
    "0044 20 7946 0018",
    "+266696687",
    "Anonymous",
    "sip:anonymous@anonymous.invalid",
    "Unavailable",
    " ",
    "201",
    "911",
    "72727",
    "sip:Alice@Example.com;transport=tls",
    "'\"\\%s",
    "ж" * 250,
    "",
    None,
]
TEXTS = ["Δοκιμαστικό", "δοκιμαστικο\u0301", "Straße", "100%", "Two\u00a0words", " ", "ж" * 250, "", None]
BAD_ROWS = [
    '{"id": "charge", "created_at": "2026-11-20T09:15:00Z", "charge": "much"}',
    '{"id": "time", "created_at": "noon", "charge": 0.43}',
    '{"id": "deleted", "created_at": "2026-11-20t09:15:00z", "discarded_at": "later", "charge": null}',
    '{"id": ["none"], "created_at": "2026-11-20T09:15:00.5Z", "charge": 0.0000004}',
    '{"id": "broken", "created_at": "2026-11-20T09:15:00Z", "charge": 1.25, "status": }',
    '{"created_at": "2026-11-20T09:15:00Z"}',
    "[1]",
]


@pytest.fixture
def upgrade(all_migrations_again):
    """Call it to take from the database all that came after BEFORE, and to upgrade it again.

    `change` gets the apps of the earlier database, to make rows what they were in it.
    """

    def again(change=lambda apps: None):
        change(migrate(BEFORE))
        migrate()

    return again


def rows_of(model, *names):
    return sorted(model.objects.values_list(*names), key=str)


def keys():
    return rows_of(PhoneNumber, "value", "key", "kind", "text"), rows_of(SearchText, "kind", "value", "text")


def set_aside():
    return rows_of(QuarantinedRow, "raw", "log_id", "reason", "created_at", "charge")


def test_numbers_rooms_and_charge_lines_have_the_keys_of_those_stored_today(upgrade):
    numbers = [*NUMBERS, *(f"+1206{number:07}" for number in range(1_001))]  # more than one batch
    logs = [record(f"number-{place}", from_number=number, to_number=None) for place, number in enumerate(numbers)]
    logs += [record(f"to-{place}", from_number=None, to_number=text) for place, text in enumerate(TEXTS)]
    logs += [record(f"room-{place}", room_name=text) for place, text in enumerate(TEXTS)]
    logs += [record(f"line-{place}", descriptions=text and f"\n{text}\nTax\n") for place, text in enumerate(TEXTS)]
    store_page(make_feed(), page(*logs))
    today = keys()
    assert len(today[0]) > 1_001
    upgrade()
    assert keys() == today


def test_what_can_be_read_of_rows_set_aside_is_read(upgrade):
    store_page(make_feed(), page_of(*BAD_ROWS))
    today = set_aside()
    assert len(today) == len(BAD_ROWS)
    upgrade(lambda apps: apps.get_model("logsync", "QuarantinedRow").objects.update(log_id="", reason="no"))
    assert set_aside() == today


def test_the_day_of_a_row_that_can_be_read_by_now_is_read_again(upgrade):
    feed, other = make_feed(), make_feed(medium="video")
    beside = [DAY + timedelta(days=offset) for offset in (-1, 0, 1)]
    days = [(feed, DAY - timedelta(days=2)), *((feed, day) for day in beside), (other, DAY)]
    done = {"state": UnitState.DONE, "read_at": NOON}
    PullUnit.objects.bulk_create(PullUnit(feed=feed, day=day, **done) for feed, day in days)
    raw = '{"id": 525, "created_at": "2026-11-20t09:15:00z", "charge": 0.43, "duration": 9.638}'
    (log,) = page_of(raw).records
    QuarantinedRow.objects.create(feed=feed, reason="duration", raw=raw, fingerprint=log.fingerprint, last_seen_at=NOON)
    upgrade()
    assert rows_of(QuarantinedRow, "log_id", "created_at", "charge") == [
        ("525", datetime(2026, 11, 20, 9, 15, tzinfo=UTC), Decimal("0.43"))
    ]
    due = PullUnit.objects.filter(state=UnitState.WAITING, read_at=None)
    assert list(due.order_by("day").values_list("feed", "day")) == [(feed.pk, day) for day in beside]
    store_page(feed, page_of(raw))
    assert not QuarantinedRow.objects.exists()


def test_of_a_log_that_was_set_aside_twice_the_latest_row_stays(upgrade):
    feed = make_feed()
    for number in range(2):
        row = f'{{"id": "a", "created_at": "2026-11-20T09:15:00Z", "charge": "much {number}"}}'
        seen = {"last_seen_at": NOON + timedelta(hours=number)}
        QuarantinedRow.objects.create(feed=feed, reason="no", raw=row, fingerprint=number, **seen)
    upgrade()
    [kept] = QuarantinedRow.objects.all()
    assert "much 1" in kept.raw


def test_bytes_that_are_not_utf_8_keep_their_reason(upgrade):
    reason = "the row holds bytes that are not UTF-8"
    row = r'{"id": "y", "created_at": "2026-11-20T09:15:00Z", "from": "\xff"}'
    QuarantinedRow.objects.create(feed=make_feed(), reason=reason, raw=row, fingerprint=1, last_seen_at=NOON)
    upgrade()
    assert rows_of(QuarantinedRow, "log_id", "reason") == [("y", reason)]


@pytest.mark.parametrize("parent_id", ["", "0"])
def test_blank_parents_are_none(upgrade, parent_id):
    store_page(make_feed(), page(record("a", parent_id="b")))
    upgrade(lambda apps: apps.get_model("logsync", "Log").objects.update(parent_id=parent_id))
    assert rows_of(Log, "parent_id") == [(None,)]


def test_first_prices_are_told_from_restated_charges(upgrade):
    feed, ended_at = make_feed(), NOON + timedelta(hours=2)
    cases = {
        "at once": (None, timedelta(0)),
        "the last moment": (None, timedelta(days=1)),
        "late": (None, timedelta(days=1, microseconds=1)),
        "free at first": (Decimal(0), timedelta(hours=1)),
        "another price": (Decimal(1), timedelta(hours=1)),
    }
    for log_id, (charge, after) in cases.items():
        for end, fields in (
            ("ended", {"ended_at": ended_at}),
            ("ended unknown", {}),
            ("running", {"status": "queued"}),
        ):
            before = record(f"{log_id}, {end}", charge=charge, **fields)
            store_page(feed, page(before))
            store_page(feed, page(record(before.id, charge=Decimal(2), **fields), read_at=ended_at + after))
    today = rows_of(ChargeChange, "log_id", "was_final", "is_first_price")
    assert {first for _, _, first in today} == {True, False}
    upgrade()
    assert rows_of(ChargeChange, "log_id", "was_final", "is_first_price") == today


def test_an_interrupted_upgrade_can_be_repeated(upgrade):
    store_page(make_feed(), page(record(room_name="Straße", descriptions="\nTax\n")))
    store_page(make_feed(), page_of(*BAD_ROWS))
    today = keys(), set_aside()
    upgrade()
    migrate(ADDED)
    PhoneNumber.objects.filter(value="+12065551212").update(key="", kind="", text="")
    SearchText.objects.filter(kind="room").delete()
    migrate()
    assert (keys(), set_aside()) == today
