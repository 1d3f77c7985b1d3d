"""The logs of a filter: one page, all rows, and totals."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Q

from dashboard.filters.parser import DEFAULT_SORT, ROLLUP_LISTS, Filter
from dashboard.queries.cache import date_slices
from dashboard.queries.completeness import freshness
from dashboard.queries.conditions import instants_of, matching_logs
from dashboard.queries.keyset import KEY, Fetch, Order, Position, Row, RowPage, Section, parse_cursor, read_page
from dashboard.queries.planner import Plan, plan_of, plan_of_page
from dashboard.queries.projects import project_names_by_id
from dashboard.queries.set_aside import set_aside_with_id
from dashboard.queries.totals import Group, Sums, add_sums, sums_by, to_totals, total_of
from dashboard.results import Facet, LogRow, LogsPage, Totals
from logsync.columnar.copied_log import CopyReader
from logsync.columnar.files import Source
from logsync.database import iter_rows
from logsync.models import Log
from logsync.models.logs import LogQuerySet

FACETS = tuple(ROLLUP_LISTS)
# How many times as many logs as would hold a page if matching ones were spread evenly.
NEWEST_READ = 4
# The fields of LogRow are columns of Log, except for the project's name.
COLUMNS = tuple("project_id" if field.name == "project" else field.name for field in fields(LogRow))


def logs_page(log_filter: Filter, now: datetime) -> LogsPage:
    """The page at the filter's cursor, with totals and counts of all pages.

    Raises FilterError for an invalid cursor.
    """
    position = parse_cursor(log_filter.cursor, log_filter.sort) if log_filter.cursor else None
    # Both before anything is looked up: no total lacks what is said to be read, or is kept for days that changed.
    fresh = freshness(log_filter, now)
    slices = date_slices(log_filter)
    # One query for the totals and all facets, because each facet drops one condition and there are few groups.
    groups = sums_by(slices, FACETS, leaving_out=FACETS)
    totals = to_totals(add_sums(sums for group, sums in groups if _matches(log_filter, group)))
    page = _read_page(log_filter, position, slices[0].log_only, totals.logs)
    names = project_names_by_id()
    return LogsPage(
        rows=[log_row([row[column] for column in COLUMNS], names) for row in page.rows],
        totals=totals,
        facets=[_facet(log_filter, name, groups) for name in FACETS],
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        freshness=fresh,
    )


def _read_page(log_filter: Filter, position: Position | None, log_only: Callable[[], Q], matches: int) -> RowPage:
    if not matches and position is None:
        return RowPage([], None, None)
    plan = plan_of_page(log_filter, matches)
    if plan.parts is None:
        return _ask(plan, COLUMNS, position, log_only)
    # The copy says which logs in which order, and the database has the rest of their columns.
    columns = tuple(dict.fromkeys([*Order(log_filter.sort).columns(), *KEY]))
    newest = _newest(plan, matches) if position is None and log_filter.sort == DEFAULT_SORT else None
    page = _ask(newest, columns, None, log_only) if newest else None
    if page is None or page.next_cursor is None:
        page = _ask(plan, columns, position, log_only)
    return replace(page, rows=_whole(page.rows))


def _newest(plan: Plan, matches: int) -> Plan | None:
    """The same for the newest days alone, which probably have enough logs for a page; None if only all have."""
    log_filter, source = plan.log_filter, plan.parts.source if plan.parts else Source()
    first_day = source.since(NEWEST_READ * log_filter.page_size * source.rows // matches)
    if first_day is None or (log_filter.start and log_filter.start >= first_day):
        return None
    newest = plan_of(replace(log_filter, start=first_day))
    return newest if newest.parts else None


def _ask(plan: Plan, columns: Sequence[str], position: Position | None, log_only: Callable[[], Q]) -> RowPage:
    log_filter = plan.log_filter
    within = position.narrowed(instants_of(log_filter)) if position else None
    logs = cache(lambda: matching_logs(log_filter, (), log_only(), within))

    def ask(section: Section, columns: Sequence[str], limit: int) -> list[list[tuple[Any, ...]]]:
        def first(rows: LogQuerySet, fetch: Fetch) -> list[tuple[Any, ...]]:
            if isinstance(fetch, CopyReader):
                return section.first_copies(rows, columns, limit, fetch)
            return fetch(section.first(rows, columns, limit))

        return plan.ask(first, logs)

    return read_page(ask, columns, Order(log_filter.sort), log_filter.page_size, position)


def _whole(rows: Sequence[Row]) -> list[Row]:
    """The logs of these keys, as they are now."""
    logs = Log.objects.filter(id__in={row["id"] for row in rows}).values(*COLUMNS)
    by_key = {_key(log): log for log in logs}
    return [by_key[key] for row in rows if (key := _key(row)) in by_key]


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def iter_logs(log_filter: Filter) -> Iterator[LogRow]:
    """Every log of the filter in its order: a snapshot, read in constant memory."""
    names: dict[int, str] = {}
    rows = Order(log_filter.sort).applied(matching_logs(log_filter)).values_list(*COLUMNS)
    for row in iter_rows(rows):
        # After the rows: a project may have been added since.
        names = names or project_names_by_id()
        yield log_row(row, names)


def logs_with_id(log_id: str) -> list[tuple[str, str]]:
    """The medium and id of at most two logs with this id, which projects and media can share.

    A row that was set aside counts where no log is stored.
    """
    return list(Log.objects.filter(id=log_id).values_list("medium", "id")[:2]) or set_aside_with_id(log_id)


def has_logs(log_filter: Filter) -> bool:
    parts = plan_of(log_filter).ask(
        lambda logs, fetch: fetch(logs.values_list("id")[:1]), lambda: matching_logs(log_filter)
    )
    return any(parts)


def log_totals(log_filter: Filter) -> Totals:
    return to_totals(total_of(date_slices(log_filter)))


def log_row(values: Iterable[Any], names: Mapping[int, str]) -> LogRow:
    """`values` are in the order of COLUMNS; `names` maps project keys to names."""
    project_id, *fields_of_log = values
    return LogRow(names[project_id], *fields_of_log)


def _facet(log_filter: Filter, name: str, groups: Iterable[tuple[Group, Sums]]) -> Facet:
    """The number of logs of each value under the filter's other conditions. Chosen values are listed even at 0."""
    position = FACETS.index(name)
    counts: dict[str | None, int] = dict.fromkeys(getattr(log_filter, name), 0)
    for group, sums in groups:
        if _matches(log_filter, group, ignoring=name):
            counts[group[position]] = counts.get(group[position], 0) + sums[0]
    return Facet(name, sorted(counts.items(), key=lambda item: (-item[1], item[0] is None, item[0])))


def _matches(log_filter: Filter, group: Group, ignoring: str = "") -> bool:
    for name, value in zip(FACETS, group, strict=True):
        chosen = getattr(log_filter, name)
        if chosen and name != ignoring and value not in chosen:
            return False
    return True
