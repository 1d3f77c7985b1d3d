"""What a call costs, in micro-dollars, with the irregularities of real bills."""

from logsync.simulator.traffic.callers import PREMIUM_PREFIX
from logsync.simulator.traffic.calls import Bill
from logsync.simulator.traffic.chance import Chance

MINUTE_MS = 60_000
INBOUND, OUTBOUND = "Inbound Voice Minutes", "Outbound Voice Minutes"
SIP_LEG, SPEECH, TAX = "SIP Endpoint Minutes", "Text to Speech", "Tax"
ABROAD = (("+44909", 96_000), ("+44", 16_500), ("+49", 22_350), ("+33", 14_070), ("+61", 33_820))
DOMESTIC_OUT, DOMESTIC_IN, SIP_RATE, WEBRTC_RATE = 8_000, 6_600, 3_300, 1_600
DIALOGFLOW_RATE, SESSION_RATE, PARTICIPANT_RATE = 20_000, 6_000, 4_500

NO_LINES, PARTIAL_LINE, SPLIT_LINE = 0.03, 0.02, 0.04  # shares of all bills


def outbound_rate(number: str | None) -> int:
    """Micro-dollars per minute to a phone number or SIP address."""
    text = number or ""
    if text.startswith("sip:"):
        return SIP_RATE
    return next((rate for prefix, rate in ABROAD if text.startswith(prefix)), DOMESTIC_OUT)


def rate_of(log_type: str, direction: str | None, to_number: str | None) -> tuple[str, int]:
    """The description of the main line, and its micro-dollars per minute."""
    if log_type == "relay_webrtc_call":
        return SIP_LEG, WEBRTC_RATE
    if log_type == "relay_sip_call":
        return SIP_LEG, SIP_RATE
    if direction == "inbound":
        return INBOUND, DOMESTIC_IN
    return OUTBOUND, outbound_rate(to_number)


def prorated(rate: int, duration_ms: int) -> int:
    return -(-rate * duration_ms // MINUTE_MS)


def call_bill(chance: Chance, log_type: str, direction: str | None, to_number: str | None, talk_ms: int) -> Bill:
    """LaML is billed per started minute, the rest by time. An unanswered call is nearly always free."""
    if not talk_ms:
        return Bill(400, ((SPEECH, 400),), None) if chance.happens(0.02) else Bill(0, (), None)
    description, rate = rate_of(log_type, direction, to_number)
    billed_ms = -(-talk_ms // MINUTE_MS) * MINUTE_MS if log_type == "laml_call" else talk_ms
    lines = [(description, prorated(rate, billed_ms))]
    if chance.happens(0.12):
        lines.append((SPEECH, 400 * chance.randrange(1, 9)))
    if (to_number or "").startswith(PREMIUM_PREFIX) or chance.happens(0.03):
        lines.append((TAX, prorated(rate, billed_ms) * 83 // 1000))
    return with_irregularities(chance, lines, billed_ms)


def flat_bill(chance: Chance, description: str, rate: int, duration_ms: int) -> Bill:
    """One line, billed by time; for the shapes without billing_ms."""
    return with_irregularities(chance, [(description, prorated(rate, duration_ms))], None)


def session_bill(chance: Chance, participants: int, duration_ms: int) -> Bill:
    rate = SESSION_RATE + participants * PARTICIPANT_RATE
    return flat_bill(chance, "Video conference session charge", rate, duration_ms)


def restated(chance: Chance, bill: Bill) -> Bill:
    """The bill with another charge and the same lines."""
    return Bill(bill.charge * chance.randrange(60, 141) // 100, bill.lines, bill.billing_ms)


def with_irregularities(chance: Chance, lines: list[tuple[str, int]], billing_ms: int | None) -> Bill:
    """Sometimes there are no lines, the lines miss part of the charge, or a description occurs twice."""
    charge = sum(amount for _, amount in lines)
    share = chance.random()
    if share < NO_LINES:
        return Bill(charge, (), billing_ms)
    if share < NO_LINES + PARTIAL_LINE:
        return Bill(charge, ((lines[0][0], charge // 2),), billing_ms)
    if share < NO_LINES + PARTIAL_LINE + SPLIT_LINE:
        (description, amount), *rest = lines
        lines = [(description, amount // 3), (description, amount - amount // 3), *rest]
    return Bill(charge, tuple(lines), billing_ms)
