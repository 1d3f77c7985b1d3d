"""A bad row is set aside with a plain reason and never loses its page; no unexpected exception is raised."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logsync.exceptions import RowError, UnreadableResponseError
from logsync.parsing.parser import fingerprint, parse_log
from logsync.parsing.wire import MAX_DEPTH
from logsync.signalwire.responses import parse_list
from logsync.simulator import sample
from tests.support.json_rows import as_json, page_of

NUMBER = "+12065551212"
GOOD = sample(id="good")
NINE_FIFTEEN = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)


def bad_row_of(row):
    """The bad row of a page whose two other rows are good."""
    page = page_of(sample(id="before"), row, sample(id="after"))
    assert [record.id for record in page.records] == ["before", "after"]
    (bad_row,) = page.bad_rows
    return bad_row


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": 7.5}, "id is a number with decimals, not text"),
        ({"id": True}, "id is true or false, not text"),
        ({"id": ""}, "id is empty"),
        ({"id": None}, "id is null, not text"),
        ({"id": "x" * 256}, "id is longer than 255 characters"),
        ({"id": "a\0b"}, "id holds a NUL character"),
        ({"created_at": None}, "created_at is null, not text"),
        ({"created_at": 1_763_600_000}, "created_at is a whole number, not text"),
        ({"created_at": "yesterday"}, "created_at is not a time"),
        ({"created_at": "2026-11-20"}, "created_at is not a time"),
        ({"created_at": "2026-11-20 UTC"}, "created_at is not a time"),
        ({"created_at": ""}, "created_at is not a time"),
        ({"created_at": "2026-02-30T00:00:00Z"}, "created_at is not a time"),
        ({"created_at": "2026-11-20T09:15:61Z"}, "created_at is not a time"),
        ({"created_at": "9999-12-31T23:59:60Z"}, "created_at is not a time"),
        ({"created_at": "0001-01-01T00:00:00+05:00"}, "created_at is not a time"),
        ({"created_at": "0001-01-01T00:00:00Z"}, "created_at lies outside the years 1970 to 2999"),
        ({"created_at": "9999-12-31T23:59:59Z"}, "created_at lies outside the years 1970 to 2999"),
        (
            {"charge": Decimal("10000000.000000001")},
            "charge: more than 10,000,000 dollars, which no single log can cost",
        ),
        ({"charge": Decimal("-1E+7") - 1}, "charge: more than 10,000,000 dollars, which no single log can cost"),
        ({"charge": True}, "charge is true or false, not an amount of money"),
        ({"charge": "a dollar"}, "charge is not an amount of money"),
        ({"charge": "NaN"}, "charge: NaN is not an amount of money"),
        ({"charge": "sNaN"}, "charge: sNaN is not an amount of money"),
        ({"charge": "-Infinity"}, "charge: -Infinity is not an amount of money"),
        ({"charge": Decimal("1E-10")}, "charge: 1E-10 has more than nine decimals"),
        (
            {"charge": Decimal("12345678901234567890.12")},
            "charge: 12345678901234567890.12 dollars is larger than can be stored",
        ),
        ({"charge": [], "duration": "long"}, "charge is a list, not an amount of money"),
        ({"charge": None, "discarded_at": "gone"}, "discarded_at is not a time"),
        ({"charge": None, "discarded_at": 5}, "discarded_at is a whole number, not text"),
    ],
)
def test_a_row_with_an_invalid_value_is_bad(changes, reason):
    assert bad_row_of(GOOD | changes).reason == reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("null", "the row is null, not an object"),
        ("[]", "the row is a list, not an object"),
        ('"a"', "the row is text, not an object"),
        ("7", "the row is a whole number, not an object"),
        ("{}", "id is missing"),
        ('{"id": "a"}', "created_at is missing"),
        ('{"created_at": "2026-11-20T09:15:00Z"}', "id is missing"),
    ],
)
def test_a_row_that_is_not_a_log_is_bad(row, reason):
    assert bad_row_of(row).reason == reason


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (b'"charge": NaN', "the row is not valid JSON"),
        (b'"charge": -Infinity', "the row is not valid JSON"),
        (b'"charge": 01', "the row is not valid JSON"),
        (b'"charge": 1.', "the row is not valid JSON"),
        (b'"charge": ', "the row is not valid JSON"),
        (b'"charge": "\\ud83d"', "charge is not valid JSON"),
        (b'"from": "\\ud83d", "charge": 01', "the row is not valid JSON"),
        (b'"from": "line\nfeed"', "the row is not valid JSON"),
        (b'"from": "nul\x00"', "the row is not valid JSON"),
        (b'"from": "\xff"', "the row holds bytes that are not UTF-8"),
        (b'"unknown": "\xed\xa0\x80"', "the row holds bytes that are not UTF-8"),
        (b'"\xfe": 1', "the row holds bytes that are not UTF-8"),
        (b'"unknown": ' + b"[" * 100_000 + b"]" * 100_000, "the row's lists and objects are nested too deeply"),
        (b'"unknown": ' + b'{"a":' * 600 + b"1" + b"}" * 600, "the row's lists and objects are nested too deeply"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else "",
)
def test_only_the_row_that_breaks_the_json_of_its_page_is_bad(inner, reason):
    bad_row = bad_row_of(b'{"id": "a", "created_at": "2026-11-20T09:15:00Z", ' + inner + b"}")
    assert bad_row.reason == reason
    assert bad_row.log_id == "a"
    assert "\x00" not in bad_row.raw
    assert bad_row.raw.encode()  # can be stored: no lone surrogates


def test_a_bad_row_keeps_its_text_and_fingerprint():
    row = as_json(GOOD | {"charge": "much"})
    bad_row = bad_row_of(row)
    assert bad_row.raw.encode() == row
    assert bad_row.fingerprint == fingerprint(row)
    assert bad_row.log_id == "good"


@pytest.mark.parametrize("row", ['{"id": 7.5}', '{"id": ""}', '{"id": "a\\u0000"}', '{"id": "\\ud800"}', "[]", '"id"'])
def test_an_invalid_id_is_not_kept(row):
    assert bad_row_of(row).log_id == ""


@pytest.mark.parametrize("field", ["id", "charge", "created_at"])
def test_a_reason_never_contains_the_value(field):
    for value in ({"number": NUMBER}, [NUMBER]):
        assert "2065551212" not in bad_row_of(GOOD | {field: value}).reason


@pytest.mark.parametrize(
    ("row", "created_at", "charge"),
    [
        (b'{"id": 5.5, "created_at": "2026-11-20T09:15:00Z", "charge": 0.43}', NINE_FIFTEEN, Decimal("0.43")),
        (b'{"id": "a", "created_at": "never", "charge": "0.43"}', None, Decimal("0.43")),
        (b'{"id": "a", "created_at": "2026-11-20T09:15:00Z", "charge": "much"}', NINE_FIFTEEN, None),
        (b'{"id": "a", "created_at": "2026-11-20T09:15:00Z", "charge": 0.43, "x": NaN}', NINE_FIFTEEN, Decimal("0.43")),
        (
            b'{"id": "a", "created_at": "2026-11-20T09:15:00Z", "charge": 0.43, "x": "\xff"}',
            NINE_FIFTEEN,
            Decimal("0.43"),
        ),
        (b'{"id": "a", "created_at": "2026-11-20T09:15:00Z", "charge": NaN}', NINE_FIFTEEN, None),
        (b"7", None, None),
    ],
    ids=lambda value: value[:50] if isinstance(value, bytes) else "",
)
def test_the_time_and_charge_of_a_bad_row_are_kept_where_they_can_be_read(row, created_at, charge):
    bad_row = bad_row_of(row)
    assert (bad_row.created_at, bad_row.charge) == (created_at, charge)


def test_many_charge_lines_are_not_deep_nesting():
    lines = [{"description": "Tax", "charge": 1}] * (MAX_DEPTH * 2)
    assert parse_log(as_json(GOOD | {"charge_details": lines})).itemised == MAX_DEPTH * 2


def test_an_escaped_nul_outside_the_columns_is_accepted():
    row = b'{"id":"a","created_at":"2026-11-20T09:15:00Z","url":"\\\\u0000","unknown":"\\u0000"}'
    record = parse_log(row)
    assert record.url == "\\u0000"
    assert record.raw.encode() == row


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"data"',
        b"{}",
        b'{"links": {}}',
        b'{"data": null, "links": {}}',
        b'{"data": {}, "links": {}}',
        b'{"data": "rows", "links": {}}',
        b'{"data": [NaN], "links": []}',
        b'{"data": {"a": NaN}, "links": {}}',
        b'{"data": [], "links": {"next": 5}}',
        b'{"data": [NaN], "links": {"next": "\xff"}}',
        b'{"data": [], "links": []}',
        b'{"data": [',
        b'{"data": [{"id": "a"',
        b'{"data": [{"id": "a',
        b'{"data": []',
        b'{"data": []}}',
        b'{"data": [{"id": "a"}], "links": {}, "data": []}',
        b'{"data": [{"id": "a"}], "links": {}, "data": [NaN]}',
        b'{"data": [], "links": {"next": "/a"}, "links": {}}',
        b'{"data": [], "links": {"next": "/a", "next": null}}',
        b'{"data": [}]',
        b'{"data": [][{"id": "a"}], "links": {}}',
        b"<html><body>503</body></html>",
        b"\x00\xff\xfe",
        b"{" * 100_000,
        b'{"data": ' + b"[" * 100_000,
    ],
    ids=lambda body: body[:30],
)
def test_a_response_that_is_not_a_list_is_unreadable(body):
    with pytest.raises(UnreadableResponseError):
        parse_list(body)


def test_links_that_are_null_or_missing_end_the_list():
    assert parse_list(b'{"data": []}').next_link is None
    assert parse_list(b'{"data": [], "links": null}').next_link is None
    assert parse_list(b'{"data": [], "links": {"next": null}}').next_link is None
    assert parse_list(b'{"data": [], "links": {"next": "/x", "novelty": 1}}').next_link == "/x"


def test_rows_may_have_the_keys_of_the_envelope():
    body = b'{"data": [{"data": 1, "data": 2, "links": {"next": "/x"}}], "links": {"next": "/y"}}'
    assert parse_list(body).next_link == "/y"


def test_a_split_page_keeps_its_rows_and_next_link():
    body = b' {"links": {"next": "/api?page_token=PA1"}, "data": [ {"id": "a, [}"} , NaN,{"x":"\\"]"} ] , "n": [1]} '
    listing = parse_list(body)
    assert listing.next_link == "/api?page_token=PA1"
    assert listing.rows == [b'{"id": "a, [}"}', b"NaN", b'{"x":"\\"]"}']


odd_texts = st.sampled_from(["NaN", "sNaN", "-Infinity", "1E+999999", "0.01", "2026-11-20T09:15:00Z", "\0"])
json_values = st.recursive(
    odd_texts
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
changed_rows = st.dictionaries(
    st.sampled_from([*GOOD, "started_at", "discarded_at", "locked"]), json_values, max_size=4
)


@given(changed_rows)
def test_any_json_in_any_key_gives_a_record_or_a_bad_row(changes):
    page = page_of(GOOD, GOOD | changes)
    assert len(page.records) + len(page.bad_rows) == 2


@given(st.binary(max_size=30), st.integers(0, len(as_json(GOOD))), st.integers(0, 20))
def test_any_damage_gives_rows_or_an_unreadable_response(junk, at, removed):
    row = as_json(GOOD)
    try:
        page = page_of(sample(id="before"), row[:at] + junk + row[at + removed :])
    except UnreadableResponseError:
        return
    assert len(page.records) + len(page.bad_rows) >= 1


@given(st.binary(max_size=200))
def test_random_bytes_raise_only_our_exceptions(body):
    with pytest.raises(UnreadableResponseError):
        parse_list(b"\x01" + body)
    try:
        parse_log(body)
    except RowError:
        return
