"""What a call costs, in micro-dollars, with the oddities that real bills have."""

from logsync.simulator.calls import Bill
from logsync.simulator.dice import Dice
from logsync.simulator.people import PREMIUM_PREFIX

MINUTE_MS = 60_000
INBOUND, OUTBOUND = "Inbound Voice Minutes", "Outbound Voice Minutes"
SIP_LEG, SPEECH, TAX = "SIP Endpoint Minutes", "Text to Speech", "Tax"
ABROAD = (("+44909", 96_000), ("+44", 16_500), ("+49", 22_350), ("+33", 14_070), ("+61", 33_820))
DOMESTIC_OUT, DOMESTIC_IN, SIP_RATE, WEBRTC_RATE = 8_000, 6_600, 3_300, 1_600
DIALOGFLOW_RATE, SESSION_RATE, PARTICIPANT_RATE = 20_000, 6_000, 4_500

NO_LINES, HALF_A_LINE, LINE_TWICE = 0.03, 0.02, 0.04  # shares of the bills


def outbound_rate(number: str | None) -> int:
    """Micro-dollars a minute to a number; SIP addresses cost what SIP costs."""
    text = number or ""
    if text.startswith("sip:"):
        return SIP_RATE
    return next((rate for prefix, rate in ABROAD if text.startswith(prefix)), DOMESTIC_OUT)


def rate_of(log_type: str, direction: str | None, to_number: str | None) -> tuple[str, int]:
    """The description of the main line and its micro-dollars a minute."""
    if log_type == "relay_webrtc_call":
        return SIP_LEG, WEBRTC_RATE
    if log_type == "relay_sip_call":
        return SIP_LEG, SIP_RATE
    if direction == "inbound":
        return INBOUND, DOMESTIC_IN
    return OUTBOUND, outbound_rate(to_number)


def per_second(rate: int, duration_ms: int) -> int:
    return -(-rate * duration_ms // MINUTE_MS)


def call_bill(dice: Dice, log_type: str, direction: str | None, to_number: str | None, talk_ms: int) -> Bill:
    """LaML is billed by the started minute, the rest by time; an unanswered call costs nothing, nearly always."""
    if not talk_ms:
        return _unanswered(dice)
    description, rate = rate_of(log_type, direction, to_number)
    billed_ms = -(-talk_ms // MINUTE_MS) * MINUTE_MS if log_type == "laml_call" else talk_ms
    lines = [(description, per_second(rate, billed_ms))]
    if dice.chance(0.12):
        lines.append((SPEECH, 400 * dice.randrange(1, 9)))
    if (to_number or "").startswith(PREMIUM_PREFIX) or dice.chance(0.03):
        lines.append((TAX, per_second(rate, billed_ms) * 83 // 1000))
    return with_oddities(dice, lines, billed_ms)


def flat_bill(dice: Dice, description: str, rate: int, duration_ms: int) -> Bill:
    """For the shapes without billing_ms: one line, by time."""
    return with_oddities(dice, [(description, per_second(rate, duration_ms))], None)


def session_bill(dice: Dice, participants: int, duration_ms: int) -> Bill:
    rate = SESSION_RATE + participants * PARTICIPANT_RATE
    return flat_bill(dice, "Video conference session charge", rate, duration_ms)


def restated(dice: Dice, bill: Bill) -> Bill:
    """The same bill a few days later: the charge corrected, the lines as they were."""
    return Bill(bill.charge * dice.randrange(60, 141) // 100, bill.lines, bill.billing_ms)


def with_oddities(dice: Dice, lines: list[tuple[str, int]], billing_ms: int | None) -> Bill:
    """Sometimes no lines, lines that miss a part of the charge, or one description twice."""
    charge = sum(amount for _, amount in lines)
    luck = dice.random()
    if luck < NO_LINES:
        return Bill(charge, (), billing_ms)
    if luck < NO_LINES + HALF_A_LINE:
        return Bill(charge, ((lines[0][0], charge // 2),), billing_ms)
    if luck < NO_LINES + HALF_A_LINE + LINE_TWICE:
        (description, amount), *rest = lines
        lines = [(description, amount // 3), (description, amount - amount // 3), *rest]
    return Bill(charge, tuple(lines), billing_ms)


def _unanswered(dice: Dice) -> Bill:
    if dice.chance(0.02):
        return Bill(400, ((SPEECH, 400),), None)
    return Bill(0, (), None)
