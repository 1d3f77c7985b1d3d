"""Parsing of every documented type of log and of every field."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from logsync.exceptions import RowError
from logsync.parsing.parser import fingerprint, parse_log, parse_page
from logsync.signalwire.client import Credentials, SignalWireClient
from logsync.simulator import Clock, Space, sample, serving, tombstone
from tests.support.json_rows import READ_AT, as_json, page_of

CALLS = ["laml_call", "relay_pstn_call", "relay_sip_call", "relay_webrtc_call"]
ROOM_LEGS = ["video_room_pstn_leg", "video_room_sip_leg"]
SESSIONS = ["video_room_session", "video_conference_session"]


def record_of(row):
    return parse_log(row if isinstance(row, bytes) else as_json(row))


def test_every_key_of_a_call_is_parsed():
    row = {
        "id": "6b0a9c0e-1111-4222-8333-444455556666",
        "from": "+12065551212",
        "to": "sip:user@space-app.dapp.signalwire.com",
        "source": "realtime_api",
        "charge": Decimal("0.0198"),
        "charge_details": [
            {"description": "Outbound Voice", "charge": Decimal("0.0132")},
            {"description": "Tax", "charge": Decimal("0.0005")},
        ],
        "created_at": "2026-11-20T09:15:00.125Z",
        "type": "relay_sip_call",
        "url": "https://example.signalwire.com/x",
        "direction": "outbound-dial",
        "status": "ended",
        "duration": 61,
        "duration_ms": 60_500,
        "billing_ms": 120_000,
        "parent_id": "7c0a9c0e-1111-4222-8333-444455556666",
    }
    record = record_of(row)
    assert record.id == "6b0a9c0e-1111-4222-8333-444455556666"
    assert record.from_number == "+12065551212"
    assert record.to_number == "sip:user@space-app.dapp.signalwire.com"
    assert record.source == "realtime_api"
    assert record.charge == Decimal("0.0198")
    assert record.itemised == Decimal("0.0137")
    assert record.descriptions == "\nOutbound Voice\nTax\n"
    assert record.created_at == datetime(2026, 11, 20, 9, 15, 0, 125_000, tzinfo=UTC)
    assert record.log_type == "relay_sip_call"
    assert record.url == "https://example.signalwire.com/x"
    assert record.direction == "outbound-dial"
    assert record.status == "ended"
    assert (record.duration, record.duration_ms, record.billing_ms, record.seconds) == (61, 60_500, 120_000, 61)
    assert record.parent_id == "7c0a9c0e-1111-4222-8333-444455556666"
    assert record.raw.encode() == as_json(row)
    assert record.fingerprint == fingerprint(as_json(row))
    assert not record.is_tombstone
    video_only = (record.room_name, record.locked, record.started_at, record.ended_at, record.discarded_at)
    assert video_only == (None,) * 5


def test_every_key_of_a_session_is_parsed():
    record = record_of(
        {
            "id": "c22d24f6-5a47-4597-9a23-c7d01e696b92",
            "source": "realtime_api",
            "type": "video_conference_session",
            "url": "https://example.signalwire.com/api/video/room_sessions/a1",
            "room_name": "my_room",
            "status": "completed",
            "locked": False,
            "started_at": "2022-01-01T10:00:03Z",
            "ended_at": "2022-01-01T11:00:00Z",
            "charge": Decimal("0.01"),
            "created_at": "2022-01-01T10:00:00Z",
            "charge_details": [{"description": "Video conference session charge", "charge": Decimal("0.005")}],
        }
    )
    assert (record.room_name, record.locked) == ("my_room", False)
    assert record.started_at == datetime(2022, 1, 1, 10, 0, 3, tzinfo=UTC)
    assert record.ended_at == datetime(2022, 1, 1, 11, tzinfo=UTC)
    assert record.seconds == 3597
    assert (record.charge, record.itemised) == (Decimal("0.01"), Decimal("0.005"))
    assert (record.direction, record.from_number, record.duration) == (None, None, None)


@pytest.mark.parametrize("log_type", [*CALLS, *ROOM_LEGS, "dialogflow_call", "fabric_subscriber_device_leg", *SESSIONS])
def test_every_type_of_log_is_parsed(log_type):
    row = sample(log_type)
    record = record_of(row)
    assert record.log_type == log_type
    assert record.charge == row["charge"]
    assert record.url == row["url"]
    assert record.status == row["status"]
    assert record.direction == row.get("direction")
    assert record.duration == row.get("duration")
    assert record.duration_ms == row.get("duration_ms")
    assert record.billing_ms == row.get("billing_ms")
    assert record.parent_id == row.get("parent_id")
    assert record.room_name == row.get("room_name")


@pytest.mark.parametrize("log_type", [*CALLS, *ROOM_LEGS, "dialogflow_call", "fabric_subscriber_device_leg", *SESSIONS])
def test_any_optional_key_may_be_null(log_type):
    row = dict.fromkeys(sample(log_type)) | {"id": "a", "created_at": "2026-11-20T09:15:00Z"}
    record = record_of(row)
    assert (record.charge, record.itemised, record.descriptions, record.seconds, record.log_type) == (None,) * 5
    assert not record.is_tombstone


def test_a_tombstone_has_only_its_id_and_two_times():
    record = record_of(tombstone("a", "2026-11-20T09:15:00Z", "2026-11-21T10:00:00Z"))
    assert record.is_tombstone
    assert record.created_at == datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
    assert record.discarded_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert record.charge is None


def test_a_deleted_log_without_a_charge_is_a_tombstone():
    row = {"id": "a", "created_at": "2026-11-20T09:15:00Z", "discarded_at": "2026-11-21T10:00:00Z"}
    assert record_of(row | {"type": "laml_call", "charge": None, "status": "completed"}).is_tombstone


def test_a_deleted_log_with_a_charge_is_not_a_tombstone():
    record = record_of(sample(discarded_at="2026-11-21T10:00:00Z"))
    assert not record.is_tombstone
    assert record.charge == Decimal("0.0066")


def test_unknown_values_and_keys_are_kept():
    row = sample("agora_call", status="vaporised", direction="sideways", source="quantum", audio_in_mos=4.1, novelty={})
    record = record_of(row)
    assert (record.log_type, record.status, record.direction, record.source) == (
        "agora_call",
        "vaporised",
        "sideways",
        "quantum",
    )
    assert '"audio_in_mos":4.1' in record.raw


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0"),
        ("0.0000004", "0.0000004"),
        ("1e-7", "0.0000001"),
        ("1234567.891234", "1234567.891234"),
        ("-0.0025", "-0.0025"),
        ('"0.01"', "0.01"),
        ("0.562572", "0.562572"),
        ("0.1000000000000000000000000", "0.1"),
        ("9999999.999999999", "9999999.999999999"),
        ("7", "7"),
    ],
)
def test_charges_are_exact(text, expected):
    lines = f'[{{"description": "Tax", "charge": {text}}}]'
    row = f'{{"id": "a", "created_at": "2026-11-20T09:15:00Z", "charge": {text}, "charge_details": {lines}}}'
    record = record_of(row.encode())
    assert record.charge == Decimal(expected)
    assert record.itemised == Decimal(expected)


def test_itemised_sums_the_lines_that_have_a_charge():
    def itemised(lines):
        return record_of(sample(charge_details=lines)).itemised

    assert itemised(None) is None
    assert itemised([]) == 0
    assert itemised([{"description": "Tax", "charge": None}]) == 0
    same = {"description": "Tax", "charge": Decimal("0.0000001")}
    assert itemised([same, same, {"description": "Free"}, {"charge": Decimal("-0.5")}]) == Decimal("-0.4999998")
    assert record_of({"id": "a", "created_at": "2026-11-20T09:15:00Z"}).itemised is None


def test_descriptions_are_the_texts_of_the_lines():
    def descriptions(lines):
        return record_of(sample(charge_details=lines)).descriptions

    assert descriptions(None) is None
    assert descriptions([]) is None
    assert descriptions([{"description": None, "charge": 1}, {"description": ""}, {}]) is None
    assert descriptions([{"description": "Tax"}, {"charge": 1}, {"description": "Tax"}]) == "\nTax\nTax\n"


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"duration": 9, "duration_ms": 65_999, "started_at": None, "ended_at": None}, 9),
        ({"duration": 0, "duration_ms": 900}, 0),
        ({"duration": None, "duration_ms": 65_999}, 65),
        ({"duration": None, "duration_ms": None}, None),
        ({"started_at": "2026-11-20T10:00:00.500Z", "ended_at": "2026-11-20T10:01:05.499Z"}, 64),
        ({"started_at": "2026-11-20T10:00:00Z", "ended_at": None}, None),
        ({"started_at": None, "ended_at": "2026-11-20T10:00:00Z"}, None),
        ({"started_at": "2026-11-20T10:00:01Z", "ended_at": "2026-11-20T10:00:00Z"}, None),
        ({}, None),
    ],
)
def test_seconds_come_from_the_first_known_duration(fields, seconds):
    assert record_of({"id": "a", "created_at": "2026-11-20T09:15:00Z"} | fields).seconds == seconds


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T09:15:00Z",
        "2026-11-20T09:15:00.000Z",
        "2026-11-20T09:15:00.000000000Z",
        "2026-11-20T09:15:00+00:00",
        "2026-11-20T09:15:00",
        "2026-11-20 09:15:00",
        "2026-11-20T04:15:00-05:00",
        "2026-11-20T15:00:00+0545",
        "20261120T091500Z",
    ],
)
def test_times_are_converted_to_utc(text):
    created_at = record_of({"id": "a", "created_at": text}).created_at
    assert created_at == datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
    assert created_at.tzinfo is UTC


def test_microseconds_are_kept():
    assert record_of({"id": "a", "created_at": "2026-11-20T09:15:00.123456Z"}).created_at.microsecond == 123_456


def test_numbers_are_free_text_of_any_length():
    record = record_of(sample(**{"from": "9" * 400, "to": "freeswitch"}))
    assert (record.from_number, record.to_number) == ("9" * 400, "freeswitch")
    record = record_of(sample(**{"from": "\u202e+1206\u200f5551212 <script>", "to": "x" * 10_000}))
    assert record.from_number == "\u202e+1206\u200f5551212 <script>"
    assert len(record.to_number) == 10_000


def test_the_last_of_two_equal_keys_counts_and_raw_keeps_both():
    raw = b'{"id":"a","created_at":"2026-11-20T09:15:00Z","charge":1,"charge":2}'
    record = record_of(raw)
    assert record.charge == 2
    assert record.raw.encode() == raw


def test_raw_is_the_row_byte_for_byte():
    raw = b'{ "id":"a" ,\t"created_at":"2026-11-20T09:15:00Z", "charge":0.10, "caf\xc3\xa9":"\\u00e9\\/" }'
    (record,) = page_of(raw).records
    assert record.raw.encode() == raw


def test_fingerprints_are_equal_for_equal_bytes_only():
    first, second = as_json(sample(id="a")), as_json(sample(id="b"))
    assert fingerprint(first) == fingerprint(bytes(first)) != fingerprint(second)
    assert -(2**63) <= fingerprint(first) < 2**63
    # Stored fingerprints must stay valid in every later version of Tollbook.
    assert fingerprint(b"{}") == 137_279_666_008_780_115


def test_a_page_keeps_the_order_of_its_rows_and_its_time():
    page = page_of(sample(id="c"), sample(id="a"), sample(id="b"))
    assert [record.id for record in page.records] == ["c", "a", "b"]
    assert page.read_at == READ_AT
    assert page.bad_rows == ()


def test_a_bad_log_by_id_raises_row_error():
    with pytest.raises(RowError, match="created_at is missing") as raised:
        parse_log(b'{"id": "a"}')
    assert raised.value.log_id == "a"


def test_simulated_traffic_is_parsed_completely():
    space = Space(
        seed=3,
        now=Clock(datetime(2026, 3, 10, 12, tzinfo=UTC)),
        logs_per_day=150,
        days=20,
        audio_keys=True,
        novelties=0.05,
    )
    with serving(space) as url:
        client = SignalWireClient(Credentials(url, *space.credentials))
        for medium in ("voice", "video"):
            pages = [parse_page(page) for page in client.iter_pages(medium)]
            assert not any(page.bad_rows for page in pages)
            rows = space.rows(medium)
            assert sorted(record.id for page in pages for record in page.records) == sorted(row["id"] for row in rows)
