"""Celery tasks: each claims a lease and calls the work. The schedule is in dashboard/config/celery_schedule.py.

Every message may be lost, late or delivered twice: what is due follows from the database, see jobs/dispatch.py.
"""

from functools import partial

from celery import shared_task

from logsync import database
from logsync.columnar import writer
from logsync.jobs import dispatch, job
from logsync.models import Feed, PullUnit
from logsync.models.choices import RunKind
from logsync.pulling import by_id, newest
from logsync.scheduling import leases, runs
from logsync.scheduling.leases import Lease, unit_lease


@shared_task
def dispatch_newest() -> None:
    dispatch.send_newest(pull_newest.delay)


@shared_task
def dispatch_today() -> None:
    dispatch.begin_pass(RunKind.TODAY, pull_unit.delay)


@shared_task
def dispatch_window() -> None:
    dispatch.begin_pass(RunKind.WINDOW, pull_unit.delay)


@shared_task
def dispatch_history() -> None:
    """Also continues every other pass over days."""
    dispatch.begin_history(pull_unit.delay)


@shared_task
def dispatch_unfinished() -> None:
    dispatch.send_unfinished(read_unfinished.delay)


@shared_task
def dispatch_parents() -> None:
    dispatch.send_parents(read_parents.delay)


@shared_task
def rebuild_stale() -> None:
    job.rebuild_stale_totals()


@shared_task
def update_copy() -> None:
    writer.begin_update()


@shared_task
def pull_unit(unit_id: int, run_id: int, owner: str) -> None:
    lease = leases.claim(Lease(unit_lease(unit_id), owner))
    if lease is None:
        return
    if runs.was_read_since_run_began(run_id, unit_id):  # another worker finished it just before this message was sent
        leases.release(lease)
    else:
        job.run_unit_job(PullUnit.objects.get(pk=unit_id), lease, runs.RunCounter(run_id))
    dispatch.fill_queue(pull_unit.delay)


@shared_task
def pull_newest(feed_id: int, owner: str) -> None:
    _run_feed_task(RunKind.NEWEST, feed_id, Lease(leases.newest_lease(feed_id), owner), newest.pull_newest)


@shared_task
def read_unfinished(feed_id: int, owner: str) -> None:
    read = partial(by_id.read_unfinished, created_before=dispatch.covered_by_newest(database.now()))
    _run_feed_task(RunKind.UNFINISHED, feed_id, Lease(leases.unfinished_lease(feed_id), owner), read)


@shared_task
def read_parents(feed_id: int, owner: str) -> None:
    read = partial(by_id.read_missing_parents, due_by=database.now())
    _run_feed_task(RunKind.PARENTS, feed_id, Lease(leases.parents_lease(feed_id), owner), read)


@shared_task
def read_again(project_id: int, medium: str, log_id: str) -> None:
    """Read one log again at a user's request. Skipped while another task reads the same log."""
    feed = Feed.objects.get(project_id=project_id, medium=medium)
    lease = leases.acquire(leases.log_lease(feed.pk, log_id))
    if lease:
        job.run_feed_job(RunKind.ONE_LOG, feed, lease, partial(by_id.read_again, log_id=log_id))


def _run_feed_task(kind: str, feed_id: int, reservation: Lease, read: job.Read) -> None:
    lease = leases.claim(reservation)
    if lease:
        job.run_feed_job(kind, Feed.objects.get(pk=feed_id), lease, read)
