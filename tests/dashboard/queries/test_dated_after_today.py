"""Logs that are dated after today, because a clock was ahead, are among all days and said to be so."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict

from dashboard import queries
from dashboard.filters.changes import EVERY, parse_change_filter
from dashboard.finance.overview.buckets import bucket_size
from dashboard.finance.overview.queries import read_overview
from logsync.storage.upsert import store_page
from tests.support.stored_logs import NOON, NOW, asked, make_feed, page, record, store

pytestmark = pytest.mark.django_db

FAR = datetime(2999, 5, 6, 12, tzinfo=UTC)
ALL = ["period=all", "period=all&number=206", "period=all&type=relay_pstn_call&min_charge=0"]


@pytest.fixture
def logs():
    store(
        record("past", created_at=NOW - timedelta(days=100), charge=Decimal("0.1")),
        record("now", created_at=NOON, charge=Decimal(1)),
        record("tomorrow", created_at=NOON + timedelta(days=1), charge=Decimal(20)),
        record("far", created_at=FAR, charge=Decimal(300)),
    )


@pytest.mark.parametrize("query", ALL)
def test_all_days_hold_them_in_every_answer(logs, query):
    wanted = asked(query)
    table, whole, rows = queries.charges(wanted, NOW), queries.logs_page(wanted, NOW), list(queries.iter_logs(wanted))
    assert (table.total.logs, table.total.charge) == (4, Decimal("321.1"))
    assert table.total == whole.totals == queries.log_totals(wanted) == read_overview(wanted, NOW).totals
    assert [row.id for row in rows] == [row.id for row in whole.rows] == ["far", "tomorrow", "now", "past"]
    assert [str(row.group[0]) for row in table.rows] == ["2026-08-12", "2026-11-20", "2026-11-21", "2999-05-06"]
    assert [table.freshness.state_of(row.group[0], row.group[0]) for row in table.rows[2:]] == ["future", "future"]
    assert table.freshness.words_after_today == "2 logs are dated after today"


def test_a_page_of_them_leads_to_the_next(logs):
    first = queries.logs_page(asked("period=all&page_size=1"), NOW)
    second = queries.logs_page(asked(f"period=all&page_size=1&cursor={first.next_cursor}"), NOW)
    back = queries.logs_page(asked(f"period=all&page_size=1&cursor={second.previous_cursor}"), NOW)
    assert [result.rows[0].id for result in (first, second, back)] == ["far", "tomorrow", "far"]


@pytest.mark.parametrize("query", ALL)
def test_the_chart_has_their_days_and_no_empty_ones(logs, query):
    result = read_overview(asked(query), NOW)
    assert [(str(day.day), day.totals.charge) for day in result.days if day.is_future] == [
        ("2026-11-21", 20),
        ("2999-05-06", 300),
    ]
    assert sum(day.totals.charge for day in result.days) == result.totals.charge
    assert len(result.days) == 100 + 1 + 2
    assert bucket_size(result.days) == "day"


@pytest.mark.parametrize("query", ["period=today", "period=last-7-days", "period=this-month", "start=2026-01-01"])
def test_periods_that_end_today_stay_as_they_are(logs, query):
    wanted = asked(query)
    assert "tomorrow" not in {row.id for row in queries.iter_logs(wanted)}
    table = queries.charges(wanted, NOW)
    assert table.total == read_overview(wanted, NOW).totals
    assert table.freshness.words_after_today == ""


def test_dates_in_the_future_show_their_logs(logs):
    wanted = asked("start=2026-11-20&end=2026-11-30")
    result = read_overview(wanted, NOW)
    assert (result.totals.charge, result.freshness.words_after_today) == (21, "1 log is dated after today")
    assert [str(day.day) for day in result.days] == ["2026-11-20", "2026-11-21"]
    assert queries.charges(asked("start=2999-01-01&end=2999-12-31"), NOW).total.charge == 300


def test_tomorrow_begins_in_the_report_timezone(zone):
    zone("America/New_York")
    store(record("a", created_at=datetime(2026, 11, 21, 4, 59, tzinfo=UTC)))
    assert queries.charges(asked("period=all"), NOW).freshness.dated_after_today == 0
    store(record("b", created_at=datetime(2026, 11, 21, 5, 0, tzinfo=UTC)))
    assert queries.charges(asked("period=all"), NOW).freshness.dated_after_today == 1
    assert queries.charges(asked("period=all"), NOW).total.logs == 2


def test_a_new_one_shows_at_once(logs):
    assert queries.charges(asked("period=all"), NOW).total.logs == 4
    store(record("new", created_at=FAR + timedelta(days=1)))
    for query in ALL:
        assert queries.charges(asked(query), NOW).total.logs == 5


def test_their_changed_charges_are_listed_too(logs):
    changed = record("far", created_at=FAR, charge=Decimal(301))
    store_page(make_feed(), page(changed, read_at=NOON + timedelta(hours=1)))
    wanted = parse_change_filter(QueryDict(f"kind={EVERY}"), NOW)
    result = queries.changes_page(wanted, NOW)
    assert [(row.log_id, row.difference) for row in result.rows] == [("far", 1)]
    assert [day for day, _ in result.by_day] == [date(2999, 5, 6)]
