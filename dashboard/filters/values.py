"""Converters from texts of a query string to values. Each raises ValueError with what to write instead. No Django."""

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from decimal import Decimal

from logsync.money import InexactMoneyError, to_nano
from logsync.parsing.phone_numbers import folded
from logsync.text import whole_number

# Those that logs can have, so that every day of a log has an address.
FIRST_YEAR, LAST_YEAR = 1970, 2999
MAX_SECONDS = 10**10
# In characters. No id, type, status, source or name is longer; of a longer text, a part finds it.
MAX_LENGTH = 255


def day(text: str) -> date:
    """A date in the form 2026-11-20 only."""
    try:
        parsed = date(*map(int, text.split("-"))) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        parsed = None
    if parsed is None:
        raise ValueError(f"“{text}” is not a date. Write it as 2026-11-20.")
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise ValueError(f"“{text}” is outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return parsed


def instant(text: str) -> datetime:
    """A time with its zone, in UTC."""
    at = datetime.fromisoformat(text)
    # Beyond these years, a step or another zone may lead out of the calendar.
    if at.tzinfo is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"“{text}” is not a time with a zone in the years {FIRST_YEAR} to {LAST_YEAR}.")
    return at.astimezone(UTC)


def amount(text: str) -> Decimal:
    """Exact dollars."""
    if not re.fullmatch(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)", text):
        raise ValueError(
            f"“{text}” is not an amount. Write dollars such as 0.05, without a currency sign or separators."
        )
    dollars = Decimal(text)
    try:
        to_nano(dollars)
    except InexactMoneyError as error:
        raise ValueError(f"{error}.") from None
    return dollars


seconds = whole_number(0, MAX_SECONDS)


def choice(names: Collection[str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in names:
            raise ValueError(f"“{text}” is not one of {', '.join(names)}.")
        return text

    return convert


def storable(text: str) -> str:
    """Text that both databases can compare with."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("It contains a character that cannot be searched for. Remove it.")
    return text


def bounded(text: str) -> str:
    """The message never repeats the text."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"A value has {len(text):,} characters, and may have at most {MAX_LENGTH}. Shorten it.")
    return text


def searchable(text: str) -> str:
    """Text with something to search for: without it, every log would match."""
    if not folded(bounded(text)):
        raise ValueError("A value has only characters that cannot be seen. Write what to search for.")
    return text


class FilterError(ValueError):
    """An invalid query string: the parameter, and what is wrong with it in plain words."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}")
        self.parameter = parameter
        self.message = message
