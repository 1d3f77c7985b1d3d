"""Cached sums are used exactly as long as they are valid."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from dashboard import queries
from dashboard.finance.overview.queries import read_overview
from dashboard.queries.cache import MAX_ENTRIES, DateSlice, cached, date_slices
from logsync.models import Project
from logsync.rollups.rebuild import rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.stored_logs import NOON, NOW, asked, make_feed, mixture, page, record, store

pytestmark = pytest.mark.django_db

YEAR = "period=last-365-days"


def total(query=""):
    totals = queries.charges(asked(query), NOW).total
    return totals.logs, totals.charge


def rollup_queries(query):
    """The SQL of the queries on the rollup that the overview runs."""
    with CaptureQueriesContext(connection) as context:
        read_overview(asked(query), NOW)
    return [captured["sql"] for captured in context.captured_queries if "logsync_dailycharge" in captured["sql"]]


@pytest.mark.parametrize("query", ["", YEAR, "period=all", f"{YEAR}&group_by=status&project=Main"])
def test_unchanged_sums_come_from_the_cache(query):
    mixture(days=100)
    first = read_overview(asked(query), NOW)
    assert not [sql for sql in rollup_queries(query) if "SUM" in sql]
    assert read_overview(asked(query), NOW) == first


@pytest.mark.parametrize("query", ["", YEAR, "number=206", f"{YEAR}&number=206"])
def test_a_changed_charge_shows_as_soon_as_its_day_is_rebuilt(query):
    store(record("a", charge=Decimal(1)), record("old", created_at=NOON - timedelta(days=20), charge=Decimal(10)))
    assert total(query) == (2, 11)
    store_page(make_feed(), page(record("a", charge=Decimal(2)), read_at=NOON + timedelta(hours=1)))
    rebuild_stale()
    assert total(query) == (2, 12)
    later = record("old", created_at=NOON - timedelta(days=20), charge=Decimal(20))
    store_page(make_feed(), page(later, read_at=NOON + timedelta(hours=1)))
    rebuild_stale()
    assert total(query) == (2, 22)


def test_sums_of_logs_never_lag_behind_the_logs():
    store(record("a", charge=Decimal(1)))
    assert total("number=206") == (1, 1)
    store_page(make_feed(), page(record("b", charge=Decimal(2))))  # not rebuilt yet
    assert total("number=206") == (2, 3)
    assert queries.logs_page(asked("number=206"), NOW).totals.logs == 2


def test_a_renamed_project_shows_its_new_name():
    store(record("a"))
    for name in ("Main", "Renamed"):
        Project.objects.update(name=name)
        assert [row.group for row in queries.charges(asked("group_by=project"), NOW).rows] == [(name,)]
    assert total("project=Main") == (0, 0)
    assert total("project=Renamed") == (1, Decimal("0.01"))


def test_another_report_timezone_misses_the_cache(zone):
    store(record("a", created_at=NOON.replace(hour=2)))
    days = []
    for name in ("UTC", "America/New_York"):
        zone(name)
        days += [str(row.group[0]) for row in queries.charges(asked("number=206"), NOW).rows]
    assert days == ["2026-11-20", "2026-11-19"]


def test_only_the_last_days_of_a_year_are_summed_again():
    store(record("a"), record("old", created_at=NOON - timedelta(days=100)))
    read_overview(asked(YEAR), NOW)
    store(record("b"))
    again = [sql for sql in rollup_queries(YEAR) if "SUM" in sql]
    assert again
    assert all("2026-11-14" in sql for sql in again)
    assert read_overview(asked(YEAR), NOW).totals.logs == 3


def test_slices_cover_the_days_of_the_filter():
    [whole] = date_slices(asked("period=last-30-days&sort=charge"))
    assert (whole.log_filter.start, whole.log_filter.end) == (asked().start, asked().end)
    old, recent = date_slices(asked(YEAR))
    assert (old.log_filter.start, recent.log_filter.end) == (asked(YEAR).start, asked(YEAR).end)
    assert recent.log_filter.start - old.log_filter.end == timedelta(days=1)
    assert date_slices(asked("period=all"))[0].log_filter.start is None


def test_the_cache_has_a_limit():
    date_slice = DateSlice(asked(), object(), Q)
    made = []
    for number in [*range(MAX_ENTRIES + 1), 0, 0]:
        cached(number, date_slice, lambda number=number: made.append(number))
    assert made == [*range(MAX_ENTRIES + 1), 0]
