"""The passes over SignalWire as `SyncRun` rows: begun, counted while they go on, closed, and one day forgotten."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from django.db.models import F, QuerySet, Subquery
from django.utils import timezone

from logsync.choices import RunKind, RunState
from logsync.leases import Held, LeaseLostError, forget_expired, held_names, is_at_work, take
from logsync.models import Feed, PullUnit, SyncRun
from logsync.transactions import atomic

KEPT_RUNS = 1_000
KEPT_FOR = timedelta(days=30)
# No single step takes this long: what still runs belongs to a process that is gone.
ABANDONED_AFTER = timedelta(hours=2)
ONE_AT_A_TIME = (RunKind.HEAD, RunKind.UNFINISHED, RunKind.PARENTS)
SECONDS_BETWEEN_COUNTS = 2
ABANDONED = "Stopped before it was finished: its process ended. What was left is read by the next pass."
FOREGROUND_LEASE = "run:"
PASSES_OVER_DAYS = (RunKind.HISTORY, RunKind.TODAY, RunKind.WINDOW)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a part of a run asked and found."""

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


class Meter:
    """Adds what is reported to a run, but not for every page: a run is one row that many workers write.

    `hear` is told at once.
    """

    def __init__(self, run_id: int, hear: Callable[[Counts], None] | None = None) -> None:
        self.total = Counts()
        self._hear = hear
        self.run_id = run_id
        self._pending = Counts()
        self._written_at = monotonic()

    def __call__(self, counts: Counts) -> None:
        self.total += counts
        self._pending += counts
        if monotonic() - self._written_at > SECONDS_BETWEEN_COUNTS:
            self.write()
        if self._hear:
            self._hear(counts)

    def write(self, *, done: int = 0, failed: int = 0, error: str = "") -> None:
        count(self.run_id, self._pending, done=done, failed=failed, error=error)
        self._pending = Counts()
        self._written_at = monotonic()


def begin(kind: str, feed: Feed | None = None, units: int = 0) -> SyncRun:
    return SyncRun.objects.create(kind=kind, feed=feed, units=units)


def begin_alone(kind: str, feed: Feed) -> SyncRun:
    """Begin the work that the caller holds the lease of: any other run of its kind and feed belongs to the dead."""
    if kind in ONE_AT_A_TIME:
        _abandon(_running().filter(kind=kind, feed=feed))
    return begin(kind, feed, units=1)


def begin_in_foreground(kind: str, units: int) -> tuple[SyncRun, Held]:
    """A run that no scheduler goes on with as long as its lease is held."""
    with atomic():
        run = begin(kind, units=units)
        held = take(foreground_lease(run.pk))
        if held is None:
            raise LeaseLostError("Nobody else can know of this run yet.")
        return run, held


def has_read(run_id: int, unit_id: int) -> bool:
    """Whether the day was read since the run began."""
    began = SyncRun.objects.filter(pk=run_id).values("started_at")[:1]
    return PullUnit.objects.filter(pk=unit_id, read_at__gte=Subquery(began)).exists()


def count(run_id: int, counts: Counts, *, done: int = 0, failed: int = 0, error: str = "") -> None:
    """Add to a run, from any number of workers at once."""
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
    """Close a run: as failed when a unit of it failed, or there is an error to tell."""
    run = SyncRun.objects.get(pk=run_id)
    said = error or run.error
    state = RunState.FAILED if said or run.units_failed else RunState.DONE
    _running().filter(pk=run_id).update(state=state, error=said, finished_at=timezone.now())


def finish_pass(run_id: int, error: str = "") -> None:
    """Close a pass over days. Some of them others may have read meanwhile, or SignalWire may have forgotten."""
    _running().filter(pk=run_id).update(units=F("units_done") + F("units_failed"))
    finish(run_id, error)


def running(kinds: Iterable[str]) -> list[SyncRun]:
    return list(_running().filter(kind__in=list(kinds)).order_by("started_at", "pk"))


def foreground_lease(run_id: int) -> str:
    return f"{FOREGROUND_LEASE}{run_id}"


def close_abandoned(*, also_passes: bool = False) -> None:
    """Close as failed what runs in name only.

    Passes over days are left to the scheduler, which goes on with them, unless `also_passes`.
    """
    long_ago = timezone.now() - ABANDONED_AFTER
    for run in _running():
        by_days = run.kind == RunKind.RANGE or (also_passes and run.kind in PASSES_OVER_DAYS)
        is_dead = _is_idle(run) if by_days else run.kind not in PASSES_OVER_DAYS and run.started_at < long_ago
        if is_dead:
            _abandon(_running().filter(pk=run.pk))


def _is_idle(run: SyncRun) -> bool:
    return not (is_at_work(run.pk) or foreground_lease(run.pk) in held_names(FOREGROUND_LEASE))


def _running() -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(state=RunState.RUNNING)


def _abandon(runs: QuerySet[SyncRun]) -> None:
    runs.update(state=RunState.FAILED, error=ABANDONED, finished_at=timezone.now())


def prune() -> None:
    """Forget runs that are both old and many, and the leases of the dead."""
    forget_expired()
    old = SyncRun.objects.exclude(state=RunState.RUNNING).filter(started_at__lt=timezone.now() - KEPT_FOR)
    kept = SyncRun.objects.order_by("-started_at").values_list("started_at", flat=True)[KEPT_RUNS - 1 : KEPT_RUNS]
    for oldest_kept in kept:
        old.filter(started_at__lt=oldest_kept).delete()
