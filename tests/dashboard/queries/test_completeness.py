"""Which days of a period are complete, and why the others are not."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard import queries
from logsync.models import Project, PullUnit, StaleDay
from logsync.models.choices import UnitState
from logsync.models.sync import MEDIUM_OFF, PROJECT_OFF
from tests.support.stored_logs import NOW, asked, make_feed, record, store

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
    for day in ("2026-11-17", "2026-11-18", "2026-11-19"):
        unit(feed, day)
    result = freshness("start=2026-11-17&end=2026-11-19")
    assert (result.days, result.complete_days, result.incomplete, result.complete) == (3, 3, {}, True)
    assert result.data_until == NOW
    assert (result.history_done, result.history_days) == (3, 3)


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


def test_days_before_the_first_unit_say_so(feed):
    unit(feed, "2026-11-19")
    assert incomplete("start=2026-11-18&end=2026-11-19") == {
        "2026-11-18": "before the first day that Tollbook reads",
    }


def test_a_complete_day_stays_complete_while_it_is_read_again(feed):
    unit(feed, "2026-11-18", state=UnitState.FAILED, error="Out of service.")
    unit(feed, "2026-11-19", state=UnitState.BEYOND_HISTORY)
    unit(feed, "2026-11-20", state=UnitState.WAITING)
    assert incomplete() == {}


@pytest.mark.parametrize(
    ("read_at", "read_until", "has_reason"),
    [
        ("2026-11-20T00:00:00", None, False),
        ("2026-11-19T23:59:59", None, True),
        (None, datetime(2026, 11, 20, 0, 5, tzinfo=UTC), False),
        (None, datetime(2026, 11, 19, 23, 55, tzinfo=UTC), True),
    ],
)
def test_the_running_day_is_never_complete_and_has_a_reason_until_it_is_read(feed, read_at, read_until, has_reason):
    feed.read_until = read_until
    feed.save()
    unit(feed, "2026-11-20", read_at)
    result = freshness("period=today")
    assert (result.state, result.complete, bool(result.incomplete)) == ("running", False, has_reason)


def test_a_utc_date_that_has_not_begun_does_not_count(feed, zone):
    zone("America/New_York")
    feed.read_until = None
    feed.save()
    unit(feed, "2026-11-20", None, state=UnitState.FAILED, error="Out of service.")
    unit(feed, "2026-11-21", "2026-11-20T11:00:00")
    running = {"2026-11-20": "could not be read: Out of service."}
    assert incomplete("period=today") == running


def test_a_day_needs_the_dates_beside_it_because_its_logs_may_be_listed_there(feed):
    beside = {day: unit(feed, day, None) for day in ("2026-11-17", "2026-11-19")}
    unit(feed, "2026-11-18")
    said = "some of its logs may be listed under {}: not read yet"
    assert incomplete("start=2026-11-18&end=2026-11-18") == {"2026-11-18": said.format("2026-11-17")}
    PullUnit.objects.filter(pk=beside["2026-11-17"].pk).update(state=UnitState.BEYOND_HISTORY)
    assert incomplete("start=2026-11-18&end=2026-11-18") == {"2026-11-18": said.format("2026-11-19")}
    PullUnit.objects.filter(pk=beside["2026-11-19"].pk).update(read_at=datetime(2026, 11, 19, 1, tzinfo=UTC))
    assert incomplete("start=2026-11-18&end=2026-11-18") == {}


def test_a_report_day_needs_every_utc_date_that_it_overlaps_up_to_its_own_end(feed, zone):
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
    result = freshness("start=2026-11-20&end=2026-12-31")
    assert (result.days, result.state, result.words) == (1, "running", "0 of 1 day complete, 1 running")
    assert freshness("start=2026-12-01&end=2026-12-31").days == 0


def test_only_feeds_of_the_filter_count(feed):
    video = make_feed(medium="video")
    unit(feed, "2026-11-19")
    unit(make_feed("Other"), "2026-11-19", None)
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
    assert incomplete(f"{day}&project=Main") == {}


def switch_off(feed, **fields):
    Project.objects.filter(pk=feed.project_id).update(**fields)


OFF = {"is_active": False}


@pytest.mark.parametrize(("fields", "why"), [(OFF, PROJECT_OFF), ({"pulls_voice": False}, MEDIUM_OFF)])
def test_a_feed_that_was_switched_off_counts_on_the_days_of_which_it_has_units(feed, fields, why):
    other = make_feed("Other")
    other.read_until = datetime(2026, 11, 18, 9, tzinfo=UTC)
    other.save()
    for day in range(15, 21):
        unit(feed, f"2026-11-{day}")
    unit(other, "2026-11-15")
    unit(other, "2026-11-16", None, state=UnitState.FAILED, error="Out of service.")
    unit(other, "2026-11-17", None)
    unit(other, "2026-11-18", "2026-11-18T09:00:00")
    switch_off(other, **fields)
    name = "voice logs of Other"
    beside = f"{name}: some of its logs may be listed under 2026-11-16: {why}; could not be read: Out of service."
    assert incomplete("start=2026-11-15&end=2026-11-20") == {
        "2026-11-15": beside,
        "2026-11-16": f"{name}: {why}; could not be read: Out of service.",
        "2026-11-17": f"{name}: {why}; not read since 2026-11-18",
        "2026-11-18": f"{name}: {why}; not read since 2026-11-18",
    }
    result = freshness("start=2026-11-15&end=2026-11-20")
    assert (result.complete, result.data_until) == (False, NOW)
    assert (result.history_done, result.history_days) == (6, 6)  # nobody waits for the others


def test_a_feed_that_was_switched_off_counts_on_days_of_which_it_has_logs_alone(feed):
    unit(feed, "2026-11-19")
    store(record("a", created_at=datetime(2026, 11, 19, 9, tzinfo=UTC)), project="Other")
    switch_off(make_feed("Other"), **OFF)
    assert incomplete("start=2026-11-19&end=2026-11-19") == {
        "2026-11-19": "voice logs of Other: project is switched off; not read yet"
    }


def test_a_day_that_was_read_to_its_end_before_its_feed_was_switched_off_stays_complete(feed):
    for day in ("2026-11-18", "2026-11-19", "2026-11-20"):
        unit(feed, day)
        unit(make_feed("Other"), day)
    switch_off(make_feed("Other"), **OFF)
    assert freshness("start=2026-11-18&end=2026-11-19").complete


def test_the_day_on_which_a_project_is_switched_off_is_never_complete(feed):
    unit(feed, "2026-11-20")
    other = make_feed("Other")
    unit(other, "2026-11-20", "2026-11-20T15:00:00")
    other.read_until = NOW
    other.save()
    assert freshness("period=today").state == "running"
    switch_off(other, **OFF)
    assert incomplete("period=today") == {
        "2026-11-20": "voice logs of Other: project is switched off; not read since 2026-11-20"
    }


def test_with_every_project_switched_off_no_day_is_complete(feed):
    unit(feed, "2026-11-10")
    switch_off(feed, **OFF)
    result = freshness()
    assert set(result.incomplete.values()) == {"project is switched off; not read since 2026-11-20"}
    assert (result.complete_days, result.data_until) == (0, NOW)
    assert incomplete("start=2026-11-10&end=2026-11-10") == {}


def test_without_a_project_nothing_is_complete():
    result = freshness("period=last-7-days")
    assert result.complete_days == 0
    assert set(result.incomplete.values()) == {"no project is set up to be read"}
    assert result.data_until is None


def test_stale_days_are_named(feed):
    for day in ("2026-11-18", "2026-11-19", "2026-11-20"):
        unit(feed, day)
    for day in (18, 18, 10):
        StaleDay.objects.create(project=feed.project, day=date(2026, 11, day))
    result = freshness()
    assert result.stale_days == [date(2026, 11, 18)]
    assert not result.complete
    assert freshness("start=2026-11-18&end=2026-11-20&project=Other").stale_days == []


def test_history_counts_units_up_to_today_and_those_that_are_done(feed):
    unit(feed, "2026-11-18")
    unit(feed, "2026-11-17", None)
    unit(feed, "2025-11-17", None, state=UnitState.BEYOND_HISTORY)
    unit(feed, "2026-11-21", None)  # tomorrow, which has begun elsewhere on Earth
    result = freshness("period=today")
    assert (result.history_done, result.history_days) == (2, 3)


def test_all_days_start_with_the_first_unit(feed):
    unit(feed, "2026-11-18")
    unit(feed, "2026-11-19", None)
    unit(feed, "2026-11-20")
    assert freshness("period=all").days == 3
    assert incomplete("period=all").keys() == {"2026-11-18", "2026-11-19"}


def test_the_number_of_queries_does_not_grow(feed, django_assert_num_queries):
    for days in (1, 300):
        for back in range(days):
            PullUnit.objects.get_or_create(feed=feed, day=NOW.date() - timedelta(days=back), read_at=LONG_AFTER)
        with django_assert_num_queries(4):
            freshness("period=last-365-days")
