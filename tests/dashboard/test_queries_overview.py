"""The overview: days without gaps, shares that add up, and an honest comparison."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection

from dashboard import queries
from logsync.models import Feed
from logsync.rollups import rebuild_stale
from logsync.upsert import store_page
from tests.dashboard.stored import NOON, NOW, asked, make_feed, mixture, page, record, store, tombstone

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def overview(query="", now=NOW):
    return queries.overview(asked(query, now), now)


def on(day, *, charge="1", **fields):
    return record(
        f"log-{day}-{fields.get('log_type', '')}-{charge}", created_at=at(day), charge=Decimal(charge), **fields
    )


def at(day, hour=12):
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


@pytest.mark.parametrize(
    "query", ["", "type=laml_call", "group_by=direction", "group_by=project&deleted=only", "group_by=status&number=206"]
)
def test_chart_table_shares_and_total_are_the_same_money(query):
    mixture()
    found = overview(query)
    table = queries.charges(asked(query), NOW)
    assert found.totals == table.total
    assert found.totals.logs > 0
    for parts in (found.series, found.by_type, found.by_direction, found.by_medium):
        assert sum(row.totals.charge for row in parts) == found.totals.charge
        assert sum(row.totals.logs for row in parts) == found.totals.logs
        assert [row.totals.charge for row in parts] == sorted((row.totals.charge for row in parts), reverse=True)
    assert sum(day.totals.charge for day in found.days) == found.totals.charge
    assert sum(day.totals.logs for day in found.days) == found.totals.logs
    for day in found.days:
        assert sum(day.charges.values()) == day.totals.charge
        assert set(day.charges) <= {row.group[0] for row in found.series}


def test_every_day_up_to_today_is_there_whether_it_has_logs_or_not():
    store(on("2026-11-18"))
    days = overview("start=2026-11-16&end=2026-11-25").days
    assert [(str(day.day), day.totals.logs, day.is_running) for day in days] == [
        ("2026-11-16", 0, False),
        ("2026-11-17", 0, False),
        ("2026-11-18", 1, False),
        ("2026-11-19", 0, False),
        ("2026-11-20", 0, True),
    ]


def test_all_time_begins_with_the_first_day():
    store(on("2025-01-31"), on("2026-11-18"))
    found = overview("period=all")
    assert found.days[0].day == date(2025, 1, 31)
    assert found.comparison is None
    assert found.totals.logs == 2


def test_without_any_log_the_overview_is_empty():
    found = overview("period=all")
    assert [day.day for day in found.days] == [TODAY]
    assert (found.totals.logs, found.series, found.by_type, found.unseen) == (0, [], [], 0)
    assert overview().comparison.percent is None


def test_tombstones_never_seen_alive_are_counted_apart():
    store(record("a"))
    store(tombstone("gone"), tombstone("gone-too"))
    found = overview()
    assert (found.totals.logs, found.unseen) == (1, 2)
    assert overview("deleted=unseen").totals.logs == 2


class TestComparison:
    def test_a_finished_period_stands_beside_as_many_days_before(self):
        store(on("2026-10-31", charge="3"), on("2026-09-30", charge="2"), on("2026-08-31"), on("2026-08-30"))
        found = overview("period=last-month").comparison
        assert (found.start, found.end, found.now_end) == (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))
        assert (found.now.charge, found.before.charge, found.percent) == (3, 3, 0)
        assert not found.partial

    def test_a_running_period_counts_only_days_that_are_over(self):
        store(
            on("2026-11-20", charge="100"), on("2026-11-19", charge="3"), on("2026-11-13"), on("2026-11-12", charge="2")
        )
        found = overview("period=last-7-days").comparison
        assert (found.start, found.end, found.now_end) == (date(2026, 11, 7), date(2026, 11, 12), date(2026, 11, 19))
        assert (found.now.charge, found.before.charge, found.percent) == (3, 2, 50)
        assert found.partial
        assert found.until is None

    def test_a_filter_holds_on_both_sides(self):
        store(
            on("2026-11-19", log_type="laml_call"), on("2026-11-18"), on("2026-11-12", log_type="laml_call", charge="4")
        )
        for query in ("type=laml_call", "type=laml_call&number=206"):
            found = overview(f"period=last-7-days&{query}").comparison
            assert (found.now.charge, found.before.charge, found.difference) == (1, 4, -3)

    def test_today_stands_beside_yesterday_up_to_the_time_that_was_read(self):
        store(
            record("early", created_at=at("2026-11-20", 9), charge=Decimal(5)),
            record("not-read-to-here", created_at=at("2026-11-20", 11), charge=Decimal(50)),
            record("yesterday", created_at=at("2026-11-19", 9), charge=Decimal(4)),
            record("later-yesterday", created_at=at("2026-11-19", 10) + timedelta(minutes=43), charge=Decimal(40)),
        )
        until = at("2026-11-20", 10) + timedelta(minutes=42)
        Feed.objects.update(read_until=until)
        found = overview("period=today").comparison
        assert (found.now.charge, found.before.charge, found.until) == (5, 4, until)
        assert (found.start, found.end, found.now_end) == (date(2026, 11, 19), date(2026, 11, 19), TODAY)
        assert overview("period=today").totals.charge == 55

    def test_today_is_compared_by_the_clock_of_the_report_timezone(self, zone):
        zone("America/New_York")
        now = datetime(2026, 11, 1, 20, 0, tzinfo=UTC)  # 15:00 by the clock; the day has 25 hours
        store(
            record("yesterday", created_at=datetime(2026, 10, 31, 18, 59, tzinfo=UTC), charge=Decimal(1)),
            record("later", created_at=datetime(2026, 10, 31, 19, 0, tzinfo=UTC), charge=Decimal(10)),
            record("today", created_at=datetime(2026, 11, 1, 19, 59, tzinfo=UTC), charge=Decimal(2)),
        )
        found = overview("period=today", now).comparison
        assert (found.now.charge, found.before.charge) == (2, 1)

    def test_today_is_compared_with_nothing_until_it_is_read(self):
        store(on("2026-11-19"))
        Feed.objects.update(read_until=at("2026-11-19", 23))
        assert overview("period=today").comparison is None


@pytest.mark.parametrize(
    ("query", "most"),
    [("", 12), ("period=last-365-days", 16), ("period=today", 12), ("period=all", 16), ("group_by=source", 12)],
)
def test_the_number_of_queries_does_not_grow(query, most, django_assert_max_num_queries):
    for logs in (3, 120):
        mixture(logs=logs, days=40)
        with django_assert_max_num_queries(most):
            overview(query)


@pytest.mark.django_db(transaction=True)
def test_chart_and_total_agree_while_logs_are_being_read():
    store(*(record(f"log-{n}", log_type=f"type-{n % 3}") for n in range(30)))
    ended = Event()

    def pull():
        hour = 0
        while not ended.wait(0.02):
            hour += 1
            rows = [record(f"log-{n}", log_type=f"type-{n % 3}", charge=Decimal(hour)) for n in range(30)]
            store_page(make_feed(), page(*rows, read_at=NOON + timedelta(hours=hour)))
            rebuild_stale()
        connection.close()

    seen = set()
    with ThreadPoolExecutor() as pool:
        pulling = pool.submit(pull)
        try:
            for _ in range(40):
                found = overview("group_by=type")
                seen.add(found.totals.charge)
                assert sum(day.totals.charge for day in found.days) == found.totals.charge
                assert sum(row.totals.charge for row in found.series) == found.totals.charge
                assert sum(sum(day.charges.values()) for day in found.days) == found.totals.charge
        finally:
            ended.set()
        pulling.result(timeout=30)
    assert len(seen) > 1
