"""Locks as rows of the database: the same for workers, for the foreground, on SQLite and on PostgreSQL.

A lease runs out by itself, so whoever is killed blocks nobody for long. Whoever stores under a lease renews it in the
same transaction: a holder that stalled, and lost it meanwhile, stores nothing.

Work that is sent to a queue travels with a ticket: the lease is taken in its name when it is sent, and taken over when
the work begins. A message that is delivered twice, or after its ticket was given anew, finds it gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import sleep
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from logsync.exceptions import TollbookError
from logsync.models import Lease

# Work renews its lease between any two requests, and none of them takes this long.
WORKING = timedelta(seconds=settings.LEASE_SECONDS)
# How long a message may lie in the queue before its work is sent again.
QUEUED = 3 * WORKING
QUEUED_PREFIX = "queued:"
# One statement, so that of many who want it at once one gets it.
TAKE = """
    INSERT INTO logsync_lease (name, owner, until) VALUES (%s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
    WHERE logsync_lease.until <= %s"""


class LeaseLostError(TollbookError):
    """The lease ran out and another has it now: what was about to be stored must not be."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease in the hands of `owner`."""

    name: str
    owner: str


class Keeper:
    """Renews a lease while its work goes on, but not all the time: that would be a write for each unchanged page."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._renewed_at = timezone.now()

    def keep(self, *, at_once: bool = False) -> None:
        """`at_once` where something was written in this transaction. Raises LeaseLostError."""
        now = timezone.now()
        if at_once or now - self._renewed_at > WORKING / 6:
            renew(self._held)
            self._renewed_at = now

    def sleep(self, seconds: float) -> None:
        """Wait before another try, and hold the lease meanwhile."""
        self.keep()
        sleep(seconds)
        self.keep()


def take(name: str, run_id: int | None = None) -> Held | None:
    """The lease for work that begins now; None when it is held by another."""
    return _take(name, f"{_run(run_id)}{uuid4().hex}", WORKING)


def take_ticket(name: str, run_id: int | None = None) -> Held | None:
    """The lease for work that is sent to the queue; None when it is held already, or in the queue already."""
    return _take(name, f"{QUEUED_PREFIX}{_run(run_id)}{uuid4().hex}", QUEUED)


def take_over(ticket: Held) -> Held | None:
    """The lease for work that came with this ticket; None when the ticket is not good any more."""
    owner = ticket.owner.removeprefix(QUEUED_PREFIX)
    changed = _held(ticket).update(owner=owner, until=timezone.now() + WORKING)
    return Held(ticket.name, owner) if changed else None


def forget_expired() -> None:
    """Those that ran out long ago, so that not even a stalled holder comes back for them."""
    Lease.objects.filter(until__lt=timezone.now() - timedelta(days=1)).delete()


def take_from_queue(name: str, run_id: int | None = None) -> Held | None:
    """The lease, even where it lies in the queue: the message then comes too late. None when work has begun."""
    Lease.objects.filter(name=name, owner__startswith=QUEUED_PREFIX).delete()
    return take(name, run_id)


def renew(held: Held) -> None:
    """Keep it for as long again. Raises LeaseLostError; within a transaction, nothing of it is stored then."""
    if not _held(held).update(until=timezone.now() + WORKING):
        raise LeaseLostError(f"{held.name} is in other hands now.")


def release(held: Held) -> None:
    _held(held).delete()


@contextmanager
def releasing(held: Held) -> Iterator[Held]:
    """Give the lease back at the end, however the work ended."""
    try:
        yield held
    finally:
        release(held)


def held_names(prefix: str) -> set[str]:
    """The names with this prefix that are held now, by work or by tickets."""
    return set(_live().filter(name__startswith=prefix).values_list("name", flat=True))


def is_at_work(run_id: int) -> bool:
    """Whether anything of this run is in the queue or at work."""
    own = _run(run_id)
    return _live().filter(Q(owner__startswith=own) | Q(owner__startswith=QUEUED_PREFIX + own)).exists()


def queued(prefix: str = "") -> int:
    """How many messages for names with this prefix lie in the queue."""
    return _live().filter(name__startswith=prefix, owner__startswith=QUEUED_PREFIX).count()


def at_work() -> int:
    """How many pieces of work processes are at."""
    return _live().exclude(owner__startswith=QUEUED_PREFIX).count()


def forget_tickets() -> None:
    """Let what was in the queue be sent again at once: for whoever has emptied the queue."""
    Lease.objects.filter(owner__startswith=QUEUED_PREFIX).delete()


def _take(name: str, owner: str, time: timedelta) -> Held | None:
    now = timezone.now()
    until, expired = (connection.ops.adapt_datetimefield_value(instant) for instant in (now + time, now))
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [name, owner, until, expired])
        return Held(name, owner) if cursor.rowcount else None


def _run(run_id: int | None) -> str:
    return "" if run_id is None else f"run{run_id}:"


def _held(held: Held) -> QuerySet[Lease]:
    return Lease.objects.filter(name=held.name, owner=held.owner)


def _live() -> QuerySet[Lease]:
    return Lease.objects.filter(until__gt=timezone.now())
