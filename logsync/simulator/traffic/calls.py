"""One call or session: everything that will ever happen to it, and its JSON at any instant.

A call never changes. `render(call, now_us)` alone decides what the API shows.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from logsync.simulator import shapes
from logsync.simulator.shapes import number
from logsync.simulator.times import NEVER_US, SECOND_US, iso

encode = msgspec.json.Encoder().encode


class Bill(msgspec.Struct, frozen=True, gc=False):
    """In micro-dollars. As at SignalWire, the lines need not add up to the charge."""

    charge: int = 0
    lines: tuple[tuple[str, int], ...] = ()
    billing_ms: int | None = None


NO_BILL = Bill()


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    medium: str = shapes.VOICE
    log_type: str
    source: str
    created_us: int
    ended_us: int
    steps: tuple[tuple[int, str | None], ...]  # (since_us, status); the first at created_us
    bills: tuple[tuple[int, Bill], ...] = ()  # (since_us, bill): the charge, then restatements
    deleted_us: int = NEVER_US
    duration_ms: int = 0
    from_number: str | None = None
    to_number: str | None = None
    direction: str | None = None
    url: str | None = None
    parent_id: str | None = None
    room_name: str | None = None
    locked: bool = False
    started_us: int = 0
    millis: bool = True  # whether its times have milliseconds
    extra: bytes = b""  # more keys, as JSON that starts with a comma

    @property
    def settled_us(self) -> int:
        """Nothing changes from this instant on."""
        if self.deleted_us != NEVER_US:
            return self.deleted_us
        return max(self.ended_us, self.bills[-1][0] if self.bills else 0)


class CallState(msgspec.Struct, frozen=True, gc=False):
    """The state of a call at one instant."""

    status: str | None
    bill: Bill
    ended: bool


def state_at(call: Call, now_us: int) -> CallState:
    status = call.steps[0][1]
    for since_us, next_status in call.steps:
        if since_us <= now_us:
            status = next_status
    bill = NO_BILL
    for since_us, next_bill in call.bills:
        if since_us <= now_us:
            bill = next_bill
    return CallState(status, bill, now_us >= call.ended_us)


def render(call: Call, now_us: int) -> bytes:
    """The JSON that the API shows at an instant."""
    created_at = iso(call.created_us, millis=call.millis)
    if now_us >= call.deleted_us:
        return encode(shapes.DiscardedLog(call.id, iso(call.deleted_us), created_at))
    body = encode(_SHAPES.get(call.log_type, _call_log)(call, state_at(call, now_us), created_at))
    return body[:-1] + call.extra + b"}" if call.extra else body


def _lines(bill: Bill) -> list[shapes.Line]:
    return [shapes.Line(description, number(charge)) for description, charge in bill.lines]


def _seconds(call: Call, state: CallState) -> int | None:
    return call.duration_ms // 1000 if state.ended else None


def _common_fields(call: Call, state: CallState, created_at: str) -> dict[str, Any]:
    return {
        "id": call.id,
        "from_number": call.from_number,
        "to_number": call.to_number,
        "source": call.source,
        "charge": number(state.bill.charge),
        "charge_details": _lines(state.bill),
        "created_at": created_at,
        "log_type": call.log_type,
        "url": call.url,
    }


def _call_log(call: Call, state: CallState, created_at: str) -> msgspec.Struct:
    return shapes.CallLog(
        **_common_fields(call, state, created_at),
        direction=call.direction,
        status=state.status,
        duration=_seconds(call, state),
        duration_ms=call.duration_ms if state.ended else None,
        billing_ms=state.bill.billing_ms,
        parent_id=call.parent_id,
    )


def _room_leg_log(call: Call, state: CallState, created_at: str) -> msgspec.Struct:
    return shapes.RoomLegLog(
        **_common_fields(call, state, created_at),
        direction=call.direction,
        status=state.status,
        duration=_seconds(call, state),
        duration_ms=call.duration_ms if state.ended else None,
    )


def _dialogflow_log(call: Call, state: CallState, created_at: str) -> msgspec.Struct:
    fields = _common_fields(call, state, created_at)
    return shapes.DialogflowLog(**fields, status=state.status, duration=_seconds(call, state))


def _fabric_log(call: Call, state: CallState, created_at: str) -> msgspec.Struct:
    return shapes.FabricLog(**_common_fields(call, state, created_at), direction=call.direction, status=None)


def _video_log(call: Call, state: CallState, created_at: str) -> msgspec.Struct:
    return shapes.VideoLog(
        id=call.id,
        source=call.source,
        log_type=call.log_type,
        url=call.url or "",
        room_name=call.room_name,
        status=state.status,
        locked=call.locked,
        started_at=iso(call.started_us, millis=call.millis),
        ended_at=iso(call.ended_us, millis=call.millis) if state.ended else None,
        charge=number(state.bill.charge),
        created_at=created_at,
        charge_details=_lines(state.bill),
    )


_SHAPES: dict[str, Callable[[Call, CallState, str], msgspec.Struct]] = {
    "video_room_pstn_leg": _room_leg_log,
    "video_room_sip_leg": _room_leg_log,
    "dialogflow_call": _dialogflow_log,
    "fabric_subscriber_device_leg": _fabric_log,
    "video_room_session": _video_log,
    "video_conference_session": _video_log,
}


class Event(msgspec.Struct, frozen=True):
    event_at: str
    level: str
    name: str
    details: dict[str, str]
    project_id: str
    log_id: str


def events_of(call: Call, project_id: str, now_us: int) -> list[Event]:
    """The events of `/{id}/events`: each status reached so far, oldest first."""
    return [
        Event(
            event_at=iso(since_us),
            level="error" if status == "failed" else "warn" if status in {"busy", "no-answer"} else "info",
            name=f"call.{status or ('created' if since_us < call.ended_us else 'ended')}",
            details={"after_s": str((since_us - call.created_us) // SECOND_US)},
            project_id=project_id,
            log_id=call.id,
        )
        for since_us, status in call.steps
        if since_us <= now_us
    ]
