"""How fast one SignalWire project may be asked: the rules, as a plain value and functions on it. No Django.

Requests are spaced evenly, so no moment sees a burst. After SignalWire asked to be asked less often, nothing is sent
until the time it named; then one request at a time and slowly, faster with every answer that is well.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

# Where SignalWire does not say how long: so long, twice as long each further time, and never longer than this.
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
# What SignalWire itself asks for is believed up to a day.
LONGEST_ASKED_S = 86_400.0
SLOWEST = 0.125
STEP = 0.0625
# Whoever waits for another's answer looks again so soon.
LOOK_AGAIN_S = 0.05
# The present rate is that of so many seconds.
RATE_OVER_S = 10


class Rate(NamedTuple):
    """The budget of one project. `hold_s`: whoever has not answered for so long is dead, and its place is free."""

    per_second: float
    in_flight: int
    hold_s: float


class Pace(msgspec.Struct):
    """What all who ask one project know in common. Instants are seconds of one clock.

    `ease` is the part of the budget that is in use: 1, or less for a while after a pause. `in_flight` are the requests
    under way and when each is given up for dead. `sent_at` is when the last one was sent, `sent` counts them by whole
    seconds, `requests` and `refusals` count for ever.
    """

    sent_at: float = 0.0
    paused_at: float = 0.0
    paused_until: float = 0.0
    pauses: int = 0
    ease: float = 1.0
    in_flight: dict[str, float] = {}
    sent: dict[int, int] = {}
    requests: int = 0
    refusals: int = 0

    def paused_for_s(self, now: float) -> float:
        return max(0.0, self.paused_until - now)

    def recent(self, now: float) -> float:
        """Requests a second, lately."""
        since = now - RATE_OVER_S
        return sum(number for second, number in self.sent.items() if since < second <= now) / RATE_OVER_S


def enter(pace: Pace, place: str, rate: Rate, now: float) -> float:
    """0 when the request may be sent now, noted under `place`; else after how many seconds to ask again."""
    if (paused_s := pace.paused_for_s(now)) > 0:
        return paused_s
    pace.in_flight = {place: until for place, until in pace.in_flight.items() if now < until <= now + rate.hold_s}
    if len(pace.in_flight) >= max(1, int(rate.in_flight * pace.ease)):
        return LOOK_AGAIN_S
    interval = 1 / (rate.per_second * pace.ease)
    if 0 < (early_s := pace.sent_at + interval - now) <= interval:  # more than that: the clock was set back
        return early_s
    pace.sent_at = now
    pace.in_flight[place] = now + rate.hold_s
    pace.sent = {second: number for second, number in pace.sent.items() if second > now - RATE_OVER_S}
    pace.sent[int(now)] = pace.sent.get(int(now), 0) + 1
    pace.requests += 1
    return 0.0


def leave(pace: Pace, place: str, *, is_well: bool) -> None:
    """The answer is there, or never comes."""
    pace.in_flight.pop(place, None)
    if is_well and pace.ease < 1:
        pace.ease = min(1.0, pace.ease + STEP)
    if pace.ease == 1:
        pace.pauses = 0


def slow_down(pace: Pace, asked_s: float | None, sent_at: float, now: float) -> None:
    """SignalWire asked to be asked less often, for `asked_s` seconds where it said so, in answer to a request of
    `sent_at`. What was under way when a pause began is part of the same complaint."""
    pace.refusals += 1
    if sent_at >= pace.paused_at:
        pace.pauses = min(pace.pauses + 1, 16)
        pace.paused_at = now
    pause_s = min(FIRST_PAUSE_S * 2 ** (pace.pauses - 1), LONGEST_PAUSE_S) if asked_s is None else asked_s
    pace.paused_until = max(pace.paused_until, now + min(pause_s, LONGEST_ASKED_S))
    pace.ease = SLOWEST


def forget_dead(pace: Pace, is_dead: Callable[[str], bool]) -> None:
    """Free the places of those who will never answer, before their time is over."""
    pace.in_flight = {place: until for place, until in pace.in_flight.items() if not is_dead(place)}
