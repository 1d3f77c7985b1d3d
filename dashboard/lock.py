"""At most one of a kind on this machine."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunningError(Exception):
    pass


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock on this file. Raises AlreadyRunningError; the lock of a process that died is free."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(f"Tollbook is running already with the folder {path.parent}.") from None
        yield
