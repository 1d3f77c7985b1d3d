"""JSON of SignalWire to records: exact decimals, aware times, nothing invented. No Django.

One tolerant shape reads every type of log of both media, because they differ only in which keys are there. Keys it
does not know are left in `raw`. What the database could not hold is refused here, so that one row never breaks a page.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Annotated

import msgspec

from logsync import salvage
from logsync.exceptions import RowError
from logsync.money import InexactMoneyError, exact_sum, with_nine_decimals
from logsync.reasons import reason_of
from logsync.records import BadRow, ChargeLine, LogPage, LogRecord, RawPage

# A PostgreSQL index entry holds 2,704 bytes, and a character takes up to four: DailyCharge indexes four words at once.
MAX_ID_LENGTH = 255
MAX_WORD_LENGTH = 100
# Deeper rows could not be read back: Python's own JSON reader gives up at about 1,000.
MAX_DEPTH = 500
# Each is far beyond any call, and so small that the sums of days and of years fit into 64 bits: one absurd row must not
# take the totals of its whole day away.
MAX_DOLLARS = 10_000_000
MAX_SECONDS = 100_000_000
# Report days next to the ends of the calendar cannot be computed.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
DATE_LENGTH = len("2026-01-31")
ONE_SECOND = timedelta(seconds=1)
NESTED = "the row's lists and objects are nested too deeply"
LINE_FEED = "\n"
NUL = "\x00"
ESCAPED_NUL = b"\\u0000"

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_LENGTH)]
Word = Annotated[str, msgspec.Meta(max_length=MAX_WORD_LENGTH)]
Seconds = Annotated[int, msgspec.Meta(ge=-MAX_SECONDS, le=MAX_SECONDS)]
Millis = Annotated[int, msgspec.Meta(ge=-MAX_SECONDS * 1000, le=MAX_SECONDS * 1000)]


class WireLog(msgspec.Struct, gc=False, rename={"log_type": "type", "from_number": "from", "to_number": "to"}):
    """A log of any type as SignalWire sends it. Times are read later: not all of RFC 3339 is what comes."""

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


class WireKey(msgspec.Struct, gc=False):
    """As much of a log as it takes to look it up."""

    id: Id


_decode = msgspec.json.Decoder(WireLog).decode
_decode_key = msgspec.json.Decoder(WireKey).decode
# The fingerprints of the stored versions of these ids, by id.
Stored = Callable[[list[str]], dict[str, int]]
Raw = bytes | msgspec.Raw


def parse_page(page: RawPage, stored: Stored | None = None) -> LogPage:
    """The logs of one answer; those that cannot be read become `bad_rows`. Raises nothing but what `stored` raises.

    With `stored`, rows whose bytes are stored already are not read any further.
    """
    records: list[LogRecord] = []
    bad_rows: list[BadRow] = []
    # One search for all rows, and a very quick one for the usual answer without any escape.
    may_hold_nul = b"\\" in page.body and ESCAPED_NUL in page.body
    rows, unchanged, known = _set_apart(page.rows, stored) if stored else (page.rows, (), None)
    for raw in rows:
        try:
            records.append(_record(raw, may_hold_nul=may_hold_nul))
        except RowError as error:
            bad_rows.append(_bad_row(bytes(raw), error))
    return LogPage(tuple(records), tuple(bad_rows), page.sent_at, unchanged, known)


def _set_apart(rows: Sequence[Raw], stored: Stored) -> tuple[Sequence[Raw], tuple[str, ...], dict[str, int]]:
    """The rows to read, the ids of the others, and what is stored of those to read."""
    ids = [_key(raw) for raw in rows]
    known = stored([log_id for log_id in ids if log_id])
    if len(set(ids)) < len(ids):  # which of two versions counts is not to be seen from here
        return rows, (), known
    to_read: list[Raw] = []
    unchanged: list[str] = []
    for log_id, raw in zip(ids, rows, strict=True):
        if log_id in known and known[log_id] == fingerprint(raw):
            unchanged.append(log_id)
            del known[log_id]
        else:
            to_read.append(raw)
    return to_read, tuple(unchanged), known


def _key(raw: Raw) -> str:
    """The id of a row; '' where it cannot be read so quickly."""
    try:
        return _storable(_decode_key(raw).id)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def parse_log(raw: bytes) -> LogRecord:
    """One log. Raises RowError, which names the field and the kind of its value but never the value itself."""
    return _record(raw, may_hold_nul=True)


def fingerprint(raw: Raw) -> int:
    """64 bits, signed, of a hash of a row's bytes: equal means that nothing changed."""
    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "big", signed=True)


def _record(raw: Raw, *, may_hold_nul: bool) -> LogRecord:
    text, log = _read(raw)
    try:
        record = _as_record(log, text, fingerprint(raw))
        if may_hold_nul:
            _refuse_nul(log)
        if len(text) > 2 * MAX_DEPTH:
            _refuse_depth(text)
    except ValueError as error:
        raise RowError(str(error), _storable(log.id)) from None
    return record


def _read(raw: Raw) -> tuple[str, WireLog]:
    try:
        return str(raw, "utf-8"), _decode(raw)
    except msgspec.ValidationError as error:
        reason = reason_of(str(error))
    except msgspec.DecodeError:
        reason = "the row is not valid JSON"
    except UnicodeDecodeError:
        reason = "the row holds bytes that are not UTF-8"
    except RecursionError:
        reason = NESTED
    raise RowError(reason, _id_of(bytes(raw)))


def _as_record(log: WireLog, text: str, known_by: int) -> LogRecord:
    created_at = _instant("created_at", log.created_at)
    started_at = None if log.started_at is None else _instant("started_at", log.started_at)
    ended_at = None if log.ended_at is None else _instant("ended_at", log.ended_at)
    discarded_at = None if log.discarded_at is None else _instant("discarded_at", log.discarded_at)
    lines = log.charge_details
    if log.charge is not None:
        _refuse_unpayable(log.charge)
    # By position and in LogRecord's order: by name takes five times as long.
    return LogRecord(
        log.id,
        created_at,
        text,
        known_by,
        _is_tombstone(log),
        log.log_type,
        log.source,
        log.direction,
        log.status,
        log.from_number,
        log.to_number,
        log.room_name,
        log.url,
        log.parent_id,
        log.locked,
        log.charge,
        None if lines is None else _itemised(lines, log.charge),
        None if lines is None else _descriptions(lines),
        log.duration,
        log.duration_ms,
        log.billing_ms,
        _seconds(log, started_at, ended_at),
        started_at,
        ended_at,
        discarded_at,
    )


def _instant(field: str, text: str) -> datetime:
    """A time in UTC; one without a zone is taken as UTC. Raises ValueError."""
    try:
        # A date alone names no instant.
        instant = datetime.fromisoformat(text if len(text) > DATE_LENGTH else "")
        if instant.tzinfo is not UTC:
            instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{field} is not a time") from None
    if not EARLIEST <= instant < LATEST:
        raise ValueError(f"{field} lies outside the years {EARLIEST.year} to {LATEST.year - 1}")
    return instant


def _is_tombstone(log: WireLog) -> bool:
    """Deleted, and its charge forgotten: such a row must never empty the one that is stored."""
    return log.discarded_at is not None and log.charge is None and log.charge_details is None


def _refuse_unpayable(charge: Decimal) -> None:
    try:
        exact = with_nine_decimals(charge)
    except InexactMoneyError as error:
        raise ValueError(f"charge: {error}") from None
    if not -MAX_DOLLARS <= exact <= MAX_DOLLARS:
        raise ValueError(f"charge: more than {MAX_DOLLARS:,} dollars, which no single log can cost")


def _itemised(lines: list[ChargeLine], charge: Decimal | None) -> Decimal:
    """The sum of the lines that have a charge: nothing for no lines."""
    try:
        if charge is not None and len(lines) == 1 and lines[0].charge == charge:
            return charge  # as with most logs, and checked already
        return exact_sum([line.charge for line in lines if line.charge is not None])
    except InexactMoneyError as error:
        raise ValueError(f"charge_details: {error}") from None
    except InvalidOperation:  # of comparing with a signalling NaN
        raise ValueError("charge_details: not an amount of money") from None


def _descriptions(lines: list[ChargeLine]) -> str | None:
    """Each text between line feeds: "\nTax\nOutbound Voice\n"."""
    texts = [line.description for line in lines if line.description]
    return f"{LINE_FEED}{LINE_FEED.join(texts)}{LINE_FEED}" if texts else None


def _seconds(log: WireLog, started_at: datetime | None, ended_at: datetime | None) -> int | None:
    if log.duration is not None:
        return log.duration
    if log.duration_ms is not None:
        return log.duration_ms // 1000
    if started_at is None or ended_at is None or ended_at < started_at:
        return None
    return (ended_at - started_at) // ONE_SECOND


def _refuse_nul(log: WireLog) -> None:
    """PostgreSQL keeps no NUL in a text."""
    values = zip(log.__struct_encode_fields__, msgspec.structs.astuple(log), strict=True)
    texts = [(name, value) for name, value in values if isinstance(value, str)]
    texts += [("charge_details", line.description) for line in log.charge_details or () if line.description]
    for name, text in texts:
        if NUL in text:
            raise ValueError(f"{name} holds a NUL character")


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") > MAX_DEPTH and salvage.depth(text.encode()) > MAX_DEPTH:
        raise ValueError(NESTED)


def _bad_row(raw: bytes, error: RowError) -> BadRow:
    text = raw.decode(errors="backslashreplace").replace(NUL, "\\x00")
    return BadRow(text, fingerprint(raw), str(error), error.log_id)


def _id_of(raw: bytes) -> str:
    """The id of a row that cannot be read as a whole, so that it is found again once it can; else ''."""
    try:
        log_id = msgspec.json.decode(salvage.members(raw).get("id", b""), type=Id)
    except (salvage.BrokenOffError, msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return _storable(log_id)


def _storable(log_id: str) -> str:
    return "" if NUL in log_id else log_id
