"""Reads everything known about one log."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from dashboard.calls.detail.family import family_of
from dashboard.calls.detail.lineage import LogKey
from dashboard.calls.detail.results import AmbiguousLogError, ChargeLineRow, LogDetail
from dashboard.calls.detail.set_aside import set_aside_row
from dashboard.queries.changes import log_changes
from dashboard.queries.logs import COLUMNS, log_row
from dashboard.queries.projects import in_projects, project_names_by_id
from logsync.models import Log, PullUnit
from logsync.parsing.records import ChargeLine

DETAIL = ("raw", "unread_fields", "first_seen_at", "read_at")


class _Charges(msgspec.Struct):
    """The charge lines in the JSON of a row, decoded as the parser decodes them."""

    charge_details: list[ChargeLine] | None = None


def log_detail(medium: str, log_id: str, project: str | None = None) -> LogDetail | None:
    """The log with this id, or None. Raises AmbiguousLogError if several projects have one and `project` is None."""
    logs = Log.objects.filter(id=log_id, medium=medium)
    if project is not None:
        logs = logs.filter(in_projects([project]))
    matches = list(logs.values(*COLUMNS, *DETAIL))
    names = project_names_by_id()
    if len(matches) > 1:
        raise AmbiguousLogError(sorted(names[log["project_id"]] for log in matches))
    return _detail(matches[0], names) if matches else None


def _detail(log: dict[str, Any], names: Mapping[int, str]) -> LogDetail:
    row = log_row([log[column] for column in COLUMNS], names)
    itemised = row.itemised or Decimal(0)
    unread = _unread(log["unread_fields"], log["raw"])
    return LogDetail(
        row=row,
        url=row.url,
        locked=row.locked,
        lines=_charge_lines(log["raw"]),
        not_itemised=None if row.charge is None or "charge_details" in unread else row.charge - itemised,
        family=family_of(LogKey(log["project_id"], row.medium, row.id), names),
        changes=log_changes(log["project_id"], row),
        raw=log["raw"],
        first_seen_at=log["first_seen_at"],
        last_read_at=_last_read_at(log),
        unread=unread,
        set_aside=set_aside_row(row.medium, row.id, row.project),
    )


def _charge_lines(raw: str) -> list[ChargeLineRow]:
    """The charge lines as sent, with exact amounts; none if they could not be read."""
    try:
        lines = msgspec.json.decode(raw, type=_Charges).charge_details or []
    except msgspec.ValidationError:
        return []
    return [ChargeLineRow(line.description, line.charge) for line in lines]


def _unread(names: str | None, raw: str) -> dict[str, str]:
    """The fields that could not be read, as received, by name."""
    if not names:
        return {}
    received = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return {name: bytes(received[name]).decode() for name in names.split(",") if name in received}


def _last_read_at(log: dict[str, Any]) -> datetime:
    """The last read of the log or of its day: an unchanged log is not written again when its day is read."""
    units = PullUnit.objects.filter(
        feed__project_id=log["project_id"], feed__medium=log["medium"], day=log["created_at"].astimezone(UTC).date()
    )
    instants: list[datetime | None] = [log["read_at"], *units.values_list("read_at", flat=True)]
    return max(instant for instant in instants if instant is not None)
