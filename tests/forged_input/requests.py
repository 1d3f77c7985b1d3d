"""Requests as a client may write them byte by byte, and what Tollbook may answer."""

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from django.db import transaction

FORM = "application/x-www-form-urlencoded"
MAX_SHOWN = 60
LOGINS = ("/accounts/login/?", "/admin/login/?")


@dataclass(frozen=True)
class Answer:
    """`asked` names the request, and `failure` the exception behind a server error."""

    asked: str
    status: int
    location: str
    content: bytes
    failure: object

    @property
    def is_login(self) -> bool:
        return self.status == 302 and self.location.startswith(LOGINS)


def ask(client, path, query="", *, body=None, content_type=FORM) -> Answer:
    """The answer to a GET, or to a POST of a body, without its effects. Neither path nor query need be valid."""
    method = "GET" if body is None else "POST"
    # What a WSGI server makes of the bytes of an address.
    environ = {"PATH_INFO": unquote_to_bytes(path).decode("latin1"), "QUERY_STRING": query}
    with transaction.atomic():
        response = client.generic(method, "/", (body or "").encode(), content_type, **environ)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    asked = f"{method} {path[:MAX_SHOWN]}?{query[:MAX_SHOWN]} {(body or '')[:MAX_SHOWN]}"
    return Answer(asked, response.status_code, response.headers.get("Location", ""), content, response.exc_info)


def assert_answered(answer: Answer) -> None:
    """A page, a redirect, or a refusal in words; never a server error."""
    assert answer.status < 500, f"{answer.asked}: {answer.failure}"
    assert b"Traceback" not in answer.content, answer.asked
    assert answer.status != 400 or answer.content.strip(), f"{answer.asked}: refused without a word"
