"""Reads a row that cannot be read at once, one field after the other. Slow, and seldom needed.

What belongs to no total (a duration, a number, a status …) may be unreadable: it is None and named in `unread_fields`.
Without a readable id, time and charge the row is set aside.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from logsync.exceptions import RowError
from logsync.parsing import json_splitter
from logsync.parsing.messages import reason_for
from logsync.parsing.records import ChargeLine, LogRecord
from logsync.parsing.wire import (
    MAX_ID_LENGTH,
    NESTED,
    WireLog,
    check_charge,
    check_depth,
    holds_nul,
    instant_of,
    itemised_charge,
    record_of,
)

ESSENTIAL = ("id", "created_at", "charge")
# Texts that some senders write as numbers.
SOMETIMES_NUMBERS = ("id", "parent_id", "from", "to")
Fields = Mapping[str, bytes | msgspec.Raw]

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_WIRE_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(WireLog)}
_DECODERS: dict[str, Callable[[bytes | msgspec.Raw], Any]] = {
    name: msgspec.json.Decoder(field.type).decode for name, field in _WIRE_FIELDS.items()
}


def read(raw: bytes, text_hash: int) -> LogRecord:
    """The record of a row. Raises RowError, which names the field and the type of its value, never the value."""
    fields = _fields_of(raw)
    values, problems = _values(fields)
    problem = next((problems[name] for name in ESSENTIAL if name in problems), "")
    if not problem and "discarded_at" in problems and values.get("charge") is None:
        # Stored as a log without a charge, the row of a deleted log would wipe out the charge that was read before.
        problem = problems["discarded_at"]
    try:
        check_depth(raw.decode())
    except ValueError as error:
        problem = problem or str(error)
    if problem:
        raise _set_aside(problem, values)
    log = WireLog(**{_WIRE_FIELDS[name].name: value for name, value in values.items()})
    return record_of(log, raw.decode(), text_hash, ",".join(problems) or None)


def _fields_of(raw: bytes) -> Fields:
    """The values of the row by key, undecoded. Raises RowError for a row that is no JSON object."""
    try:
        raw.decode()
        return _decode_fields(raw)
    except msgspec.ValidationError as error:
        reason = reason_for(str(error))
    except msgspec.DecodeError:
        if _is_json_object(raw):  # with half of a character ("\\ud83d"), which msgspec rejects
            return json_splitter.members(raw)
        reason = "the row is not valid JSON"
    except UnicodeDecodeError:
        reason = "the row holds bytes that are not UTF-8"
    except RecursionError:
        reason = NESTED
    fields: dict[str, bytes] = {}
    with suppress(json_splitter.TruncatedJSONError):
        fields = json_splitter.members(raw)
    raise _set_aside(reason, _values({name: fields[name] for name in ESSENTIAL if name in fields})[0])


def _is_json_object(raw: bytes) -> bool:
    def reject(constant: str) -> None:  # NaN and Infinity
        raise ValueError(constant)

    with suppress(ValueError, RecursionError):
        # As text: reading a number of a million digits takes long.
        return isinstance(json.loads(raw, parse_int=str, parse_float=str, parse_constant=reject), dict)
    return False


def _values(fields: Fields) -> tuple[dict[str, Any], dict[str, str]]:
    """The readable values of the known fields, and why the others could not be read, both by name."""
    values: dict[str, Any] = {}
    problems = {name: f"{name} is missing" for name in ("id", "created_at") if name not in fields}
    for name in _WIRE_FIELDS:
        if name in fields:
            try:
                values[name] = _value(name, fields[name])
            except ValueError as error:
                problems[name] = str(error)
    return values, problems


def _value(name: str, raw: bytes | msgspec.Raw) -> Any:
    """Raises ValueError with the reason."""
    if name in SOMETIMES_NUMBERS and (digits := _whole_number(raw)):
        return digits
    try:
        value = _DECODERS[name](raw)
    except msgspec.ValidationError as error:
        raise ValueError(reason_for(str(error), name)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError(f"{name} is not valid JSON") from None
    _check(name, value)
    return value


def _whole_number(raw: bytes | msgspec.Raw) -> str:
    """The digits of a text that came as a whole number; '' for anything else."""
    text = bytes(raw).decode(errors="replace")
    return text if text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= MAX_ID_LENGTH else ""


def _check(name: str, value: str | int | Decimal | list[ChargeLine] | None) -> None:
    """Raises ValueError for a value that the database cannot hold."""
    if holds_nul(value):
        raise ValueError(f"{name} holds a NUL character")
    if name.endswith("_at") and isinstance(value, str):
        instant_of(name, value)
    if isinstance(value, Decimal):
        check_charge(value)
    if isinstance(value, list):
        itemised_charge(value, None)


def _set_aside(reason: str, values: Mapping[str, Any]) -> RowError:
    created_at: datetime | None = None
    if text := values.get("created_at"):
        created_at = instant_of("created_at", text)
    return RowError(reason, values.get("id", ""), created_at, values.get("charge"))
