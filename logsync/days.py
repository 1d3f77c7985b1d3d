"""Report days: days of the report timezone, as half-open ranges of instants in UTC."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The report day of an instant."""
    return instant.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a report day, in UTC. A daylight-saving day has 23 or 25 hours."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The start (included) and end (excluded) of a report day, in UTC."""
    return day_start(day, zone), day_start(day + ONE_DAY, zone)


def utc_days_of(day: date, zone: ZoneInfo) -> list[date]:
    """The UTC dates that overlap a report day: one, two or (rarely) three."""
    start, end = day_bounds(day, zone)
    return list(days_between(start.date(), (end - timedelta(microseconds=1)).date()))


def days_between(first: date, last: date) -> Iterator[date]:
    """Every date from first to last, both included; none if last is before first."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def iso_utc(instant: datetime) -> str:
    """For machines: "2026-11-20T10:42:05Z", with the fraction of the second where there is one."""
    text = instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"{text.removesuffix('000Z')}Z" if text.endswith("000Z") else text
