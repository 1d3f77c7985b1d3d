"""Which days are due. Uses no network, and writes nothing but missing units.

SignalWire documents neither the timezone of `created_on` nor whether the ends of a day are inclusive. So a unit is
complete only once its day has ended everywhere on Earth, and a day is due as soon as it has begun anywhere.

Charges of a day still change after its end: it is read every day until it is settled, however long nothing was running.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q

from logsync.database import DateAfter
from logsync.days import ONE_DAY, days_between
from logsync.models import Feed, Project, PullUnit
from logsync.models.choices import RunKind, UnitState
from logsync.scheduling.leases import UNIT_LEASE, held_names, unit_lease

# A day begins first in UTC+14 and ends last in UTC-12.
FIRST_ZONE = timedelta(hours=14)
LAST_ZONE = timedelta(hours=12)


def utc_day_start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def utc_day_end(day: date) -> datetime:
    return utc_day_start(day + ONE_DAY)


def last_begun_day(now: datetime) -> date:
    """The latest date that has begun anywhere: today in UTC, or tomorrow."""
    return (now + FIRST_ZONE).date()


def first_day_not_over(now: datetime) -> date:
    """The earliest date that has not ended everywhere, so it may be a space's today: today in UTC, or yesterday."""
    return (now - LAST_ZONE).date()


def history_start(project: Project, now: datetime) -> date:
    """The first day that is read automatically: PULL_DAYS_BACK days before the project was added here."""
    return min(project.created_at, now).date() - timedelta(days=settings.PULL_DAYS_BACK)


def is_due_again(day: date, read_at: datetime, now: datetime) -> bool:
    """Whether a day must be read again: while it lasts, after its end in UTC, and after its end everywhere."""
    if now < utc_day_end(day):
        return True
    over_everywhere = utc_day_end(day) + LAST_ZONE
    return read_at < utc_day_end(day) or read_at < over_everywhere <= now


def settles_at(day: date) -> datetime:
    """When charges of the day are no longer expected to change. Once read after that, the day is settled."""
    return utc_day_end(day) + timedelta(days=settings.PULL_OVERLAP_DAYS)


def is_overdue(day: date, read_at: datetime, now: datetime) -> bool:
    """Whether a day could be settled, but was not read since: reading had stopped, or a backup was restored."""
    return read_at < settles_at(day) <= now


def active_feeds(medium: Collection[str] = (), project: str = "") -> list[Feed]:
    """The active feeds with their projects, limited to these media and this project if given."""
    feeds = Feed.objects.active().select_related("project")
    if medium:
        feeds = feeds.filter(medium__in=medium)
    if project:
        feeds = feeds.filter(project__name=project)
    return list(feeds)


def ensure_units(feed: Feed, days: Sequence[date]) -> None:
    """Create the missing units of these days."""
    existing = set(PullUnit.objects.filter(feed=feed, day__in=days).values_list("day", flat=True))
    PullUnit.objects.bulk_create([_new_unit(feed, day) for day in days if day not in existing], ignore_conflicts=True)


def ensure_history(feeds: Iterable[Feed], now: datetime) -> None:
    """Create the missing units from `history_start` on, including the days on which nothing was running."""
    last = last_begun_day(now)
    for feed in feeds:
        first = history_start(feed.project, now)
        units = PullUnit.objects.filter(feed=feed, day__range=(first, last))
        if units.count() <= (last - first).days:
            ensure_units(feed, list(days_between(first, last)))


def _new_unit(feed: Feed, day: date) -> PullUnit:
    is_beyond = feed.history_from is not None and day < feed.history_from
    return PullUnit(feed=feed, day=day, state=UnitState.BEYOND_HISTORY if is_beyond else UnitState.WAITING)


def due_units(
    kind: str, feeds: Iterable[Feed], since: datetime, now: datetime, *, include_leased: bool = False
) -> list[PullUnit]:
    """The units that a pass of this kind, begun at `since`, still has to read; newest day first.

    Skips units whose retry is not due, those of paused feeds and, unless `include_leased`, those queued or in progress.
    """
    unpaused_feeds = {feed.pk: feed for feed in feeds if feed.next_try_at is None or feed.next_try_at <= now}
    units = (
        PullUnit.objects.select_related("feed__project")
        .filter(
            Q(next_try_at=None) | Q(next_try_at__lte=now),
            Q(read_at=None) | Q(read_at__lt=since),
            _candidates(kind, now),
            feed__in=unpaused_feeds,
        )
        .order_by("-day", "feed_id")
    )
    due = [unit for unit in units if not _is_beyond(unit, unpaused_feeds[unit.feed_id])]
    if kind == RunKind.TODAY:
        due = [unit for unit in due if _is_for_today(unit, now)]
    leased = held_names(UNIT_LEASE) if due and not include_leased else set()
    return [unit for unit in due if unit_lease(unit.pk) not in leased]


def _candidates(kind: str, now: datetime) -> Q:
    match kind:
        case RunKind.HISTORY:
            return Q(read_at=None)
        case RunKind.WINDOW:
            return Q(read_at__lt=DateAfter("day", days=1 + settings.PULL_OVERLAP_DAYS))
        case RunKind.TODAY:
            unsettled = Q(read_at__lt=DateAfter("day", days=2 + settings.PULL_OVERLAP_DAYS))
            return Q(read_at=None, day__gte=now.date()) | ~Q(error="") | unsettled
    raise ValueError(f"{kind} is not a pass over days")


def _is_for_today(unit: PullUnit, now: datetime) -> bool:
    if unit.read_at is None or unit.error:
        return True
    return is_due_again(unit.day, unit.read_at, now) or is_overdue(unit.day, unit.read_at, now)


def _is_beyond(unit: PullUnit, feed: Feed) -> bool:
    is_unread = unit.state == UnitState.BEYOND_HISTORY and unit.read_at is None
    return is_unread or (feed.history_from is not None and unit.day < feed.history_from)


def read_without_gap_until(reads: Mapping[date, datetime], since: date, now: datetime) -> datetime:
    """The instant up to which everything created from `since` on was read, given each unit's `read_at`.

    Depending on the timezone of `created_on`, a log is listed under its UTC date, the date before or the date after. So
    a day has been read only as far as all three units.
    """
    for day in days_between(since, now.date()):
        reached = _read_within(day, reads)
        if reached < utc_day_end(day):
            return max(reached, utc_day_start(day))
    return now


def _read_within(day: date, reads: Mapping[date, datetime]) -> datetime:
    unread = utc_day_start(day)
    before, same, after = (reads.get(day + timedelta(days=offset), unread) for offset in (-1, 0, 1))
    if before >= utc_day_start(day) + LAST_ZONE:  # the day before is complete
        before = same
    return min(before, same, max(after, utc_day_end(day) - FIRST_ZONE))
