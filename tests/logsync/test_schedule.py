"""Which days are due: by dates and instants alone, and from the units in the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from logsync.choices import RunKind, UnitState
from logsync.leases import take, take_ticket
from logsync.models import PullUnit
from logsync.schedule import (
    active_feeds,
    ensure_history,
    ensure_units,
    history_start,
    is_due_again,
    last_day,
    read_until,
    unit_lease,
    waiting,
    window_start,
)
from tests.logsync.pulling import voice

DAY = date(2026, 11, 20)


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read_at", "now", "is_due"),
    [
        (at(20, 9), at(20, 10), True),  # while the day lasts
        (at(19, 22), at(19, 23), True),  # tomorrow in UTC, begun elsewhere
        (at(20, 23, 59), at(21, 0, 5), True),  # not read since its end
        (at(21, 0, 5), at(21, 1), False),  # read after its end in UTC
        (at(21, 0, 5), at(21, 12, 1), True),  # since then it has ended everywhere
        (at(21, 12, 1), at(25, 0), False),  # read to its end under every reading
        (at(20, 9), at(28, 0), True),  # nothing was running for a week
    ],
)
def test_a_day_is_due_again_until_it_was_read_after_its_end_everywhere(read_at, now, is_due):
    assert is_due_again(DAY, read_at, now) is is_due


def test_a_day_is_asked_for_as_soon_as_it_has_begun_anywhere():
    assert last_day(at(20, 9, 59)) == DAY
    assert last_day(at(20, 10)) == DAY + timedelta(days=1)


def reads(**hours):
    """read_at by day of November 2026: d20=(21, 5) is the 20th, read on the 21st at 5."""
    return {date(2026, 11, int(name[1:])): at(*when) for name, when in hours.items()}


@pytest.mark.parametrize(
    ("units", "reached"),
    [
        # All three that may hold logs of the 20th were read at nine.
        (reads(d19=(20, 9), d20=(20, 9), d21=(20, 9)), at(20, 9)),
        # Before ten, nobody has begun the 21st.
        (reads(d19=(20, 9), d20=(20, 9)), at(20, 9)),
        (reads(d19=(20, 15), d20=(20, 15)), at(20, 10)),
        # West of Greenwich the 20th may still be listed as the 19th, until noon.
        (reads(d19=(20, 5), d20=(20, 9)), at(20, 5)),
        (reads(d19=(20, 12), d20=(20, 15), d21=(20, 15)), at(20, 15)),
        # The 20th is over, and the 21st goes on.
        (reads(d19=(20, 12), d20=(21, 9), d21=(21, 9)), at(21, 9)),
        # A gap: the 20th was never read.
        (reads(d19=(20, 12), d21=(21, 9)), at(20, 0)),
        ({}, at(20, 0)),
    ],
)
def test_how_far_everything_was_read_never_jumps_a_gap(units, reached):
    assert read_until(units, DAY, at(21, 20)) == reached


@pytest.fixture
def feeds(project, settings):
    settings.PULL_DAYS_BACK = 5
    settings.PULL_OVERLAP_DAYS = 2
    return active_feeds()


@pytest.fixture
def now():
    return timezone.now()


def days_waiting(kind, feeds, now):
    return {unit.day for unit in waiting(kind, feeds, now, now) if unit.feed.medium == "voice"}


def read_all(read_at, **conditions):
    PullUnit.objects.filter(**conditions).update(state=UnitState.DONE, read_at=read_at)


def test_the_first_history_has_the_days_asked_for_and_one_more(feeds, now):
    ensure_history(feeds, now)
    ensure_history(feeds, now)
    days = sorted(PullUnit.objects.filter(feed=voice()).values_list("day", flat=True))
    assert days[0] == now.date() - timedelta(days=5) == history_start(feeds[0].project, now)
    assert days[-1] == last_day(now)
    assert len(days) == len(set(days)) == (days[-1] - days[0]).days + 1
    assert days_waiting(RunKind.HISTORY, feeds, now) == set(days)


def test_days_without_a_unit_are_made_when_nothing_was_running_for_a_while(feeds, now):
    ensure_history(feeds, now - timedelta(days=4))
    read_all(now - timedelta(days=4))
    ensure_history(feeds, now)
    assert days_waiting(RunKind.HISTORY, feeds, now) == {now.date() - timedelta(days=days) for days in range(3)} | {
        last_day(now)
    } - set(PullUnit.objects.exclude(read_at=None).values_list("day", flat=True))
    # What was read while it lasted is read to its end.
    assert now.date() - timedelta(days=4) in days_waiting(RunKind.TODAY, feeds, now)


def test_the_window_holds_the_last_days_that_were_read_before(feeds, now):
    ensure_history(feeds, now)
    read_all(now - timedelta(hours=1), day__lt=now.date())
    assert window_start(now) == now.date() - timedelta(days=2)
    assert days_waiting(RunKind.WINDOW, feeds, now) == {now.date() - timedelta(days=days) for days in (1, 2)}


def test_what_a_pass_has_read_it_does_not_read_again(feeds, now):
    ensure_history(feeds, now)
    read_all(now)
    assert waiting(RunKind.TODAY, feeds, now - timedelta(seconds=1), now) == []
    assert waiting(RunKind.WINDOW, feeds, now - timedelta(seconds=1), now) == []


def test_what_is_queued_or_at_work_is_not_waiting(feeds, now):
    ensure_history(feeds, now)
    before = waiting(RunKind.HISTORY, feeds, now, now)
    assert take(unit_lease(before[0].pk))
    assert take_ticket(unit_lease(before[1].pk))
    assert waiting(RunKind.HISTORY, feeds, now, now) == before[2:]


def test_the_newest_days_come_first(feeds, now):
    ensure_history(feeds, now)
    days = [unit.day for unit in waiting(RunKind.HISTORY, feeds, now, now)]
    assert days == sorted(days, reverse=True)


def test_what_failed_waits_for_its_next_try_and_a_paused_feed_for_its_own(feeds, now):
    ensure_history(feeds, now)
    later = now + timedelta(minutes=1)
    failed = PullUnit.objects.filter(feed=voice()).order_by("day").first()
    PullUnit.objects.filter(pk=failed.pk).update(state=UnitState.FAILED, error="no", next_try_at=later)
    assert failed.day not in days_waiting(RunKind.HISTORY, feeds, now)
    assert failed.day in days_waiting(RunKind.HISTORY, feeds, later)
    for feed in feeds:
        feed.next_try_at = later
    assert waiting(RunKind.HISTORY, feeds, now, now) == []


def test_a_failed_second_reading_is_tried_again_with_today(feeds, now):
    ensure_history(feeds, now)
    read_all(now - timedelta(hours=1))
    old = PullUnit.objects.filter(feed=voice()).order_by("day").first()
    assert old.day not in days_waiting(RunKind.TODAY, feeds, now)
    PullUnit.objects.filter(pk=old.pk).update(error="no", next_try_at=now)
    assert old.day in days_waiting(RunKind.TODAY, feeds, now)


def test_days_that_signalwire_keeps_no_more_are_left_alone(feeds, now):
    ensure_history(feeds, now)
    first = history_start(feeds[0].project, now)
    for feed in feeds:
        feed.history_from = first + timedelta(days=2)
    assert min(days_waiting(RunKind.HISTORY, feeds, now)) == first + timedelta(days=2)
    ensure_units(feeds[0], [first - timedelta(days=9)])
    assert PullUnit.objects.get(day=first - timedelta(days=9)).state == UnitState.BEYOND_HISTORY


def test_projects_and_media_that_are_switched_off_are_not_read(feeds, project):
    assert {feed.medium for feed in active_feeds()} == {"voice", "video"}
    project.pulls_video = False
    project.save()
    assert [feed.medium for feed in active_feeds()] == ["voice"]
    assert active_feeds(["video"]) == []
    project.is_active = False
    project.save()
    assert active_feeds() == []
