"""The exports over HTTP."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO, StringIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from tests.support.sheets import data_rows
from tests.support.stored_logs import record, store

pytestmark = pytest.mark.django_db

ADDRESSES = ["/charges.json", "/charges.csv", "/charges.xlsx", "/logs.csv", "/logs.xlsx"]


@pytest.fixture
def visitor(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("clerk"))
    return client


@pytest.fixture
def rows():
    now = timezone.now()
    store(
        record("a", created_at=now - timedelta(days=2), charge=Decimal("0.0066"), from_number="=HYPERLINK(1)"),
        record("b", created_at=now - timedelta(days=1), charge=Decimal("0.0000004"), log_type="laml_call"),
    )


def body(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return content


@pytest.mark.parametrize("address", ADDRESSES)
def test_exports_need_a_login(client, address):
    assert client.get(address).url == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_export_of_a_query_has_the_same_charges(visitor, rows, address):
    response = visitor.get(f"{address}?type=relay_pstn_call,laml_call")
    content = body(response)
    if address.endswith(".json"):
        charges = [row["charge"] for row in response.json()["rows"]]
    elif address.endswith(".csv"):
        charges = [row["charge"] for row in csv.DictReader(StringIO(content.decode()))]
    else:
        sheet = load_workbook(BytesIO(content)).active
        at = [cell.value for cell in sheet[1]].index("charge")
        charges = [row[at].value for row in data_rows(sheet)]
    assert sorted(Decimal(str(charge)) for charge in charges) == [Decimal("4E-7"), Decimal("0.0066")]


def test_file_names_tell_the_kind_and_days(visitor, rows):
    names = {address: visitor.get(f"{address}?start=2026-10-01&end=2026-10-31") for address in ADDRESSES[1:]}
    assert all(map(body, names.values()))
    assert [response["Content-Disposition"] for response in names.values()] == [
        'attachment; filename="tollbook-charges-2026-10-01-to-2026-10-31.csv"',
        'attachment; filename="tollbook-charges-2026-10-01-to-2026-10-31.xlsx"',
        'attachment; filename="tollbook-logs-2026-10-01-to-2026-10-31.csv"',
        'attachment; filename="tollbook-logs-2026-10-01-to-2026-10-31.xlsx"',
    ]
    assert names["/logs.csv"]["Content-Type"] == "text/csv; charset=utf-8"


def test_a_formula_in_a_log_is_escaped_in_the_file(visitor, rows):
    assert "'=HYPERLINK(1)" in body(visitor.get("/logs.csv")).decode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_invalid_query_is_reported_in_one_line(visitor, address):
    response = visitor.get(f"{address}?start=yesterday")
    assert response.status_code == 400
    if address.endswith(".json"):
        assert response.json() == {"error": "“yesterday” is not a date. Write it as 2026-11-20.", "parameter": "start"}
    else:
        assert response.content.decode() == "start: “yesterday” is not a date. Write it as 2026-11-20.\n"
    assert visitor.get(f"{address}?colour=red").status_code == 400


@pytest.mark.parametrize("address", ADDRESSES)
def test_exports_accept_only_safe_methods(visitor, address):
    assert visitor.post(address).status_code == 405
    response = visitor.head(address)
    assert (response.status_code, body(response)) == (200, b"")


def test_exports_are_not_cached(visitor):
    assert "no-store" in visitor.get("/charges.json")["Cache-Control"]


@pytest.mark.parametrize("address", ["/charges.json", "/charges.csv", "/charges.xlsx"])
@pytest.mark.parametrize("sort", ["created_at", "-created_at", "from", "type", "cheap", "-"])
def test_a_sort_without_meaning_for_charges_is_refused_with_what_there_is(visitor, address, sort):
    answer = visitor.get(f"{address}?group_by=day,medium&sort={sort}")
    assert answer.status_code == 400
    text = answer.json()["error"] if address.endswith(".json") else answer.content.decode()
    assert f"“{sort}” is not one of day, medium, logs, charge," in text
    assert "-charge" in text


@pytest.mark.parametrize("address", ["/charges.json", "/charges.csv", "/charges.xlsx"])
def test_charges_are_sorted_in_every_format(visitor, rows, address):
    response = visitor.get(f"{address}?group_by=type&sort=charge")
    content = body(response)
    if address.endswith(".json"):
        types = [row["type"] for row in response.json()["rows"]]
        assert response.json()["filter"]["sort"] == "charge"
    elif address.endswith(".csv"):
        types = [row["type"] for row in csv.DictReader(StringIO(content.decode()))]
    else:
        types = [row[0].value for row in data_rows(load_workbook(BytesIO(content)).active)]
    assert types == ["laml_call", "relay_pstn_call"]


@pytest.mark.parametrize("address", ["/logs.csv", "/logs.xlsx"])
def test_logs_are_not_sorted_by_the_figures_of_groups(visitor, address):
    assert visitor.get(f"{address}?sort=-logs").status_code == 400


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_the_exports_of_the_overview_open_whatever_its_sort(visitor, rows, ending):
    page = visitor.get("/?sort=-duration").content.decode()
    [link] = re.findall(rf'href="(/charges\.{ending}[^"]+)"', page)
    response = visitor.get(unescape(link))
    assert (response.status_code, bool(body(response))) == (200, True)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_file_names_the_zone(visitor, rows, address):
    content = body(visitor.get(address))
    if address.endswith(".xlsx"):
        sheets = load_workbook(BytesIO(content))
        assert {row[0]: row[1] for row in sheets["About"].values}["Time zone of days and local times"] == "UTC"
        assert data_rows(sheets.active)[0][-1].value == "UTC"
    else:
        assert re.search(r"time_zone.*UTC", content.decode(), re.DOTALL)
