"""Logs that can still change by themselves, and when to read them again by id."""

from datetime import datetime, timedelta

from logsync.choices import FINAL_STATUSES, LIVE_STATUSES, TYPES_WITHOUT_STATUS
from logsync.records import LogRecord

SOONEST = timedelta(minutes=5)


def has_ended(status: str | None, log_type: str | None, ended_at: datetime | None) -> bool:
    """An unknown status may be one that still changes."""
    if status in FINAL_STATUSES or log_type in TYPES_WITHOUT_STATUS:
        return True
    return status not in LIVE_STATUSES and ended_at is not None


def is_unfinished(record: LogRecord) -> bool:
    return not record.is_tombstone and not has_ended(record.status, record.log_type, record.ended_at)


def next_read_at(record: LogRecord, read_at: datetime) -> datetime | None:
    """When to read it again: after a tenth of its age, so that a row stuck for months costs a handful of requests."""
    if not is_unfinished(record):
        return None
    return next_reading(record.created_at, read_at)


def next_reading(created_at: datetime, read_at: datetime) -> datetime:
    return read_at + max(SOONEST, (read_at - created_at) / 10)
