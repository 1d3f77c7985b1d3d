"""One piece of work under its lease, counted in its run: shared by workers and by `pull`."""

from collections.abc import Callable

from structlog.contextvars import bound_contextvars

from logsync.database import atomic
from logsync.models import Feed, PullUnit
from logsync.pulling.attempt import Outcome, Result
from logsync.pulling.days import pull_unit
from logsync.pulling.ingest import OnProgress
from logsync.rollups.rebuild import rebuild_stale
from logsync.scheduling import runs
from logsync.scheduling.leases import REBUILD_LEASE, Lease, acquire, release, releasing
from logsync.scheduling.runs import RunCounter

Read = Callable[[Feed, Lease, OnProgress], Outcome]


def run_unit_job(unit: PullUnit, lease: Lease, counter: RunCounter) -> Outcome:
    """Read a day, release its lease and count it. A day that another process took over is counted by that process."""
    try:
        with bound_contextvars(run=counter.run_id, unit=unit.pk, day=unit.day.isoformat()):
            outcome = pull_unit(unit, lease, counter)
        failed = outcome.result is Result.FAILED
        done = not failed and outcome.result is not Result.ELSEWHERE
        with atomic():
            counter.write(done=int(done), failed=int(failed), error=outcome.error if failed else "")
            release(lease)
    except BaseException:
        release(lease)
        raise
    return outcome


def run_feed_job(kind: str, feed: Feed, lease: Lease, read: Read, on_counts: OnProgress | None = None) -> Outcome:
    """Do work on a feed as a run of its own, and release the lease."""
    with releasing(lease):
        run = runs.begin_alone(kind, feed)
        counter = RunCounter(run.pk, on_counts)
        with bound_contextvars(run=run.pk):
            outcome = read(feed, lease, counter)
        failed = outcome.result is not Result.DONE
        counter.write(done=int(not failed), failed=int(failed), error=outcome.error)
        runs.finish(run.pk)
    return outcome


def rebuild_stale_totals() -> int:
    """Rebuild stale totals, and return for how many days. Skipped, with 0, while another process does it."""
    lease = acquire(REBUILD_LEASE)
    if lease is None:
        return 0
    with releasing(lease):
        return rebuild_stale()
