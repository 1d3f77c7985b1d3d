"""One attempt to read a feed. A failure is recorded on the feed and returned as an outcome."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.db import connection
from structlog.contextvars import bound_contextvars

from logsync import database
from logsync.database import outage_message
from logsync.exceptions import (
    CredentialsError,
    HistoryLimitError,
    LogNotFoundError,
    LogRejectedError,
    SecretUnusableError,
    TollbookError,
)
from logsync.models import Feed
from logsync.projects import client_of
from logsync.pulling.ingest import OnProgress, PullSession
from logsync.scheduling.backoff import is_paused, record_database_failure, record_feed_failure, record_feed_success
from logsync.scheduling.leases import Lease, LeaseLostError, LeaseRenewer

logger = logging.getLogger(__name__)


class UnexpectedError(TollbookError):
    """An unexpected exception. Its details are only in the log, because they may contain phone numbers."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"Tollbook itself failed while reading ({type(cause).__name__}). See its log for details.")


class DatabaseUnavailableError(TollbookError):
    """The database was unreachable, full or locked: neither SignalWire nor the day is at fault."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message} Tollbook reads again what could not be stored.")


# Failures of single logs, not of the feed.
LOG_ERRORS = (LogNotFoundError, LogRejectedError)
FEED_ERRORS = (CredentialsError, SecretUnusableError, DatabaseUnavailableError)


class Result(Enum):
    DONE = "done"
    # SignalWire no longer keeps logs this old: not a failure.
    BEYOND_HISTORY = "beyond-history"
    FAILED = "failed"
    # Another process has the lease now and records the outcome.
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result, and the `error` message of a failure; its `cause` is None when the feed is paused."""

    result: Result
    error: str = ""
    cause: TollbookError | None = None

    @property
    def concerns_feed(self) -> bool:
        """Whether the failure is that of the whole feed, not of the day or log that was read."""
        return self.cause is None or isinstance(self.cause, FEED_ERRORS)

    @property
    def concerns_logs_only(self) -> bool:
        """Whether some logs could not be read by id, and all others were."""
        return isinstance(self.cause, LOG_ERRORS)


def attempt(feed_id: int, lease: Lease, on_progress: OnProgress, read: Callable[[PullSession], None]) -> Outcome:
    """Call `read` with a session, unless the feed is paused after a failure. Its exceptions become outcomes."""
    feed = Feed.objects.select_related("project").get(pk=feed_id)
    with bound_contextvars(project=feed.project.name, medium=feed.medium):
        outcome = _attempt(feed, lease, on_progress, read)
        level = logging.WARNING if outcome.result is Result.FAILED else logging.INFO
        logger.log(level, "%s %s", outcome.result.value, outcome.error)
    return outcome


def _attempt(feed: Feed, lease: Lease, on_progress: OnProgress, read: Callable[[PullSession], None]) -> Outcome:
    if is_paused(feed, database.now()):
        return Outcome(Result.FAILED, feed.error)
    try:
        renewer = LeaseRenewer(lease)
        read(PullSession(feed, renewer, client_of(feed.project, renewer.sleep), on_progress))
    except LeaseLostError:
        return Outcome(Result.ELSEWHERE, "Another process has taken over this work.")
    except HistoryLimitError as error:
        return Outcome(Result.BEYOND_HISTORY, cause=error)
    except TollbookError as error:
        return _failed(feed, error)
    except Exception as error:
        outage = outage_message(error)
        if not outage:
            logger.exception("%s could not be read", feed)
        return _database_failed(feed, outage) if outage else _failed(feed, UnexpectedError(error))
    record_feed_success(feed)
    return Outcome(Result.DONE)


def _database_failed(feed: Feed, outage: str) -> Outcome:
    error = DatabaseUnavailableError(outage)
    logger.warning("%s: %s", feed, error)
    connection.close_if_unusable_or_obsolete()  # a broken connection could not record the failure
    record_database_failure(feed, error)
    return Outcome(Result.FAILED, str(error), error)


def _failed(feed: Feed, error: TollbookError) -> Outcome:
    if not isinstance(error, LOG_ERRORS):
        record_feed_failure(feed, error)
    return Outcome(Result.FAILED, str(error), error)
