"""Query strings to frozen filters: the one filter language of pages, charts, exports and commands, read only here.

Lists hold their values as SignalWire sends them, None for `none` (links.py says how lists are written). Within a list
any value fits; lists of different parameters all have to fit. Days are report days, both ends included. Without a
period or dates a filter asks for the last 30 days, with an `id` for all days; `start` alone reaches until today.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qs

from django.conf import settings
from django.http import QueryDict

from dashboard import links, periods, reading
from dashboard.words import in_words
from logsync.days import day_of
from logsync.money import exact_dollars, plain

Value = TypeVar("Value")
Values = tuple[str | None, ...]
Given = Mapping[str, list[str]]

# Parameter -> field of Filter. The totals of days answer the first table; the second needs the logs themselves.
ROLLUP_LISTS = {name: name for name in ("project", "medium", "type", "direction", "status", "source")}
LOG_LISTS = {
    "number": "number",
    "from": "from_number",
    "to": "to_number",
    "room": "room",
    "id": "id",
    "description": "description",
}
LISTS = ROLLUP_LISTS | LOG_LISTS
RANGES = {
    "min_charge": "charge is at least",
    "max_charge": "charge is at most",
    "min_duration": "lasted at least",
    "max_duration": "lasted at most",
}
DELETED = {
    "include": "with deleted logs",
    "exclude": "without deleted logs",
    "only": "deleted logs only",
    "unseen": "deleted before they were ever read",
}
MEDIA = ("voice", "video")
GROUPS = ("project", "day", "month", "medium", "type", "direction", "status", "source")
COLUMNS = ("created_at", "charge", "duration", "type", "from", "to", "direction", "status")
SORTS = (*COLUMNS, *(f"-{column}" for column in COLUMNS))
SINGLES = ("period", "start", "end", *RANGES, "deleted", "sort", "page_size", "cursor")
PARAMETERS = frozenset({*LISTS, *SINGLES, "group_by"})
# How a page looks, which changes nothing about its figures: read by the page itself.
DISPLAY_PARAMETERS = frozenset({"theme", "density"})
PARTS = frozenset({"number", "from", "to", "room", "description"})

MAX_VALUES = 200
DEFAULT_SORT = "-created_at"
DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000


class FilterError(ValueError):
    """A query string that cannot be read: the parameter, and what is wrong with it in plain words."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}")
        self.parameter = parameter
        self.message = message


class Chip(NamedTuple):
    """One condition in words; `links.without(query, parameter, value)` removes it."""

    parameter: str
    value: str | None
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for. `start` is None only for the period of all days. Charges are dollars, durations seconds."""

    period: str | None
    start: date | None
    end: date
    project: Values = ()
    medium: Values = ()
    type: Values = ()
    direction: Values = ()
    status: Values = ()
    source: Values = ()
    number: Values = ()
    from_number: Values = ()
    to_number: Values = ()
    room: Values = ()
    id: Values = ()
    description: Values = ()
    min_charge: Decimal | None = None
    max_charge: Decimal | None = None
    min_duration: int | None = None
    max_duration: int | None = None
    deleted: str = "include"
    group_by: tuple[str, ...] = ()
    sort: str = DEFAULT_SORT
    page_size: int = DEFAULT_PAGE_SIZE
    cursor: str | None = None

    @property
    def span(self) -> periods.Span:
        return periods.Span(self.start, self.end)

    @property
    def from_rollup(self) -> bool:
        """Whether the totals of days can answer it; else the logs have to be counted."""
        return not any(getattr(self, field) for field in LOG_LISTS.values()) and all(
            getattr(self, name) is None for name in RANGES
        )

    def parameters(self) -> dict[str, Values | str]:
        """Every parameter that was set, by its name in the query string; without the position on the page."""
        given: dict[str, Values | str] = {"period": self.period} if self.period else self._dates()
        given |= {name: getattr(self, field) for name, field in LISTS.items() if getattr(self, field)}
        given |= {name: _text(getattr(self, name)) for name in RANGES if getattr(self, name) is not None}
        if self.deleted != "include":
            given["deleted"] = self.deleted
        if self.group_by:
            given["group_by"] = self.group_by
        if self.sort != DEFAULT_SORT:
            given["sort"] = self.sort
        if self.page_size != DEFAULT_PAGE_SIZE:
            given["page_size"] = str(self.page_size)
        return given

    def query(self) -> str:
        """The canonical query string: it reads back as this filter, except for the position on the page."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.parameters().items():
            texts = [value] if isinstance(value, str) else [links.written(name, one) for one in value]
            pairs += [(name, text) for text in texts]
        return links.joined(pairs)

    def chips(self) -> list[Chip]:
        """Each condition in words, without the period: ("direction", "inbound", "direction is inbound")."""
        chips = [
            Chip(name, value, _condition(name, value))
            for name, field in LISTS.items()
            for value in getattr(self, field)
        ]
        bounds = {name: getattr(self, name) for name in RANGES}
        chips += [Chip(name, _text(b), f"{RANGES[name]} {_bound(b)}") for name, b in bounds.items() if b is not None]
        if self.deleted != "include":
            chips.append(Chip("deleted", self.deleted, DELETED[self.deleted]))
        return chips

    def _dates(self) -> dict[str, Values | str]:
        return {"start": str(self.start), "end": str(self.end)}


def _condition(name: str, value: str | None) -> str:
    subject = "charge line" if name == "description" else name
    verb = "contains" if name in PARTS and value is not None else "is"
    return f"{subject} {verb} {in_words(name, value)}"


def _bound(bound: Decimal | int) -> str:
    return exact_dollars(bound) if isinstance(bound, Decimal) else f"{bound} s"


def parse_filter(query: QueryDict | str, now: datetime) -> Filter:
    """The filter that a query string stands for at the instant `now`. Raises FilterError naming the parameter."""
    given = _given(query)
    period, span = _span(given, day_of(now, settings.REPORT_TIME_ZONE))
    read = Filter(
        period=period,
        start=span.start,
        end=span.end,
        medium=_chosen(given, "medium", MEDIA),
        **{field: _list(given, name) for name, field in LISTS.items() if name != "medium"},
        min_charge=_single(given, "min_charge", reading.amount),
        max_charge=_single(given, "max_charge", reading.amount),
        min_duration=_single(given, "min_duration", reading.seconds),
        max_duration=_single(given, "max_duration", reading.seconds),
        deleted=_single(given, "deleted", reading.choice(DELETED)) or "include",
        group_by=_chosen(given, "group_by", GROUPS),
        sort=_single(given, "sort", reading.choice(SORTS)) or DEFAULT_SORT,
        page_size=_single(given, "page_size", reading.whole_number(1, MAX_PAGE_SIZE)) or DEFAULT_PAGE_SIZE,
        cursor=_single(given, "cursor", str),
    )
    _check_range("charge", read.min_charge, read.max_charge)
    _check_range("duration", read.min_duration, read.max_duration)
    return read


def _given(query: QueryDict | str) -> Given:
    """The texts of each parameter that has any: fields that a form left empty are not set."""
    lists = parse_qs(query.removeprefix("?"), keep_blank_values=True) if isinstance(query, str) else dict(query.lists())
    for name in lists:
        if name not in PARAMETERS and name not in DISPLAY_PARAMETERS:
            raise FilterError(name, f"There is no filter called “{name}”.")
    for name, texts in lists.items():
        _read(name, "".join(texts), reading.storable)
    given = {name: [text for text in texts if text.strip()] for name, texts in lists.items()}
    return {name: texts for name, texts in given.items() if texts}


def _read(name: str, text: str, read: Callable[[str], Value]) -> Value:
    try:
        return read(text)
    except ValueError as error:
        raise FilterError(name, str(error)) from None


def _single(given: Given, name: str, read: Callable[[str], Value]) -> Value | None:
    texts = {text.strip() for text in given.get(name, [])}
    if len(texts) > 1:
        raise FilterError(name, "It can have one value only.")
    return _read(name, texts.pop(), read) if texts else None


def _list(given: Given, name: str) -> Values:
    """Each value once, in the order given."""
    found = dict.fromkeys(value for text in given.get(name, []) for value in links.values(name, text))
    if len(found) > MAX_VALUES:
        raise FilterError(name, f"It has more than {MAX_VALUES} values.")
    return tuple(found)


def _chosen(given: Given, name: str, names: Collection[str]) -> tuple[str, ...]:
    """A list of which every value has to be one of these names."""
    return tuple(_read(name, value or links.NONE, reading.choice(names)) for value in _list(given, name))


def _span(given: Given, today: date) -> tuple[str | None, periods.Span]:
    start, end = _single(given, "start", reading.day), _single(given, "end", reading.day)
    period = _single(given, "period", reading.choice(periods.PERIODS))
    if start is None and end is None:
        period = period or (periods.ALL if "id" in given else periods.DEFAULT_PERIOD)
        return period, periods.span_of(period, today)
    if period is not None:
        raise FilterError("period", "Give either a period or a start and an end, not both.")
    if start is None:
        raise FilterError("start", "An end needs a start.")
    if end is not None and end < start:
        raise FilterError("end", f"{end} lies before the start, {start}.")
    return None, periods.Span(start, end or max(start, today))


def _check_range(name: str, least: Decimal | int | None, most: Decimal | int | None) -> None:
    if least is not None and most is not None and most < least:
        raise FilterError(f"max_{name}", f"{_text(most)} is less than min_{name}, {_text(least)}.")


def _text(bound: Decimal | int) -> str:
    return plain(bound) if isinstance(bound, Decimal) else str(bound)
