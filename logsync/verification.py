"""Whether totals equal the logs, and logs what SignalWire lists; and how to mend what does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Max, Min
from django.utils import timezone

from logsync.days import day_bounds, day_of
from logsync.exceptions import TollbookError
from logsync.foreground import Pull, Watch
from logsync.models import DailyCharge, Feed, Log, Project
from logsync.money import plain
from logsync.remote import Comparison, RemoteDifference
from logsync.rollups import Difference, differences, rebuild_day
from logsync.work import rebuild_what_is_stale


@dataclass(frozen=True, slots=True)
class Findings:
    """`beyond`: days that SignalWire keeps no more, by feed. `errors`: why a feed could not be compared, by feed."""

    since: date
    until: date
    totals: Sequence[Difference] = ()
    remote: Sequence[RemoteDifference] = ()
    beyond: dict[str, list[date]] | None = None
    errors: dict[str, str] | None = None

    @property
    def charge(self) -> Decimal:
        """What SignalWire has more than the database."""
        return sum((difference.charge for difference in self.remote), Decimal(0))

    @property
    def fine(self) -> bool:
        return not (self.totals or self.remote or self.errors)


def known_days() -> tuple[date, date]:
    """The first report day with logs or totals, and the last, or today."""
    logs = Log.objects.aggregate(first=Min("created_at"), last=Max("created_at"))
    totals = DailyCharge.objects.aggregate(first=Min("day"), last=Max("day"))
    zone = settings.REPORT_TIME_ZONE
    instants = [timezone.now(), *(instant for instant in logs.values() if instant)]
    days = [day_of(instant, zone) for instant in instants] + [day for day in totals.values() if day]
    return min(days), max(days)


def compare(feeds: Sequence[Feed], since: date, until: date, *, remote: bool) -> Findings:
    """The totals of these report days, both included; and with `remote` the logs of these feeds. Changes nothing."""
    totals = list(differences(since, until, list(Project.objects.values_list("pk", flat=True))))
    if not remote:
        return Findings(since, until, totals)
    start, end = day_bounds(since, settings.REPORT_TIME_ZONE)[0], day_bounds(until, settings.REPORT_TIME_ZONE)[1]
    found: list[RemoteDifference] = []
    beyond: dict[str, list[date]] = {}
    errors: dict[str, str] = {}
    for feed in feeds:
        comparison = Comparison(feed, start, end)
        try:
            found += comparison.differences()
        except TollbookError as error:
            errors[str(feed)] = str(error)
        if comparison.beyond:
            beyond[str(feed)] = comparison.beyond
    return Findings(since, until, totals, found, beyond, errors)


def mend(feeds: Sequence[Feed], findings: Findings, watch: Watch) -> None:
    """Rebuild totals that differ, and read again the days under which SignalWire lists what differs.

    Nothing is deleted: a log that SignalWire does not list stays.
    """
    rebuild_what_is_stale()
    for project_id, day in sorted({(total.project_id, total.day) for total in findings.totals}):
        rebuild_day(project_id, day)
    for feed in feeds:
        listed_on = {row.listed_on for row in findings.remote if row.feed.pk == feed.pk and row.listed_on}
        if listed_on:
            Pull([feed], 1, watch).read_listed_on(sorted(listed_on))


def as_json(findings: Findings) -> dict[str, Any]:
    """For scripts: amounts as exact decimal strings, dates and times as ISO 8601."""
    return {
        "since": findings.since.isoformat(),
        "until": findings.until.isoformat(),
        "fine": findings.fine,
        "totals": [_total_as_json(total) for total in findings.totals],
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
        "created_at": row.created_at.isoformat(),
        "stored_charge": None if row.stored_charge is None else plain(row.stored_charge),
        "remote_charge": None if row.remote_charge is None else plain(row.remote_charge),
        "charge_difference": plain(row.charge),
    }
