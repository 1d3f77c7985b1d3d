"""The sums of the logs of a report day, as a queryset and as SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from logsync.days import day_bounds, day_of, day_start
from logsync.exceptions import TotalTooLargeError
from logsync.models import Log
from logsync.models.logs import TOTALS, LogQuerySet

NUMERIC_VALUE_OUT_OF_RANGE = "22003"
ANY_DAY = date(2000, 1, 1)
KEY = ("medium", "log_type", "direction", "status", "source", "deleted")
SUMS = tuple(TOTALS)


def days_with_logs(zone: ZoneInfo, since: date = date.min, until: date = date.max) -> Iterator[date]:
    """Yield the days that have logs, in order, both ends included.

    Each query jumps to the next day with logs, so a log dated in the year 2999 costs a single query.
    """
    instants = Log.objects.order_by("created_at").values_list("created_at", flat=True)
    instant = instants.first() if since == date.min else instants.filter(created_at__gte=day_start(since, zone)).first()
    while instant and (day := day_of(instant, zone)) <= until:
        yield day
        instant = instants.filter(created_at__gte=day_bounds(day, zone)[1]).first()


def sums_query(project_id: int, day: date) -> tuple[str, tuple[Any, ...]]:
    """A query with the columns KEY and SUMS (those of DailyCharge), and its parameters."""
    sql, parameters = _sums_sql(connection.vendor)
    bounds = map(connection.ops.adapt_datetimefield_value, day_bounds(day, settings.REPORT_TIME_ZONE))
    return sql, (*parameters, project_id, *bounds)


@cache  # Django takes longer to compile this query than the database to run it.
def _sums_sql(_vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The query, and its parameters except the last three: the project, and the start and end of the day."""
    query, parameters = sums_of_logs(0, ANY_DAY).query.sql_with_params()
    columns = [*(f"{name}_key AS {name}" for name in KEY), *(f"total_{name} AS {name}" for name in SUMS)]
    return f"SELECT {', '.join(columns)} FROM ({query}) AS logs", parameters[:-3]  # noqa: S608


@contextmanager
def overflow_as_error(day: date) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        out_of_range = getattr(error.__cause__, "sqlstate", None) == NUMERIC_VALUE_OUT_OF_RANGE
        if out_of_range or str(error) == "integer overflow":  # on PostgreSQL, or on SQLite
            raise TotalTooLargeError(day) from None
        raise


def sums_of_logs(project_id: int, day: date) -> QuerySet[Log, dict[str, Any]]:
    start, end = day_bounds(day, settings.REPORT_TIME_ZONE)
    return sums_by_key(Log.objects.filter(project_id=project_id).created_between(start, end))


def sums_by_key(logs: LogQuerySet, **groups: Any) -> QuerySet[Log, dict[str, Any]]:
    """For each group, and within it for the values of KEY, each under its name with `_key` behind it."""
    # NULL and empty text form one group, because NULL never equals NULL in a unique key.
    keys = {f"{name}_key": Coalesce(name, Value(""), output_field=TextField()) for name in KEY}
    return cast("QuerySet[Log, dict[str, Any]]", logs.with_deleted().totals_by(**groups, **keys))
