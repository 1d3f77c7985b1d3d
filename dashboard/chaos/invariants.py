"""What must hold after every pull under faults, and after a final pull without them.

Each function returns the violations in words; none means that all invariants hold.
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

from dashboard.chaos.changing_space import ChangingSpace, TrackedRow
from dashboard.filters.parser import parse_filter
from dashboard.queries.completeness import freshness
from dashboard.results import Freshness
from logsync.days import day_of
from logsync.models import ChargeChange, DailyCharge, Feed, Lease, Log, PullUnit, QuarantinedRow, StaleDay
from logsync.models.choices import UnitState
from logsync.rollups.compare import differences
from logsync.verification.verify import compare, known_days

Row = dict[str, Any]


def violations_during_faults(space: ChangingSpace, feeds: Sequence[Feed]) -> list[str]:
    """A log may be missing or outdated only on a day reported as incomplete, or if it changed after it was read."""
    violations = [f"totals of {day} are neither right nor stale" for day in _wrong_totals(feeds)]
    for feed in feeds:
        violations += _unreported_gaps(space, feed)
    return violations


def violations_after_recovery(space: ChangingSpace, feeds: Sequence[Feed], started_at: datetime) -> list[str]:
    """After a full pull without faults, started at `started_at`: no difference, no gap, nothing left behind."""
    findings = compare(feeds, *known_days(), remote=True)
    violations = [f"verify: {total}" for total in findings.totals]
    violations += [f"verify --remote: {row.kind} {row.log_id} of {row.feed}" for row in findings.remote]
    violations += [f"verify --remote: {feed}: {error}" for feed, error in (findings.errors or {}).items()]
    violations += _wrong_sums(space, feeds)
    for feed in feeds:
        violations += _remaining_gaps(space, feed, started_at)
        violations += _broken_charge_histories(feed)
    violations += [f"{row} is still quarantined" for row in QuarantinedRow.objects.filter(feed__in=feeds)]
    violations += [f"{lease} was not released" for lease in Lease.objects.all()]
    return violations


def _wrong_totals(feeds: Sequence[Feed]) -> set[date]:
    projects = sorted({feed.project_id for feed in feeds})
    wrong = {(row.project_id, row.day) for row in differences(*known_days(), projects)}
    stale = set(StaleDay.objects.filter(project__in=projects).values_list("project_id", "day"))
    return {day for _, day in wrong - stale}


def _unreported_gaps(space: ChangingSpace, feed: Feed) -> Iterator[str]:
    shown, logs = _shown_rows(space, feed), _stored_logs(feed)
    units = PullUnit.objects.filter(feed=feed)
    read_at = dict(units.values_list("day", "read_at"))
    # SignalWire refuses these dates. Nothing tells that early logs of the first day it keeps are listed among them.
    beyond = set(units.filter(state=UnitState.BEYOND_HISTORY).values_list("day", flat=True))
    reported = _freshness_of(space, feed)
    for row in _tracked_rows(space, feed):
        if row.is_corrupt or _is_stored(shown[row.id], logs.get(row.id)):
            continue
        listed_on = row.created_at.astimezone(space.behaviour.dates.zone).date()
        day_read_at = read_at.get(listed_on)
        day = day_of(row.created_at, settings.REPORT_TIME_ZONE)
        if day_read_at and row.changed_at < day_read_at:
            yield f"{feed}: {row.id} of {day} changed at {row.changed_at}, but is outdated though read at {day_read_at}"
        if day_read_at is None and listed_on not in beyond and _is_reported_read(reported, row.created_at, day):
            yield f"{feed}: {row.id} was never read, but {day} is reported as complete"


def _is_reported_read(reported: Freshness, created_at: datetime, day: date) -> bool:
    """The pages say up to when today was read, and whether any other day is complete."""
    if day == day_of(timezone.now(), settings.REPORT_TIME_ZONE):
        return day not in reported.incomplete and reported.data_until is not None and created_at < reported.data_until
    return day not in reported.incomplete


def _is_stored(row: Row, log: Log | None) -> bool:
    if log is None:
        return False
    if "discarded_at" in row:
        return log.discarded_at is not None
    return (log.charge, log.status, log.discarded_at) == (row["charge"], row.get("status"), None)


def _shown_rows(space: ChangingSpace, feed: Feed) -> dict[str, Row]:
    return {row["id"]: row for row in space.rows(feed.medium, project=feed.project.signalwire_id)}


def _stored_logs(feed: Feed) -> dict[str, Log]:
    return {log.id: log for log in Log.objects.filter(project=feed.project_id, medium=feed.medium)}


def _tracked_rows(space: ChangingSpace, feed: Feed) -> list[TrackedRow]:
    return [row for row in space.tracked if (row.project, row.medium) == (feed.project.signalwire_id, feed.medium)]


def _freshness_of(space: ChangingSpace, feed: Feed) -> Freshness:
    """What the pages report about one feed, for all days that the space has rows of."""
    now, zone = timezone.now(), settings.REPORT_TIME_ZONE
    first = min(day_of(row.created_at, zone) for row in space.tracked)
    query = f"project={feed.project.name}&medium={feed.medium}&start={first}&end={day_of(now, zone)}"
    return freshness(parse_filter(query, now), now)


def _wrong_sums(space: ChangingSpace, feeds: Sequence[Feed]) -> Iterator[str]:
    """Sums the space's own rows. A deleted row may count with any charge it has had."""
    expected: defaultdict[date, Decimal] = defaultdict(Decimal)
    for feed in feeds:
        shown, logs = _shown_rows(space, feed), _stored_logs(feed)
        if logs.keys() != shown.keys():
            yield f"{feed}: logs differ from the space's: {sorted(logs.keys() ^ shown.keys())}"
        for row in _tracked_rows(space, feed):
            charge = shown[row.id].get("charge")
            if row.is_deleted and (log := logs.get(row.id)):
                charge = log.charge
                if charge not in {None, *row.charges}:
                    yield f"{feed}: deleted {row.id} is stored with {charge}, a charge it never had"
            expected[day_of(row.created_at, settings.REPORT_TIME_ZONE)] += charge or Decimal(0)
    totals = DailyCharge.objects.filter(project__in={feed.project_id for feed in feeds})
    actual = dict(totals.order_by().values_list("day").annotate(Sum("charge")))
    for day in sorted(expected.keys() | actual.keys()):
        if expected[day] != actual.get(day, 0):
            yield f"{day}: the total is {actual.get(day)}, the sum of the space's rows is {expected[day]}"


def _remaining_gaps(space: ChangingSpace, feed: Feed, started_at: datetime) -> Iterator[str]:
    feed.refresh_from_db()
    reported = _freshness_of(space, feed)
    yield from (f"{feed}: {day} is still reported as incomplete: {why}" for day, why in reported.incomplete.items())
    yield from (f"{feed}: {day} is still stale" for day in reported.stale_days)
    if feed.read_until is None or feed.read_until < started_at:
        yield f"{feed}: read only until {feed.read_until}, but the last pull started at {started_at}"
    if feed.error:
        yield f"{feed}: still has an error: {feed.error}"


def _broken_charge_histories(feed: Feed) -> Iterator[str]:
    """The recorded changes of a log must form a chain that ends at its present charge."""
    histories: defaultdict[str, list[ChargeChange]] = defaultdict(list)
    for change in ChargeChange.objects.filter(project=feed.project_id, medium=feed.medium).order_by("changed_at", "pk"):
        histories[change.log_id].append(change)
    for log in Log.objects.filter(project=feed.project_id, medium=feed.medium, id__in=histories):
        changes = histories[log.id]
        is_chain = all(before.new_charge == after.old_charge for before, after in pairwise(changes))
        if not is_chain or changes[-1].new_charge != log.charge:
            yield f"{feed}: the charge changes of {log.id} do not lead to {log.charge}"
