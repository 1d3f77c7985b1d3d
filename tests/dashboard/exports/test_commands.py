"""The commands `charges` and `logs`, for scripts and terminals."""

import csv
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.support.stored_logs import record, store

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
    assert (row["type"], row["logs"], row["charge"]) == ("relay_pstn_call", "2", "1234567.896600400")
    content = json.loads(run("charges", "?period=last-7-days&group_by=direction", "--format", "json"))
    assert content["rows"] == [
        {"direction": "inbound", "logs": 1, "charge": "1234567.8900004", "state": "incomplete"},
        {"direction": None, "logs": 1, "charge": "0.0066", "state": "incomplete"},
    ]


def test_charges_as_a_table_show_a_total_and_completeness(rows):
    text = run("charges")
    assert f"{rows.date()}" in text
    assert "1234567.8966004" in text.splitlines()[-3]
    assert "total" in text.splitlines()[-3]
    assert "no data yet · 0 of 30 days complete" in text


def test_logs_as_csv_and_json_have_every_row(rows):
    table = list(csv.DictReader(StringIO(run("logs", "page_size=1&sort=charge", "--format", "csv"))))
    assert [row["id"] for row in table] == ["a", "b"]
    content = json.loads(run("logs", "--format", "json"))
    assert [row["charge"] for row in content["rows"]] == ["1234567.8900004", "0.0066"]
    assert content["total"] == {"logs": 2, "charge": "1234567.8966004"}


def test_csv_has_the_columns_and_rows_of_the_addresses(rows, client, django_user_model):
    client.force_login(django_user_model.objects.create_user("clerk"))
    for command, query in (("charges", "group_by=type&sort=-charge"), ("logs", "sort=charge")):
        address = client.get(f"/{command}.csv?{query}")
        assert run(command, query, "--format", "csv") == b"".join(address.streaming_content).decode()


def test_charges_are_sorted_by_a_figure(rows):
    content = json.loads(run("charges", "group_by=direction&sort=charge", "--format", "json"))
    assert [row["direction"] for row in content["rows"]] == [None, "inbound"]
    with pytest.raises(CommandError, match="“from” is not one of day, logs, charge") as caught:
        run("charges", "sort=from")
    assert caught.value.returncode == 2


def test_json_without_rows_is_valid(db):
    assert json.loads(run("logs", "--format", "json"))["rows"] == []
    assert json.loads(run("charges", "--format", "json"))["rows"] == []


def test_logs_as_a_table_show_one_page_without_control_characters(rows):
    text = run("logs", "sort=-charge&page_size=1")
    assert "1 of 2 logs, 1234567.8966004 dollars in total" in text
    assert "evil⟨U+001B⟩[31m[red]" in text
    assert "\x1b" not in text


ID = "3f2a1c58-5b0d-4c1e-9a67-d2f0c6b1e8aa"
LONG_ROW = {"status": "in-progress", "charge": Decimal("1234567.891234567"), "seconds": 86399}


def store_long_row():
    """A row that fits in no usual terminal."""
    numbers = {"from_number": "sip:alice.of.accounting@example-space.dapp.signalwire.com", "to_number": "+442079460000"}
    store(record(ID, created_at=(timezone.now() - TWO_DAYS).replace(microsecond=0), **LONG_ROW, **numbers))


@pytest.mark.parametrize("columns", [40, 80, 120, 160, 210])
def test_a_terminal_of_any_width_shows_figures_status_and_id_whole(child_env, columns):
    store_long_row()
    text = _in_terminal(child_env, ["logs"], columns)
    for whole in (ID, "in-progress", "1234567.891234567", "86399", "relay_pstn_call"):
        assert whole in text
    table = text[: text.index("1 of 1 log")].splitlines()
    assert max(map(len, table)) <= columns
    assert ("sip:alice.of.accounting@example-space.dapp.signalwire.com" in text) is (columns in {120, 210})
    assert "+44207" in text


@pytest.mark.parametrize("columns", [80, 120])
def test_charges_in_a_terminal_are_never_cut(child_env, columns):
    store_long_row()
    text = _in_terminal(child_env, ["charges", "group_by=type,status,source,day"], columns)
    assert "1234567.891234567" in text
    assert "…" not in text


def test_a_pipe_gets_every_row_in_one_line_and_uncut(child_env):
    store_long_row()
    lines = _manage(child_env, ["logs"]).stdout.splitlines()
    [line] = [line for line in lines if ID in line]
    assert "sip:alice.of.accounting@example-space.dapp.signalwire.com" in line
    assert line.split()[3] == "in-progress"
    assert line.split()[-3:] == ["86399", "1234567.891234567", ID]
    assert "…" not in "".join(lines)


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["charges", "logs"])
def test_an_invalid_query_ends_with_status_2(command):
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
    completed = _manage(child_env, arguments)
    assert (completed.returncode, completed.stderr) == (status, error)


def test_a_closed_pipe_is_no_error(child_env):
    store(*(record(f"log-{number}", created_at=timezone.now() - TWO_DAYS) for number in range(2000)))
    command = f"{sys.executable} manage.py logs --format csv | head -n 2"
    completed = subprocess.run(
        ["bash", "-c", command], env=child_env, capture_output=True, text=True, timeout=60, check=True
    )
    assert len(completed.stdout.splitlines()) == 2
    assert completed.stderr == ""


def _manage(env, arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=env, capture_output=True, text=True, timeout=60, check=False
    )


def _in_terminal(env, arguments, columns):
    """What the command prints on a terminal of so many columns, without its colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {name: value for name, value in env.items() if name not in {"COLUMNS", "LINES"}} | {"TERM": "xterm"}
    command = [sys.executable, "manage.py", *arguments]
    with subprocess.Popen(command, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        output = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert process.returncode == 0, output
    return re.sub(r"\x1b\[[0-9;]*m", "", output.decode()).replace("\r", "")


def _read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:  # on Linux, the end of a terminal
        return b""


def test_explain_says_what_answered(rows):
    for query, answered in (("type=relay_pstn_call", "rollup"), ("number=206", "database: the copy has few logs")):
        errors = StringIO()
        call_command("charges", query, "--explain", stdout=StringIO(), stderr=errors)
        assert errors.getvalue().startswith(answered)
