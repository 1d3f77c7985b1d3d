from datetime import UTC, datetime

import httpx
import pytest

from logsync.simulator import Clock, Project, Space, sample, serving, tombstone
from tests.logsync.simulator.conftest import Ask
from tests.support.pagination import rows

VOICE_KEYS = ["id", "from", "to", "source", "charge", "charge_details", "created_at", "type", "url"]
CALL_KEYS = [*VOICE_KEYS, "direction", "status", "duration", "duration_ms", "billing_ms", "parent_id"]
ROOM_LEG_KEYS = [*VOICE_KEYS, "direction", "status", "duration", "duration_ms"]
SESSION_KEYS = ["id", "source", "type", "url", "room_name", "status", "locked", "started_at", "ended_at", "charge"]
SESSION_KEYS += ["created_at", "charge_details"]
KEYS = {
    "laml_call": CALL_KEYS,
    "relay_pstn_call": CALL_KEYS,
    "relay_sip_call": CALL_KEYS,
    "relay_webrtc_call": CALL_KEYS,
    "video_room_pstn_leg": ROOM_LEG_KEYS,
    "video_room_sip_leg": ROOM_LEG_KEYS,
    "dialogflow_call": [*VOICE_KEYS, "status", "duration"],
    "fabric_subscriber_device_leg": [*VOICE_KEYS, "direction", "status"],
    "video_room_session": SESSION_KEYS,
    "video_conference_session": SESSION_KEYS,
    None: ["id", "discarded_at", "created_at"],
}
NOBODY = "00000000-0000-4000-8000-000000000000"


def test_every_type_has_exactly_the_keys_of_its_shape(ask: Ask, clock: Clock):
    client = ask(Space(seed=3, now=clock, logs_per_day=600, days=8))
    seen = set()
    for medium in ("voice", "video"):
        for row in rows(client, f"/api/{medium}/logs?page_size=1000&include_deleted=true"):
            assert list(row) == KEYS[row.get("type")]
            seen.add(row.get("type"))
    assert seen == set(KEYS)


@pytest.mark.parametrize("log_type", [log_type for log_type in KEYS if log_type])
def test_a_sample_has_the_keys_of_its_shape(log_type: str):
    assert set(sample(log_type)) == set(KEYS[log_type])


def test_one_log_is_the_same_as_in_the_list(ask: Ask, clock: Clock):
    client = ask(Space(seed=3, now=clock, days=2))
    for medium in ("voice", "video"):
        for row in rows(client, f"/api/{medium}/logs")[:40]:
            assert client.get(f"/api/{medium}/logs/{row['id']}").json() == row


@pytest.mark.parametrize("log_id", [NOBODY, "not-a-uuid", "0" * 36])
def test_an_unknown_log_is_404(ask: Ask, clock: Clock, log_id: str):
    client = ask(Space(seed=3, now=clock, days=2))
    for address in (f"/api/voice/logs/{log_id}", f"/api/video/logs/{log_id}", f"/api/voice/logs/{log_id}/events"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()) == (404, {"error": "Not Found"})


def test_a_log_is_found_only_under_its_own_medium(ask: Ask):
    space = Space()
    log_id = space.put("voice", sample())
    assert ask(space).get(f"/api/video/logs/{log_id}").status_code == 404


def test_a_deleted_log_is_shown_as_a_tombstone(ask: Ask):
    space = Space()
    space.put("voice", tombstone(NOBODY, "2026-03-01T10:00:00Z", "2026-03-04T10:00:00Z"))
    answer = ask(space).get(f"/api/voice/logs/{NOBODY}")
    assert answer.json() == tombstone(NOBODY, "2026-03-01T10:00:00Z", "2026-03-04T10:00:00Z")


def test_events_list_the_statuses_of_a_call(ask: Ask, clock: Clock):
    space = Space(seed=3, now=clock, days=2)
    client = ask(space)
    row = next(row for row in rows(client, "/api/voice/logs") if row["status"] == "ended")
    answer = client.get(f"/api/voice/logs/{row['id']}/events").json()
    assert list(answer) == ["data"]
    assert [event["name"] for event in answer["data"]][-1] == "call.ended"
    for event in answer["data"]:
        assert list(event) == ["event_at", "level", "name", "details", "project_id", "log_id"]
        assert (event["project_id"], event["log_id"]) == (space.credentials[0], row["id"])


def test_video_logs_have_no_events(ask: Ask):
    space = Space()
    log_id = space.put("video", sample("video_room_session"))
    assert ask(space).get(f"/api/video/logs/{log_id}/events").status_code == 404


@pytest.mark.parametrize("auth", [None, ("nobody", "PT"), (Project().id, "PTwrong")])
def test_without_valid_credentials_everything_is_401(auth: tuple[str, str] | None):
    with serving(Space()) as url:
        for path in ("/api/voice/logs", f"/api/video/logs/{NOBODY}", "/api/other"):
            answer = httpx.get(url + path, auth=auth)
            assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize("header", ["Basic !!!", "Basic /w==", "Bearer abc", "Basic"])
def test_an_unreadable_authorization_is_401(header: str):
    with serving(Space()) as url:
        assert httpx.get(f"{url}/api/voice/logs", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize(("status", "error"), [(401, "Unauthorized"), (403, "Forbidden")])
def test_a_missing_scope_refuses_only_that_medium(ask: Ask, status: int, error: str):
    client = ask(Space(projects=[Project(scopes=("voice",), missing_scope_status=status)]))
    assert client.get("/api/voice/logs").status_code == 200
    answer = client.get("/api/video/logs")
    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_each_project_sees_its_own_rows(ask: Ask, clock: Clock):
    other = Project("9d6cf2a8-6d0c-4b07-93a1-3a5b7a3f7a55", "PTother")
    space = Space(seed=3, now=clock, days=2, projects=[Project(), other])
    client = ask(space)
    mine = {row["id"] for row in rows(client, "/api/voice/logs")}
    client.auth = (other.id, other.token)
    theirs = {row["id"] for row in rows(client, "/api/voice/logs")}
    assert mine
    assert theirs
    assert not mine & theirs


def test_the_api_is_read_only(ask: Ask):
    assert ask(Space()).post("/api/voice/logs").status_code == 404


def test_requests_are_recorded(ask: Ask, clock: Clock):
    space = Space(now=clock)
    client = ask(space)
    client.get("/api/voice/logs", params={"created_on": "2026-03-01"})
    httpx.get(client.base_url.join("/api/video/logs"))
    assert space.requests.total == len(space.requests) == 2
    first, second = space.requests
    assert (first.method, first.path, first.query) == ("GET", "/api/voice/logs", {"created_on": "2026-03-01"})
    assert (first.status, first.with_credentials, first.at) == (200, True, datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert (second.status, second.with_credentials) == (401, False)
    assert space.requests.by_status == {200: 1, 401: 1}
    space.requests.clear()
    assert space.requests.total == len(space.requests) == 0
