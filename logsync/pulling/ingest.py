"""Stores the pages of one attempt under one lease, and rebuilds the totals of the days they change."""

from collections.abc import Callable
from datetime import date
from functools import partial

from logsync.models import Feed
from logsync.parsing.records import LogPage, StoreResult
from logsync.rollups.rebuild import rebuild_day
from logsync.scheduling.leases import LeaseRenewer
from logsync.scheduling.runs import Counts
from logsync.signalwire.client import SignalWireClient
from logsync.storage.missing_parents import record_missing_parents
from logsync.storage.upsert import store_page

OnProgress = Callable[[Counts], None]


class PullSession:
    """The state of one attempt: client, counts and changed days. `on_progress` receives the counts of each page."""

    def __init__(self, feed: Feed, renewer: LeaseRenewer, client: SignalWireClient, on_progress: OnProgress) -> None:
        self.feed = feed
        self.renewer = renewer
        self.client = client
        self.counts = Counts()
        self._on_progress = on_progress
        self._requests = client.requests
        self._days: set[date] = set()

    def store(self, page: LogPage) -> StoreResult:
        """Store one page, with the parents that are missing, in one transaction.

        Raises LeaseLostError, and stores nothing, when the lease was lost.
        """
        stored = store_page(self.feed, page, partial(self._confirm, page))
        self._days |= stored.days
        self.add_counts(Counts(0, stored.rows, stored.new, stored.changed, stored.quarantined))
        return stored

    def add_counts(self, counts: Counts = Counts()) -> None:  # noqa: B008 - a frozen value
        """Add to the counts, together with the requests sent since the previous call."""
        requests = self.client.requests
        counts += Counts(requests=requests - self._requests)
        self._requests = requests
        self.counts += counts
        self._on_progress(counts)

    def finish(self) -> None:
        """Rebuild the totals of the changed days."""
        self.renewer.keep()
        for day in sorted(self._days):
            rebuild_day(self.feed.project_id, day)
        self._days.clear()

    def _confirm(self, page: LogPage, stored: StoreResult) -> None:
        """The last step of the page's transaction.

        Later would be too late: when the next page fails, or the process is killed, the rows of this one are stored,
        and a row that is read again unchanged is not looked at.
        """
        if stored.days:
            record_missing_parents(self.feed, page.records)
        self.renewer.keep(at_once=bool(stored.days or stored.quarantined))
