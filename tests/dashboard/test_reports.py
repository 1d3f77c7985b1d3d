"""The commands `charges` and `logs`: the rows of the addresses, for scripts and terminals."""

import csv
import json
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.dashboard.stored import record, store

TWO_DAYS = timedelta(days=2)


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def rows(db):
    created_at = timezone.now() - TWO_DAYS
    store(
        record("a", created_at=created_at, charge=Decimal("0.0066"), direction=None),
        record("b", created_at=created_at, charge=Decimal("1234567.8900004"), status="evil\x1b[31m[red]"),
    )
    return created_at


def test_charges_as_csv_and_json_are_exact(rows):
    [row] = csv.DictReader(StringIO(run("charges", "group_by=type", "--format", "csv")))
    assert (row["type"], row["logs"], row["charge"]) == ("relay_pstn_call", "2", "1234567.8966004")
    content = json.loads(run("charges", "?period=last-7-days&group_by=direction", "--format", "json"))
    assert content["rows"] == [
        {"direction": "inbound", "logs": 1, "charge": "1234567.8900004"},
        {"direction": None, "logs": 1, "charge": "0.0066"},
    ]


def test_charges_as_a_table_have_a_total_and_say_how_fresh_they_are(rows):
    text = run("charges")
    assert f"{rows.date()}" in text
    assert "1234567.8966004" in text.splitlines()[-3]
    assert "total" in text.splitlines()[-3]
    assert "no data yet · 0 of 30 days complete" in text


def test_logs_as_csv_and_json_are_every_row(rows):
    table = list(csv.DictReader(StringIO(run("logs", "page_size=1&sort=charge", "--format", "csv"))))
    assert [row["id"] for row in table] == ["a", "b"]
    content = json.loads(run("logs", "--format", "json"))
    assert [row["charge"] for row in content["rows"]] == ["1234567.8900004", "0.0066"]
    assert content["total"] == {"logs": 2, "charge": "1234567.8966004"}


def test_no_rows_are_valid_json_too(db):
    assert json.loads(run("logs", "--format", "json"))["rows"] == []
    assert json.loads(run("charges", "--format", "json"))["rows"] == []


def test_logs_as_a_table_are_one_page_and_harmless_in_a_terminal(rows):
    text = run("logs", "sort=-charge&page_size=1")
    assert "1 of 2 logs, 1234567.8966004 dollars in all" in text
    assert "evil�[31m[red]" in text
    assert "\x1b" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["charges", "logs"])
def test_a_query_that_cannot_be_read_ends_with_status_2(command):
    with pytest.raises(CommandError) as caught:
        run(command, "min_charge=cheap")
    assert caught.value.returncode == 2
    assert str(caught.value).startswith("min_charge: “cheap” is not an amount.")
    with pytest.raises(CommandError, match="cursor"):
        run("logs", "cursor=nonsense")


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (["charges", "colour=red"], 2, "CommandError: colour: There is no filter called “colour”.\n"),
        (["charges", "period=today"], 0, ""),
    ],
)
def test_scripts_get_one_line_and_an_exit_status(child_env, arguments, status, error):
    found = _manage(child_env, arguments)
    assert (found.returncode, found.stderr) == (status, error)


def test_a_reader_that_has_seen_enough_is_no_error(child_env):
    store(*(record(f"log-{number}", created_at=timezone.now() - TWO_DAYS) for number in range(2000)))
    command = f"{sys.executable} manage.py logs --format csv | head -n 2"
    found = subprocess.run(
        ["bash", "-c", command], env=child_env, capture_output=True, text=True, timeout=60, check=True
    )
    assert len(found.stdout.splitlines()) == 2
    assert found.stderr == ""


def _manage(env, arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=env, capture_output=True, text=True, timeout=60, check=False
    )
