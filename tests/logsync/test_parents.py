"""Parents that logs name but no day brought are read by id; those that do not exist are not asked for for ever."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.models import Log, MissingParent
from logsync.parents import MOST_FAILURES
from tests.logsync.pulling import ago, failed_of, pull, put, total, voice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 1


def asked_for(space, log_id):
    return len([request for request in space.requests if request.path == f"/api/voice/logs/{log_id}"])


def make_due():
    MissingParent.objects.update(next_read_at=timezone.now() - timedelta(minutes=1))


def test_parents_from_before_the_first_history_are_read_over_several_generations(project, space):
    log_id = None
    for days in (40, 30, 20):
        log_id = put(space, parent_id=log_id, created_at=ago(days=days), charge=Decimal("0.01"))
    put(space, parent_id=log_id, charge=Decimal("0.01"))
    put(space, created_at=ago(days=25))  # nobody's parent: it stays where it is
    pull()
    assert Log.objects.count() == 4
    assert total() == (4, Decimal("0.04"))
    assert not MissingParent.objects.exists()


def test_a_parent_that_its_own_day_brings_costs_no_request_of_its_own(project, space):
    parent = put(space, created_at=ago(days=1))
    put(space, parent_id=parent)
    pull()
    assert asked_for(space, parent) == 0
    assert not MissingParent.objects.exists()


def test_a_parent_that_does_not_exist_is_asked_for_ever_more_rarely_and_then_no_more(project, space):
    put(space, parent_id="nobody")
    pull()
    pull()  # not due again yet
    assert asked_for(space, "nobody") == 1
    first_pause = MissingParent.objects.get().next_read_at - timezone.now()
    make_due()
    pull()
    assert asked_for(space, "nobody") == 2
    assert MissingParent.objects.get().next_read_at - timezone.now() > first_pause * 1.9
    MissingParent.objects.update(failures=MOST_FAILURES)
    make_due()
    pull()
    assert asked_for(space, "nobody") == 2


def test_a_parent_that_appears_after_all_is_stored(project, space):
    put(space, parent_id="late")
    pull()
    put(space, id="late", created_at=ago(days=9))
    make_due()
    pull()
    assert Log.objects.filter(id="late").exists()
    assert not MissingParent.objects.exists()


@pytest.mark.parametrize("parent_id", ["", "..", "a/b?c=d#e", "ünï ", "x" * 255])
def test_any_text_may_stand_for_a_parent(project, space, parent_id):
    put(space, parent_id=parent_id)
    assert failed_of(pull()) == 0


def test_cycles_and_logs_that_are_their_own_parent_end(project, space):
    put(space, id="self", parent_id="self")
    put(space, id="hen", parent_id="egg", created_at=ago(days=20))
    put(space, id="egg", parent_id="hen", created_at=ago(days=21))
    put(space, parent_id="hen")
    pull()
    assert Log.objects.count() == 4


def test_a_parent_whose_row_cannot_be_read_is_set_aside_and_not_asked_for_at_once_again(project, space):
    put(space, parent_id="odd")
    space.put("voice", '{"id": "odd", "created_at": 5}', created_at=ago(days=20))
    pull()
    pull()
    assert asked_for(space, "odd") == 1
    assert voice().error == ""
