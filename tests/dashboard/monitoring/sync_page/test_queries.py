"""The queries of the Sync page: feeds, runs, days, errors, rows set aside and unread fields."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard.monitoring.sync_page.queries import MAX_FAILURES, MAX_RUNS, MAX_SET_ASIDE, MAX_UNREAD, sync_status
from logsync.models import PullUnit, QuarantinedRow, StaleDay, SyncRun
from logsync.models.choices import RunKind, RunState, UnitState
from logsync.storage.upsert import store_page
from tests.support.records import bad_row
from tests.support.stored_logs import NOW, make_feed, page, record, store

pytestmark = pytest.mark.django_db


def test_nothing_is_known_before_the_first_project():
    status = sync_status(NOW)
    assert (status.feeds, status.runs, status.units, status.set_aside_total.rows) == ([], [], [], 0)
    assert (status.unread_logs, status.unread_total, status.unread_fields) == ([], 0, {})


def test_feeds_have_their_progress_and_error():
    feed = make_feed()
    make_feed(medium="video")
    feed.error, feed.failed_since, feed.next_try_at = "The token is not valid.", NOW, NOW + timedelta(minutes=5)
    feed.save()
    for back, state in enumerate([UnitState.DONE, UnitState.DONE, UnitState.FAILED, UnitState.WAITING]):
        PullUnit.objects.create(feed=feed, day=NOW.date() - timedelta(days=back), state=state)
    voice, video = sync_status(NOW).feeds
    assert (voice.medium, voice.done, voice.failed, voice.waiting) == ("voice", 2, 1, 1)
    assert (voice.error, voice.failed_since, voice.next_try_at) == (feed.error, NOW, NOW + timedelta(minutes=5))
    assert (video.medium, video.done, video.error) == ("video", 0, "")


def test_tomorrow_is_not_counted_although_it_is_read():
    feed = make_feed()
    for ahead, state in enumerate([UnitState.DONE, UnitState.DONE]):
        PullUnit.objects.create(feed=feed, day=NOW.date() + timedelta(days=ahead), state=state)
    [voice] = sync_status(NOW).feeds
    assert (voice.done, voice.waiting, voice.failed) == (1, 0, 0)


def test_the_calendar_holds_the_last_year_and_failures_of_any_age():
    feed = make_feed()
    for day, state in ((date(2025, 11, 20), "done"), (date(2025, 11, 19), "failed"), (date(2026, 11, 20), "done")):
        PullUnit.objects.create(feed=feed, day=day, state=state)
    status = sync_status(NOW)
    assert [unit.day for unit in status.units] == [date(2025, 11, 20), date(2026, 11, 20)]
    assert [unit.day for unit in status.failures] == [date(2025, 11, 19)]


def test_failures_are_counted_and_the_latest_shown():
    feed = make_feed()
    days = [NOW.date() - timedelta(days=back) for back in range(MAX_FAILURES + 5)]
    PullUnit.objects.bulk_create(PullUnit(feed=feed, day=day, state=UnitState.FAILED) for day in days)
    status = sync_status(NOW)
    assert status.failure_total == MAX_FAILURES + 5
    assert [unit.day for unit in status.failures] == days[:MAX_FAILURES]


def test_the_latest_runs_come_first():
    for number in range(MAX_RUNS + 5):
        run = SyncRun.objects.create(kind=RunKind.NEWEST, state=RunState.DONE, feed=make_feed(), rows=number)
        SyncRun.objects.filter(pk=run.pk).update(started_at=NOW + timedelta(seconds=number))
    runs = sync_status(NOW).runs
    assert (len(runs), runs[0].rows, runs[0].project, runs[0].medium) == (MAX_RUNS, MAX_RUNS + 4, "Main", "voice")


def test_rows_set_aside_are_counted_and_the_latest_shown():
    rows = [bad_row(f'{{"number": {number}}}', charge=Decimal("0.01")) for number in range(MAX_SET_ASIDE + 3)]
    store_page(make_feed(), page(bad_rows=rows))
    QuarantinedRow.objects.filter(raw=rows[0].raw).update(last_seen_at=datetime(2026, 11, 20, 13, tzinfo=UTC))
    status = sync_status(NOW)
    assert (status.set_aside_total.rows, len(status.set_aside)) == (MAX_SET_ASIDE + 3, MAX_SET_ASIDE)
    assert status.set_aside_total.charge == Decimal("1.03")
    assert (status.set_aside[0].raw, status.set_aside[0].reason) == (rows[0].raw, "id is missing")


def test_logs_with_unread_fields_are_counted_by_field_and_the_newest_shown():
    logs = [
        record(f"log-{number}", created_at=NOW - timedelta(minutes=number), unread_fields="duration,from")
        for number in range(MAX_UNREAD + 1)
    ]
    store(*logs, record("good"), record("other", unread_fields="duration"))
    status = sync_status(NOW)
    assert (status.unread_total, len(status.unread_logs)) == (MAX_UNREAD + 2, MAX_UNREAD)
    assert status.unread_fields == {"duration": MAX_UNREAD + 2, "from": MAX_UNREAD + 1}
    assert (status.unread_logs[0].log_id, status.unread_logs[0].fields) == ("log-0", ["duration", "from"])


def test_stale_days_are_counted_once():
    for day in (1, 1, 2):
        StaleDay.objects.create(project=make_feed().project, day=date(2026, 11, day))
    assert sync_status(NOW).stale_days == 2


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    for name in ("Main", "Other", "Third"):
        feed = make_feed(name)
        for back in range(30):
            PullUnit.objects.create(feed=feed, day=NOW.date() - timedelta(days=back), state="failed")
        with django_assert_max_num_queries(16):
            sync_status(NOW)
