"""Charges that changed after they were stored, and what that did to the totals of days."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, Field, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.db.models.lookups import Exact

from dashboard.change_filter import EVERY, FIRST, ChangeFilter
from dashboard.filters import ROLLUP_LISTS, Filter
from dashboard.periods import Span
from dashboard.queries.conditions import Instants, in_projects, instants_of, logs_of
from dashboard.queries.freshness import freshness
from dashboard.queries.names import names_by_id
from dashboard.queries.paging import Order, read_cursor, read_page
from dashboard.results import ChangesPage, ChargeChangeRow, Effect, LogRow
from logsync.days import ONE_DAY, day_start
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
)
# What a change itself knows of its log; all else is asked of the log.
OWN_LISTS = frozenset({"project", "medium"})
ANY_TIME = Instants(None, datetime.max.replace(tzinfo=UTC))
ROWS_AT_ONCE = 2000
Key = tuple[int, str, str]


def changes_page(asked: ChangeFilter, now: datetime) -> ChangesPage:
    """The page where the cursor stands. Raises FilterError."""
    order = Order(NEWEST_FIRST)
    place = read_cursor(asked.logs.cursor, order.sort) if asked.logs.cursor else None
    changes = _changes_of(asked)
    page = read_page(changes, ("pk", *COLUMNS), order, asked.logs.page_size, place)
    by_day = _effects(changes)
    return ChangesPage(
        rows=_with_types([[row[column] for column in COLUMNS] for row in page.rows]),
        by_day=by_day,
        total=_added(effect for _, effect in by_day),
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        freshness=freshness(asked.logs, now),
    )


def iter_changes(asked: ChangeFilter) -> Iterator[ChargeChangeRow]:
    """Every change, newest first, in constant memory; without the types of the logs."""
    names = names_by_id()
    rows = Order(NEWEST_FIRST).applied(_changes_of(asked)).values_list(*COLUMNS)
    for project_id, *rest in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield ChargeChangeRow(names[project_id], *rest)


def restated(asked: ChangeFilter) -> Effect:
    """What all changes of a filter did together."""
    return _added(effect for _, effect in _effects(_changes_of(asked)))


def log_changes(project_id: int, row: LogRow) -> list[ChargeChangeRow]:
    """Those of one log, oldest first."""
    changes = ChargeChange.objects.filter(project_id=project_id, medium=row.medium, log_id=row.id)
    rows = changes.order_by("changed_at", "pk").values_list(*COLUMNS[1:])
    return [ChargeChangeRow(row.project, *change) for change in rows]


def _changes_of(asked: ChangeFilter) -> QuerySet[ChargeChange]:
    logs = asked.logs
    condition = _kind(asked.kind) & _within("log_created_at", instants_of(logs))
    condition &= _within("changed_at", _instants(asked.changed_span))
    if logs.project:
        condition &= in_projects(logs.project)
    if logs.medium:
        condition &= Q(medium__in=logs.medium)
    if _asks_the_log(logs):
        own = {"project_id": OuterRef("project_id"), "medium": OuterRef("medium"), "id": OuterRef("log_id")}
        condition &= Q(Exists(logs_of(logs, OWN_LISTS, within=ANY_TIME).filter(**own)))
    return ChargeChange.objects.filter(condition)


def _kind(kind: str) -> Q:
    """Restated: the log had ended before. Not so a first charge that came on the day of the call itself: until a day is
    over, nobody takes its total for final.
    """
    if kind == EVERY:
        return Q()
    zone = settings.REPORT_TIME_ZONE
    own_day, day_changed = TruncDate("log_created_at", tzinfo=zone), TruncDate("changed_at", tzinfo=zone)
    is_restated = Q(was_final=True) & (Q(old_charge__isnull=False) | ~Q(Exact(own_day, day_changed)))
    return ~is_restated if kind == FIRST else is_restated


def _asks_the_log(logs: Filter) -> bool:
    lists = [name for name in ROLLUP_LISTS if name not in OWN_LISTS]
    return not logs.from_rollup or logs.deleted != "include" or any(getattr(logs, name) for name in lists)


def _within(column: str, instants: Instants) -> Q:
    condition = Q(**{f"{column}__lt": instants.end})
    return condition if instants.start is None else condition & Q(**{f"{column}__gte": instants.start})


def _instants(span: Span) -> Instants:
    """As instants_of: report days, both included. Without a start whatever there is, a clock that ran ahead too."""
    if span.start is None:
        return ANY_TIME
    zone = settings.REPORT_TIME_ZONE
    return Instants(day_start(span.start, zone), day_start(span.end + ONE_DAY, zone))


def _effects(changes: QuerySet[ChargeChange]) -> list[tuple[date, Effect]]:
    """By report day of the logs, the newest first."""
    day = TruncDate("log_created_at", tzinfo=settings.REPORT_TIME_ZONE)
    groups = changes.order_by().values(day=day, of_project=F("project_id"), of_medium=F("medium"))
    # A field that converts nothing: null is nothing to add, and sums are whole nano-dollars.
    sums = {name: Sum(f"{name}_charge", output_field=Field()) for name in ("old", "new")}
    days: defaultdict[date, list[Effect]] = defaultdict(list)
    rows = groups.annotate(logs=Count("log_id", distinct=True), **sums).values_list("day", "logs", "old", "new")
    for of_day, logs, old, new in rows:
        days[of_day].append(Effect(logs, from_nano(int(new or 0) - int(old or 0))))
    return [(of_day, _added(days[of_day])) for of_day in sorted(days, reverse=True)]


def _added(effects: Iterable[Effect]) -> Effect:
    several = list(effects)
    return Effect(sum(one.logs for one in several), sum((one.difference for one in several), Decimal(0)))


def _with_types(rows: Sequence[Sequence[Any]]) -> list[ChargeChangeRow]:
    names = names_by_id()
    ids = {row[COLUMNS.index("log_id")] for row in rows}
    logs = Log.objects.filter(id__in=ids).values_list("project_id", "medium", "id", "log_type")
    types: dict[Key, str | None] = {(project, medium, id_): log_type for project, medium, id_, log_type in logs}
    return [ChargeChangeRow(names[row[0]], *[*row[1:], types.get((row[0], row[1], row[2]))]) for row in rows]
