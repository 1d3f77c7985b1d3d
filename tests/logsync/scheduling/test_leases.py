"""A lease has one owner at a time and expires; work that lost its lease stores nothing."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections, transaction
from django.utils import timezone

from logsync.models import Lease, PhoneNumber
from logsync.scheduling import leases
from logsync.scheduling.leases import LeaseLostError, LeaseRenewer
from logsync.signalwire.transport import Limits

pytestmark = pytest.mark.django_db


def expire_leases():
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))


@transaction.atomic
def store_under(lease):
    PhoneNumber.objects.create(value="+1")
    leases.renew(lease)


def test_a_lease_has_one_owner():
    lease = leases.acquire("unit:1")
    assert leases.acquire("unit:1") is None
    assert leases.acquire("unit:2")
    leases.release(lease)
    assert leases.acquire("unit:1")


def test_no_single_request_outlasts_a_lease():
    assert timedelta(seconds=Limits().request_s) < leases.LEASE_DURATION


def test_a_lease_expires():
    leases.acquire("unit:1")
    expire_leases()
    assert leases.held_names("unit:") == set()
    assert leases.acquire("unit:1")


def test_a_process_that_stalled_and_lost_its_lease_stores_nothing():
    stalled = leases.acquire("unit:1")
    expire_leases()
    other = leases.acquire("unit:1")
    with pytest.raises(LeaseLostError):
        store_under(stalled)
    assert not PhoneNumber.objects.exists()
    leases.release(stalled)
    assert leases.held_names("unit:") == {"unit:1"}
    leases.renew(other)


def test_a_process_that_stalled_can_renew_a_lease_nobody_took():
    stalled = leases.acquire("unit:1")
    expire_leases()
    leases.renew(stalled)
    assert leases.acquire("unit:1") is None


def test_a_reservation_can_be_claimed_once():
    reservation = leases.reserve("unit:1", run_id=7)
    assert leases.reserve("unit:1") is None
    assert leases.count_queued("unit:") == 1
    assert leases.claim(reservation)
    assert leases.claim(reservation) is None
    assert leases.count_queued("unit:") == 0
    assert leases.held_names("unit:") == {"unit:1"}


def test_an_expired_reservation_cannot_be_claimed_after_it_was_given_to_another():
    expired = leases.reserve("unit:1")
    expire_leases()
    current = leases.reserve("unit:1")
    assert leases.claim(expired) is None
    assert leases.claim(current)


def test_the_foreground_takes_a_lease_from_the_queue_but_not_from_a_worker():
    reservation = leases.reserve("unit:1")
    lease = leases.acquire_or_take_from_queue("unit:1", run_id=1)
    assert leases.claim(reservation) is None
    assert leases.acquire_or_take_from_queue("unit:1", run_id=2) is None
    leases.release(lease)


def test_a_run_is_in_progress_while_it_has_a_lease_or_a_reservation():
    reservation = leases.reserve("unit:1", run_id=1)
    assert leases.is_in_progress(1)
    assert not leases.is_in_progress(11)
    lease = leases.claim(reservation)
    assert leases.is_in_progress(1)
    leases.release(lease)
    assert not leases.is_in_progress(1)


def test_a_renewer_renews_only_when_due_or_at_once():
    lease = leases.acquire("unit:1")
    Lease.objects.update(until=timezone.now() + timedelta(seconds=1))
    renewer = LeaseRenewer(lease)
    renewer.keep()  # not due: acquired a moment ago
    assert Lease.objects.get().until < timezone.now() + timedelta(seconds=2)
    renewer.keep(at_once=True)
    assert Lease.objects.get().until > timezone.now() + timedelta(seconds=60)


@pytest.mark.django_db(transaction=True)
def test_only_one_of_many_threads_acquires_a_lease():
    start, acquired = Barrier(6), []

    def acquire():
        try:
            start.wait()
            acquired.append(leases.acquire("unit:1"))
        finally:
            connections.close_all()

    threads = [Thread(target=acquire) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([lease for lease in acquired if lease]) == 1
