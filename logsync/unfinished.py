"""Logs that can still change by themselves, and when to read them again by id."""

from datetime import datetime, timedelta

from logsync.choices import FINAL_STATUSES, LIVE_STATUSES, TYPES_WITHOUT_STATUS
from logsync.records import LogRecord

SOONEST = timedelta(minutes=5)


def is_unfinished(record: LogRecord) -> bool:
    """Whether the log has not ended: an unknown status may be one that still changes."""
    if record.is_tombstone or record.status in FINAL_STATUSES or record.log_type in TYPES_WITHOUT_STATUS:
        return False
    return record.status in LIVE_STATUSES or record.ended_at is None


def next_read_at(record: LogRecord, read_at: datetime) -> datetime | None:
    """When to read it again: after a tenth of its age, so that a row stuck for months costs a handful of requests."""
    if not is_unfinished(record):
        return None
    return next_reading(record.created_at, read_at)


def next_reading(created_at: datetime, read_at: datetime) -> datetime:
    return read_at + max(SOONEST, (read_at - created_at) / 10)
