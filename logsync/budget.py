"""What one SignalWire project may be asked, shared by all who ask it: threads, processes, machines. No Django.

    with budget.turn(sleep, patience_s=60) as turn:
        …  # one request
        turn.is_well()  # or turn.asked_to_slow_down(seconds)

No library fits: those that count requests a second share neither places in flight nor a pause, nor files.
"""

import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from logsync.exceptions import UnavailableError
from logsync.pace import LONGEST_PAUSE_S, Pace, Rate, enter, forget_dead, leave, slow_down
from logsync.shelves import Answer, Shelf

# Nobody sleeps longer at one stretch: leases are kept between two of them.
LONGEST_SLEEP_S = 5.0
# Those who wait for the same moment do not all come in it.
SPREAD_S = 0.005
HOST = socket.gethostname()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a project is asked at this moment. `slowed_until` is None unless SignalWire asked to be asked less often;
    `share` is the part of the budget in use, less than 1 for a while after that."""

    rate: Rate
    recent: float
    slowed_until: datetime | None
    share: float
    requests: int
    refusals: int


class Turn:
    """One request that may be sent now."""

    def __init__(self, place: str, sent_at: float) -> None:
        self._place, self._sent_at = place, sent_at
        self._is_well, self._is_refused = False, False
        self._asked_s: float | None = None

    def is_well(self) -> None:
        """The answer was as one wishes."""
        self._is_well = True

    def asked_to_slow_down(self, seconds: float | None) -> None:
        """For so many seconds, where SignalWire named them."""
        self._is_refused, self._asked_s = True, seconds

    def ends(self, pace: Pace, now: float) -> None:
        leave(pace, self._place, is_well=self._is_well)
        if self._is_refused:
            slow_down(pace, self._asked_s, self._sent_at, now)


class Budget:
    """Of one project of a space, by the credentials that pick it."""

    def __init__(self, shelf: Shelf, space_url: str, project_id: str, rate: Rate) -> None:
        self._rate, self._shelf = rate, shelf
        self._name = sha256(f"{space_url} {project_id}".encode()).hexdigest()[:32]

    @contextmanager
    def turn(self, sleep: Callable[[float], None], patience_s: float) -> Iterator[Turn]:
        """Wait until one more request may be sent. Raises UnavailableError when that would take too long."""
        turn = self._wait(sleep, patience_s)
        try:
            yield turn
        finally:
            self._change(turn.ends)

    def standing(self) -> Standing:
        return self._change(self._standing)

    def _wait(self, sleep: Callable[[float], None], patience_s: float) -> Turn:
        place, deadline = f"{HOST} {os.getpid()} {uuid4().hex}", time.monotonic() + patience_s
        while True:
            entry = self._change(lambda pace, now: self._enter(pace, place, now))
            if isinstance(entry, Turn):
                return entry
            if entry > min(deadline - time.monotonic(), LONGEST_PAUSE_S):
                raise _too_long(entry)
            sleep(min(entry, LONGEST_SLEEP_S) + random.uniform(0, SPREAD_S))  # noqa: S311 - no secret

    def _enter(self, pace: Pace, place: str, now: float) -> Turn | float:
        """The turn, or after how many seconds to ask again."""
        if len(pace.in_flight) >= self._rate.in_flight * pace.ease:
            forget_dead(pace, _is_dead)
        wait_s = enter(pace, place, self._rate, now)
        return wait_s or Turn(place, now)

    def _standing(self, pace: Pace, now: float) -> Standing:
        paused_s = pace.paused_for_s(now)
        return Standing(
            rate=self._rate,
            recent=pace.recent(now),
            slowed_until=datetime.now(UTC) + timedelta(seconds=paused_s) if paused_s else None,
            share=pace.ease,
            requests=pace.requests,
            refusals=pace.refusals,
        )

    def _change(self, change: Callable[[Pace, float], Answer]) -> Answer:
        return self._shelf.change(self._name, change)


def _too_long(wait_s: float) -> UnavailableError:
    return UnavailableError(
        "SignalWire asked to be asked less often, or many requests wait for their turn within this project's budget."
        " Tollbook asks again later by itself.",
        datetime.now(UTC) + timedelta(seconds=wait_s),
    )


def _is_dead(place: str) -> bool:
    """Whether a process of this machine holds the place and is no more. Of other machines only time can tell."""
    host, pid, _ = place.rsplit(" ", 2)
    return host == HOST and not _runs(int(pid))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except ProcessLookupError:
        return False
    except OSError:  # another user's, or no such folder on this system
        return True
    return state not in {"Z", "X"}
