"""Sums are remembered exactly as long as they are true."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard import queries
from dashboard.queries.memory import MOST_ANSWERS, Piece, pieces_of, remembered
from logsync.models import Project
from logsync.rollups import rebuild_stale
from logsync.upsert import store_page
from tests.dashboard.stored import NOON, NOW, asked, make_feed, mixture, page, record, store

pytestmark = pytest.mark.django_db

YEAR = "period=last-365-days"


def total(query=""):
    found = queries.charges(asked(query), NOW).total
    return found.logs, found.charge


def asked_tables(query):
    """Of which days the totals were asked for, when the overview is asked for."""
    with CaptureQueriesContext(connection) as context:
        queries.overview(asked(query), NOW)
    return [one["sql"] for one in context.captured_queries if "logsync_dailycharge" in one["sql"]]


@pytest.mark.parametrize("query", ["", YEAR, "period=all", f"{YEAR}&group_by=status&project=Main"])
def test_what_did_not_change_is_not_added_again(query):
    mixture(days=100)
    first = queries.overview(asked(query), NOW)
    assert not [sql for sql in asked_tables(query) if "SUM" in sql]
    assert queries.overview(asked(query), NOW) == first


@pytest.mark.parametrize("query", ["", YEAR, "number=206", f"{YEAR}&number=206"])
def test_a_changed_charge_shows_at_once_when_it_is_totalled(query):
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
    store_page(make_feed(), page(record("b", charge=Decimal(2))))  # not totalled yet
    assert total("number=206") == (2, 3)
    assert queries.logs_page(asked("number=206"), NOW).totals.logs == 2


def test_a_project_of_another_name_is_shown_by_it():
    store(record("a"))
    for name in ("Main", "Renamed"):
        Project.objects.update(name=name)
        assert [row.group for row in queries.charges(asked("group_by=project"), NOW).rows] == [(name,)]
    assert total("project=Main") == (0, 0)
    assert total("project=Renamed") == (1, Decimal("0.01"))


def test_another_report_timezone_is_another_question(zone):
    store(record("a", created_at=NOON.replace(hour=2)))
    days = []
    for name in ("UTC", "America/New_York"):
        zone(name)
        days += [str(row.group[0]) for row in queries.charges(asked("number=206"), NOW).rows]
    assert days == ["2026-11-20", "2026-11-19"]


def test_of_a_year_only_the_last_days_are_added_again():
    store(record("a"), record("old", created_at=NOON - timedelta(days=100)))
    queries.overview(asked(YEAR), NOW)
    store(record("b"))
    again = [sql for sql in asked_tables(YEAR) if "SUM" in sql]
    assert again
    assert all("2026-11-14" in sql for sql in again)
    assert queries.overview(asked(YEAR), NOW).totals.logs == 3


def test_the_pieces_of_a_filter_are_its_days():
    [whole] = pieces_of(asked("period=last-30-days&sort=charge"))
    assert (whole.wanted.start, whole.wanted.end) == (asked().start, asked().end)
    old, recent = pieces_of(asked(YEAR))
    assert (old.wanted.start, recent.wanted.end) == (asked(YEAR).start, asked(YEAR).end)
    assert recent.wanted.start - old.wanted.end == timedelta(days=1)
    assert pieces_of(asked("period=all"))[0].wanted.start is None


def test_only_so_many_answers_are_kept():
    piece = Piece(asked(), state=object())
    made = []
    for number in [*range(MOST_ANSWERS + 1), 0, 0]:
        remembered(number, piece, lambda number=number: made.append(number))
    assert made == [*range(MOST_ANSWERS + 1), 0]
