"""Filters as conditions on the logs and on their daily totals: the same question put to either."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from dashboard.filters import ROLLUP_LISTS, Filter, Values
from dashboard.queries.numbers import number_condition
from logsync.choices import Deleted
from logsync.days import ONE_DAY, day_start
from logsync.models import DailyCharge, Log, Project
from logsync.querysets import UNSEEN, LogQuerySet

# Parameter -> column, the same in both tables.
COLUMNS = {name: name for name in ROLLUP_LISTS} | {"type": "log_type"}
NUMBER_COLUMNS = {
    "number": ("from_number", "to_number"),
    "from_number": ("from_number",),
    "to_number": ("to_number",),
}
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


def totals_of(wanted: Filter, leaving_out: Collection[str] = ()) -> "QuerySet[DailyCharge]":
    """The daily totals of a filter that the rollup can answer, without its conditions on the parameters left out."""
    days = Q(day__lte=wanted.end) if wanted.start is None else Q(day__range=(wanted.start, wanted.end))
    condition = days & _listed(wanted, leaving_out, _rollup_values)
    if "deleted" not in leaving_out:
        condition &= Q(deleted__in=DELETED[wanted.deleted])
    return DailyCharge.objects.filter(condition)


@dataclass(frozen=True, slots=True)
class Instants:
    """From start, if there is one, up to but not at the end."""

    start: datetime | None
    end: datetime


def instants_of(wanted: Filter) -> Instants:
    zone = settings.REPORT_TIME_ZONE
    start = None if wanted.start is None else day_start(wanted.start, zone)
    return Instants(start, day_start(wanted.end + ONE_DAY, zone))


def logs_of(
    wanted: Filter,
    leaving_out: Collection[str] = (),
    details: Q | None = None,
    within: Instants | None = None,
) -> LogQuerySet:
    """The logs of a filter, without its conditions on the parameters left out.

    `details` is what details_of answers, for those who ask more than once; `within` some of the filter's own time.
    """
    within = within or instants_of(wanted)
    condition = Q(created_at__lt=within.end) & _listed(wanted, leaving_out, _log_values)
    if within.start is not None:
        condition &= Q(created_at__gte=within.start)
    if "deleted" not in leaving_out:
        condition &= DELETED_LOGS[wanted.deleted]
    return Log.objects.filter(condition & (details_of(wanted) if details is None else details))


def _listed(wanted: Filter, leaving_out: Collection[str], values_in: Callable[[str, Values], Q]) -> Q:
    condition = Q()
    for name, column in COLUMNS.items():
        values: Values = getattr(wanted, name)
        if values and name not in leaving_out:
            condition &= in_projects(values) if name == "project" else values_in(column, values)
    return condition


def in_projects(names: Values) -> Q:
    return Q(project__in=Project.objects.filter(name__in=[name for name in names if name is not None]).values("pk"))


def _rollup_values(column: str, values: Values) -> Q:
    return Q(**{f"{column}__in": [value or "" for value in values]})


def _log_values(column: str, values: Values) -> Q:
    # An absent value and an empty text are one group, as in the rollup.
    condition = Q(**{f"{column}__in": [value or "" for value in values]})
    return condition | Q(**{f"{column}__isnull": True}) if None in values else condition


def details_of(wanted: Filter) -> Q:
    """The conditions that only the logs themselves can answer. Parts of numbers are looked up here and now."""
    condition = Q()
    for field, columns in NUMBER_COLUMNS.items():
        if getattr(wanted, field):
            condition &= number_condition(columns, getattr(wanted, field))
    if wanted.id:
        condition &= Q(id__in=[value or "none" for value in wanted.id])
    condition &= _containing("room_name", wanted.room) & _containing("descriptions", wanted.description)
    bounds = {
        "charge__gte": wanted.min_charge,
        "charge__lte": wanted.max_charge,
        "seconds__gte": wanted.min_duration,
        "seconds__lte": wanted.max_duration,
    }
    return condition & Q(**{name: bound for name, bound in bounds.items() if bound is not None})


def _containing(column: str, values: Values) -> Q:
    """A part of the text in either case; None: no text."""
    condition = Q()
    for value in values:
        condition |= Q(**{f"{column}__isnull": True}) if value is None else Q(**{f"{column}__icontains": value})
    return condition
