"""The budget of requests of one project: shared by all who ask, in a file or in Redis; and what happens after a 429."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from logsync.budget import HOST, Budget
from logsync.exceptions import UnavailableError
from logsync.pace import LONGEST_ASKED_S, Pace, Rate, enter, leave, slow_down
from logsync.shelves import FileShelf, RedisShelf
from logsync.simulator import sample
from tests.logsync.asking import asking, ids
from tests.logsync.processes import ROOT

FAST = Rate(per_second=1000, in_flight=100, hold_s=60)

ASK = """
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from logsync.budget import Budget
from logsync.client import Credentials, SignalWireClient
from logsync.pace import Rate
from logsync.shelves import FileShelf, RedisShelf
print("ready", flush=True)
for line in sys.stdin:
    url, project, token, folder, redis_url, requests, *rate = json.loads(line)
    files = FileShelf(Path(folder))
    shelf = RedisShelf(redis_url, files) if redis_url else files
    client = SignalWireClient(Credentials(url, project, token), budget=Budget(shelf, url, project, Rate(*rate, 60)))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: list(client.iter_pages("voice")), range(requests)))
    print("done", flush=True)
"""


@pytest.fixture(scope="module")
def two_processes():
    """Each asks, with four threads, what a line tells it."""
    command, pipes = [sys.executable, "-c", ASK], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    yield processes
    for process in processes:
        process.communicate(timeout=20)


@pytest.fixture(params=["files", "redis"])
def shared(request, tmp_path):
    """Where the pace lies: the shelf, and the address of its Redis or ''."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    files = FileShelf(tmp_path)
    return RedisShelf(url, files) if url else files, url


@pytest.fixture
def ask_by_two(two_processes, space, space_url, tmp_path, shared):
    """Let the processes send so many requests together; answers when each came in."""

    def ask(requests, per_second, in_flight):
        told = [space_url, *space.credentials, str(tmp_path), shared[1], requests // 2, per_second, in_flight]
        for process in two_processes:
            process.stdin.write(json.dumps(told) + "\n")
            process.stdin.flush()
        assert [process.stdout.readline() for process in two_processes] == ["done\n"] * 2
        return sorted(request.at for request in space.requests)

    return ask


def most_within(times, seconds):
    """The most requests in any span of so many seconds."""
    return max(sum(start <= at < start + timedelta(seconds=seconds) for at in times) for start in times)


def test_two_processes_together_never_ask_more_often_than_allowed(ask_by_two):
    times = ask_by_two(requests=40, per_second=20, in_flight=8)
    assert len(times) == 40
    assert most_within(times, 1) <= 21  # one that was held up on its way may come in with the next
    assert times[-1] - times[0] >= timedelta(seconds=39 / 20 - 0.1)


def test_two_processes_together_never_have_more_under_way_than_allowed(space, ask_by_two):
    space.faults.latency_s = 0.05
    ask_by_two(requests=24, per_second=1000, in_flight=3)
    assert space.requests.most_in_flight == 3


@pytest.mark.parametrize("fault", ["429=2 on 6", "503=2 on 6"])
def test_one_refusal_stops_all_of_them_and_they_begin_slowly(space, ask_by_two, fault):
    space.faults.add(fault)
    times = ask_by_two(requests=16, per_second=40, in_flight=1)
    refused_at = next(request.at for request in space.requests if request.status in {429, 503})
    after = [at for at in times if at > refused_at]
    assert len(after) == 11  # the refused one once more
    assert after[0] - refused_at >= timedelta(seconds=2)
    assert after[1] - after[0] >= timedelta(seconds=1 / 40 / 0.2)


def test_each_project_has_a_budget_of_its_own(tmp_path):
    slow = Rate(per_second=0.001, in_flight=1, hold_s=60)
    for project in ("one", "other"):
        with Budget(FileShelf(tmp_path), "https://example", project, slow).turn(time.sleep, 0):
            pass
    with pytest.raises(UnavailableError), Budget(FileShelf(tmp_path), "https://example", "one", slow).turn(print, 0):
        pass


def test_whoever_waits_too_long_gives_up_in_words(shared):
    budget = Budget(shared[0], "https://example", "p", Rate(1000, 1, 60))
    waits_in_vain = pytest.raises(UnavailableError, match="wait for their turn")
    with budget.turn(time.sleep, 1), waits_in_vain, budget.turn(time.sleep, 0.1):
        pass


def test_a_pause_beyond_patience_is_told_with_its_end(space, space_url, shared):
    space.put("voice", sample())
    space.faults.add("429=3600 next 1")
    budget = Budget(shared[0], space_url, space.credentials[0], FAST)
    with asking(space, space_url, budget=budget) as (client, waits):
        with pytest.raises(UnavailableError) as first:
            ids(client)
        with pytest.raises(UnavailableError) as second:
            ids(client)
    assert space.requests.total == 1
    assert waits == []
    assert abs(second.value.retry_at - first.value.retry_at) < timedelta(seconds=5)
    standing = budget.standing()
    assert abs(standing.slowed_until - first.value.retry_at) < timedelta(seconds=5)
    assert (standing.requests, standing.refusals) == (1, 1)


def test_the_place_of_a_process_that_was_killed_is_free_again(shared):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    rate = Rate(per_second=1_000_000, in_flight=1, hold_s=60)
    budget = Budget(shared[0], "https://example", "p", rate)

    def take(place):
        return lambda pace, now: enter(pace, place, rate, now)

    budget._change(take(f"{HOST} {dead.pid} x"))
    with budget.turn(time.sleep, 1):
        pass
    # Of another machine only time can tell.
    budget._change(take(f"elsewhere {os.getpid()} x"))
    with pytest.raises(UnavailableError), budget.turn(time.sleep, 0.1):
        pass


def test_a_place_is_given_up_after_its_time():
    pace, rate = Pace(), Rate(10, 1, 60)
    assert enter(pace, "a", rate, 1000) == 0
    assert enter(pace, "b", rate, 1059) > 0
    assert enter(pace, "b", rate, 1061) == 0


def test_redis_away_leaves_the_budget_to_each_machine(tmp_path):
    budget = Budget(RedisShelf("redis://127.0.0.1:1/0", FileShelf(tmp_path)), "https://example", "p", FAST)
    with budget.turn(time.sleep, 1):
        pass
    assert budget.standing().requests == 1


def test_a_file_cut_short_is_begun_anew(tmp_path):
    budget = Budget(FileShelf(tmp_path), "https://example", "p", FAST)
    with budget.turn(time.sleep, 1):
        pass
    next(tmp_path.iterdir()).write_bytes(b'{"sent_at": 17')
    with budget.turn(time.sleep, 1):
        pass
    assert budget.standing().requests == 1


def test_threads_lose_no_request(shared):
    budget = Budget(shared[0], "https://example", "p", Rate(1_000_000, 100, 60))

    def ask(_):
        with budget.turn(time.sleep, 30) as turn:
            turn.is_well()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, range(120)))
    assert budget.standing().requests == 120
    assert budget._change(lambda pace, _now: pace.in_flight) == {}


def test_without_a_time_the_pause_doubles_and_a_complaint_counts_once():
    pace = Pace()
    slow_down(pace, None, sent_at=99, now=100)
    slow_down(pace, None, sent_at=99.5, now=100.2)  # under way when the first came
    assert pace.paused_for_s(100.2) == 1
    slow_down(pace, None, sent_at=102, now=103)
    assert pace.paused_for_s(103) == 2
    for _ in range(20):
        slow_down(pace, None, sent_at=pace.paused_until, now=pace.paused_until)
    assert pace.paused_for_s(pace.paused_at) == 60
    slow_down(pace, 10**9, sent_at=pace.paused_until, now=pace.paused_until)
    assert pace.paused_for_s(pace.paused_at) == LONGEST_ASKED_S


def test_good_answers_bring_the_whole_budget_back():
    pace, rate, now = Pace(), Rate(8, 8, 60), 1000.0
    slow_down(pace, 5, sent_at=now, now=now)
    assert enter(pace, "a", rate, now) == 5
    now += 5
    assert enter(pace, "a", rate, now) == 0
    assert enter(pace, "b", rate, now) > 0  # one at a time
    for _ in range(14):
        leave(pace, "a", is_well=True)
    assert (pace.ease, pace.pauses) == (1, 0)


def test_a_clock_set_back_stops_nobody_for_long():
    pace, rate = Pace(), Rate(10, 8, 60)
    assert enter(pace, "a", rate, 10_000) == 0
    assert enter(pace, "b", rate, 5_000) == 0
