"""Rows that are set aside because their id, time or charge cannot be read: they are kept, counted and shown."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum

from logsync.days import day_bounds
from logsync.models import Feed, Log, QuarantinedRow
from logsync.parsing.records import BadRow, LogPage

UTC = ZoneInfo("UTC")
WRITTEN = ("log_id", "reason", "raw", "created_at", "charge", "listed_on", "fingerprint", "last_seen_at")


def store_bad_rows(feed: Feed, page: LogPage) -> None:
    """Keep the rows that could not be read, one per log id, and delete those that now could be."""
    rows = QuarantinedRow.objects.filter(feed=feed)
    if rows.exists():  # rarely: saves looking up a thousand ids
        readable = Q(log_id__in=[*page.unchanged, *(record.id for record in page.records)])
        # An earlier Tollbook could read less, and may have set these very bytes aside, even without their id.
        readable |= Q(fingerprint__in=[record.fingerprint for record in page.records])
        rows.filter(readable, last_seen_at__lte=page.read_at).delete()
    if page.bad_rows:
        # One at a time, so that two versions of a log do not become two rows.
        Feed.objects.select_for_update(no_key=True).get(pk=feed.pk)
        _replace_versions(feed, page, {row.log_id: row for row in page.bad_rows if row.log_id})
        _write(feed, page, [row for row in page.bad_rows if not row.log_id])


def forget_unlisted(feed: Feed, day: date, read_from: datetime) -> None:
    """Delete the rows without an id that SignalWire no longer lists under a day read to its end since `read_from`.

    They may have been repaired: without an id, nothing else tells.
    """
    start, end = day_bounds(day, UTC)
    within = Q(created_at__gte=start, created_at__lt=end)
    within |= Q(created_at=None, first_seen_at__gte=start, first_seen_at__lt=end)
    listed = Q(listed_on=day) | (Q(listed_on=None) & within)
    QuarantinedRow.objects.filter(listed, feed=feed, log_id="", last_seen_at__lt=read_from).delete()


def set_aside_since(feed: Feed, instant: datetime) -> tuple[int, Decimal]:
    """How many rows seen since then are set aside, and the sum of their readable charges that no total has."""
    rows = QuarantinedRow.objects.filter(feed=feed, last_seen_at__gte=instant)
    missing = Sum("charge", filter=~QuarantinedRow.has_older_version(), default=Decimal(0))
    found = rows.aggregate(rows=Count("pk"), charge=missing)
    return found["rows"], found["charge"]


def _replace_versions(feed: Feed, page: LogPage, bad_rows: dict[str, BadRow]) -> None:
    """Store the rows by log id in place of older versions; a later response, readable or not, wins."""
    logs = Log.objects.filter(project_id=feed.project_id, medium=feed.medium, id__in=list(bad_rows))
    kept = QuarantinedRow.objects.filter(feed=feed, log_id__in=list(bad_rows))
    later = {*logs.filter(read_at__gt=page.read_at).values_list("id", flat=True)}
    later |= {*kept.filter(last_seen_at__gt=page.read_at).values_list("log_id", flat=True)}
    wanted = {log_id: row for log_id, row in bad_rows.items() if log_id not in later}
    same_bytes = [row.fingerprint for row in wanted.values()]
    QuarantinedRow.objects.filter(feed=feed, log_id="", fingerprint__in=same_bytes).delete()
    first_seen: dict[str, QuarantinedRow] = {}
    for row in kept.exclude(log_id__in=later).order_by("first_seen_at", "pk"):
        first_seen.setdefault(row.log_id, row)
    kept.exclude(log_id__in=later).exclude(pk__in=[row.pk for row in first_seen.values()]).delete()
    for log_id, old in first_seen.items():
        new = _row(feed, page, wanted[log_id])
        new.listed_on = new.listed_on or old.listed_on
        QuarantinedRow.objects.filter(pk=old.pk).update(**{name: getattr(new, name) for name in WRITTEN})
    _write(feed, page, [row for log_id, row in wanted.items() if log_id not in first_seen])


def _write(feed: Feed, page: LogPage, bad_rows: Iterable[BadRow]) -> None:
    rows = {row.fingerprint: _row(feed, page, row) for row in bad_rows}
    # The newest logs are read without a date, which must not hide a known one.
    written = [name for name in WRITTEN if name != "listed_on" or page.listed_on]
    QuarantinedRow.objects.bulk_create(
        [row for _, row in sorted(rows.items())],
        update_conflicts=True,
        unique_fields=["feed", "fingerprint"],
        update_fields=[name for name in written if name != "fingerprint"],
    )


def _row(feed: Feed, page: LogPage, row: BadRow) -> QuarantinedRow:
    return QuarantinedRow(
        feed=feed,
        log_id=row.log_id,
        reason=row.reason,
        raw=row.raw,
        created_at=row.created_at,
        charge=row.charge,
        listed_on=page.listed_on,
        fingerprint=row.fingerprint,
        last_seen_at=page.read_at,
    )
