"""Passes over SignalWire as `SyncRun` rows: begin, count, finish, close when abandoned, and delete when old."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from django.db.models import F, QuerySet, Subquery

from logsync import database
from logsync.database import atomic
from logsync.models import Feed, PullUnit, SyncRun
from logsync.models.choices import RunKind, RunState
from logsync.scheduling.leases import (
    FOREGROUND_LEASE,
    Lease,
    LeaseLostError,
    acquire,
    delete_expired,
    foreground_lease,
    held_names,
    is_in_progress,
)

MIN_KEPT_RUNS = 1_000
KEEP_RUNS_FOR = timedelta(days=30)
# No run of a feed or a log takes this long: one that still runs belongs to a process that died.
ABANDONED_AFTER = timedelta(hours=2)
EXCLUSIVE_KINDS = (RunKind.NEWEST, RunKind.UNFINISHED, RunKind.PARENTS)
SECONDS_BETWEEN_WRITES = 2
ABANDONED_MESSAGE = "Stopped before it was finished: its process ended. The next pass reads what is left."
PASSES_OVER_DAYS = (RunKind.HISTORY, RunKind.TODAY, RunKind.WINDOW)


@dataclass(frozen=True, slots=True)
class Counts:
    """The requests and rows of a part of a run."""

    requests: int = 0
    rows: int = 0
    new: int = 0
    changed: int = 0
    quarantined: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.requests + other.requests,
            self.rows + other.rows,
            self.new + other.new,
            self.changed + other.changed,
            self.quarantined + other.quarantined,
        )


class RunCounter:
    """Adds counts to a run in batches, because many workers update the same row.

    `on_counts` receives each count at once.
    """

    def __init__(self, run_id: int, on_counts: Callable[[Counts], None] | None = None) -> None:
        self._on_counts = on_counts
        self.run_id = run_id
        self._pending = Counts()
        self._written_at = monotonic()

    def __call__(self, counts: Counts) -> None:
        self._pending += counts
        if monotonic() - self._written_at > SECONDS_BETWEEN_WRITES:
            self.write()
        if self._on_counts:
            self._on_counts(counts)

    def write(self, *, done: int = 0, failed: int = 0, error: str = "") -> None:
        add_counts(self.run_id, self._pending, done=done, failed=failed, error=error)
        self._pending = Counts()
        self._written_at = monotonic()


def begin(kind: str, feed: Feed | None = None, units: int = 0) -> SyncRun:
    """Begin a run. It skips what was read since its `started_at`, so that is the database's time."""
    run = SyncRun.objects.create(kind=kind, feed=feed, units=units)
    run.started_at = database.now()
    run.save(update_fields=["started_at"])
    return run


def begin_alone(kind: str, feed: Feed) -> SyncRun:
    """Begin a run whose lease the caller holds: any other running one of this kind and feed was abandoned."""
    if kind in EXCLUSIVE_KINDS:
        _abandon(_running().filter(kind=kind, feed=feed))
    return begin(kind, feed, units=1)


def begin_in_foreground(kind: str, units: int) -> tuple[SyncRun, Lease]:
    """Begin a run that the scheduler leaves alone while its lease is held."""
    with atomic():
        run = begin(kind, units=units)
        lease = acquire(foreground_lease(run.pk))
        if lease is None:
            raise LeaseLostError(f"Another process has the lease {foreground_lease(run.pk)} of a new run.")
        return run, lease


def was_read_since_run_began(run_id: int, unit_id: int) -> bool:
    started_at = SyncRun.objects.filter(pk=run_id).values("started_at")[:1]
    return PullUnit.objects.filter(pk=unit_id, read_at__gte=Subquery(started_at)).exists()


def add_counts(run_id: int, counts: Counts, *, done: int = 0, failed: int = 0, error: str = "") -> None:
    """Add to the counts of a run. Safe from any number of workers at once."""
    changes: dict[str, object] = {
        "requests": F("requests") + counts.requests,
        "rows": F("rows") + counts.rows,
        "rows_new": F("rows_new") + counts.new,
        "rows_changed": F("rows_changed") + counts.changed,
        "rows_quarantined": F("rows_quarantined") + counts.quarantined,
        "units_done": F("units_done") + done,
        "units_failed": F("units_failed") + failed,
    }
    if error:
        changes["error"] = error
    SyncRun.objects.filter(pk=run_id).update(**changes)


def finish(run_id: int, error: str = "") -> None:
    """Close a run: as failed when one of its units failed or there is an error."""
    run = SyncRun.objects.get(pk=run_id)
    error = error or run.error
    state = RunState.FAILED if error or run.units_failed else RunState.DONE
    _running().filter(pk=run_id).update(state=state, error=error, finished_at=database.now())


def finish_pass(run_id: int, error: str = "") -> None:
    """Close a pass over days, with the number of units it read: other processes may have read the rest."""
    _running().filter(pk=run_id).update(units=F("units_done") + F("units_failed"))
    finish(run_id, error)


def running(kinds: Iterable[str]) -> list[SyncRun]:
    return list(_running().filter(kind__in=list(kinds)).order_by("started_at", "pk"))


def close_abandoned(*, also_passes: bool = False) -> None:
    """Close as failed the runs whose process died.

    Skips passes over days, which the scheduler continues, unless `also_passes`.
    """
    abandoned_before = database.now() - ABANDONED_AFTER
    for run in _running():
        has_leases = run.kind == RunKind.RANGE or (also_passes and run.kind in PASSES_OVER_DAYS)
        is_stale = run.kind not in PASSES_OVER_DAYS and run.started_at < abandoned_before
        if _is_idle(run) if has_leases else is_stale:
            _abandon(_running().filter(pk=run.pk))


def _is_idle(run: SyncRun) -> bool:
    return not (is_in_progress(run.pk) or foreground_lease(run.pk) in held_names(FOREGROUND_LEASE))


def _running() -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(state=RunState.RUNNING)


def _abandon(runs: QuerySet[SyncRun]) -> None:
    runs.update(state=RunState.FAILED, error=ABANDONED_MESSAGE, finished_at=database.now())


def prune() -> None:
    """Delete expired leases, and runs older than KEEP_RUNS_FOR except the newest MIN_KEPT_RUNS."""
    delete_expired()
    old = SyncRun.objects.exclude(state=RunState.RUNNING).filter(started_at__lt=database.now() - KEEP_RUNS_FOR)
    start_times = SyncRun.objects.order_by("-started_at").values_list("started_at", flat=True)
    for oldest_kept in start_times[MIN_KEPT_RUNS - 1 : MIN_KEPT_RUNS]:
        old.filter(started_at__lt=oldest_kept).delete()
