"""Runs work in threads, each with its own database connections."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Event
from typing import TypeVar

from django.db import connections

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_in_threads(
    work: Callable[[Item], Result], items: Sequence[Item], threads: int, stop: Event, every_s: float
) -> Iterator[tuple[Item, Result] | None]:
    """Yield each item with its result as it finishes, and None whenever there was no result for `every_s` seconds.

    When `work` raises or the caller stops iterating, `stop` is set, no further item is begun, and those in progress
    are finished. With one thread the work runs in the caller's, and no None is yielded.
    """
    if threads <= 1:
        for item in items:
            yield item, work(item)
        return
    pending: SimpleQueue[Item] = SimpleQueue()
    for item in items:
        pending.put(item)
    results: SimpleQueue[tuple[Item, Result] | None] = SimpleQueue()
    with ThreadPoolExecutor(threads) as pool:
        workers = [pool.submit(_run_items, pending, work, results, stop) for _ in range(threads)]
        try:
            yield from _results_until_done(results, threads, every_s)
        except BaseException:
            stop.set()
            raise
    for worker in workers:
        worker.result()


def _run_items(
    pending: SimpleQueue[Item],
    work: Callable[[Item], Result],
    results: SimpleQueue[tuple[Item, Result] | None],
    stop: Event,
) -> None:
    """Run items in one thread until none is left. A None in `results` says that the thread has ended."""
    try:
        while not stop.is_set():
            item = pending.get_nowait()
            results.put((item, work(item)))
    except Empty:
        pass
    except BaseException:
        stop.set()
        raise
    finally:
        connections.close_all()
        results.put(None)


def _results_until_done(
    results: SimpleQueue[tuple[Item, Result] | None], threads: int, every_s: float
) -> Iterator[tuple[Item, Result] | None]:
    while threads:
        try:
            result = results.get(timeout=every_s)
        except Empty:
            yield None
        else:
            if result is None:
                threads -= 1
            else:
                yield result
