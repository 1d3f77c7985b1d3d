"""Records failures on feeds and units, and when to retry them."""

from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Coalesce

from logsync import database
from logsync.exceptions import CredentialsError, SecretUnusableError, TollbookError, UnavailableError
from logsync.models import Feed, PullUnit
from logsync.models.choices import UnitState
from logsync.scheduling.due_days import utc_day_end
from logsync.scheduling.leases import LEASE_DURATION

MIN_BACKOFF = timedelta(minutes=1)
MAX_BACKOFF = timedelta(hours=6)
# After this many failures in a row the cause is not a single day: the whole feed pauses.
MAX_FEED_FAILURES = 3
# The fields of a feed or a unit after a success.
NO_FAILURE = {"error": "", "failed_since": None, "failures": 0, "next_try_at": None}
NEEDS_OPERATOR = (CredentialsError, SecretUnusableError)


def backoff(failures: int) -> timedelta:
    """The pause after this many failures in a row: doubled each time, up to MAX_BACKOFF."""
    return min(MIN_BACKOFF * (1 << min(failures - 1, 16)), MAX_BACKOFF)


def record_feed_failure(feed: Feed, error: TollbookError) -> None:
    """Record the error on the feed; pause the feed when only an operator can help or after MAX_FEED_FAILURES."""
    now = database.now()
    feed.refresh_from_db(fields=["failures", "next_try_at"])
    if is_paused(feed, now):  # another worker has just recorded the same failure
        return
    failures = feed.failures + 1
    retry_at = error.retry_at if isinstance(error, UnavailableError) else None
    pauses = isinstance(error, NEEDS_OPERATOR) or failures >= MAX_FEED_FAILURES
    next_try_at = max(filter(None, [retry_at, now + backoff(failures) if pauses else None]), default=None)
    Feed.objects.filter(pk=feed.pk).update(
        error=str(error),
        failures=F("failures") + 1,
        failed_since=Coalesce("failed_since", now),
        next_try_at=next_try_at,
    )


def record_database_failure(feed: Feed, error: TollbookError) -> None:
    """Record the error on the feed, if the database allows. The pause is short and does not grow."""
    now = database.now()
    Feed.objects.filter(pk=feed.pk).update(
        error=str(error), failed_since=Coalesce("failed_since", now), next_try_at=now + LEASE_DURATION / 3
    )


def record_unit_failure(unit: PullUnit, error: TollbookError) -> None:
    """Record the error on the unit. A unit that was read after its day had ended stays done."""
    now = database.now()
    complete = unit.read_at is not None and unit.read_at >= utc_day_end(unit.day)
    PullUnit.objects.filter(pk=unit.pk).update(
        state=UnitState.DONE if complete else UnitState.FAILED,
        error=str(error),
        failures=F("failures") + 1,
        failed_since=Coalesce("failed_since", now),
        next_try_at=now + backoff(unit.failures + 1),
    )


def record_feed_success(feed: Feed) -> None:
    if feed.error or feed.failures or feed.next_try_at:  # as loaded when the attempt began
        Feed.objects.filter(pk=feed.pk).update(**NO_FAILURE)


def is_paused(feed: Feed, now: datetime) -> bool:
    return feed.next_try_at is not None and feed.next_try_at > now


def clear_backoff(feeds: list[Feed]) -> None:
    """Make the feeds and their units due at once, for a user who may have fixed the cause. Errors stay recorded."""
    ids = [feed.pk for feed in feeds]
    Feed.objects.filter(pk__in=ids).update(next_try_at=None, failures=0)
    PullUnit.objects.filter(feed__in=ids).exclude(next_try_at=None).update(next_try_at=None)
    for feed in feeds:
        feed.next_try_at = None
