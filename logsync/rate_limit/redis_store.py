"""The state of the rate limiter in Redis. A module of its own: without REDIS_URL no process has to load the client."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from logsync.rate_limit.state import LimiterState
from logsync.rate_limit.stores import Change, Result, StateStore, apply, decode

REDIS_TIMEOUT_S = 2
# Skip Redis for a while after it failed.
REDIS_BACKOFF_S = 5.0
# Longer than the longest pause.
STATE_TTL_S = 2 * 86_400
# Each round of concurrent changes lets one of them through.
MAX_ATTEMPTS = 1_000


class RedisStateStore:
    """One key per name. While Redis is unavailable, `fallback` is used: each host then limits only itself."""

    def __init__(self, url: str, fallback: StateStore) -> None:
        self._client = redis_client(url)
        self._fallback = fallback
        self._retry_at = 0.0

    def change(self, name: str, change: "Change[Result]") -> Result:
        return self._with_fallback(
            lambda: self._change(_key(name), change), lambda: self._fallback.change(name, change)
        )

    def read(self, name: str) -> tuple[LimiterState, float]:
        return self._with_fallback(lambda: self._read(_key(name)), lambda: self._fallback.read(name))

    def _with_fallback(self, by_redis: Callable[[], Result], otherwise: Callable[[], Result]) -> Result:
        if time.monotonic() >= self._retry_at:
            try:
                return by_redis()
            except redis.RedisError:
                self._retry_at = time.monotonic() + REDIS_BACKOFF_S
        return otherwise()

    def _read(self, key: str) -> tuple[LimiterState, float]:
        with self._client.pipeline(transaction=False) as pipe:
            pipe.get(key)
            pipe.time()
            text, (seconds, microseconds) = pipe.execute()
        return decode(text or b""), seconds + microseconds / 1_000_000

    def _change(self, key: str, change: "Change[Result]") -> Result:
        with self._client.pipeline() as pipe:
            for _ in range(MAX_ATTEMPTS):
                try:
                    return _change_in_transaction(pipe, key, change)
                except redis.WatchError:
                    continue
        raise redis.WatchError


def _key(name: str) -> str:
    return f"tollbook:pace:{name}"


def _change_in_transaction(pipe: Any, key: str, change: "Change[Result]") -> Result:
    pipe.watch(key)
    before = pipe.get(key) or b""
    seconds, microseconds = pipe.time()
    result, after = apply(before, change, seconds + microseconds / 1_000_000)
    if after is not None:
        pipe.multi()
        pipe.set(key, after, ex=STATE_TTL_S)
        pipe.execute()
    return result


@cache
def redis_client(url: str) -> redis.Redis:
    """A client with short timeouts and without retries."""
    no_retry = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(
        url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S, retry=no_retry
    )


def is_reachable(url: str) -> bool:
    try:
        return bool(redis_client(url).ping())
    except redis.RedisError:
        return False
