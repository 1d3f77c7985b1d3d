from itertools import chain
from urllib.parse import parse_qs, urlsplit

import pytest

from logsync.simulator import Behaviour, Clock, Space, sample
from tests.logsync.simulator.conftest import Ask
from tests.support.pagination import ids, pages, rows


def space_of(count: int, **options: object) -> tuple[Space, list[str]]:
    """A space with rows a second apart, and their ids, newest first."""
    space = Space(**options)
    put = [space.put("voice", sample(created_at=f"2026-03-01T10:{n // 60:02}:{n % 60:02}Z")) for n in range(count)]
    return space, put[::-1]


@pytest.mark.parametrize("size", [1, 3, 7, 24, 25, 26, 1000])
def test_every_row_comes_once_and_newest_first(ask: Ask, size: int):
    space, expected = space_of(25)
    assert ids(ask(space), f"/api/voice/logs?page_size={size}") == expected


def test_rows_of_one_instant_are_not_lost_between_pages(ask: Ask):
    space = Space()
    put = {space.put("voice", sample(created_at="2026-03-01T10:00:00Z")) for _ in range(20)}
    found = ids(ask(space), "/api/voice/logs?page_size=3")
    assert len(found) == 20
    assert set(found) == put


def test_a_page_has_50_rows_by_default(ask: Ask):
    space, _ = space_of(120)
    assert [len(page) for page in pages(ask(space), "/api/voice/logs")] == [50, 50, 20]


def test_pages_of_generated_rows_go_back_to_the_first_day(ask: Ask, clock: Clock):
    space = Space(seed=5, now=clock, days=20)
    found = ids(ask(space), "/api/voice/logs?page_size=1000&include_deleted=true")
    assert found == [row["id"] for row in space.rows("voice")]
    assert len(found) == len(set(found)) > 1500


def test_the_last_page_has_no_next_and_the_first_no_prev(ask: Ask):
    space, _ = space_of(5)
    client = ask(space)
    first = client.get("/api/voice/logs?page_size=3").json()["links"]
    second = client.get(first["next"]).json()["links"]
    assert set(first) == {"self", "first", "next"}
    assert set(second) == {"self", "first", "prev"}


def test_prev_links_lead_back_over_the_same_rows(ask: Ask):
    space, expected = space_of(10)
    client = ask(space)
    link, seen = "/api/voice/logs?page_size=3", []
    while link:
        page = client.get(link).json()
        seen.append([row["id"] for row in page["data"]])
        last, link = page, page["links"].get("next")
    back = []
    while "prev" in last["links"]:
        last = client.get(last["links"]["prev"]).json()
        back.append([row["id"] for row in last["data"]])
    assert list(chain.from_iterable(seen)) == expected
    assert back == seen[-2::-1]
    assert client.get(last["links"]["next"]).json()["data"][0]["id"] == expected[3]


def test_self_and_first_links_give_the_same_rows(ask: Ask):
    space, _ = space_of(9)
    client = ask(space)
    first = client.get("/api/voice/logs?page_size=4").json()
    second = client.get(first["links"]["next"]).json()
    assert client.get(second["links"]["self"]).json() == second
    assert client.get(second["links"]["first"]).json() == first


def test_next_repeats_the_filters_and_carries_a_token(ask: Ask):
    space, _ = space_of(9)
    address = "/api/voice/logs?page_size=4&created_on=2026-03-01&include_deleted=true"
    link = ask(space).get(address).json()["links"]["next"]
    query = parse_qs(urlsplit(link).query)
    token = query.pop("page_token")[0]
    assert token.startswith("PA")
    assert query == {
        "page_size": ["4"],
        "page_number": ["1"],
        "created_on": ["2026-03-01"],
        "include_deleted": ["true"],
    }


def test_links_are_absolute_by_default(ask: Ask):
    space, _ = space_of(9)
    client = ask(space)
    assert client.get("/api/voice/logs?page_size=4").json()["links"]["next"].startswith(str(client.base_url))
    space.behaviour = Behaviour(relative_links=True)
    assert client.get("/api/voice/logs?page_size=4").json()["links"]["next"].startswith("/api/voice/logs?")


def test_inserted_and_removed_rows_shift_no_page(ask: Ask):
    space, expected = space_of(9)
    client = ask(space)
    page = client.get("/api/voice/logs?page_size=4").json()
    space.put("voice", sample(created_at="2026-03-02T10:00:00Z"))
    space.remove("voice", expected[1])
    assert ids(client, page["links"]["next"]) == expected[4:]


def test_empty_pages_lead_on_to_all_rows(ask: Ask):
    space, expected = space_of(9, behaviour=Behaviour(empty_pages=True))
    sizes = [len(page) for page in pages(ask(space), "/api/voice/logs?page_size=4")]
    assert sizes == [4, 0, 4, 0, 1, 0]
    assert ids(ask(space), "/api/voice/logs?page_size=4") == expected


def test_deleted_rows_are_listed_only_on_request(ask: Ask):
    space, expected = space_of(6)
    space.delete("voice", expected[2])
    client = ask(space)
    assert ids(client, "/api/voice/logs?page_size=2") == expected[:2] + expected[3:]
    everything = rows(client, "/api/voice/logs?page_size=2&include_deleted=true")
    assert [row["id"] for row in everything] == expected
    assert set(everything[2]) == {"id", "discarded_at", "created_at"}


@pytest.mark.parametrize(
    ("query", "code", "attribute"),
    [
        ("page_number=1", "page_token_required", "page_token"),
        ("page_token=PAxyz", "page_token_is_invalid", "page_token"),
        ("page_token=PA%FF", "page_token_is_invalid", "page_token"),
        ("page_token=PZAAAA", "page_token_is_invalid", "page_token"),
        ("page_size=0", "invalid_parameter", "page_size"),
        ("page_size=1001", "invalid_parameter", "page_size"),
        ("page_size=many", "invalid_parameter", "page_size"),
        ("page_number=-1", "invalid_parameter", "page_number"),
        ("include_deleted=perhaps", "invalid_parameter", "include_deleted"),
    ],
)
def test_an_invalid_parameter_is_422_and_named(ask: Ask, query: str, code: str, attribute: str):
    answer = ask(Space()).get(f"/api/voice/logs?{query}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert set(error) == {"type", "code", "message", "attribute", "url"}
    assert (error["type"], error["code"], error["attribute"]) == ("validation_error", code, attribute)


def test_a_changed_token_is_invalid(ask: Ask):
    space, _ = space_of(9)
    client = ask(space)
    link = client.get("/api/voice/logs?page_size=4").json()["links"]["next"]
    changed = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert client.get(changed).json()["errors"][0]["code"] == "page_token_is_invalid"
