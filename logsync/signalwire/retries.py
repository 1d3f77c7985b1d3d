"""When to retry a request, and how long to wait first."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import tenacity
from tenacity import RetryCallState, RetryError

from logsync.exceptions import SignalWireError, UnavailableError, UnreadableResponseError
from logsync.rate_limit.state import MAX_RETRY_AFTER_S
from logsync.text import counted

Value = TypeVar("Value")
logger = logging.getLogger(__name__)
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try, and how long to wait (seconds). A Retry-After longer than `longest_wait_s` ends the retries.

    With one attempt, errors do not say that Tollbook will retry: a user waits for the result.
    """

    attempts: int = 6
    first_wait_s: float = 0.5
    longest_wait_s: float = 60
    give_up_after_s: float = 300


class RetryableError(Exception):
    """A failure that a retry may cure. `retry_after_s` is how long SignalWire told us to wait."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None, unreadable: bool = False) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.unreadable = unreadable

    def as_final_error(self, policy: RetryPolicy, attempts: int, now: datetime) -> SignalWireError:
        """The error to raise when the retries are used up."""
        gave_up = f" Gave up after {counted(attempts, 'attempt')}; Tollbook will retry later."
        message = f"{self}{gave_up if policy.attempts > 1 else ''}"
        if self.unreadable:
            return UnreadableResponseError(message)
        retry_at = None if self.retry_after_s is None else now + timedelta(seconds=self.retry_after_s)
        return UnavailableError(message, retry_at)


def with_retries(
    request: Callable[[], Value], policy: RetryPolicy, *, sleep: Callable[[float], None], clock: Callable[[], datetime]
) -> Value:
    """The value of `request`, called again while it raises RetryableError. Raises SignalWireError when that fails."""
    backoff = tenacity.wait_exponential(multiplier=policy.first_wait_s, max=policy.longest_wait_s)
    backoff_with_jitter = backoff + tenacity.wait_random(0, policy.first_wait_s)
    is_used_up = tenacity.stop_any(
        tenacity.stop_after_attempt(policy.attempts), tenacity.stop_before_delay(policy.give_up_after_s)
    )
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(RetryableError),
        stop=lambda state: _retry_after_s(state) > policy.longest_wait_s or is_used_up(state),
        # The jitter spreads workers that were given the same Retry-After.
        wait=lambda state: _retry_after_s(state) + backoff_with_jitter(state),
        sleep=sleep,
        before_sleep=_log_retry,
    )
    try:
        return retrying(request)
    except RetryError as error:
        raise _error_of(error.last_attempt).as_final_error(policy, error.last_attempt.attempt_number, clock()) from None


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, a number or an HTTP date, cut to a day; None when it is neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        retry_at = parsedate_to_datetime(text)
    except ValueError:
        return None
    retry_at = retry_at if retry_at.tzinfo else retry_at.replace(tzinfo=UTC)
    return min(max(0.0, (retry_at - now).total_seconds()), MAX_RETRY_AFTER_S)


def _error_of(attempt: tenacity.Future | None) -> RetryableError:
    error = attempt.exception() if attempt else None
    return error if isinstance(error, RetryableError) else RetryableError(str(error))


def _retry_after_s(state: RetryCallState) -> float:
    return _error_of(state.outcome).retry_after_s or 0.0


def _log_retry(state: RetryCallState) -> None:
    logger.info("%s Next try in %.1f s.", _error_of(state.outcome), state.upcoming_sleep)
