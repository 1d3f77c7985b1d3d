"""Charges that changed after they were stored, and the effect on daily totals."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, Field, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncDate

from dashboard.filters.changes import EVERY, FIRST, ChangeFilter
from dashboard.filters.parser import ROLLUP_LISTS, Filter
from dashboard.queries.completeness import freshness
from dashboard.queries.conditions import ANY_TIME, Instants, instants_of, matching_logs
from dashboard.queries.keyset import Order, Section, parse_cursor, read_page
from dashboard.queries.projects import in_projects, project_names_by_id
from dashboard.results import ChangesPage, ChargeChangeRow, Effect, LogRow
from logsync.database import iter_rows
from logsync.models import ChargeChange, Log
from logsync.money import from_nano

NEWEST_FIRST = "-changed_at"
COLUMNS = (
    "project_id",
    "medium",
    "log_id",
    "log_created_at",
    "old_charge",
    "new_charge",
    "was_final",
    "changed_at",
    "old_log_created_at",
    "is_first_price",
)
HAS_MOVED = Q(old_log_created_at__isnull=False)
# Filter lists that ChargeChange has columns for. The others need a look at the log.
OWN_LISTS = frozenset({"project", "medium"})
NO_EFFECT = Effect(0, Decimal(0))
Key = tuple[int, str, str]


def changes_page(change_filter: ChangeFilter, now: datetime) -> ChangesPage:
    """The page at the filter's cursor. Raises FilterError for an invalid cursor."""
    order = Order(NEWEST_FIRST)
    position = parse_cursor(change_filter.logs.cursor, order.sort) if change_filter.logs.cursor else None
    fresh = freshness(change_filter.logs, now)
    changes = _changes_of(change_filter)
    size = change_filter.logs.page_size

    def ask(section: Section, columns: Sequence[str], limit: int) -> list[list[tuple[Any, ...]]]:
        return [list(section.first(changes, columns, limit))]

    page = read_page(ask, ("pk", *COLUMNS), order, size, position)
    by_day, total = _effects(changes, instants_of(change_filter.logs))
    return ChangesPage(
        rows=_with_types([[row[column] for column in COLUMNS] for row in page.rows], instants_of(change_filter.logs)),
        by_day=by_day,
        total=total,
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        freshness=fresh,
    )


def iter_changes(change_filter: ChangeFilter) -> Iterator[ChargeChangeRow]:
    """Every change, newest first, in constant memory. `log_type` is not set."""
    names: dict[int, str] = {}
    within = instants_of(change_filter.logs)
    rows = Order(NEWEST_FIRST).applied(_changes_of(change_filter)).values_list(*COLUMNS)
    for project_id, *values in iter_rows(rows):
        names = names or project_names_by_id()  # after the rows: a project may have been added since
        yield _within_filter(ChargeChangeRow(names[project_id], *values), within)


def restated(change_filter: ChangeFilter) -> Effect:
    """The total effect of all changes of a filter."""
    return _effects(_changes_of(change_filter), instants_of(change_filter.logs))[1]


def log_changes(project_id: int, row: LogRow) -> list[ChargeChangeRow]:
    """The changes of one log, oldest first."""
    changes = ChargeChange.objects.filter(project_id=project_id, medium=row.medium, log_id=row.id)
    rows = changes.order_by("changed_at", "pk").values_list(*COLUMNS[1:])
    return [ChargeChangeRow(row.project, *change) for change in rows]


def _changes_of(change_filter: ChangeFilter) -> QuerySet[ChargeChange]:
    logs = change_filter.logs
    within = instants_of(logs)
    condition = _kind(change_filter.kind)
    condition &= _within("log_created_at", within) | (HAS_MOVED & _within("old_log_created_at", within))
    condition &= _within("changed_at", instants_of(change_filter.changed_span))
    if logs.project:
        condition &= in_projects(logs.project)
    if logs.medium:
        condition &= Q(medium__in=logs.medium)
    if _needs_logs(logs):
        key = {"project_id": OuterRef("project_id"), "medium": OuterRef("medium"), "id": OuterRef("log_id")}
        condition &= Q(Exists(matching_logs(logs, OWN_LISTS, within=ANY_TIME).filter(**key)))
    return ChargeChange.objects.filter(condition)


def _kind(kind: str) -> Q:
    """Restated: the charge or the day changed after the log had ended, other than by its first price."""
    if kind == EVERY:
        return Q()
    is_restated = Q(was_final=True) & (Q(is_first_price=False) | HAS_MOVED)
    return ~is_restated if kind == FIRST else is_restated


def _needs_logs(logs: Filter) -> bool:
    lists = [name for name in ROLLUP_LISTS if name not in OWN_LISTS]
    return not logs.from_rollup or logs.deleted != "include" or any(getattr(logs, name) for name in lists)


def _within(column: str, instants: Instants) -> Q:
    condition = Q(**{f"{column}__lt": instants.end})
    return condition if instants.start is None else condition & Q(**{f"{column}__gte": instants.start})


def _effects(changes: QuerySet[ChargeChange], within: Instants) -> tuple[list[tuple[date, Effect]], Effect]:
    """The effect on each report day of the logs, newest first, and on all of them.

    A log that moved takes its old charge from one day and brings its new one to another.
    """
    here = changes.filter(_within("log_created_at", within))
    moved = changes.filter(HAS_MOVED & _within("old_log_created_at", within))
    days = [
        *_sums(here, "log_created_at", _nanos("new_charge"), _nanos("old_charge", ~HAS_MOVED)),
        *(lost := _sums(moved, "old_log_created_at", Value(0), _nanos("old_charge"))),
    ]
    effects: defaultdict[date, Effect] = defaultdict(lambda: NO_EFFECT)
    for day, effect in days:
        effects[day] = _added(effects[day], effect)
    total = reduce(_added, effects.values(), NO_EFFECT)
    if lost:  # rarely: such a log has an effect on two days, and may have more than one on each
        total = Effect(changes.order_by().values("project_id", "medium", "log_id").distinct().count(), total.difference)
        for day, logs in _counted_twice(here, moved).items():
            effects[day] = Effect(effects[day].logs - logs, effects[day].difference)
    return sorted(effects.items(), reverse=True), total


def _nanos(column: str, condition: Q | None = None) -> Sum:
    """A plain Field converts nothing, so sums stay whole nano-dollars. Null counts as zero."""
    return Sum(column, filter=condition, output_field=Field())


def _sums(changes: QuerySet[ChargeChange], column: str, new: Any, old: Any) -> list[tuple[date, Effect]]:
    day = TruncDate(column, tzinfo=settings.REPORT_TIME_ZONE)
    groups = changes.order_by().values(day=day, of_project=F("project_id"), of_medium=F("medium"))
    rows = groups.annotate(logs=Count("log_id", distinct=True), new=new, old=old)
    values = rows.values_list("day", "logs", "new", "old")
    return [(day, Effect(logs, from_nano(int(new or 0) - int(old or 0)))) for day, logs, new, old in values]


def _counted_twice(here: QuerySet[ChargeChange], moved: QuerySet[ChargeChange]) -> dict[date, int]:
    """By day, how many logs moved away from it and have another change there."""
    zone = settings.REPORT_TIME_ZONE
    same_log = {name: OuterRef(name) for name in ("project_id", "medium", "log_id")}
    others = here.annotate(day=TruncDate("log_created_at", tzinfo=zone)).filter(day=OuterRef("old_day"), **same_log)
    both = moved.annotate(old_day=TruncDate("old_log_created_at", tzinfo=zone)).filter(Exists(others))
    return Counter(day for day, *_ in both.order_by().values_list("old_day", *same_log).distinct())


def _added(one: Effect, other: Effect) -> Effect:
    return Effect(one.logs + other.logs, one.difference + other.difference)


def _within_filter(row: ChargeChangeRow, within: Instants) -> ChargeChangeRow:
    """The row with only those of its charges that count on the filter's days."""
    if row.old_log_created_at is None:
        return row
    counts_old, counts_new = (_contains(within, at) for at in (row.old_log_created_at, row.log_created_at))
    return replace(row, counts_old=counts_old, counts_new=counts_new)


def _contains(within: Instants, instant: datetime) -> bool:
    return (within.start is None or within.start <= instant) and instant < within.end


def _with_types(rows: Sequence[Sequence[Any]], within: Instants) -> list[ChargeChangeRow]:
    names = project_names_by_id()
    ids = {row[COLUMNS.index("log_id")] for row in rows}
    logs = Log.objects.filter(id__in=ids).values_list("project_id", "medium", "id", "log_type")
    types: dict[Key, str | None] = {(project, medium, id_): log_type for project, medium, id_, log_type in logs}
    changes = [ChargeChangeRow(names[row[0]], *[*row[1:], types.get((row[0], row[1], row[2]))]) for row in rows]
    return [_within_filter(change, within) for change in changes]
