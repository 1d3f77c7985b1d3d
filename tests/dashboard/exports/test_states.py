"""The state of every row and answer, and what was set aside, in JSON, CSV, XLSX and in the terminal."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import takewhile

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook

from logsync.days import days_between
from logsync.models import ChargeChange, Feed, Log, PullUnit
from logsync.models.choices import UnitState
from tests.support.stored_logs import make_feed, record, set_aside, store

pytestmark = pytest.mark.django_db

AFTER = datetime(2025, 6, 1, tzinfo=UTC)
SPRING = "start=2025-03-01&end=2025-04-30"


@pytest.fixture
def spring(db):
    """Two months that are read, with logs of both, and two rows of April that were set aside."""
    feed = make_feed()
    days = days_between(date(2025, 2, 1), date(2025, 5, 2))
    PullUnit.objects.bulk_create(PullUnit(feed=feed, day=day, state=UnitState.DONE, read_at=AFTER) for day in days)
    Feed.objects.update(read_until=AFTER)
    store(
        record("march", created_at=datetime(2025, 3, 10, 12, tzinfo=UTC)),
        record("early", created_at=datetime(2025, 4, 9, 12, tzinfo=UTC)),
        record("late", created_at=datetime(2025, 4, 10, 12, tzinfo=UTC), log_type="laml_call"),
    )
    set_aside(feed, "a", created_at=datetime(2025, 4, 10, 9, tzinfo=UTC), charge=Decimal("0.4"))
    set_aside(feed, "b", listed_on=date(2025, 4, 10), charge=Decimal("0.03"))


def json_of(client, query):
    return client.get(f"/charges.json?{query}").json()


def rows_of(client, address, query):
    response = client.get(f"{address}?{query}")
    content = b"".join(response.streaming_content)
    response.close()
    if address.endswith(".csv"):
        return [{**row} for row in csv.DictReader(StringIO(content.decode()))]
    head, *lines = load_workbook(BytesIO(content)).active.values
    data = takewhile(any, lines)  # an empty row parts them from the totals
    return [dict(zip(head, ["" if cell is None else cell for cell in line], strict=True)) for line in data]


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


WORDS = "2 rows set aside, at least $0.43"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("day", [("complete", ""), ("complete", ""), ("incomplete", WORDS)]),
        ("month", [("complete", ""), ("incomplete", WORDS)]),
        ("month,day", [("complete", ""), ("complete", ""), ("incomplete", WORDS)]),
        ("type,month", [("incomplete", WORDS), ("complete", ""), ("incomplete", WORDS)]),
        ("medium", [("incomplete", WORDS)]),
    ],
)
@pytest.mark.parametrize("address", ["/charges.csv", "/charges.xlsx"])
def test_each_row_has_the_state_of_its_days(signed_in, spring, address, groups, expected):
    query = f"{SPRING}&group_by={groups}"
    assert [row["state"] for row in json_of(signed_in, query)["rows"]] == [state for state, _ in expected]
    rows = rows_of(signed_in, address, query)
    assert [(row["state"], row["set_aside"]) for row in rows] == expected
    assert [row["complete"] for row in rows] == ["true" if state == "complete" else "false" for state, _ in expected]


def test_the_answer_has_its_state_and_what_was_set_aside(signed_in, spring):
    answer = json_of(signed_in, SPRING)
    assert (answer["state"], answer["complete"]) == ("incomplete", False)
    assert answer["set_aside"] == {"rows": 2, "charge": "0.43"}
    assert answer["incomplete"] == {"2025-04-10": WORDS}
    march = json_of(signed_in, "start=2025-03-01&end=2025-03-31&group_by=type")
    assert (march["state"], march["complete"]) == ("complete", True)
    assert march["set_aside"] == {"rows": 0, "charge": "0"}
    assert {row["state"] for row in march["rows"]} == {"complete"}


def test_a_part_of_a_month_has_the_state_of_the_days_asked_for(signed_in, spring):
    query = "start=2025-03-05&end=2025-04-09&group_by=month"
    assert [row["state"] for row in json_of(signed_in, query)["rows"]] == ["complete", "complete"]


def test_periods_that_are_not_over_are_not_complete(signed_in, spring):
    now = timezone.now()
    store(record("now", created_at=now), record("tomorrow", created_at=now + timedelta(days=1)))
    days = days_between(date(2025, 5, 3), now.date())
    units = [PullUnit(feed=make_feed(), day=day, state=UnitState.DONE, read_at=now) for day in days]
    PullUnit.objects.bulk_create(units)
    for query in ("period=today", "period=this-month", "period=this-year&group_by=month", "period=today&group_by=type"):
        answer = json_of(signed_in, query)
        assert (answer["state"], answer["complete"]) == ("running", False), query
        assert {row["state"] for row in answer["rows"]} == {"running"}, query
    later = json_of(signed_in, f"start={now.date() + timedelta(days=1)}&end={now.date() + timedelta(days=1)}")
    assert (later["state"], later["rows"][0]["state"], later["dated_after_today"]) == ("future", "future", 1)
    everything = json_of(signed_in, "period=all")
    assert [row["state"] for row in everything["rows"][-2:]] == ["running", "future"]
    assert [row["complete"] for row in rows_of(signed_in, "/charges.csv", "period=all")[-2:]] == ["false", "false"]


@pytest.mark.parametrize("group", ["project", "medium"])
def test_what_was_set_aside_stands_beside_its_own_project_and_medium(signed_in, spring, group):
    store(record("other", created_at=datetime(2025, 4, 10, 12, tzinfo=UTC)), project="Other", medium="video")
    rows = rows_of(signed_in, "/charges.csv", f"{SPRING}&group_by={group}")
    assert {row[group]: row["set_aside"] for row in rows} in (
        {"Main": WORDS, "Other": ""},
        {"voice": WORDS, "video": ""},
    )


@pytest.mark.parametrize(
    ("address", "query", "words"),
    [
        ("/logs.csv", SPRING, [WORDS] * 3),
        ("/logs.csv", "start=2025-03-01&end=2025-03-31", [""]),
        ("/sync/changes.csv", SPRING, [WORDS]),
        ("/sync/changes.csv", "start=2025-03-01&end=2025-03-31", [""]),
    ],
)
def test_files_of_logs_and_changes_name_what_was_set_aside(signed_in, spring, address, query, words):
    log = Log.objects.get(id="march")
    ChargeChange.objects.create(
        project=log.project,
        medium=log.medium,
        log_id=log.id,
        log_created_at=log.created_at,
        changed_at=AFTER,
        old_charge=Decimal(1),
        new_charge=Decimal(2),
        was_final=True,
    )
    assert [row["set_aside"] for row in rows_of(signed_in, address, query)] == words


def test_the_sheet_about_names_what_was_set_aside(signed_in, spring):
    response = signed_in.get(f"/logs.xlsx?{SPRING}")
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content)))["About"]
    response.close()
    assert dict(row[:2] for row in sheet.values)["Set aside"] == WORDS


def test_the_json_names_values_that_no_log_has(signed_in, spring):
    answer = json_of(signed_in, f"{SPRING}&type=relay_fax&project=Nobody")
    assert answer["unknown"] == [
        {"parameter": "project", "value": "Nobody"},
        {"parameter": "type", "value": "relay_fax"},
    ]
    assert json_of(signed_in, SPRING)["unknown"] == []


def test_the_commands_say_so_too(spring):
    for command in ("charges", "logs"):
        answer = json.loads(run(command, SPRING, "--format", "json"))
        assert (answer["state"], answer["set_aside"]) == ("incomplete", {"rows": 2, "charge": "0.43"})
        assert f"60 of 61 days complete · {WORDS}" in run(command, SPRING)
    rows = list(csv.DictReader(StringIO(run("charges", SPRING, "--format", "csv"))))
    assert [row["state"] for row in rows] == ["complete", "complete", "incomplete"]


def test_the_commands_count_logs_that_are_dated_after_today(spring):
    store(record("tomorrow", created_at=timezone.now() + timedelta(days=1)))
    for command in ("charges", "logs"):
        text = run(command, "period=all")
        assert "1 log is dated after today" in text
        assert "all days ·" in text
