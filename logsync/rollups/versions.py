"""Which report days have totals that are up to date, and in which version. The columnar copy holds these."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Exists, Q

from logsync import database
from logsync.days import day_of
from logsync.models import ReportZone, RolledDay, StaleDay

# Days of a project -> version.
Versions = Mapping[tuple[int, date], int]


@dataclass(frozen=True, slots=True)
class State:
    """The days of projects that have logs: `versions` of those whose totals are up to date, and the `stale` others."""

    versions: Versions
    stale: frozenset[tuple[int, date]]


def days_over(state: State) -> Versions:
    """Those before today."""
    today = day_of(database.now(), settings.REPORT_TIME_ZONE)
    return {key: version for key, version in state.versions.items() if key[1] < today}


def state_of(days: Q | None = None, project_ids: Collection[int] | None = None) -> State:
    """Of the days that meet a condition on `day`, or of all. No version while the totals are of another
    REPORT_TIME_ZONE.

    Marks are read before versions: whatever is written in between, a version is that of the day at one moment since.
    """
    condition = Q() if days is None else days
    if project_ids is not None:
        condition &= Q(project__in=project_ids)
    stale = frozenset(StaleDay.objects.filter(condition).values_list("project_id", "day"))
    other_zone = ReportZone.objects.exclude(name=settings.REPORT_TIME_ZONE.key)
    rolled = RolledDay.objects.filter(condition & ~Exists(other_zone)).values_list("project_id", "day", "seal")
    versions = {(project_id, day): version for project_id, day, version in rolled if (project_id, day) not in stale}
    return State(versions, stale)
