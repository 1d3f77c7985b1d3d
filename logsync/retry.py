"""When a request is sent again, and how long is waited before. No Django."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import tenacity
from tenacity import RetryCallState, RetryError

from logsync.exceptions import AnswerUnreadableError, SignalWireError, UnavailableError

Value = TypeVar("Value")
logger = logging.getLogger(__name__)
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how long (seconds). Asked to wait longer than `longest_wait_s`, we give up and say until when."""

    attempts: int = 6
    first_wait_s: float = 0.5
    longest_wait_s: float = 60
    give_up_after_s: float = 300


class TransientError(Exception):
    """One try failed in a way that another may not. `retry_after_s` is how long SignalWire asked us to wait."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None, unreadable: bool = False) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.unreadable = unreadable

    def lasting(self, attempts: int, now: datetime) -> SignalWireError:
        """What to raise once no further attempt is made."""
        times = "once" if attempts == 1 else f"{attempts} times"
        message = f"{self} Asked {times} without success; Tollbook asks again later by itself."
        if self.unreadable:
            return AnswerUnreadableError(message)
        retry_at = None if self.retry_after_s is None else now + timedelta(seconds=self.retry_after_s)
        return UnavailableError(message, retry_at)


def with_retries(
    ask: Callable[[], Value], policy: RetryPolicy, *, sleep: Callable[[float], None], clock: Callable[[], datetime]
) -> Value:
    """The value of `ask`, called again while it raises TransientError. Raises SignalWireError in the end."""
    doubling = tenacity.wait_exponential(multiplier=policy.first_wait_s, max=policy.longest_wait_s)
    backoff = doubling + tenacity.wait_random(0, policy.first_wait_s)
    enough = tenacity.stop_any(
        tenacity.stop_after_attempt(policy.attempts), tenacity.stop_before_delay(policy.give_up_after_s)
    )
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransientError),
        stop=lambda state: _asked_to_wait_s(state) > policy.longest_wait_s or enough(state),
        # The spread on top keeps workers that were told the same time from coming back all at once.
        wait=lambda state: _asked_to_wait_s(state) + backoff(state),
        sleep=sleep,
        before_sleep=_log_retry,
    )
    try:
        return retrying(ask)
    except RetryError as error:
        raise _failure(error.last_attempt).lasting(error.last_attempt.attempt_number, clock()) from None


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After asks for, given as a number or as an HTTP date; None when it is neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _failure(attempt: tenacity.Future | None) -> TransientError:
    error = attempt.exception() if attempt else None
    return error if isinstance(error, TransientError) else TransientError(str(error))


def _asked_to_wait_s(state: RetryCallState) -> float:
    return _failure(state.outcome).retry_after_s or 0.0


def _log_retry(state: RetryCallState) -> None:
    logger.info("%s Next try in %.1f s.", _failure(state.outcome), state.upcoming_sleep)
