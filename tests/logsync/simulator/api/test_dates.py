from datetime import date
from zoneinfo import ZoneInfo

import pytest

from logsync.simulator import Behaviour, DateRules, Space, sample
from tests.logsync.simulator.conftest import Ask
from tests.support.pagination import rows

INSTANTS = [
    "2026-03-07T23:59:59.999Z",
    "2026-03-08T00:00:00Z",
    "2026-03-08T12:00:00Z",
    "2026-03-08T23:59:59.999Z",
    "2026-03-09T00:00:00Z",
    "2026-03-09T03:59:59.999Z",
    "2026-03-09T04:00:00Z",
]


def space_of(rules: DateRules | None = None) -> Space:
    space = Space(behaviour=Behaviour(rules or DateRules()))
    for instant in INSTANTS:
        space.put("voice", sample(created_at=instant))
        space.put("video", sample("video_room_session", created_at=instant))
    return space


def instants(ask: Ask, space: Space, query: str, medium: str = "voice") -> list[str]:
    return [row["created_at"] for row in rows(ask(space), f"/api/{medium}/logs?page_size=2&{query}")][::-1]


@pytest.mark.parametrize("medium", ["voice", "video"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("created_on=2026-03-08", INSTANTS[1:4]),
        ("created_before=2026-03-08", INSTANTS[:1]),
        ("created_after=2026-03-08", INSTANTS[4:]),
        ("created_after=2026-03-07&created_before=2026-03-09", INSTANTS[1:4]),
        ("created_on=2026-03-08&created_after=2026-03-08", []),
        ("created_on=9999-12-31", []),
    ],
)
def test_a_date_is_a_utc_day_and_its_edges_are_exclusive(ask: Ask, medium: str, query: str, expected: list[str]):
    assert instants(ask, space_of(), query, medium) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("created_before=2026-03-08", INSTANTS[:4]),
        ("created_after=2026-03-08", INSTANTS[1:]),
        ("created_on=2026-03-08", INSTANTS[1:4]),
    ],
)
def test_edges_can_be_inclusive(ask: Ask, query: str, expected: list[str]):
    assert instants(ask, space_of(DateRules(inclusive=True)), query) == expected


def test_a_date_can_be_a_day_in_another_timezone(ask: Ask):
    """This Sunday has 23 hours in New York: from 05:00 to 04:00 UTC."""
    new_york = space_of(DateRules(zone=ZoneInfo("America/New_York")))
    assert instants(ask, new_york, "created_on=2026-03-08") == INSTANTS[2:6]
    assert instants(ask, new_york, "created_after=2026-03-08") == INSTANTS[6:]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_consecutive_days_give_every_row_once(ask: Ask, zone: str):
    space = space_of(DateRules(zone=ZoneInfo(zone)))
    found = [instant for day in (7, 8, 9) for instant in instants(ask, space, f"created_on=2026-03-0{day}")]
    assert found == INSTANTS


def test_video_takes_datetimes(ask: Ask):
    space = space_of()
    assert instants(ask, space, "created_after=2026-03-08T12:00:00Z", "video") == INSTANTS[3:]
    assert instants(ask, space, "created_before=2026-03-08T12:00:00Z", "video") == INSTANTS[:2]
    assert instants(ask, space, "created_on=2026-03-08T12:00:00Z", "video") == INSTANTS[1:4]


@pytest.mark.parametrize("name", ["created_before", "created_on", "created_after"])
@pytest.mark.parametrize("value", ["yesterday", "2026-02-30", "2026-3-8", "", "20260308", "2026-03-08T12:00:00Z"])
def test_an_invalid_date_is_422(ask: Ask, name: str, value: str):
    answer = ask(Space()).get("/api/voice/logs", params={name: value})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["code"], error["attribute"]) == ("not_a_datetime", name)


def test_dates_before_the_history_are_refused(ask: Ask):
    space = space_of()
    space.limit_history(date(2026, 3, 8))
    client = ask(space)
    assert client.get("/api/voice/logs?created_on=2026-03-08").status_code == 200
    answer = client.get("/api/voice/logs?created_on=2026-03-07")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["type"], error["code"]) == ("account_error", "exceeds_history_logs_limit")
    assert error["message"] == "The value exceeds the 2026-03-08 date limit."
    assert error["attribute"] == "created_on"
