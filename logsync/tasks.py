"""Celery tasks: a lease and a call. The schedule is in dashboard/celery.py, what is due in dispatch.py.

Every message may be lost, come late, or come twice: what it is for is known from the database.
"""

from functools import partial
from hashlib import sha256

from celery import shared_task
from django.utils import timezone

from logsync import by_id, dispatch, head, leases, runs, work
from logsync.choices import RunKind
from logsync.leases import Held
from logsync.models import Feed, PullUnit
from logsync.schedule import unit_lease


@shared_task
def dispatch_head() -> None:
    dispatch.send_heads(pull_head.delay)


@shared_task
def dispatch_today() -> None:
    dispatch.begin_pass(RunKind.TODAY, pull_unit.delay)


@shared_task
def dispatch_window() -> None:
    dispatch.begin_pass(RunKind.WINDOW, pull_unit.delay)


@shared_task
def dispatch_history() -> None:
    """Also keeps every other pass over days going."""
    dispatch.begin_waiting(pull_unit.delay)


@shared_task
def dispatch_unfinished() -> None:
    dispatch.send_unfinished(read_unfinished.delay)


@shared_task
def dispatch_parents() -> None:
    dispatch.send_parents(read_parents.delay)


@shared_task
def rebuild_stale() -> None:
    work.rebuild_what_is_stale()


@shared_task
def pull_unit(unit_id: int, run_id: int, owner: str) -> None:
    held = leases.take_over(Held(unit_lease(unit_id), owner))
    if held and runs.has_read(run_id, unit_id):  # another worker ended it just before this message was sent
        leases.release(held)
    elif held:
        work.work_on_unit(PullUnit.objects.get(pk=unit_id), held, runs.Meter(run_id))
    if held:
        dispatch.fill_queue(pull_unit.delay)


@shared_task
def pull_head(feed_id: int, owner: str) -> None:
    _work_on_feed(RunKind.HEAD, feed_id, Held(dispatch.head_lease(feed_id), owner), head.pull_head)


@shared_task
def read_unfinished(feed_id: int, owner: str) -> None:
    read = partial(by_id.read_unfinished, created_before=dispatch.met_by_head(timezone.now()))
    _work_on_feed(RunKind.UNFINISHED, feed_id, Held(dispatch.unfinished_lease(feed_id), owner), read)


@shared_task
def read_parents(feed_id: int, owner: str) -> None:
    read = partial(by_id.read_missing_parents, due_by=timezone.now())
    _work_on_feed(RunKind.PARENTS, feed_id, Held(dispatch.parents_lease(feed_id), owner), read)


@shared_task
def read_again(project_id: int, medium: str, log_id: str) -> None:
    """Read one log again because somebody asked for it; twice at once is once."""
    feed = Feed.objects.get(project_id=project_id, medium=medium)
    held = leases.take(f"log:{feed.pk}:{sha256(log_id.encode()).hexdigest()}")
    if held:
        work.work_on_feed(RunKind.ONE_LOG, feed, held, partial(by_id.read_again, log_id=log_id))


def _work_on_feed(kind: str, feed_id: int, ticket: Held, read: work.Read) -> None:
    held = leases.take_over(ticket)
    if held:
        work.work_on_feed(kind, Feed.objects.get(pk=feed_id), held, read)
