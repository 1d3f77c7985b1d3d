"""Yesterday in the first quarter of an hour after its end, while only the read that is due now is missing."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.results import CLOSING
from logsync.models import Project, PullUnit
from tests.dashboard.queries.test_completeness import freshness, incomplete, unit
from tests.support.stored_logs import make_feed, set_aside

pytestmark = pytest.mark.django_db

YESTERDAY = "start=2026-11-19&end=2026-11-19"
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def midnight_feed():
    """A feed that was in order a few minutes before midnight."""
    feed = make_feed()
    for day in ("2026-11-17", "2026-11-18"):
        unit(feed, day, "2026-11-19T01:00:00")
    unit(feed, "2026-11-19", "2026-11-19T23:40:00")
    feed.read_until = MIDNIGHT - timedelta(minutes=4)
    feed.save()
    return feed


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(0, CLOSING), (899, CLOSING), (900, "not read to its end yet"), (86_000, "not read to its end yet")],
)
def test_yesterday_is_closing_in_its_first_quarter_of_an_hour(midnight_feed, seconds, reason):
    assert incomplete(YESTERDAY, MIDNIGHT + timedelta(seconds=seconds)) == {"2026-11-19": reason}


def test_the_closing_day_is_neither_complete_nor_a_gap(midnight_feed):
    found = freshness("start=2026-11-18&end=2026-11-20", MIDNIGHT + timedelta(minutes=5))
    assert found.words == "1 of 3 days complete, 1 closing, 1 running"
    assert (found.closing, found.gaps, found.state) == (date(2026, 11, 19), {}, "incomplete")


def test_a_closing_day_is_complete_as_soon_as_it_was_read_past_its_end(midnight_feed):
    PullUnit.objects.filter(day="2026-11-19").update(read_at=MIDNIGHT + timedelta(minutes=1))
    assert incomplete(YESTERDAY, MIDNIGHT + timedelta(minutes=5)) == {}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: PullUnit.objects.filter(day="2026-11-19").update(error="The token is not valid."),
        lambda feed: type(feed).objects.update(read_until=MIDNIGHT - timedelta(days=2)),
        lambda _: Project.objects.update(is_active=False),
        lambda feed: set_aside(feed, "odd", created_at=MIDNIGHT - timedelta(hours=3)),
    ],
)
def test_a_day_that_lacks_more_than_its_last_read_is_not_closing(midnight_feed, spoil):
    spoil(midnight_feed)
    found = freshness(YESTERDAY, MIDNIGHT + timedelta(minutes=5))
    assert found.closing is None
    assert list(found.gaps) == [date(2026, 11, 19)]


def test_one_feed_that_failed_keeps_the_day_of_both_from_closing(midnight_feed):
    video = make_feed(medium="video")
    unit(video, "2026-11-19", None, error="The token is not valid.")
    assert freshness(YESTERDAY, MIDNIGHT + timedelta(minutes=5)).closing is None


def test_closing_follows_the_midnight_of_the_report_zone(midnight_feed, settings):
    settings.REPORT_TIME_ZONE = ZoneInfo("America/New_York")
    PullUnit.objects.filter(day="2026-11-19").update(read_at=MIDNIGHT + timedelta(hours=1))
    unit(midnight_feed, "2026-11-20", "2026-11-20T04:40:00")
    midnight_feed.read_until = datetime(2026, 11, 20, 4, 56, tzinfo=UTC)
    midnight_feed.save()
    found = [freshness(YESTERDAY, datetime(2026, 11, 20, 5, minute, tzinfo=UTC)).closing for minute in (0, 14, 15)]
    assert found == [date(2026, 11, 19), date(2026, 11, 19), None]


def test_a_day_that_began_only_just_need_not_have_been_read_since(midnight_feed):
    today = "start=2026-11-20&end=2026-11-20"
    assert incomplete(today, MIDNIGHT + timedelta(minutes=5)) == {}
    assert incomplete(today, MIDNIGHT + timedelta(minutes=20)) == {"2026-11-20": "not read yet"}
