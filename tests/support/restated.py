"""Stores calls with one charge after the other, and lists the changes that this leaves."""

from datetime import UTC, datetime, timedelta

from django.http import QueryDict
from django.utils import timezone

from dashboard import queries
from dashboard.filters.changes import parse_change_filter
from logsync.rollups.rebuild import rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.pages import call
from tests.support.records import page as page_of
from tests.support.stored_logs import make_feed

LATER = datetime(2025, 5, 2, 9, 30, tzinfo=UTC)


def read(*records, read_at=LATER, project="Main", medium="voice"):
    """Store the logs as read at an instant."""
    store_page(make_feed(project, medium), page_of(*records, read_at=read_at))
    rebuild_stale()


def restate(id_, day, *charges, since=LATER, **more):
    """Store a call once with each of these charges, a minute apart."""
    for minute, charge in enumerate(charges):
        read(call(id_, day, charge, **more), read_at=since + timedelta(minutes=minute))


def changes(query=""):
    now = timezone.now()
    return queries.changes_page(parse_change_filter(QueryDict(query), now), now)


def ids(query=""):
    return [row.log_id for row in changes(query).rows]
