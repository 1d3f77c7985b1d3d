"""The stored logs, the totals computed from them, and the state of the sync."""

from logsync.models.logs import (
    SEARCH_KEY_LENGTH,
    ChargeChange,
    FormerProjectName,
    Log,
    PhoneNumber,
    Project,
    SearchText,
)
from logsync.models.rollups import DailyCharge, ReportZone, RolledDay, StaleDay
from logsync.models.sync import Feed, Lease, MissingParent, PullUnit, QuarantinedRow, SyncRun

__all__ = [
    "SEARCH_KEY_LENGTH",
    "ChargeChange",
    "DailyCharge",
    "Feed",
    "FormerProjectName",
    "Lease",
    "Log",
    "MissingParent",
    "PhoneNumber",
    "Project",
    "PullUnit",
    "QuarantinedRow",
    "ReportZone",
    "RolledDay",
    "SearchText",
    "StaleDay",
    "SyncRun",
]
