"""The SignalWire client: lists of logs page by page, and logs by id.

    client = SignalWireClient(Credentials("example", project_id, api_token))
    for raw_page in client.iter_pages("voice", created_on=date(2026, 11, 20)):
        page = parse_page(raw_page)
    record = parse_log(client.fetch_log("voice", log_id).body)

Raises only SignalWireError and its subclasses; their messages are written for the operator and hold no token.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from structlog.contextvars import bound_contextvars

from logsync.exceptions import SignalWireError
from logsync.parsing.records import LogEvent, RawLog, RawPage
from logsync.rate_limit.limiter import RateLimiter
from logsync.signalwire.errors import RequestContext, credentials_error, error_for, other_medium, retryable_error
from logsync.signalwire.pagination import canonical_url, check_empty_pages, next_url
from logsync.signalwire.responses import NotJSONError, parse_events, parse_list, parse_log_body
from logsync.signalwire.retries import RetryableError, RetryPolicy, with_retries
from logsync.signalwire.transport import Credentials, Limits, Response, Transport

__all__ = ["Credentials", "Limits", "RetryPolicy", "SignalWireClient"]

Value = TypeVar("Value")
PAGE_SIZE = 1000
# As the last part of a path these would address another resource.
UNUSABLE_IDS = frozenset({"", ".", ".."})
# What the status of a list says about the credentials.
CREDENTIALS_WORK: dict[int, bool] = {HTTPStatus.OK: True, HTTPStatus.UNAUTHORIZED: False, HTTPStatus.FORBIDDEN: False}


def utc_now() -> datetime:
    return datetime.now(UTC)


class ParsedResponse(NamedTuple, Generic[Value]):
    value: Value
    response: Response


class SignalWireClient:
    """Reads one project's logs. Safe to share between threads; needs no closing, as the process owns the connections.

    A call takes at most `retries.give_up_after_s`, plus one more wait for a permit and one more request.
    Without a `rate_limiter`, requests are not limited. A space in a private network needs `allow_private`.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        limits: Limits | None = None,
        retries: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
        rate_limiter: RateLimiter | None = None,
        allow_private: bool = False,
    ) -> None:
        self._limits = limits or Limits()
        self._transport = Transport(credentials, self._limits, clock, rate_limiter, sleep, allow_private=allow_private)
        self._with_retries = partial(with_retries, policy=retries or RetryPolicy(), sleep=sleep, clock=clock)
        self._secrets = (credentials.api_token,)
        self._readable_media: set[str] = set()

    @property
    def requests(self) -> int:
        """The number of HTTP requests sent so far, including retries."""
        return self._transport.requests

    def iter_pages(
        self, medium: str, *, created_on: date | None = None, include_deleted: bool = True, page_size: int = PAGE_SIZE
    ) -> Iterator[RawPage]:
        """All pages of a list, newest logs first. A page may be empty without being the last.

        SignalWire does not document the timezone of `created_on`. The caller may stop after any page. Raises
        PageTokenError when the list must be read again from the start, HistoryLimitError when the day is too old, and
        UnsafeLinkError after a page whose link cannot be followed.
        """
        parameters = {"page_size": str(page_size), "include_deleted": str(include_deleted).lower()}
        if created_on:
            parameters["created_on"] = created_on.isoformat()
        context = RequestContext(self._transport.space_url.host, medium)
        url: httpx.URL | None = self._url(f"/api/{medium}/logs", parameters)
        visited: set[str] = set()
        empty_pages = 0
        while url:
            visited.add(canonical_url(url))
            page, response = self._get(url, context, parse_list)
            empty_pages = 0 if page.rows else empty_pages + 1
            check_empty_pages(empty_pages, self._limits.empty_pages)
            yield RawPage(response.body, page.rows, response.sent_at)
            url = None if page.next_link is None else next_url(page.next_link, url, visited, self._limits.pages)

    def fetch_log(self, medium: str, log_id: str) -> RawLog:
        """One log by its id; for a deleted log, what SignalWire still keeps. Raises LogNotFoundError."""
        body, response = self._get(*self._log_request(medium, log_id), parse_log_body)
        return RawLog(body, response.sent_at)

    def list_events(self, log_id: str) -> tuple[LogEvent, ...]:
        """The events of a voice log. Raises LogNotFoundError."""
        return self._get(*self._log_request("voice", log_id, "/events"), parse_events).value

    def _url(self, path: str, parameters: dict[str, str] | None = None) -> httpx.URL:
        return self._transport.space_url.copy_with(path=path, params=parameters)

    def _log_request(self, medium: str, log_id: str, suffix: str = "") -> tuple[httpx.URL, RequestContext]:
        context = RequestContext(self._transport.space_url.host, medium, log_id)
        if log_id in UNUSABLE_IDS:
            raise error_for(HTTPStatus.NOT_FOUND, b"", context)
        return self._url(f"/api/{medium}/logs/{quote(log_id, safe='')}{suffix}"), context

    def _get(self, url: httpx.URL, context: RequestContext, parse: Callable[[bytes], Value]) -> ParsedResponse[Value]:
        with bound_contextvars(request=uuid4().hex):
            return self._with_retries(lambda: self._get_once(url, context, parse))

    def _get_once(
        self, url: httpx.URL, context: RequestContext, parse: Callable[[bytes], Value]
    ) -> ParsedResponse[Value]:
        response = self._transport.get(url)
        if response.status != HTTPStatus.OK:
            raise retryable_error(response.status, response.retry_after_s) or self._final_error(response, context)
        try:
            value = parse(response.body)
        except NotJSONError as error:
            raise RetryableError(str(error), unreadable=True) from None
        self._readable_media.add(context.medium)
        return ParsedResponse(value, response)

    def _final_error(self, response: Response, context: RequestContext) -> SignalWireError:
        if response.status == HTTPStatus.FORBIDDEN:
            return credentials_error(response.status, context, other_medium_works=None)
        if response.status == HTTPStatus.UNAUTHORIZED:
            other_works = self._can_read(other_medium(context.medium))
            return credentials_error(response.status, context, other_medium_works=other_works)
        return error_for(response.status, response.body, context, self._secrets)

    def _can_read(self, medium: str) -> bool | None:
        """Whether these credentials can read the list of `medium`; None when that is unknown at the moment."""
        if medium in self._readable_media:
            return True
        try:
            response = self._transport.get(self._url(f"/api/{medium}/logs", {"page_size": "1"}))
        except (RetryableError, SignalWireError):
            return None
        return CREDENTIALS_WORK.get(response.status)
