"""Sends due work to the workers. What is due follows from the database, so dispatching is idempotent.

Work that is queued or in progress has its lease. A lost message is sent again once its reservation has expired.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import partial
from time import monotonic, sleep

from logsync import database
from logsync.database import atomic
from logsync.models import Feed, PullUnit, SyncRun
from logsync.models.choices import RunKind
from logsync.pulling.by_id import due_missing_parents, due_unfinished
from logsync.pulling.newest import OVERLAP
from logsync.scheduling import runs
from logsync.scheduling.backoff import is_paused
from logsync.scheduling.due_days import active_feeds, due_units, ensure_history
from logsync.scheduling.leases import (
    DISPATCH_LEASE,
    FOREGROUND_LEASE,
    UNIT_LEASE,
    Lease,
    acquire,
    count_queued,
    foreground_lease,
    held_names,
    is_in_progress,
    newest_lease,
    parents_lease,
    release,
    releasing,
    reserve,
    unfinished_lease,
    unit_lease,
)

# Enough for all workers, and few enough that the newest logs never queue behind a year of history.
MAX_QUEUED = 32
DISPATCH_TIMEOUT_S = 10

# Takes the ids of a unit and its run, and the owner of the reservation.
SendUnit = Callable[[int, int, str], object]
# Takes the id of a feed and the owner of the reservation.
SendFeed = Callable[[int, str], object]


def begin_pass(kind: str, send: SendUnit) -> None:
    """Begin a pass over days, unless one of this kind is running, and fill the queue."""
    with _dispatch_lock(DISPATCH_TIMEOUT_S) as lease:
        if lease:
            _begin(kind, database.now())
            _fill_queue(send)


def begin_history(send: SendUnit) -> None:
    """Begin to read the days that were never read, continue every running pass, and close abandoned runs."""
    with _dispatch_lock(DISPATCH_TIMEOUT_S) as lease:
        if lease:
            _begin(RunKind.HISTORY, database.now())
            _fill_queue(send)
            runs.close_abandoned()
            runs.prune()


def fill_queue(send: SendUnit) -> None:
    """When the queue runs low, send the units that the running passes still have to read."""
    queued = count_queued(UNIT_LEASE)
    if queued < MAX_QUEUED // 2:
        # Another worker that holds the lock fills the queue. With an empty queue, wait: the last worker closes the run.
        with _dispatch_lock(0 if queued else DISPATCH_TIMEOUT_S) as lease:
            if lease:
                _fill_queue(send)


def send_newest(send: SendFeed) -> None:
    for feed in _unpaused_feeds():
        _send_feed(newest_lease(feed.pk), feed, send)


def send_unfinished(send: SendFeed) -> None:
    for feed in _unpaused_feeds():
        if due_unfinished(feed, covered_by_newest(database.now())):
            _send_feed(unfinished_lease(feed.pk), feed, send)


def send_parents(send: SendFeed) -> None:
    for feed in _unpaused_feeds():
        if due_missing_parents(feed, database.now()):
            _send_feed(parents_lease(feed.pk), feed, send)


def covered_by_newest(now: datetime) -> datetime:
    """The pass over the newest logs reads again what was created since then, with far fewer requests."""
    return now - OVERLAP


def _begin(kind: str, now: datetime) -> None:
    feeds = active_feeds()
    ensure_history(feeds, now)
    units = due_units(kind, feeds, now, now)
    if kind == RunKind.HISTORY and all(unit.day >= now.date() for unit in units):
        return  # a day that has just begun is left to the hourly pass over today
    if units and not any(run.kind == kind for run in _dispatched_runs()):
        runs.begin(kind, units=len(units))


def _fill_queue(send: SendUnit) -> None:
    feeds, now = active_feeds(), database.now()
    for run in _dispatched_runs():
        left = due_units(run.kind, feeds, run.started_at, now)
        _send_units(left[: max(0, MAX_QUEUED - count_queued(UNIT_LEASE))], run, send)
        if not left and not is_in_progress(run.pk):
            runs.finish_pass(run.pk, _pause_errors(feeds, now))


def _dispatched_runs() -> list[SyncRun]:
    """The running passes over days, without those of a pull in the foreground."""
    foreground = held_names(FOREGROUND_LEASE)
    return [run for run in runs.running(runs.PASSES_OVER_DAYS) if foreground_lease(run.pk) not in foreground]


def _pause_errors(feeds: list[Feed], now: datetime) -> str:
    return " ".join(sorted({feed.error for feed in feeds if is_paused(feed, now)}))


def _unpaused_feeds() -> list[Feed]:
    now = database.now()
    return [feed for feed in active_feeds() if not is_paused(feed, now)]


def _send_units(units: list[PullUnit], run: SyncRun, send: SendUnit) -> None:
    with atomic():  # commit before sending: a worker may claim a reservation at once
        reservations = [(reserve(unit_lease(unit.pk), run.pk), partial(send, unit.pk, run.pk)) for unit in units]
    _send(reservations)


def _send_feed(lease_name: str, feed: Feed, send: SendFeed) -> None:
    _send([(reserve(lease_name), partial(send, feed.pk))])


def _send(messages: Sequence[tuple[Lease | None, Callable[[str], object]]]) -> None:
    """Send each message with the owner of its reservation; skip those without, which were sent before."""
    unsent = [(reservation, send) for reservation, send in reversed(messages) if reservation]
    try:
        while unsent:
            reservation, send = unsent[-1]
            send(reservation.owner)
            unsent.pop()
    finally:
        for reservation, _ in unsent:  # sending failed: the broker is unavailable
            release(reservation)


@contextmanager
def _dispatch_lock(timeout_s: float) -> Iterator[Lease | None]:
    """Only one process dispatches at a time. None when another still does after the timeout."""
    deadline = monotonic() + timeout_s
    while (lease := acquire(DISPATCH_LEASE)) is None and monotonic() < deadline:
        sleep(0.05)
    with releasing(lease) if lease else nullcontext():
        yield lease
