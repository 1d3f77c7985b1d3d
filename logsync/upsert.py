"""Records to rows: one page, one transaction.

A row whose bytes are known is not written at all, so that reading a day again costs one look-up per page.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from logsync.bulk import Row, among_texts, insert_logs, insert_numbers, prepared, replace_logs
from logsync.days import day_of
from logsync.models import (
    NUMBER_INDEX_LENGTH,
    ChargeChange,
    Feed,
    Log,
    QuarantinedRow,
    StaleDay,
)
from logsync.money import to_nano
from logsync.records import BadRow, LogPage, LogRecord, Touched
from logsync.transactions import atomic
from logsync.unfinished import has_ended, next_read_at


class StoredLog(NamedTuple):
    """What is kept of a log that comes back different."""

    id: str
    fingerprint: int
    created_at: datetime
    charge: Decimal | None
    status: str | None
    log_type: str | None
    ended_at: datetime | None


def store_page(feed: Feed, page: LogPage, confirm: Callable[[Touched], None] | None = None) -> Touched:
    """Store the rows of one answer. Repeating it, or storing pages in any order, ends in the same rows.

    Marks every report day that it touched as stale in the same transaction. `confirm` hears at its end what was
    touched; what it raises undoes everything.
    """
    records = _last_of_each(page.records)
    # What was looked up may have come back in a row that cannot be read.
    looked_up = fingerprints(feed, list(records)) if page.stored is None else page.stored
    known = {id_: fingerprint for id_, fingerprint in looked_up.items() if id_ in records}
    # In the order of their ids, so that two transactions that meet in the same rows never wait for each other.
    unknown = sorted((record for record in records.values() if record.id not in known), key=lambda record: record.id)
    # Made before the transaction begins: others may wait for its end.
    rows = _rows(feed, unknown, page.read_at)
    with atomic():
        new = insert_logs(rows)
        if new < len(rows):  # another worker has just stored some of them
            known |= fingerprints(feed, [record.id for record in unknown])
        differing = {id_: records[id_] for id_, fingerprint in known.items() if records[id_].fingerprint != fingerprint}
        stored = _lock(feed, differing, page.read_at)
        changed = [differing[log.id] for log in stored]
        _replace(feed, changed, page.read_at)
        _add_numbers([*unknown, *changed])
        _trace_charges(feed, stored, differing, page.read_at)
        _quarantine(feed, page)
        days = _touched_days(unknown, changed, stored)
        StaleDay.objects.bulk_create([StaleDay(project_id=feed.project_id, day=day) for day in sorted(days)])
        touched = Touched(
            days=days,
            rows=len(page.records) + len(page.bad_rows) + len(page.unchanged),
            new=new,
            changed=len(changed),
            quarantined=len(page.bad_rows),
        )
        if confirm:
            confirm(touched)
    return touched


def _last_of_each(records: Iterable[LogRecord]) -> dict[str, LogRecord]:
    """By id. What a log was while it was alive counts more than its tombstone, which has forgotten the charge."""
    return {record.id: record for record in sorted(records, key=lambda record: not record.is_tombstone)}


def fingerprints(feed: Feed, ids: Sequence[str]) -> dict[str, int]:
    """Those of the stored versions, by id. As many ids as there are: as one text, they are one parameter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, fingerprint FROM logsync_log WHERE project_id = %s AND medium = %s"  # noqa: S608
            f" AND id {among_texts()}",
            [feed.project_id, feed.medium, json.dumps(ids)],
        )
        return dict(cursor.fetchall())


def _lock(feed: Feed, differing: Mapping[str, LogRecord], read_at: datetime) -> list[StoredLog]:
    """The stored versions of these logs, locked; without those that a later request has read already."""
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
    return prepared([_row(feed, record, read_at) for record in records])


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
        record.fingerprint,
        read_at,
        read_at,
        next_read_at(record, read_at),
    )


def _nano(amount: Decimal | None) -> int | None:
    return None if amount is None else to_nano(amount)


def _mark_deleted(feed: Feed, record: LogRecord, read_at: datetime) -> None:
    """SignalWire has forgotten all but the id: what was known stays, and so does the money."""
    Log.objects.filter(project_id=feed.project_id, medium=feed.medium, id=record.id).update(
        discarded_at=record.discarded_at,
        fingerprint=record.fingerprint,
        read_at=read_at,
        next_read_at=None,
    )


def _add_numbers(records: Iterable[LogRecord]) -> None:
    numbers = {record.from_number for record in records} | {record.to_number for record in records}
    if texts := {number[:NUMBER_INDEX_LENGTH] for number in numbers if number}:
        insert_numbers(sorted(texts))


def _trace_charges(feed: Feed, stored: Iterable[StoredLog], records: dict[str, LogRecord], read_at: datetime) -> None:
    moved = [log for log in stored if not records[log.id].is_tombstone and log.charge != records[log.id].charge]
    ChargeChange.objects.bulk_create(
        ChargeChange(
            project_id=feed.project_id,
            medium=feed.medium,
            log_id=log.id,
            log_created_at=records[log.id].created_at,
            old_charge=log.charge,
            new_charge=records[log.id].charge,
            was_final=has_ended(log.status, log.log_type, log.ended_at),
            changed_at=read_at,
        )
        for log in moved
    )


def _quarantine(feed: Feed, page: LogPage) -> None:
    """Keep the rows that could not be read, and release those that now could."""
    kept_aside = QuarantinedRow.objects.filter(feed=feed)
    if kept_aside.exists():  # nearly always nothing: spares the look-up of a thousand ids
        kept_aside.filter(log_id__in=[*page.unchanged, *(record.id for record in page.records)]).delete()
    bad_rows = {row.fingerprint: row for row in page.bad_rows}
    QuarantinedRow.objects.bulk_create(
        [_quarantined(feed, row, page.read_at) for _, row in sorted(bad_rows.items())],
        update_conflicts=True,
        unique_fields=["feed", "fingerprint"],
        update_fields=["reason", "last_seen_at"],
    )


def _quarantined(feed: Feed, row: BadRow, read_at: datetime) -> QuarantinedRow:
    return QuarantinedRow(
        feed=feed,
        log_id=row.log_id,
        reason=row.reason,
        raw=row.raw,
        fingerprint=row.fingerprint,
        last_seen_at=read_at,
    )


def _touched_days(
    unknown: Iterable[LogRecord], changed: Iterable[LogRecord], stored: Iterable[StoredLog]
) -> frozenset[date]:
    """The days of the rows as they are and as they were: a changed created_at moves money between two days."""
    instants = [record.created_at for record in unknown]
    instants += [record.created_at for record in changed]
    instants += [log.created_at for log in stored]
    return frozenset(day_of(instant, settings.REPORT_TIME_ZONE) for instant in instants)
