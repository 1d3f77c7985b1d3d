"""Turns responses other than 200 into errors that say what happened and what the operator should do."""

import re
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from logsync.exceptions import (
    CredentialsError,
    HistoryLimitError,
    LogNotFoundError,
    LogRejectedError,
    PageTokenError,
    RequestRejectedError,
    SignalWireError,
)
from logsync.redaction import redact
from logsync.signalwire.responses import ErrorBody, parse_error
from logsync.signalwire.retries import RetryableError
from logsync.text import visible

MEDIA = ("voice", "video")
MAX_QUOTED = 200
DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
CREDENTIALS_PAGE = "the API Credentials page of the SignalWire dashboard"
COMPARE_CREDENTIALS = (
    "Compare SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN, or the project in Tollbook's admin, with"
    f" {CREDENTIALS_PAGE}."
)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What was requested, to be named in an error: a list, or one log when `log_id` is given."""

    host: str
    medium: str
    log_id: str | None = None


def retryable_error(status: int, retry_after_s: float | None) -> RetryableError | None:
    """The error for a status that a retry may cure; None for any other."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryableError("SignalWire told us to slow down (429).", retry_after_s=retry_after_s)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return RetryableError(f"SignalWire could not handle the request ({status}).", retry_after_s=retry_after_s)
    return None


def error_for(status: int, body: bytes, context: RequestContext, secrets: tuple[str, ...] = ()) -> SignalWireError:
    """The error for a status that no retry can cure; for 401 and 403 use `credentials_error`."""
    if status == HTTPStatus.NOT_FOUND:
        return _not_found(context)
    error_body = parse_error(body)
    if context.log_id is not None:
        return _log_rejected(status, error_body, context, secrets)
    codes = {detail.code for detail in error_body.errors}
    if "page_token_is_invalid" in codes:
        return PageTokenError("SignalWire's page token has expired. These logs must be read again from the start.")
    if "exceeds_history_logs_limit" in codes:
        return _history_limit(error_body)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return RequestRejectedError(
            f"{context.host} redirects to another address ({status}); Tollbook does not send credentials there."
            " Check the name of the space."
        )
    return RequestRejectedError(
        f"SignalWire rejected the request for {context.medium} logs ({status}){_quoted_message(error_body, secrets)}."
        " A retry will not help: the API may have changed. Update Tollbook, or report this message."
    )


def credentials_error(status: int, context: RequestContext, *, other_medium_works: bool | None) -> CredentialsError:
    """The error for 401 and 403, which SignalWire sends for a missing scope and for wrong credentials alike.

    Only a missing scope leaves the other medium readable: `other_medium_works`, None when that is not known.
    """
    medium, scope = context.medium, context.medium.capitalize()
    other = other_medium(medium)
    if status == HTTPStatus.FORBIDDEN or other_medium_works:
        return CredentialsError(
            f"SignalWire denies access to the {medium} logs ({status}): the token lacks the {scope} scope. Add it on"
            f" {CREDENTIALS_PAGE}, or turn off {medium} logs for this project."
        )
    if other_medium_works is False:
        return CredentialsError(
            f"SignalWire rejects the credentials for both {medium} and {other} logs ({status}): the Project ID or the"
            f" API token is wrong, was revoked, or belongs to another space than {context.host}; or the token lacks"
            f" both the Voice and the Video scope. {COMPARE_CREDENTIALS}"
        )
    return CredentialsError(
        f"SignalWire rejects the credentials for {medium} logs ({status}): either the Project ID or the API token is"
        f" wrong, or the token lacks the {scope} scope. {COMPARE_CREDENTIALS}"
    )


def other_medium(medium: str) -> str:
    return next(other for other in MEDIA if other != medium)


def _not_found(context: RequestContext) -> SignalWireError:
    if context.log_id is not None:
        return LogNotFoundError(f"SignalWire has no {context.medium} log {_id_of(context)}.")
    return RequestRejectedError(
        f"{context.host} has no list of {context.medium} logs (404). Check the name of the space."
    )


def _log_rejected(
    status: int, error_body: ErrorBody, context: RequestContext, secrets: tuple[str, ...]
) -> LogRejectedError:
    return LogRejectedError(
        f"SignalWire rejected the request for {context.medium} log {_id_of(context)}"
        f" ({status}){_quoted_message(error_body, secrets)}. Tollbook tries it again later."
    )


def _id_of(context: RequestContext) -> str:
    return visible(context.log_id or "")[:MAX_QUOTED]


def _history_limit(error_body: ErrorBody) -> HistoryLimitError:
    history_from = _first_date(" ".join(detail.message or "" for detail in error_body.errors))
    period = f"since {history_from}" if history_from else "for a limited time"
    return HistoryLimitError(
        f"SignalWire keeps history {period}; older days can no longer be read. Logs that were already read stay.",
        history_from,
    )


def _first_date(text: str) -> date | None:
    for match in DATE.finditer(text):
        try:
            return date.fromisoformat(match[0])
        except ValueError:
            continue
    return None


def _quoted_message(error_body: ErrorBody, secrets: tuple[str, ...]) -> str:
    """SignalWire's own message, made safe to show: ": Bad Request"."""
    messages = [error_body.error, *(f"{detail.message} [{detail.code}]" for detail in error_body.errors)]
    text = "; ".join(message for message in messages if message)
    return f": {visible(redact(text, secrets))[:MAX_QUOTED]}" if text else ""
