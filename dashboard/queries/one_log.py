"""Everything known of one log."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from dashboard.queries.changes import log_changes
from dashboard.queries.family import family_of
from dashboard.queries.logs import COLUMNS, log_row
from dashboard.queries.names import names_by_id
from dashboard.results import ChargeLineRow, LogDetail, LogRow
from logsync.models import Log, PullUnit
from logsync.records import ChargeLine

DETAIL = ("url", "locked", "raw", "first_seen_at", "read_at")


class AmbiguousLogError(Exception):
    """Several projects have a log of this id; `projects` are their names."""

    def __init__(self, projects: list[str]) -> None:
        super().__init__(f"Several projects have this log: {', '.join(projects)}.")
        self.projects = projects


class _Charges(msgspec.Struct):
    """What a row's JSON says of its charge lines, read as the parser reads it."""

    charge_details: list[ChargeLine] | None = None


def log_detail(medium: str, log_id: str, project: str | None = None) -> LogDetail | None:
    """The log, of this project where one is named; None when there is none. Raises AmbiguousLogError."""
    logs = Log.objects.filter(id=log_id, medium=medium)
    if project is not None:
        logs = logs.filter(project__name=project)
    found = list(logs.values(*COLUMNS, *DETAIL))
    names = names_by_id()
    if len(found) > 1:
        raise AmbiguousLogError(sorted(names[log["project_id"]] for log in found))
    return _detail(found[0], log_row([found[0][column] for column in COLUMNS], names)) if found else None


def _detail(log: dict[str, Any], row: LogRow) -> LogDetail:
    itemised = row.itemised or Decimal(0)
    return LogDetail(
        row=row,
        url=log["url"],
        locked=log["locked"],
        lines=_charge_lines(log["raw"]),
        not_itemised=None if row.charge is None else row.charge - itemised,
        family=family_of(log["project_id"], row),
        changes=log_changes(log["project_id"], row),
        raw=log["raw"],
        first_seen_at=log["first_seen_at"],
        last_read_at=_last_read_at(log),
    )


def _charge_lines(raw: str) -> list[ChargeLineRow]:
    """As sent, every number exact."""
    lines = msgspec.json.decode(raw, type=_Charges).charge_details or []
    return [ChargeLineRow(line.description, line.charge) for line in lines]


def _last_read_at(log: dict[str, Any]) -> datetime:
    """A log that came back unchanged is not written again, but the day it is listed under was."""
    units = PullUnit.objects.filter(
        feed__project_id=log["project_id"], feed__medium=log["medium"], day=log["created_at"].astimezone(UTC).date()
    )
    instants: list[datetime | None] = [log["read_at"], *units.values_list("read_at", flat=True)]
    return max(instant for instant in instants if instant is not None)
