"""Request ids, sign-in, caching, and the page for an invalid filter."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import DisallowedRedirect
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from structlog.contextvars import bind_contextvars, clear_contextvars

from dashboard.filters.values import FilterError
from dashboard.pages.context_bar import reset_links
from dashboard.pages.own_pages import page_of_form
from dashboard.queries.planner import explaining

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIdMiddleware:
    """Takes the request id from X-Request-ID or makes one; it is on every log line and on the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        header = request.headers.get("X-Request-ID", "")
        request_id = header if REQUEST_ID.fullmatch(header) else uuid4().hex
        clear_contextvars()  # here, not at the end: Django logs a rejected request after all middleware
        bind_contextvars(request=request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class NoStoreMiddleware:
    """Keeps every response out of every cache, unless its view says otherwise. Static files are answered before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response


class AnsweredByMiddleware:
    """For developers, with DEBUG: the header X-Answered-By says whether rollup, copy or database answered, and why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with explaining() as notes:
            response = self.get_response(request)
        response.headers["X-Answered-By"] = "; ".join(notes)
        return response


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """The sign-in then opens the requested page. A form that was sent after its session had ended cannot be repeated
    by a link, so its page is opened instead.
    """

    def handle_no_permission(
        self, request: HttpRequest, _view: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        page = request.get_full_path() if request.method in {"GET", "HEAD"} else page_of_form(request) or "/"
        try:
            return redirect_to_login(page)
        except DisallowedRedirect:  # the filter is too long to be carried along
            return redirect_to_login(request.path)


class FilterErrorMiddleware:
    """Answers an invalid query string with 400, the name of the parameter, and links that remove it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, FilterError):
            return None
        links = reset_links(request.path, request.GET.urlencode(), exception.parameter)
        return render(request, "pages/filter_error.html", {"error": exception, "links": links}, status=400)
