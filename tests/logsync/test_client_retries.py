"""Another try where it may help, after a bounded wait; then an error that says what happened."""

import gzip
import zlib
from datetime import timedelta

import pytest

from logsync.client import Limits, RetryPolicy
from logsync.exceptions import AnswerUnreadableError, RequestRejectedError, UnavailableError
from logsync.simulator import Clock, sample
from tests.logsync.asking import NOON, asking, ids, refusal
from tests.logsync.scripted import Reply, answering

SMALL = b'{"links": {}, "data": []}'


@pytest.fixture(autouse=True)
def row(space):
    row = sample()
    space.put("voice", row)
    return row


@pytest.mark.parametrize("fault", ["429=none", "429=1", "500", "503", "cut", "reset", "garbage"])
def test_what_may_pass_is_tried_again(space, space_url, row, fault):
    space.faults.add(f"{fault} next 2")
    with asking(space, space_url) as (client, waits):
        assert ids(client) == [row["id"]]
        assert client.requests == 3
        assert len(waits) == 2


def test_a_slow_answer_is_tried_again(space, space_url, row):
    space.faults.add("slow=5 next 1")
    with asking(space, space_url, limits=Limits(silence_s=0.2)) as (client, waits):
        assert ids(client) == [row["id"]]
        assert len(waits) == 1


def test_a_log_by_id_is_tried_again_too(space, space_url, row):
    space.faults.add("cut on 1")
    space.faults.add("garbage on 2")
    space.faults.add("503 on 3")
    with asking(space, space_url) as (client, _):
        assert client.fetch_log("voice", row["id"]).body.startswith(b"{")
        assert client.requests == 4


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("429", UnavailableError, "asked less often"),
        ("500", UnavailableError, "fault of its own"),
        ("503", UnavailableError, "fault of its own"),
        ("cut", UnavailableError, "broke off"),
        ("reset", UnavailableError, "broke off"),
        ("garbage", AnswerUnreadableError, "whole JSON"),
    ],
)
def test_tries_are_bounded(space, space_url, fault, error, words):
    space.faults.add(fault)
    with asking(space, space_url, retries=RetryPolicy(attempts=4)) as (client, waits):
        with pytest.raises(error, match=words) as raised:
            ids(client)
        assert "Asked 4 times without success" in str(raised.value)
        assert client.requests == 4
        assert len(waits) == 3


def test_waits_double_and_vary_and_stay_bounded(space, space_url):
    space.faults.add("500")
    policy = RetryPolicy(attempts=9, first_wait_s=1, longest_wait_s=20, give_up_after_s=1000)
    waits = []
    refusal(space, space_url, UnavailableError, retries=policy, sleep=waits.append)
    for wait, least in zip(waits, [1, 2, 4, 8, 16, 20, 20, 20], strict=True):
        assert least <= wait <= least + 1
    assert len(set(waits)) == len(waits)


def test_no_further_wait_is_begun_once_the_time_is_up(space, space_url):
    space.faults.add("500")
    policy = RetryPolicy(attempts=50, first_wait_s=4, give_up_after_s=8)
    waits = []
    refusal(space, space_url, UnavailableError, retries=policy, sleep=waits.append)
    # The second wait alone, at least eight seconds, would use up the time.
    assert len(waits) == 1


def test_signalwire_says_how_long_to_wait(space, space_url, row):
    space.faults.add("429=7 next 2")
    with asking(space, space_url) as (client, waits):
        assert ids(client) == [row["id"]]
    assert all(7 <= wait <= 9 for wait in waits)


def test_signalwire_says_until_when_to_wait(space, row):
    until = Reply(b"{}", 503, {"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT"})
    past = Reply(b"{}", 503, {"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"})
    with answering(until, past, Reply()) as server, asking(space, server.url, clock=Clock(NOON)) as (client, waits):
        ids(client)
    assert 30 <= waits[0] <= 31.5
    assert waits[1] <= 2


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "9" * 40, "²", "Fri, 99 Nov 2026 12:00:30 GMT"])
def test_a_retry_after_that_says_nothing_is_passed_over(space, value):
    reply = Reply(b"{}", 429, {"Retry-After": value.encode().decode("latin-1")})
    with answering(reply, Reply()) as server, asking(space, server.url, clock=Clock(NOON)) as (client, waits):
        ids(client)
    assert waits[0] <= 1.5


def test_asked_to_wait_too_long_it_gives_up_at_once_and_says_until_when(space, space_url):
    space.faults.add("429=3600")
    waits = []
    error = refusal(
        space, space_url, UnavailableError, "Asked once without success", clock=Clock(NOON), sleep=waits.append
    )
    assert error.retry_at == NOON + timedelta(hours=1)
    assert (space.requests.total, waits) == (1, [])


@pytest.mark.parametrize("fault", ["400", "401", "403", "expired-token", "history-limit"])
def test_what_another_try_cannot_change_is_not_tried_again(space, space_url, fault):
    space.put("voice", sample())
    space.faults.add(f"{fault} for /api/voice")
    with asking(space, space_url) as (client, waits):
        with pytest.raises(Exception, match="SignalWire"):
            ids(client, page_size=1, created_on=NOON.date().replace(month=3, day=10))
        assert waits == []
        assert space.requests.total <= 2


def test_html_with_status_200_is_tried_again_and_then_unreadable(space):
    html = Reply(b"<html>maintenance</html>", headers={"Content-Type": "text/html"})
    with answering(html, html, Reply()) as server, asking(space, server.url) as (client, _):
        assert ids(client) == []
        assert len(server.asked) == 3
    with answering(html) as server:
        refusal(space, server.url, AnswerUnreadableError, "other than whole JSON")


def test_a_list_of_another_shape_is_unreadable_at_once(space):
    with answering(Reply(b'{"links": {}, "logs": []}')) as server:
        refusal(space, server.url, AnswerUnreadableError, "as documented")
        assert len(server.asked) == 1


def test_an_answer_beyond_the_size_limit_is_not_read_to_its_end(space):
    huge = Reply(pieces=(b"x" * 65536,) * 64)
    limits = Limits(body_bytes=100_000)
    with answering(huge) as server:
        refusal(space, server.url, AnswerUnreadableError, "larger than 100,000 bytes", limits=limits)
        assert len(server.asked) == 1


def test_a_bomb_is_defused(space):
    bomb = Reply(gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": "gzip"})
    with answering(bomb) as server:
        refusal(space, server.url, AnswerUnreadableError, "larger than", limits=Limits(body_bytes=1_000_000))


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_an_answer_packed_as_nobody_asked_is_not_unpacked(space, encoding):
    reply = Reply(zlib.compress(SMALL), headers={"Content-Encoding": encoding})
    with answering(reply) as server:
        refusal(space, server.url, AnswerUnreadableError, "packed")


def test_an_answer_that_cannot_be_unpacked_is_tried_again(space):
    broken = Reply(b"not gzip at all", headers={"Content-Encoding": "gzip"})
    with answering(broken, Reply()) as server, asking(space, server.url) as (client, _):
        assert ids(client) == []
        assert client.requests == 2


def test_a_trickling_answer_is_cut_short(space):
    trickle = Reply(pieces=tuple(SMALL[index : index + 1] for index in range(len(SMALL))), pause_s=0.03)
    limits = Limits(answer_s=0.2)
    with answering(trickle, Reply()) as server, asking(space, server.url, limits=limits) as (client, waits):
        assert ids(client) == []
        assert len(waits) == 1


def test_a_space_that_cannot_be_reached_is_named(space):
    with answering(Reply()) as server:
        gone = server.url
    words = r"127\.0\.0\.1 cannot be reached .* name of the space"
    refusal(space, gone, UnavailableError, words, retries=RetryPolicy(attempts=2))


def test_a_redirect_is_never_followed(space):
    with answering(Reply()) as stranger:
        redirect = Reply(b"", 302, {"Location": f"{stranger.url}/api/voice/logs"})
        with answering(redirect) as server:
            refusal(space, server.url, RequestRejectedError, "redirects to another address")
            assert len(server.asked) == 1
        assert stranger.asked == []
