"""Parses SignalWire's JSON into records: exact decimals, aware times, no invented values.

A good row is read at once. Any other is read field by field, which is slow: see `field_by_field`.
"""

from collections.abc import Callable, Sequence
from datetime import date
from hashlib import blake2b

import msgspec

from logsync.exceptions import RowError
from logsync.parsing import field_by_field
from logsync.parsing.records import BadRow, LogPage, LogRecord, RawPage
from logsync.parsing.wire import MAX_DEPTH, NUL, Id, WireLog, check_depth, check_nul, record_of

ESCAPED_NUL = b"\\u0000"


class WireKey(msgspec.Struct, gc=False):
    """Just the id of a log, to look it up."""

    id: Id | int


_decode = msgspec.json.Decoder(WireLog).decode
_decode_key = msgspec.json.Decoder(WireKey).decode
# Maps ids to the fingerprints of their stored versions.
StoredFingerprints = Callable[[list[str]], dict[str, int]]
Raw = bytes | msgspec.Raw


def parse_page(page: RawPage, stored: StoredFingerprints | None = None, listed_on: date | None = None) -> LogPage:
    """The logs of one page; rows that cannot be read become `bad_rows`. Raises only what `stored` raises.

    With `stored`, rows whose bytes are stored already are not parsed. `listed_on` is the date asked for.
    """
    records: list[LogRecord] = []
    bad_rows: list[BadRow] = []
    # One search for the whole page, and a very fast one for the usual page without any escape.
    may_hold_nul = b"\\" in page.body and ESCAPED_NUL in page.body
    rows, unchanged, fingerprints = _split_unchanged(page.rows, stored) if stored else (page.rows, (), None)
    for raw in rows:
        try:
            records.append(_parse_row(raw, may_hold_nul=may_hold_nul))
        except RowError as error:
            bad_rows.append(_bad_row(bytes(raw), error))
    return LogPage(tuple(records), tuple(bad_rows), page.sent_at, unchanged, fingerprints, listed_on)


def _split_unchanged(
    rows: Sequence[Raw], stored: StoredFingerprints
) -> tuple[Sequence[Raw], tuple[str, ...], dict[str, int]]:
    """The rows to parse, the ids of the unchanged ones, and the stored fingerprints of the rows to parse."""
    ids = [_quick_id(raw) for raw in rows]
    fingerprints = stored([log_id for log_id in ids if log_id])
    if len(set(ids)) < len(ids):  # two versions of a log must be compared with each other first
        return rows, (), fingerprints
    to_parse: list[Raw] = []
    unchanged: list[str] = []
    for log_id, raw in zip(ids, rows, strict=True):
        if log_id in fingerprints and fingerprints[log_id] == fingerprint(raw):
            unchanged.append(log_id)
            del fingerprints[log_id]
        else:
            to_parse.append(raw)
    return to_parse, tuple(unchanged), fingerprints


def _quick_id(raw: Raw) -> str:
    """The id of a row; '' when the fast decoder cannot read it."""
    try:
        log_id = str(_decode_key(raw).id)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return "" if NUL in log_id else log_id


def parse_log(raw: bytes) -> LogRecord:
    """One log. Raises RowError, which names the field and the type of its value, never the value."""
    return _parse_row(raw, may_hold_nul=True)


def fingerprint(raw: Raw) -> int:
    """A signed 64-bit hash of the row's bytes: equal means unchanged."""
    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "big", signed=True)


def _parse_row(raw: Raw, *, may_hold_nul: bool) -> LogRecord:
    text_hash = fingerprint(raw)
    try:
        text, log = str(raw, "utf-8"), _decode(raw)
        record = record_of(log, text, text_hash)
        if may_hold_nul:
            check_nul(log)
        if len(text) > 2 * MAX_DEPTH:
            check_depth(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return field_by_field.read(bytes(raw), text_hash)
    return record


def _bad_row(raw: bytes, error: RowError) -> BadRow:
    text = raw.decode(errors="backslashreplace").replace(NUL, "\\x00")
    return BadRow(text, fingerprint(raw), str(error), error.log_id, error.created_at, error.charge)
