"""One request, one answer: authentication, time-outs and sizes. The only place that speaks HTTP. No Django."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock
from typing import NamedTuple

import httpx

from logsync.budget import Budget, Turn
from logsync.exceptions import AnswerUnreadableError, CredentialsError
from logsync.redaction import redact, redact_http_logs
from logsync.retry import TransientError, retry_after_s
from logsync.spaces import LOOPBACK_HOSTS, space_url

# Others could unpack a few bytes into gigabytes at one stroke.
ENCODINGS = frozenset({"", "identity", "gzip"})
KEEP_OPEN_S = 30


@dataclass(frozen=True, slots=True)
class Credentials:
    """A project of a space, and a token for it. `space_url` may be written as `spaces.space_url` takes it."""

    space_url: str
    project_id: str
    api_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer, and one list, may take.

    `connect_s` and `silence_s` (until something arrives) bound each step, `answer_s` the whole body of an answer,
    `body_bytes` its size unpacked, `pages` the length of a list, `empty_pages` how many in a row may be without a log.
    `turn_s` is how long to wait for a turn within the project's budget.
    """

    connect_s: float = 10
    silence_s: float = 30
    answer_s: float = 90
    body_bytes: int = 64 * 2**20
    pages: int = 100_000
    empty_pages: int = 50
    turn_s: float = 300

    @property
    def request_s(self) -> float:
        """Longer than any request takes: before its body, for it, and for the silence that it may end with."""
        return self.connect_s + self.silence_s + self.answer_s + self.silence_s


class Answer(NamedTuple):
    """`sent_at` is when the request was sent."""

    status: int
    body: bytes
    retry_after_s: float | None
    sent_at: datetime


class Connection:
    """Counts the requests made through it. May be shared by threads.

    `budget` is asked before each request; it waits by `sleep`.
    """

    def __init__(
        self,
        credentials: Credentials,
        limits: Limits,
        clock: Callable[[], datetime],
        budget: Budget | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.space = _space(credentials)
        self.requests = 0
        self._limits, self._clock, self._lock = limits, clock, Lock()
        self._budget, self._sleep = budget, sleep
        self._auth = httpx.BasicAuth(credentials.project_id, credentials.api_token)
        self._timeout = httpx.Timeout(limits.silence_s, connect=limits.connect_s)
        self._http = _client_for(self.space.host)

    def get(self, url: httpx.URL) -> Answer:
        """The answer, whatever its status, once the budget allows the request.

        Raises TransientError; AnswerUnreadableError for one too large; UnavailableError when the budget does not allow
        it for long. Sends the credentials: `url` must lie in the space.
        """
        if self._budget is None:
            return self._ask(url)
        with self._budget.turn(self._sleep, self._limits.turn_s) as turn:
            answer = self._ask(url)
            _tell(turn, answer)
        return answer

    def _ask(self, url: httpx.URL) -> Answer:
        with self._lock:
            self.requests += 1
        sent_at = self._clock()
        try:
            with self._http.stream("GET", url, auth=self._auth, timeout=self._timeout) as response:
                body = self._body(response)
        except httpx.ConnectError as error:
            reason = redact(str(error))
            raise TransientError(
                f"{self.space.host} cannot be reached ({reason}). Check the name of the space and the network."
            ) from None
        except httpx.TimeoutException:
            raise TransientError(f"SignalWire did not answer within {self._limits.silence_s:g} s.") from None
        except httpx.RequestError:
            raise TransientError("The connection to SignalWire broke off.") from None
        asked_to_wait_s = retry_after_s(response.headers.get("retry-after"), self._clock())
        return Answer(response.status_code, body, asked_to_wait_s, sent_at)

    def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "").lower() not in ENCODINGS:
            raise AnswerUnreadableError(
                "SignalWire's answer is packed in a way that was not asked for. Check proxies on the way."
            )
        deadline = time.monotonic() + self._limits.answer_s
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > self._limits.body_bytes:
                raise AnswerUnreadableError(f"SignalWire's answer is larger than {self._limits.body_bytes:,} bytes.")
            if time.monotonic() > deadline:
                raise TransientError(f"SignalWire's answer was not complete within {self._limits.answer_s:g} s.")
        return b"".join(chunks)


def _tell(turn: Turn, answer: Answer) -> None:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or (
        answer.status == HTTPStatus.SERVICE_UNAVAILABLE and answer.retry_after_s is not None
    ):
        turn.asked_to_slow_down(answer.retry_after_s)
    elif answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        turn.is_well()


_making = Lock()


def _client_for(host: str) -> httpx.Client:
    """One client of the process for all that is read: a connection made anew for each day would cost as much as its
    answer. Of two that were made at once, one would be dropped with its connections open."""
    with _making:
        return _loopback_client() if host in LOOPBACK_HOSTS else _client()


@cache
def _client() -> httpx.Client:
    return _make_client(trust_env=True)


@cache
def _loopback_client() -> httpx.Client:
    """A proxy of the environment is not for this machine's own addresses."""
    return _make_client(trust_env=False)


def _make_client(*, trust_env: bool) -> httpx.Client:
    redact_http_logs()
    return httpx.Client(
        headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "Tollbook"},
        # What one project is told to remember is not for another.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        limits=httpx.Limits(keepalive_expiry=KEEP_OPEN_S),
        follow_redirects=False,
        verify=httpx.create_ssl_context(trust_env=trust_env),
        trust_env=trust_env,
    )


def _forget_clients() -> None:
    global _making  # noqa: PLW0603 - another thread may have held it when this process was forked
    _making = Lock()
    _client.cache_clear()
    _loopback_client.cache_clear()


# Two processes must not speak over one connection.
os.register_at_fork(after_in_child=_forget_clients)


def _space(credentials: Credentials) -> httpx.URL:
    try:
        address = httpx.URL(space_url(credentials.space_url))
    except (ValueError, httpx.InvalidURL) as error:
        raise CredentialsError(f"The address of the SignalWire space cannot be used: {error}") from None
    if not address.host:
        raise CredentialsError("The address of the SignalWire space is missing.")
    return address
