"""The only door to SignalWire: lists of logs page by page, and logs by id. No Django.

    client = SignalWireClient(Credentials("example", project_id, api_token))
    for raw_page in client.iter_pages("voice", created_on=date(2026, 11, 20)):
        page = parse_page(raw_page)
    record = parse_log(client.fetch_log("voice", log_id).body)

Raises only SignalWireError and its kinds (see exceptions), each with words for the operator and never with a token.
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

from logsync.answers import NotJSONError, read_events, read_listing, read_log
from logsync.budget import Budget
from logsync.connection import Answer, Connection, Credentials, Limits
from logsync.exceptions import SignalWireError
from logsync.paging import address, check_goes_on, next_url
from logsync.records import LogEvent, RawLog, RawPage
from logsync.refusals import Question, bad_credentials, other_medium, refusal, transient
from logsync.retry import RetryPolicy, TransientError, with_retries

__all__ = ["Credentials", "Limits", "RetryPolicy", "SignalWireClient"]

Value = TypeVar("Value")
PAGE_SIZE = 1000
# As the last part of a path they would name another address.
UNASKABLE = frozenset({"", ".", ".."})
# What the status of a list says of the credentials.
CREDENTIALS_WORK: dict[int, bool] = {HTTPStatus.OK: True, HTTPStatus.UNAUTHORIZED: False, HTTPStatus.FORBIDDEN: False}


def utc_now() -> datetime:
    return datetime.now(UTC)


class Found(NamedTuple, Generic[Value]):
    """What was read of an answer, and the answer."""

    value: Value
    answer: Answer


class SignalWireClient:
    """One project's logs. May be shared by threads. Nothing is to be closed: connections are the process's.

    One call may take as long as `retries` and `limits` allow: at most `give_up_after_s` and one more turn and answer.
    Without a `budget` it asks as often as it likes.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        limits: Limits | None = None,
        retries: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
        budget: Budget | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._connection = Connection(credentials, self._limits, clock, budget, sleep)
        self._with_retries = partial(with_retries, policy=retries or RetryPolicy(), sleep=sleep, clock=clock)
        self._secrets = (credentials.api_token,)
        self._answered: set[str] = set()

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, retries included."""
        return self._connection.requests

    def iter_pages(
        self, medium: str, *, created_on: date | None = None, include_deleted: bool = True, page_size: int = PAGE_SIZE
    ) -> Iterator[RawPage]:
        """The pages of a list, newest logs first, to the end: an empty page is not yet the end.

        SignalWire does not say in which timezone it takes `created_on`. Between two pages nothing is held open, so the
        caller may stop at any of them. Raises PageTokenError when the list has to be read from its start again,
        HistoryLimitError when the day is too old, UnsafeLinkError after the page whose link cannot be followed.
        """
        parameters = {"page_size": str(page_size), "include_deleted": str(include_deleted).lower()}
        if created_on:
            parameters["created_on"] = created_on.isoformat()
        question = Question(self._connection.space.host, medium)
        url: httpx.URL | None = self._url(f"/api/{medium}/logs", parameters)
        asked: set[str] = set()
        empty = 0
        while url:
            asked.add(address(url))
            found = self._get(url, question, read_listing)
            empty = 0 if found.value.rows else empty + 1
            check_goes_on(empty, self._limits.empty_pages)
            yield RawPage(found.answer.body, found.value.rows, found.answer.sent_at)
            link = found.value.next_link
            url = None if link is None else next_url(link, url, asked, self._limits.pages)

    def fetch_log(self, medium: str, log_id: str) -> RawLog:
        """One log by its id; of a deleted one, what SignalWire still has. Raises LogNotFoundError."""
        found = self._get(*self._log_question(medium, log_id), read_log)
        return RawLog(found.value, found.answer.sent_at)

    def list_events(self, log_id: str) -> tuple[LogEvent, ...]:
        """What happened during a voice log. Raises LogNotFoundError."""
        return self._get(*self._log_question("voice", log_id, "/events"), read_events).value

    def _url(self, path: str, parameters: dict[str, str] | None = None) -> httpx.URL:
        return self._connection.space.copy_with(path=path, params=parameters)

    def _log_question(self, medium: str, log_id: str, rest: str = "") -> tuple[httpx.URL, Question]:
        question = Question(self._connection.space.host, medium, log_id)
        if log_id in UNASKABLE:
            raise refusal(HTTPStatus.NOT_FOUND, b"", question)
        return self._url(f"/api/{medium}/logs/{quote(log_id, safe='')}{rest}"), question

    def _get(self, url: httpx.URL, question: Question, read: Callable[[bytes], Value]) -> Found[Value]:
        with bound_contextvars(request=uuid4().hex):
            return self._with_retries(lambda: self._get_once(url, question, read))

    def _get_once(self, url: httpx.URL, question: Question, read: Callable[[bytes], Value]) -> Found[Value]:
        answer = self._connection.get(url)
        if answer.status != HTTPStatus.OK:
            raise transient(answer.status, answer.retry_after_s) or self._refusal(answer, question)
        try:
            value = read(answer.body)
        except NotJSONError as error:
            raise TransientError(str(error), unreadable=True) from None
        self._answered.add(question.medium)
        return Found(value, answer)

    def _refusal(self, answer: Answer, question: Question) -> SignalWireError:
        if answer.status == HTTPStatus.FORBIDDEN:
            return bad_credentials(answer.status, question, other_medium_works=None)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            works = self._can_read(other_medium(question.medium))
            return bad_credentials(answer.status, question, other_medium_works=works)
        return refusal(answer.status, answer.body, question, self._secrets)

    def _can_read(self, medium: str) -> bool | None:
        """Whether these credentials open the other list; None when that cannot be told now."""
        if medium in self._answered:
            return True
        try:
            answer = self._connection.get(self._url(f"/api/{medium}/logs", {"page_size": "1"}))
        except (TransientError, SignalWireError):
            return None
        return CREDENTIALS_WORK.get(answer.status)
