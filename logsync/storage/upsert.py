"""Stores the records of one page in one transaction.

Rows whose bytes are stored already are not written, so reading a day again costs one lookup per page.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from logsync.database import atomic
from logsync.days import day_of
from logsync.models import ChargeChange, Feed, Log, ReportZone, StaleDay
from logsync.money import to_nano
from logsync.parsing.records import LogPage, LogRecord, StoreResult
from logsync.statuses import has_ended
from logsync.storage.bulk import Row, in_texts, insert_logs, replace_logs, to_database_rows
from logsync.storage.recheck import next_read_at
from logsync.storage.search_keys import add_search_keys
from logsync.storage.set_aside import store_bad_rows

# SignalWire prices a call up to a day after its end.
PRICED_WITHIN = timedelta(days=1)


class StoredLog(NamedTuple):
    """The columns of a stored log that a newer version is compared with."""

    id: str
    fingerprint: int
    created_at: datetime
    charge: Decimal | None
    status: str | None
    log_type: str | None
    ended_at: datetime | None


def store_page(feed: Feed, page: LogPage, confirm: Callable[[StoreResult], None] | None = None) -> StoreResult:
    """Store the rows of one page. Idempotent, and independent of the order in which pages are stored.

    Marks every report day it changed as stale in the same transaction. `confirm` is called at the end of the
    transaction; an exception from it rolls everything back.
    """
    records = _latest_by_id(page.records)
    fingerprints = stored_fingerprints(feed, list(records)) if page.stored is None else page.stored
    # `page.stored` may also hold ids of rows that could not be read.
    fingerprints = {id_: fingerprint for id_, fingerprint in fingerprints.items() if id_ in records}
    # Sorted by id, so that two transactions with the same rows cannot deadlock.
    new_records = sorted((records[id_] for id_ in records.keys() - fingerprints.keys()), key=lambda record: record.id)
    # Built before the transaction begins, which keeps others waiting.
    rows = _rows(feed, new_records, page.read_at)
    with atomic():
        inserted = insert_logs(rows)
        if inserted < len(rows):  # another worker has just stored some of them
            fingerprints |= stored_fingerprints(feed, [record.id for record in new_records])
        differing = {id_: records[id_] for id_, old in fingerprints.items() if records[id_].fingerprint != old}
        stored = _lock_older_versions(feed, differing, page.read_at)
        changed = [differing[log.id] for log in stored]
        _replace(feed, changed, page.read_at)
        add_search_keys([*new_records, *changed])
        _record_charge_changes(feed, stored, differing, page.read_at)
        store_bad_rows(feed, page)
        days = _changed_days([*new_records, *changed], stored)
        StaleDay.objects.bulk_create([StaleDay(project_id=feed.project_id, day=day) for day in sorted(days)])
        result = StoreResult(
            days=days,
            rows=len(page.records) + len(page.bad_rows) + len(page.unchanged),
            new=inserted,
            changed=len(changed),
            quarantined=len(page.bad_rows),
        )
        if confirm:
            confirm(result)
    return result


def _latest_by_id(records: Iterable[LogRecord]) -> dict[str, LogRecord]:
    """The records by id, the last one of each. A log wins over its tombstone, which has lost the charge."""
    return {record.id: record for record in sorted(records, key=lambda record: not record.is_tombstone)}


def stored_fingerprints(feed: Feed, ids: Sequence[str]) -> dict[str, int]:
    """The fingerprints of the stored versions of these logs, by id. Takes any number of ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, fingerprint FROM logsync_log WHERE project_id = %s AND medium = %s"  # noqa: S608
            f" AND id {in_texts()}",
            [feed.project_id, feed.medium, json.dumps(ids)],
        )
        return dict(cursor.fetchall())


def _lock_older_versions(feed: Feed, differing: Mapping[str, LogRecord], read_at: datetime) -> list[StoredLog]:
    """Lock and return the stored versions of these logs, except those that a later request has read."""
    if not differing:
        return []
    logs = (
        Log.objects.select_for_update()
        .filter(project_id=feed.project_id, medium=feed.medium, id__in=list(differing), read_at__lte=read_at)
        .order_by("id")
    )
    stored = [StoredLog(*values) for values in logs.values_list(*StoredLog._fields)]
    return [log for log in stored if log.fingerprint != differing[log.id].fingerprint]


def _replace(feed: Feed, changed: Sequence[LogRecord], read_at: datetime) -> None:
    replace_logs(_rows(feed, [record for record in changed if not record.is_tombstone], read_at))
    for record in changed:
        if record.is_tombstone:
            _mark_deleted(feed, record, read_at)


def _rows(feed: Feed, records: Iterable[LogRecord], read_at: datetime) -> list[Row]:
    return to_database_rows([_row(feed, record, read_at) for record in records])


def _row(feed: Feed, record: LogRecord, read_at: datetime) -> Row:
    charge = _nano(record.charge)
    itemised = charge if record.itemised is record.charge else _nano(record.itemised)
    return (
        record.id,
        feed.medium,
        feed.project_id,
        record.log_type,
        record.source,
        record.direction,
        record.status,
        record.from_number,
        record.to_number,
        record.room_name,
        record.url,
        record.parent_id,
        record.locked,
        charge,
        itemised,
        record.descriptions,
        record.duration,
        record.duration_ms,
        record.billing_ms,
        record.seconds,
        record.created_at,
        record.started_at,
        record.ended_at,
        record.discarded_at,
        record.raw,
        record.unread_fields,
        record.fingerprint,
        read_at,
        read_at,
        next_read_at(record, read_at),
    )


def _nano(amount: Decimal | None) -> int | None:
    return None if amount is None else to_nano(amount)


def _mark_deleted(feed: Feed, record: LogRecord, read_at: datetime) -> None:
    """A tombstone has lost all other fields, so the stored ones stay, the charge included."""
    Log.objects.filter(project_id=feed.project_id, medium=feed.medium, id=record.id).update(
        discarded_at=record.discarded_at,
        fingerprint=record.fingerprint,
        read_at=read_at,
        next_read_at=None,
    )


def _record_charge_changes(
    feed: Feed, stored: Iterable[StoredLog], records: dict[str, LogRecord], read_at: datetime
) -> None:
    """Keep the old values of logs whose charge changed, or whose report day did, which moves the charge."""
    replaced = [(log, records[log.id]) for log in stored if not records[log.id].is_tombstone]
    ChargeChange.objects.bulk_create(
        ChargeChange(
            project_id=feed.project_id,
            medium=feed.medium,
            log_id=log.id,
            log_created_at=record.created_at,
            old_log_created_at=log.created_at if _has_moved(log, record) else None,
            old_charge=log.charge,
            new_charge=record.charge,
            was_final=(was_final := has_ended(log.status, log.log_type, log.ended_at)),
            is_first_price=was_final and not log.charge and read_at - _end_of(log, record) <= PRICED_WITHIN,
            changed_at=read_at,
        )
        for log, record in replaced
        if log.charge != record.charge or (log.charge is not None and _has_moved(log, record))
    )


def _end_of(log: StoredLog, record: LogRecord) -> datetime:
    return log.ended_at or record.ended_at or record.created_at


def _has_moved(log: StoredLog, record: LogRecord) -> bool:
    """Whether the log belongs to another report day than before."""
    zone = settings.REPORT_TIME_ZONE
    return log.created_at != record.created_at and day_of(log.created_at, zone) != day_of(record.created_at, zone)


def _changed_days(records: Iterable[LogRecord], stored: Iterable[StoredLog]) -> frozenset[date]:
    """The days of the logs as they are and as they were: a changed created_at moves a charge to another day."""
    instants = [record.created_at for record in records] + [log.created_at for log in stored]
    return frozenset(day_of(instant, zone) for zone in _zones() for instant in instants) if instants else frozenset()


def _zones() -> set[ZoneInfo]:
    """The report timezone of this process, and that of the stored totals: another process may have changed it."""
    stored = ReportZone.objects.current()
    return {settings.REPORT_TIME_ZONE, ZoneInfo(stored.name) if stored else settings.REPORT_TIME_ZONE}
