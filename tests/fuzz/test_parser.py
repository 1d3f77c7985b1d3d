"""Whatever SignalWire sends, the parser returns records and bad rows, or raises one of our errors."""

import json
from contextlib import suppress
from decimal import Decimal, InvalidOperation

import httpx
from hypothesis import given
from hypothesis import strategies as st

from logsync.exceptions import RowError, UnreadableResponseError, UnsafeLinkError
from logsync.parsing.parser import fingerprint, parse_log, parse_page
from logsync.parsing.records import RawPage
from logsync.signalwire.pagination import next_url
from logsync.signalwire.responses import parse_error, parse_events, parse_list, parse_log_body
from tests.fuzz.rows import answer, damaged, documented, hostile, malformed, malformed_rows, patient
from tests.support.json_rows import READ_AT, as_json

HERE = httpx.URL("https://example.signalwire.com/api/voice/logs?page_size=1000")


def read(body):
    rows = [bytes(row) for row in parse_list(body).rows]
    return rows, parse_page(RawPage(body, rows, READ_AT))


def members(text):
    """A row as Python's json module reads it."""
    return json.loads(text, parse_float=number, parse_int=number)


def number(text):
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of more than 18 digits
        return text


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
@given(malformed_rows())
def test_every_malformed_row_is_read_or_reported_as_bad(sent):
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
        assert b"\0" not in bad_row.raw.encode()  # encode() also refuses lone surrogates


@patient
@given(damaged(malformed_rows().map(answer)))
def test_a_damaged_response_is_unreadable_or_loses_no_row(body):
    try:
        rows, page = read(body)
    except UnreadableResponseError:
        return
    assert len(rows) == len(page.records) + len(page.bad_rows)
    assert all(row in body for row in rows)


@patient
@given(damaged(malformed()) | hostile)
def test_a_damaged_log_is_read_or_raises_our_error(body):
    for parse, error in ((parse_log_body, UnreadableResponseError), (parse_log, RowError)):
        with suppress(error):
            parse(body)


@patient
@given(damaged(malformed()) | hostile.map(lambda value: b'{"data": [' + value + b'], "errors": ' + value + b"}"))
def test_damaged_events_and_errors_raise_no_other_error(body):
    parse_error(body)
    with suppress(UnreadableResponseError):
        parse_events(body)


@patient
@given(st.text(max_size=40) | st.text("/:?#@[]%.\\\0 0a", max_size=12).map(lambda text: "https://example" + text))
def test_a_next_link_stays_in_the_space_or_is_refused(link):
    try:
        url = next_url(link, HERE, {str(HERE)}, 10)
    except UnsafeLinkError:
        return
    assert (url.scheme, url.host, url.port, url.userinfo) == ("https", HERE.host, None, b"")
