"""The rules of the rate limiter: a plain state, and functions that change it.

Requests are spaced evenly, without bursts. After a 429, nothing is sent until the time that SignalWire named; then
the rate starts low and rises with every success.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

# The pause when SignalWire does not say how long; it doubles each time, up to MAX_PAUSE_S.
FIRST_PAUSE_S = 1.0
MAX_PAUSE_S = 60.0
# A longer Retry-After is cut to a day.
MAX_RETRY_AFTER_S = 86_400.0
MIN_RATE_FACTOR = 0.125
RATE_FACTOR_STEP = 0.0625
# How often a waiter checks whether a request in flight has ended.
POLL_INTERVAL_S = 0.05
# The period over which the current rate is averaged.
RATE_WINDOW_S = 10


class RateLimit(NamedTuple):
    """The limit of one project. A permit that is not released expires after `permit_ttl_s`."""

    per_second: float
    in_flight: int
    permit_ttl_s: float


class LimiterState(msgspec.Struct):
    """The state that all clients of one project share. Instants are seconds of one clock.

    `rate_factor` is the part of the rate in use: 1, or less for a while after a pause. `in_flight` maps the holder of
    each permit to when it expires. `sent_at` is when the last request was sent, `sent` counts recent requests by whole
    seconds, `requests` and `refusals` count all of them.
    """

    sent_at: float = 0.0
    paused_at: float = 0.0
    paused_until: float = 0.0
    pauses: int = 0
    rate_factor: float = 1.0
    in_flight: dict[str, float] = {}
    sent: dict[int, int] = {}
    requests: int = 0
    refusals: int = 0

    def paused_for_s(self, now: float) -> float:
        return max(0.0, self.paused_until - now)

    def recent(self, now: float) -> float:
        """Requests per second over the last RATE_WINDOW_S seconds."""
        since = now - RATE_WINDOW_S
        return sum(count for second, count in self.sent.items() if since < second <= now) / RATE_WINDOW_S


def try_acquire(state: LimiterState, holder: str, rate: RateLimit, now: float) -> float:
    """0 when `holder` now has a permit; otherwise how many seconds to wait before the next attempt."""
    if (paused_s := state.paused_for_s(now)) > 0:
        return paused_s
    state.in_flight = {
        other: until for other, until in state.in_flight.items() if now < until <= now + rate.permit_ttl_s
    }
    if len(state.in_flight) >= max(1, int(rate.in_flight * state.rate_factor)):
        return POLL_INTERVAL_S
    interval = 1 / (rate.per_second * state.rate_factor)
    if 0 < (wait_s := state.sent_at + interval - now) <= interval:  # a longer wait means that the clock was set back
        return wait_s
    state.sent_at = now
    state.in_flight[holder] = now + rate.permit_ttl_s
    state.sent = {second: count for second, count in state.sent.items() if second > now - RATE_WINDOW_S}
    state.sent[int(now)] = state.sent.get(int(now), 0) + 1
    state.requests += 1
    return 0.0


def release(state: LimiterState, holder: str, *, succeeded: bool) -> None:
    """Give the permit back: the request has ended."""
    state.in_flight.pop(holder, None)
    if succeeded and state.rate_factor < 1:
        state.rate_factor = min(1.0, state.rate_factor + RATE_FACTOR_STEP)
    if state.rate_factor == 1:
        state.pauses = 0


def slow_down(state: LimiterState, retry_after_s: float | None, sent_at: float, now: float) -> None:
    """Pause for `retry_after_s` seconds, or for a time that doubles with each pause when that is None.

    Requests that were in flight when a pause began (by `sent_at`) do not count as another one.
    """
    state.refusals += 1
    if sent_at >= state.paused_at:
        state.pauses = min(state.pauses + 1, 16)
        state.paused_at = now
    pause_s = min(FIRST_PAUSE_S * 2 ** (state.pauses - 1), MAX_PAUSE_S) if retry_after_s is None else retry_after_s
    state.paused_until = max(state.paused_until, now + min(pause_s, MAX_RETRY_AFTER_S))
    state.rate_factor = MIN_RATE_FACTOR


def drop_dead_holders(state: LimiterState, is_dead: Callable[[str], bool]) -> None:
    """Release the permits of holders that have died, before they expire."""
    state.in_flight = {holder: until for holder, until in state.in_flight.items() if not is_dead(holder)}
