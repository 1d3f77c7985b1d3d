"""Answers stored one after the other under one lease, and the totals of what they touched made anew."""

from collections.abc import Callable
from datetime import date, datetime

from logsync.client import SignalWireClient
from logsync.leases import Keeper
from logsync.models import Feed
from logsync.parents import note_parents, note_parents_between
from logsync.records import LogPage, Touched
from logsync.rollups import rebuild_day
from logsync.runs import Counts
from logsync.upsert import store_page

FEW = 1_000

Report = Callable[[Counts], None]


class Reading:
    """What one piece of work has read so far. `report` hears what each answer added."""

    def __init__(self, feed: Feed, lease: Keeper, client: SignalWireClient, report: Report) -> None:
        self.feed = feed
        self.lease = lease
        self.client = client
        self.counts = Counts()
        self._report = report
        self._requests = client.requests
        self._days: set[date] = set()
        self._parents: set[str] = set()
        self._first: datetime | None = None
        self._last: datetime | None = None

    def store(self, page: LogPage) -> Touched:
        """Store one answer in one transaction. Raises LeaseLostError, having stored nothing, when another reads it."""
        touched = store_page(self.feed, page, self._confirm)
        self._days |= touched.days
        if touched.days:
            self._remember(page)
        self.note(Counts(0, touched.rows, touched.new, touched.changed, touched.quarantined))
        return touched

    def note(self, counts: Counts = Counts()) -> None:  # noqa: B008 - a frozen value
        """Add to the counts, with the requests sent since the last time."""
        requests = self.client.requests
        counts += Counts(requests=requests - self._requests)
        self._requests = requests
        self.counts += counts
        self._report(counts)

    def settle(self) -> None:
        """Make the totals of the touched days anew, and note which parents of the new logs are missing."""
        self.lease.keep()
        for day in sorted(self._days):
            rebuild_day(self.feed.project_id, day)
        if len(self._parents) > FEW and self._first and self._last:
            note_parents_between(self.feed, self._first, self._last)
        elif self._parents:
            note_parents(self.feed, self._parents)
        self._days.clear()

    def _confirm(self, touched: Touched) -> None:
        self.lease.keep(at_once=bool(touched.days or touched.quarantined))

    def _remember(self, page: LogPage) -> None:
        """Which parents the touched logs name: their ids while they are few, then the span of the logs' times."""
        instants = [record.created_at for record in page.records]
        self._first = min([*instants, self._first] if self._first else instants)
        self._last = max([*instants, self._last] if self._last else instants)
        if len(self._parents) <= FEW:
            self._parents |= {record.parent_id for record in page.records if record.parent_id}
