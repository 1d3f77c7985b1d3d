"""One try at SignalWire: whatever happens, it is told in words and the lease is given back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logsync import leases, runs
from logsync.attempts import End, attempt
from logsync.choices import RunKind
from logsync.exceptions import CredentialsError
from logsync.failures import note_feed_failure
from logsync.models import Feed, Lease, PullUnit
from logsync.runs import Meter, begin
from logsync.schedule import ensure_units, unit_lease
from logsync.work import work_on_unit
from tests.logsync.pulling import put_many, today, voice

pytestmark = pytest.mark.django_db


def ignore(_):
    pass


def test_a_failure_of_our_own_is_told_without_what_it_was_about(project):
    outcome = attempt(voice().pk, leases.take("x"), ignore, lambda _: int("+12065551212x"))
    assert outcome.end is End.FAILED
    assert "Tollbook itself failed" in outcome.error
    assert "1206" not in voice().error
    assert voice().failures == 1


def test_only_after_failures_in_a_row_the_whole_feed_pauses(project):
    held = leases.take("x")
    for failures in (1, 2, 3):
        assert voice().next_try_at is None
        attempt(voice().pk, held, ignore, lambda _: int("x"))
        assert voice().failures == failures
    assert voice().next_try_at is not None
    assert attempt(voice().pk, held, ignore, ignore).end is End.FAILED


def test_workers_that_fail_at_the_same_moment_count_as_one_failure(project):
    both = [Feed.objects.get(pk=voice().pk) for _ in range(2)]
    for feed in both:
        note_feed_failure(feed, CredentialsError("no"))
    assert voice().failures == 1
    assert voice().next_try_at < timezone.now() + timedelta(minutes=2)


def test_a_success_ends_the_row(project):
    held = leases.take("x")
    attempt(voice().pk, held, ignore, lambda _: int("x"))
    assert attempt(voice().pk, held, ignore, ignore).end is End.DONE
    assert (voice().failures, voice().error) == (0, "")


def test_who_loses_the_lease_in_the_middle_stops_and_leaves_the_rest_to_the_other(project, space):
    put_many(space, 2001, created_at=f"{today()}T00:00:01Z")
    ensure_units(voice(), [today()])
    unit = PullUnit.objects.get()
    held = leases.take(unit_lease(unit.pk))

    def taken_over(_):
        Lease.objects.filter(name=held.name).update(owner="another")

    run = begin(RunKind.TODAY)
    outcome = work_on_unit(unit, held, Meter(run.pk, taken_over))
    assert outcome.end is End.ELSEWHERE
    assert voice().error == ""
    unit.refresh_from_db()
    assert unit.read_at is None
    run.refresh_from_db()
    assert (run.units_done, run.units_failed, run.rows) == (0, 0, 1000)
    assert Lease.objects.get().owner == "another"


def test_a_run_that_is_counted_by_many_adds_up(project):
    run = begin(RunKind.TODAY, units=2)
    for _ in range(2):
        meter = Meter(run.pk)
        meter(runs.Counts(requests=1, rows=2, new=1))
        meter(runs.Counts(rows=3, changed=1, quarantined=1))
        meter.write(done=1)
    runs.finish_pass(run.pk)
    run.refresh_from_db()
    assert (run.requests, run.rows, run.rows_new, run.rows_changed, run.rows_quarantined) == (2, 10, 2, 2, 2)
    assert (run.units, run.units_done, run.state) == (2, 2, "done")
