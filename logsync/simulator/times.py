"""Instants as whole microseconds since 1970 UTC: cheap to compare, sort and put in a page token."""

from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.date()
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
FIRST_US = -62_135_596_800 * SECOND_US  # start of the year 1
NEVER_US = 253_402_300_799 * SECOND_US  # end of the year 9999


def to_us(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def day_of(instant_us: int) -> date:
    """The UTC date an instant falls in."""
    return EPOCH_DAY + timedelta(days=instant_us // DAY_US)


def start_of(day: date) -> int:
    """The first instant of a UTC date."""
    return (day - EPOCH_DAY).days * DAY_US


def iso(instant_us: int, *, millis: bool = True) -> str:
    """SignalWire's format: UTC with a Z, with or without milliseconds."""
    instant = EPOCH + timedelta(microseconds=instant_us)
    return instant.isoformat(timespec="milliseconds" if millis else "seconds")[:-6] + "Z"


def read_iso(text: str) -> int:
    """Parse ISO 8601; text without a timezone is UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    return to_us(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
