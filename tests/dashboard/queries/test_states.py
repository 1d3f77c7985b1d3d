"""The state of periods and of their parts: over and read, running, not complete, not begun."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard import queries
from dashboard.queries.completeness import incomplete_days
from dashboard.results import SetAside
from logsync.days import days_between
from logsync.models import Feed, PullUnit, QuarantinedRow, StaleDay
from logsync.models.choices import UnitState
from tests.support.stored_logs import NOW, asked, make_feed, record, set_aside, store

pytestmark = pytest.mark.django_db

AFTER = datetime(2026, 11, 20, 15, tzinfo=UTC)
OVER = "start=2026-11-10&end=2026-11-19"


@pytest.fixture
def feed():
    """A feed whose days were read from 31 August to now."""
    feed = make_feed()
    days = days_between(date(2026, 8, 31), NOW.date())
    PullUnit.objects.bulk_create(PullUnit(feed=feed, day=day, state=UnitState.DONE, read_at=AFTER) for day in days)
    Feed.objects.update(read_until=AFTER)
    return feed


def fresh(query, now=NOW):
    return queries.freshness(asked(query, now), now)


def state(query, now=NOW):
    return fresh(query, now).state


def forget(day):
    PullUnit.objects.filter(day=day).update(read_at=None, state=UnitState.WAITING)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (OVER, "complete"),
        ("period=yesterday", "complete"),
        ("period=last-month", "complete"),
        ("period=today", "running"),
        ("period=last-7-days", "running"),
        ("period=this-month", "running"),
        ("period=this-quarter", "running"),
        ("period=all", "running"),
        ("start=2026-11-01&end=2026-11-30", "running"),
        ("start=2026-11-20&end=2026-11-20", "running"),
        ("start=2026-11-21&end=2026-11-21", "future"),
        ("start=2027-01-01&end=2027-01-31", "future"),
    ],
)
def test_a_period_is_complete_only_when_it_is_over_and_read(feed, query, expected):
    assert state(query) == expected
    assert fresh(query).complete is (expected == "complete")


def test_midnight_of_the_report_timezone_ends_a_day(feed, zone):
    zone("America/New_York")
    day = "start=2026-11-18&end=2026-11-18"
    assert state(day, datetime(2026, 11, 19, 4, 59, tzinfo=UTC)) == "running"
    assert state(day, datetime(2026, 11, 19, 5, 0, tzinfo=UTC)) == "complete"
    assert state(day, datetime(2026, 11, 18, 4, 59, tzinfo=UTC)) == "future"


def test_a_day_that_is_over_and_was_not_read_makes_its_periods_incomplete(feed):
    forget("2026-11-15")
    assert [state(query) for query in (OVER, "period=this-month", "period=all")] == ["incomplete"] * 3
    assert state("period=last-month") == "complete"
    assert state("period=today") == "running"
    assert state("start=2027-01-01&end=2027-01-31") == "future"
    PullUnit.objects.filter(day="2026-11-15").update(read_at=datetime(2026, 11, 15, 23, 59, tzinfo=UTC))
    assert state(OVER) == "incomplete"


def test_today_is_running_even_if_it_could_not_be_read(feed):
    Feed.objects.update(read_until=datetime(2026, 11, 19, 12, tzinfo=UTC))
    forget("2026-11-20")
    assert state("period=today") == "running"
    assert fresh("period=today").incomplete.keys() == {NOW.date()}


def test_days_that_are_about_to_be_totalled_again_are_incomplete(feed):
    StaleDay.objects.create(project=feed.project, day=date(2026, 11, 12))
    result = fresh(OVER)
    assert (result.state, result.words) == ("incomplete", "9 of 10 days complete")
    assert state("start=2026-11-13&end=2026-11-19") == "complete"


@pytest.mark.parametrize("query", ["period=all", "period=today", "period=last-30-days", "start=2020-01-01"])
def test_where_nothing_was_read_nothing_is_complete_or_running(query):
    assert state(query) == "incomplete"
    make_feed()
    assert state(query) == "incomplete"
    assert state("start=2027-01-01&end=2027-01-31") == "future"
    assert "running" not in fresh(query).words


def test_words_count_days_that_are_complete_and_running(feed):
    assert fresh("period=last-30-days").words == "29 of 30 days complete, 1 running"
    assert fresh("period=yesterday").words == "1 of 1 day complete"
    assert fresh("period=today").words == "0 of 1 day complete, 1 running"
    assert fresh("start=2027-01-01&end=2027-01-31").words == "not begun yet"
    forget("2026-11-15")  # the days beside it may have logs there, too
    assert fresh("period=last-30-days").words == "26 of 30 days complete, 1 running"


def test_rows_set_aside_make_their_day_incomplete(feed):
    for number in range(31):
        charge = Decimal("0.0143") if number < 30 else None
        set_aside(feed, f"row-{number}", created_at=datetime(2026, 11, 12, 9, tzinfo=UTC), charge=charge)
    result = fresh(OVER)
    assert result.set_aside == SetAside(31, Decimal("0.429"))
    assert (result.state, result.complete, result.words) == ("incomplete", False, "9 of 10 days complete")
    assert result.incomplete == {date(2026, 11, 12): "31 rows set aside, at least $0.429"}
    assert incomplete_days(asked(OVER), NOW) == result.incomplete
    assert result.state_of(date(2026, 11, 13), date(2026, 11, 19)) == "complete"
    assert state("start=2026-11-13&end=2026-11-19") == "complete"


def test_a_row_set_aside_counts_on_its_day_else_where_it_was_listed(feed):
    set_aside(feed, "a", created_at=datetime(2026, 11, 12, 23, 59, 59, tzinfo=UTC), listed_on=date(2026, 11, 13))
    set_aside(feed, "b", listed_on=date(2026, 11, 14), charge=Decimal("0.43"))
    assert fresh(OVER).incomplete == {
        date(2026, 11, 12): "1 row set aside, at least $0.00",
        date(2026, 11, 14): "1 row set aside, at least $0.43",
    }
    assert fresh("start=2026-11-13&end=2026-11-13").set_aside == SetAside()


def test_a_row_set_aside_counts_on_a_day_of_the_report_timezone(feed, zone):
    zone("America/New_York")
    set_aside(feed, "a", created_at=datetime(2026, 11, 13, 4, 59, tzinfo=UTC))
    set_aside(feed, "b", created_at=datetime(2026, 11, 13, 5, 0, tzinfo=UTC), charge=Decimal("0.000000001"))
    set_aside(feed, "c", listed_on=date(2026, 11, 14))
    row = set_aside(feed, "d")
    QuarantinedRow.objects.filter(pk=row.pk).update(first_seen_at=datetime(2026, 11, 16, 4, 59, tzinfo=UTC))
    assert fresh(OVER).set_aside_days == {
        date(2026, 11, 12): SetAside(1, Decimal(0)),
        date(2026, 11, 13): SetAside(1, Decimal("0.000000001")),
        date(2026, 11, 14): SetAside(1, Decimal(0)),
        date(2026, 11, 15): SetAside(1, Decimal(0)),
    }


def test_a_charge_that_the_totals_have_of_an_older_version_is_not_missing(feed):
    noon = datetime(2026, 11, 12, 12, tzinfo=UTC)
    store(record("a", created_at=noon, charge=Decimal(5)))
    set_aside(feed, "newer", log_id="a", created_at=noon, charge=Decimal(6))
    set_aside(feed, "other", log_id="b", created_at=noon, charge=Decimal(1))
    assert fresh(OVER).set_aside == SetAside(2, Decimal(1))


def test_a_reason_names_what_was_not_read_and_what_was_set_aside(feed):
    forget("2026-11-12")
    set_aside(feed, "a", listed_on=date(2026, 11, 12))
    assert fresh(OVER).incomplete[date(2026, 11, 12)] == "not read yet; 1 row set aside, at least $0.00"


def test_rows_set_aside_today_leave_today_running(feed):
    set_aside(feed, "a", created_at=NOW - timedelta(hours=1))
    result = fresh("period=today")
    assert (result.state, result.set_aside.rows) == ("running", 1)
    assert result.incomplete == {NOW.date(): "1 row set aside, at least $0.00"}


def test_rows_set_aside_are_those_of_the_projects_and_media_of_the_filter(feed):
    set_aside(feed, "a", listed_on=date(2026, 11, 12))
    rows = {
        query: fresh(f"{OVER}&{query}").set_aside.rows
        for query in ("project=Main", "project=Other", "medium=voice", "medium=video", "type=laml_call", "number=206")
    }
    assert rows == {
        "project=Main": 1,
        "project=Other": 0,
        "medium=voice": 1,
        "medium=video": 0,
        # It may be one of them.
        "type=laml_call": 1,
        "number=206": 1,
    }


def test_a_row_set_aside_that_is_dated_in_the_future_is_among_all_days(feed):
    set_aside(feed, "a", created_at=NOW + timedelta(days=400), charge=Decimal(1))
    assert fresh("period=all").set_aside == SetAside(1, Decimal(1))
    assert state("period=all") == "running"
    assert fresh("period=last-7-days").set_aside.rows == 0
