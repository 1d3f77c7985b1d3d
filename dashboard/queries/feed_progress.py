"""What was read of each feed on the report days of a filter."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Min, Q, When

from dashboard.filters.parser import Filter
from dashboard.queries.projects import in_projects
from logsync.database import DateAfter
from logsync.days import ONE_DAY, day_bounds, utc_days_of
from logsync.models import DailyCharge, Feed, PullUnit
from logsync.models.choices import UnitState


class Unit(NamedTuple):
    """A unit that was not read after the end of its date."""

    read_at: datetime | None
    state: str
    error: str


class Day(NamedTuple):
    """A report day. `end` is exclusive.

    `parts` are the UTC dates that overlap it, each with the end of the overlap. SignalWire does not document the
    timezone of its dates, so logs of the day may also be listed under the UTC dates `before` and `after`.
    """

    day: date
    start: datetime
    end: datetime
    parts: tuple[tuple[date, datetime], ...]
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class FeedProgress:
    """What was read of one feed: the UTC dates read after their end, and the units of the others.

    `first` is the earliest date that has a unit. Units are counted up to the current UTC date. `off` says why the feed
    is not read any more; `days_with_logs` are known for such a feed only.
    """

    name: str
    off: str
    read_until: datetime | None
    history_from: date | None
    first: date | None
    unit_count: int
    done_count: int
    read_dates: set[date]
    units: Mapping[date, Unit]
    days_with_logs: set[date]


@lru_cache(maxsize=4096)  # pages keep using the same few periods
def report_day(day: date, zone: ZoneInfo) -> Day:
    start, end = day_bounds(day, zone)
    parts = tuple(
        (utc, min(datetime.combine(utc + ONE_DAY, time(), tzinfo=UTC), end)) for utc in utc_days_of(day, zone)
    )
    return Day(day, start, end, parts, parts[0][0] - ONE_DAY, parts[-1][0] + ONE_DAY)


def feed_progress(log_filter: Filter, days: Sequence[Day], now: datetime) -> list[FeedProgress]:
    feeds = Feed.objects.with_off()
    if log_filter.medium:
        feeds = feeds.filter(medium__in=log_filter.medium)
    if log_filter.project:
        feeds = feeds.filter(in_projects(log_filter.project))
    begun = Q(units__day__lte=now.date())
    feeds = feeds.annotate(
        first=Min("units__day"),
        unit_count=Count("units", filter=begun),
        done_count=Count("units", filter=begun & _IS_DONE),
    )
    columns = ("off", "read_until", "history_from", "first", "unit_count", "done_count")
    rows = list(feeds.values("pk", "project_id", "project__name", "medium", *columns))
    read_dates, units = _read_dates_and_units([row["pk"] for row in rows], days)
    days_with_logs = _days_with_logs([(row["project_id"], row["medium"]) for row in rows if row["off"]], days)
    return [
        FeedProgress(
            name=f"{row['medium']} logs of {row['project__name']}",
            read_dates=read_dates[row["pk"]],
            units=units[row["pk"]],
            days_with_logs=days_with_logs[row["project_id"], row["medium"]],
            **{column: row[column] for column in columns},
        )
        for row in rows
    ]


_IS_DONE = Q(units__read_at__isnull=False) | Q(units__state=UnitState.BEYOND_HISTORY)


def _read_dates_and_units(
    feeds: Sequence[int], days: Sequence[Day]
) -> tuple[Mapping[int, set[date]], Mapping[int, Mapping[date, Unit]]]:
    """For each feed: the dates that were read after their end, and the units of the others."""
    read_dates: defaultdict[int, set[date]] = defaultdict(set)
    units: defaultdict[int, dict[date, Unit]] = defaultdict(dict)
    if days:
        rows = PullUnit.objects.filter(feed__in=feeds, day__range=(days[0].before, days[-1].after)).order_by()
        # Fetch `read_at` only where it matters: building a year of datetimes is slower than the query.
        in_part = Case(When(read_at__lt=DateAfter("day", days=1), then="read_at"))
        rows = rows.annotate(read_in_part=in_part, is_unread=Q(read_at__isnull=True))
        columns = ("feed_id", "day", "is_unread", "read_in_part", "state", "error")
        for feed, day, is_unread, read_at, state, error in rows.values_list(*columns):
            if is_unread or read_at:
                units[feed][day] = Unit(read_at, state, error)
            else:
                read_dates[feed].add(day)
    return read_dates, units


def _days_with_logs(feeds: Sequence[tuple[int, str]], days: Sequence[Day]) -> Mapping[tuple[int, str], set[date]]:
    """The days with logs of each of these feeds, by project and medium."""
    found: defaultdict[tuple[int, str], set[date]] = defaultdict(set)
    if feeds and days:
        any_feed = reduce(or_, (Q(project=project, medium=medium) for project, medium in feeds))
        totals = DailyCharge.objects.filter(any_feed, day__range=(days[0].day, days[-1].day)).order_by()
        for project, medium, day in totals.values_list("project_id", "medium", "day").distinct():
            found[project, medium].add(day)
    return found
