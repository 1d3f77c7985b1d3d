"""One try at SignalWire for one feed: what went wrong ends up in plain words on the feed, and as an outcome."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.utils import timezone
from structlog.contextvars import bound_contextvars

from logsync.exceptions import (
    CredentialsError,
    HistoryLimitError,
    LogNotFoundError,
    SecretUnreadableError,
    TollbookError,
)
from logsync.failures import is_paused, note_feed_failure, note_feed_success
from logsync.leases import Held, Keeper, LeaseLostError
from logsync.models import Feed
from logsync.projects import client_of
from logsync.reading import Reading, Report

logger = logging.getLogger(__name__)


class UnexpectedError(TollbookError):
    """Tollbook's own failure, or the database's: only the log has the details, because they may hold phone numbers."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"Tollbook itself failed while reading ({type(cause).__name__}). Its log file says more.")


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
        return self.cause is None or isinstance(self.cause, CredentialsError | SecretUnreadableError)


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
        logger.exception("%s cannot be read", feed)
        return _failed(feed, UnexpectedError(error))
    note_feed_success(feed)
    return Outcome(End.DONE)


def _failed(feed: Feed, error: TollbookError) -> Outcome:
    if not isinstance(error, LogNotFoundError):  # that says nothing about the feed
        note_feed_failure(feed, error)
    return Outcome(End.FAILED, str(error), error)
