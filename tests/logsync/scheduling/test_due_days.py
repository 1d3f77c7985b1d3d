"""Which days are due, by dates and instants, and by the units in the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from logsync.days import days_between
from logsync.models import PullUnit
from logsync.models.choices import RunKind, UnitState
from logsync.scheduling.due_days import (
    active_feeds,
    due_units,
    ensure_history,
    ensure_units,
    history_start,
    is_due_again,
    is_overdue,
    last_begun_day,
    read_without_gap_until,
)
from logsync.scheduling.leases import acquire, reserve, unit_lease
from tests.support.pulling import voice

DAY = date(2026, 11, 20)


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read_at", "now", "is_due"),
    [
        (at(20, 9), at(20, 10), True),  # while the day lasts
        (at(19, 22), at(19, 23), True),  # tomorrow in UTC, begun already elsewhere
        (at(20, 23, 59), at(21, 0, 5), True),  # not read since its end in UTC
        (at(21, 0, 5), at(21, 1), False),  # read after its end in UTC
        (at(21, 0, 5), at(21, 12, 1), True),  # it has since ended everywhere
        (at(21, 12, 1), at(25, 0), False),  # read after its end everywhere
        (at(20, 9), at(28, 0), True),  # nothing was running for a week
    ],
)
def test_a_day_is_due_until_it_was_read_after_its_end_everywhere(read_at, now, is_due):
    assert is_due_again(DAY, read_at, now) is is_due


def test_a_day_is_due_as_soon_as_it_has_begun_anywhere():
    assert last_begun_day(at(20, 9, 59)) == DAY
    assert last_begun_day(at(20, 10)) == DAY + timedelta(days=1)


def reads(**hours):
    """read_at by day of November 2026: d20=(21, 5) is the 20th, read on the 21st at 5."""
    return {date(2026, 11, int(name[1:])): at(*when) for name, when in hours.items()}


@pytest.mark.parametrize(
    ("units", "reached"),
    [
        # All three units that may list logs of the 20th were read at nine.
        (reads(d19=(20, 9), d20=(20, 9), d21=(20, 9)), at(20, 9)),
        # The 21st begins nowhere before ten.
        (reads(d19=(20, 9), d20=(20, 9)), at(20, 9)),
        (reads(d19=(20, 15), d20=(20, 15)), at(20, 10)),
        # Until noon, a log of the 20th may be listed under the 19th, west of Greenwich.
        (reads(d19=(20, 5), d20=(20, 9)), at(20, 5)),
        (reads(d19=(20, 12), d20=(20, 15), d21=(20, 15)), at(20, 15)),
        # The 20th has ended, the 21st has not.
        (reads(d19=(20, 12), d20=(21, 9), d21=(21, 9)), at(21, 9)),
        # A gap: the 20th was never read.
        (reads(d19=(20, 12), d21=(21, 9)), at(20, 0)),
        ({}, at(20, 0)),
    ],
)
def test_read_without_gap_stops_at_the_first_gap(units, reached):
    assert read_without_gap_until(units, DAY, at(21, 20)) == reached


@pytest.fixture
def feeds(project, settings):
    settings.PULL_DAYS_BACK = 5
    settings.PULL_OVERLAP_DAYS = 2
    return active_feeds()


@pytest.fixture
def now():
    return timezone.now()


def due_days_of_voice(kind, feeds, now):
    return {unit.day for unit in due_units(kind, feeds, now, now) if unit.feed.medium == "voice"}


def read_all(read_at, **conditions):
    PullUnit.objects.filter(**conditions).update(state=UnitState.DONE, read_at=read_at)


def test_the_first_history_has_pull_days_back_and_one_day_more(feeds, now):
    ensure_history(feeds, now)
    ensure_history(feeds, now)
    days = sorted(PullUnit.objects.filter(feed=voice()).values_list("day", flat=True))
    assert days[0] == now.date() - timedelta(days=5) == history_start(feeds[0].project, now)
    assert days[-1] == last_begun_day(now)
    assert len(days) == len(set(days)) == (days[-1] - days[0]).days + 1
    assert due_days_of_voice(RunKind.HISTORY, feeds, now) == set(days)


def test_units_are_created_for_days_on_which_nothing_was_running(feeds, now):
    ensure_history(feeds, now - timedelta(days=4))
    read_all(now - timedelta(days=4))
    ensure_history(feeds, now)
    new = days_between(last_begun_day(now - timedelta(days=4)) + timedelta(days=1), last_begun_day(now))
    assert due_days_of_voice(RunKind.HISTORY, feeds, now) == set(new)
    # A day that was read while it lasted is due again.
    assert now.date() - timedelta(days=4) in due_days_of_voice(RunKind.TODAY, feeds, now)


def test_the_window_has_the_days_that_are_not_settled(feeds, now):
    ensure_history(feeds, now)
    last_midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    read_all(last_midnight, day__lt=now.date())
    assert due_days_of_voice(RunKind.WINDOW, feeds, now) == {now.date() - timedelta(days=days) for days in (1, 2)}
    # Three days ago has ended two days before midnight: one second earlier was not late enough.
    read_all(last_midnight - timedelta(seconds=1), day__lt=now.date())
    assert due_days_of_voice(RunKind.WINDOW, feeds, now) == {now.date() - timedelta(days=days) for days in (1, 2, 3)}


@pytest.mark.parametrize("kind", [RunKind.WINDOW, RunKind.TODAY])
def test_days_that_were_not_settled_when_reading_stopped_are_read_again_however_old(feeds, now, kind):
    stopped_at = (now - timedelta(days=40)).replace(hour=9)
    ensure_history(feeds, now)
    ensure_units(voice(), [stopped_at.date() - timedelta(days=back) for back in range(9)])
    read_all(now)
    read_all(stopped_at, day__lte=stopped_at.date())
    unsettled = {stopped_at.date() - timedelta(days=back) for back in (0, 1, 2)}
    assert due_days_of_voice(kind, feeds, now) - {now.date() - timedelta(days=back) for back in range(4)} == unsettled
    read_all(now, day__in=unsettled)
    assert not due_days_of_voice(kind, feeds, now + timedelta(seconds=1)) & unsettled


@pytest.mark.parametrize(
    ("read_at", "now", "overdue"),
    [
        (at(21, 5), at(22, 23, 59), False),  # still within the two days after its end
        (at(21, 5), at(23, 0), True),
        (at(22, 23, 59), at(28, 0), True),  # nothing was running for days
        (at(23, 0), at(28, 0), False),
        (at(28, 0), at(29, 0), False),  # the first history: read long after its end, it is settled at once
    ],
)
def test_a_day_is_settled_by_a_read_pull_overlap_days_after_its_end(settings, read_at, now, overdue):
    settings.PULL_OVERLAP_DAYS = 2
    assert is_overdue(DAY, read_at, now) is overdue


def test_a_pass_does_not_read_a_day_twice(feeds, now):
    ensure_history(feeds, now)
    read_all(now)
    assert due_units(RunKind.TODAY, feeds, now - timedelta(seconds=1), now) == []
    assert due_units(RunKind.WINDOW, feeds, now - timedelta(seconds=1), now) == []


def test_units_that_are_queued_or_in_progress_are_not_due(feeds, now):
    ensure_history(feeds, now)
    before = due_units(RunKind.HISTORY, feeds, now, now)
    assert acquire(unit_lease(before[0].pk))
    assert reserve(unit_lease(before[1].pk))
    assert due_units(RunKind.HISTORY, feeds, now, now) == before[2:]


def test_due_units_are_sorted_newest_day_first(feeds, now):
    ensure_history(feeds, now)
    days = [unit.day for unit in due_units(RunKind.HISTORY, feeds, now, now)]
    assert days == sorted(days, reverse=True)


def test_failed_units_and_paused_feeds_are_not_due_before_their_retry(feeds, now):
    ensure_history(feeds, now)
    later = now + timedelta(minutes=1)
    failed = PullUnit.objects.filter(feed=voice()).order_by("day").first()
    PullUnit.objects.filter(pk=failed.pk).update(state=UnitState.FAILED, error="no", next_try_at=later)
    assert failed.day not in due_days_of_voice(RunKind.HISTORY, feeds, now)
    assert failed.day in due_days_of_voice(RunKind.HISTORY, feeds, later)
    for feed in feeds:
        feed.next_try_at = later
    assert due_units(RunKind.HISTORY, feeds, now, now) == []


def test_a_day_whose_second_read_failed_is_retried_with_today(feeds, now):
    ensure_history(feeds, now)
    read_all(now - timedelta(hours=1))
    old = PullUnit.objects.filter(feed=voice()).order_by("day").first()
    assert old.day not in due_days_of_voice(RunKind.TODAY, feeds, now)
    PullUnit.objects.filter(pk=old.pk).update(error="no", next_try_at=now)
    assert old.day in due_days_of_voice(RunKind.TODAY, feeds, now)


def test_days_beyond_the_history_are_not_due(feeds, now):
    ensure_history(feeds, now)
    first = history_start(feeds[0].project, now)
    for feed in feeds:
        feed.history_from = first + timedelta(days=2)
    assert min(due_days_of_voice(RunKind.HISTORY, feeds, now)) == first + timedelta(days=2)
    ensure_units(feeds[0], [first - timedelta(days=9)])
    assert PullUnit.objects.get(day=first - timedelta(days=9)).state == UnitState.BEYOND_HISTORY


def test_projects_and_media_that_are_switched_off_have_no_active_feeds(feeds, project):
    assert {feed.medium for feed in active_feeds()} == {"voice", "video"}
    project.pulls_video = False
    project.save()
    assert [feed.medium for feed in active_feeds()] == ["voice"]
    assert active_feeds(["video"]) == []
    project.is_active = False
    project.save()
    assert active_feeds() == []
