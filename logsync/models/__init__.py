"""What was read from SignalWire, the totals made of it, and how far the reading has come."""

from logsync.models.logs import NUMBER_INDEX_LENGTH, ChargeChange, Log, PhoneNumber, Project
from logsync.models.pulls import Feed, Lease, MissingParent, PullUnit, QuarantinedRow, SyncRun
from logsync.models.totals import DailyCharge, ReportZone, RolledDay, StaleDay

__all__ = [
    "NUMBER_INDEX_LENGTH",
    "ChargeChange",
    "DailyCharge",
    "Feed",
    "Lease",
    "Log",
    "MissingParent",
    "PhoneNumber",
    "Project",
    "PullUnit",
    "QuarantinedRow",
    "ReportZone",
    "RolledDay",
    "StaleDay",
    "SyncRun",
]
