"""Reads the next page while the caller stores the current one."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from django.db import connections

Item = TypeVar("Item")


def prefetched(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the same items, producing the next one in a thread while the caller works on the current one."""
    iterator = iter(items)
    with ThreadPoolExecutor(1) as pool:
        # In the caller's context, so that log lines of the thread have its fields.
        future = pool.submit(copy_context().run, _next, iterator)
        while item := future.result():
            future = pool.submit(copy_context().run, _next, iterator)
            yield from item


def _next(iterator: Iterator[Item]) -> tuple[Item, ...]:
    """A tuple of the next item; empty at the end."""
    try:
        return (next(iterator),)
    except StopIteration:
        return ()
    finally:
        connections.close_all()
