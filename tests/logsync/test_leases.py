"""Leases: one holder at a time, none for ever, and no writing by one who has lost it."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections, transaction
from django.utils import timezone

from logsync import leases
from logsync.connection import Limits
from logsync.leases import Keeper, LeaseLostError
from logsync.models import Lease, PhoneNumber

pytestmark = pytest.mark.django_db


def let_time_pass():
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))


@transaction.atomic
def store_under(held):
    PhoneNumber.objects.create(value="+1")
    leases.renew(held)


def test_a_lease_has_one_holder():
    held = leases.take("unit:1")
    assert leases.take("unit:1") is None
    assert leases.take("unit:2")
    leases.release(held)
    assert leases.take("unit:1")


def test_no_single_request_outlasts_a_lease():
    assert timedelta(seconds=Limits().request_s) < leases.WORKING


def test_a_lease_of_the_dead_runs_out():
    leases.take("unit:1")
    let_time_pass()
    assert leases.held_names("unit:") == set()
    assert leases.take("unit:1")


def test_who_stalled_and_lost_the_lease_stores_nothing():
    stalled = leases.take("unit:1")
    let_time_pass()
    other = leases.take("unit:1")
    with pytest.raises(LeaseLostError):
        store_under(stalled)
    assert not PhoneNumber.objects.exists()
    leases.release(stalled)
    assert leases.held_names("unit:") == {"unit:1"}
    leases.renew(other)


def test_who_stalled_but_was_not_replaced_goes_on():
    stalled = leases.take("unit:1")
    let_time_pass()
    leases.renew(stalled)
    assert leases.take("unit:1") is None


def test_a_ticket_is_good_for_one_beginning():
    ticket = leases.take_ticket("unit:1", run_id=7)
    assert leases.take_ticket("unit:1") is None
    assert leases.queued("unit:") == 1
    assert leases.take_over(ticket)
    assert leases.take_over(ticket) is None
    assert leases.queued("unit:") == 0
    assert leases.held_names("unit:") == {"unit:1"}


def test_a_message_that_comes_after_its_ticket_was_given_anew_is_dropped():
    late = leases.take_ticket("unit:1")
    let_time_pass()
    anew = leases.take_ticket("unit:1")
    assert leases.take_over(late) is None
    assert leases.take_over(anew)


def test_the_foreground_takes_work_out_of_the_queue_but_not_from_a_worker():
    ticket = leases.take_ticket("unit:1")
    held = leases.take_from_queue("unit:1", run_id=1)
    assert leases.take_over(ticket) is None
    assert leases.take_from_queue("unit:1", run_id=2) is None
    leases.release(held)


def test_a_run_is_at_work_while_anything_of_it_is_queued_or_held():
    ticket = leases.take_ticket("unit:1", run_id=1)
    assert leases.is_at_work(1)
    assert not leases.is_at_work(11)
    held = leases.take_over(ticket)
    assert leases.is_at_work(1)
    leases.release(held)
    assert not leases.is_at_work(1)


def test_a_keeper_renews_while_it_waits():
    held = leases.take("unit:1")
    Lease.objects.update(until=timezone.now() + timedelta(seconds=1))
    keeper = Keeper(held)
    keeper.keep()  # it was renewed a moment ago
    assert Lease.objects.get().until < timezone.now() + timedelta(seconds=2)
    keeper.keep(at_once=True)
    assert Lease.objects.get().until > timezone.now() + timedelta(seconds=60)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_want_it_at_once_one_gets_it():
    start, got = Barrier(6), []

    def want():
        try:
            start.wait()
            got.append(leases.take("unit:1"))
        finally:
            connections.close_all()

    threads = [Thread(target=want) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([held for held in got if held]) == 1
