"""The one orchestrator: reads a day of a feed from SignalWire into rows and totals, and moves the cursor.

Whatever stops it, anywhere, leaves totals that are right or marked stale, and a day that is still to be read.
"""

from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial

from django.db.models import Q
from django.utils import timezone

from logsync.attempts import End, Outcome, attempt
from logsync.choices import UnitState
from logsync.days import ONE_DAY
from logsync.exceptions import HistoryLimitError, PageTokenError, RequestRejectedError
from logsync.failures import MENDED, note_unit_failure
from logsync.leases import Held
from logsync.models import Feed, PullUnit
from logsync.parse import parse_page
from logsync.reading import Reading, Report
from logsync.schedule import day_begin, read_until
from logsync.threads import ahead
from logsync.transactions import atomic
from logsync.upsert import fingerprints

# How often a day is begun anew when SignalWire forgets where in its list the reading was.
STARTS = 3


def pull_unit(unit: PullUnit, held: Held, report: Report) -> Outcome:
    """Read one day of one feed under its lease. Every failure is told on the day and on the feed.

    A day that SignalWire is known to keep no more costs no request.
    """
    if unit.state == UnitState.BEYOND_HISTORY:
        return Outcome(End.BEYOND_HISTORY)
    outcome = attempt(unit.feed_id, held, report, lambda reading: _read_day(unit, reading))
    if isinstance(outcome.cause, HistoryLimitError):
        note_history_limit(unit, outcome.cause)
    elif outcome.end is End.FAILED and outcome.cause and not outcome.is_of_the_feed:
        note_unit_failure(unit, outcome.cause)
    return outcome


def _read_day(unit: PullUnit, reading: Reading) -> None:
    try:
        sent_at, rows = _read_pages(unit, reading)
    except HistoryLimitError as error:
        _doubt(unit, error)
        raise
    reading.settle()
    with atomic():
        reading.lease.keep(at_once=True)
        PullUnit.objects.filter(Q(read_at=None) | Q(read_at__lte=sent_at), pk=unit.pk).update(
            state=UnitState.DONE, read_at=sent_at, rows=rows, **MENDED
        )
        if reading.feed.history_from and unit.day < reading.feed.history_from:  # it reaches further back than was said
            Feed.objects.filter(pk=unit.feed_id, history_from__gt=unit.day).update(history_from=unit.day)
    if unit.day >= (reading.feed.read_until or timezone.now()).astimezone(UTC).date() - ONE_DAY:
        move_read_until(reading.feed)


def _read_pages(unit: PullUnit, reading: Reading) -> tuple[datetime, int]:
    """When the first request was sent, and how many rows came."""
    for _ in range(STARTS - 1):
        with suppress(PageTokenError):
            return _read_pages_once(unit, reading)
    return _read_pages_once(unit, reading)


def _read_pages_once(unit: PullUnit, reading: Reading) -> tuple[datetime, int]:
    sent_at, rows = None, 0
    try:
        stored = partial(fingerprints, reading.feed)
        for answer in ahead(reading.client.iter_pages(reading.feed.medium, created_on=unit.day)):
            sent_at = sent_at or answer.sent_at
            rows += reading.store(parse_page(answer, stored)).rows
    finally:
        reading.note()  # also the requests that failed
    return sent_at or timezone.now(), rows


def _doubt(unit: PullUnit, error: HistoryLimitError) -> None:
    """Raises RequestRejectedError where the answer contradicts itself: believed, it would hide the day for ever."""
    if unit.day > (error.history_from or unit.day) or unit.day >= timezone.now().date():
        raise RequestRejectedError(
            f"SignalWire refuses {unit.day} as too old, which cannot be: it keeps history since"
            f" {error.history_from or 'an earlier day'}. Tollbook asks again later by itself."
        ) from None


def note_history_limit(unit: PullUnit, error: HistoryLimitError) -> None:
    """Nothing so old can be read any more: no failure, no deletion, and no request for the days before."""
    after = unit.day + ONE_DAY
    history_from = max(error.history_from or after, after)
    Feed.objects.filter(Q(history_from=None) | Q(history_from__lt=history_from), pk=unit.feed_id).update(
        history_from=history_from
    )
    too_old = PullUnit.objects.filter(feed=unit.feed_id, day__lt=history_from)
    too_old.filter(read_at=None).update(state=UnitState.BEYOND_HISTORY, **MENDED)
    too_old.filter(pk=unit.pk).update(**MENDED)


def move_read_until(feed: Feed, reached: datetime | None = None) -> None:
    """Move `Feed.read_until` on, never back: to `reached`, or as far as the days were read without a gap.

    Where nothing was known before, it begins with the present day; the days before are the first history's.
    """
    now = timezone.now()
    feed.refresh_from_db(fields=["read_until"])
    since = (feed.read_until or now).astimezone(UTC).date()
    reached = reached or read_until(_reads(feed, since, now), since, now)
    if reached <= (feed.read_until or day_begin(since)):
        return
    Feed.objects.filter(Q(read_until=None) | Q(read_until__lt=reached), pk=feed.pk).update(read_until=reached)


def _reads(feed: Feed, since: date, now: datetime) -> dict[date, datetime]:
    units = PullUnit.objects.filter(feed=feed, day__gte=since - ONE_DAY)
    beyond = dict.fromkeys(units.filter(state=UnitState.BEYOND_HISTORY).values_list("day", flat=True), now)
    return beyond | {day: read_at for day, read_at in units.values_list("day", "read_at") if read_at}
