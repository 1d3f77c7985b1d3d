"""The calls that start on one day: call families (a call and its legs), conferences, and long calls.

Every day has its own generator, seeded with (seed, project, day): its calls depend on no other day, nor on the time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from logsync.simulator.shapes import VIDEO
from logsync.simulator.times import HOUR_US
from logsync.simulator.traffic.callers import Callers
from logsync.simulator.traffic.calls import Call
from logsync.simulator.traffic.chance import Chance, Odds
from logsync.simulator.traffic.legs import LegMaker
from logsync.simulator.traffic.volume import Volume, is_spike

# Relative volume of each hour (UTC): business hours of the United States.
HOURS = Odds(
    range(24), (60, 40, 22, 14, 10, 8, 8, 9, 10, 12, 18, 30, 48, 70, 92, 105, 112, 110, 108, 112, 110, 104, 92, 76)
)
LONG_SESSION_HOURS = 4
CALL_TYPES = ("laml_call", "relay_pstn_call", "relay_sip_call", "relay_webrtc_call")
ROOT_TYPES, CHILD_TYPES = Odds(CALL_TYPES, (48, 34, 10, 8)), Odds(CALL_TYPES, (40, 26, 22, 12))
UNKNOWN_TYPES = ("agora_call", "ai_agent_call")
UNKNOWN_STATUSES = ("transferred", "voicemail")
UNKNOWN_KEYS = b',"recording_url":null,"ai":{"turns":4,"model":"standard"}'
FAMILY_SIZES = Odds((1, 2, 3, 4, 5), (69, 14.5, 10, 4.5, 2))


@dataclass(frozen=True)
class Plan:
    """The traffic of a project. With `long_calls`, some calls and a session are in progress at every instant.

    `unknown_share` of the voice logs have types, statuses or keys that are not documented.
    """

    seed: int
    volume: Volume
    long_calls: bool = True
    audio_keys: bool = False
    unknown_share: float = 0.0


class Traffic:
    """All calls of one project, day by day."""

    def __init__(self, plan: Plan, project_id: str, space_name: str) -> None:
        self._plan = plan
        self._key = f"{plan.seed}|{project_id}"
        self._project_id = project_id
        self._callers = Callers(self._key, space_name)

    def calls(self, day: date) -> list[Call]:
        """Calls whose family starts on this UTC date. A child leg may be created just after midnight."""
        chance = Chance(f"{self._key}|{day}")
        maker = LegMaker(chance, day, self._callers, self._project_id, with_audio_keys=self._plan.audio_keys)
        calls = list(_long_calls(maker)) if self._plan.long_calls else []
        count = max(self._plan.volume(day), len(calls))
        spike = is_spike(self._plan.seed, day)
        while len(calls) < count:
            family = _fraud_call if spike and chance.happens(0.35) else chance.draw(FAMILIES)
            calls.extend(family(maker, _busy_instant(chance, maker.midnight_us)))
        del calls[count:]
        return [self._with_unknowns(chance, call) for call in calls] if self._plan.unknown_share else calls

    def _with_unknowns(self, chance: Chance, call: Call) -> Call:
        """Sometimes a type, a status or keys that are not documented."""
        if call.medium == VIDEO or not chance.happens(self._plan.unknown_share):
            return call
        (last_us, _), *_ = reversed(call.steps)
        variants: tuple[dict[str, Any], ...] = (
            {"log_type": chance.one_of(UNKNOWN_TYPES)},
            {"steps": (*call.steps[:-1], (last_us, chance.one_of(UNKNOWN_STATUSES)))},
            {"extra": call.extra + UNKNOWN_KEYS},
        )
        return msgspec.structs.replace(call, **chance.one_of(variants))


Family = Callable[[LegMaker, int], list[Call]]


def _busy_instant(chance: Chance, midnight_us: int) -> int:
    hour = chance.draw(HOURS)
    return midnight_us + hour * HOUR_US + chance.span_us(0, 3600)


def _forwarded_call(maker: LegMaker, at_us: int) -> list[Call]:
    """A call and the legs it was forwarded to: usually one after the other, sometimes a ring group."""
    chance = maker.chance
    size = chance.draw(FAMILY_SIZES)
    root = maker.call(chance.draw(ROOT_TYPES), at_us, orphan=chance.happens(0.004))
    legs = [root]
    ring_group = chance.happens(0.2)
    while len(legs) < size:
        parent = root if ring_group else legs[-1]
        # A forward follows at once; a transfer takes a few minutes.
        delay_us = chance.span_us(240, 1500) if chance.happens(0.2) else chance.span_us(1, 25)
        log_type = chance.draw(CHILD_TYPES)
        legs.append(maker.call(log_type, parent.created_us + delay_us, parent=parent))
    return legs


def _fraud_call(maker: LegMaker, at_us: int) -> list[Call]:
    return [maker.premium_call(at_us)]


def _dialogflow(maker: LegMaker, at_us: int) -> list[Call]:
    return [maker.dialogflow(at_us)]


def _fabric(maker: LegMaker, at_us: int) -> list[Call]:
    return [maker.fabric(at_us)]


def _conference(maker: LegMaker, at_us: int) -> list[Call]:
    """A session in the video list, and the legs that dialled in, in the voice list."""
    legs = maker.chance.randrange(1, 6)
    session = maker.session(at_us, minutes=maker.chance.uniform(4, 70), participants=legs + 2)
    return [session, *(maker.room_leg(session) for _ in range(legs))]


def _long_calls(maker: LegMaker) -> Iterator[Call]:
    """An agent's call every hour and a session every four hours, each lasting into the next."""
    for hour in range(24):
        yield maker.agent_line(maker.midnight_us + hour * HOUR_US + maker.chance.span_us(0, 240))
    for hour in range(0, 24, LONG_SESSION_HOURS):
        at_us = maker.midnight_us + hour * HOUR_US + maker.chance.span_us(0, 240)
        yield maker.session(
            at_us, minutes=LONG_SESSION_HOURS * 60 + maker.chance.uniform(5, 30), participants=2, room="watch"
        )


FAMILIES: Odds[Family] = Odds((_forwarded_call, _conference, _dialogflow, _fabric), (87, 3, 5, 5))
