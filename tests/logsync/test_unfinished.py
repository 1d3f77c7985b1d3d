"""Calls that had not ended are read again by id, until they have."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.by_id import BATCH, unfinished
from logsync.choices import RunKind
from logsync.models import Log, PullUnit, SyncRun
from tests.logsync.pulling import ago, failed_of, pull, put, stored, total, voice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 3
    settings.PULL_OVERLAP_DAYS = 1


@pytest.fixture
def old_call(project, space):
    """A call that was up when its day was read, three days ago, and that no pass over days meets any more."""
    log_id = put(space, status="in-progress", charge=None, created_at=ago(days=3))
    pull()
    make_due()
    return log_id


def make_due():
    """The time to read them again has come."""
    Log.objects.exclude(next_read_at=None).update(next_read_at=timezone.now() - timedelta(minutes=1))


def by_id(space):
    return [request.path.rsplit("/")[-1] for request in space.requests if not request.path.endswith("/logs")]


def test_a_call_that_ended_since_is_read_by_id_and_its_charge_counted(space, old_call):
    space.update("voice", old_call, {"status": "completed", "charge": Decimal("0.03382"), "duration": 61})
    space.requests.clear()
    pull()
    assert by_id(space) == [old_call]
    assert (stored(old_call).status, stored(old_call).next_read_at) == ("completed", None)
    assert total() == (1, Decimal("0.03382"))
    space.requests.clear()
    pull()
    assert by_id(space) == []


def test_a_call_that_is_still_up_is_read_again_after_a_tenth_of_its_age(old_call):
    before = datetime.now(UTC)
    pull()
    pause = stored(old_call).next_read_at - before
    assert timedelta(hours=6) < pause < timedelta(hours=8)


def test_a_call_that_is_not_due_costs_no_request(project, space):
    put(space, status="ringing")
    pull()
    space.requests.clear()
    pull()
    assert by_id(space) == []


def test_a_log_that_signalwire_denies_is_given_up_after_a_while_and_keeps_what_is_known(space, old_call):
    space.remove("voice", old_call)
    done = pull()
    assert failed_of(done) == 0
    assert stored(old_call).next_read_at > timezone.now()
    Log.objects.update(created_at=timezone.now() - timedelta(days=8))
    make_due()
    pull()
    assert stored(old_call).next_read_at is None
    assert stored(old_call).discarded_at is None


def test_one_log_that_cannot_be_read_does_not_keep_the_others_waiting(project, space):
    odd, fine = (put(space, status="queued", created_at=ago(days=3, minutes=minutes)) for minutes in (2, 1))
    pull()
    make_due()
    space.update("voice", fine, {"status": "ended"})
    space.faults.add(f"400 always for /api/voice/logs/{odd}")
    assert failed_of(pull()) == 0
    assert stored(fine).status == "ended"


def test_an_outage_leaves_them_due_and_is_told(space, old_call):
    space.faults.add("429=900 always for /api/voice/logs/")
    done = pull()
    assert failed_of(done) == 1
    assert "429" in voice().error
    assert stored(old_call).next_read_at < timezone.now()


def test_more_than_a_batch_is_read_batch_by_batch(project, space):
    for _ in range(BATCH + 1):
        put(space, status="answered", created_at=ago(days=3))
    pull()
    make_due()
    assert len(unfinished(voice(), timezone.now())) == BATCH
    pull()
    assert unfinished(voice(), timezone.now()) == []
    assert SyncRun.objects.filter(kind=RunKind.UNFINISHED, state="done").count() == 2
    assert not PullUnit.objects.exclude(error="").exists()
