"""The logs compared with SignalWire, row by row, without changing any."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone

from logsync.client import SignalWireClient
from logsync.days import ONE_DAY, days_between
from logsync.exceptions import HistoryLimitError
from logsync.models import Feed, Log
from logsync.parse import parse_page
from logsync.projects import client_of
from logsync.records import LogRecord
from logsync.schedule import day_begin, day_end

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class RemoteDifference:
    """`missing`: SignalWire has it, the database has not; `extra`: the other way round; `different`: both, unlike.

    `listed_on` is the day to read again; None for an extra row, which reading again does not change.
    """

    kind: Literal["missing", "extra", "different"]
    feed: Feed
    log_id: str
    created_at: datetime
    stored_charge: Decimal | None
    remote_charge: Decimal | None
    listed_on: date | None

    @property
    def charge(self) -> Decimal:
        """What SignalWire has more than the database."""
        return (self.remote_charge or ZERO) - (self.stored_charge or ZERO)


@dataclass(frozen=True, slots=True)
class Span:
    """Logs created from start up to, but not at, end."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


class Comparison:
    """Reads the days of one feed, oldest first, and one more at each end for the timezone of `created_on`.

    Looks no further than the feed is said to have been read. `beyond` are the days that SignalWire keeps no more.
    """

    def __init__(self, feed: Feed, start: datetime, end: datetime) -> None:
        self.feed = feed
        self.beyond: list[date] = []
        self._history_from = feed.history_from
        self._began_at = timezone.now()
        self._span = Span(start, min(end, feed.read_until or self._began_at, self._began_at))
        # Of the three days that a row may be listed under: 64 bits for each id.
        self._seen: dict[date, set[int]] = {}
        self._seen_aside: set[int] = set()

    def differences(self) -> Iterator[RemoteDifference]:
        """Raises SignalWireError."""
        if self._span.start >= self._span.end:
            return
        first, last = self._span.start.date(), self._span.end.date()
        client = client_of(self.feed.project)
        for listed_on in days_between(first - ONE_DAY, last + ONE_DAY):
            yield from self._day(client, listed_on)
            yield from self._extra(listed_on - ONE_DAY)
        yield from self._extra(last + ONE_DAY)

    def _day(self, client: SignalWireClient, listed_on: date) -> Iterator[RemoteDifference]:
        if self._history_from and listed_on < self._history_from:
            self.beyond.append(listed_on)  # without asking for what SignalWire has said it does not keep
            return
        try:
            for answer in client.iter_pages(self.feed.medium, created_on=listed_on):
                page = parse_page(answer)
                self._seen_aside |= {hash(row.log_id) for row in page.bad_rows}
                records = [record for record in page.records if self._span.holds(record.created_at)]
                for record in records:
                    self._seen.setdefault(record.created_at.date(), set()).add(hash(record.id))
                yield from self._unlike(records, listed_on)
        except HistoryLimitError as error:
            self.beyond.append(listed_on)
            self._history_from = error.history_from or self._history_from

    def _unlike(self, records: list[LogRecord], listed_on: date) -> Iterator[RemoteDifference]:
        logs = self._logs().filter(id__in=[record.id for record in records])
        known = {log.id: log for log in logs.only("id", "fingerprint", "charge", "discarded_at")}
        for record in records:
            log = known.get(record.id)
            if log is None:
                yield self._difference("missing", record, None, listed_on)
            elif log.fingerprint != record.fingerprint and not _says_the_same(log, record):
                yield self._difference("different", record, log.charge, listed_on)

    def _extra(self, day: date) -> Iterator[RemoteDifference]:
        """The logs created on a UTC day, of which SignalWire lists none under the three dates it may have there."""
        seen = self._seen.pop(day, set()) | self._seen_aside
        if any(day + offset in self.beyond for offset in (-ONE_DAY, ONE_DAY * 0, ONE_DAY)):
            return
        start, end = max(day_begin(day), self._span.start), min(day_end(day), self._span.end)
        logs = self._logs().filter(created_at__gte=start, created_at__lt=end, first_seen_at__lt=self._began_at)
        for log in logs.only("id", "created_at", "charge").order_by("created_at", "id").iterator():
            if hash(log.id) not in seen:
                yield RemoteDifference("extra", self.feed, log.id, log.created_at, log.charge, None, None)

    def _logs(self) -> QuerySet[Log]:
        return Log.objects.filter(project_id=self.feed.project_id, medium=self.feed.medium)

    def _difference(
        self, kind: Literal["missing", "different"], record: LogRecord, stored: Decimal | None, listed_on: date
    ) -> RemoteDifference:
        # Of a deleted log SignalWire has no charge any more; what was known of it stays and is no difference.
        charge = stored if record.is_tombstone else record.charge
        return RemoteDifference(kind, self.feed, record.id, record.created_at, stored, charge, listed_on)


def _says_the_same(log: Log, record: LogRecord) -> bool:
    """Whether only the order of keys or blanks differ; by id, SignalWire need not write a log as in its list."""
    if record.is_tombstone:
        return log.discarded_at == record.discarded_at
    return log.discarded_at is None and _value(log.raw) == _value(record.raw)


def _value(raw: str) -> Any:
    try:
        return json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        return raw
