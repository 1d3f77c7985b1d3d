"""Parses query strings into frozen filters, for pages, charts, exports and commands alike.

Lists hold values as SignalWire sends them, and None for `none`; query_string.py describes how lists are written. A log
matches when, for every parameter, it has one of the listed values. Days are report days, both ends included. The
default period is the last 30 days, or all days if an `id` or `parent` is given; `start` without `end` reaches to today.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from urllib.parse import parse_qs

from django.conf import settings
from django.http import QueryDict

from dashboard.filters import periods, query_string, values
from dashboard.filters.labels import Chip, label
from dashboard.filters.search_terms import term_of
from dashboard.filters.values import FilterError
from logsync.days import day_of
from logsync.models.logs import TOTALS
from logsync.money import exact_dollars, plain
from logsync.text import shortened, whole_number

Value = TypeVar("Value")
Values = tuple[str | None, ...]
Parameters = Mapping[str, list[str]]

# Parameter -> field of Filter. The rollup can answer the first group; the second needs the logs themselves.
ROLLUP_LISTS = {name: name for name in ("project", "medium", "type", "direction", "status", "source")}
LOG_LISTS = {
    "number": "number",
    "from": "from_number",
    "to": "to_number",
    "room": "room",
    "id": "id",
    "parent": "parent",
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
    "unseen": "deleted at SignalWire before Tollbook read them",
}
MEDIA = ("voice", "video")
GROUPS = ("project", "day", "month", "medium", "type", "direction", "status", "source")
COLUMNS = ("created_at", "charge", "duration", "type", "from", "to", "direction", "status")
SORTS = (*COLUMNS, *(f"-{column}" for column in COLUMNS))
# The default of group_by, and the figures of a group that charges can be sorted by.
DEFAULT_GROUP_BY = ("day",)
FIGURES = tuple(TOTALS)
SINGLES = ("period", "start", "end", *RANGES, "deleted", "sort", "page_size", "cursor")
PARAMETERS = frozenset({*LISTS, *SINGLES, "group_by"})
# Change how a page looks, never its figures. Each page reads them itself.
DISPLAY_PARAMETERS = frozenset({"theme", "density"})
# Name single logs, which may be of any day.
EXACT_IDS = frozenset({"id", "parent"})
# Parameters that search in texts; the others compare whole values.
SEARCHES = frozenset({"number", "from", "to", "room", "description"})

MAX_VALUES = 200
MAX_NAME_SHOWN = 100
DEFAULT_SORT = "-created_at"
DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The conditions of a query. `start` is None only for all days. Charges are dollars, durations seconds.

    `open_ended`: logs that are dated after `end` belong to it, too. That is so for all days.
    """

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
    parent: Values = ()
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
    open_ended: bool = False

    @property
    def last(self) -> date:
        """The last day that its logs can have."""
        return date.max if self.open_ended else self.end

    @property
    def span(self) -> periods.Span:
        return periods.Span(self.start, self.end)

    @property
    def from_rollup(self) -> bool:
        """Whether the rollup can answer it; else the logs themselves must be counted."""
        return not any(getattr(self, field) for field in LOG_LISTS.values()) and all(
            getattr(self, name) is None for name in RANGES
        )

    def parameters(self) -> dict[str, Values | str]:
        """The days, and every other parameter that differs from its default, except the cursor."""
        parameters: dict[str, Values | str] = {"start": str(self.start), "end": str(self.end)}
        if self.period:
            parameters = {"period": self.period}
        parameters |= {name: getattr(self, field) for name, field in LISTS.items() if getattr(self, field)}
        parameters |= {name: _text(getattr(self, name)) for name in RANGES if getattr(self, name) is not None}
        if self.deleted != "include":
            parameters["deleted"] = self.deleted
        if self.group_by:
            parameters["group_by"] = self.group_by
        if self.sort != DEFAULT_SORT:
            parameters["sort"] = self.sort
        if self.page_size != DEFAULT_PAGE_SIZE:
            parameters["page_size"] = str(self.page_size)
        return parameters

    def with_projects_renamed(self, names: Mapping[str, str]) -> "Filter":
        """The filter with each project name that is a key of `names` replaced by its value."""
        renamed = (name if name is None else names.get(name, name) for name in self.project)
        return replace(self, project=tuple(dict.fromkeys(renamed)))

    def query(self) -> str:
        """The canonical query string. It parses back into this filter, except for the cursor."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.parameters().items():
            if isinstance(value, str):
                pairs.append((name, value))
            else:
                pairs += [(name, query_string.encode_value(name, item)) for item in value]
        return query_string.encode(pairs)

    def chips(self) -> list[Chip]:
        """Each condition in words, without the period: ("direction", "inbound", "direction is inbound")."""
        chips = [
            Chip(name, value, _condition(name, value))
            for name, field in LISTS.items()
            for value in getattr(self, field)
        ]
        bounds = {name: getattr(self, name) for name in RANGES}
        chips += [
            Chip(name, _text(bound), f"{RANGES[name]} {_with_unit(bound)}")
            for name, bound in bounds.items()
            if bound is not None
        ]
        if self.deleted != "include":
            chips.append(Chip("deleted", self.deleted, DELETED[self.deleted]))
        return chips


def _condition(name: str, value: str | None) -> str:
    subject = "charge line" if name == "description" else name
    if name not in SEARCHES:
        return f"{subject} is {label(name, value)}"
    term = term_of(name, value)
    shown = "withheld or unknown" if term.absent_caller else label(name, value if term.exact is None else term.exact)
    return f"{subject} {term.verb} {shown}"


def _with_unit(bound: Decimal | int) -> str:
    return exact_dollars(bound) if isinstance(bound, Decimal) else f"{bound} s"


def parse_filter(query: QueryDict | str, now: datetime) -> Filter:
    """The filter of a query string, its periods relative to `now`. Raises FilterError, which names the parameter."""
    return _filter(_parameters(query), SORTS, now)


def parse_charges_filter(query: QueryDict | str, now: datetime) -> Filter:
    """As `parse_filter`, for rows of groups: they are sorted by one of their groups or figures."""
    parameters = _parameters(query)
    columns = (*(_choices(parameters, "group_by", GROUPS) or DEFAULT_GROUP_BY), *FIGURES)
    return _filter(parameters, (*columns, *(f"-{column}" for column in columns)), now)


def _filter(parameters: Parameters, sorts: Collection[str], now: datetime) -> Filter:
    period, span = _span(parameters, day_of(now, settings.REPORT_TIME_ZONE))
    log_filter = Filter(
        period=period,
        start=span.start,
        end=span.end,
        medium=_choices(parameters, "medium", MEDIA),
        **{field: _list(parameters, name) for name, field in LISTS.items() if name != "medium"},
        min_charge=single(parameters, "min_charge", values.amount),
        max_charge=single(parameters, "max_charge", values.amount),
        min_duration=single(parameters, "min_duration", values.seconds),
        max_duration=single(parameters, "max_duration", values.seconds),
        deleted=single(parameters, "deleted", values.choice(DELETED)) or "include",
        group_by=_choices(parameters, "group_by", GROUPS),
        sort=single(parameters, "sort", values.choice(sorts)) or DEFAULT_SORT,
        page_size=single(parameters, "page_size", whole_number(1, MAX_PAGE_SIZE)) or DEFAULT_PAGE_SIZE,
        cursor=single(parameters, "cursor", str),
        open_ended=span.last > span.end,
    )
    _check_range("charge", log_filter.min_charge, log_filter.max_charge)
    _check_range("duration", log_filter.min_duration, log_filter.max_duration)
    return log_filter


def _parameters(query: QueryDict | str) -> Parameters:
    """The texts of each parameter. Empty fields of a form count as not set."""
    lists = parse_qs(query.removeprefix("?"), keep_blank_values=True) if isinstance(query, str) else dict(query.lists())
    for name in lists:
        if name not in PARAMETERS and name not in DISPLAY_PARAMETERS:
            shown = shortened(name, MAX_NAME_SHOWN)
            raise FilterError(shown, f"There is no filter called “{shown}”.")
    for name, texts in lists.items():
        _convert(name, "".join(texts), values.storable)
    parameters = {name: [text for text in texts if text.strip()] for name, texts in lists.items()}
    return {name: texts for name, texts in parameters.items() if texts}


def _convert(name: str, text: str, converter: Callable[[str], Value]) -> Value:
    try:
        return converter(text)
    except ValueError as error:
        message = str(error)
        raise FilterError(name, f"{message[:1].upper()}{message[1:]}") from None


def single(parameters: Parameters, name: str, converter: Callable[[str], Value]) -> Value | None:
    texts = {text.strip() for text in parameters.get(name, [])}
    if len(texts) > 1:
        raise FilterError(name, "It takes one value only.")
    if name != query_string.CURSOR:  # which Tollbook writes, and which holds the sort value of a row
        for text in texts:
            _convert(name, text, values.bounded)
    return _convert(name, texts.pop(), converter) if texts else None


def _list(parameters: Parameters, name: str) -> Values:
    """Each value once, in the order given."""
    texts = parameters.get(name, [])
    unique = dict.fromkeys(value for text in texts for value in query_string.decode_values(name, text))
    if len(unique) > MAX_VALUES:
        raise FilterError(name, f"It has more than {MAX_VALUES} values. Remove some.")
    for value in unique:
        if value is not None:
            _convert(name, value, values.searchable if name in SEARCHES else values.bounded)
    return tuple(unique)


def _choices(parameters: Parameters, name: str, choices: Collection[str]) -> tuple[str, ...]:
    """A list whose values must all be among these choices."""
    choice = values.choice(choices)
    return tuple(_convert(name, value or query_string.NONE, choice) for value in _list(parameters, name))


def _span(parameters: Parameters, today: date) -> tuple[str | None, periods.Span]:
    start, end = single(parameters, "start", values.day), single(parameters, "end", values.day)
    period = single(parameters, "period", values.choice(periods.PERIODS))
    if start is None and end is None:
        period = period or (periods.DEFAULT_PERIOD if EXACT_IDS.isdisjoint(parameters) else periods.ALL)
        return period, periods.span_of(period, today)
    if period is not None:
        raise FilterError("period", "Give either a period or dates, not both.")
    if start is None:
        raise FilterError("start", "An end needs a start. Give both dates.")
    if end is not None and end < start:
        raise FilterError("end", f"{end} is before the start, {start}.")
    return None, periods.Span(start, end or max(start, today))


def _check_range(name: str, least: Decimal | int | None, most: Decimal | int | None) -> None:
    if least is not None and most is not None and most < least:
        raise FilterError(f"max_{name}", f"{_text(most)} is less than min_{name}, {_text(least)}.")


def _text(bound: Decimal | int) -> str:
    return plain(bound) if isinstance(bound, Decimal) else str(bound)
