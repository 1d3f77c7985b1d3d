"""Rebuilds the totals of report days from the logs; totals are never incremented.

Each mark of a stale day is a row. A rebuild deletes only the marks that existed before it read the logs, so a mark set
meanwhile remains, and the day is rebuilt again.
"""

import logging
from datetime import date
from secrets import randbits

from django.conf import settings
from django.db import connection
from django.db.models import Max, Min

from logsync.database import atomic, now, process_started_at
from logsync.days import day_of
from logsync.exceptions import TotalTooLargeError
from logsync.models import DailyCharge, Log, ReportZone, RolledDay, StaleDay
from logsync.rollups.sums import KEY, SUMS, days_with_logs, overflow_as_error, sums_query

logger = logging.getLogger(__name__)
# Tollbook's own key among PostgreSQL's advisory locks.
ROLLUP_LOCK = 0x70_11
OLD_PROCESS = (
    "This process was started with REPORT_TIME_ZONE=%s before the timezone was changed to %s (at %s), so it does not"
    " update the totals. Give all processes the same REPORT_TIME_ZONE, and restart this one."
)
# Small enough for the sum of half a million seals to fit into 64 bits.
SEAL_BITS = 44


@atomic()
def rebuild_day(project_id: int, day: date) -> None:
    """Rebuild the totals of one project's report day. Safe at any time, from any number of workers.

    Raises TotalTooLargeError, and then leaves the totals and the marks unchanged. So does a process whose
    REPORT_TIME_ZONE is not that of the totals.
    """
    if not is_current(ReportZone.objects.current()):
        return
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
    """Rebuild every stale day, and return how many were rebuilt. A day whose totals are too large stays marked.

    A process that was started before REPORT_TIME_ZONE was changed leaves all of them to the others.
    """
    if not ensure_zone():
        return 0
    rebuilt = 0
    for project_id, day in list(StaleDay.objects.order_by("-day").values_list("project_id", "day").distinct()):
        try:
            rebuild_day(project_id, day)
            rebuilt += 1
        except TotalTooLargeError as error:
            logger.error("%s", error)  # noqa: TRY400 - the message needs no traceback
    return rebuilt


def rebuild_all() -> int:
    """Rebuild the totals of all days, and return how many were rebuilt."""
    if ensure_zone():
        with atomic():
            mark_all_stale()
    return rebuild_stale()


def ensure_zone() -> bool:
    """After a change of REPORT_TIME_ZONE, delete all totals and mark all days as stale.

    Two processes with different timezones must not do that in turn: one that was started before the last change is
    the older one, and needs a restart. False for such a process.
    """
    if is_current(stored := ReportZone.objects.first()) and stored:
        return True
    with atomic():
        stored = ReportZone.objects.current(to_change=True)
        if stored and stored.changed_at and not is_current(stored) and process_started_at() < stored.changed_at:
            logger.error(OLD_PROCESS, settings.REPORT_TIME_ZONE.key, stored.name, stored.changed_at)
            return False
        if stored is None or not is_current(stored):
            changed = {"name": settings.REPORT_TIME_ZONE.key, "changed_at": now() if stored else None}
            ReportZone.objects.update_or_create(pk=stored.pk if stored else 1, defaults=changed)
            DailyCharge.objects.all().delete()
            RolledDay.objects.all().delete()
            mark_all_stale()
    return True


def is_current(stored: ReportZone | None) -> bool:
    """Whether totals of this timezone are those of this process; so are those that do not exist yet."""
    return stored is None or stored.name == settings.REPORT_TIME_ZONE.key


def mark_all_stale() -> None:
    """Mark every day that has logs or totals as stale."""
    project_days = set(DailyCharge.objects.values_list("project_id", "day").distinct())
    zone = settings.REPORT_TIME_ZONE
    days = list(days_with_logs(zone))
    spans = Log.objects.order_by().values_list("project_id").annotate(Min("created_at"), Max("created_at"))
    for project_id, first, last in spans:
        first_day, last_day = day_of(first, zone), day_of(last, zone)
        project_days |= {(project_id, day) for day in days if first_day <= day <= last_day}
    StaleDay.objects.bulk_create(StaleDay(project_id=project_id, day=day) for project_id, day in sorted(project_days))


def _insert_totals(project_id: int, day: date) -> None:
    """Computes the totals within the database, without loading them."""
    sums, parameters = sums_query(project_id, day)
    columns = ", ".join(("project_id", "day", *KEY, *SUMS))
    with overflow_as_error(day), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO logsync_dailycharge ({columns}) SELECT %s, %s, sums.* FROM ({sums}) AS sums",  # noqa: S608
            [project_id, connection.ops.adapt_datefield_value(day), *parameters],
        )


def _lock_day(project_id: int, day: date) -> None:
    """Allow one rebuild of a day at a time. SQLite needs no lock: its immediate transactions exclude each other."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [ROLLUP_LOCK, project_id * 10**6 + day.toordinal()]
            )
