"""Texts of a query string to values. Each function raises ValueError with what to write instead. No Django."""

import re
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal

from logsync.money import InexactMoneyError, to_nano

FIRST_YEAR, LAST_YEAR = 2000, 2100
MAX_SECONDS = 10**10


def day(text: str) -> date:
    """A date such as 2026-11-20; no other way to write one."""
    try:
        read = date(*map(int, text.split("-"))) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        read = None
    if read is None:
        raise ValueError(f"“{text}” is not a date. Write it as 2026-11-20.")
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise ValueError(f"“{text}” lies outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return read


def amount(text: str) -> Decimal:
    """Exact dollars."""
    if not re.fullmatch(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)", text):
        raise ValueError(f"“{text}” is not an amount. Write dollars such as 0.05, without signs or separators.")
    read = Decimal(text)
    try:
        to_nano(read)
    except InexactMoneyError as error:
        raise ValueError(f"{error}.") from None
    return read


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # The length first: a number of a million digits takes its time.
        if not re.fullmatch(r"[0-9]{1,12}", text) or not least <= int(text) <= most:
            raise ValueError(f"“{text}” is not a whole number from {least} to {most}.")
        return int(text)

    return read


seconds = whole_number(0, MAX_SECONDS)


def choice(names: Collection[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError(f"“{text}” is not one of {', '.join(names)}.")
        return text

    return read


def storable(text: str) -> str:
    """Text that either database can hold, so that comparing with it is not an error."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("It has characters that no log has.")
    return text
