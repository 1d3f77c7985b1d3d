"""Errors say what happened and what to do, and reveal no secret."""

import pickle
import re
from base64 import b64encode
from datetime import date

import pytest

from logsync.exceptions import (
    CredentialsError,
    HistoryLimitError,
    PageTokenError,
    RequestRejectedError,
    SignalWireError,
)
from logsync.signalwire.client import Credentials, RetryPolicy, SignalWireClient
from logsync.simulator import Project, Space, sample, serving
from tests.support.scripted_server import Reply, answering
from tests.support.signalwire_client import asking, ids, refusal

PROJECT = "5f1c8b64-0f3e-4a57-9d22-3b1e6c0a7d11"
TOKEN = "PT8a1b2c3d4e5f60718293a4b5c6d7e8f90"


def credentials_message(space, medium="video", credentials=None):
    with serving(space) as url:
        client = SignalWireClient(Credentials(url, *(credentials or space.credentials)))
        with pytest.raises(CredentialsError) as raised:
            ids(client, medium)
        return str(raised.value)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("medium", "other"), [("video", "voice"), ("voice", "video")])
def test_a_missing_scope_is_named(status, medium, other):
    space = Space(projects=[Project(scopes=(other,), missing_scope_status=status)])
    message = credentials_message(space, medium)
    assert f"the token lacks the {medium.capitalize()} scope" in message
    assert f"turn off {medium} logs" in message


def test_a_missing_scope_does_not_stop_the_other_medium():
    space = Space(projects=[Project(scopes=("voice",))])
    space.put("voice", sample())
    with serving(space) as url, asking(space, url) as (client, _):
        assert len(ids(client, "voice")) == 1
        with pytest.raises(CredentialsError, match="Video scope"):
            ids(client, "video")
        assert len(ids(client, "voice")) == 1
        # The token was known to work for voice, so no extra request was needed to find out.
        assert space.requests.total == 3


@pytest.mark.parametrize("credentials", [(PROJECT, TOKEN), ("00000000-0000-0000-0000-000000000000", TOKEN)])
def test_wrong_credentials_are_distinguished_from_a_missing_scope(credentials):
    message = credentials_message(Space(), credentials=credentials)
    assert "the Project ID or the API token is wrong" in message
    assert "for both video and voice logs" in message
    assert "SIGNALWIRE_API_TOKEN" in message
    assert TOKEN not in message


def test_an_unclear_cause_names_both_possibilities():
    space = Space()
    space.faults.add("401 for /api/video")
    space.faults.add("500 for /api/voice")
    message = credentials_message(space)
    assert "either the Project ID or the API token is wrong, or the token lacks the Video scope" in message


def test_the_history_limit_names_the_first_day(space, space_url):
    space.limit_history(date(2025, 11, 21))
    with asking(space, space_url) as (client, _):
        with pytest.raises(HistoryLimitError, match="SignalWire keeps history since 2025-11-21") as raised:
            ids(client, created_on=date(2025, 11, 20))
        assert raised.value.history_from == date(2025, 11, 21)
        assert ids(client, created_on=date(2025, 11, 21)) == []


@pytest.mark.parametrize("message", ["The value exceeds the limit.", "exceeds the 2025-02-30 date limit", None])
def test_a_history_limit_without_a_date_is_recognised(space, message):
    text = "null" if message is None else f'"{message}"'
    problem = f'"type": "account_error", "code": "exceeds_history_logs_limit", "message": {text}'
    with answering(Reply(f'{{"errors": [{{{problem}}}]}}'.encode(), 422)) as server:
        error = refusal(space, server.url, HistoryLimitError, "for a limited time")
    assert error.history_from is None


def test_an_expired_page_token_is_recognised(space, space_url):
    for hour in range(3):
        space.put("voice", sample(created_at=f"2026-03-10T{hour:02}:00:00Z"))
    space.faults.add("expired-token on 2")
    with asking(space, space_url) as (client, _):
        pages = client.iter_pages("voice", page_size=1)
        assert [len(next(pages).rows), len(next(pages).rows)] == [1, 1]
        with pytest.raises(PageTokenError, match="again from the start"):
            next(pages)
        assert len(ids(client, page_size=1)) == 3


def test_a_rejection_quotes_the_message_of_signalwire(space, space_url):
    with asking(space, space_url) as (client, _):
        with pytest.raises(RequestRejectedError, match=r"\(422\): must be less than .* \[invalid_parameter\]"):
            ids(client, page_size=5000)
        space.faults.add("400")
        with pytest.raises(RequestRejectedError, match=r"\(400\): Bad Request"):
            ids(client)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"errors": "many"}', b'{"errors": [null]}', b"\xff", b"[" * 99_999, b'{"error": 5}'],
)
@pytest.mark.parametrize("status", [400, 402, 418, 422])
def test_a_rejection_with_any_body_raises_request_rejected(space, body, status):
    with answering(Reply(body, status)) as server:
        refusal(space, server.url, RequestRejectedError, rf"\({status}\)\.")


def test_a_quoted_message_is_short_printable_and_without_secrets(space):
    message_sent = f"token {space.credentials[1]} of +12065551212\\u0000\\n\\u202e " + "x" * 5000
    with answering(Reply(f'{{"error": "{message_sent}"}}'.encode(), 400)) as server:
        message = str(refusal(space, server.url, RequestRejectedError))
    assert space.credentials[1] not in message
    assert "2065551212" not in message
    assert message.isprintable()
    assert len(message) < 500


def test_a_missing_list_points_to_the_space_name(space):
    with answering(Reply(b'{"error": "Not Found"}', 404)) as server:
        refusal(space, server.url, RequestRejectedError, r"no list of voice logs .* Check the name of the space")


@pytest.mark.parametrize("address", ["http://example.signalwire.com", "https://example.com/path", "ftp://x", ""])
def test_credentials_are_not_sent_to_an_invalid_address(address):
    with pytest.raises(CredentialsError, match="address of the SignalWire space"):
        SignalWireClient(Credentials(address, PROJECT, TOKEN))


def test_no_error_or_repr_contains_the_token(space, space_url):
    space.put("voice", sample())
    secrets = (space.credentials[1], b64encode(":".join(space.credentials).encode()).decode())
    credentials = Credentials(space_url, *space.credentials)
    client = SignalWireClient(credentials, retries=RetryPolicy(attempts=1))
    shown = [repr(credentials), repr(client), str(client)]
    for fault in ("429", "500", "503", "400", "401", "403", "cut", "reset", "garbage", "foreign-next"):
        space.faults.clear()
        space.faults.add(fault)
        with pytest.raises(SignalWireError) as raised:
            ids(client)
        error = raised.value
        assert error.__suppress_context__ or error.__context__ is None
        shown += [str(error), repr(error), repr(pickle.loads(pickle.dumps(error)).args)]
    for text in shown:
        assert not any(secret in text for secret in secrets)
        assert not re.search(r"Basic \S{8}", text)
