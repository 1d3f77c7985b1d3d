"""Rows for tests: one complete row of any type, modelled on SignalWire's examples, with any keys changed."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

_VOICE: dict[str, Any] = {
    "from": "+12065551212",
    "to": "+12065553434",
    "source": "realtime_api",
    "charge": Decimal("0.0066"),
    "charge_details": [{"description": "Inbound Voice Minutes", "charge": Decimal("0.0066")}],
    "created_at": "2026-03-10T12:20:00.125Z",
    "type": "relay_pstn_call",
    "url": None,
}
_DIRECTION = {"direction": "inbound"}
_STATUS = {"status": "completed"}
_DURATION = {"duration": 9}
_MILLIS = {"duration_ms": 9638}
_CALL = _VOICE | _DIRECTION | _STATUS | _DURATION | _MILLIS | {"billing_ms": 60000, "parent_id": None}
_ROOM_LEG = _VOICE | _DIRECTION | _STATUS | _DURATION | _MILLIS
_VIDEO: dict[str, Any] = {
    "source": "realtime_api",
    "type": "video_conference_session",
    "url": "https://example.signalwire.com/api/video/room_sessions/a1b2c3d4-5e6f-7890-abcd-ef1234567890",
    "room_name": "my_room",
    "status": "completed",
    "locked": False,
    "started_at": "2026-03-10T10:00:03Z",
    "ended_at": "2026-03-10T11:00:00Z",
    "charge": Decimal("0.01"),
    "created_at": "2026-03-10T10:00:00Z",
    "charge_details": [{"description": "Video conference session charge", "charge": Decimal("0.005")}],
}
_SHAPES: dict[str, dict[str, Any]] = {
    "video_room_pstn_leg": _ROOM_LEG,
    "video_room_sip_leg": _ROOM_LEG,
    "dialogflow_call": _VOICE | _STATUS | _DURATION | {"source": "dialogflow"},
    "fabric_subscriber_device_leg": _VOICE | _DIRECTION | {"status": None},
    "video_room_session": _VIDEO,
    "video_conference_session": _VIDEO,
}


def sample(log_type: str = "relay_pstn_call", **changes: Any) -> dict[str, Any]:
    """A finished log of that type with a new id. An unknown type gets the keys of a call.

    Change a key that is reserved in Python with a dictionary: `sample("laml_call", **{"from": None})`.
    """
    return {"id": str(uuid4())} | _SHAPES.get(log_type, _CALL) | {"type": log_type} | changes


def tombstone(log_id: str, created_at: str, discarded_at: str) -> dict[str, Any]:
    return {"id": log_id, "discarded_at": discarded_at, "created_at": created_at}
