"""Reading the newest logs is quick, and advances `read_until` only when nothing was missed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from logsync.models import DailyCharge, Feed, Log
from logsync.pulling.attempt import Result
from logsync.pulling.newest import OVERLAP, pull_newest
from logsync.scheduling import leases
from tests.support.pulling import ago, put, put_many, stored, voice

pytestmark = pytest.mark.django_db


def read_newest(space):
    """Read the newest logs; returns the result and the number of requests."""
    space.requests.clear()
    lease = leases.acquire(leases.newest_lease(voice().pk))
    try:
        return pull_newest(voice(), lease, lambda _: None).result, space.requests.total
    finally:
        leases.release(lease)


def set_read_until(**time):
    Feed.objects.update(read_until=timezone.now() - timedelta(**time))


def test_a_new_log_is_stored_and_totalled_at_once(project, space):
    set_read_until(minutes=5)
    log_id = put(space, created_at=ago(seconds=20))
    assert read_newest(space) == (Result.DONE, 1)
    assert stored(log_id)
    assert DailyCharge.objects.get().logs == 1
    assert voice().newest_at == stored(log_id).created_at


def test_it_stops_at_what_was_read_before(project, space):
    put_many(space, 3000, created_at=ago(hours=1))
    set_read_until(minutes=5)
    put(space, created_at=ago(minutes=1))
    before = datetime.now(UTC)
    assert read_newest(space) == (Result.DONE, 1)
    assert voice().read_until >= before


def test_a_call_that_ended_within_the_overlap_is_read_again(project, space):
    log_id = put(space, status="in-progress", created_at=ago(minutes=10))
    set_read_until(minutes=5)
    read_newest(space)
    space.update("voice", log_id, {"status": "completed"})
    put_many(space, 1000, created_at=ago(minutes=2))
    read_newest(space)
    assert stored(log_id).status == "completed"


def test_the_first_time_it_reads_two_pages_and_leaves_read_until_unset(project, space):
    put_many(space, 2001, created_at=ago(minutes=1))
    assert read_newest(space) == (Result.DONE, 2)
    assert Log.objects.count() == 2000
    assert voice().read_until is None


def test_reading_the_whole_list_advances_read_until(project, space):
    put(space)
    before = datetime.now(UTC)
    read_newest(space)
    assert before <= voice().read_until <= datetime.now(UTC)


def test_after_a_long_gap_it_reads_new_logs_without_advancing_read_until(project, space):
    put_many(space, 2500, created_at=ago(hours=9))
    put(space, created_at=ago(minutes=1))
    Feed.objects.update(read_until=timezone.now() - timedelta(days=2), newest_at=timezone.now() - timedelta(hours=1))
    before = voice().read_until
    assert read_newest(space) == (Result.DONE, 1)
    assert voice().read_until == before
    assert voice().newest_at > timezone.now() - timedelta(minutes=2)


@pytest.mark.parametrize("stored_before", [False, True])
def test_a_log_dated_ahead_hides_no_others_after_an_outage(project, space, stored_before):
    ahead = timezone.now() + timedelta(days=300)
    put(space, created_at=ago(minutes=-60 * 24 * 300))
    if stored_before:
        Feed.objects.update(newest_at=ahead)
    else:
        read_newest(space)
    assert voice().newest_at <= timezone.now() or stored_before
    put_many(space, 2500, created_at=ago(minutes=1))
    Feed.objects.update(read_until=timezone.now() - timedelta(days=2))
    read_newest(space)
    assert Log.objects.count() == 2501


def test_an_unsorted_list_does_not_advance_read_until(project, space):
    set_read_until(minutes=5)
    before = voice().read_until
    put_many(space, 1500, created_at=ago(minutes=1))
    # Listed by one time, with another in the row.
    unsorted_id = put(space, created_at=ago(seconds=1))
    row = next(row for row in space.rows("voice") if row["id"] == unsorted_id)
    space.put("voice", row | {"created_at": ago(days=3)}, created_at=ago(seconds=1))
    read_newest(space)
    assert voice().read_until == before


def test_an_expired_page_token_starts_the_list_again(project, space):
    put_many(space, 1500, created_at=ago(minutes=1))
    set_read_until(minutes=5)
    space.faults.add("expired-token on 1 for /api/voice")
    assert read_newest(space) == (Result.DONE, 4)
    assert Log.objects.count() == 1500
    assert voice().error == ""


def test_a_failure_is_recorded_on_the_feed(project, space):
    space.faults.add("401 always")
    assert read_newest(space)[0] is Result.FAILED
    assert "credentials" in voice().error
    assert read_newest(space) == (Result.FAILED, 0)  # paused


def test_the_overlap_spans_two_intervals_of_the_schedule():
    assert timedelta(minutes=10) <= OVERLAP
