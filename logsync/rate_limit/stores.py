"""Stores for the state of the rate limiter: files on one host, or Redis (redis_store.py)."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, TypeVar

import msgspec

from logsync.exceptions import UnavailableError
from logsync.rate_limit.state import LimiterState

Result = TypeVar("Result")
Change = Callable[[LimiterState, float], Result]
FILE_LOCK_TIMEOUT_S = 10


class StateStore(Protocol):
    def change(self, name: str, change: "Change[Result]") -> Result:
        """Call `change` with the state of this name and the time, store the changed state and return the result.

        Atomic: when another process changes the state meanwhile, `change` is called again on the new state.
        """

    def read(self, name: str) -> tuple[LimiterState, float]:
        """The state of this name and the time. Writes nothing, also when there is no state yet."""


class FileStateStore:
    """One file per name, locked during a change. Shared by the processes of one host."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def change(self, name: str, change: "Change[Result]") -> Result:
        """Raises UnavailableError when another process keeps the file locked."""
        with self._locked(name) as file:
            result, after = apply(file.read(), change, time.time())
            if after is not None:
                file.seek(0)
                file.write(after)
                file.truncate()
        return result

    def read(self, name: str) -> tuple[LimiterState, float]:
        try:
            with (self._folder / name).open("rb") as file:
                _lock(file, fcntl.LOCK_SH)
                text = file.read()
        except FileNotFoundError:  # no request was sent yet
            text = b""
        return decode(text), time.time()

    @contextmanager
    def _locked(self, name: str) -> Iterator[IO[bytes]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with open(self._folder / name, "r+b", buffering=0, opener=_open_or_create) as file:
            _lock(file, fcntl.LOCK_EX)
            yield file


def _open_or_create(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o600)


def _lock(file: IO[bytes], kind: int) -> None:
    """Lock the file until it is closed. Raises UnavailableError when another process keeps it locked."""
    deadline = time.monotonic() + FILE_LOCK_TIMEOUT_S
    while not _try_lock(file, kind):
        if time.monotonic() > deadline:
            raise UnavailableError(f"The state of the rate limiter cannot be read: another process locks {file.name}.")
        time.sleep(0.001)


def _try_lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def apply(before: bytes, change: "Change[Result]", now: float) -> tuple[Result, bytes | None]:
    """The result of `change`, and the state to store; None when it did not change."""
    state = decode(before)
    unchanged = msgspec.json.encode(state)
    result = change(state, now)
    after = msgspec.json.encode(state)
    return result, None if after == unchanged else after


def decode(text: bytes) -> LimiterState:
    """The stored state; a new one when there is none, or when a crash left it incomplete."""
    try:
        return msgspec.json.decode(text, type=LimiterState)
    except msgspec.DecodeError:
        return LimiterState()
