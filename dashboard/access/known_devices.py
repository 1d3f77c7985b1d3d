"""Browsers in which a person has signed in before. They keep access to an account while strangers are blocked.

After OWASP's "Slow Down Online Guessing Attacks with Device Cookies": the cookie proves an earlier sign-in, opens
nothing by itself, and its bearer has a limit of their own.
"""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

YEAR_SECONDS = 365 * 24 * 3600
# In request.META: the primary key of the user who has signed in by this request.
SIGNED_IN = "tollbook.signed_in"


def known_device(request: HttpRequest, user_pk: int) -> str | None:
    """The id of this browser if this user has signed in with it within a year."""
    try:
        return _signer(user_pk).unsign(request.COOKIES.get(_cookie(user_pk), ""), max_age=YEAR_SECONDS)
    except BadSignature:
        return None


class KnownDeviceMiddleware:
    """Remembers the browser after a successful sign-in, whichever form it came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if user_pk := request.META.get(SIGNED_IN):
            _remember(request, response, user_pk)
        return response


def _remember(request: HttpRequest, response: HttpResponse, user_pk: int) -> None:
    device = known_device(request, user_pk) or secrets.token_hex(8)
    response.set_cookie(
        _cookie(user_pk),
        _signer(user_pk).sign(device),
        max_age=YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _cookie(user_pk: int) -> str:
    return f"device_{user_pk}"


def _signer(user_pk: int) -> TimestampSigner:
    return TimestampSigner(salt=f"known device of user {user_pk}")
