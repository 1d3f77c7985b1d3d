"""How complete the figures of a filter are: which of its days were read to their end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import DateField, Value

from dashboard.filters.parser import Filter
from dashboard.queries.conditions import matching_logs, rollup_rows, unknown_values
from dashboard.queries.feed_progress import Day, FeedProgress, Unit, feed_progress, report_day
from dashboard.queries.projects import in_projects
from dashboard.queries.set_aside import by_day, set_aside_by_feed, with_set_aside
from dashboard.results import CLOSING, Freshness
from logsync.days import ONE_DAY, day_of, days_between
from logsync.models import Feed, ReportZone, StaleDay
from logsync.models.choices import UnitState
from logsync.rollups.known_days import days_of

# After this time, a day that was still not read past its end is a gap.
CLOSING_TIME = timedelta(minutes=15)
NOT_READ = "not read yet"
NOT_READ_TO_ITS_END = "not read to its end yet"
BEFORE_HISTORY = "before the first day that Tollbook reads"
NO_PROJECT = "no project is set up to be read"
NONE_OF_THESE = "none of these projects is set up to be read"


def freshness(log_filter: Filter, now: datetime) -> Freshness:
    """The state of every day of the filter up to today, over all feeds of its projects and media.

    A feed that is switched off counts on the days of which it has logs or units: its logs stay in the totals.
    A report day overlaps one or two UTC dates, and pulls read whole UTC dates. The day is complete when each date was
    read after the overlap ended, and nothing of the day was set aside. The running day is never complete; it has a
    reason here when it was not read since it began.
    """
    days = _days(log_filter, now)
    feeds = feed_progress(log_filter, days, now)
    feeds_aside = set_aside_by_feed(log_filter)
    aside = by_day(feeds_aside)
    today = day_of(now, settings.REPORT_TIME_ZONE)
    incomplete = with_set_aside(_incomplete(log_filter, days, feeds, now), aside, today)
    stale_days = _stale_days(log_filter, days)
    unfinished = {today, *incomplete, *stale_days}
    active = [feed for feed in feeds if not feed.off]
    return Freshness(
        start=log_filter.start,
        end=log_filter.last,
        today=today,
        data_until=_earliest([feed.read_until for feed in active or feeds if feed.unit_count or not feed.off]),
        days=len(days),
        complete_days=sum(day.day not in unfinished for day in days),
        incomplete=incomplete,
        stale_days=stale_days,
        set_aside_days=aside,
        set_aside_feeds=feeds_aside,
        dated_after_today=_dated_after(today, log_filter),
        history_done=sum(feed.done_count for feed in active),
        history_days=sum(feed.unit_count for feed in active),
        history_limits=_history_limits(days, active),
        unknown=unknown_values(log_filter),
    )


def incomplete_days(log_filter: Filter, now: datetime) -> dict[date, str]:
    """The days of the filter that are not complete, with the reason, as in `freshness`."""
    days = _days(log_filter, now)
    reasons = _incomplete(log_filter, days, feed_progress(log_filter, days, now), now)
    return with_set_aside(reasons, by_day(set_aside_by_feed(log_filter)), day_of(now, settings.REPORT_TIME_ZONE))


def _dated_after(today: date, log_filter: Filter) -> int:
    """The number of the filter's logs of later days."""
    if log_filter.last <= today:
        return 0
    later = replace(log_filter, start=max(log_filter.start or today, today + ONE_DAY))
    if later.from_rollup:
        return sum(rollup_rows(later).values_list("logs", flat=True))
    return matching_logs(later).count()


def reading_state() -> tuple[int, datetime | None]:
    """The number of active feeds, and until when all of them were read; None if any was not read yet."""
    read_until = list(Feed.objects.active().values_list("read_until", flat=True))
    return len(read_until), _earliest(read_until)


def _days(log_filter: Filter, now: datetime) -> list[Day]:
    zone = settings.REPORT_TIME_ZONE
    return [report_day(day, zone) for day in days_of(log_filter.start, min(log_filter.end, day_of(now, zone)))]


def _history_limits(days: Sequence[Day], feeds: Sequence[FeedProgress]) -> dict[str, date]:
    limits = {feed.name: feed.history_from for feed in feeds if feed.history_from}
    return {name: limit for name, limit in limits.items() if days and days[0].start.date() < limit}


def _incomplete(
    log_filter: Filter, days: Sequence[Day], feeds: Sequence[FeedProgress], now: datetime
) -> dict[date, str]:
    """Each day that is not complete, with the reason."""
    if not feeds:
        return dict.fromkeys([day.day for day in days], NONE_OF_THESE if log_filter.project else NO_PROJECT)
    active = [feed.read_dates for feed in feeds if not feed.off]
    off = [feed for feed in feeds if feed.off]
    read_dates = set.intersection(*active) if active else set()
    unsure = [
        day
        for day in days
        if not read_dates.issuperset((day.before, *(utc for utc, _ in day.parts), day.after))
        or any(_counts(day, feed) for feed in off)
    ]
    return {day.day: reason for day in unsure if (reason := _why_incomplete(day, feeds, now))}


def _why_incomplete(day: Day, feeds: Sequence[FeedProgress], now: datetime) -> str:
    """'' when the day is complete."""
    # With all feeds switched off, a day without logs is one that nobody read.
    feeds = [feed for feed in feeds if _counts(day, feed)] or feeds
    unread = [(feed, reason) for feed in feeds if (reason := _why_unread(day, feed, now))]
    if unread and all(_is_closing(day, feed, now) for feed, _ in unread):
        return CLOSING
    reasons = {feed.name: reason for feed, reason in unread}
    if len(set(reasons.values())) == 1 and len(reasons) == len(feeds):
        return next(iter(reasons.values()))
    return "; ".join(f"{name}: {reason}" for name, reason in reasons.items())


def _counts(day: Day, feed: FeedProgress) -> bool:
    if not feed.off or day.day in feed.days_with_logs:
        return True
    return any(utc in feed.units or utc in feed.read_dates for utc, _ in day.parts)


def _why_unread(day: Day, feed: FeedProgress, now: datetime) -> str:
    is_running = now < day.end and not feed.off
    # A day that began only just need not have been read since.
    if is_running and _reached(feed.read_until, min(day.start, now - CLOSING_TIME)):
        return ""
    # The running day needs a read since it began. Ignore a UTC date that has not begun.
    parts = [(utc, day.start if is_running else overlap_end) for utc, overlap_end in day.parts if utc <= now.date()]
    unread = next((utc for utc, until in parts if not _is_read(feed, utc, until)), None)
    return _reason(feed, unread) if unread else _why_unread_beside(day, feed)


def _is_closing(day: Day, feed: FeedProgress, now: datetime) -> bool:
    """Whether the day ended only just and lacked nothing while it was running, so that the next read completes it."""
    if feed.off or not day.end <= now < day.end + CLOSING_TIME or not _reached(feed.read_until, day.start):
        return False
    units = [feed.units[utc] for utc in days_between(day.before, day.after) if utc in feed.units]
    return not any(unit.error or unit.state == UnitState.BEYOND_HISTORY for unit in units)


def _why_unread_beside(day: Day, feed: FeedProgress) -> str:
    for utc in days_between(day.before, day.after):
        unit = feed.units.get(utc)
        if unit and unit.read_at is None and not _is_beyond(feed, utc, unit):
            return f"some of its logs may be listed under {utc}: {_reason(feed, utc)}"
    return ""


def _is_beyond(feed: FeedProgress, utc: date, unit: Unit) -> bool:
    kept_since = feed.history_from
    return unit.state == UnitState.BEYOND_HISTORY or (kept_since is not None and utc < kept_since)


def _is_read(feed: FeedProgress, utc: date, until: datetime) -> bool:
    """Whether the unit of a UTC date was read at or after an instant within it."""
    unit = feed.units.get(utc)
    return utc in feed.read_dates or (unit is not None and _reached(unit.read_at, until))


def _reached(instant: datetime | None, until: datetime) -> bool:
    return instant is not None and instant >= until


def _reason(feed: FeedProgress, utc: date) -> str:
    reason = _reason_of_date(feed, utc)
    if not feed.off:
        return reason
    unit = feed.units.get(utc)
    since = unit.read_at if unit and unit.read_at else feed.read_until
    if reason in {NOT_READ, NOT_READ_TO_ITS_END} and since:
        reason = f"not read since {day_of(since, settings.REPORT_TIME_ZONE)}"
    return f"{feed.off}; {reason}"


def _reason_of_date(feed: FeedProgress, utc: date) -> str:
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


def stale_days(log_filter: Filter, now: datetime) -> Sequence[date]:
    return _stale_days(log_filter, _days(log_filter, now))


def stale_day_count(of_all_time: Sequence[date]) -> int:
    """Of all projects. After a change of the timezone all days are stale, before any is marked."""
    return max(StaleDay.objects.values("project_id", "day").distinct().count(), len(of_all_time))


def _stale_days(log_filter: Filter, days: Sequence[Day]) -> list[date]:
    """All of them while the totals are of another REPORT_TIME_ZONE: no worker has rebuilt them yet."""
    if not days:
        return []
    marks = StaleDay.objects.filter(day__range=(days[0].day, days[-1].day))
    if log_filter.project:
        marks = marks.filter(in_projects(log_filter.project))
    other_zone = ReportZone.objects.exclude(name=settings.REPORT_TIME_ZONE.key)
    every_day = other_zone.annotate(day=Value(date.max, DateField())).values_list("day")
    stale = {day for (day,) in marks.values_list("day").union(every_day)}
    return [day.day for day in days] if date.max in stale else sorted(stale)


def _earliest(instants: list[datetime | None]) -> datetime | None:
    """None if there are none, or any is unknown."""
    known = [instant for instant in instants if instant is not None]
    return min(known) if known and len(known) == len(instants) else None
