"""Reads and checks the parameters of a list request, and turns dates into a range of instants."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from logsync.days import ONE_DAY
from logsync.simulator.api.errors import (
    ApiError,
    exceeds_history,
    invalid_parameter,
    not_a_datetime,
    page_token_is_invalid,
    page_token_required,
)
from logsync.simulator.api.pagination import Cursor, InvalidTokenError, read_token
from logsync.simulator.shapes import VIDEO
from logsync.simulator.times import FIRST_US, NEVER_US, to_us

DATE_PARAMETERS = ("created_before", "created_on", "created_after")
FILTERS = ("include_deleted", *DATE_PARAMETERS)
MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE = 1000, 50
BARE_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class DateRules:
    """Date behaviour that SignalWire does not document.

    `zone` is the timezone of a bare date. `inclusive`: created_before and created_after include the day they name.
    `limit` is the first day of the account's history.
    """

    zone: tzinfo = UTC
    inclusive: bool = False
    limit: date | None = None


@dataclass(frozen=True)
class Listing:
    """Rows from start_us up to, but not including, end_us."""

    start_us: int
    end_us: int
    include_deleted: bool
    page_number: int
    page_size: int
    cursor: Cursor | None
    filters: tuple[tuple[str, str], ...]  # as sent; every link repeats them


def read_listing(medium: str, query: dict[str, str], rules: DateRules) -> Listing:
    """Raises ApiError with SignalWire's 422."""
    page_number = _whole_number(query, "page_number", 0, 0, None)
    start_us, end_us = _window(medium, query, rules)
    return Listing(
        start_us=start_us,
        end_us=end_us,
        include_deleted=_boolean(query, "include_deleted"),
        page_number=page_number,
        page_size=_whole_number(query, "page_size", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE),
        cursor=_cursor(query, page_number),
        filters=tuple((name, query[name]) for name in FILTERS if name in query),
    )


def _cursor(query: dict[str, str], page_number: int) -> Cursor | None:
    token = query.get("page_token")
    if not token:
        if page_number:
            raise ApiError(page_token_required())
        return None
    try:
        return read_token(token)
    except InvalidTokenError as error:
        raise ApiError(page_token_is_invalid()) from error


def _whole_number(query: dict[str, str], name: str, default: int, least: int, most: int | None) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise ApiError(invalid_parameter(name, "is not a number"))
    if int(text) < least:
        raise ApiError(invalid_parameter(name, f"must be greater than or equal to {least}"))
    if most is not None and int(text) > most:
        raise ApiError(invalid_parameter(name, f"must be less than or equal to {most}"))
    return int(text)


def _boolean(query: dict[str, str], name: str) -> bool:
    text = query.get(name, "false").lower()
    if text not in BOOLEANS:
        raise ApiError(invalid_parameter(name, "must be true or false"))
    return BOOLEANS[text]


def _window(medium: str, query: dict[str, str], rules: DateRules) -> tuple[int, int]:
    """The range that satisfies all date parameters."""
    start_us, end_us = FIRST_US, NEVER_US
    for name in DATE_PARAMETERS:
        if name not in query:
            continue
        first_us, after_us = _span(medium, name, query[name], rules)
        if name == "created_before":
            end_us = min(end_us, after_us if rules.inclusive else first_us)
        elif name == "created_after":
            start_us = max(start_us, first_us if rules.inclusive else after_us)
        else:
            start_us, end_us = max(start_us, first_us), min(end_us, after_us)
    return start_us, end_us


def _span(medium: str, name: str, text: str, rules: DateRules) -> tuple[int, int]:
    """The instants a date covers. A datetime (video only) covers itself, but its whole day in `created_on`."""
    day, instant = _read_date(medium, name, text, rules)
    if rules.limit and day < rules.limit:
        raise ApiError(exceeds_history(name, rules.limit))
    if instant and name != "created_on":
        return to_us(instant), to_us(instant) + 1
    return _midnight(day, rules), _midnight(day + ONE_DAY, rules) if day < date.max else NEVER_US


def _read_date(medium: str, name: str, text: str, rules: DateRules) -> tuple[date, datetime | None]:
    try:
        if BARE_DATE.fullmatch(text):
            return date.fromisoformat(text), None
        if medium != VIDEO:
            raise ApiError(not_a_datetime(name))
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiError(not_a_datetime(name)) from error
    instant = instant if instant.tzinfo else instant.replace(tzinfo=rules.zone)
    return instant.astimezone(rules.zone).date(), instant


def _midnight(day: date, rules: DateRules) -> int:
    return to_us(datetime(day.year, day.month, day.day, tzinfo=rules.zone))
