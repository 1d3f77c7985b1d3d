"""Runs a piece of work in a child process, so that what it loads and allocates ends with it."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from django.core.management.base import CommandError

Result = TypeVar("Result")


def run_in_child(work: Callable[[], Result]) -> Result:
    """Call it before this process has threads or database connections: the child is forked.

    Raises what `work` raises, and CommandError if the child was killed.
    """
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
            return pool.submit(work).result()
    except BrokenProcessPool:
        raise CommandError("A process was killed while it prepared the start. Is there enough free memory?") from None
