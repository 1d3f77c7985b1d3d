"""Reads a day of a feed into rows and totals, and advances `Feed.read_until`.

Interrupted at any point, it leaves totals that are right or marked stale, and a day that is still due.
"""

from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial

import msgspec
from django.db.models import Q

from logsync import database
from logsync.database import atomic
from logsync.days import ONE_DAY
from logsync.exceptions import HistoryLimitError, RequestRejectedError
from logsync.models import Feed, PullUnit
from logsync.models.choices import UnitState
from logsync.parsing.parser import parse_page
from logsync.parsing.records import LogPage
from logsync.pulling.attempt import Outcome, Result, attempt
from logsync.pulling.ingest import OnProgress, PullSession
from logsync.pulling.prefetch import prefetched
from logsync.scheduling.backoff import NO_FAILURE, record_unit_failure
from logsync.scheduling.due_days import first_day_not_over, last_begun_day, read_without_gap_until, utc_day_start
from logsync.scheduling.leases import Lease
from logsync.signalwire.pagination import restarting
from logsync.storage.set_aside import forget_unlisted
from logsync.storage.upsert import stored_fingerprints


def pull_unit(unit: PullUnit, lease: Lease, on_progress: OnProgress) -> Outcome:
    """Read one day of one feed under its lease. Failures are recorded on the day or the feed.

    Sends no request for a day that is already marked as beyond history.
    """
    if unit.state == UnitState.BEYOND_HISTORY:
        return Outcome(Result.BEYOND_HISTORY)
    outcome = attempt(unit.feed_id, lease, on_progress, lambda session: _read_day(unit, session))
    if isinstance(outcome.cause, HistoryLimitError):
        record_history_limit(unit, outcome.cause)
    elif outcome.result is Result.FAILED and outcome.cause and not outcome.concerns_feed:
        record_unit_failure(unit, outcome.cause)
    return outcome


def _read_day(unit: PullUnit, session: PullSession) -> None:
    try:
        sent_at, rows = _read_list(unit, session, unit.day)
    except HistoryLimitError as error:
        _check_history_limit(unit, error)
        raise
    dates_beside = _dates_that_no_unit_reads(unit)
    for listed_on in dates_beside:
        with suppress(HistoryLimitError):  # SignalWire keeps nothing that could be listed there
            rows += _read_list(unit, session, listed_on)[1]
    session.finish()
    with atomic():
        session.renewer.keep(at_once=True)
        PullUnit.objects.filter(Q(read_at=None) | Q(read_at__lte=sent_at), pk=unit.pk).update(
            state=UnitState.DONE, read_at=sent_at, rows=rows, **NO_FAILURE
        )
        for listed_on in (unit.day, *dates_beside):
            forget_unlisted(session.feed, listed_on, sent_at)
        if session.feed.history_from and unit.day < session.feed.history_from:  # it keeps more than it said
            Feed.objects.filter(pk=unit.feed_id, history_from__gt=unit.day).update(history_from=unit.day)
    if unit.day >= (session.feed.read_until or database.now()).astimezone(UTC).date() - ONE_DAY:
        advance_read_until(session.feed)


def _dates_that_no_unit_reads(unit: PullUnit) -> list[date]:
    """The dates beside the unit's own that may list logs created on it and have no unit, as at the ends of a range."""
    beside = {unit.day - ONE_DAY, min(unit.day + ONE_DAY, last_begun_day(database.now()))} - {unit.day}
    units = PullUnit.objects.filter(feed=unit.feed_id, day__in=beside)
    return sorted(beside.difference(units.values_list("day", flat=True)))


def _read_list(unit: PullUnit, session: PullSession, listed_on: date) -> tuple[datetime, int]:
    """When the first request was sent, and the number of rows. Starts again when a page token has expired."""
    return restarting(lambda: _read_pages(unit, session, listed_on))


def _read_pages(unit: PullUnit, session: PullSession, listed_on: date) -> tuple[datetime, int]:
    sent_at, rows = None, 0
    try:
        fingerprints = partial(stored_fingerprints, session.feed)
        for response in prefetched(session.client.iter_pages(session.feed.medium, created_on=listed_on)):
            sent_at = sent_at or response.sent_at
            page = parse_page(response, fingerprints, listed_on)
            rows += session.store(page if listed_on == unit.day else _rows_of(unit.day, page)).rows
    finally:
        session.add_counts()  # includes failed requests
    return sent_at or database.now(), rows


def _rows_of(day: date, page: LogPage) -> LogPage:
    """What a list of another date has of this day. The other rows are left out: their own day may be far from complete.
    A log that is stored already is kept up to date, wherever it moved."""
    stored = page.stored or {}
    records = tuple(record for record in page.records if record.created_at.date() == day or record.id in stored)
    bad_rows = tuple(row for row in page.bad_rows if row.created_at is None or row.created_at.date() == day)
    return msgspec.structs.replace(page, records=records, bad_rows=bad_rows)


def _check_history_limit(unit: PullUnit, error: HistoryLimitError) -> None:
    """Raises RequestRejectedError for a limit that cannot be true: trusting it would hide the day for ever."""
    if unit.day > (error.history_from or unit.day) or unit.day >= first_day_not_over(database.now()):
        raise RequestRejectedError(
            f"SignalWire refuses {unit.day} as too old, but this cannot be right: it keeps history since"
            f" {error.history_from or 'an earlier day'}. Tollbook will retry."
        ) from None


def record_history_limit(unit: PullUnit, error: HistoryLimitError) -> None:
    """Mark this day and all before it as beyond history: not a failure. Deletes nothing that was read."""
    next_day = unit.day + ONE_DAY
    history_from = min(max(error.history_from or next_day, next_day), first_day_not_over(database.now()))
    Feed.objects.filter(Q(history_from=None) | Q(history_from__lt=history_from), pk=unit.feed_id).update(
        history_from=history_from
    )
    too_old = PullUnit.objects.filter(feed=unit.feed_id, day__lt=history_from)
    too_old.filter(read_at=None).update(state=UnitState.BEYOND_HISTORY, **NO_FAILURE)
    too_old.filter(pk=unit.pk).update(**NO_FAILURE)


def advance_read_until(feed: Feed, reached: datetime | None = None) -> None:
    """Advance `Feed.read_until`, never back: to `reached`, or as far as the days were read without a gap.

    A feed without `read_until` starts at today, as the first history still has to read the days before.
    """
    now = database.now()
    feed.refresh_from_db(fields=["read_until"])
    since = (feed.read_until or now).astimezone(UTC).date()
    reached = reached or read_without_gap_until(_read_times(feed, since, now), since, now)
    if reached <= (feed.read_until or utc_day_start(since)):
        return
    Feed.objects.filter(Q(read_until=None) | Q(read_until__lt=reached), pk=feed.pk).update(read_until=reached)


def _read_times(feed: Feed, since: date, now: datetime) -> dict[date, datetime]:
    units = PullUnit.objects.filter(feed=feed, day__gte=since - ONE_DAY)
    beyond = dict.fromkeys(units.filter(state=UnitState.BEYOND_HISTORY).values_list("day", flat=True), now)
    return beyond | {day: read_at for day, read_at in units.values_list("day", "read_at") if read_at}
