"""The logs of a filter: a page of them, all of them, and what they add up to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from dashboard.filters import ROLLUP_LISTS, Filter
from dashboard.queries.conditions import details_of, instants_of, logs_of
from dashboard.queries.freshness import freshness
from dashboard.queries.memory import pieces_of
from dashboard.queries.names import names_by_id
from dashboard.queries.paging import Order, read_cursor, read_page
from dashboard.queries.sums import Group, Sums, added, as_totals, sums_by, total_of
from dashboard.results import Facet, LogRow, LogsPage, Totals
from logsync.models import Log

FACETS = tuple(ROLLUP_LISTS)
# LogRow's fields are columns of the table, but for the project's name.
COLUMNS = tuple("project_id" if field.name == "project" else field.name for field in fields(LogRow))
ROWS_AT_ONCE = 2000


def logs_page(wanted: Filter, now: datetime) -> LogsPage:
    """The page where the filter's cursor stands. Totals and counts are those of all pages. Raises FilterError."""
    place = read_cursor(wanted.cursor, wanted.sort) if wanted.cursor else None
    details = details_of(wanted)
    within = place.narrowed(instants_of(wanted)) if place else None
    page = read_page(logs_of(wanted, (), details, within), COLUMNS, Order(wanted.sort), wanted.page_size, place)
    names = names_by_id()
    # One reading answers the totals and every facet: its groups are few, and each facet drops one condition.
    groups = sums_by(pieces_of(wanted, details), FACETS, leaving_out=FACETS)
    return LogsPage(
        rows=[log_row([row[column] for column in COLUMNS], names) for row in page.rows],
        totals=as_totals(added(sums for group, sums in groups if _fits(wanted, group))),
        facets=[_facet(wanted, name, groups) for name in FACETS],
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        freshness=freshness(wanted, now),
    )


def iter_logs(wanted: Filter) -> Iterator[LogRow]:
    """Every log of the filter in its order, as of one instant and in constant memory."""
    names = names_by_id()
    rows = Order(wanted.sort).applied(logs_of(wanted)).values_list(*COLUMNS)
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield log_row(row, names)


def logs_with_id(log_id: str) -> list[tuple[str, str]]:
    """The medium and id of the first logs that have this id: more than one where several projects or media do."""
    return list(Log.objects.filter(id=log_id).values_list("medium", "id")[:2])


def has_logs(wanted: Filter) -> bool:
    return logs_of(wanted).exists()


def log_totals(wanted: Filter) -> Totals:
    return as_totals(total_of(pieces_of(wanted)))


def log_row(values: Iterable[Any], names: Mapping[int, str]) -> LogRow:
    """`values` are those of COLUMNS."""
    project_id, *rest = values
    return LogRow(names[project_id], *rest)


def _facet(wanted: Filter, name: str, groups: Iterable[tuple[Group, Sums]]) -> Facet:
    """The logs of each value under the filter's other conditions; what is chosen is there even without any."""
    at = FACETS.index(name)
    counts: dict[str | None, int] = dict.fromkeys(getattr(wanted, name), 0)
    for group, sums in groups:
        if _fits(wanted, group, but=name):
            counts[group[at]] = counts.get(group[at], 0) + sums[0]
    return Facet(name, sorted(counts.items(), key=lambda item: (-item[1], item[0] is None, item[0])))


def _fits(wanted: Filter, group: Group, but: str = "") -> bool:
    for name, value in zip(FACETS, group, strict=True):
        chosen = getattr(wanted, name)
        if chosen and name != but and value not in chosen:
            return False
    return True
