"""A log as SignalWire sends it, the limits of its values, and the record it becomes.

One tolerant struct reads every type of log of both media, because they differ only in which keys they have. Unknown
keys stay in `raw`. Values that the database cannot hold are rejected here, so that one row never breaks its page.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated

import msgspec

from logsync.money import InexactMoneyError, exact_sum, with_nine_decimals
from logsync.parsing import json_splitter
from logsync.parsing.records import ChargeLine, LogRecord

# A PostgreSQL index entry holds 2,704 bytes, a character takes up to four, and DailyCharge indexes four words.
MAX_ID_LENGTH = 255
MAX_WORD_LENGTH = 100
# Python's own JSON parser fails at about 1,000 levels, so deeper rows could not be read back.
MAX_DEPTH = 500
# Far beyond any call, yet small enough that the sums of days and years fit into 64 bits: one absurd row must not cost
# the totals of its day.
MAX_DOLLARS = 10_000_000
MAX_SECONDS = 100_000_000
NO_PARENT = ("", "0")
# Report days near the ends of the calendar cannot be computed.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
DATE_LENGTH = len("2026-01-31")
ONE_SECOND = timedelta(seconds=1)
NESTED = "the row's lists and objects are nested too deeply"
_ZONE_NAME = re.compile(r" ?(?:UTC|GMT)\Z")
_LEAP_SECOND = re.compile(r"\A(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:)60")
LINE_FEED = "\n"
NUL = "\x00"

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_LENGTH)]
Word = Annotated[str, msgspec.Meta(max_length=MAX_WORD_LENGTH)]
# A negative length is invalid and would reduce the sums of its day.
Seconds = Annotated[int, msgspec.Meta(ge=0, le=MAX_SECONDS)]
Millis = Annotated[int, msgspec.Meta(ge=0, le=MAX_SECONDS * 1000)]


class WireLog(msgspec.Struct, gc=False, rename={"log_type": "type", "from_number": "from", "to_number": "to"}):
    """A log of any type as SignalWire sends it. Times stay text here, because not all of them follow RFC 3339."""

    id: Id
    created_at: str
    log_type: Word | None = None
    source: Word | None = None
    direction: Word | None = None
    status: Word | None = None
    from_number: str | None = None
    to_number: str | None = None
    room_name: str | None = None
    url: str | None = None
    parent_id: Annotated[str, msgspec.Meta(max_length=MAX_ID_LENGTH)] | None = None
    locked: bool | None = None
    charge: Decimal | None = None
    charge_details: list[ChargeLine] | None = None
    duration: Seconds | None = None
    duration_ms: Millis | None = None
    billing_ms: Millis | None = None
    started_at: str | None = None
    ended_at: str | None = None
    discarded_at: str | None = None


def record_of(log: WireLog, text: str, text_hash: int, unread_fields: str | None = None) -> LogRecord:
    """The record of a log. Raises ValueError, which names the field, for a value that cannot be stored."""
    created_at = instant_of("created_at", log.created_at)
    started_at = None if log.started_at is None else instant_of("started_at", log.started_at)
    ended_at = None if log.ended_at is None else instant_of("ended_at", log.ended_at)
    discarded_at = None if log.discarded_at is None else instant_of("discarded_at", log.discarded_at)
    lines = log.charge_details
    if log.charge is not None:
        check_charge(log.charge)
    # Positional, in the order of LogRecord: keywords take five times as long.
    return LogRecord(
        log.id,
        created_at,
        text,
        text_hash,
        _is_tombstone(log),
        log.log_type,
        log.source,
        log.direction,
        log.status,
        log.from_number,
        log.to_number,
        log.room_name,
        log.url,
        _parent_id(log.parent_id),
        log.locked,
        log.charge,
        None if lines is None else itemised_charge(lines, log.charge),
        None if lines is None else _descriptions(lines),
        log.duration,
        log.duration_ms,
        log.billing_ms,
        _seconds(log, started_at, ended_at),
        started_at,
        ended_at,
        discarded_at,
        unread_fields,
    )


def instant_of(field: str, text: str) -> datetime:
    """The time in UTC; one without a zone is read as UTC. Raises ValueError."""
    try:
        # fromisoformat would accept a date alone, which is not an instant.
        instant = datetime.fromisoformat(text if len(text) > DATE_LENGTH else "")
    except ValueError:
        instant = _unusual_instant(field, text)
    try:
        if instant.tzinfo is not UTC:
            instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{field} is not a time") from None
    if not EARLIEST <= instant < LATEST:
        raise ValueError(f"{field} lies outside the years {EARLIEST.year} to {LATEST.year - 1}")
    return instant


def _unusual_instant(field: str, text: str) -> datetime:
    """A time that fromisoformat rejects: in lower case, with "UTC" as its zone, or in a leap second (23:59:60)."""
    usual = _ZONE_NAME.sub("Z", text.strip().upper())
    without_leap = _LEAP_SECOND.sub(r"\g<1>59", usual)
    try:
        instant = datetime.fromisoformat(without_leap if len(usual) > DATE_LENGTH + 1 else "")
        return instant if without_leap == usual else instant + ONE_SECOND
    except (ValueError, OverflowError):
        raise ValueError(f"{field} is not a time") from None


def _is_tombstone(log: WireLog) -> bool:
    """Whether SignalWire deleted the log and its charge. Such a row must not overwrite the stored one."""
    return log.discarded_at is not None and log.charge is None and log.charge_details is None


def check_charge(charge: Decimal) -> None:
    try:
        exact = with_nine_decimals(charge)
    except InexactMoneyError as error:
        raise ValueError(f"charge: {error}") from None
    if not -MAX_DOLLARS <= exact <= MAX_DOLLARS:
        raise ValueError(f"charge: more than {MAX_DOLLARS:,} dollars, which no single log can cost")


def itemised_charge(lines: list[ChargeLine], charge: Decimal | None) -> Decimal:
    """The sum of the lines that have a charge; 0 without any."""
    try:
        if charge is not None and len(lines) == 1 and lines[0].charge == charge:
            return charge  # the usual case, and checked already
        return exact_sum([line.charge for line in lines if line.charge is not None])
    except InexactMoneyError as error:
        raise ValueError(f"charge_details: {error}") from None
    except InvalidOperation:  # from comparing with a signalling NaN
        raise ValueError("charge_details: not an amount of money") from None


def _parent_id(text: str | None) -> str | None:
    """None also for a blank and for 0, which no log has as its id."""
    return text if text and text.strip() not in NO_PARENT else None


def _descriptions(lines: list[ChargeLine]) -> str | None:
    r"""The descriptions, each between line feeds: "\nTax\nOutbound Voice\n"."""
    texts = [line.description for line in lines if line.description]
    return f"{LINE_FEED}{LINE_FEED.join(texts)}{LINE_FEED}" if texts else None


def _seconds(log: WireLog, started_at: datetime | None, ended_at: datetime | None) -> int | None:
    if log.duration is not None:
        return log.duration
    if log.duration_ms is not None:
        return log.duration_ms // 1000
    if started_at is None or ended_at is None or ended_at < started_at:
        return None
    seconds = (ended_at - started_at) // ONE_SECOND
    return seconds if seconds <= MAX_SECONDS else None  # one of the two is no time of a call


def check_nul(log: WireLog) -> None:
    """PostgreSQL cannot store a NUL in a text. Raises ValueError."""
    for name, value in zip(log.__struct_encode_fields__, msgspec.structs.astuple(log), strict=True):
        if holds_nul(value):
            raise ValueError(f"{name} holds a NUL character")


def holds_nul(value: object) -> bool:
    """Whether a value of a WireLog holds one, be it in a text or in the description of a charge line."""
    if isinstance(value, list):
        return any(line.description and NUL in line.description for line in value)
    return isinstance(value, str) and NUL in value


def check_depth(text: str) -> None:
    if text.count("[") + text.count("{") > MAX_DEPTH and json_splitter.depth(text.encode()) > MAX_DEPTH:
        raise ValueError(NESTED)
