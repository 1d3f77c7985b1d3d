"""Which days are due to be read. No network, no writing but for the units of days that have none yet.

The timezone of `created_on` is not documented, and neither is whether a day's edges belong to it. So a unit counts as
read to its end only once the day is over everywhere on Earth, and a day is asked for as soon as it has begun anywhere.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q

from logsync.choices import RunKind, UnitState
from logsync.days import ONE_DAY, days_between
from logsync.leases import held_names
from logsync.models import Feed, Project, PullUnit

# UTC+14 is the first to begin a day, UTC-12 the last to end it.
FIRST_ZONE = timedelta(hours=14)
LAST_ZONE = timedelta(hours=12)
UNIT_LEASE = "unit:"


def unit_lease(unit_id: int) -> str:
    return f"{UNIT_LEASE}{unit_id}"


def day_begin(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def day_end(day: date) -> datetime:
    return day_begin(day + ONE_DAY)


def last_day(now: datetime) -> date:
    """The last date that has begun anywhere: today in UTC, or tomorrow."""
    return (now + FIRST_ZONE).date()


def history_start(project: Project, now: datetime) -> date:
    """The first day that is read without being asked for: PULL_DAYS_BACK days, and one more for the timezone."""
    return min(project.created_at, now).date() - timedelta(days=settings.PULL_DAYS_BACK)


def is_due_again(day: date, read_at: datetime, now: datetime) -> bool:
    """Whether a day that was read is to be read again today: while it lasts, and after its end."""
    if now < day_end(day):
        return True
    over_everywhere = day_end(day) + LAST_ZONE
    return read_at < day_end(day) or read_at < over_everywhere <= now


def active_feeds(medium: Collection[str] = (), project: str = "") -> list[Feed]:
    """The feeds that are to be read, of these media and this project where they are given."""
    feeds = Feed.objects.select_related("project").filter(project__is_active=True)
    if medium:
        feeds = feeds.filter(medium__in=medium)
    if project:
        feeds = feeds.filter(project__name=project)
    return [feed for feed in feeds.order_by("project__name", "-medium") if feed.medium in feed.project.media]


def ensure_units(feed: Feed, days: Sequence[date]) -> None:
    """Make the units of these days that do not exist yet."""
    known = set(PullUnit.objects.filter(feed=feed, day__in=days).values_list("day", flat=True))
    PullUnit.objects.bulk_create([_new_unit(feed, day) for day in days if day not in known], ignore_conflicts=True)


def ensure_history(feeds: Iterable[Feed], now: datetime) -> None:
    """Make the units of all days since the first history that have none, also of those while nothing was running."""
    last = last_day(now)
    for feed in feeds:
        first = history_start(feed.project, now)
        units = PullUnit.objects.filter(feed=feed, day__range=(first, last))
        if units.count() <= (last - first).days:
            ensure_units(feed, list(days_between(first, last)))


def _new_unit(feed: Feed, day: date) -> PullUnit:
    beyond = feed.history_from is not None and day < feed.history_from
    return PullUnit(feed=feed, day=day, state=UnitState.BEYOND_HISTORY if beyond else UnitState.WAITING)


def waiting(
    kind: str, feeds: Iterable[Feed], since: datetime, now: datetime, *, also_taken: bool = False
) -> list[PullUnit]:
    """The units that a pass of this kind, begun at `since`, has still to read; newest day first.

    Leaves out what failed and is not to be tried again yet, and (unless `also_taken`) what is at work or in the queue.
    """
    open_feeds = {feed.pk: feed for feed in feeds if feed.next_try_at is None or feed.next_try_at <= now}
    units = (
        PullUnit.objects.select_related("feed__project")
        .filter(
            Q(next_try_at=None) | Q(next_try_at__lte=now),
            Q(read_at=None) | Q(read_at__lt=since),
            _candidates(kind, now),
            feed__in=open_feeds,
        )
        .order_by("-day", "feed_id")
    )
    chosen = [unit for unit in units if not _is_beyond(unit, open_feeds[unit.feed_id])]
    if kind == RunKind.TODAY:
        chosen = [unit for unit in chosen if _is_for_today(unit, now)]
    taken = held_names(UNIT_LEASE) if chosen and not also_taken else set()
    return [unit for unit in chosen if unit_lease(unit.pk) not in taken]


def _candidates(kind: str, now: datetime) -> Q:
    match kind:
        case RunKind.HISTORY:
            return Q(read_at=None)
        case RunKind.WINDOW:
            return Q(read_at__isnull=False, day__gte=window_start(now))
        case RunKind.TODAY:
            return Q(read_at__isnull=False) | Q(day__gte=now.date())
    raise ValueError(f"{kind} is not a pass over days")


def _is_for_today(unit: PullUnit, now: datetime) -> bool:
    return unit.read_at is None or bool(unit.error) or is_due_again(unit.day, unit.read_at, now)


def _is_beyond(unit: PullUnit, feed: Feed) -> bool:
    never = unit.state == UnitState.BEYOND_HISTORY and unit.read_at is None
    return never or (feed.history_from is not None and unit.day < feed.history_from)


def window_start(now: datetime) -> date:
    """The first of the last PULL_OVERLAP_DAYS days, and one more for the timezone."""
    return now.date() - timedelta(days=settings.PULL_OVERLAP_DAYS)


def read_until(reads: Mapping[date, datetime], since: date, now: datetime) -> datetime:
    """How far everything created from `since` on was read, by the `read_at` of the units.

    What was created on one day is listed under that date, the one before, or the one after, by the timezone of
    `created_on`: the day is read as far as all three are.
    """
    for day in days_between(since, now.date()):
        reached = _read_within(day, reads)
        if reached < day_end(day):
            return max(reached, day_begin(day))
    return now


def _read_within(day: date, reads: Mapping[date, datetime]) -> datetime:
    never = day_begin(day)
    before, own, after = (reads.get(day + timedelta(days=offset), never) for offset in (-1, 0, 1))
    if before >= day_begin(day) + LAST_ZONE:  # the day before is read to its end
        before = own
    return min(before, own, max(after, day_end(day) - FIRST_ZONE))
