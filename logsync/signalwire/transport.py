"""One request, one response: authentication, timeouts and size limits. The only module that speaks HTTP."""

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

from logsync.exceptions import CredentialsError, UnreadableResponseError
from logsync.rate_limit.limiter import Permit, RateLimiter
from logsync.redaction import redact, redact_http_logs
from logsync.signalwire.network import CheckedNetwork, DirectTransport, ProxyTransport, proxy_for
from logsync.signalwire.retries import RetryableError, retry_after_s
from logsync.signalwire.space_url import is_loopback, parse_space_url

# Other encodings can expand a few bytes into gigabytes in one step.
ACCEPTED_ENCODINGS = frozenset({"", "identity", "gzip"})
KEEPALIVE_S = 30


@dataclass(frozen=True, slots=True)
class Credentials:
    """A project of a space, and its API token. `space_url` takes every form that `parse_space_url` accepts."""

    space_url: str
    project_id: str
    api_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one response and of one list; times in seconds.

    `read_s` is the longest wait for the next bytes, `body_s` the time for the whole body, `body_bytes` its size after
    decompression. `pages` limits the length of a list, `empty_pages` the empty pages in a row. `permit_timeout_s` is
    how long to wait for the rate limiter.
    """

    connect_s: float = 10
    read_s: float = 30
    body_s: float = 90
    body_bytes: int = 64 * 2**20
    pages: int = 100_000
    empty_pages: int = 50
    permit_timeout_s: float = 300

    @property
    def request_s(self) -> float:
        """An upper bound for one request: connect, wait for the response, read the body, and one last stalled read."""
        return self.connect_s + self.read_s + self.body_s + self.read_s


class Response(NamedTuple):
    """`sent_at`: when the request was sent."""

    status: int
    body: bytes
    retry_after_s: float | None
    sent_at: datetime


class Transport:
    """Sends requests and counts them. Safe to share between threads.

    Each request first takes a permit from `rate_limiter`, waiting with `sleep`; without a limiter it is sent at once.
    Connections to private networks are refused without `allow_private`, see network.py.
    """

    def __init__(
        self,
        credentials: Credentials,
        limits: Limits,
        clock: Callable[[], datetime],
        rate_limiter: RateLimiter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        *,
        allow_private: bool = False,
    ) -> None:
        self.space_url = _parse_space_url(credentials.space_url)
        self.requests = 0
        self._limits, self._clock, self._lock = limits, clock, Lock()
        self._rate_limiter, self._sleep = rate_limiter, sleep
        self._auth = httpx.BasicAuth(credentials.project_id, credentials.api_token)
        self._timeout = httpx.Timeout(limits.read_s, connect=limits.connect_s)
        self._http = _client_for(self.space_url.host, allow_private=allow_private)

    def get(self, url: httpx.URL) -> Response:
        """The response, whatever its status.

        Sends the credentials, so `url` must belong to the space. Raises RetryableError, UnreadableResponseError for a
        response that is too large, and UnavailableError when no permit is available in time.
        """
        if self._rate_limiter is None:
            return self._send(url)
        with self._rate_limiter.permit(self._sleep, self._limits.permit_timeout_s) as permit:
            response = self._send(url)
            _report_to_limiter(permit, response)
        return response

    def _send(self, url: httpx.URL) -> Response:
        with self._lock:
            self.requests += 1
        sent_at = self._clock()
        try:
            with self._http.stream("GET", url, auth=self._auth, timeout=self._timeout) as response:
                body = self._read_body(response)
        except httpx.ConnectError as error:
            reason = redact(str(error))
            raise RetryableError(
                f"{self.space_url.host} cannot be reached ({reason}). Check the name of the space and the network."
            ) from None
        except httpx.TimeoutException:
            raise RetryableError(f"SignalWire did not respond within {self._limits.read_s:g} s.") from None
        except httpx.RequestError:
            raise RetryableError("The connection to SignalWire was interrupted.") from None
        wait_s = retry_after_s(response.headers.get("retry-after"), self._clock())
        return Response(response.status_code, body, wait_s, sent_at)

    def _read_body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "").lower() not in ACCEPTED_ENCODINGS:
            raise UnreadableResponseError(
                "SignalWire's response has a content encoding that was not requested. Check any proxy in between."
            )
        deadline = time.monotonic() + self._limits.body_s
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > self._limits.body_bytes:
                raise UnreadableResponseError(
                    f"SignalWire's response is larger than {self._limits.body_bytes:,} bytes."
                )
            if time.monotonic() > deadline:
                raise RetryableError(f"SignalWire's response was not complete within {self._limits.body_s:g} s.")
        return b"".join(chunks)


def _report_to_limiter(permit: Permit, response: Response) -> None:
    if response.status == HTTPStatus.TOO_MANY_REQUESTS or (
        response.status == HTTPStatus.SERVICE_UNAVAILABLE and response.retry_after_s is not None
    ):
        permit.slow_down(response.retry_after_s)
    elif response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        permit.succeeded()


_client_lock = Lock()


def _client_for(host: str, *, allow_private: bool) -> httpx.Client:
    """The client that the whole process shares: opening a connection per day would take as long as reading the day.

    The lock keeps two threads from creating one each, which would leave the connections of one open. Loopback hosts
    ignore the environment.
    """
    with _client_lock:
        try:
            return _shared_client(proxy_for(host), trust_env=not is_loopback(host), allow_private=allow_private)
        except (ValueError, ImportError, httpx.InvalidURL):
            raise CredentialsError(
                "The proxy of the environment (HTTPS_PROXY or ALL_PROXY) cannot be used: write http://host:port."
            ) from None


@cache
def _shared_client(proxy: str, *, trust_env: bool, allow_private: bool) -> httpx.Client:
    redact_http_logs()
    ssl_context, network = httpx.create_ssl_context(trust_env=trust_env), CheckedNetwork(allow_private=allow_private)
    return httpx.Client(
        headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "Tollbook"},
        # Ignore cookies: a cookie set for one project must not be sent for another.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        transport=ProxyTransport(ssl_context, network, KEEPALIVE_S, proxy)
        if proxy
        else DirectTransport(ssl_context, network, KEEPALIVE_S),
        trust_env=False,
    )


def _drop_clients() -> None:
    global _client_lock  # noqa: PLW0603 - another thread may have held the lock during the fork
    _client_lock = Lock()
    _shared_client.cache_clear()


# A child process must not reuse its parent's connections.
os.register_at_fork(after_in_child=_drop_clients)


def _parse_space_url(value: str) -> httpx.URL:
    try:
        url = httpx.URL(parse_space_url(value))
    except (ValueError, httpx.InvalidURL) as error:
        raise CredentialsError(f"The address of the SignalWire space is not valid: {error}") from None
    if not url.host:
        raise CredentialsError("The address of the SignalWire space is missing.")
    return url
