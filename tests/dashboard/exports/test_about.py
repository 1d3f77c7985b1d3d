"""What a file says of itself, and what a spreadsheet makes of its cells."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from openpyxl import load_workbook

from dashboard import queries
from dashboard.exports import tables
from dashboard.exports.about import MAX_FILTER, About, number_text
from dashboard.exports.xlsx import xlsx_file
from logsync.money import plain_nine
from tests.support.stored_logs import NOW, asked, make_feed, mixture, record, store

pytestmark = pytest.mark.django_db


def about(query="", kind="logs", now=NOW):
    log_filter = asked(query, now)
    return About(kind=kind, filter=log_filter, freshness=queries.freshness(log_filter, now))


def csv_of(query, now=NOW):
    table = tables.logs_table(queries.iter_logs(asked(query, now)))
    return list(csv.DictReader(StringIO("".join(tables.csv_chunks(about(query, now=now).for_csv(table))))))


@pytest.mark.parametrize("name", ["America/New_York", "Asia/Kathmandu", "UTC"])
def test_a_pivot_by_report_day_equals_the_days_of_the_screen(zone, name):
    zone(name)
    mixture(logs=90)
    days = {}
    for row in csv_of(""):
        days[row["report_day"]] = days.get(row["report_day"], 0) + Decimal(row["charge"] or 0)
    screen = queries.charges(asked(), NOW)
    assert days == {str(row.group[0]): row.totals.charge for row in screen.rows}


def test_a_row_has_its_local_day_and_time_and_the_zone(zone):
    zone("America/New_York")
    store(record("a", created_at=datetime(2026, 11, 11, 3, 4, 5, 678_000, tzinfo=UTC)))
    [row] = csv_of("")
    assert (row["created_at"], row["report_day"]) == ("2026-11-11T03:04:05.678Z", "2026-11-10")
    assert (row["local_time"], row["time_zone"]) == ("22:04:05", "America/New_York")


def test_the_json_names_the_zone(zone):
    zone("America/New_York")
    store(record("a", created_at=datetime(2026, 11, 11, 3, tzinfo=UTC)))
    content = tables.charges_json(asked(), queries.charges(asked(), NOW))
    assert (content["time_zone"], content["rows"][0]["day"]) == ("America/New_York", "2026-11-10")


def test_each_row_states_the_filter_with_dates_and_the_time_of_the_data():
    store(record("a"))
    feed = make_feed("Main", "voice")
    feed.read_until = datetime(2026, 11, 20, 15, tzinfo=UTC)
    feed.save()
    [row] = csv_of("period=last-7-days&direction=inbound&page_size=7&medium=voice")
    assert row["filter"] == "start=2026-11-14&end=2026-11-20&medium=voice&direction=inbound"
    assert row["data_until"] == "2026-11-20T15:00:00Z"


def test_a_filter_without_end_does_not_outgrow_the_rows():
    store(record("a"))
    many = ",".join(["relay_pstn_call", *(f"type-{number}" for number in range(150))])
    [row] = csv_of(f"type={many}")
    assert len(row["filter"]) == MAX_FILTER + 1
    assert dict(about(f"type={many}").lines())["Filter"].endswith("type=type-149")


def test_the_columns_of_before_stand_where_they_stood():
    store(record("a", from_number="+442079460000"))
    table = about().for_csv(tables.logs_table(queries.iter_logs(asked())))
    assert table.columns[:4] == ("project", "medium", "id", "created_at")
    assert table.columns[20:] == (
        "seconds",
        "url",
        "locked",
        "report_day",
        "local_time",
        "from_text",
        "to_text",
        "time_zone",
        "data_until",
        "filter",
        "set_aside",
    )


def test_numbers_stay_apart_as_text_and_exact_for_scripts():
    store(record("a", from_number="+442079460000"), record("b", from_number="00442079460000"))
    rows = {row["from"]: row["from_text"] for row in csv_of("")}
    assert rows == {"+442079460000": "tel:+442079460000", "00442079460000": "tel:00442079460000"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("911", "tel:911"),
        ("+12065551212", "tel:+12065551212"),
        ("1e5", "tel:1e5"),
        ("2026-11", "tel:2026-11"),
        ("(206) 555-1212", "tel:(206) 555-1212"),
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("anonymous", "anonymous"),
        ("=1+1", "=1+1"),
        (None, None),
    ],
)
def test_only_what_reads_as_a_number_becomes_a_link(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.015", "0.015000000"),
        ("1000000.000000001", "1000000.000000001"),
        ("0", "0.000000000"),
        ("-0.0", "0.000000000"),
        ("-0.0025", "-0.002500000"),
        ("1E-9", "0.000000001"),
        ("123456789012345678901234567890.1", "123456789012345678901234567890.100000000"),
    ],
)
def test_amounts_in_csv_have_nine_decimals(amount, text):
    assert plain_nine(Decimal(amount)) == text


def test_a_csv_has_no_byte_order_mark():
    store(record("a"))
    assert next(iter(csv_of("")[0])) == "project"


def test_file_names_tell_filters_apart():
    queries_of_days = (
        "",
        "direction=inbound",
        "direction=outbound",
        "direction=none",
        "number=%2B12065551212",
        "number=%2B12065551213",
        "min_charge=1",
        "min_charge=2",
        "group_by=type",
        "group_by=type,direction",
        "sort=charge",
        "deleted=only",
    )
    names = {about(query).file_name("csv") for query in queries_of_days}
    assert len(names) == len(queries_of_days)
    assert about("direction=inbound").file_name("csv").startswith("tollbook-logs-2026-10-22-to-2026-11-20-inbound-")
    assert "206555" not in "".join(names)
    assert all(name.isascii() and " " not in name and len(name) < 120 for name in names)


def test_the_same_filter_has_the_same_file_name_in_any_spelling():
    spellings = (
        "direction=inbound",
        "direction=inbound&page_size=9&period=last-30-days",
        "start=2026-10-22&end=2026-11-20&direction=inbound",
    )
    assert len({about(query).file_name("csv") for query in spellings}) == 1


def test_a_workbook_says_what_it_holds(zone):
    zone("America/New_York")
    store(record("a", charge=Decimal("1000000.000000001")), record("b", charge=Decimal("3.23"), direction="outbound"))
    charges = queries.charges(asked("direction=inbound,outbound"), NOW)
    of_charges = about("direction=inbound,outbound", "charges")
    with xlsx_file(of_charges.for_xlsx(tables.charges_table(charges)), "Charges", of_charges.lines()) as file:
        book = load_workbook(file)
    said = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert said["Conditions"] == "direction is inbound, direction is outbound"
    assert said["Filter"] == "start=2026-10-22&end=2026-11-20&direction=inbound&direction=outbound"
    assert said["Time zone of days and local times"] == "America/New_York"
    assert said["Total charge, exact, of all rows"] == "1000003.230000001"
    assert "without logs have no row" in said["Left out"]
    assert book["Charges"].cell(2, book["Charges"].max_column).value == "America/New_York"
