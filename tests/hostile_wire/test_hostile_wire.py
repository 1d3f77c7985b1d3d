"""Responses of a broken or hostile server: read, quarantined or refused, in bounded memory and time."""

import gzip
import json
import subprocess
import sys
import zlib
from time import process_time

import pytest

from logsync.exceptions import SignalWireError, UnavailableError, UnreadableResponseError, UnsafeLinkError
from logsync.signalwire.client import Limits, RetryPolicy
from logsync.simulator import sample
from tests.support.json_rows import as_json
from tests.support.processes import ROOT
from tests.support.scripted_server import Reply, answering
from tests.support.signalwire_client import asking, ids, refusal

MB = 10**6
ROW = b'{"id":"%b","created_at":"2026-11-20T09:15:00Z","from":"%b"}'
ONCE = RetryPolicy(attempts=1)


def listing(*rows):
    return b'{"links": {}, "data": [' + b",".join(rows) + b"]}"


def read_by_a_process(reply):
    """The output of tests.hostile_wire.reader for this reply, and the number of its requests."""
    with answering(reply) as server:
        command = [sys.executable, "-m", "tests.hostile_wire.reader", server.url]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=True)
        return json.loads(result.stdout) | {"requests": len(server.asked)}


def bomb(megabytes):
    """A gzip bomb: independent compressed blocks, so that one can be repeated. The stream has no end marker."""
    compressor = zlib.compressobj(wbits=31)
    first, block = (compressor.compress(b" " * MB) + compressor.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + block * (megabytes - 1)


def test_fifty_megabytes_are_read():
    found = read_by_a_process(Reply(listing(ROW % (b"long", b"9" * 50 * MB), ROW % (b"short", b"1"))))
    assert (found["records"], found["bad_rows"], found["error"]) == (2, 0, "")
    assert found["mb"] < 400


def test_one_invalid_row_in_fifty_megabytes_loses_no_other_row():
    rows = [ROW % (b"%d" % number, b"9" * 50_000) for number in range(1000)]
    found = read_by_a_process(Reply(listing(*rows, b'{"id":"bad","created_at":"2026-11-20T09:15:00Z","charge":NaN}')))
    assert (found["records"], found["bad_rows"], found["error"]) == (1000, 1, "")
    assert found["mb"] < 400


@pytest.mark.parametrize(
    "reply",
    [
        Reply(bomb(2000), headers={"Content-Encoding": "gzip"}),
        Reply(pieces=(b" " * MB,) * 70, headers={"Content-Length": str(10**15)}),
    ],
    ids=["a bomb of 2 GB", "a body without end"],
)
def test_an_oversized_response_is_refused_before_it_fills_the_memory(reply):
    found = read_by_a_process(reply)
    assert "larger than" in found["error"]
    assert found["requests"] == 1
    assert found["mb"] < 300


@pytest.mark.parametrize("encoding", ["GZIP", "gzip,gzip", "gzip, identity", "identity, gzip", "br", "zstd", "x-rot13"])
def test_a_response_with_another_encoding_is_never_decompressed_twice(space, encoding):
    body = gzip.compress(gzip.compress(listing()))
    with answering(Reply(body, headers={"Content-Encoding": encoding})) as server:
        refusal(space, server.url, UnreadableResponseError)


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Sign in to the hotel's network</body></html>",
        listing().decode().encode("utf-16"),
        b"\xef\xbb\xbf" + listing(),
        b"[]",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"data":' + b"[" * 60 * MB,
        b'{"data": [NaN' + b",[]" * 20 * MB + b"]}",
        b'{"data": [{"id": "lost"}], "data": [], "links": {}}',
        b"",
        b"\x00" * 1000,
    ],
    ids=["html", "utf-16", "bom", "list", "deep", "deep and cut off", "many", "two lists", "empty", "nul"],
)
def test_a_body_that_is_not_a_list_is_refused(space, body):
    started = process_time()
    with answering(Reply(body)) as server:
        refusal(space, server.url, UnreadableResponseError, retries=ONCE)
    assert process_time() - started < 10


@pytest.mark.parametrize(
    ("claimed", "kind"), [(10, UnreadableResponseError), (10_000, UnavailableError), ("many", UnavailableError)]
)
def test_a_wrong_content_length_counts_as_a_truncated_response(space, claimed, kind):
    with answering(Reply(listing(), headers={"Content-Length": str(claimed), "Connection": "close"})) as server:
        refusal(space, server.url, kind, retries=ONCE, limits=Limits(read_s=1))


def test_a_truncated_response_is_discarded_and_retried(space):
    whole = Reply(listing(as_json(sample(id="a")), as_json(sample(id="b"))))
    half = Reply(whole.body[:-90], headers={"Content-Length": str(len(whole.body)), "Connection": "close"})
    limits = Limits(read_s=1)
    with answering(half, whole) as server, asking(space, server.url, limits=limits) as (client, _):
        assert ids(client) == ["a", "b"]


@pytest.mark.parametrize(
    "headers",
    [{f"X-{number}": "x" * 1000 for number in range(200)}, {"X": "y" * 200_000}, {"Retry-After": "9" * 5000}],
    ids=["many", "long", "retry-after"],
)
def test_oversized_headers_are_refused_or_ignored(space, headers):
    flood = Reply(b"", status=503, headers=headers)
    with answering(flood) as server:
        refusal(space, server.url, UnavailableError, retries=ONCE)


@pytest.mark.parametrize(
    "link", ["/api/voice/logs?page_token=" + "P" * 100_000, "/\0", "", "//", "http://[::1", "\r\nX: y"]
)
def test_an_invalid_link_ends_the_list_after_its_page(space, link):
    page = Reply(as_json({"links": {"next": link}, "data": [sample(id="a")]}))
    with answering(page, Reply(status=414)) as server, asking(space, server.url, retries=ONCE) as (client, _):
        pages = client.iter_pages("voice")
        assert len(next(pages).rows) == 1
        with pytest.raises(SignalWireError) as raised:
            list(pages)
        assert len(str(raised.value)) < 500
        assert isinstance(raised.value, UnsafeLinkError) or link.startswith(("/api", "//"))
