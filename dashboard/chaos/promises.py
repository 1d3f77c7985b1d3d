"""What must hold after every pull, whatever went wrong, and what must hold once nothing does any more.

Each function answers the broken promises in words; none means that all is well.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from dashboard.chaos.space import Entry, RestlessSpace
from dashboard.filters import parse_filter
from dashboard.queries.freshness import freshness
from dashboard.results import Freshness
from logsync.days import day_of
from logsync.models import ChargeChange, DailyCharge, Feed, Lease, Log, PullUnit, QuarantinedRow, StaleDay
from logsync.rollups import differences
from logsync.verification import compare, known_days

Row = dict[str, Any]


def broken_on_the_way(space: RestlessSpace, feeds: Sequence[Feed]) -> list[str]:
    """A log that is missing or old belongs to a day that the pages call incomplete, or changed after it was read."""
    broken = [f"totals of {day} are neither right nor stale" for day in _wrong_totals(feeds)]
    for feed in feeds:
        broken += _untold(space, feed)
    return broken


def broken_in_the_end(space: RestlessSpace, feeds: Sequence[Feed], began_at: datetime) -> list[str]:
    """After a pull of everything without a fault, begun at `began_at`: no difference, no gap, nothing left behind."""
    findings = compare(feeds, *known_days(), remote=True)
    broken = [f"verify: {total}" for total in findings.totals]
    broken += [f"verify --remote: {row.kind} {row.log_id} of {row.feed}" for row in findings.remote]
    broken += [f"verify --remote: {feed}: {error}" for feed, error in (findings.errors or {}).items()]
    broken += _sums_that_differ(space, feeds)
    for feed in feeds:
        broken += _gaps(space, feed, began_at)
        broken += _broken_traces(feed)
    broken += [f"{row} is still set aside" for row in QuarantinedRow.objects.filter(feed__in=feeds)]
    broken += [f"{lease} was never given back" for lease in Lease.objects.all()]
    return broken


def _wrong_totals(feeds: Sequence[Feed]) -> set[date]:
    projects = sorted({feed.project_id for feed in feeds})
    wrong = {(row.project_id, row.day) for row in differences(*known_days(), projects)}
    stale = set(StaleDay.objects.filter(project__in=projects).values_list("project_id", "day"))
    return {day for _, day in wrong - stale}


def _untold(space: RestlessSpace, feed: Feed) -> Iterator[str]:
    shown = {row["id"]: row for row in space.rows(feed.medium, project=feed.project.signalwire_id)}
    logs = {log.id: log for log in Log.objects.filter(project=feed.project_id, medium=feed.medium)}
    read_at = dict(PullUnit.objects.filter(feed=feed).values_list("day", "read_at"))
    told = _told(space, feed)
    for entry in _entries(space, feed):
        if entry.is_spoiled or _is_stored(shown[entry.id], logs.get(entry.id)):
            continue
        day_read_at = read_at.get(_listed_on(space, entry))
        day = day_of(entry.created_at, settings.REPORT_TIME_ZONE)
        if day_read_at and entry.changed_at < day_read_at:
            yield f"{feed}: {entry.id} of {day} changed at {entry.changed_at}, but was read at {day_read_at} otherwise"
        if day_read_at is None and _is_called_read(told, entry.created_at, day):
            yield f"{feed}: {entry.id} was never read, and {day} is called complete"


def _is_called_read(told: Freshness, created_at: datetime, day: date) -> bool:
    """Of the running day the pages say how far it was read; of every other one, whether it is complete."""
    if day == day_of(timezone.now(), settings.REPORT_TIME_ZONE):
        return day not in told.incomplete and told.data_until is not None and created_at < told.data_until
    return day not in told.incomplete


def _is_stored(row: Row, log: Log | None) -> bool:
    if log is None:
        return False
    if "discarded_at" in row:
        return log.discarded_at is not None
    return (log.charge, log.status, log.discarded_at) == (row["charge"], row.get("status"), None)


def _entries(space: RestlessSpace, feed: Feed) -> list[Entry]:
    own = (feed.project.signalwire_id, feed.medium)
    return [entry for entry in space.journal if (entry.project, entry.medium) == own]


def _listed_on(space: RestlessSpace, entry: Entry) -> date:
    return entry.created_at.astimezone(space.behaviour.dates.zone).date()


def _told(space: RestlessSpace, feed: Feed) -> Freshness:
    """What the pages say of one feed on all days that the space has rows of."""
    now, zone = timezone.now(), settings.REPORT_TIME_ZONE
    first = min(day_of(entry.created_at, zone) for entry in space.journal)
    query = f"project={feed.project.name}&medium={feed.medium}&start={first}&end={day_of(now, zone)}"
    return freshness(parse_filter(query, now), now)


def _sums_that_differ(space: RestlessSpace, feeds: Sequence[Feed]) -> Iterator[str]:
    """Added up here from the rows as the space shows them; of a deleted one, any charge it ever had may be known."""
    expected: defaultdict[date, Decimal] = defaultdict(Decimal)
    for feed in feeds:
        shown = {row["id"]: row for row in space.rows(feed.medium, project=feed.project.signalwire_id)}
        logs = {log.id: log for log in Log.objects.filter(project=feed.project_id, medium=feed.medium)}
        if logs.keys() != shown.keys():
            yield f"{feed}: other logs than in the space: {sorted(logs.keys() ^ shown.keys())}"
        for entry in _entries(space, feed):
            charge = shown[entry.id].get("charge")
            if entry.is_deleted and (log := logs.get(entry.id)):
                charge = log.charge
                if charge not in {None, *entry.charges}:
                    yield f"{feed}: deleted {entry.id} is kept with {charge}, which it never cost"
            expected[day_of(entry.created_at, settings.REPORT_TIME_ZONE)] += charge or Decimal(0)
    totals = DailyCharge.objects.filter(project__in={feed.project_id for feed in feeds})
    found = dict(totals.order_by().values_list("day").annotate(Sum("charge")))
    for day in sorted(expected.keys() | found.keys()):
        if expected[day] != found.get(day, 0):
            yield f"{day}: {found.get(day)} is shown, {expected[day]} is the sum of the space's rows"


def _gaps(space: RestlessSpace, feed: Feed, began_at: datetime) -> Iterator[str]:
    feed.refresh_from_db()
    told = _told(space, feed)
    yield from (f"{feed}: {day} is still called incomplete: {why}" for day, why in told.incomplete.items())
    yield from (f"{feed}: {day} is still stale" for day in told.stale_days)
    if feed.read_until is None or feed.read_until < began_at:
        yield f"{feed}: data until {feed.read_until} only, though all was read at {began_at}"
    if feed.error:
        yield f"{feed}: still tells an error: {feed.error}"


def _broken_traces(feed: Feed) -> Iterator[str]:
    """The charges that a log is said to have had follow one from the other, and lead to the present one."""
    traces: defaultdict[str, list[ChargeChange]] = defaultdict(list)
    for change in ChargeChange.objects.filter(project=feed.project_id, medium=feed.medium).order_by("changed_at", "pk"):
        traces[change.log_id].append(change)
    for log in Log.objects.filter(project=feed.project_id, medium=feed.medium, id__in=traces):
        changes = traces[log.id]
        is_whole = all(before.new_charge == after.old_charge for before, after in pairwise(changes))
        if not is_whole or changes[-1].new_charge != log.charge:
            yield f"{feed}: the traced charges of {log.id} do not lead to {log.charge}"
