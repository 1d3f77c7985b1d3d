"""What the schedule sends to the workers: everything that is due, once, and never too much at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logsync import dispatch, tasks
from logsync.choices import RunKind, RunState
from logsync.dispatch import MOST_QUEUED
from logsync.leases import Held, take_over
from logsync.models import Feed, Lease, Log, MissingParent, PullUnit, SyncRun
from logsync.runs import ABANDONED_AFTER, KEPT_RUNS, begin, close_abandoned, prune
from logsync.schedule import unit_lease
from tests.logsync.pulling import ago, put, today, total, voice

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue():
    """Messages, as a broker would keep them."""
    return []


@pytest.fixture
def send(queue):
    return lambda *message: queue.append(message)


@pytest.fixture(autouse=True)
def some_days(settings):
    settings.PULL_DAYS_BACK = 20
    settings.PULL_OVERLAP_DAYS = 2


def work_through(queue, send):
    """What the workers do with the messages, in turn."""
    worked = []
    while queue:
        unit_id, run_id, owner = queue.pop(0)
        held = take_over(Held(unit_lease(unit_id), owner))
        if held:
            worked.append(unit_id)
            tasks.work.work_on_unit(PullUnit.objects.get(pk=unit_id), held, tasks.runs.Meter(run_id))
            dispatch.fill_queue(send)
    return worked


def test_the_first_history_is_sent_bit_by_bit_and_read_to_the_end(project, space, queue, send):
    put(space)
    put(space, "video", created_at=ago(days=11))
    dispatch.begin_waiting(send)
    assert len(queue) == MOST_QUEUED
    dispatch.begin_waiting(send)
    assert len(queue) == MOST_QUEUED
    worked = work_through(queue, send)
    assert len(worked) == len(set(worked)) == PullUnit.objects.count() > MOST_QUEUED
    assert total()[0] == 2
    dispatch.begin_waiting(send)
    assert queue == []
    run = SyncRun.objects.get()
    assert (run.kind, run.state) == (RunKind.HISTORY, RunState.DONE)
    assert run.units == run.units_done == len(worked)
    assert run.requests == len(worked)
    assert run.rows == run.rows_new == 2
    assert not Lease.objects.exists()


def test_what_was_lost_in_the_queue_is_sent_again_once_its_tickets_ran_out(project, queue, send):
    dispatch.begin_waiting(send)
    lost = list(queue)
    queue.clear()
    dispatch.begin_waiting(send)
    assert queue == []
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    dispatch.begin_waiting(send)
    assert {message[0] for message in queue} == {message[0] for message in lost}
    late = work_through(lost, send)
    assert late == []
    work_through(queue, send)
    assert not PullUnit.objects.filter(read_at=None).exists()
    assert SyncRun.objects.count() == 1


def test_what_a_dead_worker_held_is_read_by_the_next(project, queue, send):
    dispatch.begin_waiting(send)
    unit_id, _, owner = queue.pop(0)
    assert take_over(Held(unit_lease(unit_id), owner))  # and then it is killed
    work_through(queue, send)
    assert PullUnit.objects.get(read_at=None).pk == unit_id
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    dispatch.begin_waiting(send)
    assert work_through(queue, send) == [unit_id]
    dispatch.begin_waiting(send)
    assert SyncRun.objects.get().state == RunState.DONE


def test_today_and_the_window_read_again_what_they_should(project, queue, send):
    dispatch.begin_waiting(send)
    work_through(queue, send)
    dispatch.begin_waiting(send)
    PullUnit.objects.update(read_at=timezone.now() - timedelta(minutes=5))
    dispatch.begin_pass(RunKind.TODAY, send)
    days = {PullUnit.objects.get(pk=unit_id).day for unit_id, *_ in queue}
    assert today() in days
    assert min(days) >= today() - timedelta(days=1)
    work_through(queue, send)
    PullUnit.objects.update(read_at=timezone.now() - timedelta(minutes=5))
    dispatch.begin_pass(RunKind.WINDOW, send)
    days = {PullUnit.objects.get(pk=unit_id).day for unit_id, *_ in queue}
    assert min(days) == today() - timedelta(days=2)
    assert max(days) >= today()


def test_a_day_that_has_begun_is_read_with_today(project, queue, send):
    dispatch.begin_waiting(send)
    work_through(queue, send)
    dispatch.begin_waiting(send)
    PullUnit.objects.filter(day__gte=today()).delete()
    dispatch.begin_waiting(send)
    assert queue == []
    dispatch.begin_pass(RunKind.TODAY, send)
    work_through(queue, send)
    assert PullUnit.objects.filter(day=today(), read_at__isnull=False).count() == 2


def test_a_pass_that_still_goes_on_is_not_begun_twice(project, queue, send):
    dispatch.begin_waiting(send)
    work_through(queue, send)
    dispatch.begin_waiting(send)
    PullUnit.objects.update(read_at=timezone.now() - timedelta(minutes=5))
    dispatch.begin_pass(RunKind.WINDOW, send)
    sent = len(queue)
    dispatch.begin_pass(RunKind.WINDOW, send)
    assert len(queue) == sent
    assert SyncRun.objects.filter(kind=RunKind.WINDOW).count() == 1


def test_a_feed_that_pauses_is_not_sent_and_its_run_says_why(project, space, queue, send):
    space.faults.add("403 always for /api/voice")
    dispatch.begin_waiting(send)
    work_through(queue, send)
    dispatch.begin_waiting(send)
    run = SyncRun.objects.get()
    assert run.state == RunState.FAILED
    assert "Voice scope" in run.error
    assert PullUnit.objects.filter(feed=voice(), read_at=None).exists()
    assert not PullUnit.objects.exclude(feed=voice()).filter(read_at=None).exists()
    Feed.objects.update(next_try_at=timezone.now())
    space.faults.clear()
    dispatch.begin_waiting(send)
    work_through(queue, send)
    assert not PullUnit.objects.filter(read_at=None).exists()


def test_when_the_broker_is_away_nothing_is_taken_for_sent(project, queue, send):
    def broken(*_):
        raise ConnectionError("no broker")

    with pytest.raises(ConnectionError):
        dispatch.begin_waiting(broken)
    assert not Lease.objects.exists()
    dispatch.begin_waiting(send)
    assert len(queue) == MOST_QUEUED


def test_each_feed_has_its_head_sent_once_at_a_time(project, queue, send):
    dispatch.send_heads(send)
    dispatch.send_heads(send)
    assert sorted(feed_id for feed_id, _ in queue) == sorted(Feed.objects.values_list("pk", flat=True))


def test_unfinished_calls_and_missing_parents_are_sent_only_when_there_are_some(project, queue, send):
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


def test_a_call_of_the_last_minutes_is_left_to_the_head(project, queue, send):
    now = timezone.now()
    times = {"created_at": now, "read_at": now, "first_seen_at": now, "next_read_at": now}
    Log.objects.create(id="a", medium="voice", project=project, raw="{}", fingerprint=1, **times)
    dispatch.send_unfinished(send)
    assert queue == []


def test_the_tasks_of_feeds_and_of_one_log_do_their_work_and_leave_a_run(project, space, queue, send):
    log_id = put(space, status="in-progress", parent_id="gone", created_at=ago(hours=2))
    dispatch.send_heads(send)
    for message in queue:
        tasks.pull_head(*message)
        tasks.pull_head(*message)  # delivered twice
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


def test_runs_of_the_dead_are_closed_as_failed(project, space, queue, send):
    dead_head = begin(RunKind.HEAD, voice())
    dead_range, dead_reading = begin(RunKind.RANGE), begin(RunKind.ONE_LOG, voice())
    SyncRun.objects.filter(pk=dead_reading.pk).update(started_at=timezone.now() - ABANDONED_AFTER)
    dispatch.send_heads(send)
    for message in queue:
        tasks.pull_head(*message)
    close_abandoned()
    for run in (dead_head, dead_range, dead_reading):
        run.refresh_from_db()
        assert run.state == RunState.FAILED
        assert "its process ended" in run.error
        assert run.finished_at


def test_old_runs_are_forgotten_but_never_the_last_thousand(db):
    old = timezone.now() - timedelta(days=40)
    SyncRun.objects.bulk_create([SyncRun(kind=RunKind.HEAD, state=RunState.DONE) for _ in range(KEPT_RUNS + 5)])
    SyncRun.objects.update(started_at=old)
    SyncRun.objects.filter(pk__in=SyncRun.objects.order_by("pk").values("pk")[:5]).update(
        started_at=old - timedelta(days=1)
    )
    prune()
    assert SyncRun.objects.count() == KEPT_RUNS
    SyncRun.objects.update(started_at=timezone.now())
    SyncRun.objects.bulk_create([SyncRun(kind=RunKind.HEAD, state=RunState.DONE)])
    prune()
    assert SyncRun.objects.count() == KEPT_RUNS + 1


def test_a_message_for_a_day_that_was_read_meanwhile_asks_for_nothing(project, space, queue, send):
    dispatch.begin_waiting(send)
    unit_id, run_id, owner = queue[0]
    PullUnit.objects.filter(pk=unit_id).update(read_at=timezone.now())
    tasks.pull_unit(unit_id, run_id, owner)
    assert space.requests.total == 0
    assert not Lease.objects.filter(name=unit_lease(unit_id)).exists()
