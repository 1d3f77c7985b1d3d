"""Work done by a few threads of this process, each with database connections of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

from django.db import connections

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], threads: int, stop: Event, every_s: float
) -> Iterator[tuple[Item, Result] | None]:
    """Each item with its result as it comes, and None about every so many seconds in between.

    When `work` raises, or the caller stops listening, `stop` is set, nothing more is begun, and what was begun is
    waited for. One thread is the caller's own.
    """
    if threads <= 1:
        for item in items:
            yield item, work(item)
        return
    with ThreadPoolExecutor(threads) as pool:
        futures = {pool.submit(_with_own_connections, work, item): item for item in items}
        pending = set(futures)
        try:
            while pending:
                done, pending = wait(pending, every_s, FIRST_COMPLETED)
                yield None
                for future in done:
                    yield futures[future], future.result()
        except BaseException:
            stop.set()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _with_own_connections(work: Callable[[Item], Result], item: Item) -> Result:
    try:
        return work(item)
    finally:
        connections.close_all()
