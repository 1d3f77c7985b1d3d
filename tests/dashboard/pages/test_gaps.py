"""Every total names the days it lacks, and where SignalWire's history begins."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from logsync.days import days_between
from logsync.models import Feed, PullUnit
from logsync.models.choices import UnitState
from tests.support.pages import MARCH, call, data_of, store_march, text_of
from tests.support.stored_logs import make_feed, record, store

AFTER = datetime(2025, 6, 1, tzinfo=UTC)
ERROR = "SignalWire has a fault of its own (503)."


@pytest.fixture
def march(db):
    """February and March were read except for two UTC dates, which affects the days beside them, too."""
    store_march()
    feed = make_feed()
    days = days_between(date(2025, 2, 1), date(2025, 3, 31))
    PullUnit.objects.bulk_create(PullUnit(feed=feed, day=day, state=UnitState.DONE, read_at=AFTER) for day in days)
    Feed.objects.update(read_until=AFTER)
    unread = PullUnit.objects.filter(day__in=[date(2025, 3, 11), date(2025, 3, 12)])
    unread.update(read_at=None, state=UnitState.FAILED, error=ERROR)


@pytest.mark.parametrize("address", ["/", "/logs/"])
def test_days_that_could_not_be_read_are_named(signed_in, march, address):
    text = text_of(signed_in.get(f"{address}?{MARCH}"))
    assert "Not complete: " in text
    assert f"11 – 12 Mar 2025: could not be read: {ERROR}" in text
    assert f"10 Mar 2025: some of its logs may be listed under 2025-03-11: could not be read: {ERROR}" in text
    assert "Not complete" not in text_of(signed_in.get(f"{address}?start=2025-03-01&end=2025-03-09"))


def test_they_are_hatched_in_the_chart_and_in_the_table(signed_in, march):
    page = signed_in.get(f"/?{MARCH}")
    chart = data_of(page, "chart-data")
    hatched = [chart["days"][int(index)] for index in chart["incomplete"]]
    assert hatched == ["2025-03-10", "2025-03-11", "2025-03-12", "2025-03-13"]
    assert page.content.decode().count('<tr class="is-incomplete">') == 4
    assert "not complete: some logs are not read yet" in text_of(page)


def test_they_are_in_json_and_csv(signed_in, march):
    answer = json.loads(signed_in.get(f"/charges.json?{MARCH}").content)
    assert answer["complete"] is False
    unread = f"could not be read: {ERROR}"
    assert answer["incomplete"] == {
        "2025-03-10": f"some of its logs may be listed under 2025-03-11: {unread}",
        "2025-03-11": unread,
        "2025-03-12": unread,
        "2025-03-13": f"some of its logs may be listed under 2025-03-12: {unread}",
    }

    def complete(query):
        lines = b"".join(signed_in.get(f"/charges.csv?{query}").streaming_content).decode().splitlines()
        return [row["complete"] for row in csv.DictReader(lines)]

    store(call("early", 5, "1"))
    assert complete(f"{MARCH}&group_by=day") == ["true", "false", "false", "false"]
    assert complete(f"{MARCH}&group_by=month,medium") == ["false"]
    assert complete(f"{MARCH}&group_by=medium") == ["false"]
    assert complete("start=2025-03-01&end=2025-03-09&group_by=medium") == ["true"]


@pytest.mark.parametrize("address", ["/", "/logs/"])
def test_the_start_of_the_history_is_named_if_the_period_begins_before_it(signed_in, march, address):
    Feed.objects.update(history_from=date(2025, 3, 5))
    words = "SignalWire keeps history since 2025-03-05; older days exist only here."
    assert words in text_of(signed_in.get(f"{address}?{MARCH}"))
    assert words in text_of(signed_in.get(f"{address}?period=all"))
    assert words not in text_of(signed_in.get(f"{address}?start=2025-03-05&end=2025-03-31"))


def test_different_starts_are_named_for_each_list(signed_in, march):
    Feed.objects.update(history_from=date(2025, 3, 5))
    make_feed(medium="video")
    Feed.objects.filter(medium="video").update(history_from=date(2025, 3, 7))
    page = text_of(signed_in.get(f"/?{MARCH}"))
    assert "SignalWire keeps the voice logs of Main since 2025-03-05" in page
    assert "SignalWire keeps the video logs of Main since 2025-03-07" in page


def test_older_days_that_were_read_in_time_are_complete(signed_in, march):
    Feed.objects.update(history_from=date(2025, 3, 31))
    assert "10 of 10 days complete" in text_of(signed_in.get("/?start=2025-03-01&end=2025-03-10"))


def test_the_comparison_names_incomplete_days_of_the_earlier_range(signed_in, march):
    later = "start=2025-03-13&end=2025-03-15"
    store(call("now", 14, "1"))
    page = signed_in.get(f"/?{later}")
    assert "No fair comparison with 10 – 12 Mar 2025: 0 of 3 days known" in text_of(page)
    assert f"11 – 12 Mar 2025: could not be read: {ERROR}" in page.content.decode()
    PullUnit.objects.filter(day=date(2025, 3, 11)).update(read_at=AFTER)
    assert "1 of 3 days known" in text_of(signed_in.get(f"/?{later}"))
    PullUnit.objects.update(read_at=AFTER)
    assert "No fair comparison" not in text_of(signed_in.get(f"/?{later}"))


@pytest.mark.parametrize("year", [1970, 2999])
def test_a_log_of_another_age_does_not_stretch_all_time(signed_in, march, year):
    before = json.loads(signed_in.get("/charges.json?period=all").content)
    store(record("far", created_at=datetime(year, 1, 1, 9, tzinfo=UTC), charge=Decimal("0.5")))
    answer = json.loads(signed_in.get("/charges.json?period=all").content)
    page = signed_in.get("/?period=all")
    days = data_of(page, "chart-data")["days"]
    if year == 1970:
        assert answer["rows"] == [
            {"day": "1970-01-01", "logs": 1, "charge": "0.5", "state": "incomplete"},
            *before["rows"],
        ]
        assert Decimal(answer["total"]["charge"]) == Decimal(before["total"]["charge"]) + Decimal("0.5")
        assert answer["incomplete"].keys() == before["incomplete"].keys() | {"1970-01-01"}
        assert days[0] in {"1970-01-01", "1969-12-29"}
    else:
        later = {"day": "2999-01-01", "logs": 1, "charge": "0.5", "state": "future"}
        assert (answer["rows"], answer["incomplete"]) == ([*before["rows"], later], before["incomplete"])
    assert len(days) < 400
    rows = signed_in.get("/logs.csv?period=all").getvalue().decode()
    assert ("1970-01-01T09:00:00Z" in rows) is (year == 1970)
