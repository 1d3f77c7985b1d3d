"""Shared by the benchmarks: Django's setup, the simulator process, measurements, a report of ratios."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Self

import django
import psutil

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
# No rate limit towards the simulator.
os.environ |= {"PULL_REQUESTS_PER_SECOND": "1000", "PULL_REQUESTS_IN_FLIGHT": "100"}
django.setup()

MEGABYTE = 2**20
LAST_DAY = datetime.now(UTC).date() - timedelta(days=2)


def first_day(days: int) -> date:
    return LAST_DAY - timedelta(days=days - 1)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def simulator_process(*options: str) -> Iterator[str]:
    """Run the simulator in a separate process, so that it does not slow down the measured one. Yields its URL."""
    command = [sys.executable, "-m", "logsync.simulator", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
        finally:
            process.terminate()


class MemoryWatch:
    """The peak memory of this process, in MB, while the block runs."""

    def __enter__(self) -> Self:
        self.peak = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        process = psutil.Process()
        while not self._done.wait(0.05):
            self.peak = max(self.peak, process.memory_info().rss / MEGABYTE)


class Report:
    """Prints figures with their ratios and bounds. `passed` is False once a bound was missed."""

    def __init__(self, title: str) -> None:
        self.passed = True
        print(f"\n{title}", flush=True)

    def line(
        self, label: str, figure: str, ratio: float, *, minimum: float = 0.0, maximum: float = float("inf")
    ) -> None:
        passed = minimum <= ratio <= maximum
        self.passed &= passed
        bound = f"at least {minimum:g}" if minimum else f"at most {maximum:g}"
        mark = "ok  " if passed else "MISS"
        print(f"  {mark} {label:<46} {figure:>26}   ratio {ratio:7.2f}   wanted {bound}", flush=True)

    def note(self, label: str, figure: str) -> None:
        print(f"       {label:<46} {figure:>26}", flush=True)
