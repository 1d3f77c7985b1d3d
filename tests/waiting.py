"""Waiting for what other processes do."""

import time
from collections.abc import Callable, Iterable

import psutil


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as the condition holds; fail when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.02)


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def wait_until_gone(processes: Iterable[psutil.Process], seconds: float = 30) -> None:
    """A zombie counts as gone: the process that adopts an orphan may take seconds to reap it."""
    left = list(processes)

    def all_have_ended() -> bool:
        left[:] = filter(is_alive, left)
        return not left

    wait_for(all_have_ended, seconds)


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
