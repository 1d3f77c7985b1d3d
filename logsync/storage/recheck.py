"""When to read logs of unfinished calls again by id."""

from datetime import datetime, timedelta

from logsync.parsing.records import LogRecord
from logsync.statuses import has_ended

MIN_DELAY = timedelta(minutes=5)


def next_read_at(record: LogRecord, read_at: datetime) -> datetime | None:
    """When to read an unfinished log again; None for one that has ended or was deleted."""
    if record.is_tombstone or has_ended(record.status, record.log_type, record.ended_at):
        return None
    return next_read_after(record.created_at, read_at)


def next_read_after(created_at: datetime, read_at: datetime) -> datetime:
    """After a tenth of the log's age, so that one stuck for months costs few requests."""
    return read_at + max(MIN_DELAY, (read_at - created_at) / 10)
