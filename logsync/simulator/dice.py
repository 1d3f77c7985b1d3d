"""Seeded chance: the same seed gives the same draws in every process."""

from random import Random

from logsync.simulator.times import SECOND_US


class Dice(Random):
    """Seed it with a text: `Dice("7|project|2026-01-31")`."""

    def chance(self, share: float) -> bool:
        return self.random() < share

    def span_us(self, low_s: float, high_s: float) -> int:
        """A length of time between two numbers of seconds, in whole milliseconds."""
        return int((low_s + (high_s - low_s) * self.random()) * 1000) * (SECOND_US // 1000)
