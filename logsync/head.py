"""The head of a list: the newest logs, read every few minutes until what was read before.

Only an accelerator, which relies on the list being sorted; the days give completeness.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from logsync.attempts import Outcome, attempt
from logsync.leases import Held
from logsync.models import Feed
from logsync.parse import parse_page
from logsync.reading import Reading, Report
from logsync.records import LogPage
from logsync.sync import move_read_until

# Logs appear late, and calls end: so much of what was read before is read again.
OVERLAP = timedelta(minutes=15)
MOST_PAGES = 50
# When nothing is known yet, for the first numbers on the page.
FIRST_PAGES = 2
# Where the last reading lies further back, whole days are what closes the gap.
REACH = timedelta(hours=6)


class Walk:
    """The way down from the newest log to what is known."""

    def __init__(self, known: datetime | None) -> None:
        self._known = known
        self.most_pages = MOST_PAGES if known else FIRST_PAGES
        self._oldest: datetime | None = None
        self.newest: datetime | None = None
        self.in_order = True
        self.met_known = False

    def goes_on_after(self, page: LogPage) -> bool:
        """Take in a page, and tell whether the next one is of interest."""
        for record in page.records:
            if self._oldest and record.created_at > self._oldest + OVERLAP:
                self.in_order = False
            self._oldest = min(record.created_at, self._oldest or record.created_at)
            self.newest = max(record.created_at, self.newest or record.created_at)
        if self._known and self._oldest:
            self.met_known = self._oldest < self._known - OVERLAP
        return not self.met_known


def pull_head(feed: Feed, held: Held, report: Report) -> Outcome:
    """Read the newest logs of a feed under its lease."""
    return attempt(feed.pk, held, report, _read_head)


def _read_head(reading: Reading) -> None:
    feed = reading.feed
    within_reach = feed.read_until is not None and feed.read_until > timezone.now() - REACH
    walk = Walk(feed.read_until if within_reach else feed.newest_at)
    sent_at, exhausted = _read_pages(reading, walk)
    reading.settle()
    if walk.newest:
        Feed.objects.filter(Q(newest_at=None) | Q(newest_at__lt=walk.newest), pk=feed.pk).update(newest_at=walk.newest)
    if sent_at and (exhausted or (within_reach and walk.met_known and walk.in_order)):
        move_read_until(feed, sent_at)


def _read_pages(reading: Reading, walk: Walk) -> tuple[datetime | None, bool]:
    """When the first request was sent, and whether the list was read to its end."""
    sent_at = None
    try:
        for number, answer in enumerate(reading.client.iter_pages(reading.feed.medium), start=1):
            sent_at = sent_at or answer.sent_at
            page = parse_page(answer)
            reading.store(page)
            if not walk.goes_on_after(page) or number == walk.most_pages:
                return sent_at, False
    finally:
        reading.note()
    return sent_at, True
