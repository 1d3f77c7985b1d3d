"""Reads single logs by id: calls that had not ended, missing parents, and a log that a user asks for."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from logsync import database
from logsync.exceptions import LogNotFoundError, LogRejectedError, UnreadableResponseError
from logsync.models import Feed, Log, MissingParent
from logsync.parsing.parser import parse_page
from logsync.parsing.records import RawPage
from logsync.pulling.attempt import Outcome, attempt
from logsync.pulling.ingest import OnProgress, PullSession
from logsync.scheduling.leases import Lease
from logsync.storage.missing_parents import due_parents, record_answers
from logsync.storage.recheck import next_read_after

logger = logging.getLogger(__name__)

# Keeps a pass short, so that it does not delay the next one.
BATCH_SIZE = 100
# A log that SignalWire does not find for this long will not come back.
GIVE_UP_AFTER = timedelta(days=7)


def read_unfinished(feed: Feed, lease: Lease, on_progress: OnProgress, created_before: datetime) -> Outcome:
    """Read again a batch of due logs that had not ended."""
    return attempt(feed.pk, lease, on_progress, lambda session: _read_unfinished(session, created_before))


def read_missing_parents(feed: Feed, lease: Lease, on_progress: OnProgress, due_by: datetime) -> Outcome:
    """Read a batch of missing parents. Their own missing parents are recorded for the next pass."""
    return attempt(feed.pk, lease, on_progress, lambda session: _read_parents(session, due_by))


def read_again(feed: Feed, lease: Lease, on_progress: OnProgress, log_id: str) -> Outcome:
    return attempt(feed.pk, lease, on_progress, lambda session: _read_one(session, log_id))


def due_unfinished(feed: Feed, created_before: datetime) -> list[Log]:
    """A batch of the due logs that had not ended, the longest overdue first."""
    due = Log.objects.filter(
        project_id=feed.project_id,
        medium=feed.medium,
        next_read_at__lte=database.now(),
        created_at__lt=created_before,
    )
    return list(due.only("id", "created_at").order_by("next_read_at", "id")[:BATCH_SIZE])


def due_missing_parents(feed: Feed, due_by: datetime) -> list[MissingParent]:
    return due_parents(feed, due_by, BATCH_SIZE)


class _Answer(Enum):
    """`UNREAD`: the request was rejected, or the row could not be read. The log may well be there."""

    THERE = "there"
    NOT_THERE = "not-there"
    UNREAD = "unread"


def _read_unfinished(session: PullSession, created_before: datetime) -> None:
    rejections: list[LogRejectedError] = []
    try:
        for log in due_unfinished(session.feed, created_before):
            _read_unfinished_log(session, log, rejections)
    finally:
        _finish(session)
    _report(rejections)


def _read_unfinished_log(session: PullSession, log: Log, rejections: list[LogRejectedError]) -> None:
    sent_at = database.now()
    next_read_at: datetime | None = next_read_after(log.created_at, sent_at)
    try:
        answer = _ask(session, log.id, rejections)
        if answer is _Answer.NOT_THERE and sent_at - log.created_at > GIVE_UP_AFTER:
            logger.info("Gave up on %s: it had not ended, and SignalWire no longer has it", log)
            next_read_at = None
    except UnreadableResponseError:
        _reschedule(log, sent_at, next_read_at)
        raise
    _reschedule(log, sent_at, next_read_at)


def _reschedule(log: Log, sent_at: datetime, next_read_at: datetime | None) -> None:
    """Unless the response changed the row, and with it the time of the next read."""
    Log.objects.filter(pk=log.pk, next_read_at__lte=sent_at).update(next_read_at=next_read_at)


def _read_parents(session: PullSession, due_by: datetime) -> None:
    answers: dict[_Answer, list[MissingParent]] = {answer: [] for answer in _Answer}
    rejections: list[LogRejectedError] = []
    try:
        for parent in due_missing_parents(session.feed, due_by):
            try:
                answers[_ask(session, parent.log_id, rejections)].append(parent)
            except UnreadableResponseError:
                answers[_Answer.UNREAD].append(parent)
                raise
    finally:
        record_answers(
            found=answers[_Answer.THERE], not_found=answers[_Answer.NOT_THERE], unread=answers[_Answer.UNREAD]
        )
        _finish(session)
    _report(rejections)


def _ask(session: PullSession, log_id: str, rejections: list[LogRejectedError]) -> _Answer:
    """Read one log of a batch. A missing or rejected one must not stop the rest; the rejected are added to the list."""
    try:
        return _Answer.THERE if _read(session, log_id) else _Answer.UNREAD
    except LogNotFoundError:
        return _Answer.NOT_THERE
    except LogRejectedError as error:
        rejections.append(error)
        return _Answer.UNREAD


def _report(rejections: Sequence[LogRejectedError]) -> None:
    """Raises LogRejectedError for the whole batch, after all of it was asked for."""
    if len(rejections) > 1:
        raise LogRejectedError(f"{len(rejections)} logs could not be read by id. The first: {rejections[0]}")
    if rejections:
        raise rejections[0]


def _read_one(session: PullSession, log_id: str) -> None:
    try:
        _read(session, log_id)
    finally:
        _finish(session)


def _read(session: PullSession, log_id: str) -> bool:
    """Whether the row could be read. Raises LogNotFoundError."""
    session.renewer.keep()
    response = session.client.fetch_log(session.feed.medium, log_id)
    stored = session.store(parse_page(RawPage(response.body, (response.body,), response.sent_at)))
    return not stored.quarantined


def _finish(session: PullSession) -> None:
    session.add_counts()  # includes requests without rows
    session.finish()
