"""Which days of a period can be trusted, and why the others cannot."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard import queries
from logsync.choices import UnitState
from logsync.models import PullUnit, StaleDay
from tests.dashboard.stored import NOW, asked, make_feed

pytestmark = pytest.mark.django_db

LONG_AFTER = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def feed():
    feed = make_feed()
    feed.read_until = NOW
    feed.save()
    return feed


def unit(feed, day, read_at=LONG_AFTER, **fields):
    read_at = datetime.fromisoformat(f"{read_at}+00:00") if isinstance(read_at, str) else read_at
    state = fields.pop("state", UnitState.DONE if read_at else UnitState.WAITING)
    return PullUnit.objects.create(feed=feed, day=date.fromisoformat(day), read_at=read_at, state=state, **fields)


def freshness(query="start=2026-11-18&end=2026-11-20", now=NOW):
    return queries.freshness(asked(query, now), now)


def incomplete(query="start=2026-11-18&end=2026-11-20", now=NOW):
    return {str(day): reason for day, reason in freshness(query, now).incomplete.items()}


def test_days_that_were_read_after_their_end_are_complete(feed):
    for day in ("2026-11-18", "2026-11-19", "2026-11-20"):
        unit(feed, day)
    found = freshness()
    assert (found.days, found.complete_days, found.incomplete, found.complete) == (3, 3, {}, True)
    assert found.data_until == NOW
    assert (found.history_done, found.history_days) == (3, 3)


def test_each_incomplete_day_says_why(feed):
    feed.history_from = date(2026, 11, 12)
    feed.save()
    unit(feed, "2026-11-11", None, state=UnitState.BEYOND_HISTORY)
    unit(feed, "2026-11-12", None, state=UnitState.BEYOND_HISTORY)
    unit(feed, "2026-11-13", "2026-11-13T23:59:59")
    unit(feed, "2026-11-14", "2026-11-15T00:00:00")
    unit(feed, "2026-11-15", None)
    unit(feed, "2026-11-16", None, state=UnitState.FAILED, error="The token is not valid.")
    assert incomplete("start=2026-11-10&end=2026-11-17") == {
        "2026-11-10": "SignalWire keeps history only since 2026-11-12",
        "2026-11-11": "SignalWire keeps history only since 2026-11-12",
        "2026-11-12": "older than SignalWire keeps",
        "2026-11-13": "not read to its end yet",
        "2026-11-14": "some of its logs may be listed under 2026-11-15: not read yet",
        "2026-11-15": "not read yet",
        "2026-11-16": "could not be read: The token is not valid.",
        "2026-11-17": "not read yet",
    }


def test_days_before_the_first_that_was_asked_for_say_so(feed):
    unit(feed, "2026-11-19")
    assert incomplete("start=2026-11-18&end=2026-11-19") == {
        "2026-11-18": "before the first day that was asked for",
    }


def test_a_day_that_was_complete_stays_so_while_it_is_read_again(feed):
    unit(feed, "2026-11-18", state=UnitState.FAILED, error="Out of service.")
    unit(feed, "2026-11-19", state=UnitState.BEYOND_HISTORY)
    unit(feed, "2026-11-20", state=UnitState.WAITING)
    assert incomplete() == {}


@pytest.mark.parametrize(
    ("read_at", "read_until", "complete"),
    [
        ("2026-11-20T00:00:00", None, True),
        ("2026-11-19T23:59:59", None, False),
        (None, datetime(2026, 11, 20, 0, 5, tzinfo=UTC), True),
        (None, datetime(2026, 11, 19, 23, 55, tzinfo=UTC), False),
    ],
)
def test_the_running_day_is_complete_when_it_was_read_since_it_began(feed, read_at, read_until, complete):
    feed.read_until = read_until
    feed.save()
    unit(feed, "2026-11-20", read_at)
    assert freshness("period=today").complete is complete


def test_a_date_that_has_not_begun_says_nothing_of_the_running_day(feed, zone):
    zone("America/New_York")
    feed.read_until = None
    feed.save()
    unit(feed, "2026-11-20", None, state=UnitState.FAILED, error="Out of service.")
    unit(feed, "2026-11-21", "2026-11-20T11:00:00")
    running = {"2026-11-20": "could not be read: Out of service."}
    assert incomplete("period=today") == running


def test_a_day_needs_the_dates_beside_it_for_its_logs_may_be_listed_there(feed):
    beside = {day: unit(feed, day, None) for day in ("2026-11-17", "2026-11-19")}
    unit(feed, "2026-11-18")
    said = "some of its logs may be listed under {}: not read yet"
    assert incomplete("start=2026-11-18&end=2026-11-18") == {"2026-11-18": said.format("2026-11-17")}
    PullUnit.objects.filter(pk=beside["2026-11-17"].pk).update(state=UnitState.BEYOND_HISTORY)
    assert incomplete("start=2026-11-18&end=2026-11-18") == {"2026-11-18": said.format("2026-11-19")}
    PullUnit.objects.filter(pk=beside["2026-11-19"].pk).update(read_at=datetime(2026, 11, 19, 1, tzinfo=UTC))
    assert incomplete("start=2026-11-18&end=2026-11-18") == {}


def test_a_report_day_needs_every_utc_date_that_it_spans_up_to_its_own_end(feed, zone):
    zone("America/New_York")
    unit(feed, "2026-11-18")
    # The report day of the 18th ends at 05:00 UTC on the 19th.
    part = unit(feed, "2026-11-19", "2026-11-19T04:59:59")
    assert incomplete("start=2026-11-18&end=2026-11-18") == {"2026-11-18": "not read to its end yet"}
    part.read_at = datetime(2026, 11, 19, 5, 0, tzinfo=UTC)
    part.save()
    assert incomplete("start=2026-11-18&end=2026-11-18") == {}


def test_future_days_are_not_counted(feed):
    unit(feed, "2026-11-20")
    found = freshness("start=2026-11-20&end=2026-12-31")
    assert (found.days, found.complete) == (1, True)
    assert freshness("start=2026-12-01&end=2026-12-31").days == 0


def test_every_feed_in_question_counts_and_no_other(feed):
    video = make_feed(medium="video")
    other = make_feed("Other")
    unit(feed, "2026-11-19")
    unit(other, "2026-11-19", None)
    day = "start=2026-11-19&end=2026-11-19"
    assert incomplete(f"{day}&medium=voice&project=Main") == {}
    assert incomplete(f"{day}&project=Main") == {"2026-11-19": "video logs of Main: not read yet"}
    assert incomplete(day) == {
        "2026-11-19": "video logs of Main: not read yet; voice logs of Other: not read yet",
    }
    assert freshness(day).data_until is None
    assert freshness(f"{day}&medium=voice&project=Main").data_until == NOW
    video.project.pulls_video = False
    video.project.save()
    other.project.is_active = False
    other.project.save()
    assert freshness(day).complete


def test_without_a_project_nothing_is_complete():
    found = freshness("period=last-7-days")
    assert found.complete_days == 0
    assert set(found.incomplete.values()) == {"no project is set up to be read"}
    assert found.data_until is None


def test_days_whose_totals_are_being_made_again_are_named(feed):
    for day in ("2026-11-18", "2026-11-19", "2026-11-20"):
        unit(feed, day)
    for day in (18, 18, 10):
        StaleDay.objects.create(project=feed.project, day=date(2026, 11, day))
    found = freshness()
    assert found.stale_days == [date(2026, 11, 18)]
    assert not found.complete
    assert freshness("start=2026-11-18&end=2026-11-20&project=Other").stale_days == []


def test_history_counts_what_was_asked_for_and_what_is_settled(feed):
    unit(feed, "2026-11-18")
    unit(feed, "2026-11-17", None)
    unit(feed, "2025-11-17", None, state=UnitState.BEYOND_HISTORY)
    unit(feed, "2026-11-21", None)  # tomorrow, which has begun elsewhere on Earth
    found = freshness("period=today")
    assert (found.history_done, found.history_days) == (2, 3)


def test_all_days_begin_with_the_first_that_was_asked_for(feed):
    unit(feed, "2026-11-18")
    unit(feed, "2026-11-19", None)
    unit(feed, "2026-11-20")
    assert freshness("period=all").days == 3
    assert incomplete("period=all").keys() == {"2026-11-18", "2026-11-19"}


def test_the_number_of_queries_does_not_grow(feed, django_assert_num_queries):
    for days in (1, 300):
        for back in range(days):
            PullUnit.objects.get_or_create(feed=feed, day=NOW.date() - timedelta(days=back), read_at=LONG_AFTER)
        with django_assert_num_queries(3):
            freshness("period=last-365-days")
