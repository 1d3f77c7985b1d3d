"""Parent logs that stored logs name but the database lacks. They are recorded in the transaction that stores their
children, then read by id.

A parent may belong to another day or not exist at all: unknown ones are retried a few times over two weeks.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from logsync import database
from logsync.models import Feed, Log, MissingParent
from logsync.parsing.records import LogRecord
from logsync.storage.upsert import stored_fingerprints

# The day of the parent may be about to be read, which costs less than reading its rows one by one.
FIRST_READ_DELAY = timedelta(minutes=10)
FIRST_RETRY_DELAY = timedelta(days=1)
MAX_DOUBLINGS = 4
BATCH = 1_000


def record_missing_parents(feed: Feed, records: Iterable[LogRecord]) -> None:
    """Record the parents of these logs, which are stored already, that the database lacks."""
    records = list(records)
    named = {record.parent_id for record in records if record.parent_id} - {record.id for record in records}
    if not named:  # nearly always a parent is on the page of its children
        return
    missing = named - stored_fingerprints(feed, list(named)).keys()
    due_at = database.now() + FIRST_READ_DELAY
    # Sorted, so that two transactions with the same parents cannot deadlock.
    parents = [MissingParent(feed=feed, log_id=log_id, next_read_at=due_at) for log_id in sorted(missing)]
    MissingParent.objects.bulk_create(parents, batch_size=BATCH, ignore_conflicts=True)


def due_parents(feed: Feed, due_by: datetime, limit: int) -> list[MissingParent]:
    """The missing parents to read now. Deletes the records of those stored meanwhile."""
    missing = MissingParent.objects.filter(feed=feed, next_read_at__lte=due_by, failures__lt=MissingParent.MAX_FAILURES)
    stored = Log.objects.filter(project_id=feed.project_id, medium=feed.medium, id=OuterRef("log_id"))
    missing.filter(Exists(stored)).delete()
    return list(missing.order_by("next_read_at", "pk")[:limit])


def record_answers(
    found: Sequence[MissingParent], not_found: Sequence[MissingParent], unread: Sequence[MissingParent]
) -> None:
    """Delete the records of parents that were found, and delay the next read of the others.

    `unread` are those that SignalWire neither sent nor said it lacks: they are never given up.
    """
    MissingParent.objects.filter(pk__in=[parent.pk for parent in found]).delete()
    now = database.now()
    for parent in not_found:
        parent.failures += 1
        parent.next_read_at = now + _delay(parent.failures)
    for parent in unread:
        parent.unread += 1
        parent.next_read_at = now + _delay(parent.unread)
    MissingParent.objects.bulk_update([*not_found, *unread], ["failures", "unread", "next_read_at"])


def _delay(attempts: int) -> timedelta:
    return FIRST_RETRY_DELAY * (1 << min(attempts - 1, MAX_DOUBLINGS))
