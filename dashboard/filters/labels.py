"""Labels for SignalWire's values. A value without a label is shown as SignalWire sent it."""

from typing import NamedTuple

from logsync.statuses import FINAL_STATUSES, LIVE_STATUSES
from logsync.text import shortened, visible

MAX_SHOWN = 100

TYPE_LABELS = {
    "relay_pstn_call": "PSTN call",
    "relay_sip_call": "SIP call",
    "relay_webrtc_call": "WebRTC call",
    "laml_call": "LaML call",
    "dialogflow_call": "Dialogflow call",
    "fabric_subscriber_device_leg": "Subscriber device leg",
    "video_room_session": "Room session",
    "video_conference_session": "Conference session",
    "video_room_pstn_leg": "Room phone leg",
    "video_room_sip_leg": "Room SIP leg",
}

# Parameter -> value -> label. Statuses are read with spaces for hyphens.
LABELS = {
    "type": TYPE_LABELS,
    "direction": {"outbound-api": "outbound (API)", "outbound-dial": "outbound (dial)"},
    "source": {"realtime_api": "Realtime API", "laml": "LaML", "dialogflow": "Dialogflow"},
    "status": {status: status.replace("-", " ") for status in FINAL_STATUSES | LIVE_STATUSES},
}

EMPTY_TEXT = "empty text"


def label(parameter: str, value: str | None) -> str:
    """The value of a filter parameter as people read it."""
    if value is None:
        return "none"
    if not value:
        return EMPTY_TEXT
    return visible(LABELS.get(parameter, {}).get(value, value))


def unknown(parameter: str, value: str) -> str:
    """What to say of a condition that nothing has ever met."""
    shown = shortened(visible(value), MAX_SHOWN)
    if parameter == "project":
        return f"There is no project called “{shown}”."
    return f"No log has the {parameter} “{shown}”."


def colour_class(value: str | None) -> str:
    """The suffix of the CSS class that colours a value: the value itself if it is a valid class name."""
    if value is None:
        return "none"
    return value if value.replace("_", "").replace("-", "").isalnum() else "unknown"


class Chip(NamedTuple):
    """One condition in words; `query_string.without(query, parameter, value)` removes it."""

    parameter: str
    value: str | None
    label: str
