"""Calls that had not ended are read again by id until they have."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from logsync.jobs.job import run_feed_job
from logsync.models import Log, PullUnit, SyncRun
from logsync.models.choices import RunKind
from logsync.pulling.by_id import BATCH_SIZE, due_unfinished, read_again
from logsync.scheduling import leases
from tests.support.pulling import ago, failed_of, pull, put, stored, total, voice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 3
    settings.PULL_OVERLAP_DAYS = 1


@pytest.fixture
def old_call(project, space):
    """A call that was in progress when its day was read three days ago, too old for the passes over days."""
    log_id = put(space, status="in-progress", charge=None, created_at=ago(days=3))
    pull()
    make_due()
    return log_id


def make_due():
    Log.objects.exclude(next_read_at=None).update(next_read_at=timezone.now() - timedelta(minutes=1))


def ids_requested(space):
    return [request.path.rsplit("/")[-1] for request in space.requests if not request.path.endswith("/logs")]


def test_a_call_that_has_ended_is_read_by_id_and_its_charge_counted(space, old_call):
    space.update("voice", old_call, {"status": "completed", "charge": Decimal("0.03382"), "duration": 61})
    space.requests.clear()
    pull()
    assert ids_requested(space) == [old_call]
    assert (stored(old_call).status, stored(old_call).next_read_at) == ("completed", None)
    assert total() == (1, Decimal("0.03382"))
    space.requests.clear()
    pull()
    assert ids_requested(space) == []


def test_a_call_still_in_progress_is_due_again_after_a_tenth_of_its_age(old_call):
    before = datetime.now(UTC)
    pull()
    pause = stored(old_call).next_read_at - before
    assert timedelta(hours=6) < pause < timedelta(hours=8)


def test_a_call_that_is_not_due_costs_no_request(project, space):
    put(space, status="ringing")
    pull()
    space.requests.clear()
    pull()
    assert ids_requested(space) == []


def test_a_log_that_signalwire_no_longer_has_is_given_up_after_a_week_and_stays_stored(space, old_call):
    space.remove("voice", old_call)
    result = pull()
    assert failed_of(result) == 0
    assert stored(old_call).next_read_at > timezone.now()
    Log.objects.update(created_at=timezone.now() - timedelta(days=8))
    make_due()
    pull()
    assert stored(old_call).next_read_at is None
    assert stored(old_call).discarded_at is None


def test_a_rejected_log_does_not_block_the_rest_of_the_batch_and_is_reported(project, space):
    rejected_id, other_id = (put(space, status="queued", created_at=ago(days=3, minutes=minutes)) for minutes in (2, 1))
    pull()
    make_due()
    space.update("voice", other_id, {"status": "ended"})
    space.faults.add(f"400 always for /api/voice/logs/{rejected_id}")
    result = pull()
    assert failed_of(result) == 1
    assert f"SignalWire rejected the request for voice log {rejected_id} (400)" in result.errors[0]
    assert stored(other_id).status == "ended"
    assert stored(rejected_id).next_read_at > timezone.now() + timedelta(hours=1)
    assert (voice().error, voice().failures) == ("", 0)  # the feed is not at fault


def test_only_a_404_means_that_signalwire_no_longer_has_a_log(space, old_call):
    """A rejected request and an unreadable row say nothing of it, so the call is tried again however old it is."""
    Log.objects.update(created_at=timezone.now() - timedelta(days=8))
    space.faults.add("400 always for /api/voice/logs/")
    for _ in range(4):
        make_due()
        pull()
    assert stored(old_call).next_read_at > timezone.now()
    space.faults.clear()
    space.update("voice", old_call, {"charge": "much"})
    make_due()
    pull()
    assert stored(old_call).next_read_at > timezone.now()
    space.update("voice", old_call, {"status": "completed", "charge": Decimal("0.5")})
    make_due()
    pull()
    assert total() == (1, Decimal("0.5"))


def test_a_deleted_call_that_had_not_ended_is_not_read_again(space, old_call):
    space.delete("voice", old_call)
    pull()
    assert (stored(old_call).next_read_at, stored(old_call).discarded_at is None) == (None, False)


def test_a_log_that_a_user_reads_again_does_not_pause_its_feed_when_it_is_rejected(space, old_call):
    space.faults.add("400 always for /api/voice/logs/")
    for number in range(4):
        lease = leases.acquire(f"log:{number}")
        outcome = run_feed_job(RunKind.ONE_LOG, voice(), lease, partial(read_again, log_id=old_call))
        assert "rejected the request for voice log" in outcome.error
    assert (voice().error, voice().next_try_at) == ("", None)


def test_an_outage_is_recorded_and_leaves_the_calls_due(space, old_call):
    space.faults.add("429=900 always for /api/voice/logs/")
    result = pull()
    assert failed_of(result) == 1
    assert "429" in voice().error
    assert stored(old_call).next_read_at < timezone.now()


def test_more_calls_than_a_batch_are_read_in_several(project, space):
    for _ in range(BATCH_SIZE + 1):
        put(space, status="answered", created_at=ago(days=3))
    pull()
    make_due()
    assert len(due_unfinished(voice(), timezone.now())) == BATCH_SIZE
    pull()
    assert due_unfinished(voice(), timezone.now()) == []
    assert SyncRun.objects.filter(kind=RunKind.UNFINISHED, state="done").count() == 2
    assert not PullUnit.objects.exclude(error="").exists()
