"""What becomes of a call after it ended: when its charge lands, whether it is restated or deleted."""

from typing import NamedTuple

from logsync.simulator import tariff
from logsync.simulator.calls import Bill
from logsync.simulator.dice import Dice, Odds
from logsync.simulator.times import DAY_US, NEVER_US

DELETED_SHARE = 0.003
RESTATED_SHARE = 0.004
# How many seconds late a charge lands, at least and at most.
LATENESS = Odds(((2, 45), (45, 600), (600, 6 * 3600), (6 * 3600, 48 * 3600)), (80, 17, 2.7, 0.3))
SIDES = ("in", "out")
QUALITIES = (
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


class Fate(NamedTuple):
    bills: tuple[tuple[int, Bill], ...]
    deleted_us: int


def fate_of(dice: Dice, ended_us: int, bill: Bill) -> Fate:
    charged_us = ended_us + dice.span_us(*dice.draw(LATENESS))
    bills: tuple[tuple[int, Bill], ...] = ((charged_us, bill),)
    if bill.charge and dice.chance(RESTATED_SHARE):
        bills += ((charged_us + dice.span_us(86_400, 6 * 86_400), tariff.restated(dice, bill)),)
    deleted_us = ended_us + dice.randrange(1, 20) * DAY_US if dice.chance(DELETED_SHARE) else NEVER_US
    return Fate(bills, deleted_us)


def audio_keys(dice: Dice) -> bytes:
    """The 18 keys that newer spaces add: all null for one call in three."""
    measured = dice.chance(0.66)
    return b"".join(
        f',"audio_{side}_{name}":{round(dice.uniform(low, high), 2) if measured else "null"}'.encode()
        for side in SIDES
        for name, low, high in QUALITIES
    )
