"""The values that the client, the parser and the database exchange.

msgspec Structs are created five times faster than dataclasses, and a page has a thousand. With `gc=False` the garbage
collector skips those that cannot form cycles.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec


class ChargeLine(msgspec.Struct, frozen=True, gc=False):
    """One entry of `charge_details`, as sent; in dollars."""

    description: str | None = None
    charge: Decimal | None = None


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One parsed log: SignalWire's fields, None where null or absent. `raw` is the row's JSON as received.

    `unread_fields`: the names of fields that came but could not be read, with commas between them; they are None here.
    `is_tombstone`: a deleted log without a charge; SignalWire keeps only its id, created_at and discarded_at.
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
    unread_fields: str | None = None


class BadRow(msgspec.Struct, frozen=True):
    """A row that is set aside, with what could be read of it."""

    raw: str
    fingerprint: int
    reason: str
    log_id: str = ""
    created_at: datetime | None = None
    charge: Decimal | None = None


class RawPage(msgspec.Struct, frozen=True):
    """One page of a list: `body` is the whole response, `rows` the unparsed JSON of each log in it.

    `sent_at` is when the request was sent.
    """

    body: bytes
    rows: Sequence[bytes | msgspec.Raw]
    sent_at: datetime


class RawLog(msgspec.Struct, frozen=True):
    """The response for one log read by id. `sent_at` is when the request was sent."""

    body: bytes
    sent_at: datetime


class LogEvent(msgspec.Struct, frozen=True):
    """One event of a call, as sent; `details` is its JSON."""

    event_at: str | None = None
    level: str | None = None
    name: str | None = None
    details: msgspec.Raw = msgspec.Raw(b"null")


class LogPage(msgspec.Struct, frozen=True):
    """The parsed rows of one page. `read_at` is when the request was sent.

    `unchanged`: the ids of rows that were not parsed because the same bytes are stored already. `stored`: the
    fingerprints of the stored versions of the other rows, by id; None when they were not looked up.
    `listed_on`: the UTC date that was asked for; None in a list of any date.
    """

    records: tuple[LogRecord, ...]
    bad_rows: tuple[BadRow, ...]
    read_at: datetime
    unchanged: tuple[str, ...] = ()
    stored: Mapping[str, int] | None = None
    listed_on: date | None = None


class StoreResult(msgspec.Struct, frozen=True):
    """What storing a page changed: the report days to rebuild, and counts of rows."""

    days: frozenset[date]
    rows: int
    new: int
    changed: int
    quarantined: int
