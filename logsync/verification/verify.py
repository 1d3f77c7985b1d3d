"""Compares totals with logs and logs with SignalWire, and repairs what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Max, Min
from django.utils import timezone

from logsync.columnar.check import WrongFile, delete_files, wrong_files
from logsync.columnar.writer import update_copy
from logsync.days import day_bounds, day_of
from logsync.exceptions import TollbookError
from logsync.jobs.foreground import ForegroundPull, ProgressListener
from logsync.jobs.job import rebuild_stale_totals
from logsync.models import DailyCharge, Feed, Log, Project, PullUnit
from logsync.money import plain
from logsync.rollups.compare import Difference, differences
from logsync.rollups.known_days import first_day
from logsync.rollups.rebuild import rebuild_day
from logsync.verification.remote import RemoteComparison, RemoteDifference


@dataclass(frozen=True, slots=True)
class Findings:
    """`beyond`: days that SignalWire no longer keeps, by feed. `errors`: why a feed could not be compared, by feed.
    `copy`: files of the columnar copy that are damaged or differ from the totals."""

    since: date
    until: date
    totals: Sequence[Difference] = ()
    remote: Sequence[RemoteDifference] = ()
    beyond: dict[str, list[date]] | None = None
    errors: dict[str, str] | None = None
    copy: Sequence[WrongFile] = ()

    @property
    def charge(self) -> Decimal:
        """SignalWire's charges minus the stored ones."""
        return sum((difference.charge for difference in self.remote), Decimal(0))

    @property
    def fine(self) -> bool:
        return not (self.totals or self.remote or self.errors or self.copy)

    @property
    def repairable(self) -> bool:
        """Whether reading again may help: not for rows set aside, nor for logs that SignalWire no longer lists."""
        return bool(self.totals or self.copy) or any(row.listed_on and not row.reason for row in self.remote)


def known_days() -> tuple[date, date]:
    """The first and last day that was read or has logs or totals; today counts as one."""
    logs = Log.objects.aggregate(first=Min("created_at"), last=Max("created_at"))
    totals = DailyCharge.objects.aggregate(first=Min("day"), last=Max("day"))
    read = PullUnit.objects.filter(read_at__isnull=False).aggregate(first=Min("day"))
    zone = settings.REPORT_TIME_ZONE
    instants = [timezone.now(), *(instant for instant in logs.values() if instant)]
    days = [day_of(instant, zone) for instant in instants] + [day for day in (*totals.values(), *read.values()) if day]
    return min(days), max(days)


def compare(feeds: Sequence[Feed], since: date, until: date, *, remote: bool, every_day: bool = True) -> Findings:
    """Compare the totals of these report days, both included, and with `remote` the logs of these feeds.

    Without `every_day`, days long before all others are compared only where logs are stored: one log dated
    1970 does not cost 20,000 requests.
    """
    totals = list(differences(since, until, list(Project.objects.values_list("pk", flat=True))))
    copy = list(wrong_files(since, until))
    if not remote:
        return Findings(since, until, totals, copy=copy)
    start, end = day_bounds(since, settings.REPORT_TIME_ZONE)[0], day_bounds(until, settings.REPORT_TIME_ZONE)[1]
    every_day_since = since if every_day else max(since, first_day(until))
    remote_differences: list[RemoteDifference] = []
    beyond: dict[str, list[date]] = {}
    errors: dict[str, str] = {}
    for feed in feeds:
        comparison = RemoteComparison(feed, start, end, every_day_since)
        try:
            remote_differences += comparison.differences()
        except TollbookError as error:
            errors[str(feed)] = str(error)
        if comparison.beyond:
            beyond[str(feed)] = comparison.beyond
    return Findings(since, until, totals, remote_differences, beyond, errors, copy)


def repair(feeds: Sequence[Feed], findings: Findings, listener: ProgressListener) -> None:
    """Rebuild totals and files that differ, and read again the days under which SignalWire lists logs that differ.

    Deletes no log: one that SignalWire does not list stays.
    """
    rebuild_stale_totals()
    for project_id, day in sorted({(total.project_id, total.day) for total in findings.totals}):
        rebuild_day(project_id, day)
    delete_files(findings.copy)
    for feed in feeds:
        listed_on = {row.listed_on for row in findings.remote if row.feed.pk == feed.pk and row.listed_on}
        if listed_on:
            ForegroundPull([feed], 1, listener).pull_listed_on(sorted(listed_on))
    update_copy(at_once=True, wait=True)


def as_json(findings: Findings) -> dict[str, Any]:
    """Amounts are exact decimal strings, dates and times ISO 8601."""
    return {
        "since": findings.since.isoformat(),
        "until": findings.until.isoformat(),
        "fine": findings.fine,
        "totals": [_total_as_json(total) for total in findings.totals],
        "copy": [{"file": file.name, "problem": file.problem} for file in findings.copy],
        "remote": [_row_as_json(row) for row in findings.remote],
        "remote_charge_difference": plain(findings.charge),
        "beyond_history": {feed: [str(day) for day in days] for feed, days in (findings.beyond or {}).items()},
        "errors": findings.errors or {},
    }


def _total_as_json(total: Difference) -> dict[str, Any]:
    return {
        "project_id": total.project_id,
        "day": total.day.isoformat(),
        "group": list(total.group),
        "logs": total.logs,
        "charge": plain(total.charge),
        "total_logs": total.total_logs,
        "total_charge": plain(total.total_charge),
    }


def _row_as_json(row: RemoteDifference) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "project": row.feed.project.name,
        "medium": row.feed.medium,
        "id": row.log_id,
        "created_at": row.created_at.isoformat() if row.created_at else None,
        "stored_charge": None if row.stored_charge is None else plain(row.stored_charge),
        "remote_charge": None if row.remote_charge is None else plain(row.remote_charge),
        "charge_difference": plain(row.charge),
        "set_aside": row.reason,
    }
