"""What went wrong, in plain words on the feed and on its unit, and when to try again."""

from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from logsync.choices import UnitState
from logsync.exceptions import CredentialsError, SecretUnreadableError, TollbookError, UnavailableError
from logsync.leases import WORKING
from logsync.models import Feed, PullUnit
from logsync.schedule import day_end

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# After so many failures in a row it is not the one day: the whole feed pauses.
FAILURES_IN_A_ROW = 3
# The fields of a feed or a day once it went well.
MENDED = {"error": "", "failed_since": None, "failures": 0, "next_try_at": None}
NOTHING_HELPS = (CredentialsError, SecretUnreadableError)


def pause(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: twice as long each time, within bounds."""
    return min(FIRST_PAUSE * (1 << min(failures - 1, 16)), LONGEST_PAUSE)


def note_feed_failure(feed: Feed, error: TollbookError) -> None:
    """Tell it on the feed. When no request of it can succeed, or none has for a while, the whole feed pauses."""
    now = timezone.now()
    feed.refresh_from_db(fields=["failures", "next_try_at"])
    if is_paused(feed, now):  # another worker was at it in the same moment, and has told it
        return
    failures = feed.failures + 1
    retry_at = error.retry_at if isinstance(error, UnavailableError) else None
    stops = isinstance(error, NOTHING_HELPS) or failures >= FAILURES_IN_A_ROW
    next_try_at = max(filter(None, [retry_at, now + pause(failures) if stops else None]), default=None)
    Feed.objects.filter(pk=feed.pk).update(
        error=str(error),
        failures=F("failures") + 1,
        failed_since=Coalesce("failed_since", now),
        next_try_at=next_try_at,
    )


def note_database_trouble(feed: Feed, error: TollbookError) -> None:
    """Tell it on the feed, as far as the database takes it. The pause is short, and no longer the next time."""
    now = timezone.now()
    Feed.objects.filter(pk=feed.pk).update(
        error=str(error), failed_since=Coalesce("failed_since", now), next_try_at=now + WORKING / 3
    )


def note_unit_failure(unit: PullUnit, error: TollbookError) -> None:
    """Tell it on the day. A day that was once read to its end stays read."""
    now = timezone.now()
    complete = unit.read_at is not None and unit.read_at >= day_end(unit.day)
    PullUnit.objects.filter(pk=unit.pk).update(
        state=UnitState.DONE if complete else UnitState.FAILED,
        error=str(error),
        failures=F("failures") + 1,
        failed_since=Coalesce("failed_since", now),
        next_try_at=now + pause(unit.failures + 1),
    )


def note_feed_success(feed: Feed) -> None:
    if feed.error or feed.failures or feed.next_try_at:  # as they were when the attempt began
        Feed.objects.filter(pk=feed.pk).update(**MENDED)


def is_paused(feed: Feed, now: datetime) -> bool:
    return feed.next_try_at is not None and feed.next_try_at > now


def try_at_once(feeds: list[Feed]) -> None:
    """Forget the pauses, because somebody who may have mended the cause asks for it. What went wrong stays told."""
    ids = [feed.pk for feed in feeds]
    Feed.objects.filter(pk__in=ids).update(next_try_at=None, failures=0)
    PullUnit.objects.filter(feed__in=ids).exclude(next_try_at=None).update(next_try_at=None)
    for feed in feeds:
        feed.next_try_at = None
