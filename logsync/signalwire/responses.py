"""Parses SignalWire's responses: the rows and next link of a list, single logs, events and errors."""

from typing import NamedTuple

import msgspec

from logsync.exceptions import UnreadableResponseError
from logsync.parsing import json_splitter
from logsync.parsing.records import LogEvent

ENVELOPE_KEYS = ("data", "links", "next")
Rows = list[msgspec.Raw] | list[bytes]


class NotJSONError(UnreadableResponseError):
    """The body is not complete JSON: a gateway's error page, or a truncated response. A retry may succeed."""

    def __init__(self) -> None:
        super().__init__("SignalWire's response is not complete JSON. It may be a gateway's error page.")


class Links(msgspec.Struct, frozen=True):
    next: str | None = None


class ListBody(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw]
    links: Links | None = None


class EventsBody(msgspec.Struct, frozen=True):
    data: tuple[LogEvent, ...]


class ErrorDetail(msgspec.Struct, frozen=True):
    """One entry of the `errors` of a 422."""

    code: str | None = None
    message: str | None = None
    attribute: str | None = None


class ErrorBody(msgspec.Struct, frozen=True):
    error: str | None = None
    errors: tuple[ErrorDetail, ...] = ()


class ListPage(NamedTuple):
    """The JSON of each row, and the link to the next page as received, or None."""

    rows: Rows
    next_link: str | None


_decode_list = msgspec.json.Decoder(ListBody).decode
_decode_events = msgspec.json.Decoder(EventsBody).decode


def parse_list(body: bytes) -> ListPage:
    """The rows of a list, not parsed yet. Raises NotJSONError or UnreadableResponseError."""
    try:
        listing = _decode_list(body)
    except msgspec.ValidationError as error:
        raise _undocumented_shape(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _split_list(body)
    if any(body.count(f'"{key}"'.encode()) > 1 for key in ENVELOPE_KEYS):  # cheap, and rarely true
        _reject_duplicate_keys(body)
    return ListPage(listing.data, listing.links.next if listing.links else None)


def parse_log_body(body: bytes) -> bytes:
    """The body itself, after a check that it is one complete JSON object. Raises NotJSONError."""
    _members(body)
    return body


def parse_events(body: bytes) -> tuple[LogEvent, ...]:
    try:
        return _decode_events(body).data
    except msgspec.ValidationError as error:
        raise _undocumented_shape(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotJSONError from None


def parse_error(body: bytes) -> ErrorBody:
    """The parsed body of an error response; empty when it does not have the documented shape."""
    try:
        return msgspec.json.decode(body, type=ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorBody()


def _split_list(body: bytes) -> ListPage:
    """Split a page that is not valid JSON, so that one broken row does not lose the others."""
    members = _members(body)
    _reject_duplicate_keys(body)
    data = members.get("data", b"")
    if not data.startswith(b"["):
        raise _undocumented_shape("Expected `array` - at `$.data`")
    links = _decode_links(members.get("links", b"null"))
    try:
        return ListPage(json_splitter.elements(data), links.next if links else None)
    except json_splitter.TruncatedJSONError:
        raise NotJSONError from None


def _reject_duplicate_keys(body: bytes) -> None:
    """A JSON parser keeps only the last of two equal keys, so the rows of the first would be lost."""
    try:
        links = json_splitter.members(body).get("links", b"")
        keys = json_splitter.keys(body) + (json_splitter.keys(links) if links.startswith(b"{") else [])
    except json_splitter.TruncatedJSONError:
        raise NotJSONError from None
    for key in ENVELOPE_KEYS:
        if keys.count(key) > 1:
            raise _undocumented_shape(f"`{key}` occurs twice")


def _members(body: bytes) -> dict[str, bytes]:
    try:
        return json_splitter.members(body)
    except json_splitter.TruncatedJSONError:
        raise NotJSONError from None


def _decode_links(value: bytes) -> Links | None:
    try:
        return msgspec.json.decode(value, type=Links | None)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _undocumented_shape(error) from None


def _undocumented_shape(error: object) -> UnreadableResponseError:
    return UnreadableResponseError(
        f"SignalWire's response does not have the documented shape ({error})."
        " Nothing was skipped; Tollbook will retry later. If this persists, the API may have changed."
    )
