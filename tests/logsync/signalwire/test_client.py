"""The client reads lists to the end by following links, and logs and events by id."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from logsync.exceptions import LogNotFoundError, UnsafeLinkError
from logsync.parsing.parser import parse_log, parse_page
from logsync.signalwire.client import Limits
from logsync.simulator import Behaviour, Clock, Space, sample, serving
from tests.support.scripted_server import Reply, answering
from tests.support.signalwire_client import NOON, asking, ids

HOURS = [f"2026-03-10T{hour:02}:00:00Z" for hour in range(7)]


def fill(space, medium="voice"):
    """Put seven rows; returns their ids, newest first as they are listed."""
    log_type = "relay_pstn_call" if medium == "voice" else "video_room_session"
    rows = [sample(log_type, created_at=created_at) for created_at in HOURS]
    for row in rows:
        space.put(medium, row)
    return [row["id"] for row in reversed(rows)]


@pytest.fixture
def client(space, space_url):
    with asking(space, space_url) as (client, _):
        yield client


@pytest.mark.parametrize("medium", ["voice", "video"])
def test_every_row_is_read_once_newest_first(space, client, medium):
    expected = fill(space, medium)
    assert ids(client, medium, page_size=3) == expected
    assert client.requests == 3 == space.requests.total


@pytest.mark.parametrize("behaviour", [Behaviour(relative_links=True), Behaviour(empty_pages=True)])
def test_links_may_be_relative_and_pages_empty(behaviour):
    space = Space(behaviour=behaviour)
    expected = fill(space)
    with serving(space) as url, asking(space, url) as (client, _):
        assert ids(client, page_size=2) == expected


def test_lists_are_requested_with_large_pages_and_deleted_logs(space, client):
    fill(space)
    space.delete("voice", space.rows("voice")[0]["id"])
    assert len(ids(client)) == 7
    assert space.requests[-1].query == {"page_size": "1000", "include_deleted": "true"}
    assert len(ids(client, include_deleted=False)) == 6


def test_a_day_is_requested_by_its_date(space, client):
    expected = fill(space)
    space.put("voice", sample(created_at="2026-03-11T00:00:00Z"))
    assert ids(client, created_on=date(2026, 3, 10)) == expected
    assert space.requests[-1].query["created_on"] == "2026-03-10"
    assert ids(client, created_on=date(2026, 3, 12)) == []


def test_a_page_has_the_time_of_its_request(space, space_url):
    fill(space)
    clock = Clock(NOON)
    with asking(space, space_url, clock=clock) as (client, _):
        pages = client.iter_pages("voice", page_size=4)
        assert next(pages).sent_at == NOON
        clock.advance(minutes=5)
        assert next(pages).sent_at == clock()
    assert clock() > NOON


def test_a_caller_may_stop_after_any_page(space, client):
    fill(space)
    pages = client.iter_pages("voice", page_size=2)
    next(pages)
    pages.close()
    assert space.requests.total == 1


def test_charges_are_transferred_exactly(space, client):
    row = sample(charge=Decimal("0.0000004"))
    space.put("voice", row)
    (page,) = client.iter_pages("voice")
    assert parse_page(page).records[0].charge == Decimal("0.0000004")


def test_one_broken_row_does_not_lose_its_page(space, client):
    expected = fill(space)
    space.put("voice", '{"id": "broken", "created_at": "2026-03-10T12:00:00Z", "charge": NaN}')
    pages = [parse_page(page) for page in client.iter_pages("voice", page_size=5)]
    assert [record.id for page in pages for record in page.records] == expected
    assert [bad_row.log_id for page in pages for bad_row in page.bad_rows] == ["broken"]


@pytest.mark.parametrize("medium", ["voice", "video"])
def test_a_log_is_read_by_its_id(space, space_url, medium):
    log_id = fill(space, medium)[2]
    with asking(space, space_url, clock=Clock(NOON)) as (client, _):
        raw_log = client.fetch_log(medium, log_id)
        assert raw_log.sent_at == NOON
        assert parse_log(raw_log.body).id == log_id
        space.delete(medium, log_id)
        assert parse_log(client.fetch_log(medium, log_id).body).is_tombstone


@pytest.mark.parametrize(
    "log_id", ["7d1b6f6e-0000-4000-8000-000000000000", "a/b?c=d&e#f", "ü \x00", "", ".", "..", "%2e"]
)
def test_a_log_that_does_not_exist_raises_log_not_found(client, log_id):
    with pytest.raises(LogNotFoundError, match="no voice log"):
        client.fetch_log("voice", log_id)


def test_an_id_cannot_address_another_resource(space, client):
    with pytest.raises(LogNotFoundError):
        client.fetch_log("voice", "../../voice/logs")
    with pytest.raises(LogNotFoundError):
        client.fetch_log("voice", "..")
    assert len(space.requests) == 1


def test_events_of_a_call():
    space = Space(seed=5, now=Clock(datetime(2026, 3, 10, 12, tzinfo=UTC)), logs_per_day=40, days=2)
    with serving(space) as url, asking(space, url) as (client, _):
        log_id = ids(client)[-1]
        events = client.list_events(log_id)
        assert events
        assert events[0].name.startswith("call.")
        assert b"after_s" in bytes(events[0].details)
        with pytest.raises(LogNotFoundError):
            client.list_events("unknown")


def page(next_link, *, rows="[]"):
    return Reply(b'{"links": {"next": "%s"}, "data": %s}' % (next_link.encode(), rows.encode()))


@pytest.mark.parametrize(
    "link",
    [
        "/api/voice/logs?page_token=PA%2Bx%3D%3D&page_size=1000&a=b+c&empty=&a=d",
        "?page_token=PA%2Bx%3D%3D&page_size=1000&a=b+c&empty=&a=d",
        "{url}/api/voice/logs?page_token=PA%2Bx%3D%3D&page_size=1000&a=b+c&empty=&a=d",
        "{url}/api/voice/logs?page_token=PA%2Bx%3D%3D&page_size=1000&a=b+c&empty=&a=d#part",
        "//{host}/api/voice/logs?page_token=PA%2Bx%3D%3D&page_size=1000&a=b+c&empty=&a=d",
    ],
)
def test_a_next_link_is_followed_unchanged(space, link):
    with answering(Reply(), Reply()) as server:
        host = server.url.removeprefix("http://")
        server.replies.insert(0, page(link.replace("{url}", server.url).replace("{host}", host)))
        with asking(space, server.url) as (client, _):
            assert list(client.iter_pages("voice"))[1].rows == []
        assert server.paths[1] == "/api/voice/logs?page_token=PA%2Bx%3D%3D&page_size=1000&a=b+c&empty=&a=d"
        assert [headers["Authorization"].split()[0] for _, headers in server.asked] == ["Basic", "Basic"]


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.2:{port}/api/voice/logs?page_token=PA1",
        "http://127.0.0.1:1/api/voice/logs?page_token=PA1",
        "https://127.0.0.1:{port}/api/voice/logs?page_token=PA1",
        "http://localhost:{port}/api/voice/logs?page_token=PA1",
        "//other.invalid/api/voice/logs",
        "http://127.0.0.1:{port}@other.invalid/",
        "http://other@127.0.0.1:{port}/api/voice/logs?page_token=PA1",
        "ftp://127.0.0.1:{port}/",
        "javascript:alert(1)",
        "http://[::1/",
        "http://127.0.0.1:{port}x/",
    ],
)
def test_a_link_to_another_origin_is_rejected_after_its_page(space, link):
    with answering(Reply()) as server:
        server.replies.insert(0, page(link.replace("{port}", str(server.server_port)), rows='[{"id": "a"}]'))
        with asking(space, server.url) as (client, _):
            pages = client.iter_pages("voice")
            assert len(next(pages).rows) == 1
            with pytest.raises(UnsafeLinkError, match="link to the next page"):
                next(pages)
        assert len(server.asked) == 1


def test_another_host_never_receives_a_request(space, space_url, client):
    fill(space)
    with answering(Reply()) as other_host:
        space.faults.add(f"foreign-next={other_host.url} on 2")
        pages = client.iter_pages("voice", page_size=2)
        assert [len(next(pages).rows), len(next(pages).rows)] == [2, 2]
        with pytest.raises(UnsafeLinkError, match="leads away"):
            next(pages)
        assert other_host.asked == []


def test_empty_pages_in_a_row_are_limited(space, client):
    expected = fill(space)
    space.faults.add("empty-page next 50")
    assert ids(client) == expected
    space.requests.clear()
    space.faults.add("empty-page always")
    with pytest.raises(UnsafeLinkError, match="more than 50 empty pages in a row"):
        ids(client)
    assert space.requests.total == 51


@pytest.mark.parametrize("link", ["", "?", "#again", "/api/voice/logs?page_size=1000&include_deleted=true"])
def test_a_link_to_a_page_already_read_is_a_loop(space, link):
    with answering(page(link)) as server, asking(space, server.url) as (client, _):
        pages = client.iter_pages("voice")
        next(pages)
        with pytest.raises(UnsafeLinkError, match="loop"):
            list(pages)
        assert len(server.asked) <= 2


def test_a_repeated_next_link_is_a_loop(space, client):
    fill(space)
    space.faults.add("repeated-next on 3")
    with pytest.raises(UnsafeLinkError, match="loop"):
        ids(client, page_size=2)
    assert space.requests.total == 3


def test_links_that_lead_back_in_two_steps_are_a_loop(space):
    with answering(page("?a"), page("?b"), page("?a")) as server, asking(space, server.url) as (client, _):
        with pytest.raises(UnsafeLinkError, match="loop"):
            list(client.iter_pages("voice"))
        assert len(server.asked) == 3


def test_the_number_of_pages_is_limited(space):
    replies = [page(f"?page={number}") for number in range(9)]
    with answering(*replies) as server, asking(space, server.url, limits=Limits(pages=5)) as (client, _):
        with pytest.raises(UnsafeLinkError, match="did not end after 5 pages"):
            list(client.iter_pages("voice"))
        assert len(server.asked) == 5


def test_threads_may_share_a_client(space, client):
    expected = fill(space)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda size: ids(client, page_size=size), [1, 2, 3, 4] * 5))
    assert results == [expected] * 20
    assert client.requests == space.requests.total == (7 + 4 + 3 + 2) * 5


def test_one_connection_serves_all_requests(space):
    with answering(Reply()) as server, asking(space, server.url) as (client, _):
        for _ in range(3):
            list(client.iter_pages("voice"))
        assert len(server.asked) == 3
        assert len(server.connections) == 1


def test_a_response_may_be_compressed(space):
    compressed = Reply(gzip.compress(b'{"links": {}, "data": [{"id": "a"}]}'), headers={"Content-Encoding": "gzip"})
    with answering(compressed) as server, asking(space, server.url) as (client, _):
        (raw_page,) = client.iter_pages("voice")
        assert raw_page.body == b'{"links": {}, "data": [{"id": "a"}]}'
        headers = server.asked[0][1]
        assert (headers["Accept-Encoding"], headers["User-Agent"]) == ("gzip", "Tollbook")


def test_one_connection_serves_many_clients(space):
    with answering(Reply()) as server:
        for _ in range(3):
            with asking(space, server.url) as (client, _):
                assert ids(client) == []
        assert len(server.asked) == 3
        assert len(server.connections) == 1


def test_cookies_are_ignored(space):
    with answering(Reply(headers={"Set-Cookie": "session=of-another"})) as server:
        for _ in range(2):
            with asking(space, server.url) as (client, _):
                ids(client)
        assert [headers for _, headers in server.asked if "Cookie" in headers] == []
