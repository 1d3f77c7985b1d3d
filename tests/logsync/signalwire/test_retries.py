"""Retries: when, how often, how long to wait, and the error at the end."""

import gzip
import zlib
from datetime import timedelta

import pytest

from logsync.exceptions import RequestRejectedError, UnavailableError, UnreadableResponseError
from logsync.signalwire.client import Limits, RetryPolicy
from logsync.simulator import Clock, sample
from tests.support.scripted_server import Reply, answering
from tests.support.signalwire_client import NOON, asking, ids, refusal

SMALL = b'{"links": {}, "data": []}'


@pytest.fixture(autouse=True)
def row(space):
    row = sample()
    space.put("voice", row)
    return row


@pytest.mark.parametrize("fault", ["429=none", "429=1", "500", "503", "cut", "reset", "garbage"])
def test_a_temporary_failure_is_retried(space, space_url, row, fault):
    space.faults.add(f"{fault} next 2")
    with asking(space, space_url) as (client, waits):
        assert ids(client) == [row["id"]]
        assert client.requests == 3
        assert len(waits) == 2


def test_a_slow_response_is_retried(space, space_url, row):
    space.faults.add("slow=5 next 1")
    with asking(space, space_url, limits=Limits(read_s=0.2)) as (client, waits):
        assert ids(client) == [row["id"]]
        assert len(waits) == 1


def test_a_log_by_id_is_retried(space, space_url, row):
    space.faults.add("cut on 1")
    space.faults.add("garbage on 2")
    space.faults.add("503 on 3")
    with asking(space, space_url) as (client, _):
        assert client.fetch_log("voice", row["id"]).body.startswith(b"{")
        assert client.requests == 4


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("429", UnavailableError, "slow down"),
        ("500", UnavailableError, "could not handle"),
        ("503", UnavailableError, "could not handle"),
        ("cut", UnavailableError, "interrupted"),
        ("reset", UnavailableError, "interrupted"),
        ("garbage", UnreadableResponseError, "complete JSON"),
    ],
)
def test_retries_are_limited(space, space_url, fault, error, words):
    space.faults.add(fault)
    with asking(space, space_url, retries=RetryPolicy(attempts=4)) as (client, waits):
        with pytest.raises(error, match=words) as raised:
            ids(client)
        assert "Gave up after 4 attempts" in str(raised.value)
        assert client.requests == 4
        assert len(waits) == 3


def test_waits_double_with_jitter_up_to_a_limit(space, space_url):
    space.faults.add("500")
    policy = RetryPolicy(attempts=9, first_wait_s=1, longest_wait_s=20, give_up_after_s=1000)
    waits = []
    refusal(space, space_url, UnavailableError, retries=policy, sleep=waits.append)
    for wait, minimum in zip(waits, [1, 2, 4, 8, 16, 20, 20, 20], strict=True):
        assert minimum <= wait <= minimum + 1
    assert len(set(waits)) == len(waits)


def test_no_wait_begins_that_would_exceed_the_total_time(space, space_url):
    space.faults.add("500")
    policy = RetryPolicy(attempts=50, first_wait_s=4, give_up_after_s=8)
    waits = []
    refusal(space, space_url, UnavailableError, retries=policy, sleep=waits.append)
    # The second wait, at least eight seconds, would exceed the total time.
    assert len(waits) == 1


def test_retry_after_in_seconds_is_respected(space, space_url, row):
    space.faults.add("429=7 next 2")
    with asking(space, space_url) as (client, waits):
        assert ids(client) == [row["id"]]
    assert all(7 <= wait <= 9 for wait in waits)


def test_retry_after_as_a_date_is_respected(space, row):
    until = Reply(b"{}", 503, {"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT"})
    past = Reply(b"{}", 503, {"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"})
    with answering(until, past, Reply()) as server, asking(space, server.url, clock=Clock(NOON)) as (client, waits):
        ids(client)
    assert 30 <= waits[0] <= 31.5
    assert waits[1] <= 2


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "9" * 40, "²", "Fri, 99 Nov 2026 12:00:30 GMT"])
def test_an_invalid_retry_after_is_ignored(space, value):
    reply = Reply(b"{}", 429, {"Retry-After": value.encode().decode("latin-1")})
    with answering(reply, Reply()) as server, asking(space, server.url, clock=Clock(NOON)) as (client, waits):
        ids(client)
    assert waits[0] <= 1.5


def test_a_long_retry_after_ends_the_retries_and_sets_retry_at(space, space_url):
    space.faults.add("429=3600")
    waits = []
    error = refusal(
        space, space_url, UnavailableError, "Gave up after 1 attempt;", clock=Clock(NOON), sleep=waits.append
    )
    assert error.retry_at == NOON + timedelta(hours=1)
    assert (space.requests.total, waits) == (1, [])


@pytest.mark.parametrize("value", ["999999999", "Wed, 01 Jan 2099 00:00:00 GMT"])
def test_a_retry_after_of_years_is_cut_to_a_day(space, value):
    with answering(Reply(b"{}", 503, {"Retry-After": value})) as server:
        error = refusal(space, server.url, UnavailableError, "Gave up after 1 attempt;", clock=Clock(NOON))
    assert error.retry_at == NOON + timedelta(days=1)


@pytest.mark.parametrize("fault", ["400", "401", "403", "expired-token", "history-limit"])
def test_a_permanent_failure_is_not_retried(space, space_url, fault):
    space.put("voice", sample())
    space.faults.add(f"{fault} for /api/voice")
    with asking(space, space_url) as (client, waits):
        with pytest.raises(Exception, match="SignalWire"):
            ids(client, page_size=1, created_on=NOON.date().replace(month=3, day=10))
        assert waits == []
        assert space.requests.total <= 2


def test_html_with_status_200_is_retried_and_then_unreadable(space):
    html = Reply(b"<html>maintenance</html>", headers={"Content-Type": "text/html"})
    with answering(html, html, Reply()) as server, asking(space, server.url) as (client, _):
        assert ids(client) == []
        assert len(server.asked) == 3
    with answering(html) as server:
        refusal(space, server.url, UnreadableResponseError, "not complete JSON")


def test_a_list_of_another_shape_is_not_retried(space):
    with answering(Reply(b'{"links": {}, "logs": []}')) as server:
        refusal(space, server.url, UnreadableResponseError, "documented shape")
        assert len(server.asked) == 1


def test_a_response_over_the_size_limit_is_rejected(space):
    huge = Reply(pieces=(b"x" * 65536,) * 64)
    limits = Limits(body_bytes=100_000)
    with answering(huge) as server:
        refusal(space, server.url, UnreadableResponseError, "larger than 100,000 bytes", limits=limits)
        assert len(server.asked) == 1


def test_a_decompression_bomb_is_rejected(space):
    bomb = Reply(gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": "gzip"})
    with answering(bomb) as server:
        refusal(space, server.url, UnreadableResponseError, "larger than", limits=Limits(body_bytes=1_000_000))


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_requested_is_rejected(space, encoding):
    reply = Reply(zlib.compress(SMALL), headers={"Content-Encoding": encoding})
    with answering(reply) as server:
        refusal(space, server.url, UnreadableResponseError, "content encoding")


def test_a_response_that_cannot_be_decompressed_is_retried(space):
    broken = Reply(b"not gzip at all", headers={"Content-Encoding": "gzip"})
    with answering(broken, Reply()) as server, asking(space, server.url) as (client, _):
        assert ids(client) == []
        assert client.requests == 2


def test_a_trickling_response_times_out(space):
    trickle = Reply(pieces=tuple(SMALL[index : index + 1] for index in range(len(SMALL))), pause_s=0.03)
    limits = Limits(body_s=0.2)
    with answering(trickle, Reply()) as server, asking(space, server.url, limits=limits) as (client, waits):
        assert ids(client) == []
        assert len(waits) == 1


def test_an_unreachable_space_is_named(space):
    with answering(Reply()) as server:
        closed_url = server.url
    words = r"127\.0\.0\.1 cannot be reached .* name of the space"
    refusal(space, closed_url, UnavailableError, words, retries=RetryPolicy(attempts=2))


def test_a_redirect_is_never_followed(space):
    with answering(Reply()) as other_host:
        redirect = Reply(b"", 302, {"Location": f"{other_host.url}/api/voice/logs"})
        with answering(redirect) as server:
            refusal(space, server.url, RequestRejectedError, "redirects to another address")
            assert len(server.asked) == 1
        assert other_host.asked == []
