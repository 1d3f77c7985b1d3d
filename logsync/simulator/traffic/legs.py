"""Makes single calls and legs: parties, duration, outcome, bill."""

from datetime import date
from typing import Any

from logsync.simulator.shapes import VIDEO
from logsync.simulator.times import MINUTE_US, SECOND_US, start_of
from logsync.simulator.traffic import lifecycle, rates
from logsync.simulator.traffic.callers import Callers, unusual_caller
from logsync.simulator.traffic.calls import Bill, Call
from logsync.simulator.traffic.chance import Chance, Odds
from logsync.simulator.traffic.ids import new_id

ANSWERED = "answered"
OUTCOMES = Odds((ANSWERED, "no-answer", "busy", "failed", "canceled"), (83, 8, 3, 2, 4))
ROOT_DIRECTIONS = Odds(("inbound", "outbound-api", "outbound"), (62, 22, 16))
LAML = "laml_call"
SOURCES = {LAML: "laml", "dialogflow_call": "dialogflow"}
HEADSETS = ("relay_sip_call", "relay_webrtc_call")

Steps = tuple[tuple[int, str | None], ...]


class LegMaker:
    """Makes the calls of one project on one day, all drawn from one generator."""

    def __init__(self, chance: Chance, day: date, callers: Callers, project_id: str, *, with_audio_keys: bool) -> None:
        self.chance = chance
        self.midnight_us = start_of(day)
        self._day = day
        self._callers = callers
        self._api_url = f"https://{callers.space_name}.signalwire.com/api"
        self._calls_url = f"{self._api_url}/laml/2010-04-01/Accounts/{project_id}/Calls"
        self._with_audio_keys = with_audio_keys

    def call(self, log_type: str, at_us: int, *, parent: Call | None = None, orphan: bool = False) -> Call:
        """A call over the telephone network, SIP or the browser; a child leg dials on from its parent."""
        direction = "outbound-dial" if parent else self.chance.draw(ROOT_DIRECTIONS)
        parent_id = parent.id if parent else new_id(self.chance, self._day) if orphan else None
        parties = self._parties(log_type, direction, parent)
        outcome = self.chance.draw(OUTCOMES)
        talk_us = self._talk_us() if outcome == ANSWERED else 0
        return self._call(log_type, at_us, direction, parties, talk_us=talk_us, outcome=outcome, parent_id=parent_id)

    def premium_call(self, at_us: int) -> Call:
        """A call to a premium number, as a hacked account makes."""
        parties = self.chance.one_of(self._callers.own), self._callers.premium(self.chance)
        talk_us = self.chance.span_us(180, 900)
        return self._call(LAML, at_us, "outbound-api", parties, talk_us=talk_us)

    def agent_line(self, at_us: int) -> Call:
        """A softphone call of more than an hour."""
        parties = self._callers.agent(self.chance), self.chance.one_of(self._callers.own)
        talk_us = self.chance.span_us(65 * 60, 80 * 60)
        return self._call("relay_webrtc_call", at_us, "inbound", parties, talk_us=talk_us)

    def dialogflow(self, at_us: int) -> Call:
        ended_us = at_us + self._talk_us()
        bill = rates.flat_bill(self.chance, "Dialogflow Agent", rates.DIALOGFLOW_RATE, (ended_us - at_us) // 1000)
        return self._leg(
            "dialogflow_call",
            ((at_us, "in-progress"), (ended_us, "completed")),
            bill,
            duration_ms=(ended_us - at_us) // 1000,
            from_number=self._callers.customer(self.chance),
            to_number=self.chance.one_of(self._callers.own),
        )

    def fabric(self, at_us: int) -> Call:
        """Its status is always null: only its charge shows that it ended."""
        ended_us = at_us + self._talk_us()
        bill = rates.flat_bill(self.chance, rates.SIP_LEG, rates.SIP_RATE, (ended_us - at_us) // 1000)
        return self._leg(
            "fabric_subscriber_device_leg",
            ((at_us, None), (ended_us, None)),
            bill,
            from_number=self._callers.customer(self.chance),
            to_number=self._callers.subscriber(self.chance),
            direction=self.chance.one_of(("inbound", "outbound")),
        )

    def session(self, at_us: int, *, minutes: float, participants: int, room: str | None = None) -> Call:
        """A room or conference session. It is created some seconds before it starts."""
        started_us = at_us + self.chance.span_us(0.2, 6)
        ended_us = started_us + int(minutes * MINUTE_US)
        log_id = new_id(self.chance, self._day)
        return self._leg(
            self.chance.one_of(("video_room_session", "video_conference_session")),
            ((at_us, "in-progress"), (ended_us, "completed")),
            rates.session_bill(self.chance, participants, (ended_us - started_us) // 1000),
            log_id=log_id,
            medium=VIDEO,
            started_us=started_us,
            url=f"{self._api_url}/video/room_sessions/{log_id}",
            room_name=room or self._callers.room(self.chance),
            locked=self.chance.happens(0.1),
            millis=False,
        )

    def room_leg(self, session: Call) -> Call:
        """A participant who dials into a session; listed under voice, without a parent_id."""
        pstn = self.chance.happens(0.6)
        room_us = session.ended_us - session.started_us
        at_us = session.started_us + int(room_us * self.chance.uniform(0, 0.4))
        ended_us = session.ended_us - int(room_us * self.chance.uniform(0, 0.3))
        rate = rates.DOMESTIC_IN if pstn else rates.SIP_RATE
        return self._leg(
            "video_room_pstn_leg" if pstn else "video_room_sip_leg",
            ((at_us, "ringing"), (at_us + SECOND_US, "joined"), (ended_us, "ended")),
            rates.flat_bill(self.chance, rates.INBOUND, rate, (ended_us - at_us) // 1000),
            duration_ms=(ended_us - at_us) // 1000,
            from_number=self._callers.customer(self.chance) if pstn else self._callers.agent(self.chance),
            to_number=self._callers.room_address(session.room_name or ""),
            direction="inbound",
        )

    def _call(
        self,
        log_type: str,
        at_us: int,
        direction: str,
        parties: tuple[str | None, str | None],
        *,
        talk_us: int,
        outcome: str = ANSWERED,
        parent_id: str | None = None,
    ) -> Call:
        log_id = new_id(self.chance, self._day)
        laml = log_type == LAML
        return self._leg(
            log_type,
            self._steps(log_type, direction, at_us, outcome, talk_us),
            rates.call_bill(self.chance, log_type, direction, parties[1], talk_us // 1000),
            log_id=log_id,
            duration_ms=talk_us // 1000,
            from_number=parties[0],
            to_number=parties[1],
            direction=direction,
            url=f"{self._calls_url}/{log_id}" if laml else None,
            parent_id=parent_id,
            millis=not laml,
            extra=lifecycle.audio_keys(self.chance) if self._with_audio_keys else b"",
        )

    def _leg(self, log_type: str, steps: Steps, bill: Bill, *, log_id: str = "", **rest: Any) -> Call:
        ended_us = steps[-1][0]
        bills, deleted_us = lifecycle.lifecycle_of(self.chance, ended_us, bill)
        return Call(
            id=log_id or new_id(self.chance, self._day),
            log_type=log_type,
            source=SOURCES.get(log_type, "realtime_api"),
            created_us=steps[0][0],
            ended_us=ended_us,
            steps=steps,
            bills=bills,
            deleted_us=deleted_us,
            **rest,
        )

    def _steps(self, log_type: str, direction: str, at_us: int, outcome: str, talk_us: int) -> Steps:
        """LaML calls end as completed, Relay calls as ended."""
        laml = log_type == LAML
        first = "created" if not laml else "queued" if direction == "outbound-api" else "initiated"
        ringing_us = at_us + self.chance.span_us(0.2, 1.5)
        answered_us = ringing_us + self.chance.span_us(1, 22)
        start = (at_us, first), (ringing_us, "ringing")
        if outcome != ANSWERED:
            return *start, (answered_us, outcome)
        ended_us = answered_us + talk_us
        if laml:
            return *start, (answered_us, "in-progress"), (ended_us, "completed")
        return *start, (answered_us, "answered"), (ended_us - SECOND_US // 2, "ending"), (ended_us, "ended")

    def _talk_us(self) -> int:
        """The median is about two minutes, the maximum two hours."""
        seconds = min(self.chance.lognormvariate(4.7, 0.95), 7200)
        return int(seconds * 1000 + 800) * (SECOND_US // 1000)

    def _parties(self, log_type: str, direction: str, parent: Call | None) -> tuple[str | None, str | None]:
        """From and to. A forwarded leg keeps its parent's caller."""
        own = self.chance.one_of(self._callers.own)
        if parent:
            caller = parent.from_number
        elif direction == "inbound":
            caller = self._callers.customer(self.chance)
        else:
            caller = own
        if self.chance.happens(0.006):
            caller = unusual_caller(self.chance)
        if direction == "inbound":
            return caller, own
        if log_type in HEADSETS:
            return caller, self._callers.agent(self.chance)
        return caller, self._callers.destination(self.chance)
