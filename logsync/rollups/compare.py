"""Compares the stored totals with the sums of the logs. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from logsync.models import DailyCharge
from logsync.rollups.sums import KEY, SUMS, days_with_logs, overflow_as_error, sums_of_logs, sums_query


@dataclass(frozen=True, slots=True)
class Difference:
    """A group of one day whose stored total differs from the sum of its logs. `group` has the values of KEY."""

    day: date
    project_id: int
    group: tuple[str, ...]
    logs: int
    charge: Decimal
    total_logs: int
    total_charge: Decimal


def differences(since: date, until: date, project_ids: list[int]) -> Iterator[Difference]:
    """Yield the groups whose stored totals differ from their logs on these report days, both included."""
    days = set(days_with_logs(settings.REPORT_TIME_ZONE, since, until))
    days |= set(DailyCharge.objects.filter(day__range=(since, until)).values_list("day", flat=True).distinct())
    for project_id in project_ids:
        for day in sorted(days):
            yield from _differences_of_day(project_id, day)


def _differences_of_day(project_id: int, day: date) -> Iterator[Difference]:
    if not _differs(project_id, day):
        return
    expected_rows = [_daily_charge(project_id, day, row) for row in sums_of_logs(project_id, day)]
    expected_totals = {_group(total): total for total in expected_rows}
    stored_totals = {_group(total): total for total in DailyCharge.objects.filter(project_id=project_id, day=day)}
    for group in sorted(expected_totals.keys() | stored_totals.keys()):
        expected, stored = expected_totals.get(group), stored_totals.get(group)
        if _sums(expected) != _sums(stored):
            yield Difference(
                day=day,
                project_id=project_id,
                group=group,
                logs=expected.logs if expected else 0,
                charge=expected.charge if expected else Decimal(0),
                total_logs=stored.logs if stored else 0,
                total_charge=stored.charge if stored else Decimal(0),
            )


def _differs(project_id: int, day: date) -> bool:
    """Compares within the database: usually nothing differs, and no group has to be loaded."""
    sums, parameters = sums_query(project_id, day)
    totals = f"SELECT {', '.join((*KEY, *SUMS))} FROM logsync_dailycharge WHERE project_id = %s AND day = %s"  # noqa: S608
    any_only_in_first = "SELECT EXISTS (SELECT * FROM {0} EXCEPT SELECT * FROM {1})"
    with overflow_as_error(day), connection.cursor() as cursor:
        cursor.execute(
            f"WITH sums AS ({sums}), totals AS ({totals})"
            f" {any_only_in_first.format('sums', 'totals')} OR ({any_only_in_first.format('totals', 'sums')})",
            [*parameters, project_id, connection.ops.adapt_datefield_value(day)],
        )
        return bool(cursor.fetchone()[0])


def _daily_charge(project_id: int, day: date, row: dict[str, Any]) -> DailyCharge:
    return DailyCharge(
        project_id=project_id,
        day=day,
        **{name: row[f"{name}_key"] for name in KEY},
        **{name: row[f"total_{name}"] for name in SUMS},
    )


def _group(total: DailyCharge) -> tuple[str, ...]:
    return tuple(getattr(total, name) for name in KEY)


def _sums(total: DailyCharge | None) -> tuple[Any, ...]:
    return tuple(getattr(total, name) for name in SUMS) if total else ()
