"""What the scheduler sends to the workers. Everything follows from the database, so sending again changes nothing:
what is in the queue or at work has its lease, and what was lost there is sent again once its ticket has run out.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from time import monotonic, sleep

from django.utils import timezone

from logsync import runs
from logsync.by_id import missing_parents, unfinished
from logsync.choices import RunKind
from logsync.failures import is_paused
from logsync.head import OVERLAP
from logsync.leases import Held, held_names, is_at_work, queued, release, take, take_ticket
from logsync.models import Feed, PullUnit, SyncRun
from logsync.schedule import UNIT_LEASE, active_feeds, ensure_history, unit_lease, waiting
from logsync.transactions import atomic

# Enough for all workers, few enough that the newest logs never wait behind a year of history.
MOST_QUEUED = 32
DISPATCH_LEASE = "dispatch"
SECONDS_TO_WAIT = 10

# Sends the pull of a unit: its id, the run's, and the owner of the ticket.
SendUnit = Callable[[int, int, str], object]
# Sends work on a feed: its id, and the owner of the ticket.
SendFeed = Callable[[int, str], object]


def head_lease(feed_id: int) -> str:
    return f"head:{feed_id}"


def unfinished_lease(feed_id: int) -> str:
    return f"unfinished:{feed_id}"


def parents_lease(feed_id: int) -> str:
    return f"parents:{feed_id}"


def begin_pass(kind: str, send: SendUnit) -> None:
    """Begin a pass over days, unless one of its kind is going on, and send what there is room for."""
    with _alone(SECONDS_TO_WAIT) as alone:
        if alone:
            _begin(kind, timezone.now())
            _fill_queue(send)


def begin_waiting(send: SendUnit) -> None:
    """Begin to read the days that were never read, and keep going what was begun before."""
    with _alone(SECONDS_TO_WAIT) as alone:
        if alone:
            _begin_waiting(timezone.now())
            _fill_queue(send)
            runs.close_abandoned()
            runs.prune()


def fill_queue(send: SendUnit) -> None:
    """Send what the passes that go on have still to read, when the queue runs low."""
    in_queue = queued(UNIT_LEASE)
    if in_queue < MOST_QUEUED // 2:
        # Who finds another at it leaves it to him; but the last ones take turns, for the very last closes the run.
        with _alone(0 if in_queue else SECONDS_TO_WAIT) as alone:
            if alone:
                _fill_queue(send)


def send_heads(send: SendFeed) -> None:
    for feed in _feeds_to_read():
        _send_feed(head_lease(feed.pk), feed, send)


def send_unfinished(send: SendFeed) -> None:
    for feed in _feeds_to_read():
        if unfinished(feed, met_by_head(timezone.now())):
            _send_feed(unfinished_lease(feed.pk), feed, send)


def send_parents(send: SendFeed) -> None:
    for feed in _feeds_to_read():
        if missing_parents(feed, timezone.now()):
            _send_feed(parents_lease(feed.pk), feed, send)


def met_by_head(now: datetime) -> datetime:
    """Logs created since then are read again with the head of the list, many with one request."""
    return now - OVERLAP


def _begin_waiting(now: datetime) -> None:
    feeds = active_feeds()
    ensure_history(feeds, now)
    # A day that has only begun is left to the pass of today, within the hour.
    if any(unit.day < now.date() for unit in waiting(RunKind.HISTORY, feeds, now, now)):
        _begin(RunKind.HISTORY, now)


def _begin(kind: str, now: datetime) -> None:
    feeds = active_feeds()
    ensure_history(feeds, now)
    units = waiting(kind, feeds, now, now)
    if units and not any(run.kind == kind for run in _dispatched_runs()):
        runs.begin(kind, units=len(units))


def _fill_queue(send: SendUnit) -> None:
    feeds, now = active_feeds(), timezone.now()
    for run in _dispatched_runs():
        left = waiting(run.kind, feeds, run.started_at, now)
        _send_units(left[: max(0, MOST_QUEUED - queued(UNIT_LEASE))], run, send)
        if not left and not is_at_work(run.pk):
            runs.finish_pass(run.pk, _why_paused(feeds, now))


def _dispatched_runs() -> list[SyncRun]:
    """The passes over days that go on here, and not in the foreground of a process of its own."""
    elsewhere = held_names(runs.FOREGROUND_LEASE)
    return [run for run in runs.running(runs.PASSES_OVER_DAYS) if runs.foreground_lease(run.pk) not in elsewhere]


def _why_paused(feeds: list[Feed], now: datetime) -> str:
    return " ".join(sorted({feed.error for feed in feeds if is_paused(feed, now)}))


def _feeds_to_read() -> list[Feed]:
    now = timezone.now()
    return [feed for feed in active_feeds() if not is_paused(feed, now)]


def _send_units(units: list[PullUnit], run: SyncRun, send: SendUnit) -> None:
    with atomic():  # before the first message: its ticket must be good when it arrives
        tickets = [(take_ticket(unit_lease(unit.pk), run.pk), partial(send, unit.pk, run.pk)) for unit in units]
    _send(tickets)


def _send_feed(lease: str, feed: Feed, send: SendFeed) -> None:
    _send([(take_ticket(lease), partial(send, feed.pk))])


def _send(messages: Sequence[tuple[Held | None, Callable[[str], object]]]) -> None:
    """Send each with the owner of its ticket; without one it was sent before."""
    unsent = [(ticket, send) for ticket, send in reversed(messages) if ticket]
    try:
        while unsent:
            ticket, send = unsent[-1]
            send(ticket.owner)
            unsent.pop()
    finally:
        for ticket, _ in unsent:  # the broker is away
            release(ticket)


@contextmanager
def _alone(patience_s: float) -> Iterator[Held | None]:
    """Two schedulers at once take turns. None when the other has not finished in time."""
    deadline = monotonic() + patience_s
    while (held := take(DISPATCH_LEASE)) is None and monotonic() < deadline:
        sleep(0.05)
    try:
        yield held
    finally:
        if held:
            release(held)
