"""The pull without a broker: what the schedule does, or chosen days, by a few threads of this process."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from threading import Event, Lock
from time import monotonic, sleep
from typing import Protocol

from django.utils import timezone

from logsync import by_id, dispatch, runs, schedule
from logsync.attempts import End, Outcome
from logsync.choices import RunKind, UnitState
from logsync.days import ONE_DAY, days_between
from logsync.failures import try_at_once
from logsync.leases import WORKING, Held, Keeper, release, take_from_queue
from logsync.models import Feed, PullUnit, SyncRun
from logsync.runs import Counts, Meter
from logsync.threads import side_by_side
from logsync.work import Read, rebuild_what_is_stale, work_on_feed, work_on_unit

SECONDS_BETWEEN_RENEWALS = WORKING.total_seconds() / 4
# How long to wait for a day that another process is reading, and how often to look.
PATIENCE_S = 30 * 60
LOOK_EVERY_S = 0.5
# Parents of parents of parents: each batch reads one generation, so noted meanwhile.
MOST_BATCHES = 20
PARENTS_SOON = timedelta(hours=1)
ELSEWHERE = "Another process has been reading it for half an hour."
STOPPED = "Stopped by hand. What was left is read by the next pass."


class Watch(Protocol):
    """Who is told how the pull goes on. `adds` is called from several threads."""

    def begins(self, title: str, units: int) -> None: ...

    def adds(self, counts: Counts) -> None: ...

    def ends(self, error: str) -> None: ...


@dataclass
class Tally:
    """What became of one feed. `beyond`: days that SignalWire keeps no more, which is no failure."""

    units: int = 0
    failed: int = 0
    beyond: int = 0
    counts: Counts = field(default_factory=Counts)
    # How many units failed for each reason.
    errors: Counter[str] = field(default_factory=Counter)


class Pull:
    """One call of `pull`. What goes wrong is told on feeds and units as ever, and in the feed's tally."""

    def __init__(self, feeds: Sequence[Feed], workers: int, watch: Watch) -> None:
        self.feeds = feeds
        self.tallies = {feed.pk: Tally() for feed in feeds}
        self.started_at = timezone.now()
        self._workers = workers
        self._watch = watch
        self._stop = Event()
        self._lock = Lock()

    def read_what_is_due(self) -> None:
        """What was never read, the trailing window, what had not ended, missing parents."""
        self._prepare()
        schedule.ensure_history(self.feeds, self.started_at)
        self._read_units(RunKind.HISTORY, self._waiting(RunKind.HISTORY))
        self._read_units(RunKind.WINDOW, self._waiting(RunKind.TODAY, RunKind.WINDOW))
        for feed in self.feeds:
            self._read_unfinished(feed)
            self._read_parents(feed)
        rebuild_what_is_stale()  # of days that failed half-way

    def read_days(self, since: date, until: date) -> None:
        """All logs created on these UTC days, both included, whether they were read before or not."""
        last = min(until + ONE_DAY, schedule.last_day(self.started_at))
        self.read_listed_on(list(days_between(since - ONE_DAY, last)))

    def read_listed_on(self, days: Sequence[date]) -> None:
        """All logs that SignalWire lists for exactly these values of `created_on`."""
        self._prepare()
        for feed in self.feeds:
            schedule.ensure_units(feed, days)
        units = PullUnit.objects.filter(feed__in=self.feeds, day__in=days)
        units.filter(state=UnitState.BEYOND_HISTORY).update(state=UnitState.WAITING)
        self._read_units(RunKind.RANGE, list(units.select_related("feed__project").order_by("-day", "feed_id")))
        for feed in self.feeds:
            self._read_parents(feed)
        rebuild_what_is_stale()

    def _prepare(self) -> None:
        runs.close_abandoned(also_passes=True)
        runs.prune()
        rebuild_what_is_stale()
        try_at_once(list(self.feeds))

    def _waiting(self, *kinds: str) -> list[PullUnit]:
        feeds = Feed.objects.filter(pk__in=[feed.pk for feed in self.feeds])  # some may pause since a moment ago
        waiting = partial(schedule.waiting, feeds=feeds, since=self.started_at, now=timezone.now(), also_taken=True)
        units = {unit.pk: unit for kind in kinds for unit in waiting(kind)}
        return sorted(units.values(), key=lambda unit: (unit.day, unit.feed_id), reverse=True)

    def _read_units(self, kind: RunKind, units: Sequence[PullUnit]) -> None:
        if not units:
            return
        run, held = runs.begin_in_foreground(kind, len(units))
        self._watch.begins(kind.label, len(units))
        error = STOPPED
        try:
            self._read_all(run, units, held)
            error = ""
        finally:
            runs.finish_pass(run.pk, error)
            release(held)

    def _read_all(self, run: SyncRun, units: Sequence[PullUnit], held: Held) -> None:
        later = []
        read = partial(self._read_unit, run)
        lease = Keeper(held)
        for result in side_by_side(read, units, self._workers, self._stop, SECONDS_BETWEEN_RENEWALS):
            lease.keep()
            if result and result[1].end is End.ELSEWHERE:
                later.append(result[0])
            elif result:
                self._note(result[0].feed_id, result[1])
        for unit in later:
            self._note(unit.feed_id, self._read_later(run, unit, lease))

    def _read_unit(self, run: SyncRun, unit: PullUnit) -> Outcome:
        held = take_from_queue(schedule.unit_lease(unit.pk), run.pk)
        if held is None:
            return Outcome(End.ELSEWHERE)
        read_before = unit.read_at
        unit.refresh_from_db()
        if unit.read_at != read_before:  # another process has just read it
            release(held)
            runs.count(run.pk, Counts(), done=1)
            return Outcome(End.DONE)
        return work_on_unit(unit, held, Meter(run.pk, partial(self._hear, unit.feed_id)))

    def _read_later(self, run: SyncRun, unit: PullUnit, lease: Keeper) -> Outcome:
        """Wait until another process has read the day; read it when that one has not."""
        deadline = monotonic() + PATIENCE_S
        while monotonic() < deadline:
            lease.keep()
            if (outcome := self._read_unit(run, unit)).end is not End.ELSEWHERE:
                return outcome
            sleep(LOOK_EVERY_S)
        runs.count(run.pk, Counts(), failed=1, error=ELSEWHERE)
        return Outcome(End.FAILED, ELSEWHERE)

    def _read_unfinished(self, feed: Feed) -> None:
        soon = timezone.now() + ONE_DAY
        read = partial(by_id.read_unfinished, created_before=soon)
        lease = dispatch.unfinished_lease(feed.pk)
        self._read_batches(RunKind.UNFINISHED, lease, feed, lambda: by_id.unfinished(feed, soon), read)

    def _read_parents(self, feed: Feed) -> None:
        soon = timezone.now() + PARENTS_SOON
        read = partial(by_id.read_missing_parents, due_by=soon)
        lease = dispatch.parents_lease(feed.pk)
        self._read_batches(RunKind.PARENTS, lease, feed, lambda: by_id.missing_parents(feed, soon), read)

    def _read_batches(
        self, kind: RunKind, lease: str, feed: Feed, due: Callable[[], Sequence[object]], read: Read
    ) -> None:
        for _ in range(MOST_BATCHES):
            held = take_from_queue(lease) if due() else None
            if held is None:  # nothing is due, or another process is at it
                return
            self._watch.begins(kind.label, 1)
            outcome = work_on_feed(kind, feed, held, read, partial(self._hear, feed.pk))
            self._note(feed.pk, outcome)
            if outcome.end is not End.DONE:
                return

    def _note(self, feed_id: int, outcome: Outcome) -> None:
        tally = self.tallies[feed_id]
        tally.units += 1
        if outcome.end is End.BEYOND_HISTORY:
            tally.beyond += 1
        elif outcome.end is not End.DONE:
            tally.failed += 1
            tally.errors[outcome.error] += 1
        self._watch.ends(outcome.error)

    def _hear(self, feed_id: int, counts: Counts) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt
        with self._lock:
            self.tallies[feed_id].counts += counts
        self._watch.adds(counts)
