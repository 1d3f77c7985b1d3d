"""An attempt records any failure, and its lease is released."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logsync.exceptions import CredentialsError
from logsync.jobs.job import run_unit_job
from logsync.models import Feed, Lease, PullUnit
from logsync.models.choices import RunKind
from logsync.pulling.attempt import Result, attempt
from logsync.scheduling import leases, runs
from logsync.scheduling.backoff import record_feed_failure
from logsync.scheduling.due_days import ensure_units
from logsync.scheduling.leases import unit_lease
from logsync.scheduling.runs import RunCounter, begin
from tests.support.pulling import put_many, today, voice

pytestmark = pytest.mark.django_db


def ignore(_):
    pass


def test_an_unexpected_error_is_recorded_without_its_details(project):
    outcome = attempt(voice().pk, leases.acquire("x"), ignore, lambda _: int("+12065551212x"))
    assert outcome.result is Result.FAILED
    assert "Tollbook itself failed" in outcome.error
    assert "1206" not in voice().error
    assert voice().failures == 1


def test_a_feed_pauses_after_three_failures_in_a_row(project):
    lease = leases.acquire("x")
    for failures in (1, 2, 3):
        assert voice().next_try_at is None
        attempt(voice().pk, lease, ignore, lambda _: int("x"))
        assert voice().failures == failures
    assert voice().next_try_at is not None
    assert attempt(voice().pk, lease, ignore, ignore).result is Result.FAILED


def test_failures_of_several_workers_at_once_count_as_one(project):
    loaded_by_two_workers = [Feed.objects.get(pk=voice().pk) for _ in range(2)]
    for feed in loaded_by_two_workers:
        record_feed_failure(feed, CredentialsError("no"))
    assert voice().failures == 1
    assert voice().next_try_at < timezone.now() + timedelta(minutes=2)


def test_a_success_clears_the_failures(project):
    lease = leases.acquire("x")
    attempt(voice().pk, lease, ignore, lambda _: int("x"))
    assert attempt(voice().pk, lease, ignore, ignore).result is Result.DONE
    assert (voice().failures, voice().error) == (0, "")


def test_work_that_loses_its_lease_stops_and_leaves_the_rest_to_the_new_owner(project, space):
    put_many(space, 2001, created_at=f"{today()}T00:00:01Z")
    ensure_units(voice(), [today()])
    unit = PullUnit.objects.get()
    lease = leases.acquire(unit_lease(unit.pk))

    def take_over(_):
        Lease.objects.filter(name=lease.name).update(owner="another")

    run = begin(RunKind.TODAY)
    outcome = run_unit_job(unit, lease, RunCounter(run.pk, take_over))
    assert outcome.result is Result.ELSEWHERE
    assert voice().error == ""
    unit.refresh_from_db()
    assert unit.read_at is None
    run.refresh_from_db()
    assert (run.units_done, run.units_failed, run.rows) == (0, 0, 1000)
    assert Lease.objects.get().owner == "another"


def test_counts_of_several_workers_add_up_in_their_run(project):
    run = begin(RunKind.TODAY, units=2)
    for _ in range(2):
        counter = RunCounter(run.pk)
        counter(runs.Counts(requests=1, rows=2, new=1))
        counter(runs.Counts(rows=3, changed=1, quarantined=1))
        counter.write(done=1)
    runs.finish_pass(run.pk)
    run.refresh_from_db()
    assert (run.requests, run.rows, run.rows_new, run.rows_changed, run.rows_quarantined) == (2, 10, 2, 2, 2)
    assert (run.units, run.units_done, run.state) == (2, 2, "done")
