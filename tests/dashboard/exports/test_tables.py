"""Exported files have the same rows and figures as the pages, and no formulas."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from openpyxl import load_workbook

from dashboard import queries
from dashboard.exports import tables
from dashboard.exports.about import About
from dashboard.exports.tables import Table, csv_chunks, spreadsheet_safe
from dashboard.exports.xlsx import xlsx_file
from tests.support.sheets import data_rows
from tests.support.stored_logs import NOON, NOW, asked, mixture, record, store


def read_csv(text):
    return list(csv.DictReader(StringIO(text)))


def about(query="", **more):
    log_filter = asked(query)
    return About(kind="logs", filter=log_filter, freshness=queries.freshness(log_filter, NOW), **more)


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
def test_formulas_are_escaped_and_phone_numbers_are_not(text, safe):
    assert spreadsheet_safe(text) == safe


def test_csv_has_a_header_without_rows_and_quotes_where_needed():
    assert "".join(csv_chunks(Table(("a", "b"), []))) == "a,b\r\n"
    rows = [('say "hi", all', None), (Decimal("1E-7"), date(2026, 11, 20)), ("two\nlines", 7)]
    text = "".join(csv_chunks(Table(("a", "b"), rows)))
    assert text == 'a,b\r\n"say ""hi"", all",\r\n0.000000100,2026-11-20\r\n"two\nlines",7\r\n'


def test_csv_chunks_have_bounded_size():
    rows_read = []
    rows = ((rows_read.append(number) or str(number),) for number in range(5000))
    chunks = csv_chunks(Table(("number",), rows))
    assert next(chunks).startswith("number\r\n0\r\n")
    assert len(rows_read) <= tables.CHUNK_SIZE
    assert sum(chunk.count("\n") for chunk in chunks) == 5000 - tables.CHUNK_SIZE


def test_xlsx_keeps_exact_numbers_and_never_has_formulas():
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
    assert cells[4] == 12345678.123456789
    assert cells[5] == -0.0025
    assert cells[6:9] == [4604, 2**62, None]
    assert cells[9] == datetime.fromisoformat("2026-11-20T10:42:05.120")  # spreadsheets have no timezones
    assert sheet.cell(2, 10).number_format.endswith('"Z"')
    assert cells[10].date() == date(2026, 11, 20)
    assert len(cells[12]) == 32_767
    assert not any(cell.data_type == "f" for cell in sheet[2])


@pytest.mark.parametrize(("rows", "sheets"), [(0, 1), (3, 1), (4, 2), (7, 3)])
def test_xlsx_continues_in_another_sheet_when_one_is_full(rows, sheets):
    table = Table(("number",), ((number,) for number in range(rows)))
    with xlsx_file(table, "Logs", rows_of_sheet=3) as file:
        book = load_workbook(file)
    assert book.sheetnames == ["Logs", "Logs 2", "Logs 3"][:sheets]
    numbers = [cell.value for sheet in book for (cell,) in sheet.iter_rows(min_row=2)]
    assert numbers == list(range(rows))
    assert all(sheet["A1"].value == "number" for sheet in book)


@pytest.mark.django_db
def test_charges_json_has_the_documented_keys():
    store(record("a", charge=Decimal("1234567.891234")), record("b", charge=Decimal("4E-7"), direction=None))
    log_filter = asked("group_by=medium,direction&type=relay_pstn_call,none&min_charge=0.0000001")
    content = tables.charges_json(log_filter, queries.charges(log_filter, NOW))
    incomplete = {"state": "incomplete"}
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
            {"medium": "voice", "direction": "inbound", "logs": 1, "charge": "1234567.891234"} | incomplete,
            {"medium": "voice", "direction": None, "logs": 1, "charge": "0.0000004"} | incomplete,
        ],
        "total": {"logs": 2, "charge": "1234567.8912344"},
        "data_until": None,
        "complete": False,
        "state": "incomplete",
        "incomplete": {str(NOW.date() - timedelta(days=days)): "not read yet" for days in range(30)},
        "time_zone": "UTC",
        "set_aside": {"rows": 0, "charge": "0"},
        "unknown": [],
        "dated_after_today": 0,
    }


@pytest.mark.django_db
def test_all_days_have_no_start_in_json_and_in_the_file_name():
    assert tables.filter_json(asked("period=all")) == {"period": "all", "start": None, "end": "2026-11-20"}
    assert about("period=all").file_name("csv") == "tollbook-logs-all-to-2026-11-20.csv"
    assert about().file_name("csv") == "tollbook-logs-2026-10-22-to-2026-11-20.csv"


@pytest.mark.django_db
def test_a_log_has_the_columns_of_the_api():
    store(
        record("a", created_at=NOON, charge=Decimal("0.0066"), itemised=None, parent_id="p", duration=5, status=None),
    )
    [row] = read_csv("".join(csv_chunks(tables.logs_table(queries.iter_logs(asked())))))
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
        "charge": "0.006600000",
        "itemised": "",
        "parent_id": "p",
        "started_at": "",
        "ended_at": "",
        "discarded_at": "",
        "seconds": "",
        "url": "",
        "locked": "",
        "report_day": "2026-11-20",
        "local_time": "12:00:00",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "type=laml_call&sort=charge", "number=206&deleted=only"])
def test_every_export_has_the_same_rows_and_totals(query):
    mixture(logs=90)
    log_filter = asked(query)
    rows = read_csv("".join(csv_chunks(tables.logs_table(queries.iter_logs(log_filter)))))
    charge = sum(Decimal(row["charge"] or 0) for row in rows)
    content = tables.charges_json(log_filter, queries.charges(log_filter, NOW))
    assert content["total"] == {"logs": len(rows), "charge": tables.plain(charge)}
    table = read_csv("".join(csv_chunks(tables.charges_table(queries.charges(log_filter, NOW)))))
    assert sum(Decimal(row["charge"]) for row in table) == charge
    assert [row["day"] for row in table] == [row["day"] for row in content["rows"]]
    sheet = sheet_of(tables.logs_table(queries.iter_logs(log_filter)))
    at = list(tables.LOG_COLUMNS).index("id")
    assert [line[at].value for line in data_rows(sheet)] == [row["id"] for row in rows]
    whole = json.loads(
        "".join(
            tables.logs_json_chunks(
                log_filter,
                queries.iter_logs(log_filter),
                queries.log_totals(log_filter),
                queries.freshness(log_filter, NOW),
            )
        )
    )
    assert whole["total"] == content["total"]
    assert [row["id"] for row in whole["rows"]] == [row["id"] for row in rows]
