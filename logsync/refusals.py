"""Answers other than 200, as errors that say what happened and what the operator has to do. No Django."""

import re
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from logsync.answers import Refusal, read_refusal
from logsync.exceptions import (
    CredentialsError,
    HistoryLimitError,
    LogNotFoundError,
    PageTokenError,
    RequestRejectedError,
    SignalWireError,
)
from logsync.redaction import redact
from logsync.retry import TransientError

MEDIA = ("voice", "video")
MAX_SHOWN = 200
DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
WHERE_TOKENS_ARE = "on the page API Credentials of the SignalWire dashboard"
WHERE_OURS_ARE = "SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN, or the project in Tollbook's admin"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked for, for the words of an error: a list, or one log when `log_id` is given."""

    host: str
    medium: str
    log_id: str | None = None


def transient(status: int, retry_after_s: float | None) -> TransientError | None:
    """The answers that another try may change."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TransientError("SignalWire asks to be asked less often (429).", retry_after_s=retry_after_s)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return TransientError(f"SignalWire has a fault of its own ({status}).", retry_after_s=retry_after_s)
    return None


def refusal(status: int, body: bytes, question: Question, secrets: tuple[str, ...] = ()) -> SignalWireError:
    """Any other answer that no retry can change, except credentials; see `bad_credentials`."""
    if status == HTTPStatus.NOT_FOUND:
        return _not_found(question)
    answer = read_refusal(body)
    codes = {problem.code for problem in answer.errors}
    if "page_token_is_invalid" in codes:
        return PageTokenError("SignalWire's page token has expired: these logs have to be read from the start again.")
    if "exceeds_history_logs_limit" in codes:
        return _history_limit(answer)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return RequestRejectedError(
            f"{question.host} redirects to another address ({status}), which Tollbook never follows with credentials."
            " Check the name of the space."
        )
    return RequestRejectedError(
        f"SignalWire rejected the request for {question.medium} logs ({status}){_words(answer, secrets)}. Asking again"
        " would not help: the API may have changed. Look for a newer Tollbook, or report this message."
    )


def bad_credentials(status: int, question: Question, *, other_medium_works: bool | None) -> CredentialsError:
    """401 and 403 for a missing scope as for wrong credentials: whether the other list can be read tells them apart.

    `other_medium_works` is None where that is not known.
    """
    medium, scope = question.medium, question.medium.capitalize()
    other = other_medium(medium)
    if status == HTTPStatus.FORBIDDEN or other_medium_works:
        return CredentialsError(
            f"SignalWire does not show the {medium} logs ({status}): the token lacks the {scope} scope. Tick {scope}"
            f" for this token {WHERE_TOKENS_ARE}, or switch {medium} logs off for this project in Tollbook's admin."
        )
    if other_medium_works is False:
        return CredentialsError(
            f"SignalWire refuses the credentials for {medium} and for {other} logs alike ({status}): the Project ID or"
            f" the API token is wrong, was revoked, or belongs to another space than {question.host} (or the token"
            f" lacks both the Voice and the Video scope). Compare {WHERE_OURS_ARE}, with those {WHERE_TOKENS_ARE}."
        )
    return CredentialsError(
        f"SignalWire refuses the credentials for {medium} logs ({status}): either the Project ID or the API token is"
        f" wrong, or the token lacks the {scope} scope. Compare {WHERE_OURS_ARE}, with those {WHERE_TOKENS_ARE}."
    )


def other_medium(medium: str) -> str:
    return next(other for other in MEDIA if other != medium)


def _not_found(question: Question) -> SignalWireError:
    if question.log_id is not None:
        return LogNotFoundError(f"SignalWire has no {question.medium} log {question.log_id[:MAX_SHOWN]}.")
    return RequestRejectedError(
        f"{question.host} has no list of {question.medium} logs (404). Check the name of the space."
    )


def _history_limit(answer: Refusal) -> HistoryLimitError:
    since = _date_in(" ".join(problem.message or "" for problem in answer.errors))
    known = f"since {since}" if since else "for a limited time"
    return HistoryLimitError(
        f"SignalWire keeps history {known}; older days can no longer be read. What was read of them before stays.",
        since,
    )


def _date_in(text: str) -> date | None:
    for match in DATE.finditer(text):
        try:
            return date.fromisoformat(match[0])
        except ValueError:
            continue
    return None


def _words(answer: Refusal, secrets: tuple[str, ...]) -> str:
    """What the answer itself says, fit to be shown: ": Bad Request"."""
    said = [answer.error, *(f"{problem.message} [{problem.code}]" for problem in answer.errors)]
    text = "; ".join(part for part in said if part)
    text = "".join(character if character.isprintable() else " " for character in redact(text, secrets))
    return f": {text[:MAX_SHOWN]}" if text else ""
