"""What the sync page knows: feeds, passes, days, errors, and rows kept aside."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard import queries
from dashboard.queries.sync import ROWS_KEPT_ASIDE, RUNS
from logsync.choices import RunKind, RunState, UnitState
from logsync.models import PullUnit, QuarantinedRow, StaleDay, SyncRun
from logsync.upsert import store_page
from tests.dashboard.stored import NOW, make_feed, page
from tests.logsync.storing import bad_row

pytestmark = pytest.mark.django_db


def test_nothing_is_known_before_the_first_project():
    status = queries.sync_status(NOW)
    assert (status.feeds, status.runs, status.units, status.quarantined) == ([], [], [], 0)


def test_feeds_tell_how_far_they_are_and_what_is_wrong():
    feed = make_feed()
    make_feed(medium="video")
    feed.error, feed.failed_since, feed.next_try_at = "The token is not valid.", NOW, NOW + timedelta(minutes=5)
    feed.save()
    for back, state in enumerate([UnitState.DONE, UnitState.DONE, UnitState.FAILED, UnitState.WAITING]):
        PullUnit.objects.create(feed=feed, day=NOW.date() - timedelta(days=back), state=state)
    voice, video = queries.sync_status(NOW).feeds
    assert (voice.medium, voice.done, voice.failed, voice.waiting) == ("voice", 2, 1, 1)
    assert (voice.error, voice.failed_since, voice.next_try_at) == (feed.error, NOW, NOW + timedelta(minutes=5))
    assert (video.medium, video.done, video.error) == ("video", 0, "")


def test_the_day_to_come_counts_for_nothing_although_it_is_read():
    feed = make_feed()
    for ahead, state in enumerate([UnitState.DONE, UnitState.DONE]):
        PullUnit.objects.create(feed=feed, day=NOW.date() + timedelta(days=ahead), state=state)
    [voice] = queries.sync_status(NOW).feeds
    assert (voice.done, voice.waiting, voice.failed) == (1, 0, 0)


def test_the_calendar_holds_the_last_year_and_failures_of_any_age():
    feed = make_feed()
    for day, state in ((date(2025, 11, 20), "done"), (date(2025, 11, 19), "failed"), (date(2026, 11, 20), "done")):
        PullUnit.objects.create(feed=feed, day=day, state=state)
    status = queries.sync_status(NOW)
    assert [unit.day for unit in status.units] == [date(2025, 11, 20), date(2026, 11, 20)]
    assert [unit.day for unit in status.failures] == [date(2025, 11, 19)]


def test_the_latest_passes_come_first():
    for number in range(RUNS + 5):
        run = SyncRun.objects.create(kind=RunKind.HEAD, state=RunState.DONE, feed=make_feed(), rows=number)
        SyncRun.objects.filter(pk=run.pk).update(started_at=NOW + timedelta(seconds=number))
    runs = queries.sync_status(NOW).runs
    assert (len(runs), runs[0].rows, runs[0].project, runs[0].medium) == (RUNS, RUNS + 4, "Main", "voice")


def test_rows_kept_aside_are_counted_and_the_latest_shown():
    rows = [bad_row(f'{{"number": {number}}}') for number in range(ROWS_KEPT_ASIDE + 3)]
    store_page(make_feed(), page(bad_rows=rows))
    QuarantinedRow.objects.filter(raw=rows[0].raw).update(last_seen_at=datetime(2026, 11, 20, 13, tzinfo=UTC))
    status = queries.sync_status(NOW)
    assert (status.quarantined, len(status.quarantine)) == (ROWS_KEPT_ASIDE + 3, ROWS_KEPT_ASIDE)
    assert (status.quarantine[0].raw, status.quarantine[0].reason) == (rows[0].raw, "id is missing")


def test_days_whose_totals_are_out_of_date_are_counted_once():
    for day in (1, 1, 2):
        StaleDay.objects.create(project=make_feed().project, day=date(2026, 11, day))
    assert queries.sync_status(NOW).stale_days == 2


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    for name in ("Main", "Other", "Third"):
        feed = make_feed(name)
        for back in range(30):
            PullUnit.objects.create(feed=feed, day=NOW.date() - timedelta(days=back), state="failed")
        with django_assert_max_num_queries(13):
            queries.sync_status(NOW)
