"""The context bar of every page with figures: what they are about, how to change that, how far they are true."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import parse_qsl, quote

from django.conf import settings
from django.urls import reverse

from dashboard import figures, links, periods
from dashboard.filters import Filter
from dashboard.results import Freshness
from logsync.days import ONE_DAY, day_of

# What a change of the period replaces.
_NO_PERIOD: dict[str, str | None] = {"period": None, "start": None, "end": None}
# What only one of the pages uses, so that it does not follow to the other.
_OF_A_PAGE: dict[str, str | None] = {"group_by": None, "sort": None, "page_size": None, "cursor": None}


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str
    is_current: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Days in a row that are incomplete for the same reason."""

    start: date
    end: date
    reason: str

    @property
    def words(self) -> str:
        """ "2 – 4 Nov 2026: not read yet"."""
        return f"{figures.span(self.start, self.end)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ContextBar:
    """`query` is the canonical query of the page; `hidden` what the form of dates must carry along."""

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
    save: str
    fixed: str
    all_days: str
    freshness: Freshness
    until: str
    gaps: Sequence[Gap]
    limits: Sequence[str]


def context_bar(
    path: str, asked: Filter, freshness: Freshness, now: datetime, own: Mapping[str, str | None] | None = None
) -> ContextBar:
    """`own` are parameters that only this page has: they follow every change of the filter."""
    query = links.replaced(asked.query(), **own or {})
    today = day_of(now, settings.REPORT_TIME_ZONE)
    chips = [
        Link(chip.label, _address(path, links.without(query, chip.parameter, chip.value))) for chip in asked.chips()
    ]
    return ContextBar(
        path=path,
        query=query,
        filter=asked,
        period=periods.PERIODS[asked.period] if asked.period else "Dates",
        dates=figures.span(asked.start, asked.end),
        presets=_presets(path, query, asked),
        earlier=_stepped(path, query, asked, -1, today),
        later=_stepped(path, query, asked, 1, today),
        hidden=parse_qsl(links.replaced(query, **_NO_PERIOD)),
        chips=chips,
        clear=_address(path, _cleared(asked)),
        exports=_exports(path, query),
        save=_saving(path, query),
        fixed=_address(path, _with_dates(query, asked)),
        all_days=_address(path, links.replaced(query, **_NO_PERIOD | {"period": periods.ALL})),
        freshness=freshness,
        until=_until(freshness.data_until, today),
        gaps=gaps(freshness.incomplete),
        limits=_limits(freshness.history_limits),
    )


def _limits(history: Mapping[str, date]) -> list[str]:
    """Where SignalWire's own history begins within the period: said once where that is one day for all lists."""
    days = set(history.values())
    named = {"history": days.pop()} if len(days) == 1 else {f"the {name}": day for name, day in history.items()}
    return [f"SignalWire keeps {name} since {day}; older days exist only here." for name, day in named.items()]


def gaps(incomplete: Mapping[date, str]) -> list[Gap]:
    """The incomplete days, those of the same reason and in a row as one."""
    found: list[Gap] = []
    for day, reason in sorted(incomplete.items()):
        if found and found[-1].reason == reason and found[-1].end + ONE_DAY == day:
            found[-1] = replace(found[-1], end=day)
        else:
            found.append(Gap(day, day, reason))
    return found


def rows_query(query: str, **parameters: str | None) -> str:
    """The query of the logs behind a figure: the filter without what only the overview uses, and these set."""
    return links.replaced(query, **_OF_A_PAGE | parameters)


def day_query(query: str, day: date) -> str:
    """The query of the logs of one report day."""
    return rows_query(query, period=None, start=day.isoformat(), end=day.isoformat())


def rows_address(query: str) -> str:
    return _address(reverse("logs"), query)


def pages_of(query: str, next_cursor: str | None, previous_cursor: str | None) -> dict[str, str | None]:
    """What parts/pager.html needs."""

    def at(cursor: str | None) -> str | None:
        return cursor and f"?{links.replaced(query, cursor=cursor)}"

    return {"next": at(next_cursor), "previous": at(previous_cursor), "first": f"?{query}" if previous_cursor else None}


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _presets(path: str, query: str, asked: Filter) -> list[Link]:
    return [
        Link(label, _address(path, links.replaced(query, **_NO_PERIOD | {"period": name})), asked.period == name)
        for name, label in periods.PERIODS.items()
    ]


def _stepped(path: str, query: str, asked: Filter, steps: int, today: date) -> str | None:
    span = periods.stepped(asked.period, asked.span, steps, today)
    if span is None or span.start is None:
        return None
    return _address(path, links.replaced(query, period=None, start=str(span.start), end=str(span.end)))


def _with_dates(query: str, asked: Filter) -> str:
    """The query with the days that its period means today, so that it still means them tomorrow."""
    if asked.start is None:
        return query
    return links.replaced(query, period=None, start=str(asked.start), end=str(asked.end))


def _cleared(asked: Filter) -> str:
    """The period alone: what stays when all conditions are removed."""
    if asked.period:
        return links.joined([("period", asked.period)])
    return links.joined([("start", str(asked.start)), ("end", str(asked.end))])


def _exports(path: str, query: str) -> list[Link]:
    """Exactly what the page shows: the rows of the table, or the totals by day."""
    if path == reverse("logs"):
        names = [("logs.csv", "All pages, every column"), ("logs.xlsx", "All pages, for a spreadsheet")]
    elif path == reverse("changes"):
        names = [("sync/changes.csv", "All pages")]
    else:
        query = links.replaced(query, group_by=_grouped(query))
        names = [
            ("charges.csv", "Totals by day"),
            ("charges.xlsx", "Totals by day, for a spreadsheet"),
            ("charges.json", "Totals by day, for scripts"),
        ]
    return [Link(_kind(name), _address(f"/{name}", query), note=note) for name, note in names]


def _grouped(query: str) -> str:
    groups = [text for name, text in parse_qsl(query) if name == "group_by"]
    return ",".join(["day", *(group for group in groups if group != "day")]) if groups else "day,type"


def _kind(name: str) -> str:
    return {"csv": "CSV", "xlsx": "Excel", "json": "JSON"}[name.rpartition(".")[2]]


def _saving(path: str, query: str) -> str:
    """Where the view is saved; "" for a page that views cannot show."""
    if path not in (reverse("overview"), reverse("logs")):
        return ""
    return f"{reverse('new_saved_view')}?path={quote(path)}&query={quote(query, safe='')}"


def _until(data_until: datetime | None, today: date) -> str:
    """ "10:42 UTC", with the day where it is not today."""
    if data_until is None:
        return ""
    zone = settings.REPORT_TIME_ZONE
    local = data_until.astimezone(zone)
    clock = f"{figures.clock(data_until, zone)} {local:%Z}"
    return clock if local.date() == today else f"{figures.day(local.date(), today)} {clock}"


def removable(path: str, query: str, parameter: str) -> Iterator[Link]:
    """The ways out of a filter that cannot be read."""
    yield Link(f"Remove “{parameter}”", _address(path, links.without(query, parameter)))
    yield Link("Remove all filters", path)
