"""How long the first history still takes: at the pace of its pass so far, and before that by the limit of requests."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from logsync.models import Feed, PullUnit, SyncRun
from logsync.models.choices import RunKind, RunState, UnitState

# So many days must have been read before their pace says anything.
MIN_READ = 3
STEP_MINUTES = 5
SOON = "less than a minute"


def history_time_left(now: datetime) -> str:
    """In words, as of the tasks of workers or a `pull`; "" when nothing is left, or reading does not go on."""
    run = SyncRun.objects.filter(kind=RunKind.HISTORY, state=RunState.RUNNING).order_by("-started_at").first()
    if run is None:
        return ""
    left = PullUnit.objects.filter(state=UnitState.WAITING, day__lte=now.date(), feed__in=Feed.objects.active())
    by_project = dict(left.order_by().values_list("feed__project").annotate(units=Count("pk")))
    if not by_project:
        return ""
    return words(time_left(run.units_done, sum(by_project.values()), now - run.started_at, max(by_project.values())))


def time_left(read: int, left: int, elapsed: timedelta, largest: int | None = None) -> timedelta:
    """For the units that are left, after so many were read. `largest`: those of the project that has most.

    Before there is a pace, one request a unit: each project has its own limit of requests.
    """
    if read < MIN_READ:
        return timedelta(seconds=(left if largest is None else largest) / settings.PULL_REQUESTS_PER_SECOND)
    return elapsed / read * left


def words(left: timedelta) -> str:
    """Rounded up: "less than a minute", "about 4 min", "about 1 h 20 min"."""
    minutes = -(-left // timedelta(minutes=1))
    if minutes <= 1:
        return SOON
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return f"about {minutes} min"
    hours, minutes = divmod(-(-minutes // STEP_MINUTES) * STEP_MINUTES, 60)
    return f"about {hours:,} h {minutes:02d} min" if minutes else f"about {hours:,} h"
