"""Totals per report day: always made anew from the logs, never incremented.

Marks of stale days are rows of their own. A rebuild removes the marks it saw before it read the logs, so a mark set
by a page stored meanwhile survives, and the day is made again.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from secrets import randbits
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Max, Min, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from logsync.days import day_bounds, day_of, day_start
from logsync.exceptions import TotalTooLargeError
from logsync.models import DailyCharge, Log, ReportZone, RolledDay, StaleDay
from logsync.transactions import atomic

logger = logging.getLogger(__name__)
NUMERIC_VALUE_OUT_OF_RANGE = "22003"
# A number of our own in PostgreSQL's space of advisory locks.
ROLLUP_LOCK = 0x70_11
# The sum of the seals of half a million days fits into 64 bits.
SEAL_BITS = 44
ANY_DAY = date(2000, 1, 1)
KEY = ("medium", "log_type", "direction", "status", "source", "deleted")
# The columns of DailyCharge, and where each comes from.
SUMS = ("logs", "charge", "charged_logs", "billing_ms", "billed_logs", "seconds", "timed_logs")
SUMS_OF_LOGS = (
    "logs",
    "COALESCE(charge_sum, 0)",
    "charged_logs",
    "COALESCE(billing_ms_sum, 0)",
    "billed_logs",
    "COALESCE(seconds_sum, 0)",
    "timed_logs",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A total of one day that does not equal the sum of its logs. `group` is medium, type, direction and so on."""

    day: date
    project_id: int
    group: tuple[str, ...]
    logs: int
    charge: Decimal
    total_logs: int
    total_charge: Decimal


@atomic()
def rebuild_day(project_id: int, day: date) -> None:
    """Make the totals of one project's report day anew. Safe at any time, from any number of workers.

    Raises TotalTooLargeError and leaves the totals and the marks as they were.
    """
    _lock_day(project_id, day)
    marks = list(StaleDay.objects.filter(project_id=project_id, day=day).values_list("pk", flat=True))
    DailyCharge.objects.filter(project_id=project_id, day=day).delete()
    _insert_totals(project_id, day)
    RolledDay.objects.bulk_create(
        [RolledDay(project_id=project_id, day=day, seal=randbits(SEAL_BITS))],
        update_conflicts=True,
        unique_fields=["day", "project"],
        update_fields=["seal"],
    )
    StaleDay.objects.filter(pk__in=marks).delete()


def rebuild_stale() -> int:
    """Rebuild every day that is marked, and answer how many. A day that cannot be totalled stays marked, alone."""
    ensure_zone()
    days = list(StaleDay.objects.order_by("-day").values_list("project_id", "day").distinct())
    return sum(_is_rebuilt(project_id, day) for project_id, day in days)


def _is_rebuilt(project_id: int, day: date) -> bool:
    try:
        rebuild_day(project_id, day)
    except TotalTooLargeError as error:
        logger.error("%s", error)  # noqa: TRY400 - the words say it all
        return False
    return True


def rebuild_all() -> int:
    """Forget all totals and make them anew."""
    with atomic():
        mark_all_stale()
    return rebuild_stale()


def ensure_zone() -> None:
    """When REPORT_TIME_ZONE has changed, every total belongs to other days: mark all of them."""
    zone = settings.REPORT_TIME_ZONE.key
    if ReportZone.objects.filter(name=zone).exists():
        return
    with atomic():
        ReportZone.objects.update_or_create(pk=1, defaults={"name": zone})
        DailyCharge.objects.all().delete()
        RolledDay.objects.all().delete()
        mark_all_stale()


def mark_all_stale() -> None:
    """Mark each day that has logs, and each that has totals without logs."""
    marks = set(DailyCharge.objects.values_list("project_id", "day").distinct())
    zone = settings.REPORT_TIME_ZONE
    days = list(_days_with_logs(zone))
    spans = Log.objects.order_by().values_list("project_id").annotate(Min("created_at"), Max("created_at"))
    for project_id, first, last in spans:
        first_day, last_day = day_of(first, zone), day_of(last, zone)
        marks |= {(project_id, day) for day in days if first_day <= day <= last_day}
    StaleDay.objects.bulk_create(StaleDay(project_id=project_id, day=day) for project_id, day in sorted(marks))


def _days_with_logs(zone: ZoneInfo, since: date = date.min, until: date = date.max) -> Iterator[date]:
    """By hops along the index of times: one log dated in the year 2999 must not bring a thousand years of days."""
    instants = Log.objects.order_by("created_at").values_list("created_at", flat=True)
    instant = instants.first() if since == date.min else instants.filter(created_at__gte=day_start(since, zone)).first()
    while instant and (day := day_of(instant, zone)) <= until:
        yield day
        instant = instants.filter(created_at__gte=day_bounds(day, zone)[1]).first()


def differences(since: date, until: date, project_ids: list[int]) -> Iterator[Difference]:
    """Where the stored totals of these days, both included, are not the sums of the logs."""
    days = set(_days_with_logs(settings.REPORT_TIME_ZONE, since, until))
    days |= set(DailyCharge.objects.filter(day__range=(since, until)).values_list("day", flat=True).distinct())
    for project_id in project_ids:
        for day in sorted(days):
            yield from _differences_of_day(project_id, day)


def _differences_of_day(project_id: int, day: date) -> Iterator[Difference]:
    if not _differs(project_id, day):
        return
    logs = {_group(total): total for total in _totals_of_logs(project_id, day)}
    totals = {_group(total): total for total in DailyCharge.objects.filter(project_id=project_id, day=day)}
    for group in sorted(logs.keys() | totals.keys()):
        expected, found = logs.get(group), totals.get(group)
        if _sums(expected) != _sums(found):
            yield Difference(
                day=day,
                project_id=project_id,
                group=group,
                logs=expected.logs if expected else 0,
                charge=expected.charge if expected else Decimal(0),
                total_logs=found.logs if found else 0,
                total_charge=found.charge if found else Decimal(0),
            )


def _differs(project_id: int, day: date) -> bool:
    """Within the database: nearly always nothing differs, and a year of groups need not travel to learn that."""
    sums, parameters = _sums_of_day(project_id, day)
    totals = f"SELECT {', '.join((*KEY, *SUMS))} FROM logsync_dailycharge WHERE project_id = %s AND day = %s"  # noqa: S608
    either = "SELECT EXISTS (SELECT * FROM {0} EXCEPT SELECT * FROM {1})"
    with _telling_overflow(day), connection.cursor() as cursor:
        cursor.execute(
            f"WITH sums AS ({sums}), totals AS ({totals})"
            f" {either.format('sums', 'totals')} OR ({either.format('totals', 'sums')})",
            [*parameters, project_id, connection.ops.adapt_datefield_value(day)],
        )
        return bool(cursor.fetchone()[0])


def _insert_totals(project_id: int, day: date) -> None:
    """Within the database: the totals of a busy day need not travel."""
    sums, parameters = _sums_of_day(project_id, day)
    columns = ", ".join(("project_id", "day", *KEY, *SUMS))
    with _telling_overflow(day), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO logsync_dailycharge ({columns}) SELECT %s, %s, sums.* FROM ({sums}) AS sums",  # noqa: S608
            [project_id, connection.ops.adapt_datefield_value(day), *parameters],
        )


def _sums_of_day(project_id: int, day: date) -> tuple[str, tuple[Any, ...]]:
    """A query with the columns KEY and SUMS, and its parameters."""
    sql, parameters = _sums_sql(connection.vendor)
    bounds = map(connection.ops.adapt_datetimefield_value, day_bounds(day, settings.REPORT_TIME_ZONE))
    return sql, (*parameters, project_id, *bounds)


@cache  # Django takes longer to write this query than the database to answer it.
def _sums_sql(_vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The query, and its parameters up to the last three: the project, and the start and end of the day."""
    query, parameters = _sums_of_logs(0, ANY_DAY).query.sql_with_params()
    values = ", ".join(
        (*(f"{name}_key AS {name}" for name in KEY), *map(" AS ".join, zip(SUMS_OF_LOGS, SUMS, strict=True)))
    )
    return f"SELECT {values} FROM ({query}) AS logs", parameters[:-3]  # noqa: S608


@contextmanager
def _telling_overflow(day: date) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        out_of_range = getattr(error.__cause__, "sqlstate", None) == NUMERIC_VALUE_OUT_OF_RANGE
        if out_of_range or str(error) == "integer overflow":  # PostgreSQL's way to say it, or SQLite's
            raise TotalTooLargeError(day) from None
        raise


def _totals_of_logs(project_id: int, day: date) -> list[DailyCharge]:
    return [_daily_charge(project_id, day, row) for row in _sums_of_logs(project_id, day)]


def _sums_of_logs(project_id: int, day: date) -> QuerySet[Log, dict[str, Any]]:
    start, end = day_bounds(day, settings.REPORT_TIME_ZONE)
    # An absent value and an empty text are one group, as NULL never equals NULL in a key.
    keys = {f"{name}_key": Coalesce(name, Value(""), output_field=TextField()) for name in KEY}
    logs = Log.objects.filter(project_id=project_id).created_between(start, end).with_deleted()
    return cast("QuerySet[Log, dict[str, Any]]", logs.totals_by(**keys))


def _daily_charge(project_id: int, day: date, row: dict[str, Any]) -> DailyCharge:
    return DailyCharge(
        project_id=project_id,
        day=day,
        **{name: row[f"{name}_key"] for name in KEY},
        logs=row["logs"],
        charge=row["charge_sum"] or Decimal(0),
        charged_logs=row["charged_logs"],
        billing_ms=row["billing_ms_sum"] or 0,
        billed_logs=row["billed_logs"],
        seconds=row["seconds_sum"] or 0,
        timed_logs=row["timed_logs"],
    )


def _group(total: DailyCharge) -> tuple[str, ...]:
    return tuple(getattr(total, name) for name in KEY)


def _sums(total: DailyCharge | None) -> tuple[Any, ...]:
    return tuple(getattr(total, name) for name in SUMS) if total else ()


def _lock_day(project_id: int, day: date) -> None:
    """One rebuild of a day at a time. SQLite's transactions are immediate: they exclude each other already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [ROLLUP_LOCK, project_id * 10**6 + day.toordinal()]
            )
