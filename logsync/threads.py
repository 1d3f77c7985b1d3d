"""Work done by threads of this process, each with database connections of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Event
from typing import TypeVar

from django.db import connections

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], threads: int, stop: Event, every_s: float
) -> Iterator[tuple[Item, Result] | None]:
    """Each item with its result as it comes, and None when there was none for so many seconds.

    When `work` raises, or the caller stops listening, `stop` is set, nothing more is begun, and what was begun is
    waited for. One thread is the caller's own.
    """
    if threads <= 1:
        for item in items:
            yield item, work(item)
        return
    waiting: SimpleQueue[Item] = SimpleQueue()
    for item in items:
        waiting.put(item)
    results: SimpleQueue[tuple[Item, Result] | None] = SimpleQueue()
    with ThreadPoolExecutor(threads) as pool:
        workers = [pool.submit(_work_through, waiting, work, results, stop) for _ in range(threads)]
        try:
            yield from _until_all_end(results, threads, every_s)
        except BaseException:
            stop.set()
            raise
    for worker in workers:
        worker.result()


def _work_through(
    waiting: SimpleQueue[Item],
    work: Callable[[Item], Result],
    results: SimpleQueue[tuple[Item, Result] | None],
    stop: Event,
) -> None:
    """What one thread does; None among the results is its end."""
    try:
        while not stop.is_set():
            item = waiting.get_nowait()
            results.put((item, work(item)))
    except Empty:
        pass
    except BaseException:
        stop.set()
        raise
    finally:
        connections.close_all()
        results.put(None)


def _until_all_end(
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


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items, each made by a thread of its own while the caller is still busy with the one before."""
    iterator = iter(items)
    with ThreadPoolExecutor(1) as pool:
        # In the caller's context, so that its log lines name what it is for, too.
        made = pool.submit(copy_context().run, _next, iterator)
        while found := made.result():
            made = pool.submit(copy_context().run, _next, iterator)
            yield from found


def _next(iterator: Iterator[Item]) -> tuple[Item, ...]:
    """The next item alone, and nothing at the end."""
    try:
        return (next(iterator),)
    except StopIteration:
        return ()
    finally:
        connections.close_all()
