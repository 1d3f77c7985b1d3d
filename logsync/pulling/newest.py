"""Reads the newest logs of a feed every few minutes, down to what was read before.

This makes new logs appear early, and relies on a sorted list. Only reading whole days makes a feed complete.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from logsync import database
from logsync.models import Feed
from logsync.parsing.parser import parse_page
from logsync.parsing.records import LogPage
from logsync.pulling.attempt import Outcome, attempt
from logsync.pulling.days import advance_read_until
from logsync.pulling.ingest import OnProgress, PullSession
from logsync.scheduling.leases import Lease
from logsync.signalwire.pagination import restarting

# Logs appear late, and calls end: read this much again.
OVERLAP = timedelta(minutes=15)
MAX_PAGES = 50
# Before anything was read: enough for the first numbers on the dashboard.
MAX_FIRST_PAGES = 2
# A longer gap is left to the passes over whole days.
MAX_GAP = timedelta(hours=6)


class NewestScan:
    """Follows the pages from the newest log down to `known_until`, which is None when nothing was read before."""

    def __init__(self, known_until: datetime | None) -> None:
        self._known_until = known_until
        self.max_pages = MAX_PAGES if known_until else MAX_FIRST_PAGES
        self._oldest: datetime | None = None
        self.newest: datetime | None = None
        self.is_sorted = True
        self.is_complete = False

    def needs_page_after(self, page: LogPage) -> bool:
        """Add a page; whether the scan needs the next one."""
        for record in page.records:
            if self._oldest and record.created_at > self._oldest + OVERLAP:
                self.is_sorted = False
            self._oldest = min(record.created_at, self._oldest or record.created_at)
            # A log dated ahead must not hide those created before its date.
            created_at = min(record.created_at, page.read_at)
            self.newest = max(created_at, self.newest or created_at)
        if self._known_until and self._oldest:
            self.is_complete = self._oldest < self._known_until - OVERLAP
        return not self.is_complete


def pull_newest(feed: Feed, lease: Lease, on_progress: OnProgress) -> Outcome:
    return attempt(feed.pk, lease, on_progress, _read_newest)


def _read_newest(session: PullSession) -> None:
    feed = session.feed
    is_recent = feed.read_until is not None and feed.read_until > database.now() - MAX_GAP
    # `newest_at` may have been stored with a date ahead of its time.
    known_until = feed.read_until if is_recent else feed.newest_at and min(feed.newest_at, database.now())
    scan, sent_at, exhausted = restarting(lambda: _read_pages(session, known_until))
    session.finish()
    if scan.newest:
        Feed.objects.filter(Q(newest_at=None) | Q(newest_at__lt=scan.newest), pk=feed.pk).update(newest_at=scan.newest)
    if sent_at and (exhausted or (is_recent and scan.is_complete and scan.is_sorted)):
        advance_read_until(feed, sent_at)


def _read_pages(session: PullSession, known_until: datetime | None) -> tuple[NewestScan, datetime | None, bool]:
    """The scan, when its first request was sent, and whether the list was read to its end."""
    scan, sent_at = NewestScan(known_until), None
    try:
        for number, response in enumerate(session.client.iter_pages(session.feed.medium), start=1):
            sent_at = sent_at or response.sent_at
            page = parse_page(response)
            session.store(page)
            if not scan.needs_page_after(page) or number == scan.max_pages:
                return scan, sent_at, False
    finally:
        session.add_counts()
    return scan, sent_at, True
