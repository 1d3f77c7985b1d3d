"""Rows that a test puts into a space and changes."""

import json
from decimal import Decimal

import httpx
import pytest

from logsync.simulator import Clock, Space, sample, serving
from tests.logsync.simulator.conftest import Ask
from tests.support.pagination import ids

ID = "b7182dc2-00f3-40e4-a5ce-20f164b329df"
AT = "2026-03-01T10:00:00Z"


@pytest.mark.parametrize("charge", ["0.0000004", "1e-7", "1234567.891234", "-0.0025", "NaN", '"0.01"', "null", "0.10"])
def test_text_is_sent_byte_for_byte(ask: Ask, charge: str):
    text = f'{{"id": "{ID}",  "created_at": "{AT}", "charge": {charge}, "charge": 1}}'
    space = Space()
    assert space.put("voice", text) == ID
    client = ask(space)
    assert client.get(f"/api/voice/logs/{ID}").text == text
    assert f'"data":[{text}]' in client.get("/api/voice/logs").text


def test_invalid_text_is_sent_at_the_given_position(ask: Ask):
    space = Space()
    space.put("voice", sample(created_at="2026-03-01T11:00:00Z"))
    space.put("voice", '{"id": 5, "type":', log_id=ID, created_at=AT)
    page = ask(space).get("/api/voice/logs").text
    assert page.endswith(',{"id": 5, "type":]}')
    with pytest.raises(ValueError, match="no id"):
        space.put("voice", "{}")


def test_a_dictionary_keeps_its_decimals(ask: Ask):
    space = Space()
    space.put("voice", sample(id=ID, charge=Decimal("0.562572"), **{"from": None, "to": "x" * 400}))
    answer = ask(space).get(f"/api/voice/logs/{ID}")
    row = json.loads(answer.text, parse_float=Decimal)
    assert (row["charge"], row["from"], len(row["to"])) == (Decimal("0.562572"), None, 400)


def test_a_row_put_again_replaces_the_first(ask: Ask):
    space = Space()
    space.put("voice", sample(id=ID, created_at=AT))
    space.put("voice", sample(id=ID, created_at="2026-04-01T10:00:00Z"))
    client = ask(space)
    assert ids(client, "/api/voice/logs?created_on=2026-03-01") == []
    assert ids(client, "/api/voice/logs") == [ID]


def test_a_row_can_be_changed_while_it_is_served(ask: Ask):
    space = Space()
    log_id = space.put("voice", sample())
    client = ask(space)
    space.update("voice", log_id, {"charge": Decimal("9.5"), "from": "freeswitch"})
    row = client.get(f"/api/voice/logs/{log_id}").json()
    assert (row["charge"], row["from"], row["status"]) == (9.5, "freeswitch", "completed")


def test_deleting_leaves_a_tombstone_and_removing_leaves_nothing(ask: Ask, clock: Clock):
    space = Space(now=clock)
    deleted, removed = (space.put("voice", sample(created_at=AT)) for _ in range(2))
    client = ask(space)
    space.delete("voice", deleted)
    space.remove("voice", removed)
    tombstone = {"id": deleted, "discarded_at": "2026-03-10T12:00:00.000Z", "created_at": "2026-03-01T10:00:00.000Z"}
    assert client.get(f"/api/voice/logs/{deleted}").json() == tombstone
    assert client.get(f"/api/voice/logs/{removed}").status_code == 404
    assert ids(client, "/api/voice/logs?include_deleted=true") == [deleted]


def test_generated_rows_can_be_changed_deleted_and_removed(ask: Ask, clock: Clock):
    space = Space(seed=3, now=clock, days=3)
    before = [row["id"] for row in space.rows("voice")]
    changed, deleted, removed = before[10], before[-20], before[-30]
    space.update("voice", changed, {"charge": Decimal("77.5")})
    space.delete("voice", deleted)
    space.remove("voice", removed)
    client = ask(space)
    assert client.get(f"/api/voice/logs/{changed}").json()["charge"] == 77.5
    assert "discarded_at" in client.get(f"/api/voice/logs/{deleted}").json()
    assert client.get(f"/api/voice/logs/{removed}").status_code == 404
    after = ids(client, "/api/voice/logs?page_size=1000&include_deleted=true")
    assert after == [log_id for log_id in before if log_id != removed]


def test_deleting_an_unknown_row_is_an_error():
    with pytest.raises(KeyError):
        Space().delete("voice", ID)


def test_the_rows_of_a_space_are_those_it_serves(ask: Ask, clock: Clock):
    space = Space(seed=3, now=clock, days=3)
    space.put("voice", sample(created_at=AT))
    served = ask(space).get("/api/voice/logs?page_size=1000&include_deleted=true").text
    assert space.rows("voice") == json.loads(served, parse_float=Decimal)["data"]


def test_a_stopped_space_refuses_connections():
    with serving(Space()) as url:
        assert httpx.get(f"{url}/api/voice/logs").status_code == 401
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/api/voice/logs")
