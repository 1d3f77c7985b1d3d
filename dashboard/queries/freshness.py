"""How far the figures of a filter can be trusted: which of its days were read to their end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Count, DateTimeField, Func, Min, Q, QuerySet, When

from dashboard.filters import Filter
from dashboard.results import Freshness
from logsync.choices import UnitState
from logsync.days import ONE_DAY, day_bounds, day_of, days_between, utc_days_of
from logsync.models import DailyCharge, Feed, PullUnit, StaleDay

NOT_READ = "not read yet"
NOT_READ_TO_ITS_END = "not read to its end yet"
BEFORE_HISTORY = "before the first day that was asked for"
NO_PROJECT = "no project is set up to be read"


class _NextDate(Func):
    """The end of a UTC date. Django's own `F("day") + ONE_DAY` would call Python for each row of SQLite."""

    output_field = DateTimeField()
    template = "(%(expressions)s + 1)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="DATE(%(expressions)s, '+1 day')", **context)


class _Unit(NamedTuple):
    """A unit that was not read after the end of its date."""

    read_at: datetime | None
    state: str
    error: str


class _Day(NamedTuple):
    """A report day as instants; `end` is not part of it.

    `parts` are the UTC dates that share an instant with it, and when the shared part is over. SignalWire does not say
    in which timezone it takes a date, so its logs may be listed under the dates `before` and `after`, too.
    """

    day: date
    start: datetime
    end: datetime
    parts: tuple[tuple[date, datetime], ...]
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class _Reads:
    """What was read of one feed: the UTC dates read after their end, and the units of the others.

    `first` is the earliest date that was ever asked for.
    """

    name: str
    read_until: datetime | None
    history_from: date | None
    first: date | None
    asked_for: int
    done: int
    whole: set[date]
    units: Mapping[date, _Unit]


def freshness(wanted: Filter, now: datetime) -> Freshness:
    """Every day of the filter up to today, for every feed that its projects and media are read from.

    A report day spans one or two UTC dates, and these are what is read. It is complete when each of them was read once
    the part that they share was over. The running day counts as complete when it was read since it began.
    """
    days = _days_up_to_now(wanted, now)
    reads = _reads(wanted, days, now)
    incomplete = _incomplete(days, reads, now)
    return Freshness(
        data_until=_least([feed.read_until for feed in reads]),
        days=len(days),
        complete_days=len(days) - len(incomplete),
        incomplete=incomplete,
        stale_days=_stale_days(wanted, days),
        history_done=sum(feed.done for feed in reads),
        history_days=sum(feed.asked_for for feed in reads),
        history_limits=_limits(days, reads),
    )


def incomplete_days(wanted: Filter, now: datetime) -> dict[date, str]:
    """The days of the filter that are not read to their end, with the reason in words: as `freshness` says it."""
    days = _days_up_to_now(wanted, now)
    return _incomplete(days, _reads(wanted, days, now), now)


def reading_state() -> tuple[int, datetime | None]:
    """How many feeds are read, and until when all of them were; None: not all of them yet."""
    reached = list(_active_feeds(Q()).values_list("read_until", flat=True))
    return len(reached), _least(reached)


def first_day() -> date | None:
    """The first report day that has totals or was asked for."""
    firsts = (DailyCharge.objects.aggregate(day=Min("day"))["day"], PullUnit.objects.aggregate(day=Min("day"))["day"])
    return min((day for day in firsts if day), default=None)


def _days_up_to_now(wanted: Filter, now: datetime) -> list[_Day]:
    zone = settings.REPORT_TIME_ZONE
    end = min(wanted.end, day_of(now, zone))
    return [_day(day, zone) for day in days_between(wanted.start or first_day() or end, end)]


@lru_cache(maxsize=4096)  # every page asks for the days of a few periods, again and again
def _day(day: date, zone: ZoneInfo) -> _Day:
    start, end = day_bounds(day, zone)
    parts = tuple(
        (utc, min(datetime.combine(utc + ONE_DAY, time(), tzinfo=UTC), end)) for utc in utc_days_of(day, zone)
    )
    return _Day(day, start, end, parts, parts[0][0] - ONE_DAY, parts[-1][0] + ONE_DAY)


def _limits(days: Sequence[_Day], reads: Sequence[_Reads]) -> dict[str, date]:
    limits = {feed.name: feed.history_from for feed in reads if feed.history_from}
    return {name: limit for name, limit in limits.items() if days and days[0].start.date() < limit}


def _active_feeds(condition: Q) -> QuerySet[Feed]:
    """The feeds that are read, as logsync.schedule chooses them."""
    is_pulled = Q(medium="voice", project__pulls_voice=True) | Q(medium="video", project__pulls_video=True)
    return Feed.objects.filter(is_pulled & condition, project__is_active=True).order_by("project__name", "-medium")


def _reads(wanted: Filter, days: Sequence[_Day], now: datetime) -> list[_Reads]:
    condition = Q(medium__in=wanted.medium) if wanted.medium else Q()
    if wanted.project:
        condition &= Q(project__name__in=wanted.project)
    begun = Q(units__day__lte=now.date())
    feeds = _active_feeds(condition).annotate(
        first=Min("units__day"),
        asked_for=Count("units", filter=begun),
        done=Count("units", filter=begun & _IS_DONE),
    )
    columns = ("read_until", "history_from", "first", "asked_for", "done")
    rows = list(feeds.values("pk", "project__name", "medium", *columns))
    whole, units = _units([row["pk"] for row in rows], days)
    return [
        _Reads(
            name=f"{row['medium']} logs of {row['project__name']}",
            whole=whole[row["pk"]],
            units=units[row["pk"]],
            **{column: row[column] for column in columns},
        )
        for row in rows
    ]


_IS_DONE = Q(units__read_at__isnull=False) | Q(units__state=UnitState.BEYOND_HISTORY)


def _units(
    feeds: Sequence[int], days: Sequence[_Day]
) -> tuple[Mapping[int, set[date]], Mapping[int, Mapping[date, _Unit]]]:
    """By feed: the dates that were read after their end, and the units of the others."""
    whole: defaultdict[int, set[date]] = defaultdict(set)
    units: defaultdict[int, dict[date, _Unit]] = defaultdict(dict)
    if days:
        rows = PullUnit.objects.filter(feed__in=feeds, day__range=(days[0].before, days[-1].after)).order_by()
        # A year of times takes longer to make than to ask for.
        in_part = Case(When(read_at__lt=_NextDate("day"), then="read_at"))
        rows = rows.annotate(read_in_part=in_part, is_unread=Q(read_at__isnull=True))
        columns = ("feed_id", "day", "is_unread", "read_in_part", "state", "error")
        for feed, day, is_unread, read_at, state, error in rows.values_list(*columns):
            if is_unread or read_at:
                units[feed][day] = _Unit(read_at, state, error)
            else:
                whole[feed].add(day)
    return whole, units


def _incomplete(days: Sequence[_Day], reads: Sequence[_Reads], now: datetime) -> dict[date, str]:
    """The reason in words of each day that is not complete."""
    if not reads:
        return dict.fromkeys([day.day for day in days], NO_PROJECT)
    whole = set.intersection(*(feed.whole for feed in reads))
    rest = [day for day in days if not whole.issuperset((day.before, *(utc for utc, _ in day.parts), day.after))]
    return {day.day: reason for day in rest if (reason := _why_incomplete(day, reads, now))}


def _why_incomplete(day: _Day, reads: Sequence[_Reads], now: datetime) -> str:
    """'' when the day is complete."""
    reasons = {feed.name: reason for feed in reads if (reason := _why_unread(day, feed, now))}
    if len(set(reasons.values())) == 1 and len(reasons) == len(reads):
        return next(iter(reasons.values()))
    return "; ".join(f"{name}: {reason}" for name, reason in reasons.items())


def _why_unread(day: _Day, feed: _Reads, now: datetime) -> str:
    running = now < day.end
    if running and _reached(feed.read_until, day.start):
        return ""
    # Of the running day, what was read since it began counts; a date that begins only later today says nothing yet.
    parts = [(utc, day.start if running else over_at) for utc, over_at in day.parts if utc <= now.date()]
    unread = next((utc for utc, until in parts if not _is_read(feed, utc, until)), None)
    return _reason(feed, unread) if unread else _why_unread_beside(day, feed)


def _why_unread_beside(day: _Day, feed: _Reads) -> str:
    for utc in days_between(day.before, day.after):
        unit = feed.units.get(utc)
        if unit and unit.read_at is None and not _is_beyond(feed, utc, unit):
            return f"some of its logs may be listed under {utc}: {_reason(feed, utc)}"
    return ""


def _is_beyond(feed: _Reads, utc: date, unit: _Unit) -> bool:
    kept_since = feed.history_from
    return unit.state == UnitState.BEYOND_HISTORY or (kept_since is not None and utc < kept_since)


def _is_read(feed: _Reads, utc: date, until: datetime) -> bool:
    """Whether the unit of a UTC date was read at or after an instant within it."""
    unit = feed.units.get(utc)
    return utc in feed.whole or (unit is not None and _reached(unit.read_at, until))


def _reached(instant: datetime | None, until: datetime) -> bool:
    return instant is not None and instant >= until


def _reason(feed: _Reads, utc: date) -> str:
    unit = feed.units.get(utc)
    if feed.history_from is not None and utc < feed.history_from:
        return f"SignalWire keeps history only since {feed.history_from}"
    if unit is None:
        return BEFORE_HISTORY if feed.first is not None and utc < feed.first else NOT_READ
    if unit.state == UnitState.BEYOND_HISTORY:
        return "older than SignalWire keeps"
    if unit.error:
        return f"could not be read: {unit.error}"
    return NOT_READ if unit.read_at is None else NOT_READ_TO_ITS_END


def _stale_days(wanted: Filter, days: Sequence[_Day]) -> list[date]:
    if not days:
        return []
    marks = StaleDay.objects.filter(day__range=(days[0].day, days[-1].day))
    if wanted.project:
        marks = marks.filter(project__name__in=wanted.project)
    return list(marks.order_by("day").values_list("day", flat=True).distinct())


def _least(instants: list[datetime | None]) -> datetime | None:
    known = [instant for instant in instants if instant is not None]
    return min(known) if known and len(known) == len(instants) else None
