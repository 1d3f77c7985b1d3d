"""Filters as conditions on logs, on their columnar copy and on daily totals, with the same meaning for all."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from dashboard.filters.parser import LOG_LISTS, ROLLUP_LISTS, Filter, Values
from dashboard.filters.periods import Span
from dashboard.queries.numbers import SEARCHED, searched
from dashboard.queries.projects import ids_of_projects, in_projects
from logsync.columnar.copied_log import CopiedLog
from logsync.days import ONE_DAY, day_start
from logsync.models import DailyCharge, FormerProjectName, Log, Project
from logsync.models.choices import Deleted
from logsync.models.logs import UNSEEN, LogQuerySet

# Parameter -> column, the same in both tables.
COLUMNS = {name: name for name in ROLLUP_LISTS} | {"type": "log_type"}
# Open sets: SignalWire may send any value, and people may name any project.
MAY_BE_UNKNOWN = ("project", "type", "direction", "status", "source")
DELETED = {
    "include": [Deleted.NO, Deleted.YES],
    "exclude": [Deleted.NO],
    "only": [Deleted.YES],
    "unseen": [Deleted.UNSEEN],
}
DELETED_LOGS = {
    "include": ~UNSEEN,
    "exclude": Q(discarded_at__isnull=True),
    "only": Q(discarded_at__isnull=False) & ~UNSEEN,
    "unseen": UNSEEN,
}


def rollup_rows(log_filter: Filter, leaving_out: Collection[str] = ()) -> "QuerySet[DailyCharge]":
    """The daily totals of a filter that the rollup can answer, without the conditions of the parameters left out."""
    condition = in_days(log_filter) & _listed(log_filter, leaving_out, _rollup_values, in_projects)
    if "deleted" not in leaving_out:
        condition &= Q(deleted__in=DELETED[log_filter.deleted])
    return DailyCharge.objects.filter(condition)


def in_days(days: Filter | Span) -> Q:
    return Q(day__lte=days.last) if days.start is None else Q(day__range=(days.start, days.last))


@dataclass(frozen=True, slots=True)
class Instants:
    """A half-open range: `start` is included, `end` is not."""

    start: datetime | None
    end: datetime


ANY_TIME = Instants(None, datetime.max.replace(tzinfo=UTC))


def instants_of(days: Filter | Span) -> Instants:
    zone = settings.REPORT_TIME_ZONE
    start = None if days.start is None else day_start(days.start, zone)
    if days.last == date.max:
        return Instants(start, ANY_TIME.end)
    return Instants(start, day_start(days.last + ONE_DAY, zone))


def matching_logs(
    log_filter: Filter,
    leaving_out: Collection[str] = (),
    log_only: Q | None = None,
    within: Instants | None = None,
) -> LogQuerySet:
    """The logs of a filter, without the conditions of the parameters left out.

    `log_only` is the result of log_only_conditions, if the caller has it already. `within` replaces the filter's days.
    """
    condition = _within(within or instants_of(log_filter)) & _listed(log_filter, leaving_out, _log_values, in_projects)
    if "deleted" not in leaving_out:
        condition &= DELETED_LOGS[log_filter.deleted]
    return Log.objects.filter(condition & (log_only_conditions(log_filter) if log_only is None else log_only))


def matching_copies(log_filter: Filter, leaving_out: Collection[str] = ()) -> LogQuerySet:
    """The same of the columnar copy, which knows no tables but its own."""
    condition = _within(instants_of(log_filter)) & _listed(log_filter, leaving_out, _log_values, _with_project_ids)
    if "deleted" not in leaving_out:
        condition &= Q(deleted__in=DELETED[log_filter.deleted])
    return CopiedLog.objects.filter(condition & log_only_conditions(log_filter, in_copy=True))


def _within(within: Instants) -> Q:
    condition = Q(created_at__lt=within.end)
    return condition if within.start is None else condition & Q(created_at__gte=within.start)


def _with_project_ids(names: Values) -> Q:
    return Q(project_id__in=ids_of_projects(names))


def _listed(
    log_filter: Filter,
    leaving_out: Collection[str],
    values_in: Callable[[str, Values], Q],
    in_projects: Callable[[Values], Q],
) -> Q:
    condition = Q()
    for name, column in COLUMNS.items():
        values: Values = getattr(log_filter, name)
        if values and name not in leaving_out:
            condition &= in_projects(values) if name == "project" else values_in(column, values)
    return condition


def _rollup_values(column: str, values: Values) -> Q:
    return Q(**{f"{column}__in": [value or "" for value in values]})


def _log_values(column: str, values: Values) -> Q:
    # Null and '' are one group, as in the rollup.
    condition = Q(**{f"{column}__in": [value or "" for value in values]})
    return condition | Q(**{f"{column}__isnull": True}) if None in values else condition


def unknown_values(log_filter: Filter) -> list[tuple[str, str]]:
    """Each value of a list that no project or log has ever had, with its parameter: perhaps it is misspelled."""
    asked = [(name, value) for name in MAY_BE_UNKNOWN for value in getattr(log_filter, name) if value]
    known: list[QuerySet[Any, Any]] = []
    for name in dict.fromkeys(name for name, _ in asked):
        values = [value for parameter, value in asked if parameter == name]
        models = (Project, FormerProjectName) if name == "project" else (DailyCharge,)
        column = "name" if name == "project" else COLUMNS[name]
        known += [_known_values(model, name, column, values) for model in models]
    found = set(known[0].union(*known[1:])) if known else set()
    return [pair for pair in asked if pair not in found]


def _known_values(model: Any, parameter: str, column: str, values: Sequence[str]) -> QuerySet[Any, Any]:
    rows = model.objects.filter(**{f"{column}__in": values}).order_by().distinct()
    parameter_column = Value(parameter, output_field=TextField())
    return rows.values_list(parameter_column, Cast(column, TextField()))  # type: ignore[no-any-return]


def log_only_conditions(log_filter: Filter, *, in_copy: bool = False) -> Q:
    """The conditions that the rollup cannot answer. For logs, it queries the search keys of numbers and texts."""
    condition = Q()
    for name in SEARCHED:
        if values := getattr(log_filter, LOG_LISTS[name]):
            condition &= searched(name, values, in_copy=in_copy)
    if log_filter.id:
        condition &= Q(id__in=[value or "none" for value in log_filter.id])
    if log_filter.parent:
        condition &= _log_values("parent_id", log_filter.parent)
    bounds = {
        "charge__gte": log_filter.min_charge,
        "charge__lte": log_filter.max_charge,
        "seconds__gte": log_filter.min_duration,
        "seconds__lte": log_filter.max_duration,
    }
    return condition & Q(**{name: bound for name, bound in bounds.items() if bound is not None})
