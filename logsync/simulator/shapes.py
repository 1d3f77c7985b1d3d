"""The JSON of a log: one struct per shape in SignalWire's specification, keys in its order."""

import msgspec

VOICE, VIDEO = "voice", "video"
MEDIA = (VOICE, VIDEO)
RESERVED = {"from_number": "from", "to_number": "to", "log_type": "type"}


class Line(msgspec.Struct, frozen=True):
    description: str
    charge: msgspec.Raw


class DiscardedLog(msgspec.Struct, frozen=True):
    id: str
    discarded_at: str
    created_at: str


class _VoiceLog(msgspec.Struct, frozen=True, rename=RESERVED):
    id: str
    from_number: str | None
    to_number: str | None
    source: str
    charge: msgspec.Raw
    charge_details: list[Line]
    created_at: str
    log_type: str
    url: str | None


class CallLog(_VoiceLog, frozen=True, rename=RESERVED):
    """laml_call, relay_pstn_call, relay_sip_call, relay_webrtc_call."""

    direction: str | None
    status: str | None
    duration: int | None
    duration_ms: int | None
    billing_ms: int | None
    parent_id: str | None


class RoomLegLog(_VoiceLog, frozen=True, rename=RESERVED):
    """video_room_pstn_leg, video_room_sip_leg."""

    direction: str | None
    status: str | None
    duration: int | None
    duration_ms: int | None


class DialogflowLog(_VoiceLog, frozen=True, rename=RESERVED):
    status: str | None
    duration: int | None


class FabricLog(_VoiceLog, frozen=True, rename=RESERVED):
    """fabric_subscriber_device_leg; its status is always null."""

    direction: str | None
    status: str | None


class VideoLog(msgspec.Struct, frozen=True, rename=RESERVED):
    """video_room_session, video_conference_session."""

    id: str
    source: str
    log_type: str
    url: str
    room_name: str | None
    status: str | None
    locked: bool
    started_at: str | None
    ended_at: str | None
    charge: msgspec.Raw
    created_at: str
    charge_details: list[Line]


def number(micros: int) -> msgspec.Raw:
    """Whole micro-dollars as a JSON number of dollars, formatted as SignalWire does: 0.0066, 0.0, 12.5."""
    whole, micros = divmod(micros, 1_000_000)
    fraction = f"{micros:06d}".rstrip("0") or "0"
    return msgspec.Raw(f"{whole}.{fraction}".encode())
