"""SignalWire's names in words. What is not listed here is shown as SignalWire sent it."""

from logsync.visible import visible

TYPE_WORDS = {
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


def in_words(parameter: str, value: str | None) -> str:
    """A value of a filter parameter for people to read."""
    if value is None:
        return "none"
    return visible(TYPE_WORDS.get(value, value) if parameter == "type" else value)


def colour_of(value: str | None) -> str:
    """The end of the class that carries a value's colour: the value, where it could be a class at all."""
    if value is None:
        return "none"
    return value if value.replace("_", "").replace("-", "").isalnum() else "unknown"
