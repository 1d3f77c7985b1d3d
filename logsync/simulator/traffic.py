"""The calls that begin on one day: families of legs, conferences with their legs, lines that are always open.

All is drawn from one dice per (seed, project, day), so a day's calls never depend on any other day or on the time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from logsync.simulator.calls import Call
from logsync.simulator.dice import Dice, Odds
from logsync.simulator.legs import LegMaker
from logsync.simulator.people import People
from logsync.simulator.shapes import VIDEO
from logsync.simulator.times import HOUR_US
from logsync.simulator.volume import Volume, is_spike

# How busy each hour of the day (UTC) is: the business day of the United States.
HOURS = Odds(
    range(24), (60, 40, 22, 14, 10, 8, 8, 9, 10, 12, 18, 30, 48, 70, 92, 105, 112, 110, 108, 112, 110, 104, 92, 76)
)
WATCH_HOURS = 4
CALL_TYPES = ("laml_call", "relay_pstn_call", "relay_sip_call", "relay_webrtc_call")
ROOT_TYPES, CHILD_TYPES = Odds(CALL_TYPES, (48, 34, 10, 8)), Odds(CALL_TYPES, (40, 26, 22, 12))
UNKNOWN_TYPES = ("agora_call", "ai_agent_call")
UNKNOWN_STATUSES = ("transferred", "voicemail")
NOVEL_KEYS = b',"recording_url":null,"ai":{"turns":4,"model":"standard"}'
FAMILY_SIZES = Odds((1, 2, 3, 4, 5), (69, 14.5, 10, 4.5, 2))


@dataclass(frozen=True)
class Plan:
    """What kind of traffic a project has. `standing` keeps calls and a session going at every instant."""

    seed: int
    volume: Volume
    standing: bool = True
    audio_keys: bool = False
    novelties: float = 0.0


class Traffic:
    """All calls of one project, day by day."""

    def __init__(self, plan: Plan, project_id: str, space_name: str) -> None:
        self._plan = plan
        self._key = f"{plan.seed}|{project_id}"
        self._project_id = project_id
        self._people = People(self._key, space_name)

    def calls(self, day: date) -> list[Call]:
        """Calls whose family begins on that UTC date; a child leg may be created just after midnight."""
        dice = Dice(f"{self._key}|{day}")
        make = LegMaker(dice, day, self._people, self._project_id, with_audio_keys=self._plan.audio_keys)
        calls = list(_standing_lines(make)) if self._plan.standing else []
        quota = max(self._plan.volume(day), len(calls))
        spike = is_spike(self._plan.seed, day)
        while len(calls) < quota:
            family = _fraud_call if spike and dice.chance(0.35) else dice.draw(FAMILIES)
            calls.extend(family(make, _busy_instant(dice, make.midnight_us)))
        return [self._novel(dice, call) for call in calls[:quota]] if self._plan.novelties else calls[:quota]

    def _novel(self, dice: Dice, call: Call) -> Call:
        """Now and then what no documentation knows yet: a new type, a new status, new keys."""
        if call.medium == VIDEO or not dice.chance(self._plan.novelties):
            return call
        (last_us, _), *_ = reversed(call.steps)
        novelties: tuple[dict[str, Any], ...] = (
            {"log_type": dice.one_of(UNKNOWN_TYPES)},
            {"steps": (*call.steps[:-1], (last_us, dice.one_of(UNKNOWN_STATUSES)))},
            {"extra": call.extra + NOVEL_KEYS},
        )
        return msgspec.structs.replace(call, **dice.one_of(novelties))


Family = Callable[[LegMaker, int], list[Call]]


def _busy_instant(dice: Dice, midnight_us: int) -> int:
    hour = dice.draw(HOURS)
    return midnight_us + hour * HOUR_US + dice.span_us(0, 3600)


def _forwarded_call(make: LegMaker, at_us: int) -> list[Call]:
    """A call and the legs it was forwarded to: mostly one after the other, sometimes all phones ring at once."""
    dice = make.dice
    size = dice.draw(FAMILY_SIZES)
    root = make.call(dice.draw(ROOT_TYPES), at_us, orphan=dice.chance(0.004))
    legs = [root]
    ring_group = dice.chance(0.2)
    while len(legs) < size:
        parent = root if ring_group else legs[-1]
        # A forward follows at once; a transfer comes when the agent has listened for a while.
        delay_us = dice.span_us(240, 1500) if dice.chance(0.2) else dice.span_us(1, 25)
        log_type = dice.draw(CHILD_TYPES)
        legs.append(make.call(log_type, parent.created_us + delay_us, parent=parent))
    return legs


def _fraud_call(make: LegMaker, at_us: int) -> list[Call]:
    return [make.premium_call(at_us)]


def _dialogflow(make: LegMaker, at_us: int) -> list[Call]:
    return [make.dialogflow(at_us)]


def _fabric(make: LegMaker, at_us: int) -> list[Call]:
    return [make.fabric(at_us)]


def _conference(make: LegMaker, at_us: int) -> list[Call]:
    """A session in the video list and the legs that dialled in, in the voice list."""
    legs = make.dice.randrange(1, 6)
    session = make.session(at_us, minutes=make.dice.uniform(4, 70), participants=legs + 2)
    return [session, *(make.room_leg(session) for _ in range(legs))]


def _standing_lines(make: LegMaker) -> Iterator[Call]:
    """An agent's line for every hour and a watch room for every four, each lasting into the next."""
    for hour in range(24):
        yield make.agent_line(make.midnight_us + hour * HOUR_US + make.dice.span_us(0, 240))
    for hour in range(0, 24, WATCH_HOURS):
        at_us = make.midnight_us + hour * HOUR_US + make.dice.span_us(0, 240)
        yield make.session(at_us, minutes=WATCH_HOURS * 60 + make.dice.uniform(5, 30), participants=2, room="watch")


FAMILIES: Odds[Family] = Odds((_forwarded_call, _conference, _dialogflow, _fabric), (87, 3, 5, 5))
