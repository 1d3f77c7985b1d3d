"""The envelope of SignalWire's answers: the rows and links of a list, and the words of a refusal. No Django."""

from typing import Any, NamedTuple, TypeVar

import msgspec

from logsync import salvage
from logsync.exceptions import AnswerUnreadableError
from logsync.records import LogEvent

Value = TypeVar("Value")
ENVELOPE_KEYS = ("data", "links", "next")
Rows = list[msgspec.Raw] | list[bytes]


class NotJSONError(AnswerUnreadableError):
    """No whole JSON text: a page of a gateway, or an answer that was cut off. Another try may bring it."""

    def __init__(self) -> None:
        super().__init__("SignalWire answered with something other than whole JSON, such as a gateway's error page.")


class Links(msgspec.Struct, frozen=True):
    next: str | None = None


class ListAnswer(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw]
    links: Links | None = None


class EventsAnswer(msgspec.Struct, frozen=True):
    data: tuple[LogEvent, ...]


class Problem(msgspec.Struct, frozen=True):
    """One entry of the `errors` of a 422."""

    code: str | None = None
    message: str | None = None
    attribute: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    error: str | None = None
    errors: tuple[Problem, ...] = ()


class Listing(NamedTuple):
    """The JSON of each row, and the link to the next page as it stands; None when there is none."""

    rows: Rows
    next_link: str | None


_read_list = msgspec.json.Decoder(ListAnswer).decode
_read_events = msgspec.json.Decoder(EventsAnswer).decode


def read_listing(body: bytes) -> Listing:
    """The rows of a list, not looked into. Raises NotJSONError or AnswerUnreadableError."""
    try:
        answer = _read_list(body)
    except msgspec.ValidationError as error:
        raise _not_as_documented(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _salvaged_listing(body)
    if any(body.count(f'"{key}"'.encode()) > 1 for key in ENVELOPE_KEYS):  # quick, and rows hold no such keys
        _refuse_doubled_keys(body)
    return Listing(answer.data, answer.links.next if answer.links else None)


def read_log(body: bytes) -> bytes:
    """The answer itself, once it is certain to be one whole JSON object. Raises NotJSONError."""
    _members(body)
    return body


def read_events(body: bytes) -> tuple[LogEvent, ...]:
    try:
        return _read_events(body).data
    except msgspec.ValidationError as error:
        raise _not_as_documented(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotJSONError from None


def read_refusal(body: bytes) -> Refusal:
    """What an error answer says; empty when it is not of the documented shape."""
    try:
        return msgspec.json.decode(body, type=Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refusal()


def _salvaged_listing(body: bytes) -> Listing:
    """One row breaks the JSON of its page: take the page apart around it."""
    parts = _members(body)
    _refuse_doubled_keys(body)
    data = parts.get("data", b"")
    if not data.startswith(b"["):
        raise _not_as_documented("Expected `array` - at `$.data`")
    links = _part(parts.get("links", b"null"), Links | None)
    return Listing(salvage.elements(data), links.next if links else None)


def _refuse_doubled_keys(body: bytes) -> None:
    """Of two lists of rows, or of two links, a JSON reader sees the last alone: the rows of the other would be lost."""
    try:
        links = salvage.members(body).get("links", b"")
        found = salvage.keys(body) + (salvage.keys(links) if links.startswith(b"{") else [])
    except salvage.BrokenOffError:
        raise NotJSONError from None
    for key in ENVELOPE_KEYS:
        if found.count(key) > 1:
            raise _not_as_documented(f"`{key}` occurs twice")


def _members(body: bytes) -> dict[str, bytes]:
    try:
        return salvage.members(body)
    except salvage.BrokenOffError:
        raise NotJSONError from None


def _part(value: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_as_documented(error) from None


def _not_as_documented(error: object) -> AnswerUnreadableError:
    return AnswerUnreadableError(
        f"SignalWire's answer is not a list of logs as documented ({error})."
        " Nothing was skipped; Tollbook tries again later. Should it stay so, the API has changed."
    )
