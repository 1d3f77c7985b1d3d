"""Files for spreadsheets and scripts: the same rows and figures as the pages, and nothing that a spreadsheet obeys."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from openpyxl import load_workbook

from dashboard import exports, queries
from dashboard.exports import Table, csv_chunks, iso, spreadsheet_safe
from dashboard.spreadsheets import xlsx_file
from tests.dashboard.stored import NOON, NOW, asked, mixture, record, store


def read_csv(text):
    return list(csv.DictReader(StringIO(text)))


def sheet_of(table):
    with xlsx_file(table, "Logs") as file:
        return load_workbook(file).active


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'\t'=1+1"),
        ("\r=1+1", "'\r'=1+1"),
        ("\n=1+1", "'\n'=1+1"),
        (" =1+1", "' =1+1"),
        ("\ufeff\u200b=1+1", "'\ufeff\u200b=1+1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\t@SUM(A1)\n -2", "a\t'@SUM(A1)\n' -2"),
        ("sip:alice@example.com;transport=tcp", "sip:alice@example.com;transport=tcp"),
        ("＝1+1", "'＝1+1"),
        ("+12065551212", "+12065551212"),
        ("+12065551212*2", "'+12065551212*2"),
        ("+1206\n", "'+1206\n"),
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("", ""),
    ],
)
def test_a_formula_is_neutralised_and_a_phone_number_is_not(text, safe):
    assert spreadsheet_safe(text) == safe


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 11, 20, 10, 42, 5, tzinfo=UTC), "2026-11-20T10:42:05Z"),
        (datetime(2026, 11, 20, 10, 42, 5, 120_000, tzinfo=UTC), "2026-11-20T10:42:05.120Z"),
        (datetime(2026, 11, 20, 10, 42, 5, 123_456, tzinfo=UTC), "2026-11-20T10:42:05.123456Z"),
        (datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC), "2026-11-20T10:00:00Z"),
    ],
)
def test_times_are_iso_8601_in_utc(instant, text):
    assert iso(instant) == text


def test_csv_has_a_header_even_without_rows_and_quotes_what_needs_it():
    assert "".join(csv_chunks(Table(("a", "b"), []))) == "a,b\r\n"
    rows = [('say "hi", all', None), (Decimal("1E-7"), date(2026, 11, 20)), ("two\nlines", 7)]
    text = "".join(csv_chunks(Table(("a", "b"), rows)))
    assert text == 'a,b\r\n"say ""hi"", all",\r\n0.0000001,2026-11-20\r\n"two\nlines",7\r\n'


def test_csv_comes_in_pieces_of_bounded_size():
    asked_for = []
    rows = ((asked_for.append(number) or str(number),) for number in range(5000))
    chunks = csv_chunks(Table(("number",), rows))
    assert next(chunks).startswith("number\r\n0\r\n")
    assert len(asked_for) <= exports.ROWS_AT_ONCE
    assert sum(chunk.count("\n") for chunk in chunks) == 5000 - exports.ROWS_AT_ONCE


def test_xlsx_holds_numbers_as_numbers_and_everything_else_as_text():
    values = (
        "=1+1",
        "+12065551212",
        Decimal("0.0066"),
        Decimal("1234567.891234000"),
        Decimal("12345678.123456789"),
        Decimal("-0.0025"),
        4604,
        2**62,
        None,
        datetime(2026, 11, 20, 10, 42, 5, 120_000, tzinfo=UTC),
        date(2026, 11, 20),
        "\x1b[31m\x0b",
        "x" * 40_000,
    )
    sheet = sheet_of(Table(tuple(f"column {at}" for at in range(len(values))), [values]))
    cells = [cell.value for cell in sheet[2]]
    assert cells[:2] == ["=1+1", "+12065551212"]
    assert [str(value) for value in cells[2:4]] == ["0.0066", "1234567.891234"]
    assert cells[4] == "12345678.123456789"
    assert cells[5] == -0.0025
    assert cells[6:9] == [4604, str(2**62), None]
    assert cells[9] == datetime.fromisoformat("2026-11-20T10:42:05.120")  # a spreadsheet knows no timezones
    assert sheet.cell(2, 10).number_format.endswith('"Z"')
    assert cells[10].date() == date(2026, 11, 20)
    assert len(cells[12]) == 32_767
    assert not any(cell.data_type == "f" for cell in sheet[2])


@pytest.mark.parametrize(("rows", "sheets"), [(0, 1), (3, 1), (4, 2), (7, 3)])
def test_xlsx_goes_on_in_the_next_sheet_when_one_is_full(rows, sheets):
    table = Table(("number",), ((number,) for number in range(rows)))
    with xlsx_file(table, "Logs", rows_of_sheet=3) as file:
        book = load_workbook(file)
    assert book.sheetnames == ["Logs", "Logs 2", "Logs 3"][:sheets]
    found = [cell.value for sheet in book for (cell,) in sheet.iter_rows(min_row=2)]
    assert found == list(range(rows))
    assert all(sheet["A1"].value == "number" for sheet in book)


@pytest.mark.django_db
def test_charges_as_json_are_as_documented():
    store(record("a", charge=Decimal("1234567.891234")), record("b", charge=Decimal("4E-7"), direction=None))
    wanted = asked("group_by=medium,direction&type=relay_pstn_call,none&min_charge=0.0000001")
    content = exports.charges_json(wanted, queries.charges(wanted, NOW))
    assert json.loads(json.dumps(content)) == {
        "filter": {
            "period": "last-30-days",
            "start": "2026-10-22",
            "end": "2026-11-20",
            "type": ["relay_pstn_call", None],
            "min_charge": "0.0000001",
            "group_by": ["medium", "direction"],
        },
        "group_by": ["medium", "direction"],
        "rows": [
            {"medium": "voice", "direction": "inbound", "logs": 1, "charge": "1234567.891234"},
            {"medium": "voice", "direction": None, "logs": 1, "charge": "0.0000004"},
        ],
        "total": {"logs": 2, "charge": "1234567.8912344"},
        "data_until": None,
        "complete": False,
        "incomplete": {str(NOW.date() - timedelta(days=days)): "not read yet" for days in range(30)},
    }


@pytest.mark.django_db
def test_all_time_has_no_start_in_json_and_in_the_name_of_the_file():
    assert exports.filter_json(asked("period=all")) == {"period": "all", "start": None, "end": "2026-11-20"}
    assert exports.file_name("logs", asked("period=all"), "csv") == "tollbook-logs-all-to-2026-11-20.csv"
    assert exports.file_name("logs", asked(), "csv") == "tollbook-logs-2026-10-22-to-2026-11-20.csv"


@pytest.mark.django_db
def test_a_log_has_the_columns_of_the_api():
    store(
        record("a", created_at=NOON, charge=Decimal("0.0066"), itemised=None, parent_id="p", duration=5, status=None),
    )
    [row] = read_csv("".join(csv_chunks(exports.logs_table(queries.iter_logs(asked())))))
    assert row == {
        "project": "Main",
        "medium": "voice",
        "id": "a",
        "created_at": "2026-11-20T12:00:00Z",
        "type": "relay_pstn_call",
        "direction": "inbound",
        "status": "",
        "source": "realtime_api",
        "from": "+12065551212",
        "to": "+12065553434",
        "room_name": "",
        "duration": "5",
        "duration_ms": "",
        "billing_ms": "",
        "charge": "0.0066",
        "itemised": "",
        "parent_id": "p",
        "started_at": "",
        "ended_at": "",
        "discarded_at": "",
        "seconds": "",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "type=laml_call&sort=charge", "number=206&deleted=only"])
def test_every_export_has_the_same_rows_and_totals(query):
    mixture(logs=90)
    wanted = asked(query)
    rows = read_csv("".join(csv_chunks(exports.logs_table(queries.iter_logs(wanted)))))
    charge = sum(Decimal(row["charge"] or 0) for row in rows)
    content = exports.charges_json(wanted, queries.charges(wanted, NOW))
    assert content["total"] == {"logs": len(rows), "charge": exports.plain(charge)}
    table = read_csv("".join(csv_chunks(exports.charges_table(queries.charges(wanted, NOW)))))
    assert sum(Decimal(row["charge"]) for row in table) == charge
    assert [row["day"] for row in table] == [row["day"] for row in content["rows"]]
    sheet = sheet_of(exports.logs_table(queries.iter_logs(wanted)))
    at = list(exports.LOG_COLUMNS).index("id")
    assert [line[at].value for line in sheet.iter_rows(min_row=2)] == [row["id"] for row in rows]
    whole = json.loads(
        "".join(
            exports.logs_json_chunks(
                wanted, queries.iter_logs(wanted), queries.log_totals(wanted), queries.freshness(wanted, NOW)
            )
        )
    )
    assert whole["total"] == content["total"]
    assert [row["id"] for row in whole["rows"]] == [row["id"] for row in rows]
