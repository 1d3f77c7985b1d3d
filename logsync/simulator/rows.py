"""A row of the list: generated from a plan, or put there by a test exactly as it is to be sent."""

from typing import NamedTuple

from logsync.simulator.calls import Call, render
from logsync.simulator.times import FIRST_US, NEVER_US


class Position(NamedTuple):
    """Where a row stands in the list. Newest first; the id decides between equal instants."""

    created_us: int
    id: str


NEWEST = Position(NEVER_US, "")
OLDEST = Position(FIRST_US, "")


class GeneratedRow:
    """Exists from the instant its call was created; keeps its last JSON, which is asked for again and again."""

    __slots__ = ("_final", "_settled_us", "call", "deleted_us", "position", "visible_us")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.position = Position(call.created_us, call.id)
        self.visible_us = call.created_us
        self.deleted_us = call.deleted_us
        self._settled_us = call.settled_us
        self._final: bytes | None = None

    def body(self, now_us: int) -> bytes:
        if now_us < self._settled_us:
            return render(self.call, now_us)
        if self._final is None:
            self._final = render(self.call, now_us)
        return self._final


class PutRow:
    """Sent byte for byte, whatever the time is."""

    __slots__ = ("call", "deleted_us", "position", "raw", "visible_us")

    def __init__(self, position: Position, raw: bytes, *, deleted: bool = False) -> None:
        self.call: Call | None = None
        self.position = position
        self.raw = raw
        self.visible_us = FIRST_US
        self.deleted_us = FIRST_US if deleted else NEVER_US

    def body(self, _now_us: int) -> bytes:
        return self.raw


Row = GeneratedRow | PutRow
