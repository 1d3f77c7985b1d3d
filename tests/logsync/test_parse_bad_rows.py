"""One bad row never loses its page: it is set aside with a plain reason, and nothing raises what is not ours."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logsync.answers import read_listing
from logsync.exceptions import AnswerUnreadableError, RowError
from logsync.parse import MAX_DEPTH, fingerprint, parse_log
from logsync.simulator import sample
from tests.logsync.reading import as_json, page_of

NUMBER = "+12065551212"
GOOD = sample(id="good")


def refused(row):
    """The reason for which a row is set aside, between two others that are read."""
    page = page_of(sample(id="before"), row, sample(id="after"))
    assert [record.id for record in page.records] == ["before", "after"]
    (bad_row,) = page.bad_rows
    return bad_row


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": 7}, "id is a whole number, not text"),
        ({"id": ""}, "id is empty"),
        ({"id": None}, "id is null, not text"),
        ({"id": "x" * 256}, "id is longer than 255 characters"),
        ({"parent_id": "x" * 256}, "parent_id is longer than 255 characters"),
        ({"status": "x" * 101}, "status is longer than 100 characters"),
        ({"created_at": None}, "created_at is null, not text"),
        ({"created_at": 1_763_600_000}, "created_at is a whole number, not text"),
        ({"created_at": "yesterday"}, "created_at is not a time"),
        ({"created_at": "2026-11-20"}, "created_at is not a time"),
        ({"created_at": ""}, "created_at is not a time"),
        ({"created_at": "2026-02-30T00:00:00Z"}, "created_at is not a time"),
        ({"created_at": "0001-01-01T00:00:00+05:00"}, "created_at is not a time"),
        ({"created_at": "0001-01-01T00:00:00Z"}, "created_at lies outside the years 1970 to 2999"),
        ({"created_at": "9999-12-31T23:59:59Z"}, "created_at lies outside the years 1970 to 2999"),
        ({"ended_at": "9999-12-31T23:59:59Z"}, "ended_at lies outside the years 1970 to 2999"),
        ({"started_at": "later"}, "started_at is not a time"),
        ({"discarded_at": False}, "discarded_at is true or false, not text"),
        ({"from": 12065551212}, "from is a whole number, not text"),
        ({"to": {"number": NUMBER}}, "to is an object, not text"),
        ({"type": ["laml_call"]}, "type is a list, not text"),
        ({"locked": "no"}, "locked is text, not true or false"),
        ({"duration": 9.5}, "duration is a number with decimals, not a whole number"),
        ({"duration": "9"}, "duration is text, not a whole number"),
        ({"duration": 100_000_001}, "duration is longer than any call"),
        ({"duration_ms": 2**63}, "duration_ms is longer than any call"),
        ({"billing_ms": -(2**63) - 1}, "billing_ms is longer than any call"),
        (
            {"charge": Decimal("10000000.000000001")},
            "charge: more than 10,000,000 dollars, which no single log can cost",
        ),
        ({"charge": Decimal("-1E+7") - 1}, "charge: more than 10,000,000 dollars, which no single log can cost"),
        ({"charge": True}, "charge is true or false, not an amount of money"),
        ({"charge": "a dollar"}, "charge is not an amount of money"),
        ({"charge": "NaN"}, "charge: NaN is not an amount of money"),
        ({"charge": "-Infinity"}, "charge: -Infinity is not an amount of money"),
        ({"charge": Decimal("1E-10")}, "charge: 1E-10 has more than nine decimals"),
        (
            {"charge": Decimal("12345678901234567890.12")},
            "charge: 12345678901234567890.12 dollars is larger than can be stored",
        ),
        ({"charge_details": {}}, "charge_details is an object, not a list"),
        ({"charge_details": [None]}, "charge_details[0] is null, not an object"),
        ({"charge_details": [{}, {"charge": []}]}, "charge_details[1].charge is a list, not an amount of money"),
        ({"charge_details": [{"description": 5}]}, "charge_details[0].description is a whole number, not text"),
        (
            {"charge_details": [{"charge": Decimal("1E-10")}]},
            "charge_details: 1E-10 has more than nine decimals",
        ),
        (
            {"charge_details": [{"charge": Decimal("9E+9")}, {"charge": Decimal("9E+9")}]},
            "charge_details: 18000000000 dollars is larger than can be stored",
        ),
        ({"charge_details": [{"charge": "NaN"}]}, "charge_details: NaN is not an amount of money"),
        ({"charge_details": [{"charge": "sNaN"}]}, "charge_details: not an amount of money"),
        ({"charge_details": [{"charge": "sNaN"}, {}]}, "charge_details: the sum cannot be stored exactly"),
        ({"charge": "sNaN"}, "charge: sNaN is not an amount of money"),
        ({"from": "+1206\0005551212"}, "from holds a NUL character"),
        ({"id": "a\0b"}, "id holds a NUL character"),
        ({"charge_details": [{"description": "T\0ax"}]}, "charge_details holds a NUL character"),
    ],
)
def test_a_row_with_a_wrong_value_is_set_aside(changes, reason):
    assert refused(GOOD | changes).reason == reason


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
def test_a_row_that_is_no_log_is_set_aside(row, reason):
    assert refused(row).reason == reason


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (b'"charge": NaN', "the row is not valid JSON"),
        (b'"charge": -Infinity', "the row is not valid JSON"),
        (b'"charge": 01', "the row is not valid JSON"),
        (b'"charge": 1.', "the row is not valid JSON"),
        (b'"charge": ', "the row is not valid JSON"),
        (b'"from": "\\ud83d"', "the row is not valid JSON"),
        (b'"unknown": "\\udc00\\ud800"', "the row is not valid JSON"),
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
def test_a_row_that_breaks_the_json_of_its_page_is_set_aside_alone(inner, reason):
    bad_row = refused(b'{"id": "a", "created_at": "2026-11-20T09:15:00Z", ' + inner + b"}")
    assert bad_row.reason == reason
    assert bad_row.log_id == "a"
    assert "\x00" not in bad_row.raw
    assert bad_row.raw.encode()  # can be stored: no half surrogates


def test_a_row_set_aside_keeps_its_text_and_is_known_by_its_bytes():
    row = as_json(GOOD | {"duration": "long"})
    bad_row = refused(row)
    assert bad_row.raw.encode() == row
    assert bad_row.fingerprint == fingerprint(row)
    assert bad_row.log_id == "good"


@pytest.mark.parametrize("row", ['{"id": 7}', '{"id": ""}', '{"id": "a\\u0000"}', '{"id": "\\ud800"}', "[]", '"id"'])
def test_an_id_that_no_log_can_have_is_not_kept(row):
    assert refused(row).log_id == ""


@pytest.mark.parametrize("field", ["charge", "duration", "status", "created_at", "charge_details", "locked"])
def test_a_reason_never_shows_the_value(field):
    for value in ({"number": NUMBER}, [NUMBER]):
        assert "2065551212" not in refused(GOOD | {field: value}).reason


def test_many_charge_lines_are_not_deep_nesting():
    lines = [{"description": "Tax", "charge": 1}] * (MAX_DEPTH * 2)
    assert parse_log(as_json(GOOD | {"charge_details": lines})).itemised == MAX_DEPTH * 2


def test_escaped_nul_in_a_key_of_no_column_does_no_harm():
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
        b"<html><body>503</body></html>",
        b"\x00\xff\xfe",
        b"{" * 100_000,
        b'{"data": ' + b"[" * 100_000,
    ],
    ids=lambda body: body[:30],
)
def test_an_answer_that_is_no_list_of_logs_is_unreadable(body):
    with pytest.raises(AnswerUnreadableError):
        read_listing(body)


def test_links_that_are_null_or_missing_end_the_list():
    assert read_listing(b'{"data": []}').next_link is None
    assert read_listing(b'{"data": [], "links": null}').next_link is None
    assert read_listing(b'{"data": [], "links": {"next": null}}').next_link is None
    assert read_listing(b'{"data": [], "links": {"next": "/x", "novelty": 1}}').next_link == "/x"


def test_rows_may_have_the_keys_of_a_list():
    body = b'{"data": [{"data": 1, "data": 2, "links": {"next": "/x"}}], "links": {"next": "/y"}}'
    assert read_listing(body).next_link == "/y"


def test_a_page_taken_apart_still_has_its_next_link_and_its_rows():
    body = b' {"links": {"next": "/api?page_token=PA1"}, "data": [ {"id": "a, [}"} , NaN,{"x":"\\"]"} ] , "n": [1]} '
    listing = read_listing(body)
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
def test_any_json_in_any_key_is_read_or_set_aside(changes):
    page = page_of(GOOD, GOOD | changes)
    assert len(page.records) + len(page.bad_rows) == 2


@given(st.binary(max_size=30), st.integers(0, len(as_json(GOOD))), st.integers(0, 20))
def test_any_damage_is_a_row_read_a_row_set_aside_or_an_unreadable_answer(junk, at, removed):
    row = as_json(GOOD)
    try:
        page = page_of(sample(id="before"), row[:at] + junk + row[at + removed :])
    except AnswerUnreadableError:
        return
    assert len(page.records) + len(page.bad_rows) >= 1


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_of_another_kind(body):
    with pytest.raises(AnswerUnreadableError):
        read_listing(b"\x01" + body)
    try:
        parse_log(body)
    except RowError:
        return
