"""The rate limiter across threads and processes, on files and on Redis, and after a 429."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis

from logsync.exceptions import UnavailableError
from logsync.rate_limit.limiter import HOST, RateLimiter
from logsync.rate_limit.redis_store import RedisStateStore
from logsync.rate_limit.state import MAX_RETRY_AFTER_S, LimiterState, RateLimit, release, slow_down, try_acquire
from logsync.rate_limit.stores import FileStateStore
from logsync.simulator import sample
from tests.support.processes import ROOT
from tests.support.signalwire_client import asking, ids

FAST = RateLimit(per_second=1000, in_flight=100, permit_ttl_s=60)

CLIENT_SCRIPT = """
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from logsync.rate_limit.limiter import RateLimiter
from logsync.signalwire.client import Credentials, SignalWireClient
from logsync.rate_limit.state import RateLimit
from logsync.rate_limit.redis_store import RedisStateStore
from logsync.rate_limit.stores import FileStateStore
print("ready", flush=True)
for line in sys.stdin:
    url, project, token, folder, redis_url, requests, *rate = json.loads(line)
    files = FileStateStore(Path(folder))
    store = RedisStateStore(redis_url, files) if redis_url else files
    limiter = RateLimiter(store, url, project, RateLimit(*rate, 60))
    client = SignalWireClient(Credentials(url, project, token), rate_limiter=limiter)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: list(client.iter_pages("voice")), range(requests)))
    print("done", flush=True)
"""


@pytest.fixture(scope="module")
def two_processes():
    """Each reads job lines from stdin and sends the requests with four threads."""
    command, pipes = (
        [sys.executable, "-c", CLIENT_SCRIPT],
        {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True},
    )
    processes = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    yield processes
    for process in processes:
        process.communicate(timeout=20)


@pytest.fixture(params=["files", "redis"])
def shared(request, tmp_path):
    """A shared store, and the URL of its Redis or ''."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    files = FileStateStore(tmp_path)
    return RedisStateStore(url, files) if url else files, url


@pytest.fixture
def send_from_two(two_processes, space, space_url, tmp_path, shared):
    """Let both processes send `requests` in total; returns when each arrived."""

    def send(requests, per_second, in_flight):
        job = [space_url, *space.credentials, str(tmp_path), shared[1], requests // 2, per_second, in_flight]
        for process in two_processes:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
        assert [process.stdout.readline() for process in two_processes] == ["done\n"] * 2
        return sorted(request.at for request in space.requests)

    return send


def test_two_processes_share_the_rate(send_from_two, shared, space, space_url):
    """By when each was permitted: on a busy machine some arrive late, together with the next."""
    assert len(send_from_two(requests=40, per_second=20, in_flight=8)) == 40
    limiter = RateLimiter(shared[0], space_url, space.credentials[0], FAST)
    by_second = limiter._change(lambda state, _now: dict(state.sent))
    assert sum(by_second.values()) == 40
    assert max(by_second.values()) <= 20


def test_two_processes_share_the_limit_of_requests_in_flight(space, send_from_two):
    space.faults.latency_s = 0.05
    send_from_two(requests=24, per_second=1000, in_flight=3)
    assert space.requests.most_in_flight == 3


@pytest.mark.parametrize("fault", ["429=2 on 6", "503=2 on 6"])
def test_one_refusal_pauses_all_processes_and_they_restart_slowly(space, send_from_two, fault):
    space.faults.add(fault)
    times = send_from_two(requests=16, per_second=20, in_flight=1)
    refused_at = next(request.at for request in space.requests if request.status in {429, 503})
    after = [at for at in times if at > refused_at]
    assert len(after) == 11  # including the retry of the refused one
    assert after[0] - refused_at >= timedelta(seconds=2)
    assert after[1] - after[0] >= timedelta(seconds=1 / 20 / 0.2)


def test_projects_are_limited_separately(tmp_path):
    slow = RateLimit(per_second=0.001, in_flight=1, permit_ttl_s=60)
    for project in ("one", "other"):
        with RateLimiter(FileStateStore(tmp_path), "https://example", project, slow).permit(time.sleep, 0):
            pass
    with (
        pytest.raises(UnavailableError),
        RateLimiter(FileStateStore(tmp_path), "https://example", "one", slow).permit(print, 0),
    ):
        pass


def test_a_wait_beyond_the_timeout_raises_unavailable(shared):
    limiter = RateLimiter(shared[0], "https://example", "p", RateLimit(1000, 1, 60))
    times_out = pytest.raises(UnavailableError, match="wait for a permit")
    with limiter.permit(time.sleep, 1), times_out, limiter.permit(time.sleep, 0.1):
        pass


def test_the_end_of_a_pause_is_a_time_of_the_clock_that_is_given(shared):
    ahead = timedelta(hours=5)
    limiter = RateLimiter(shared[0], "https://example", "p", FAST, clock=lambda: datetime.now(UTC) + ahead)
    with limiter.permit(time.sleep, 1) as permit:
        permit.slow_down(600)
    with pytest.raises(UnavailableError) as refused, limiter.permit(time.sleep, 1):
        pass
    for end in (refused.value.retry_at, limiter.status().slowed_until):
        assert timedelta(minutes=9) < end - ahead - datetime.now(UTC) <= timedelta(minutes=10)


def test_a_long_pause_raises_unavailable_with_its_end(space, space_url, shared):
    space.put("voice", sample())
    space.faults.add("429=3600 next 1")
    limiter = RateLimiter(shared[0], space_url, space.credentials[0], FAST)
    with asking(space, space_url, rate_limiter=limiter) as (client, waits):
        with pytest.raises(UnavailableError) as first:
            ids(client)
        with pytest.raises(UnavailableError) as second:
            ids(client)
    assert space.requests.total == 1
    assert waits == []
    assert abs(second.value.retry_at - first.value.retry_at) < timedelta(seconds=5)
    status = limiter.status()
    assert abs(status.slowed_until - first.value.retry_at) < timedelta(seconds=5)
    assert (status.requests, status.refusals) == (1, 1)


def test_the_permit_of_a_dead_process_is_released(shared):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    rate = RateLimit(per_second=1_000_000, in_flight=1, permit_ttl_s=60)
    limiter = RateLimiter(shared[0], "https://example", "p", rate)

    def acquire(holder):
        return lambda state, now: try_acquire(state, holder, rate, now)

    limiter._change(acquire(f"{HOST} {dead.pid} x"))
    with limiter.permit(time.sleep, 1):
        pass
    # Whether a process of another host is alive cannot be checked.
    limiter._change(acquire(f"elsewhere {os.getpid()} x"))
    with pytest.raises(UnavailableError), limiter.permit(time.sleep, 0.1):
        pass


def test_a_permit_expires():
    state, rate = LimiterState(), RateLimit(10, 1, 60)
    assert try_acquire(state, "a", rate, 1000) == 0
    assert try_acquire(state, "b", rate, 1059) > 0
    assert try_acquire(state, "b", rate, 1061) == 0


def test_without_redis_the_file_store_is_used(tmp_path):
    limiter = RateLimiter(
        RedisStateStore("redis://127.0.0.1:1/0", FileStateStore(tmp_path)), "https://example", "p", FAST
    )
    with limiter.permit(time.sleep, 1):
        pass
    assert limiter.status().requests == 1


def test_a_truncated_file_is_replaced(tmp_path):
    limiter = RateLimiter(FileStateStore(tmp_path), "https://example", "p", FAST)
    with limiter.permit(time.sleep, 1):
        pass
    next(tmp_path.iterdir()).write_bytes(b'{"sent_at": 17')
    with limiter.permit(time.sleep, 1):
        pass
    assert limiter.status().requests == 1


def test_threads_lose_no_update(shared):
    limiter = RateLimiter(shared[0], "https://example", "p", RateLimit(1_000_000, 100, 60))

    def send(_):
        with limiter.permit(time.sleep, 30) as permit:
            permit.succeeded()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(120)))
    assert limiter.status().requests == 120
    assert limiter._change(lambda state, _now: state.in_flight) == {}


def test_the_default_pause_doubles_and_requests_in_flight_count_once():
    state = LimiterState()
    slow_down(state, None, sent_at=99, now=100)
    slow_down(state, None, sent_at=99.5, now=100.2)  # in flight when the pause began
    assert state.paused_for_s(100.2) == 1
    slow_down(state, None, sent_at=102, now=103)
    assert state.paused_for_s(103) == 2
    for _ in range(20):
        slow_down(state, None, sent_at=state.paused_until, now=state.paused_until)
    assert state.paused_for_s(state.paused_at) == 60
    slow_down(state, 10**9, sent_at=state.paused_until, now=state.paused_until)
    assert state.paused_for_s(state.paused_at) == MAX_RETRY_AFTER_S


def test_successes_restore_the_full_rate():
    state, rate, now = LimiterState(), RateLimit(8, 8, 60), 1000.0
    slow_down(state, 5, sent_at=now, now=now)
    assert try_acquire(state, "a", rate, now) == 5
    now += 5
    assert try_acquire(state, "a", rate, now) == 0
    assert try_acquire(state, "b", rate, now) > 0  # one at a time
    for _ in range(14):
        release(state, "a", succeeded=True)
    assert (state.rate_factor, state.pauses) == (1, 0)


def test_a_clock_set_back_does_not_block_requests():
    state, rate = LimiterState(), RateLimit(10, 8, 60)
    assert try_acquire(state, "a", rate, 10_000) == 0
    assert try_acquire(state, "b", rate, 5_000) == 0


def test_the_status_writes_nothing(shared, tmp_path, redis_url):
    limiter = RateLimiter(shared[0], "http://space", "one", FAST)
    before = (sorted(tmp_path.rglob("*")), redis.Redis.from_url(redis_url).keys())
    status = limiter.status()
    assert (status.requests, status.refusals, status.share, status.slowed_until) == (0, 0, 1.0, None)
    assert (sorted(tmp_path.rglob("*")), redis.Redis.from_url(redis_url).keys()) == before
    with limiter.permit(time.sleep, 1) as permit:
        permit.slow_down(30)
    status = limiter.status()
    assert (status.requests, status.refusals) == (1, 1)
    assert status.slowed_until is not None
