"""The addresses of the exports, as a browser or a script meets them."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from tests.dashboard.stored import record, store

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


def body(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return content


@pytest.mark.parametrize("address", ADDRESSES)
def test_strangers_are_sent_to_sign_in(client, address):
    assert client.get(address).url == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_same_query_gives_the_same_money_everywhere(visitor, rows, address):
    answer = visitor.get(f"{address}?type=relay_pstn_call,laml_call")
    content = body(answer)
    if address.endswith(".json"):
        charges = [row["charge"] for row in answer.json()["rows"]]
    elif address.endswith(".csv"):
        charges = [row["charge"] for row in csv.DictReader(StringIO(content.decode()))]
    else:
        head, *lines = load_workbook(BytesIO(content)).active.values
        charges = [line[head.index("charge")] for line in lines]
    assert sorted(Decimal(str(charge)) for charge in charges) == [Decimal("4E-7"), Decimal("0.0066")]


def test_files_are_named_by_what_is_in_them(visitor, rows):
    names = {address: visitor.get(f"{address}?start=2026-10-01&end=2026-10-31") for address in ADDRESSES[1:]}
    assert all(map(body, names.values()))
    assert [answer["Content-Disposition"] for answer in names.values()] == [
        'attachment; filename="tollbook-charges-2026-10-01-to-2026-10-31.csv"',
        'attachment; filename="tollbook-charges-2026-10-01-to-2026-10-31.xlsx"',
        'attachment; filename="tollbook-logs-2026-10-01-to-2026-10-31.csv"',
        'attachment; filename="tollbook-logs-2026-10-01-to-2026-10-31.xlsx"',
    ]
    assert names["/logs.csv"]["Content-Type"] == "text/csv; charset=utf-8"


def test_a_formula_in_a_log_is_neutral_in_the_file(visitor, rows):
    assert "'=HYPERLINK(1)" in body(visitor.get("/logs.csv")).decode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_query_that_cannot_be_read_is_said_in_one_line(visitor, address):
    answer = visitor.get(f"{address}?start=yesterday")
    assert answer.status_code == 400
    if address.endswith(".json"):
        assert answer.json() == {"error": "“yesterday” is not a date. Write it as 2026-11-20.", "parameter": "start"}
    else:
        assert answer.content.decode() == "start: “yesterday” is not a date. Write it as 2026-11-20.\n"
    assert visitor.get(f"{address}?colour=red").status_code == 400


@pytest.mark.parametrize("address", ADDRESSES)
def test_exports_are_only_read(visitor, address):
    assert visitor.post(address).status_code == 405
    answer = visitor.head(address)
    assert (answer.status_code, body(answer)) == (200, b"")


def test_files_are_not_kept_by_caches(visitor):
    assert "no-store" in visitor.get("/charges.json")["Cache-Control"]
