"""Single logs read by their id: those that had not ended, missing parents, and the one that somebody asks for."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from logsync.attempts import Outcome, attempt
from logsync.exceptions import AnswerUnreadableError, LogNotFoundError, RequestRejectedError
from logsync.leases import Held
from logsync.models import Feed, Log, MissingParent
from logsync.parents import due_parents, note_answers
from logsync.parse import parse_page
from logsync.reading import Reading, Report
from logsync.records import RawPage
from logsync.unfinished import next_reading

logger = logging.getLogger(__name__)

# No pass is longer, so that it never delays the next.
BATCH = 100
# A log that SignalWire denies for so long will not come back.
GIVEN_UP_AFTER = timedelta(days=7)


def read_unfinished(feed: Feed, held: Held, report: Report, created_before: datetime) -> Outcome:
    """Read again what had not ended and is due: a batch of it."""
    return attempt(feed.pk, held, report, lambda reading: _read_unfinished(reading, created_before))


def read_missing_parents(feed: Feed, held: Held, report: Report, due_by: datetime) -> Outcome:
    """Read a batch of the parents that are missing. Their own parents are noted for the next pass."""
    return attempt(feed.pk, held, report, lambda reading: _read_parents(reading, due_by))


def read_again(feed: Feed, held: Held, report: Report, log_id: str) -> Outcome:
    """Read one log again."""
    return attempt(feed.pk, held, report, lambda reading: _read_one(reading, log_id))


def unfinished(feed: Feed, created_before: datetime) -> list[Log]:
    """The logs whose end is still to come and that are due, those that wait longest first; a batch of them."""
    due = Log.objects.filter(
        project_id=feed.project_id,
        medium=feed.medium,
        next_read_at__lte=timezone.now(),
        created_at__lt=created_before,
    )
    return list(due.only("id", "created_at").order_by("next_read_at", "id")[:BATCH])


def missing_parents(feed: Feed, due_by: datetime) -> list[MissingParent]:
    return due_parents(feed, due_by, BATCH)


def _read_unfinished(reading: Reading, created_before: datetime) -> None:
    try:
        for log in unfinished(reading.feed, created_before):
            _read_unfinished_log(reading, log)
    finally:
        _end(reading)


def _read_unfinished_log(reading: Reading, log: Log) -> None:
    asked_at = timezone.now()
    next_read_at: datetime | None = next_reading(log.created_at, asked_at)
    try:
        if not _read_if_there(reading, log.id) and asked_at - log.created_at > GIVEN_UP_AFTER:
            logger.info("%s has not ended, and SignalWire does not know it any more: given up", log)
            next_read_at = None
    except AnswerUnreadableError:
        _put_off(log, asked_at, next_read_at)
        raise
    _put_off(log, asked_at, next_read_at)


def _put_off(log: Log, asked_at: datetime, next_read_at: datetime | None) -> None:
    """An answer that changed the row has said already when to read it again; one that did not, has not."""
    Log.objects.filter(pk=log.pk, next_read_at__lte=asked_at).update(next_read_at=next_read_at)


def _read_parents(reading: Reading, due_by: datetime) -> None:
    found: list[MissingParent] = []
    denied: list[MissingParent] = []
    try:
        for parent in missing_parents(reading.feed, due_by):
            (found if _read_if_there(reading, parent.log_id) else denied).append(parent)
    finally:
        note_answers(found, denied)
        _end(reading)


def _read_one(reading: Reading, log_id: str) -> None:
    try:
        _read(reading, log_id)
    finally:
        _end(reading)


def _read_if_there(reading: Reading, log_id: str) -> bool:
    """Whether the log came, and could be read. That one is not there keeps no other from being read."""
    try:
        return _read(reading, log_id)
    except (LogNotFoundError, RequestRejectedError):
        return False


def _read(reading: Reading, log_id: str) -> bool:
    reading.lease.keep()
    answer = reading.client.fetch_log(reading.feed.medium, log_id)
    touched = reading.store(parse_page(RawPage(answer.body, (answer.body,), answer.sent_at)))
    return not touched.quarantined


def _end(reading: Reading) -> None:
    reading.note()  # also the requests that brought nothing
    reading.settle()
