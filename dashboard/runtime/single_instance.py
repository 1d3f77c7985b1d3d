"""A lock file: at most one instance per folder on this machine."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunningError(Exception):
    pass


@contextmanager
def single_instance(path: Path) -> Iterator[None]:
    """Hold the lock on this file, or raise AlreadyRunningError. The lock ends with its process."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(f"Tollbook is already running with the folder {path.parent}.") from None
        yield
