"""Both databases can store whatever the parser accepts, up to the limits of every field."""

from random import Random

import pytest

from logsync.days import day_of
from logsync.models import Log, QuarantinedRow
from logsync.parsing.wire import MAX_DEPTH, MAX_ID_LENGTH, MAX_WORD_LENGTH
from logsync.rollups.rebuild import rebuild_day
from logsync.simulator import sample
from logsync.storage.upsert import store_page
from tests.support.json_rows import as_json, page_of
from tests.support.records import make_feed

pytestmark = pytest.mark.django_db


def wide_text(length):
    """Incompressible text of four-byte characters."""
    random = Random(length)
    return "".join(chr(random.randrange(0x1F000, 0x2F000)) for _ in range(length))


def store_and_rebuild(page, settings):
    feed = make_feed()
    store_page(feed, page)
    for record in page.records:
        rebuild_day(feed.project_id, day_of(record.created_at, settings.REPORT_TIME_ZONE))


def test_the_longest_texts_are_stored(settings):
    words = dict.fromkeys(("type", "source", "direction", "status"), wide_text(MAX_WORD_LENGTH))
    texts = dict.fromkeys(("from", "to", "url", "room_name"), wide_text(10_000))
    ids = {"id": wide_text(MAX_ID_LENGTH), "parent_id": wide_text(MAX_ID_LENGTH - 1)}
    store_and_rebuild(page_of(sample(**words, **texts, **ids)), settings)
    log = Log.objects.get()
    assert log.from_number == wide_text(10_000)
    assert log.id == wide_text(MAX_ID_LENGTH)


@pytest.mark.parametrize(
    "inner",
    [
        '"unknown": "\\u0000"',
        '"unknown": 1e400',
        '"unknown": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1),
        '"unknown": ' + "9" * 5000,
        '"charge": 1, "charge": 2',
        '"\\u0000": 1',
        '"duration": 100000000, "duration_ms": -100000000000',
    ],
    ids=lambda inner: inner[:20],
)
def test_unusual_json_is_stored_byte_for_byte(inner, settings):
    row = f'{{"id": "a", "created_at": "2026-11-20T09:15:00Z", {inner}}}'
    store_and_rebuild(page_of(row), settings)
    assert Log.objects.get().raw == row


@pytest.mark.parametrize("created_at", ["1970-01-01T00:00:00Z", "2999-12-31T23:59:59.999999Z"])
def test_the_first_and_last_instant_are_stored(created_at, settings):
    store_and_rebuild(page_of(sample(created_at=created_at)), settings)
    assert Log.objects.count() == 1


@pytest.mark.parametrize(
    "row",
    [
        b'{"id": "a", "from": "\x00\xff"}',
        b'{"id": "\\ud800"}',
        b"NaN",
        as_json({"id": "x" * 9000}),
        as_json(sample(id="a\0b")),
    ],
)
def test_bad_rows_are_quarantined_beside_good_ones(row, settings):
    store_and_rebuild(page_of(row, sample()), settings)
    assert Log.objects.count() == 1
    assert QuarantinedRow.objects.count() == 1
