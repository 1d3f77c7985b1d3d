"""Stores logs and rebuilds their totals as a pull does, for tests of what reads them."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from dashboard.filters.parser import parse_filter
from logsync.models import Feed, PullUnit, QuarantinedRow
from logsync.models.choices import UnitState
from logsync.rollups.rebuild import rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.records import NOON, make_feed, page, record, tombstone

__all__ = [
    "NOON",
    "NOW",
    "asked",
    "make_feed",
    "mark_read",
    "mixture",
    "page",
    "record",
    "set_aside",
    "store",
    "sums_of",
    "tombstone",
]

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def asked(query="", now=NOW):
    return parse_filter(query, now)


def store(*records, project="Main", medium="voice"):
    """Store the records and rebuild the totals of their days."""
    store_page(make_feed(project, medium), page(*records))
    rebuild_stale()


def mark_read(days=900):
    """Mark all days of all feeds as read to their end just now, the last so many and tomorrow."""
    now = timezone.now()
    first = now.date() - timedelta(days=days)
    for feed in Feed.objects.all():
        PullUnit.objects.bulk_create(
            PullUnit(feed=feed, day=first + timedelta(days=back), state=UnitState.DONE, read_at=now)
            for back in range(days + 2)
        )
    Feed.objects.update(read_until=now)


def mixture(logs=120, days=9, until=NOW, seed=1):
    """Store logs of two projects and both media with varied, missing, equal and odd values."""
    random = Random(seed)
    for project, medium in (("Main", "voice"), ("Other", "voice"), ("Main", "video")):
        rows = [_random_record(random, f"{project}-{medium}-{number}", days, until) for number in range(logs // 3)]
        store_page(make_feed(project, medium), page(*rows))
        deleted = [tombstone(row.id, created_at=row.created_at) for row in rows[::9]]
        unseen = [tombstone(f"{project}-{medium}-gone", created_at=until - timedelta(days=1))]
        store_page(make_feed(project, medium), page(*deleted, *unseen, read_at=NOON + timedelta(hours=1)))
    rebuild_stale()


def _random_record(random, id_, days, until):
    pick = random.choice
    seconds = pick([None, 0, 5, 60, 61, 3600])
    return record(
        id_,
        created_at=until - timedelta(minutes=random.randrange(days * 24 * 60)),
        log_type=pick(["relay_pstn_call", "laml_call", "video_room_session", "brand_new", None]),
        direction=pick(["inbound", "outbound", "outbound-dial", None, ""]),
        status=pick(["completed", "ended", "failed", None]),
        source=pick(["laml", "realtime_api", None]),
        from_number=pick(["+12065551212", "+12065550000", "sip:alice@example.com", None]),
        to_number=pick(["+442079460000", "freeswitch", None]),
        room_name=pick(["Lobby", None]),
        charge=pick([None, *map(Decimal, ("0", "0.01", "0.01", "0.0000004", "1234567.891234", "-0.0025"))]),
        descriptions=pick([None, "\nTax\nOutbound Voice\n", "\nText to Speech\n"]),
        seconds=seconds,
        duration=seconds,
        billing_ms=pick([None, 0, 5160, 60000]),
        parent_id=pick([None, "a-parent"]),
    )


def set_aside(feed, raw, **known):
    """Keep a row that could not be read, with what is known of it."""
    times = {"last_seen_at": NOW} | known
    return QuarantinedRow.objects.create(feed=feed, reason="no", raw=raw, fingerprint=hash(raw), **times)


def sums_of(rows, key):
    """The number and charge of logs by group, added one by one, to compare totals with."""
    groups = defaultdict(lambda: [0, Decimal(0)])
    for row in rows:
        groups[key(row)][0] += 1
        groups[key(row)][1] += row.charge or 0
    return {group: tuple(sums) for group, sums in groups.items()}
