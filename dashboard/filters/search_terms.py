"""What a value of a text parameter asks for: a number in any spelling, a part of a text, exactly one text. No Django.

The databases compare the search keys that are stored with each distinct value, never the values themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.filters.values import MAX_LENGTH
from logsync.parsing.phone_numbers import NUMBER, SIP, UNKNOWN, WITHHELD, digits_of, folded, party_of

NUMBER_PARAMETERS = frozenset({"number", "from", "to"})
_QUOTE = '"'


class Test(NamedTuple):
    """A test of one search key: its field `key`, `kind` or `text`, and a lookup of the ORM that Python knows, too."""

    field: str
    lookup: str
    operand: str

    def holds(self, keys: Mapping[str, str]) -> bool:
        value = keys[self.field]
        if self.lookup == "exact":
            return value == self.operand
        return value.startswith(self.operand) if self.lookup == "startswith" else self.operand in value


@dataclass(frozen=True, slots=True)
class Term:
    """One value asked for: found where any test holds, where the raw value is `exact`, or where there is none.

    `verb` tells people how it is compared. `absent_caller`: an absent value counts where a call has no number.
    """

    verb: str
    tests: tuple[Test, ...] = ()
    exact: str | None = None
    absent: bool = False
    absent_caller: bool = False


ABSENT = Term("is", absent=True)


def term_of(parameter: str, value: str | None) -> Term:
    if value is None:
        return ABSENT
    return number_term(value) if parameter in NUMBER_PARAMETERS else text_term(value)


def number_term(value: str) -> Term:
    """A value of `number`, `from` or `to`."""
    if is_quoted(value):
        return Term("is exactly", exact=value[1:-1])
    text, party = folded(value), party_of(value)
    if text == WITHHELD:
        return Term("is", (Test("kind", "exact", WITHHELD), Test("kind", "exact", UNKNOWN)), absent_caller=True)
    if party.kind == NUMBER:
        return Term("is", (Test("key", "exact", party.key),))
    if digits := digits_of(value):
        return Term("contains", (*_digits(value, digits), *_containing(value)))
    # The whole address of somebody is found in all its spellings, too.
    whole = (Test("key", "exact", party.key),) if party.kind == SIP else ()
    return Term("contains", (*whole, *_containing(value)))


def text_term(value: str) -> Term:
    """A value of `room` or `description`."""
    return Term("contains", (Test("text", "contains", folded(value)),))


def keys_of(value: str) -> dict[str, str]:
    """The search keys of a whole value, as they are stored for short ones."""
    party = party_of(value)
    return {"key": party.key, "kind": party.kind, "text": folded(value)}


def is_quoted(value: str) -> bool:
    return len(value) >= len(_QUOTE * 2) and value.startswith(_QUOTE) and value.endswith(_QUOTE)


def quoted(value: str) -> str:
    """The value that finds exactly this raw text."""
    return f"{_QUOTE}{value}{_QUOTE}"


def finding(raw: str) -> str:
    """The value that finds all logs of the party that SignalWire names so.

    A phone number in all its spellings; any other with exactly this text, or with the part that a filter can hold.
    """
    party = party_of(raw)
    if party.kind in {WITHHELD, UNKNOWN}:
        return WITHHELD
    if party.kind == NUMBER:
        return party.key
    return quoted(raw) if len(quoted(raw)) <= MAX_LENGTH else folded(raw)[:MAX_LENGTH]


def _digits(value: str, digits: str) -> tuple[Test, ...]:
    """With a plus, the digits begin a number; else they are anywhere in it."""
    if folded(value).startswith("+"):
        return (Test("key", "startswith", f"+{digits}"),)
    return (Test("key", "contains", digits), Test("text", "contains", digits))


def _containing(value: str) -> tuple[Test, ...]:
    """A query string that does not escape the `+` of an address turns it into a space."""
    texts = dict.fromkeys([folded(value), folded(value.replace(" ", "+"))])
    return tuple(Test("text", "contains", text) for text in texts)
