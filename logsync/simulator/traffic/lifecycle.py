"""What happens to a call after its end: its charge arrives, and may be restated; the log may be deleted."""

from typing import NamedTuple

from logsync.simulator.times import DAY_US, NEVER_US
from logsync.simulator.traffic import rates
from logsync.simulator.traffic.calls import Bill
from logsync.simulator.traffic.chance import Chance, Odds

DELETED_SHARE = 0.003
RESTATED_SHARE = 0.004
# Ranges of seconds between the end of a call and its charge.
CHARGE_DELAYS = Odds(((2, 45), (45, 600), (600, 6 * 3600), (6 * 3600, 48 * 3600)), (80, 17, 2.7, 0.3))
DIRECTIONS = ("in", "out")
METRICS = (
    ("mos", 2.9, 4.5),
    ("jitter_ms", 0.4, 28),
    ("jitter_max_ms", 4, 160),
    ("packets", 200, 60_000),
    ("packets_lost", 0, 80),
    ("loss_percent", 0, 2.5),
    ("round_trip_ms", 18, 220),
    ("round_trip_max_ms", 40, 900),
    ("quality_percent", 71, 100),
)


class Lifecycle(NamedTuple):
    bills: tuple[tuple[int, Bill], ...]
    deleted_us: int


def lifecycle_of(chance: Chance, ended_us: int, bill: Bill) -> Lifecycle:
    charged_us = ended_us + chance.span_us(*chance.draw(CHARGE_DELAYS))
    bills: tuple[tuple[int, Bill], ...] = ((charged_us, bill),)
    if bill.charge and chance.happens(RESTATED_SHARE):
        bills += ((charged_us + chance.span_us(86_400, 6 * 86_400), rates.restated(chance, bill)),)
    deleted_us = ended_us + chance.randrange(1, 20) * DAY_US if chance.happens(DELETED_SHARE) else NEVER_US
    return Lifecycle(bills, deleted_us)


def audio_keys(chance: Chance) -> bytes:
    """The 18 audio quality keys of newer spaces; all null for one call in three."""
    measured = chance.happens(0.66)
    return b"".join(
        f',"audio_{direction}_{name}":{round(chance.uniform(low, high), 2) if measured else "null"}'.encode()
        for direction in DIRECTIONS
        for name, low, high in METRICS
    )
