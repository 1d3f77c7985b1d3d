import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import httpx
import pytest

from logsync.simulator import Space, sample, serving
from logsync.simulator.api.faults import FAULTS, read_rule
from tests.logsync.simulator.conftest import Ask
from tests.support.pagination import ids

LIST = "/api/voice/logs?page_size=2"


@pytest.fixture
def space() -> Space:
    space = Space()
    for hour in range(5):
        space.put("voice", sample(created_at=f"2026-03-01T{hour:02}:00:00Z"))
    return space


def statuses(client: httpx.Client, count: int, address: str = LIST) -> list[int]:
    return [client.get(address).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("", [500, 500, 500, 500, 500, 500]),
        (" always", [500, 500, 500, 500, 500, 500]),
        (" every 3", [200, 200, 500, 200, 200, 500]),
        (" on 2", [200, 500, 200, 200, 200, 200]),
        (" on 1,4", [500, 200, 200, 500, 200, 200]),
        (" next 2", [500, 500, 200, 200, 200, 200]),
    ],
)
def test_a_rule_is_applied_by_the_count_of_requests(ask: Ask, space: Space, when: str, expected: list[int]):
    client = ask(space)
    rule = space.faults.add("500" + when)
    assert statuses(client, 6) == expected
    assert (rule.seen, rule.injected) == (6, expected.count(500))
    space.faults.clear()
    assert statuses(client, 1) == [200]


def test_a_rule_can_be_for_one_medium(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("500 next 1 for /api/video")
    assert statuses(client, 1) == [200]
    assert statuses(client, 2, "/api/video/logs") == [500, 200]


def test_several_rules_count_independently(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("500 every 2")
    space.faults.add("503 every 3")
    assert statuses(client, 6) == [200, 500, 503, 500, 200, 500]


@pytest.mark.parametrize(
    "text", ["", "404 every 2", "500 every", "500 always 3", "500 on 0", "500 sometimes", "cut next x"]
)
def test_an_invalid_rule_is_refused(text: str):
    with pytest.raises(ValueError, match=r"fault|number"):
        read_rule(text)


@pytest.mark.parametrize(("fault", "retry_after"), [("429", "1"), ("429=30", "30"), ("429=none", None)])
def test_too_many_requests(ask: Ask, space: Space, fault: str, retry_after: str | None):
    space.faults.add(fault)
    answer = ask(space).get(LIST)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, retry_after)


def test_retry_after_can_be_a_date(ask: Ask, space: Space):
    space.faults.add("429=date+5")
    moment = parsedate_to_datetime(ask(space).get(LIST).headers["Retry-After"])
    assert 3 < (moment - datetime.now(UTC)).total_seconds() <= 5


def test_a_server_error_is_json_and_a_gateway_error_is_html(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("500 next 1")
    assert client.get(LIST).json() == {"error": "Internal Server Error"}
    space.faults.add("503 next 1")
    answer = client.get(LIST)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "<html>" in answer.text


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refusals(ask: Ask, space: Space, status: int):
    space.faults.add(str(status))
    assert statuses(ask(space), 1) == [status]


def test_a_cut_body_is_shorter_than_announced(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("cut on 1")
    with pytest.raises(httpx.RemoteProtocolError, match=r"without sending complete message body"):
        client.get(LIST)
    assert statuses(client, 1) == [200]


def test_a_reset_sends_no_response(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("reset on 2")
    assert statuses(client, 1) == [200]
    with pytest.raises(httpx.ReadError):
        client.get(LIST)
    assert statuses(client, 1) == [200]
    assert space.requests.by_status == {200: 2, None: 1}


def test_a_slow_response_is_delayed(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("slow=0.2 next 1")
    started = monotonic()
    assert statuses(client, 1) == [200]
    assert monotonic() - started >= 0.2


def test_a_client_that_times_out_does_not_affect_later_requests(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("slow=5 next 1")
    with pytest.raises(httpx.ReadTimeout):
        client.get(LIST, timeout=0.1)
    assert statuses(client, 1) == [200]


def test_latency_delays_concurrent_responses_in_parallel(ask: Ask, space: Space):
    client = ask(space)
    space.faults.latency_s = 0.2
    started = monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.get(LIST).status_code, range(8)))
    assert answers == [200] * 8
    assert 0.2 <= monotonic() - started < 1
    assert space.requests.most_in_flight > 1


def test_garbage_is_not_json(ask: Ask, space: Space):
    space.faults.add("garbage")
    answer = ask(space).get(LIST)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_expired_token_affects_only_requests_with_a_token(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("expired-token next 1")
    page = client.get(LIST).json()
    answer = client.get(page["links"]["next"])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "page_token_is_invalid"
    assert client.get(page["links"]["next"]).status_code == 200


def test_the_history_limit_affects_only_requests_with_a_date(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("history-limit=2025-02-09")
    assert statuses(client, 1) == [200]
    (error,) = client.get("/api/voice/logs?created_on=2025-01-01").json()["errors"]
    assert (error["code"], error["type"]) == ("exceeds_history_logs_limit", "account_error")
    assert error["message"] == "The value exceeds the 2025-02-09 date limit."


def test_a_repeated_next_links_to_the_same_page(ask: Ask, space: Space):
    client = ask(space)
    space.faults.add("repeated-next on 2,3")
    second = client.get(client.get(LIST).json()["links"]["next"]).json()
    again = client.get(second["links"]["next"]).json()
    assert again == second


def test_an_empty_page_links_to_its_rows(ask: Ask, space: Space):
    client = ask(space)
    everything = ids(client, LIST)
    space.faults.add("empty-page on 1,3")
    first = client.get(LIST).json()
    assert first["data"] == []
    assert ids(client, first["links"]["next"]) == everything


def test_a_foreign_next_names_another_host(ask: Ask, space: Space):
    with serving(Space()) as other:
        space.faults.add(f"foreign-next={other} next 1")
        link = ask(space).get(LIST).json()["links"]["next"]
    assert link.startswith(f"{other}/api/voice/logs?")
    assert "page_token=PA" in link


def test_every_fault_has_a_valid_rule():
    assert {name: read_rule(f"{name} on 1").kind for name in FAULTS} == FAULTS
