"""One try at SignalWire for one feed: what went wrong ends up in plain words on the feed, and as an outcome."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.db import connection
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from logsync.database import trouble_in_words
from logsync.exceptions import (
    CredentialsError,
    HistoryLimitError,
    LogNotFoundError,
    SecretUnreadableError,
    TollbookError,
)
from logsync.failures import is_paused, note_database_trouble, note_feed_failure, note_feed_success
from logsync.leases import Held, Keeper, LeaseLostError
from logsync.models import Feed
from logsync.projects import client_of
from logsync.reading import Reading, Report

logger = logging.getLogger(__name__)


class UnexpectedError(TollbookError):
    """Tollbook's own failure, or the database's: only the log has the details, because they may hold phone numbers."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"Tollbook itself failed while reading ({type(cause).__name__}). Its log file says more.")


class DatabaseTroubleError(TollbookError):
    """The database was away, full or locked: nothing that SignalWire or the day could be blamed for."""

    def __init__(self, words: str) -> None:
        super().__init__(f"{words} What could not be stored is read again by itself.")


OF_THE_FEED = (CredentialsError, SecretUnreadableError, DatabaseTroubleError)


class End(Enum):
    DONE = "done"
    # SignalWire keeps nothing so old any more: no failure.
    BEYOND_HISTORY = "beyond-history"
    FAILED = "failed"
    # Another process has the work now, and tells how it ended.
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended; `error` in words when it failed. `cause` is missing where nothing was tried: the feed pauses."""

    end: End
    error: str = ""
    cause: TollbookError | None = None

    @property
    def is_of_the_feed(self) -> bool:
        """Whether the failure says nothing about the day or the log that was to be read."""
        return self.cause is None or isinstance(self.cause, OF_THE_FEED)


def attempt(feed_id: int, held: Held, report: Report, read: Callable[[Reading], None]) -> Outcome:
    """Let `read` ask SignalWire, unless the feed pauses after a failure."""
    feed = Feed.objects.select_related("project").get(pk=feed_id)
    with bound_contextvars(project=feed.project.name, medium=feed.medium):
        outcome = _attempt(feed, held, report, read)
        level = logging.WARNING if outcome.end is End.FAILED else logging.INFO
        logger.log(level, "%s %s", outcome.end.value, outcome.error)
    return outcome


def _attempt(feed: Feed, held: Held, report: Report, read: Callable[[Reading], None]) -> Outcome:
    if is_paused(feed, timezone.now()):
        return Outcome(End.FAILED, feed.error)
    try:
        lease = Keeper(held)
        read(Reading(feed, lease, client_of(feed.project, lease.sleep), report))
    except LeaseLostError:
        return Outcome(End.ELSEWHERE, "Another process has taken it over.")
    except HistoryLimitError as error:
        return Outcome(End.BEYOND_HISTORY, cause=error)
    except TollbookError as error:
        return _failed(feed, error)
    except Exception as error:
        trouble = trouble_in_words(error)
        if not trouble:
            logger.exception("%s cannot be read", feed)
        return _not_stored(feed, trouble) if trouble else _failed(feed, UnexpectedError(error))
    note_feed_success(feed)
    return Outcome(End.DONE)


def _not_stored(feed: Feed, words: str) -> Outcome:
    error = DatabaseTroubleError(words)
    logger.warning("%s: %s", feed, error)
    connection.close_if_unusable_or_obsolete()  # a lost one is of no use for telling it
    note_database_trouble(feed, error)
    return Outcome(End.FAILED, str(error), error)


def _failed(feed: Feed, error: TollbookError) -> Outcome:
    if not isinstance(error, LogNotFoundError):  # that says nothing about the feed
        note_feed_failure(feed, error)
    return Outcome(End.FAILED, str(error), error)
