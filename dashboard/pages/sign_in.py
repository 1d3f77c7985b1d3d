"""Signing in and out, and the answer to too many failed attempts."""

import math
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from dashboard.access.attempts import blocked_until
from dashboard.access.sessions import end_sessions
from dashboard.pages.own_pages import own_page

TOO_MANY_REQUESTS = 429
# What the browser has kept of this site. Not its cookies: these include preferences and the known device.
CLEARED = '"cache"'


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """Django's login page. An htmx request that ends up here, after the session expired, reloads the whole page."""

    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """The page that was requested before the sign-in. Empty for other sites, and for the sign-in itself."""
        request = request or self.request
        url = _requested_page(request)
        return "" if url.partition("?")[0] == request.path else url


class SignOut(LogoutView):
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = CLEARED
        return response


@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Ends every session of this user, the present one too."""
    if request.user.is_authenticated:
        end_sessions(request.user)
    logout(request)
    messages.success(request, "You are signed out on all devices.")
    response = redirect("login")
    response.headers["Clear-Site-Data"] = CLEARED
    return response


def too_many_attempts(
    request: HttpRequest, _refused: HttpResponseBase | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """In place of any form that checked a password: the site's sign-in, the admin's, the change of a password."""
    now = timezone.now()
    until = blocked_until(request, credentials) or now
    seconds = max(1, math.ceil((until - now).total_seconds()))
    context = {"until": until, "minutes": math.ceil(seconds / 60), "form_url": _url_of_form(request)}
    page = render(request, "registration/too_many_attempts.html", context, status=TOO_MANY_REQUESTS)
    page.headers["Retry-After"] = str(seconds)
    return page


def _url_of_form(request: HttpRequest) -> str:
    url = _requested_page(request)
    return f"{request.path}?{urlencode({'next': url})}" if url else request.path


def _requested_page(request: HttpRequest) -> str:
    return own_page(request, request.POST.get("next") or request.GET.get("next", ""))
