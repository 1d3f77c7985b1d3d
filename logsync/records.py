"""Plain values between the client, the parser and the database. No Django.

They are frozen msgspec Structs rather than dataclasses where a thousand are made per page: five times faster to make.
Those that hold nothing but scalars spare the garbage collector the look at them (`gc=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec


class ChargeLine(msgspec.Struct, frozen=True, gc=False):
    """One entry of `charge_details`, as sent; dollars."""

    description: str | None = None
    charge: Decimal | None = None


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One log as read: SignalWire's fields, None where null or absent; `raw` is the row's JSON as received.

    `is_tombstone`: a deleted log without any charge; SignalWire keeps only its id, created_at and discarded_at.
    Money in dollars, `duration` and `seconds` in seconds, `*_ms` in milliseconds, instants in UTC.
    """

    id: str
    created_at: datetime
    raw: str
    fingerprint: int
    is_tombstone: bool = False
    log_type: str | None = None
    source: str | None = None
    direction: str | None = None
    status: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    room_name: str | None = None
    url: str | None = None
    parent_id: str | None = None
    locked: bool | None = None
    charge: Decimal | None = None
    itemised: Decimal | None = None
    descriptions: str | None = None
    duration: int | None = None
    duration_ms: int | None = None
    billing_ms: int | None = None
    seconds: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    discarded_at: datetime | None = None


class BadRow(msgspec.Struct, frozen=True):
    """A row that could not be read, for quarantine."""

    raw: str
    fingerprint: int
    reason: str
    log_id: str = ""


class RawPage(msgspec.Struct, frozen=True):
    """One answer of a list, not read further than where its rows begin and end.

    `body` is the whole answer, `rows` the JSON of each log in it, `sent_at` when the request was sent.
    """

    body: bytes
    rows: Sequence[bytes | msgspec.Raw]
    sent_at: datetime


class RawLog(msgspec.Struct, frozen=True):
    """The answer to one log asked for by id. `sent_at` is when the request was sent."""

    body: bytes
    sent_at: datetime


class LogEvent(msgspec.Struct, frozen=True):
    """One event of a call, as sent; `details` is its JSON."""

    event_at: str | None = None
    level: str | None = None
    name: str | None = None
    details: msgspec.Raw = msgspec.Raw(b"null")


class LogPage(msgspec.Struct, frozen=True):
    """The rows of one answer. `read_at` is when its request was sent.

    `unchanged` are the ids of rows that were not read, as the same bytes are stored already. `stored` are the
    fingerprints of the stored versions of all others, by id; None where nobody has looked.
    """

    records: tuple[LogRecord, ...]
    bad_rows: tuple[BadRow, ...]
    read_at: datetime
    unchanged: tuple[str, ...] = ()
    stored: Mapping[str, int] | None = None


class Touched(msgspec.Struct, frozen=True):
    """What storing a page changed: report days to total again, and counts of rows."""

    days: frozenset[date]
    rows: int
    new: int
    changed: int
    quarantined: int
