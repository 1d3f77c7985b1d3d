"""Seeded randomness: the same seed gives the same draws in every process."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from logsync.simulator.times import SECOND_US

Outcome = TypeVar("Outcome")


class Odds(Generic[Outcome]):
    """Outcomes with relative weights; the weights need not add up to 1 or 100."""

    def __init__(self, outcomes: Sequence[Outcome], weights: Sequence[float]) -> None:
        self.outcomes = outcomes
        self.sums = list(accumulate(weights))


class Chance(Random):
    """A random generator, seeded with text: `Chance("7|project|2026-01-31")`."""

    def happens(self, share: float) -> bool:
        return self.random() < share

    def draw(self, odds: Odds[Outcome]) -> Outcome:
        """Like `choices`, without adding up the weights every time."""
        return odds.outcomes[bisect(odds.sums, self.random() * odds.sums[-1], 0, len(odds.sums) - 1)]

    def one_of(self, outcomes: Sequence[Outcome]) -> Outcome:
        """Like `choice`, in a third of the time."""
        return outcomes[int(self.random() * len(outcomes))]

    def span_us(self, low_s: float, high_s: float) -> int:
        """A duration between two numbers of seconds, in microseconds rounded to whole milliseconds."""
        return int((low_s + (high_s - low_s) * self.random()) * 1000) * (SECOND_US // 1000)
