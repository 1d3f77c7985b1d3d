"""What the benchmarks share: a database with tables, a space on loopback, a report of ratios."""

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
# The simulated space may be asked as fast as it answers.
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
def space_of_its_own(*options: str) -> Iterator[str]:
    """The simulator as a process, so that it does not share the measured one's time: its address."""
    command = [sys.executable, "-m", "logsync.simulator", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
        finally:
            process.terminate()


class MemoryWatch:
    """The most memory this process held, in MB, while the block ran."""

    def __enter__(self) -> Self:
        self.most = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._done.wait(0.05):
            self.most = max(self.most, process.memory_info().rss / MEGABYTE)


class Report:
    """Lines of figures with the ratio that was wanted, and whether all of them hold."""

    def __init__(self, title: str) -> None:
        self.holds = True
        print(f"\n{title}", flush=True)

    def line(self, what: str, figure: str, ratio: float, *, least: float = 0.0, most: float = float("inf")) -> None:
        holds = least <= ratio <= most
        self.holds &= holds
        bound = f"at least {least:g}" if least else f"at most {most:g}"
        mark = "ok  " if holds else "MISS"
        print(f"  {mark} {what:<46} {figure:>26}   ratio {ratio:7.2f}   wanted {bound}", flush=True)

    def note(self, what: str, figure: str) -> None:
        print(f"       {what:<46} {figure:>26}", flush=True)
