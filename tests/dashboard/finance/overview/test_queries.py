"""The overview: days without gaps, shares that add up, and a fair comparison."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from dashboard import queries
from dashboard.finance.overview import queries as overview_queries
from dashboard.finance.overview.queries import read_overview
from logsync.models import Feed
from logsync.rollups.rebuild import rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.stored_logs import NOON, NOW, asked, make_feed, mixture, page, record, store, tombstone

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def overview(query="", now=NOW):
    return read_overview(asked(query, now), now)


def on(day, *, charge="1", **fields):
    return record(
        f"log-{day}-{fields.get('log_type', '')}-{charge}", created_at=at(day), charge=Decimal(charge), **fields
    )


def at(day, hour=12):
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


@pytest.mark.parametrize(
    "query", ["", "type=laml_call", "group_by=direction", "group_by=project&deleted=only", "group_by=status&number=206"]
)
def test_chart_table_shares_and_total_have_the_same_charge(query):
    mixture()
    result = overview(query)
    table = queries.charges(asked(query), NOW)
    assert result.totals == table.total
    assert result.totals.logs > 0
    for parts in (result.series, result.by_type, result.by_direction, result.by_medium):
        assert sum(row.totals.charge for row in parts) == result.totals.charge
        assert sum(row.totals.logs for row in parts) == result.totals.logs
    assert sum(day.totals.charge for day in result.days) == result.totals.charge
    assert sum(day.totals.logs for day in result.days) == result.totals.logs
    for day in result.days:
        assert sum(day.charges.values()) == day.totals.charge
        assert set(day.charges) <= {row.group[0] for row in result.series}


def test_days_without_logs_are_included_up_to_today():
    store(on("2026-11-18"))
    days = overview("start=2026-11-16&end=2026-11-25").days
    assert [(str(day.day), day.totals.logs, day.is_running) for day in days] == [
        ("2026-11-16", 0, False),
        ("2026-11-17", 0, False),
        ("2026-11-18", 1, False),
        ("2026-11-19", 0, False),
        ("2026-11-20", 0, True),
    ]


def test_all_days_start_with_the_first_log():
    store(on("2025-01-31"), on("2026-11-18"))
    result = overview("period=all")
    assert result.days[0].day == date(2025, 1, 31)
    assert result.comparison is None
    assert result.totals.logs == 2


def test_without_any_log_the_overview_is_empty():
    result = overview("period=all")
    assert [day.day for day in result.days] == [TODAY]
    assert (result.totals.logs, result.series, result.by_type, result.unseen) == (0, [], [], 0)
    assert overview().comparison.percent is None


def test_unseen_tombstones_are_counted_separately():
    store(record("a"))
    store(tombstone("gone"), tombstone("gone-too"))
    result = overview()
    assert (result.totals.logs, result.unseen) == (1, 2)
    assert overview("deleted=unseen").totals.logs == 2


class TestComparison:
    def test_a_calendar_month_is_compared_with_the_month_before(self):
        store(on("2026-10-31", charge="3"), on("2026-09-30", charge="2"), on("2026-08-31", charge="100"))
        for query in ("period=last-month", "start=2026-10-01&end=2026-10-31"):
            comparison = overview(query).comparison
            assert (comparison.start, comparison.end) == (date(2026, 9, 1), date(2026, 9, 30))
            assert (comparison.now_start, comparison.now_end) == (date(2026, 10, 1), date(2026, 10, 31))
            assert (comparison.now.charge, comparison.before.charge, comparison.percent) == (3, 2, 50)
            assert not comparison.partial

    def test_no_day_that_is_over_is_left_out_when_the_month_before_is_shorter(self):
        store(on("2026-02-28", charge="4"), on("2026-03-30", charge="5"), on("2026-03-31", charge="7"))
        comparison = overview("period=this-month", at("2026-03-31", 15)).comparison
        assert (comparison.now.charge, comparison.before.charge) == (5, 4)
        assert (comparison.now_end, comparison.end) == (date(2026, 3, 30), date(2026, 2, 28))

    def test_fixed_dates_keep_the_figures_and_the_comparison(self):
        """On 20 November, and a year later."""
        store(
            on("2026-11-05", charge="5"),
            on("2026-11-25", charge="80"),
            on("2026-10-05", charge="10"),
            on("2026-10-25"),
            on("2026-10-30", charge="70"),
        )
        relative = overview("period=this-month")
        for now in (NOW, NOW + timedelta(days=365)):
            fixed = overview("start=2026-11-01&end=2026-11-20", now)
            assert fixed.totals == relative.totals
            assert fixed.comparison.percent == relative.comparison.percent == -50
            assert fixed.comparison.start == relative.comparison.start == date(2026, 10, 1)

    def test_of_a_range_that_ends_in_the_future_only_days_that_are_over_count(self):
        store(on("2026-11-20", charge="9"), on("2026-11-19", charge="3"), on("2026-11-12", charge="2"))
        comparison = overview("start=2026-11-16&end=2026-12-15").comparison
        assert (comparison.now.charge, comparison.before.charge, comparison.partial) == (3, 2, True)
        assert (comparison.start, comparison.end) == (date(2026, 11, 12), date(2026, 11, 15))

    @pytest.mark.parametrize(("before", "now"), [("-10", "5"), ("-10", "-20"), ("0", "5")])
    def test_there_is_no_percentage_of_a_credit_or_of_nothing(self, before, now):
        store(on("2026-10-12", charge=before), on("2026-11-12", charge=now))
        comparison = overview("start=2026-11-01&end=2026-11-19").comparison
        assert comparison.percent is None
        assert comparison.difference == Decimal(now) - Decimal(before)

    def test_a_running_period_counts_only_days_that_are_over(self):
        store(
            on("2026-11-20", charge="100"), on("2026-11-19", charge="3"), on("2026-11-13"), on("2026-11-12", charge="2")
        )
        comparison = overview("period=last-7-days").comparison
        assert (comparison.start, comparison.end, comparison.now_end) == (
            date(2026, 11, 7),
            date(2026, 11, 12),
            date(2026, 11, 19),
        )
        assert (comparison.now.charge, comparison.before.charge, comparison.percent) == (3, 2, 50)
        assert comparison.partial
        assert comparison.until is None

    def test_the_filter_applies_to_both_sides(self):
        store(
            on("2026-11-19", log_type="laml_call"), on("2026-11-18"), on("2026-11-12", log_type="laml_call", charge="4")
        )
        for query in ("type=laml_call", "type=laml_call&number=206"):
            comparison = overview(f"period=last-7-days&{query}").comparison
            assert (comparison.now.charge, comparison.before.charge, comparison.difference) == (1, 4, -3)

    def test_today_is_compared_with_yesterday_up_to_the_time_that_was_read(self):
        store(
            record("early", created_at=at("2026-11-20", 9), charge=Decimal(5)),
            record("not-read-to-here", created_at=at("2026-11-20", 11), charge=Decimal(50)),
            record("yesterday", created_at=at("2026-11-19", 9), charge=Decimal(4)),
            record("later-yesterday", created_at=at("2026-11-19", 10) + timedelta(minutes=43), charge=Decimal(40)),
        )
        until = at("2026-11-20", 10) + timedelta(minutes=42)
        Feed.objects.update(read_until=until)
        comparison = overview("period=today").comparison
        assert (comparison.now.charge, comparison.before.charge, comparison.until) == (5, 4, until)
        assert (comparison.start, comparison.end, comparison.now_end) == (date(2026, 11, 19), date(2026, 11, 19), TODAY)
        assert overview("period=today").totals.charge == 55

    def test_today_is_compared_by_local_time_of_the_report_timezone(self, zone):
        zone("America/New_York")
        now = datetime(2026, 11, 1, 20, 0, tzinfo=UTC)  # 15:00 by the clock; the day has 25 hours
        store(
            record("yesterday", created_at=datetime(2026, 10, 31, 18, 59, tzinfo=UTC), charge=Decimal(1)),
            record("later", created_at=datetime(2026, 10, 31, 19, 0, tzinfo=UTC), charge=Decimal(10)),
            record("today", created_at=datetime(2026, 11, 1, 19, 59, tzinfo=UTC), charge=Decimal(2)),
        )
        comparison = overview("period=today", now).comparison
        assert (comparison.now.charge, comparison.before.charge) == (2, 1)

    @pytest.mark.parametrize(
        ("name", "until", "counted", "not_counted"),
        [
            # The clock went forward in the night, so the morning is an hour shorter than the day before.
            ("Europe/Berlin", "2026-03-29T10:00", ("03-29T09:59", "03-28T10:59"), ("03-29T10:01", "03-28T11:01")),
            ("America/New_York", "2026-03-08T16:00", ("03-08T15:59", "03-07T16:59"), ("03-08T16:01", "03-07T17:01")),
            # The clock went back; and the day after such a day.
            ("Europe/Berlin", "2026-10-25T11:00", ("10-25T10:59", "10-24T09:59"), ("10-25T11:01", "10-24T10:01")),
            ("Europe/Berlin", "2026-10-26T11:00", ("10-26T10:59", "10-25T10:59"), ("10-26T11:01", "10-25T11:01")),
            # By half an hour.
            ("Australia/Lord_Howe", "2026-10-04T01:00", ("10-04T00:59", "10-03T01:29"), ("10-04T01:01", "10-03T01:31")),
        ],
    )
    def test_both_days_end_at_the_same_time_by_the_clock(self, zone, name, until, counted, not_counted):
        zone(name)
        charges = zip((*counted, *not_counted), (5, 4, 50, 40), strict=True)
        store(
            *(
                record(text, created_at=datetime.fromisoformat(f"2026-{text}:00+00:00"), charge=Decimal(charge))
                for text, charge in charges
            )
        )
        comparison = overview("period=today", datetime.fromisoformat(f"{until}:00+00:00")).comparison
        assert (comparison.now.charge, comparison.before.charge) == (5, 4)

    def test_today_has_no_comparison_until_it_is_read(self):
        store(on("2026-11-19"))
        Feed.objects.update(read_until=at("2026-11-19", 23))
        assert overview("period=today").comparison is None


@pytest.mark.parametrize(
    ("query", "most"),
    [("", 14), ("period=last-365-days", 18), ("period=today", 14), ("period=all", 17), ("group_by=source", 14)],
)
def test_the_number_of_queries_does_not_grow(query, most, django_assert_max_num_queries):
    for logs in (3, 120):
        mixture(logs=logs, days=40)
        with django_assert_max_num_queries(most):
            overview(query)


def pull(charge):
    """Set the charge of 30 logs and rebuild their totals, on a connection of the thread's own."""
    logs = [record(f"log-{n}", log_type=f"type-{n % 3}", charge=Decimal(charge)) for n in range(30)]
    with closing(connection):
        store_page(make_feed(), page(*logs, read_at=NOON + timedelta(hours=charge)))
        rebuild_stale()


def consistent_charge():
    """The total of the overview, after checking it against the chart, the series and the table."""
    result = overview("group_by=type")
    assert sum(day.totals.charge for day in result.days) == result.totals.charge
    assert sum(row.totals.charge for row in result.series) == result.totals.charge
    assert sum(sum(day.charges.values()) for day in result.days) == result.totals.charge
    return result.totals.charge


@pytest.mark.django_db(transaction=True)
def test_chart_and_total_agree_while_logs_are_being_read():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(pull, 1).result()
        for charge in range(2, 22):
            pulling = pool.submit(pull, charge)
            while not pulling.done():
                assert consistent_charge() in {30 * (charge - 1), 30 * charge}
            pulling.result()
            assert consistent_charge() == 30 * charge


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["totals_by_day", "sums_by"])
def test_the_overview_is_read_again_when_totals_change_halfway(monkeypatch, step):
    read = getattr(overview_queries, step)
    charges = iter([2])

    def read_after_change(*args, **options):
        for charge in charges:
            pool.submit(pull, charge).result()
        return read(*args, **options)

    monkeypatch.setattr(overview_queries, step, read_after_change)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(pull, 1).result()
        assert consistent_charge() == 60
