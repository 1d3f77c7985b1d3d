"""Charges that changed after they were stored: which, by how much, and what that did to the totals of days."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.http import QueryDict
from django.utils import timezone

from dashboard import queries
from dashboard.change_filter import parse_change_filter
from logsync.models import ChargeChange, DailyCharge
from logsync.rollups import rebuild_stale
from logsync.upsert import store_page
from tests.dashboard.pages import MARCH, at, call, hrefs, table_rows, text_of
from tests.dashboard.stored import make_feed, store
from tests.logsync.storing import page as page_of
from tests.logsync.storing import record

LATER = datetime(2025, 5, 2, 9, 30, tzinfo=UTC)


def read(*records, read_at=LATER, project="Main", medium="voice"):
    """The logs come in as they were read at an instant."""
    store_page(make_feed(project, medium), page_of(*records, read_at=read_at))
    rebuild_stale()


def restate(id_, day, *charges, since=LATER, **more):
    """A call that had ended with the first of these charges came back with each of the others, a minute apart."""
    for minute, charge in enumerate(charges):
        read(call(id_, day, charge, **more), read_at=since + timedelta(minutes=minute))


def changes(query=""):
    now = timezone.now()
    return queries.changes_page(parse_change_filter(QueryDict(query), now), now)


def ids(query=""):
    return [row.log_id for row in changes(query).rows]


def test_a_restated_charge_stands_with_old_new_difference_and_link(signed_in):
    restate("a", 10, "0.01", "1.21")
    page = signed_in.get("/sync/changes/")
    assert [row[3:7] for row in table_rows(page)[-1:]] == [["$0.01", "$1.21", "+$1.20", "had ended"]]
    assert "/logs/voice/a/" in hrefs(page)
    assert "+$1.20 over 1 log" in text_of(page)


def test_the_effect_on_each_day_is_exact_and_counts_each_log_once(signed_in):
    restate("a", 10, "0.01", "0.500000001", "1.21")
    restate("b", 10, "0.0000004", "0")
    restate("c", 11, "5", "4.5", "5")
    found = changes()
    assert [(day.day, effect.logs, effect.difference) for day, effect in found.by_day] == [
        (11, 1, Decimal(0)),
        (10, 2, Decimal("1.1999996")),
    ]
    assert (found.total.logs, found.total.difference) == (3, Decimal("1.1999996"))
    rows = table_rows(signed_in.get("/sync/changes/"))
    assert ["Mon 10 Mar 2025", "2", "+$1.1999996"] in rows


def test_the_effects_are_what_the_totals_of_the_days_moved_by(db):
    before = {}
    for number in range(12):
        read(call(f"log-{number}", 10 + number % 3, f"0.{number}1"))
    for row in DailyCharge.objects.all():
        before[row.day] = before.get(row.day, Decimal(0)) + row.charge
    for number in range(0, 12, 2):
        read(call(f"log-{number}", 10 + number % 3, f"{number % 5}.07"), read_at=LATER + timedelta(days=number))
    after = dict.fromkeys(before, Decimal(0))
    for row in DailyCharge.objects.all():
        after[row.day] += row.charge
    moved = {day: effect.difference for day, effect in changes().by_day}
    assert moved == {day: after[day] - before[day] for day in before}


def test_first_charges_and_those_of_running_calls_are_told_apart(signed_in):
    restate("running", 10, None, "0.5", status="in-progress")
    restate("just ended", 10, None, "0.5", since=at(10, 13))
    restate("late", 10, None, "0.25")
    restate("restated", 10, "1", "2")
    assert sorted(ids()) == ["late", "restated"]
    assert sorted(ids("kind=first")) == ["just ended", "running"]
    assert len(ids("kind=all")) == 4
    words = [row[-1] for row in table_rows(signed_in.get("/sync/changes/?kind=all"))[-4:]]
    assert sorted(words) == ["had ended", "had ended without a charge", "had ended without a charge", "had not ended"]


@pytest.mark.parametrize(
    "ended",
    [
        {"status": None, "log_type": "fabric_subscriber_device_leg"},
        {"status": None, "log_type": "video_room_session", "ended_at": at(10, 13)},
    ],
)
def test_logs_that_have_ended_without_a_status_are_restated_too(db, ended):
    restate("a", 10, "1", "2", **ended)
    assert ids() == ["a"]


def test_a_day_is_that_of_the_report(db, zone):
    zone("America/New_York")
    restate("a", 10, "1", "2")
    ChargeChange.objects.update(log_created_at=datetime(2025, 3, 11, 3, 59, tzinfo=UTC))
    assert [str(day) for day, _ in changes().by_day] == ["2025-03-10"]
    assert ids("start=2025-03-10&end=2025-03-10") == ["a"]
    assert ids("start=2025-03-11&end=2025-03-11") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abcd"),
        (MARCH, "abcd"),
        ("start=2025-03-11&end=2025-03-31", "cd"),
        ("period=last-30-days", ""),
        ("project=Other", "d"),
        ("medium=video", "c"),
        ("type=laml_call", "b"),
        ("direction=none", "b"),
        ("id=a,d", "ad"),
        ("number=5551212&type=relay_pstn_call", "acd"),
        ("min_charge=20", "c"),
        ("deleted=only", ""),
        ("changed=last-7-days", ""),
        ("changed=today", ""),
        (f"{MARCH}&type=laml_call&kind=all&changed=all", "b"),
    ],
)
def test_the_filter_language_chooses_the_logs_that_moved(db, query, found):
    restate("a", 10, "1", "2")
    restate("b", 10, "1", "2", log_type="laml_call", direction=None)
    read(call("c", 11, "1"), medium="video")
    read(call("c", 11, "20"), medium="video", read_at=LATER + timedelta(hours=1))
    read(call("d", 12, "1"), project="Other")
    read(call("d", 12, "3"), project="Other", read_at=LATER + timedelta(hours=1))
    assert sorted(ids(query)) == list(found)


def test_the_time_of_the_change_is_chosen_apart_from_the_day_of_the_log(signed_in):
    now = timezone.now()
    restate("old", 10, "1", "2")
    restate("new", 10, "1", "3", since=now - timedelta(hours=2))
    assert ids("changed=last-7-days") == ["new"]
    page = signed_in.get("/sync/changes/?changed=last-7-days")
    assert "+$2.00 over 1 log" in text_of(page)
    assert "?period=all&changed=last-7-days&kind=all" in hrefs(page)
    assert "/sync/changes.csv?period=all&changed=last-7-days" in hrefs(page)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("kind=some", "kind"),
        ("changed=soon", "changed"),
        ("changed=today&changed=all", "changed"),
        ("sort=charge", "sort"),
        ("group_by=day", "group_by"),
        ("colour=red", "colour"),
        ("start=yesterday", "start"),
        ("cursor=abc", "cursor"),
    ],
)
def test_what_cannot_be_read_is_named(signed_in, query, parameter):
    page = signed_in.get(f"/sync/changes/?{query}")
    assert page.status_code == 400
    assert f"The filter “{parameter}” cannot be read" in text_of(page)
    if parameter != "cursor":
        answer = signed_in.get(f"/sync/changes.csv?{query}")
        assert (answer.status_code, answer.content.decode().split(":")[0]) == (400, parameter)


def test_pages_are_turned_by_keyset_newest_first(signed_in):
    for number in range(7):
        restate(f"log-{number}", 10 + number, "1", "2", since=LATER + timedelta(hours=number // 2))
    every = ids()
    assert [row.changed_at for row in changes().rows] == sorted(
        (row.changed_at for row in changes().rows), reverse=True
    )
    seen, query = [], "page_size=3"
    while query:
        found = changes(query)
        seen += [row.log_id for row in found.rows]
        assert found.total.logs == 7
        query = found.next_cursor and f"page_size=3&cursor={found.next_cursor}"
    assert seen == every
    second = changes(f"page_size=3&cursor={changes('page_size=3').next_cursor}")
    assert ids(f"page_size=3&cursor={second.previous_cursor}") == every[:3]
    assert "3 rows on this page" in text_of(signed_in.get("/sync/changes/?page_size=3"))


def test_the_csv_has_the_same_changes_and_the_same_sum(signed_in):
    restate("a", 10, "0.01", "1.21")
    restate("b", 11, "5", None)
    answer = signed_in.get("/sync/changes.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["id"], row["old_charge"], row["new_charge"], row["difference"]) for row in rows] == [
        ("b", "5", "", "-5"),
        ("a", "0.01", "1.21", "1.2"),
    ]
    assert sum(Decimal(row["difference"]) for row in rows) == changes().total.difference
    assert {row["had_ended"] for row in rows} == {"true"}


def test_the_overview_tells_of_its_period_alone_and_leads_to_the_changes(signed_in):
    now = timezone.now()
    yesterday = now - timedelta(days=1)
    for number in range(3):
        read(record(f"log-{number}", created_at=yesterday, charge=Decimal(1)), read_at=yesterday)
        read(record(f"log-{number}", created_at=yesterday, charge=Decimal("2.5")), read_at=now)
    restate("march", 10, "1", "9", since=now - timedelta(minutes=9))
    page = signed_in.get("/?period=last-7-days")
    assert "3 charges of this period were restated in the last 7 days: +$4.50" in text_of(page)
    [href] = [href for href in hrefs(page) if href.startswith("/sync/changes/")]
    assert "+$4.50 over 3 logs" in text_of(signed_in.get(href))
    assert "restated" not in text_of(signed_in.get("/?period=last-7-days&type=laml_call"))
    assert "4 restated in the last 7 days: +$12.50" in text_of(signed_in.get("/sync/"))


def test_without_changes_it_says_what_would_stand_there(signed_in):
    store(call("a"))
    page = text_of(signed_in.get("/sync/changes/"))
    assert page.count("No charge moved") == 1
    assert "none was restated in the last 7 days" in text_of(signed_in.get("/sync/"))


def test_the_number_of_queries_does_not_depend_on_the_changes(signed_in, django_assert_max_num_queries):
    for number in range(20):
        restate(f"log-{number}", 10 + number % 5, "1", "2", "3")
    with django_assert_max_num_queries(12):
        signed_in.get("/sync/changes/")
