"""A rate limiter for one SignalWire project, shared by threads, processes and machines.

    with limiter.permit(sleep, timeout_s=60) as permit:
        …  # one request
        permit.succeeded()  # or permit.slow_down(seconds)

Libraries that limit requests per second share neither a limit of requests in flight nor a pause between processes.
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
from logsync.rate_limit.state import (
    MAX_PAUSE_S,
    LimiterState,
    RateLimit,
    drop_dead_holders,
    release,
    slow_down,
    try_acquire,
)
from logsync.rate_limit.stores import Result, StateStore

# Sleep in short stretches, so that the caller can renew its leases in between.
MAX_SLEEP_S = 5.0
# Keeps waiters for the same moment from all waking up in it.
JITTER_S = 0.005
HOST = socket.gethostname()


@dataclass(frozen=True, slots=True)
class LimiterStatus:
    """A snapshot. `recent` is in requests per second. `slowed_until` is set during a pause; `share` is the part of the
    rate in use, less than 1 for a while after a pause."""

    rate: RateLimit
    recent: float
    slowed_until: datetime | None
    share: float
    requests: int
    refusals: int


class Permit:
    """Permission to send one request now. Report its outcome before the permit ends."""

    def __init__(self, holder: str, sent_at: float) -> None:
        self._holder, self._sent_at = holder, sent_at
        self._succeeded, self._is_throttled = False, False
        self._retry_after_s: float | None = None

    def succeeded(self) -> None:
        self._succeeded = True

    def slow_down(self, seconds: float | None) -> None:
        """SignalWire told us to slow down, for `seconds` when it said how long."""
        self._is_throttled, self._retry_after_s = True, seconds

    def settle(self, state: LimiterState, now: float) -> None:
        release(state, self._holder, succeeded=self._succeeded)
        if self._is_throttled:
            slow_down(state, self._retry_after_s, self._sent_at, now)


class RateLimiter:
    """The limiter of one project of a space. Limiters of the same project and store share their state.

    `clock` is the one that retry times are compared with.
    """

    def __init__(
        self,
        store: StateStore,
        space_url: str,
        project_id: str,
        rate: RateLimit,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rate, self._store, self._clock = rate, store, clock
        self._name = sha256(f"{space_url} {project_id}".encode()).hexdigest()[:32]

    @contextmanager
    def permit(self, sleep: Callable[[float], None], timeout_s: float) -> Iterator[Permit]:
        """Wait until a request may be sent. Raises UnavailableError if that takes over `timeout_s` or MAX_PAUSE_S."""
        permit = self._acquire(sleep, timeout_s)
        try:
            yield permit
        finally:
            self._change(permit.settle)

    def status(self) -> LimiterStatus:
        """A snapshot. Writes nothing."""
        state, now = self._store.read(self._name)
        paused_s = state.paused_for_s(now)
        return LimiterStatus(
            rate=self._rate,
            recent=state.recent(now),
            slowed_until=self._clock() + timedelta(seconds=paused_s) if paused_s else None,
            share=state.rate_factor,
            requests=state.requests,
            refusals=state.refusals,
        )

    def _acquire(self, sleep: Callable[[float], None], timeout_s: float) -> Permit:
        holder, deadline = f"{HOST} {os.getpid()} {uuid4().hex}", time.monotonic() + timeout_s
        while True:
            permit_or_wait_s = self._change(lambda state, now: self._try_acquire(state, holder, now))
            if isinstance(permit_or_wait_s, Permit):
                return permit_or_wait_s
            if permit_or_wait_s > min(deadline - time.monotonic(), MAX_PAUSE_S):
                raise _wait_too_long(self._clock() + timedelta(seconds=permit_or_wait_s))
            sleep(min(permit_or_wait_s, MAX_SLEEP_S) + random.uniform(0, JITTER_S))  # noqa: S311 - no secret

    def _try_acquire(self, state: LimiterState, holder: str, now: float) -> Permit | float:
        """The permit, or how many seconds to wait before the next attempt."""
        if len(state.in_flight) >= self._rate.in_flight * state.rate_factor:
            drop_dead_holders(state, _is_dead)
        wait_s = try_acquire(state, holder, self._rate, now)
        return wait_s or Permit(holder, now)

    def _change(self, change: Callable[[LimiterState, float], Result]) -> Result:
        return self._store.change(self._name, change)


def _wait_too_long(retry_at: datetime) -> UnavailableError:
    return UnavailableError(
        "SignalWire told us to slow down, or too many requests wait for a permit within this project's rate limit."
        " Tollbook will retry later.",
        retry_at,
    )


def _is_dead(holder: str) -> bool:
    """Whether the holder was a process of this host that has ended. Permits of other hosts expire with time."""
    host, pid, _ = holder.rsplit(" ", 2)
    return host == HOST and not _is_running(int(pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except ProcessLookupError:
        return False
    except OSError:  # a process of another user, or a system without /proc
        return True
    return state not in {"Z", "X"}
