"""The context bar of pages with figures: period, active filters, exports and data freshness."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import parse_qsl, quote

from django.conf import settings
from django.urls import reverse

from dashboard.filters import periods, query_string
from dashboard.filters.labels import unknown
from dashboard.filters.parser import Filter
from dashboard.filters.values import FIRST_YEAR, LAST_YEAR
from dashboard.pages import formats
from dashboard.results import Freshness
from logsync.days import ONE_DAY, day_of

# Parameters that a new period replaces.
_NO_PERIOD: dict[str, str | None] = {"period": None, "start": None, "end": None}
# Parameters of the overview or the logs alone: links from one to the other drop them.
_PAGE_PARAMETERS: dict[str, str | None] = {"group_by": None, "sort": None, "page_size": None, "cursor": None}
# Characters of a query that the page of an invalid filter repeats.
MAX_REST = 4000
_FORMATS = {"csv": "CSV", "xlsx": "Excel", "json": "JSON"}


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str
    is_current: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Consecutive days that are incomplete for the same reason."""

    start: date
    end: date
    reason: str

    @property
    def words(self) -> str:
        """ "2 – 4 Nov 2026: not read yet"."""
        return f"{formats.span(self.start, self.end)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ContextBar:
    """`query` is the canonical query of the page; `hidden` are the parameters that the date form passes on."""

    path: str
    query: str
    filter: Filter
    period: str
    dates: str
    presets: Sequence[Link]
    earlier: str | None
    later: str | None
    hidden: Sequence[tuple[str, str]]
    chips: Sequence[Link]
    clear: str
    exports: Sequence[Link]
    fixed: str
    fixed_dates: str
    freshness: Freshness
    until: str
    gaps: Sequence[Gap]
    # Gaps for any other reason than rows set aside, of which `aside` tells.
    unread: Sequence[Gap]
    aside: str
    limits: Sequence[str]
    unknown: Sequence[str]

    @property
    def shared(self) -> str:
        """The query that the overview and the logs have in common."""
        return logs_query(self.filter.query())

    @property
    def save(self) -> str:
        return _save_url(self.path, self.query)

    @property
    def all_days(self) -> str:
        whole = _NO_PERIOD | {"period": periods.ALL}
        return _address(self.path, query_string.with_parameters(self.query, **whole))

    @property
    def dates_of_jump(self) -> Sequence[tuple[str, str]]:
        """The parameters of the period, which a jump to a number keeps."""
        return parse_qsl(_cleared(self.filter))


def context_bar(
    path: str,
    wanted: Filter,
    freshness: Freshness,
    now: datetime,
    own: Mapping[str, str | None] | None = None,
    *,
    exported: str = "",
) -> ContextBar:
    """`own` are parameters that only this page has; every link keeps them. `exported`: what its files hold."""
    query = query_string.with_parameters(wanted.query(), **own or {})
    today = day_of(now, settings.REPORT_TIME_ZONE)
    chips = [
        Link(chip.label, _address(path, query_string.without(query, chip.parameter, chip.value)))
        for chip in wanted.chips()
    ]
    fixed = periods.fixed(wanted.period, wanted.span, today)
    return ContextBar(
        path=path,
        query=query,
        filter=wanted,
        period=periods.PERIODS[wanted.period] if wanted.period else "Dates",
        dates=formats.span(wanted.start, wanted.end),
        presets=_presets(path, query, wanted),
        earlier=_stepped(path, query, wanted, -1, today),
        later=_stepped(path, query, wanted, 1, today),
        hidden=parse_qsl(query_string.with_parameters(query, **_NO_PERIOD)),
        chips=chips,
        clear=_address(path, query_string.with_parameters(_cleared(wanted), **own or {})),
        exports=_exports(path, query, exported),
        fixed=_address(path, _with_dates(query, fixed)),
        fixed_dates=formats.span(fixed.start, fixed.end),
        freshness=freshness,
        until=_until(freshness.data_until, today),
        gaps=gaps(freshness.gaps),
        unread=gaps(_unread(freshness)),
        aside=_aside(freshness),
        limits=_limits(freshness.history_limits),
        unknown=[unknown(*condition) for condition in freshness.unknown],
    )


def _unread(freshness: Freshness) -> dict[date, str]:
    aside = {day: rows.words for day, rows in freshness.set_aside_days.items()}
    return {day: reason for day, reason in freshness.gaps.items() if reason != aside.get(day)}


def _aside(freshness: Freshness) -> str:
    """ "31 rows set aside, at least $0.43, of 3 days (12 – 23 Nov 2026)"; "" for none."""
    days = freshness.set_aside_days
    if not days:
        return ""
    span = formats.span(min(days), max(days))
    return f"{freshness.set_aside.words}, {f'of {len(days):,} days ({span})' if len(days) > 1 else f'of {span}'}"


def _limits(history: Mapping[str, date]) -> list[str]:
    """Where SignalWire's history begins within the period: one sentence if it is the same day for all feeds."""
    days = set(history.values())
    named = {"history": days.pop()} if len(days) == 1 else {f"the {name}": day for name, day in history.items()}
    return [f"SignalWire keeps {name} since {day}; older days exist only here." for name, day in named.items()]


def gaps(incomplete: Mapping[date, str]) -> list[Gap]:
    """The incomplete days; consecutive ones with the same reason are one gap."""
    merged: list[Gap] = []
    for day, reason in sorted(incomplete.items()):
        if merged and merged[-1].reason == reason and merged[-1].end + ONE_DAY == day:
            merged[-1] = replace(merged[-1], end=day)
        else:
            merged.append(Gap(day, day, reason))
    return merged


def logs_query(query: str, **parameters: str | None) -> str:
    """The query of the logs behind a figure: the filter without the parameters of one page, and with these."""
    return query_string.with_parameters(query, **_PAGE_PARAMETERS | parameters)


def logs_url(query: str) -> str:
    return _address(reverse("logs"), query)


def pager_links(query: str, next_cursor: str | None, previous_cursor: str | None) -> dict[str, str | None]:
    """The context of pages/pager.html."""

    def at(cursor: str | None) -> str | None:
        return cursor and f"?{query_string.with_parameters(query, cursor=cursor)}"

    return {"next": at(next_cursor), "previous": at(previous_cursor), "first": f"?{query}" if previous_cursor else None}


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _presets(path: str, query: str, wanted: Filter) -> list[Link]:
    return [
        Link(
            label,
            _address(path, query_string.with_parameters(query, **_NO_PERIOD | {"period": name})),
            wanted.period == name,
        )
        for name, label in periods.PERIODS.items()
    ]


def _stepped(path: str, query: str, wanted: Filter, steps: int, today: date) -> str | None:
    span = periods.stepped(wanted.period, wanted.span, steps, today)
    if span is None or span.start is None or not FIRST_YEAR <= span.start.year <= span.end.year <= LAST_YEAR:
        return None
    return _address(path, _with_dates(query, span))


def _with_dates(query: str, span: periods.Span) -> str:
    """The query with dates instead of its period, so that the link keeps them."""
    if span.start is None:
        return query
    return query_string.with_parameters(query, period=None, start=str(span.start), end=str(span.end))


def _cleared(wanted: Filter) -> str:
    """The period alone, without any condition."""
    if wanted.period:
        return query_string.encode([("period", wanted.period)])
    return query_string.encode([("start", str(wanted.start)), ("end", str(wanted.end))])


def _exports(path: str, query: str, exported: str) -> list[Link]:
    """The data of the page: the rows of the table, or the totals by day."""
    if path == reverse("logs"):
        names = ["logs.csv", "logs.xlsx"]
    elif path == reverse("changes"):
        names = ["sync/changes.csv"]
    else:
        groups = _export_groups(query)
        query = query_string.with_parameters(query, group_by=groups, sort=None)
        names = ["charges.csv", "charges.xlsx", "charges.json"]
        exported = f"Totals by {groups.replace(',', ' and ')}"
    links = [(_FORMATS[name.rpartition(".")[2]], _address(f"/{name}", query)) for name in names]
    return [Link(label, href, note=exported) for label, href in links]


def _export_groups(query: str) -> str:
    groups = [text for name, text in parse_qsl(query) if name == "group_by"]
    return ",".join(["day", *(group for group in groups if group != "day")]) if groups else "day,type"


def _save_url(path: str, query: str) -> str:
    """The form that saves the view; "" for a page that saved views do not support."""
    if path not in (reverse("overview"), reverse("logs")):
        return ""
    return f"{reverse('new_saved_view')}?path={quote(path)}&query={quote(query, safe='')}"


def _until(data_until: datetime | None, today: date) -> str:
    """ "10:42 UTC", with the day unless it is today."""
    if data_until is None:
        return ""
    zone = settings.REPORT_TIME_ZONE
    local = data_until.astimezone(zone)
    clock = f"{formats.clock(data_until, zone)} {local:%Z}"
    return clock if local.date() == today else f"{formats.day(local.date(), today)} {clock}"


def reset_links(path: str, query: str, parameter: str) -> Iterator[Link]:
    """Links that remove an invalid parameter, or all of them. A long rest is no filter that anybody wrote."""
    rest = query_string.without(query, parameter)
    if len(rest) <= MAX_REST:
        yield Link(f"Remove “{parameter}”", _address(path, rest))
    yield Link("Remove all filters", path)
