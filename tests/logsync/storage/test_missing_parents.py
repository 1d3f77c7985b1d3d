"""Missing parents are read by id, and retried a limited number of times when they do not exist."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from logsync.models import Feed, Log, MissingParent
from logsync.storage.missing_parents import record_missing_parents
from logsync.storage.upsert import store_page
from tests.support.pulling import ago, failed_of, pull, put, put_many, today, total, voice
from tests.support.records import make_feed, page, record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 1


def requests_for(space, log_id):
    return len([request for request in space.requests if request.path == f"/api/voice/logs/{log_id}"])


def store_and_record(feed, *records):
    store_page(feed, page(*records), lambda _: record_missing_parents(feed, records))


def make_due():
    MissingParent.objects.update(next_read_at=timezone.now() - timedelta(minutes=1))


def test_several_generations_of_older_parents_are_read(project, space):
    log_id = None
    for days in (40, 30, 20):
        log_id = put(space, parent_id=log_id, created_at=ago(days=days), charge=Decimal("0.01"))
    put(space, parent_id=log_id, charge=Decimal("0.01"))
    put(space, created_at=ago(days=25))  # nobody's parent, so it is not read
    pull()
    assert Log.objects.count() == 4
    assert total() == (4, Decimal("0.04"))
    assert not MissingParent.objects.exists()


def test_a_parent_read_with_its_day_costs_no_extra_request(project, space):
    parent = put(space, created_at=ago(days=1))
    put(space, parent_id=parent)
    pull()
    assert requests_for(space, parent) == 0
    assert not MissingParent.objects.exists()


@pytest.mark.parametrize("fault", ["400 on 3", "503 on 3,4,5,6,7,8", "garbage on 3,4,5,6,7,8"])
def test_a_parent_named_before_a_later_page_fails_is_read(project, space, fault):
    """The day is read again, and then its rows are unchanged."""
    day = today() - timedelta(days=10)
    parent = put(space, created_at=ago(days=40), charge=Decimal(1))
    put_many(space, 1000, created_at=f"{day}T12:00:00Z")
    put(space, created_at=f"{day}T13:00:00Z", parent_id=parent, charge=Decimal(2))
    space.faults.add(f"{fault} for /api/voice")  # 1: the day after, 2: the first page of the day, 3: its second page
    assert failed_of(pull(day)) == 1
    space.faults.clear()
    assert failed_of(pull(day)) == 0
    assert total() == (1002, Decimal(13))
    assert requests_for(space, parent) == 1


def test_every_page_records_the_parents_that_it_names_and_no_page_those_that_it_holds(db):
    store = partial(store_and_record, make_feed())
    store(
        record("child", parent_id="parent"), record("parent", parent_id="grandparent"), record("own", parent_id="own")
    )
    assert set(MissingParent.objects.values_list("log_id", flat=True)) == {"grandparent"}
    store(record("second", parent_id="parent"), record("third", parent_id="other"))
    assert set(MissingParent.objects.values_list("log_id", flat=True)) == {"grandparent", "other"}


def test_a_parent_that_does_not_exist_is_retried_with_backoff_and_then_given_up(project, space):
    put(space, parent_id="nobody")
    pull()
    pull()  # not due again yet
    assert requests_for(space, "nobody") == 1
    first_pause = MissingParent.objects.get().next_read_at - timezone.now()
    make_due()
    pull()
    assert requests_for(space, "nobody") == 2
    assert MissingParent.objects.get().next_read_at - timezone.now() > first_pause * 1.9
    MissingParent.objects.update(failures=MissingParent.MAX_FAILURES)
    make_due()
    pull()
    assert requests_for(space, "nobody") == 2


@pytest.mark.parametrize("fault", ["400 always", "garbage always"])
def test_a_parent_that_was_not_answered_is_never_given_up(project, space, fault):
    parent = put(space, created_at=ago(days=40), charge=Decimal(1))
    put(space, parent_id=parent, charge=Decimal(2))
    space.faults.add(f"{fault} for /api/voice/logs/{parent}")
    for days in (1, 2, 4, 8, 16, 16):
        assert failed_of(pull()) == 1
        assert MissingParent.objects.get().failures == 0
        delay = MissingParent.objects.get().next_read_at - timezone.now()
        assert timedelta(days=days, minutes=-1) < delay <= timedelta(days=days)
        make_due()
        Feed.objects.update(next_try_at=None)
    space.faults.clear()
    assert failed_of(pull()) == 0
    assert total() == (2, Decimal(3))


def test_a_parent_that_appears_later_is_stored(project, space):
    put(space, parent_id="late")
    pull()
    put(space, id="late", created_at=ago(days=9))
    make_due()
    pull()
    assert Log.objects.filter(id="late").exists()
    assert not MissingParent.objects.exists()


@pytest.mark.parametrize("parent_id", ["", "..", "a/b?c=d#e", "ünï ", "x" * 255])
def test_a_parent_id_may_be_any_text(project, space, parent_id):
    put(space, parent_id=parent_id)
    assert failed_of(pull()) == 0


def test_cycles_of_parents_end(project, space):
    put(space, id="self", parent_id="self")
    put(space, id="first", parent_id="second", created_at=ago(days=20))
    put(space, id="second", parent_id="first", created_at=ago(days=21))
    put(space, parent_id="first")
    pull()
    assert Log.objects.count() == 4


def test_an_unreadable_parent_is_quarantined_and_not_retried_at_once(project, space):
    put(space, parent_id="odd")
    space.put("voice", '{"id": "odd", "created_at": 5}', created_at=ago(days=20))
    pull()
    pull()
    assert requests_for(space, "odd") == 1
    assert voice().error == ""
