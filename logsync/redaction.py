"""Removes secrets and phone numbers from text before it is logged or shown."""

import logging
import re
from collections.abc import Iterable

HIDDEN = "[hidden]"
PATTERNS = (
    # "Authorization: Basic …", also in the repr of a dict or of bytes; then the scheme without its header.
    (re.compile(r"(?i)(authorization(?!\W{1,6}hidden\])\W{1,6})(?:basic|bearer)?\s*[\w+/=.~-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(basic|bearer)\s+[\w+/=.~-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\bPT[0-9A-Za-z]{8,}"), HIDDEN),
    # A page token gives access to a list.
    (re.compile(r"(?i)(page_token(?!\W{1,6}hidden\])\W{1,6})[^&\s\"'<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(://)[^/\s@\"'<>]+@"), rf"\1{HIDDEN}@"),
)
PHONE_NUMBERS = ((re.compile(r"(\+|%2B)\d{7,15}(?!\d)"), rf"\1{HIDDEN}"),)
# Child loggers do not inherit filters, so each of httpcore's is listed.
HTTP_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")


def redact(text: str, secrets: Iterable[str] = (), *, phone_numbers: bool = False) -> str:
    """The text without credentials, page tokens and `secrets`. `phone_numbers=True` leaves phone numbers in."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    for pattern, replacement in PATTERNS if phone_numbers else PATTERNS + PHONE_NUMBERS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts every record and its traceback. Never drops a record."""

    def __init__(self, name: str = "", *, phone_numbers: bool = False) -> None:
        super().__init__(name)
        self._phone_numbers = phone_numbers

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._redact(_message(record)), None
        if record.exc_info:
            record.exc_text = self._redact(record.exc_text or _FORMATTER.formatException(record.exc_info))
        return True

    def _redact(self, text: str) -> str:
        return redact(text, phone_numbers=self._phone_numbers)


_FORMATTER = logging.Formatter()
_FILTER = RedactingFilter()


def redact_http_logs() -> None:
    """httpx logs every request URL at INFO, page token included. Safe to call repeatedly."""
    for name in HTTP_LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args}"
