"""The newest logs, read every few minutes: quick, and never claiming more than they know."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from logsync import leases
from logsync.attempts import End
from logsync.head import OVERLAP, pull_head
from logsync.models import DailyCharge, Feed, Log
from tests.logsync.pulling import ago, put, put_many, stored, voice

pytestmark = pytest.mark.django_db


def head(space):
    """One pass over the head; answers its outcome and how many requests it cost."""
    space.requests.clear()
    held = leases.take(f"head:{voice().pk}")
    try:
        return pull_head(voice(), held, lambda _: None).end, space.requests.total
    finally:
        leases.release(held)


def read_until(**time):
    Feed.objects.update(read_until=timezone.now() - timedelta(**time))


def test_a_new_log_is_there_at_once_with_its_total(project, space):
    read_until(minutes=5)
    log_id = put(space, created_at=ago(seconds=20))
    assert head(space) == (End.DONE, 1)
    assert stored(log_id)
    assert DailyCharge.objects.get().logs == 1
    assert voice().newest_at == stored(log_id).created_at


def test_it_reads_no_further_than_what_was_read_before(project, space):
    put_many(space, 3000, created_at=ago(hours=1))
    read_until(minutes=5)
    put(space, created_at=ago(minutes=1))
    before = datetime.now(UTC)
    assert head(space) == (End.DONE, 1)
    assert voice().read_until >= before


def test_a_call_that_ended_within_the_overlap_is_met_again(project, space):
    log_id = put(space, status="in-progress", created_at=ago(minutes=10))
    read_until(minutes=5)
    head(space)
    space.update("voice", log_id, {"status": "completed"})
    put_many(space, 1000, created_at=ago(minutes=2))
    head(space)
    assert stored(log_id).status == "completed"


def test_the_first_time_it_reads_two_pages_and_claims_nothing(project, space):
    put_many(space, 2001, created_at=ago(minutes=1))
    assert head(space) == (End.DONE, 2)
    assert Log.objects.count() == 2000
    assert voice().read_until is None


def test_a_list_that_ends_was_read_to_its_end(project, space):
    put(space)
    before = datetime.now(UTC)
    head(space)
    assert before <= voice().read_until <= datetime.now(UTC)


def test_after_a_long_pause_it_accelerates_but_claims_nothing(project, space):
    put_many(space, 2500, created_at=ago(hours=9))
    put(space, created_at=ago(minutes=1))
    Feed.objects.update(read_until=timezone.now() - timedelta(days=2), newest_at=timezone.now() - timedelta(hours=1))
    before = voice().read_until
    assert head(space) == (End.DONE, 1)
    assert voice().read_until == before
    assert voice().newest_at > timezone.now() - timedelta(minutes=2)


def test_a_list_that_is_not_sorted_proves_nothing(project, space):
    read_until(minutes=5)
    before = voice().read_until
    put_many(space, 1500, created_at=ago(minutes=1))
    # Listed by one time, and showing another.
    odd = put(space, created_at=ago(seconds=1))
    row = next(row for row in space.rows("voice") if row["id"] == odd)
    space.put("voice", row | {"created_at": ago(days=3)}, created_at=ago(seconds=1))
    head(space)
    assert voice().read_until == before


def test_what_goes_wrong_is_told_on_the_feed(project, space):
    space.faults.add("401 always")
    assert head(space)[0] is End.FAILED
    assert "credentials" in voice().error
    assert head(space) == (End.FAILED, 0)  # it pauses


def test_the_overlap_is_longer_than_the_time_between_two_passes():
    assert timedelta(minutes=10) <= OVERLAP
