"""The schedule sends all due work to the workers, each piece once, and never too much at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logsync import tasks
from logsync.jobs import dispatch
from logsync.jobs.dispatch import MAX_QUEUED
from logsync.models import Feed, Log, MissingParent, PullUnit, SyncRun
from logsync.models import Lease as LeaseRow
from logsync.models.choices import RunKind, RunState
from logsync.scheduling.leases import Lease, claim, unit_lease
from logsync.scheduling.runs import ABANDONED_AFTER, MIN_KEPT_RUNS, begin, close_abandoned, prune
from tests.support.pulling import ago, put, today, total, voice

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue():
    """The messages that a broker would hold."""
    return []


@pytest.fixture
def send(queue):
    return lambda *message: queue.append(message)


@pytest.fixture(autouse=True)
def some_days(settings):
    settings.PULL_DAYS_BACK = 20
    settings.PULL_OVERLAP_DAYS = 2


def run_workers(queue, send):
    """Handle all messages as the workers would; returns the ids of the units read."""
    unit_ids = []
    while queue:
        unit_id, run_id, owner = queue.pop(0)
        lease = claim(Lease(unit_lease(unit_id), owner))
        if lease:
            unit_ids.append(unit_id)
            tasks.job.run_unit_job(PullUnit.objects.get(pk=unit_id), lease, tasks.runs.RunCounter(run_id))
            dispatch.fill_queue(send)
    return unit_ids


def test_the_first_history_is_sent_in_batches_and_read_completely(project, space, queue, send):
    put(space)
    put(space, "video", created_at=ago(days=11))
    dispatch.begin_history(send)
    assert len(queue) == MAX_QUEUED
    dispatch.begin_history(send)
    assert len(queue) == MAX_QUEUED
    unit_ids = run_workers(queue, send)
    assert len(unit_ids) == len(set(unit_ids)) == PullUnit.objects.count() > MAX_QUEUED
    assert total()[0] == 2
    dispatch.begin_history(send)
    assert queue == []
    run = SyncRun.objects.get()
    assert (run.kind, run.state) == (RunKind.HISTORY, RunState.DONE)
    assert run.units == run.units_done == len(unit_ids)
    assert run.requests == len(unit_ids) + 2  # of each feed, the day before the first one
    assert run.rows == run.rows_new == 2
    assert not LeaseRow.objects.exists()


def test_lost_messages_are_sent_again_once_their_reservations_expire(project, queue, send):
    dispatch.begin_history(send)
    lost = list(queue)
    queue.clear()
    dispatch.begin_history(send)
    assert queue == []
    LeaseRow.objects.update(until=timezone.now() - timedelta(seconds=1))
    dispatch.begin_history(send)
    assert {message[0] for message in queue} == {message[0] for message in lost}
    assert run_workers(lost, send) == []
    run_workers(queue, send)
    assert not PullUnit.objects.filter(read_at=None).exists()
    assert SyncRun.objects.count() == 1


def test_the_unit_of_a_killed_worker_is_read_by_the_next(project, queue, send):
    dispatch.begin_history(send)
    unit_id, _, owner = queue.pop(0)
    assert claim(Lease(unit_lease(unit_id), owner))  # the worker is killed now
    run_workers(queue, send)
    assert PullUnit.objects.get(read_at=None).pk == unit_id
    LeaseRow.objects.update(until=timezone.now() - timedelta(seconds=1))
    dispatch.begin_history(send)
    assert run_workers(queue, send) == [unit_id]
    dispatch.begin_history(send)
    assert SyncRun.objects.get().state == RunState.DONE


def test_today_and_the_window_read_their_days_again(project, queue, send):
    dispatch.begin_history(send)
    run_workers(queue, send)
    dispatch.begin_history(send)
    PullUnit.objects.update(read_at=timezone.now())
    dispatch.begin_pass(RunKind.TODAY, send)
    days = {PullUnit.objects.get(pk=unit_id).day for unit_id, *_ in queue}
    assert today() in days
    assert min(days) >= today() - timedelta(days=1)
    run_workers(queue, send)
    PullUnit.objects.update(read_at=timezone.now() - timedelta(minutes=5))
    dispatch.begin_pass(RunKind.WINDOW, send)
    days = {PullUnit.objects.get(pk=unit_id).day for unit_id, *_ in queue}
    assert min(days) == today() - timedelta(days=2)
    assert max(days) >= today()


def test_a_day_that_has_just_begun_is_read_with_today(project, queue, send):
    dispatch.begin_history(send)
    run_workers(queue, send)
    dispatch.begin_history(send)
    PullUnit.objects.filter(day__gte=today()).delete()
    dispatch.begin_history(send)
    assert queue == []
    dispatch.begin_pass(RunKind.TODAY, send)
    run_workers(queue, send)
    assert PullUnit.objects.filter(day=today(), read_at__isnull=False).count() == 2


def test_a_running_pass_is_not_begun_again(project, queue, send):
    dispatch.begin_history(send)
    run_workers(queue, send)
    dispatch.begin_history(send)
    PullUnit.objects.update(read_at=timezone.now() - timedelta(minutes=5))
    dispatch.begin_pass(RunKind.WINDOW, send)
    sent = len(queue)
    dispatch.begin_pass(RunKind.WINDOW, send)
    assert len(queue) == sent
    assert SyncRun.objects.filter(kind=RunKind.WINDOW).count() == 1


def test_a_paused_feed_is_skipped_and_its_run_says_why(project, space, queue, send):
    space.faults.add("403 always for /api/voice")
    dispatch.begin_history(send)
    run_workers(queue, send)
    dispatch.begin_history(send)
    run = SyncRun.objects.get()
    assert run.state == RunState.FAILED
    assert "Voice scope" in run.error
    assert PullUnit.objects.filter(feed=voice(), read_at=None).exists()
    assert not PullUnit.objects.exclude(feed=voice()).filter(read_at=None).exists()
    Feed.objects.update(next_try_at=timezone.now())
    space.faults.clear()
    dispatch.begin_history(send)
    run_workers(queue, send)
    assert not PullUnit.objects.filter(read_at=None).exists()


def test_reservations_are_released_when_the_broker_is_unavailable(project, queue, send):
    def broken(*_):
        raise ConnectionError("no broker")

    with pytest.raises(ConnectionError):
        dispatch.begin_history(broken)
    assert not LeaseRow.objects.exists()
    dispatch.begin_history(send)
    assert len(queue) == MAX_QUEUED


def test_the_newest_logs_of_a_feed_are_queued_only_once(project, queue, send):
    dispatch.send_newest(send)
    dispatch.send_newest(send)
    assert sorted(feed_id for feed_id, _ in queue) == sorted(Feed.objects.values_list("pk", flat=True))


def test_unfinished_calls_and_missing_parents_are_sent_only_when_due(project, queue, send):
    dispatch.send_unfinished(send)
    dispatch.send_parents(send)
    assert queue == []
    now = timezone.now()
    a_day_ago = now - timedelta(days=1)
    times = {"created_at": a_day_ago, "read_at": a_day_ago, "first_seen_at": a_day_ago, "next_read_at": a_day_ago}
    Log.objects.create(id="a", medium="voice", project=project, raw="{}", fingerprint=1, **times)
    MissingParent.objects.create(feed=voice(), log_id="p", next_read_at=now)
    dispatch.send_unfinished(send)
    dispatch.send_parents(send)
    assert [feed_id for feed_id, _ in queue] == [voice().pk] * 2


def test_a_call_of_the_last_minutes_is_left_to_the_newest_logs(project, queue, send):
    now = timezone.now()
    times = {"created_at": now, "read_at": now, "first_seen_at": now, "next_read_at": now}
    Log.objects.create(id="a", medium="voice", project=project, raw="{}", fingerprint=1, **times)
    dispatch.send_unfinished(send)
    assert queue == []


def test_tasks_of_feeds_and_of_one_log_record_a_run(project, space, queue, send):
    log_id = put(space, status="in-progress", parent_id="gone", created_at=ago(hours=2))
    dispatch.send_newest(send)
    for message in queue:
        tasks.pull_newest(*message)
        tasks.pull_newest(*message)  # delivered twice
    assert Log.objects.get().status == "in-progress"
    past = timezone.now() - timedelta(seconds=1)
    Log.objects.update(next_read_at=past)
    MissingParent.objects.update(next_read_at=past)
    space.update("voice", log_id, {"status": "completed"})
    queue.clear()
    dispatch.send_unfinished(send)
    tasks.read_unfinished(*queue.pop())
    assert Log.objects.get().status == "completed"
    dispatch.send_parents(send)
    tasks.read_parents(*queue.pop())
    assert MissingParent.objects.get().failures == 1
    space.update("voice", log_id, {"status": "busy"})
    tasks.read_again(project.pk, "voice", log_id)
    tasks.read_again(project.pk, "voice", "unknown")
    assert Log.objects.get().status == "busy"
    runs = [(run.kind, run.state) for run in SyncRun.objects.order_by("pk")]
    assert runs == [
        ("head", "done"),
        ("head", "done"),
        ("unfinished", "done"),
        ("parents", "done"),
        ("one-log", "done"),
        ("one-log", "failed"),
    ]
    assert "has no voice log unknown" in SyncRun.objects.get(state="failed").error
    assert voice().error == ""


def test_abandoned_runs_are_closed_as_failed(project, space, queue, send):
    newest = begin(RunKind.NEWEST, voice())
    chosen_days, one_log = begin(RunKind.RANGE), begin(RunKind.ONE_LOG, voice())
    SyncRun.objects.filter(pk=one_log.pk).update(started_at=timezone.now() - ABANDONED_AFTER)
    dispatch.send_newest(send)
    for message in queue:
        tasks.pull_newest(*message)
    close_abandoned()
    for run in (newest, chosen_days, one_log):
        run.refresh_from_db()
        assert run.state == RunState.FAILED
        assert "its process ended" in run.error
        assert run.finished_at


def test_old_runs_are_deleted_but_never_the_last_thousand(db):
    old = timezone.now() - timedelta(days=40)
    SyncRun.objects.bulk_create([SyncRun(kind=RunKind.NEWEST, state=RunState.DONE) for _ in range(MIN_KEPT_RUNS + 5)])
    SyncRun.objects.update(started_at=old)
    SyncRun.objects.filter(pk__in=SyncRun.objects.order_by("pk").values("pk")[:5]).update(
        started_at=old - timedelta(days=1)
    )
    prune()
    assert SyncRun.objects.count() == MIN_KEPT_RUNS
    SyncRun.objects.update(started_at=timezone.now())
    SyncRun.objects.bulk_create([SyncRun(kind=RunKind.NEWEST, state=RunState.DONE)])
    prune()
    assert SyncRun.objects.count() == MIN_KEPT_RUNS + 1


def test_a_message_for_a_day_that_was_read_meanwhile_sends_no_request(project, space, queue, send):
    dispatch.begin_history(send)
    unit_id, run_id, owner = queue[0]
    PullUnit.objects.filter(pk=unit_id).update(read_at=timezone.now())
    tasks.pull_unit(unit_id, run_id, owner)
    assert space.requests.total == 0
    assert not LeaseRow.objects.filter(name=unit_lease(unit_id)).exists()
