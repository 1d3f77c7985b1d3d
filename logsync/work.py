"""One piece of work under its lease, counted in its run: what a worker does with a message, and `pull` by itself."""

from collections.abc import Callable

from structlog.contextvars import bound_contextvars

from logsync import runs
from logsync.attempts import End, Outcome
from logsync.leases import Held, release, releasing, take
from logsync.models import Feed, PullUnit
from logsync.reading import Report
from logsync.rollups import rebuild_stale
from logsync.runs import Meter
from logsync.sync import pull_unit
from logsync.transactions import atomic

REBUILD_LEASE = "rebuild"

Read = Callable[[Feed, Held, Report], Outcome]


def work_on_unit(unit: PullUnit, held: Held, meter: Meter) -> Outcome:
    """Read a day, give its lease back, and count it; a day that went to another process is counted there."""
    try:
        with bound_contextvars(run=meter.run_id, unit=unit.pk, day=unit.day.isoformat()):
            outcome = pull_unit(unit, held, meter)
        failed = outcome.end is End.FAILED
        done = not failed and outcome.end is not End.ELSEWHERE
        with atomic():
            meter.write(done=int(done), failed=int(failed), error=outcome.error if failed else "")
            release(held)
    except BaseException:
        release(held)
        raise
    return outcome


def work_on_feed(kind: str, feed: Feed, held: Held, read: Read, hear: Report | None = None) -> Outcome:
    """Do something to a feed that only one process does at a time, as a run of its own."""
    with releasing(held):
        run = runs.begin_alone(kind, feed)
        meter = Meter(run.pk, hear)
        with bound_contextvars(run=run.pk):
            outcome = read(feed, held, meter)
        failed = outcome.end is not End.DONE
        meter.write(done=int(not failed), failed=int(failed), error=outcome.error)
        runs.finish(run.pk)
    return outcome


def rebuild_what_is_stale() -> int:
    """Make stale totals anew, unless another process is at it; answers how many days."""
    held = take(REBUILD_LEASE)
    if held is None:
        return 0
    try:
        return rebuild_stale()
    finally:
        release(held)
