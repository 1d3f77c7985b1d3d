"""Leases: locks that are rows of the database, so they work for workers and foreground pulls, on SQLite and PostgreSQL.

Expiry goes by the database's clock: the machines that share leases may disagree on the time.

A lease expires, so a killed process blocks others only for a while. Work renews its lease in the transaction in which
it stores: a process that stalled and lost its lease stores nothing.

A queued job has a reservation: the lease is reserved when the message is sent and claimed when the work begins. A
message delivered twice, or after its reservation expired and was given to another, cannot claim it and is dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from time import sleep
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from logsync import database
from logsync.exceptions import TollbookError
from logsync.models import Lease as LeaseRow

# Longer than any single request: work renews its lease between two of them.
LEASE_DURATION = timedelta(seconds=settings.LEASE_SECONDS)
# How long a message may stay in the queue before it is sent again.
RESERVATION_DURATION = 3 * LEASE_DURATION
# An owner with this prefix has reserved the lease and not begun the work.
QUEUED_PREFIX = "queued:"

# The names of all leases.
DISPATCH_LEASE = "dispatch"
REBUILD_LEASE = "rebuild"
UNIT_LEASE = "unit:"
FOREGROUND_LEASE = "run:"


def unit_lease(unit_id: int) -> str:
    return f"{UNIT_LEASE}{unit_id}"


def foreground_lease(run_id: int) -> str:
    return f"{FOREGROUND_LEASE}{run_id}"


def newest_lease(feed_id: int) -> str:
    return f"newest:{feed_id}"


def unfinished_lease(feed_id: int) -> str:
    return f"unfinished:{feed_id}"


def parents_lease(feed_id: int) -> str:
    return f"parents:{feed_id}"


def log_lease(feed_id: int, log_id: str) -> str:
    return f"log:{feed_id}:{sha256(log_id.encode()).hexdigest()}"


# One statement, so that only one of several processes at once gets the lease.
ACQUIRE_SQL = """
    INSERT INTO logsync_lease (name, owner, until) VALUES (%s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
    WHERE logsync_lease.until <= %s"""


class LeaseLostError(TollbookError):
    """The lease expired and another process has it now: the transaction must be rolled back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease acquired or reserved by `owner`, a value unique to each acquisition."""

    name: str
    owner: str


class LeaseRenewer:
    """Renews a lease during its work, but not on every call: that would be a write for each unchanged page."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._renewed_at = database.now()

    def keep(self, *, at_once: bool = False) -> None:
        """Renew the lease when it is due, or `at_once`: in a transaction that writes. Raises LeaseLostError."""
        now = database.now()
        if at_once or now - self._renewed_at > LEASE_DURATION / 6:
            renew(self._lease)
            self._renewed_at = now

    def sleep(self, seconds: float) -> None:
        """Wait before a retry without letting the lease expire."""
        self.keep()
        sleep(seconds)
        self.keep()


def acquire(name: str, run_id: int | None = None) -> Lease | None:
    """The lease for work that begins now; None when another process has acquired or reserved it."""
    return _acquire(name, f"{_run_prefix(run_id)}{uuid4().hex}", LEASE_DURATION)


def reserve(name: str, run_id: int | None = None) -> Lease | None:
    """The reservation for work about to be queued; None when it is queued or in progress already."""
    return _acquire(name, f"{QUEUED_PREFIX}{_run_prefix(run_id)}{uuid4().hex}", RESERVATION_DURATION)


def claim(reservation: Lease) -> Lease | None:
    """The lease for work that was queued with this reservation; None when the reservation is no longer valid."""
    owner = reservation.owner.removeprefix(QUEUED_PREFIX)
    changed = _row_of(reservation).update(owner=owner, until=database.now() + LEASE_DURATION)
    return Lease(reservation.name, owner) if changed else None


def acquire_or_take_from_queue(name: str, run_id: int | None = None) -> Lease | None:
    """The lease, even if it is reserved: the queued message is then dropped. None when the work is in progress."""
    LeaseRow.objects.filter(name=name, owner__startswith=QUEUED_PREFIX).delete()
    return acquire(name, run_id)


def renew(lease: Lease) -> None:
    """Extend the lease to LEASE_DURATION from now. Raises LeaseLostError: let it roll the transaction back."""
    if not _row_of(lease).update(until=database.now() + LEASE_DURATION):
        raise LeaseLostError(f"Another process has the lease {lease.name} now.")


def release(lease: Lease) -> None:
    _row_of(lease).delete()


@contextmanager
def releasing(lease: Lease) -> Iterator[Lease]:
    """Release the lease at the end, also after an exception."""
    try:
        yield lease
    finally:
        release(lease)


def held_names(prefix: str) -> set[str]:
    """The names with this prefix that are acquired or reserved now."""
    return set(_unexpired().filter(name__startswith=prefix).values_list("name", flat=True))


def is_in_progress(run_id: int) -> bool:
    """Whether any work of this run is queued or in progress."""
    prefix = _run_prefix(run_id)
    return _unexpired().filter(Q(owner__startswith=prefix) | Q(owner__startswith=QUEUED_PREFIX + prefix)).exists()


def count_queued(prefix: str = "") -> int:
    """The number of queued messages whose lease name has this prefix."""
    return _unexpired().filter(name__startswith=prefix, owner__startswith=QUEUED_PREFIX).count()


def count_in_progress() -> int:
    """The number of leases acquired for work in progress."""
    return _unexpired().exclude(owner__startswith=QUEUED_PREFIX).count()


def delete_reservations() -> None:
    """Call this after emptying the queue, so that the lost messages are sent again at once."""
    LeaseRow.objects.filter(owner__startswith=QUEUED_PREFIX).delete()


def delete_expired() -> None:
    """Delete what expired a day ago or more: even a stalled process will not return for it."""
    LeaseRow.objects.filter(until__lt=database.now() - timedelta(days=1)).delete()


def _acquire(name: str, owner: str, duration: timedelta) -> Lease | None:
    now = database.now()
    until, expired = (connection.ops.adapt_datetimefield_value(instant) for instant in (now + duration, now))
    with connection.cursor() as cursor:
        cursor.execute(ACQUIRE_SQL, [name, owner, until, expired])
        return Lease(name, owner) if cursor.rowcount else None


def _run_prefix(run_id: int | None) -> str:
    return "" if run_id is None else f"run{run_id}:"


def _row_of(lease: Lease) -> QuerySet[LeaseRow]:
    return LeaseRow.objects.filter(name=lease.name, owner=lease.owner)


def _unexpired() -> QuerySet[LeaseRow]:
    return LeaseRow.objects.filter(until__gt=database.now())
