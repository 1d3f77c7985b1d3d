"""A pull without a broker: what the schedule does, or chosen days, in a few threads of this process."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from threading import Event, Lock
from time import monotonic, sleep
from typing import Protocol

from logsync import database
from logsync.days import ONE_DAY, days_between
from logsync.jobs.job import Read, rebuild_stale_totals, run_feed_job, run_unit_job
from logsync.jobs.threads import run_in_threads
from logsync.models import Feed, PullUnit, SyncRun
from logsync.models.choices import RunKind, UnitState
from logsync.pulling import by_id
from logsync.pulling.attempt import Outcome, Result
from logsync.scheduling import due_days, leases, runs
from logsync.scheduling.backoff import clear_backoff
from logsync.scheduling.leases import LEASE_DURATION, Lease, LeaseRenewer, acquire_or_take_from_queue, release
from logsync.scheduling.runs import Counts, RunCounter

SECONDS_BETWEEN_RENEWALS = LEASE_DURATION.total_seconds() / 4
# How long to wait for a day that another process is reading, and how often to check.
LEASED_TIMEOUT_S = 30 * 60
POLL_INTERVAL_S = 0.5
# Each batch of parents may name parents of its own, which the next batch reads.
MAX_BATCHES = 20
# Includes parents that become due soon.
PARENTS_DUE_WITHIN = timedelta(hours=1)
LEASED_TOO_LONG = "Another process has been reading this day for half an hour."
STOPPED_MESSAGE = "Stopped by hand. The next pass reads what is left."


class ProgressListener(Protocol):
    """Receives the progress of a pull. `on_counts` is called from several threads."""

    def on_begin(self, title: str, units: int) -> None: ...

    def on_counts(self, counts: Counts) -> None: ...

    def on_end(self, error: str) -> None: ...


@dataclass
class FeedSummary:
    """The outcome of one feed. `beyond`: days that SignalWire no longer keeps, which is not a failure."""

    units: int = 0
    failed: int = 0
    beyond: int = 0
    counts: Counts = field(default_factory=Counts)
    # The number of failed units by error message.
    errors: Counter[str] = field(default_factory=Counter)


class ForegroundPull:
    """One run of `pull`. Failures are recorded on feeds and units, and counted in the summaries."""

    def __init__(self, feeds: Sequence[Feed], workers: int, listener: ProgressListener) -> None:
        self.feeds = feeds
        self.summaries = {feed.pk: FeedSummary() for feed in feeds}
        self.started_at = database.now()
        self._workers = workers
        self._listener = listener
        self._stop = Event()
        self._lock = Lock()

    def pull_due(self) -> None:
        """Read unread days, the trailing window, calls that had not ended, and missing parents."""
        self._prepare()
        due_days.ensure_history(self.feeds, self.started_at)
        self._read_units(RunKind.HISTORY, self._due_units(RunKind.HISTORY))
        self._read_units(RunKind.WINDOW, self._due_units(RunKind.TODAY, RunKind.WINDOW))
        for feed in self.feeds:
            self._read_unfinished(feed)
            self._read_parents(feed)
        rebuild_stale_totals()  # of days that failed midway

    def pull_days(self, since: date, until: date) -> None:
        """Read all logs created on these UTC days, both included, even if they were read before."""
        last = min(until + ONE_DAY, due_days.last_begun_day(self.started_at))
        self.pull_listed_on(list(days_between(since - ONE_DAY, last)))

    def pull_listed_on(self, days: Sequence[date]) -> None:
        """Read all logs that SignalWire lists under these dates, even if they were read before."""
        self._prepare()
        for feed in self.feeds:
            due_days.ensure_units(feed, days)
        units = PullUnit.objects.filter(feed__in=self.feeds, day__in=days)
        units.filter(state=UnitState.BEYOND_HISTORY).update(state=UnitState.WAITING)
        self._read_units(RunKind.RANGE, list(units.select_related("feed__project").order_by("-day", "feed_id")))
        for feed in self.feeds:
            self._read_parents(feed)
        rebuild_stale_totals()

    def _prepare(self) -> None:
        runs.close_abandoned(also_passes=True)
        runs.prune()
        rebuild_stale_totals()
        clear_backoff(list(self.feeds))

    def _due_units(self, *kinds: str) -> list[PullUnit]:
        feeds = Feed.objects.filter(pk__in=[feed.pk for feed in self.feeds])  # fresh: some may have paused just now
        due = partial(due_days.due_units, feeds=feeds, since=self.started_at, now=database.now(), include_leased=True)
        units = {unit.pk: unit for kind in kinds for unit in due(kind)}
        return sorted(units.values(), key=lambda unit: (unit.day, unit.feed_id), reverse=True)

    def _read_units(self, kind: RunKind, units: Sequence[PullUnit]) -> None:
        if not units:
            return
        run, lease = runs.begin_in_foreground(kind, len(units))
        self._listener.on_begin(kind.label, len(units))
        error = STOPPED_MESSAGE
        try:
            self._read_all(run, units, lease)
            error = ""
        finally:
            runs.finish_pass(run.pk, error)
            release(lease)

    def _read_all(self, run: SyncRun, units: Sequence[PullUnit], lease: Lease) -> None:
        leased_elsewhere = []
        read = partial(self._read_unit, run)
        renewer = LeaseRenewer(lease)
        for result in run_in_threads(read, units, self._workers, self._stop, SECONDS_BETWEEN_RENEWALS):
            renewer.keep()
            if result is None:
                continue
            unit, outcome = result
            if outcome.result is Result.ELSEWHERE:
                leased_elsewhere.append(unit)
            else:
                self._record(unit.feed_id, outcome)
        for unit in leased_elsewhere:
            self._record(unit.feed_id, self._wait_and_read(run, unit, renewer))

    def _read_unit(self, run: SyncRun, unit: PullUnit) -> Outcome:
        lease = acquire_or_take_from_queue(leases.unit_lease(unit.pk), run.pk)
        if lease is None:
            return Outcome(Result.ELSEWHERE)
        read_before = unit.read_at
        unit.refresh_from_db()
        if unit.read_at != read_before:  # another process has just read it
            release(lease)
            runs.add_counts(run.pk, Counts(), done=1)
            return Outcome(Result.DONE)
        return run_unit_job(unit, lease, RunCounter(run.pk, partial(self._on_counts, unit.feed_id)))

    def _wait_and_read(self, run: SyncRun, unit: PullUnit, renewer: LeaseRenewer) -> Outcome:
        """Wait until the other process has read the day, or read it once that process has lost its lease."""
        deadline = monotonic() + LEASED_TIMEOUT_S
        while monotonic() < deadline:
            renewer.keep()
            if (outcome := self._read_unit(run, unit)).result is not Result.ELSEWHERE:
                return outcome
            sleep(POLL_INTERVAL_S)
        runs.add_counts(run.pk, Counts(), failed=1, error=LEASED_TOO_LONG)
        return Outcome(Result.FAILED, LEASED_TOO_LONG)

    def _read_unfinished(self, feed: Feed) -> None:
        created_before = database.now() + ONE_DAY  # all of them
        read = partial(by_id.read_unfinished, created_before=created_before)
        due = partial(by_id.due_unfinished, feed, created_before)
        lease_name = leases.unfinished_lease(feed.pk)
        self._read_batches(RunKind.UNFINISHED, lease_name, feed, due, read)

    def _read_parents(self, feed: Feed) -> None:
        due_by = database.now() + PARENTS_DUE_WITHIN
        read = partial(by_id.read_missing_parents, due_by=due_by)
        due = partial(by_id.due_missing_parents, feed, due_by)
        lease_name = leases.parents_lease(feed.pk)
        self._read_batches(RunKind.PARENTS, lease_name, feed, due, read)

    def _read_batches(
        self, kind: RunKind, lease_name: str, feed: Feed, due: Callable[[], Sequence[object]], read: Read
    ) -> None:
        for _ in range(MAX_BATCHES):
            lease = acquire_or_take_from_queue(lease_name) if due() else None
            if lease is None:  # nothing is due, or another process does it
                return
            self._listener.on_begin(kind.label, 1)
            outcome = run_feed_job(kind, feed, lease, read, partial(self._on_counts, feed.pk))
            self._record(feed.pk, outcome)
            if outcome.result is not Result.DONE and not outcome.concerns_logs_only:
                return

    def _record(self, feed_id: int, outcome: Outcome) -> None:
        summary = self.summaries[feed_id]
        summary.units += 1
        if outcome.result is Result.BEYOND_HISTORY:
            summary.beyond += 1
        elif outcome.result is not Result.DONE:
            summary.failed += 1
            summary.errors[outcome.error] += 1
        self._listener.on_end(outcome.error)

    def _on_counts(self, feed_id: int, counts: Counts) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt
        with self._lock:
            self.summaries[feed_id].counts += counts
        self._listener.on_counts(counts)
