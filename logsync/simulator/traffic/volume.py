"""How many rows a day has. It depends on the day alone, so that a later start gives the same days."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from math import tanh

from logsync.simulator.traffic.chance import Chance

Volume = Callable[[date], int]

WEEKDAYS = (1.16, 1.24, 1.22, 1.2, 1.1, 0.58, 0.5)  # Monday first; the mean is 1
MIDDLE_OF_GROWTH = date(2026, 6, 1)
SPIKE_EVERY_DAYS = 180


def typical_volume(seed: int, logs_per_day: float) -> Volume:
    """Quiet weekends, slow growth (at most 45 % below or above the mean), a spike twice a year."""

    def rows_on(day: date) -> int:
        years = (day - MIDDLE_OF_GROWTH).days / 365
        growth = 1 + 0.45 * tanh(years / 1.2)
        noise = Chance(f"{seed}|volume|{day}").uniform(0.88, 1.12)
        spike = 1.7 if is_spike(seed, day) else 1
        return round(logs_per_day * growth * WEEKDAYS[day.weekday()] * noise * spike)

    return rows_on


def fixed_volume(rows: int, first: date, days: int) -> Volume:
    """Exactly this many rows, spread evenly over `days` days from `first`; none on other days."""

    def rows_on(day: date) -> int:
        index = (day - first).days
        return rows * (index + 1) // days - rows * index // days if 0 <= index < days else 0

    return rows_on


@lru_cache(maxsize=4096)
def is_spike(seed: int, day: date) -> bool:
    """One day in every 180 has many calls to premium numbers."""
    half_year, offset = divmod(day.toordinal(), SPIKE_EVERY_DAYS)
    return Chance(f"{seed}|spike|{half_year}").randrange(15, SPIKE_EVERY_DAYS - 15) == offset
