"""Parents that logs name but the database lacks: noted as days are read, and read by id.

Nothing promises that a parent exists, or is of the same day: what SignalWire does not know is asked for a few times
over two weeks, and then left alone.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from logsync.models import Feed, Log, MissingParent
from logsync.transactions import atomic
from logsync.upsert import fingerprints

# The day before may just be on its way: reading it whole costs less than asking for its rows one by one.
FIRST_ASKED_AFTER = timedelta(minutes=10)
PAUSE = timedelta(days=1)
MOST_FAILURES = 5
BATCH = 1_000


def note_parents(feed: Feed, parent_ids: Collection[str]) -> None:
    """Note those of these parents that the database lacks."""
    _note(feed, set(parent_ids) - fingerprints(feed, list(parent_ids)).keys())


def note_parents_between(feed: Feed, first: datetime, last: datetime) -> None:
    """Note the unknown parents of the feed's logs created from first to last, both included."""
    logs = Log.objects.filter(project_id=feed.project_id, medium=feed.medium)
    unknown = (
        logs.filter(created_at__range=(first, last), parent_id__isnull=False)
        .exclude(Exists(logs.filter(id=OuterRef("parent_id"))))
        .values_list("parent_id", flat=True)
        .distinct()
    )
    _note(feed, unknown)


def _note(feed: Feed, unknown: Iterable[str | None]) -> None:
    due_at = timezone.now() + FIRST_ASKED_AFTER
    missing = [MissingParent(feed=feed, log_id=log_id, next_read_at=due_at) for log_id in unknown if log_id]
    if missing:
        with atomic():
            MissingParent.objects.bulk_create(missing, batch_size=BATCH, ignore_conflicts=True)


def due_parents(feed: Feed, due_by: datetime, limit: int) -> list[MissingParent]:
    """The missing parents to ask for now, after forgetting those that have come meanwhile."""
    missing = MissingParent.objects.filter(feed=feed, next_read_at__lte=due_by, failures__lt=MOST_FAILURES)
    missing.filter(Exists(_log_of(feed))).delete()
    return list(missing.order_by("next_read_at", "pk")[:limit])


def note_answers(found: Sequence[MissingParent], denied: Sequence[MissingParent]) -> None:
    MissingParent.objects.filter(pk__in=[parent.pk for parent in found]).delete()
    now = timezone.now()
    for parent in denied:
        parent.failures += 1
        parent.next_read_at = now + PAUSE * (1 << parent.failures - 1)
    MissingParent.objects.bulk_update(denied, ["failures", "next_read_at"])


def _log_of(feed: Feed) -> QuerySet[Log]:
    return Log.objects.filter(project_id=feed.project_id, medium=feed.medium, id=OuterRef("log_id"))
