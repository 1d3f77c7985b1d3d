"""Logs and messages reveal no token, page token or phone number."""

import logging
from base64 import b64encode

import pytest

from logsync.redaction import HIDDEN, RedactingFilter, redact
from logsync.signalwire.client import Credentials, SignalWireClient
from logsync.simulator import sample

TOKEN = "PT8a1b2c3d4e5f60718293a4b5c6d7e8f90"
BASIC = b64encode(f"5f1c8b64:{TOKEN}".encode()).decode()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Authorization: Basic {BASIC}", BASIC),
        (f"{{'Authorization': 'Basic {BASIC}'}}", BASIC),
        (f"[(b'authorization', b'Basic {BASIC}')]", BASIC),
        (f"sent Basic {BASIC} to the space", BASIC),
        ("authorization=Bearer abc.def-123", "abc.def-123"),
        (f"the token {TOKEN} was refused", TOKEN),
        ("https://example.signalwire.com/api/voice/logs?page_size=50&page_token=PA1b2c", "PA1b2c"),
        ('{"page_token": "PB9x8y"}', "PB9x8y"),
        ("postgres://tollbook:hunter2@db/tollbook", "hunter2"),
        ("https://id:secret@example.signalwire.com/", "secret"),
        ("call from +12065551212", "12065551212"),
        ("?from=%2B12065551212&page=1", "12065551212"),
    ],
)
def test_secrets_are_removed(text, secret):
    shown = redact(text)
    assert secret not in shown
    assert HIDDEN in shown
    assert redact(shown) == shown


def test_other_text_is_unchanged():
    text = (
        "GET https://example.signalwire.com/api/voice/logs?page_size=1000&created_on=2026-11-20"
        " at 2026-11-20T10:42:00+00:00 took 12 s for 1000 rows of project 5f1c8b64-0f3e-4a57-9d22-3b1e6c0a7d11"
    )
    assert redact(text) == text


def test_only_the_value_of_a_page_token_is_removed():
    assert redact("?page_token=PA1&page_size=50") == f"?page_token={HIDDEN}&page_size=50"


def test_given_secrets_are_removed_anywhere():
    assert redact("it said: hunter2!", ["hunter2", ""]) == f"it said: {HIDDEN}!"


def test_log_records_have_no_secret_in_message_arguments_or_traceback(caplog):
    logger = logging.getLogger("tests.redaction")
    caplog.handler.addFilter(redacting := RedactingFilter())
    try:
        try:
            int(TOKEN)
        except ValueError:
            logger.exception("using %s", TOKEN)
        logger.warning("%d of %s", "not a number", TOKEN)
    finally:
        caplog.handler.removeFilter(redacting)
    assert TOKEN not in caplog.text
    assert "ValueError: invalid literal for int() with base 10: '[hidden]'" in caplog.text
    assert len(caplog.records) == 2


def test_the_http_library_logs_no_page_token_or_credentials(space, space_url, caplog):
    for hour in range(3):
        space.put("voice", sample(created_at=f"2026-03-10T{hour:02}:00:00Z"))
    caplog.set_level(logging.DEBUG)
    client = SignalWireClient(Credentials(space_url, *space.credentials))
    assert len(list(client.iter_pages("voice", page_size=1))) == 3
    page_tokens = [request.query["page_token"] for request in space.requests if "page_token" in request.query]
    assert page_tokens
    assert "page_token=[hidden]" in caplog.text
    for secret in (*page_tokens, space.credentials[1], b64encode(":".join(space.credentials).encode()).decode()):
        assert secret not in caplog.text
