"""Compares the stored logs with SignalWire, row by row. Changes nothing."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from logsync import database
from logsync.days import ONE_DAY, day_start, days_between
from logsync.exceptions import HistoryLimitError
from logsync.models import Feed, Log
from logsync.parsing.parser import parse_page
from logsync.parsing.records import BadRow, LogRecord
from logsync.projects import client_of
from logsync.rollups.sums import days_with_logs
from logsync.scheduling.due_days import utc_day_end, utc_day_start
from logsync.signalwire.client import SignalWireClient
from logsync.signalwire.pagination import restarting

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class RemoteDifference:
    """`missing`: only SignalWire has the log; `extra`: only the database has it; `different`: their contents differ.

    `listed_on` is the day to read again; None for an extra log, which reading again does not change. `reason` says why
    SignalWire's row is set aside; the other values of such a row are None where they could not be read.
    """

    kind: Literal["missing", "extra", "different"]
    feed: Feed
    log_id: str | None
    created_at: datetime | None
    stored_charge: Decimal | None
    remote_charge: Decimal | None
    listed_on: date | None
    reason: str | None = None

    @property
    def charge(self) -> Decimal:
        """SignalWire's charge minus the stored one."""
        return (self.remote_charge or ZERO) - (self.stored_charge or ZERO)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of instants; `end` is excluded."""

    start: datetime
    end: datetime

    def contains(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


class RemoteComparison:
    """Compares the logs of one feed from `start` up to, but not at, `end` or the earlier `Feed.read_until`.

    Reads the days oldest first, with one more at each end because the timezone of `created_on` is unknown. Of the days
    before `every_day_since`, it reads those near stored logs. `beyond` are the days that SignalWire no longer keeps.
    """

    def __init__(self, feed: Feed, start: datetime, end: datetime, every_day_since: date) -> None:
        self.feed = feed
        self.beyond: list[date] = []
        self._every_day_since = every_day_since
        self._history_from = feed.history_from
        self._began_at = database.now()
        self._span = Span(start, min(end, feed.read_until or self._began_at, self._began_at))
        # Hashes of listed ids by UTC day; only of the last three days, under which a log may be listed.
        self._seen: dict[date, set[int]] = {}
        self._seen_bad: set[int] = set()

    def differences(self) -> Iterator[RemoteDifference]:
        """Raises SignalWireError."""
        if self._span.start >= self._span.end:
            return
        first, last = self._span.start.date(), self._span.end.date()
        client = client_of(self.feed.project)
        for listed_on in self._days(first, last):
            yield from self._compare_day(client, listed_on)
            yield from self._extra_logs(listed_on - ONE_DAY)

    def _days(self, first: date, last: date) -> list[date]:
        """The dates under which logs of these days may be listed."""
        since = max(first, self._every_day_since)
        stored = days_with_logs(ZoneInfo("UTC"), first, since - ONE_DAY)
        near = {day + offset for day in stored for offset in (-ONE_DAY, ONE_DAY * 0, ONE_DAY)}
        return sorted(near | set(days_between(since - ONE_DAY, last + ONE_DAY)))

    def _compare_day(self, client: SignalWireClient, listed_on: date) -> Iterator[RemoteDifference]:
        if self._history_from and listed_on < self._history_from:
            self.beyond.append(listed_on)  # needs no request
            return
        try:
            yield from restarting(lambda: list(self._compare_pages(client, listed_on)))
        except HistoryLimitError as error:
            self.beyond.append(listed_on)
            self._history_from = error.history_from or self._history_from

    def _compare_pages(self, client: SignalWireClient, listed_on: date) -> Iterator[RemoteDifference]:
        for response in client.iter_pages(self.feed.medium, created_on=listed_on):
            page = parse_page(response)
            self._seen_bad |= {hash(row.log_id) for row in page.bad_rows}
            records = [record for record in page.records if self._span.contains(record.created_at)]
            for record in records:
                self._seen.setdefault(record.created_at.date(), set()).add(hash(record.id))
            yield from self._missing_or_different(records, listed_on)
            yield from self._set_aside(page.bad_rows, listed_on)

    def _missing_or_different(self, records: list[LogRecord], listed_on: date) -> Iterator[RemoteDifference]:
        logs = self._logs().filter(id__in=[record.id for record in records])
        stored = {log.id: log for log in logs.only("id", "fingerprint", "charge", "discarded_at")}
        for record in records:
            log = stored.get(record.id)
            if log is None:
                yield self._difference("missing", record, None, listed_on)
            elif log.fingerprint != record.fingerprint and not _is_same_content(log, record):
                yield self._difference("different", record, log.charge, listed_on)

    def _set_aside(self, bad_rows: Sequence[BadRow], listed_on: date) -> Iterator[RemoteDifference]:
        """Rows that cannot be read: missing, or different from the version that was stored before."""
        # Without a time, a row counts on the day it is listed under.
        day = day_start(listed_on, settings.REPORT_TIME_ZONE)
        bad_rows = [row for row in bad_rows if self._span.contains(row.created_at or day)]
        ids = [row.log_id for row in bad_rows if row.log_id]
        charges = dict(self._logs().filter(id__in=ids).values_list("id", "charge")) if ids else {}
        for row in bad_rows:
            stored = charges.get(row.log_id)
            charge = stored if row.charge is None else row.charge  # a charge that cannot be read is no difference
            kind: Literal["missing", "different"] = "different" if row.log_id in charges else "missing"
            created_at, log_id = row.created_at, row.log_id or None
            yield RemoteDifference(kind, self.feed, log_id, created_at, stored, charge, listed_on, row.reason)

    def _extra_logs(self, day: date) -> Iterator[RemoteDifference]:
        """The logs created on a UTC day that SignalWire lists under none of the three dates they may have there."""
        seen = self._seen.pop(day, set()) | self._seen_bad
        if any(day + offset in self.beyond for offset in (-ONE_DAY, ONE_DAY * 0, ONE_DAY)):
            return
        start, end = max(utc_day_start(day), self._span.start), min(utc_day_end(day), self._span.end)
        logs = self._logs().filter(created_at__gte=start, created_at__lt=end, first_seen_at__lt=self._began_at)
        for log in database.iter_rows(logs.only("id", "created_at", "charge").order_by("created_at", "id")):
            if hash(log.id) not in seen:
                yield RemoteDifference("extra", self.feed, log.id, log.created_at, log.charge, None, None)

    def _logs(self) -> QuerySet[Log]:
        return Log.objects.filter(project_id=self.feed.project_id, medium=self.feed.medium)

    def _difference(
        self, kind: Literal["missing", "different"], record: LogRecord, stored_charge: Decimal | None, listed_on: date
    ) -> RemoteDifference:
        # SignalWire drops the charge of a deleted log; Tollbook keeps it, which is not a difference.
        charge = stored_charge if record.is_tombstone else record.charge
        return RemoteDifference(kind, self.feed, record.id, record.created_at, stored_charge, charge, listed_on)


def _is_same_content(log: Log, record: LogRecord) -> bool:
    """Whether only key order or whitespace differ, as they may between a log read by id and the same log in a list."""
    if record.is_tombstone:
        return log.discarded_at == record.discarded_at
    return log.discarded_at is None and _parsed(log.raw) == _parsed(record.raw)


def _parsed(raw: str) -> Any:
    try:
        return json.loads(raw, parse_float=_number)
    except (ValueError, RecursionError):
        return raw


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of more than 18 digits
        return text
