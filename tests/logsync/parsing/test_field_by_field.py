"""A row with a readable id, time and charge is stored; what could not be read of it is None and named."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from logsync.parsing.parser import parse_log
from logsync.simulator import sample
from logsync.simulator import tombstone as tombstone_row
from tests.support.json_rows import as_json, page_of

GOOD = sample(id="good", charge=Decimal("0.0025"))
COLUMNS = {"type": "log_type", "from": "from_number", "to": "to_number", "charge_details": "itemised"}
NINE_FIFTEEN = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("duration", 9.638),
        ("duration", "22"),
        ("duration", -5),
        ("duration", "00:08:10"),
        ("duration", {}),
        ("duration", 100_000_001),
        ("duration_ms", 2**63),
        ("duration_ms", "9638"),
        ("billing_ms", -1),
        ("billing_ms", -(2**63) - 1),
        ("parent_id", "x" * 256),
        ("parent_id", 7.5),
        ("status", "x" * 101),
        ("status", 3),
        ("type", ["laml_call"]),
        ("source", True),
        ("direction", {}),
        ("from", "+1206\0005551212"),
        ("to", {"number": "+12065551212"}),
        ("room_name", 5),
        ("url", False),
        ("locked", "no"),
        ("started_at", "later"),
        ("ended_at", "9999-12-31T23:59:59Z"),
        ("ended_at", 1_763_600_000),
        ("discarded_at", False),
        ("charge_details", {}),
        ("charge_details", [None]),
        ("charge_details", [{}, {"charge": []}]),
        ("charge_details", [{"description": 5}]),
        ("charge_details", [{"description": "T\0ax"}]),
        ("charge_details", [{"charge": Decimal("1E-10")}]),
        ("charge_details", [{"charge": Decimal("9E+9")}, {"charge": Decimal("9E+9")}]),
        ("charge_details", [{"charge": "NaN"}]),
        ("charge_details", [{"charge": "sNaN"}]),
        ("charge_details", [{"charge": "sNaN"}, {}]),
    ],
)
def test_one_unreadable_field_costs_only_itself(field, value):
    row = as_json(GOOD | {field: value})
    record, good = parse_log(row), parse_log(as_json(GOOD))
    assert record.unread_fields == field
    assert getattr(record, COLUMNS.get(field, field)) is None
    assert (record.id, record.created_at, record.charge) == (good.id, good.created_at, Decimal("0.0025"))
    assert record.raw.encode() == row
    kept = set(good.__struct_fields__) - {"raw", "fingerprint", "unread_fields", "seconds", "descriptions"}
    kept -= {COLUMNS.get(field, field)}
    assert {name: getattr(record, name) for name in kept} == {name: getattr(good, name) for name in kept}


@pytest.mark.parametrize(
    ("inner", "unread"),
    [
        (b'"room_name": "Party \\ud83d"', "room_name"),
        (b'"from": "\\ud83d"', "from"),
        (b'"unknown": "\\udc00\\ud800"', None),
    ],
)
def test_half_of_a_character_costs_only_its_field(inner, unread):
    row = b'{"id": "a", "created_at": "2026-11-20T09:15:00Z", "charge": 0.43, ' + inner + b"}"
    record = parse_log(row)
    assert (record.id, record.charge, record.unread_fields) == ("a", Decimal("0.43"), unread)
    assert record.raw.encode() == row


@pytest.mark.parametrize("field", ["from", "to"])
def test_a_phone_number_that_is_a_whole_number_is_its_digits(field):
    record = parse_log(as_json(GOOD | {field: 12065550142}))
    assert (getattr(record, f"{field}_number"), record.unread_fields) == ("12065550142", None)


def test_several_unreadable_fields_are_all_named():
    record = parse_log(as_json(GOOD | {"status": 1, "duration": "x", "charge_details": [None]}))
    assert record.unread_fields == "status,charge_details,duration"


def test_a_good_row_names_none():
    assert parse_log(as_json(GOOD)).unread_fields is None


def test_an_absent_charge_is_readable():
    record = parse_log(as_json(GOOD | {"charge": None, "duration": "x"}))
    assert (record.charge, record.unread_fields) == (None, "duration")


def test_the_length_comes_from_the_milliseconds_when_the_duration_cannot_be_read():
    assert parse_log(as_json(GOOD | {"duration": "00:08:10", "duration_ms": 490_250})).seconds == 490


def test_a_deleted_log_with_unreadable_lines_stays_a_deletion():
    row = tombstone_row("a", "2026-11-20T09:15:00Z", "2026-11-21T09:15:00Z")
    assert parse_log(as_json(row | {"charge_details": [None]})).is_tombstone


@pytest.mark.parametrize("number", [525, 7, 10**40])
def test_an_id_that_is_a_whole_number_is_its_digits(number):
    record = parse_log(as_json(GOOD | {"id": number, "parent_id": number}))
    assert (record.id, record.parent_id, record.unread_fields) == (str(number), str(number), None)


def test_an_id_that_is_a_number_is_kept_with_its_page():
    page = page_of(sample(id="before"), GOOD | {"id": 525}, sample(id="after"))
    assert [record.id for record in page.records] == ["before", "525", "after"]


@pytest.mark.parametrize("parent_id", ["", " ", "0", 0])
def test_a_blank_parent_id_or_0_is_no_parent(parent_id):
    record = parse_log(as_json(GOOD | {"parent_id": parent_id}))
    assert (record.parent_id, record.unread_fields) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20t09:15:00z",
        "2026-11-20 09:15:00Z",
        "2026-11-20 09:15:00z",
        "2026-11-20 09:15:00 UTC",
        " 2026-11-20T09:15:00Z ",
        "2026-11-20 09:15:00 +0000",
        "2026-11-20t10:15:00+01:00",
        "2026-11-20T09:15:00.000000000Z",
        "2026-11-20t09:15:00.000000000z",
        "2026-11-20T09:14:60Z",
        "2026-11-20T09:15",
    ],
)
@pytest.mark.parametrize("field", ["created_at", "started_at", "ended_at", "discarded_at"])
def test_a_time_in_any_usual_spelling_is_read(field, text):
    record = parse_log(as_json(GOOD | {field: text}))
    assert (getattr(record, field), record.unread_fields) == (NINE_FIFTEEN, None)


def test_an_end_before_the_start_gives_no_length():
    row = {"id": "a", "created_at": "2026-11-20T09:15:00Z"}
    times = {"started_at": "2026-11-20T09:15:00Z", "ended_at": "2026-11-20T09:14:00Z"}
    record = parse_log(as_json(row | times))
    assert (record.seconds, record.unread_fields) == (None, None)


def test_a_start_at_the_epoch_gives_no_length():
    times = {"started_at": "1970-01-01T00:00:00Z", "ended_at": "2026-11-20T09:14:00Z"}
    record = parse_log(as_json({"id": "a", "created_at": "2026-11-20T09:15:00Z"} | times))
    assert (record.seconds, record.unread_fields) == (None, None)
