"""A row of the list: generated from a call, or put there by a test exactly as it is to be sent."""

from typing import NamedTuple

from logsync.simulator.times import FIRST_US, NEVER_US
from logsync.simulator.traffic.calls import Call, render


class Position(NamedTuple):
    """A row's place in the list: newest first, rows of the same instant by id."""

    created_us: int
    id: str


NEWEST = Position(NEVER_US, "")


class GeneratedRow:
    """Visible from the instant its call was created. Caches its final JSON."""

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
    """Sent byte for byte, independent of the time."""

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
