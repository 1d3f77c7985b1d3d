"""Whatever SignalWire answers, the parser ends in records, in rows set aside, or in an error of ours."""

import json
from contextlib import suppress
from decimal import Decimal

import httpx
from hypothesis import given
from hypothesis import strategies as st

from logsync.answers import read_events, read_listing, read_log, read_refusal
from logsync.exceptions import AnswerUnreadableError, RowError, UnsafeLinkError
from logsync.paging import next_url
from logsync.parse import fingerprint, parse_log, parse_page
from logsync.records import RawPage
from tests.fuzz.rows import answer, damaged, documented, hostile, patient, spoilt, spoilt_rows
from tests.logsync.reading import READ_AT, as_json

HERE = httpx.URL("https://example.signalwire.com/api/voice/logs?page_size=1000")


def read(body):
    rows = [bytes(row) for row in read_listing(body).rows]
    return rows, parse_page(RawPage(body, rows, READ_AT))


def members(text):
    """Python's own reading of a row."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def is_storable(record):
    texts = (record.id, record.from_number, record.to_number, record.room_name, record.url, record.descriptions)
    return all("\0" not in (text or "") for text in texts)


@patient
@given(st.lists(documented, max_size=5))
def test_every_documented_row_is_read_exactly(logs):
    rows, page = read(answer([as_json(log) for log in logs]))
    assert page.bad_rows == ()
    for log, row, record in zip(logs, rows, page.records, strict=True):
        assert record.raw.encode() == row
        assert record.charge == log.get("charge")
        assert record.itemised == (sum(line["charge"] for line in log["charge_details"]) if "charge" in log else None)
        assert record.is_tombstone == ("discarded_at" in log)
        for field, key in {"log_type": "type", "from_number": "from", "to_number": "to", "status": "status"}.items():
            assert getattr(record, field) == log.get(key)


@patient
@given(spoilt_rows())
def test_every_spoilt_row_is_read_or_set_aside(sent):
    rows, page = read(answer(sent))
    assert rows == [row.strip() for row in sent]
    assert sorted(fingerprint(row) for row in rows) == sorted(
        kept.fingerprint for kept in [*page.records, *page.bad_rows]
    )
    for record in page.records:
        assert record.raw.encode() in rows
        charge = members(record.raw).get("charge")
        assert record.charge == (None if charge is None else Decimal(charge))
        assert is_storable(record)
    for bad_row in page.bad_rows:
        assert 0 < len(bad_row.reason) < 200
        assert b"\0" not in bad_row.raw.encode()  # which also refuses half surrogates


@patient
@given(damaged(spoilt_rows().map(answer)))
def test_a_damaged_answer_is_unreadable_or_each_of_its_rows_is_accounted_for(body):
    try:
        rows, page = read(body)
    except AnswerUnreadableError:
        return
    assert len(rows) == len(page.records) + len(page.bad_rows)
    assert all(row in body for row in rows)


@patient
@given(damaged(spoilt()) | hostile)
def test_a_damaged_log_is_read_or_refused_in_our_words(body):
    for read_one, refusals in ((read_log, AnswerUnreadableError), (parse_log, RowError)):
        with suppress(refusals):
            read_one(body)


@patient
@given(damaged(spoilt()) | hostile.map(lambda value: b'{"data": [' + value + b'], "errors": ' + value + b"}"))
def test_damaged_events_and_refusals_raise_nothing_of_another_kind(body):
    read_refusal(body)
    with suppress(AnswerUnreadableError):
        read_events(body)


@patient
@given(st.text(max_size=40) | st.text("/:?#@[]%.\\\0 0a", max_size=12).map(lambda text: "https://example" + text))
def test_a_next_link_stays_in_the_space_or_is_refused(link):
    try:
        url = next_url(link, HERE, {str(HERE)}, 10)
    except UnsafeLinkError:
        return
    assert (url.scheme, url.host, url.port, url.userinfo) == ("https", HERE.host, None, b"")
