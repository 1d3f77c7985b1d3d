"""Where the pace of a project lies for all processes: in Redis, or in a file of this machine. No Django."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from logsync.exceptions import UnavailableError
from logsync.pace import Pace

Answer = TypeVar("Answer")
Change = Callable[[Pace, float], Answer]
ANSWER_S = 2
FILE_LOCKED_S = 10
# So long nobody asks a Redis that was away.
AWAY_S = 5.0
# Longer than any pause.
KEPT_S = 2 * 86_400
# Of many who change it at the same moment one gets through each time.
ATTEMPTS = 100


class Shelf(Protocol):
    def change(self, name: str, change: "Change[Answer]") -> Answer:
        """Call `change` with the pace of this name and the time, keep what it made of it, and give its answer.

        Nobody else reads or changes it meanwhile, or else `change` is called once more on what they left.
        """


class FileShelf:
    """One file for each name, locked while it is changed: for all processes of one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def change(self, name: str, change: "Change[Answer]") -> Answer:
        """Raises UnavailableError when another process holds the file and does not let go of it."""
        with self._locked(name) as file:
            answer, after = _changed(file.read(), change, time.time())
            if after is not None:
                file.seek(0)
                file.write(after)
                file.truncate()
        return answer

    @contextmanager
    def _locked(self, name: str) -> Iterator[IO[bytes]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + FILE_LOCKED_S
        with open(self._folder / name, "r+b", buffering=0, opener=_open_or_make) as file:
            while not _lock(file):
                if time.monotonic() > deadline:
                    raise UnavailableError(f"The budget of requests cannot be read: {file.name} is locked.")
                time.sleep(0.001)
            yield file


class RedisShelf:
    """One key for each name. While Redis is away each machine keeps to the budget by itself."""

    def __init__(self, url: str, meanwhile: Shelf) -> None:
        self._client = redis_client(url)
        self._meanwhile = meanwhile
        self._away_until = 0.0

    def change(self, name: str, change: "Change[Answer]") -> Answer:
        if time.monotonic() >= self._away_until:
            try:
                return self._change(f"tollbook:pace:{name}", change)
            except redis.RedisError:
                self._away_until = time.monotonic() + AWAY_S
        return self._meanwhile.change(name, change)

    def _change(self, key: str, change: "Change[Answer]") -> Answer:
        with self._client.pipeline() as pipe:
            for _ in range(ATTEMPTS):
                try:
                    return _change_once(pipe, key, change)
                except redis.WatchError:
                    continue
        raise redis.WatchError


def _change_once(pipe: Any, key: str, change: "Change[Answer]") -> Answer:
    pipe.watch(key)
    before = pipe.get(key) or b""
    seconds, microseconds = pipe.time()
    answer, after = _changed(before, change, seconds + microseconds / 1_000_000)
    if after is not None:
        pipe.multi()
        pipe.set(key, after, ex=KEPT_S)
        pipe.execute()
    return answer


@cache
def redis_client(url: str) -> redis.Redis:
    """A client that never waits long, and never twice."""
    no_retry = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S, retry=no_retry)


def _open_or_make(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o600)


def _lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _changed(before: bytes, change: "Change[Answer]", now: float) -> tuple[Answer, bytes | None]:
    """The answer of `change`, and what is to be kept; None where nothing changed."""
    pace = _read(before)
    known = msgspec.json.encode(pace)
    answer = change(pace, now)
    after = msgspec.json.encode(pace)
    return answer, None if after == known else after


def _read(text: bytes) -> Pace:
    """A new one where there is none; or where a machine lost its power while it was written."""
    try:
        return msgspec.json.decode(text, type=Pace)
    except msgspec.DecodeError:
        return Pace()
