"""Charges that changed after they were stored, and their effect on daily totals."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.utils import timezone

from logsync.models import ChargeChange, DailyCharge
from tests.support.pages import MARCH, at, call, hrefs, table_rows, text_of
from tests.support.records import record
from tests.support.restated import LATER, changes, ids, read, restate
from tests.support.stored_logs import store


def test_a_restated_charge_is_shown_with_old_new_difference_and_link(signed_in):
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


def test_the_effects_match_the_changes_of_daily_totals(db):
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


def totals():
    found = {}
    for row in DailyCharge.objects.all():
        found[row.day] = found.get(row.day, Decimal(0)) + row.charge
    return found


def test_a_log_that_moves_takes_its_charge_from_one_day_to_another(signed_in):
    read(call("a", 10, "0.43"), call("b", 10, "1"))
    before = totals()
    read(call("a", 12, "0.5"), read_at=LATER + timedelta(hours=1))
    after = totals()
    assert {day.day: effect.difference for day, effect in changes().by_day} == {
        10: Decimal("-0.43"),
        12: Decimal("0.5"),
    }
    for day, effect in changes().by_day:
        assert effect.difference == after.get(day, 0) - before.get(day, 0)
    assert (changes().total.logs, changes().total.difference) == (1, Decimal("0.07"))
    page = signed_in.get("/sync/changes/")
    assert "+$0.07 over 1 log of 2 days" in text_of(page)
    assert "moved from Mon 10 Mar 2025" in text_of(page)
    assert "moved from Mon 10 Mar 2025" in text_of(signed_in.get("/logs/voice/a/"))


@pytest.mark.parametrize(("day", "effect"), [(10, "-0.43"), (12, "0.5"), (11, None)])
def test_each_day_shows_its_own_side_of_a_move(signed_in, day, effect):
    read(call("a", 10, "0.43"))
    read(call("a", 12, "0.5"), read_at=LATER + timedelta(hours=1))
    query = f"start=2025-03-{day}&end=2025-03-{day}"
    found = changes(query)
    assert [row.difference for row in found.rows] == ([Decimal(effect)] if effect else [])
    assert found.total.difference == Decimal(effect or 0)
    answer = signed_in.get(f"/sync/changes.csv?{query}")
    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))
    assert [Decimal(row["difference"]) for row in rows] == ([Decimal(effect)] if effect else [])
    assert {row["old_created_at"][:10] for row in rows} <= {"2025-03-10"}


def test_a_log_that_moves_several_times_is_one_log(db):
    read(call("a", 10, "1"))
    for minute, (day, charge) in enumerate([(10, "2"), (12, "2"), (10, "3"), (10, "5")], start=1):
        read(call("a", day, charge), read_at=LATER + timedelta(minutes=minute))
    found = changes()
    assert {day.day: (effect.logs, effect.difference) for day, effect in found.by_day} == {
        12: (1, Decimal(0)),
        10: (1, Decimal(4)),
    }
    assert (found.total.logs, found.total.difference) == (1, Decimal(4))


def test_a_log_that_moves_within_its_report_day_is_no_change(db, zone):
    zone("America/New_York")
    read(record("a", created_at=datetime(2025, 3, 11, 3, 59, tzinfo=UTC)))
    read(record("a", created_at=datetime(2025, 3, 10, 23, 0, tzinfo=UTC)), read_at=LATER + timedelta(hours=1))
    assert ids() == []


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


def test_days_are_report_days(db, zone):
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
def test_the_filter_language_selects_the_changed_logs(db, query, found):
    restate("a", 10, "1", "2")
    restate("b", 10, "1", "2", log_type="laml_call", direction=None)
    read(call("c", 11, "1"), medium="video")
    read(call("c", 11, "20"), medium="video", read_at=LATER + timedelta(hours=1))
    read(call("d", 12, "1"), project="Other")
    read(call("d", 12, "3"), project="Other", read_at=LATER + timedelta(hours=1))
    assert sorted(ids(query)) == list(found)


def test_the_time_of_the_change_is_filtered_apart_from_the_day_of_the_log(signed_in):
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
def test_an_invalid_parameter_is_named(signed_in, query, parameter):
    page = signed_in.get(f"/sync/changes/?{query}")
    assert page.status_code == 400
    assert f"The filter “{parameter}” cannot be read" in text_of(page)
    if parameter != "cursor":
        answer = signed_in.get(f"/sync/changes.csv?{query}")
        assert (answer.status_code, answer.content.decode().split(":")[0]) == (400, parameter)


def test_paging_is_by_keyset_newest_first(signed_in):
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
        ("b", "5.000000000", "", "-5.000000000"),
        ("a", "0.010000000", "1.210000000", "1.200000000"),
    ]
    assert sum(Decimal(row["difference"]) for row in rows) == changes().total.difference
    assert {row["had_ended"] for row in rows} == {"true"}


def test_the_overview_counts_only_its_period_and_links_to_the_changes(signed_in):
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


def test_without_changes_it_says_so(signed_in):
    store(call("a"))
    page = text_of(signed_in.get("/sync/changes/"))
    assert page.count("No charge changed") == 1
    assert "none restated in the last 7 days" in text_of(signed_in.get("/sync/"))


def test_the_number_of_queries_does_not_depend_on_the_changes(signed_in, django_assert_max_num_queries):
    for number in range(20):
        restate(f"log-{number}", 10 + number % 5, "1", "2", "3")
    with django_assert_max_num_queries(15):
        signed_in.get("/sync/changes/")
