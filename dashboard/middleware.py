"""Answers to what any page may run into."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from structlog.contextvars import bind_contextvars, clear_contextvars

from dashboard.filters import FilterError
from dashboard.frame import removable

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIdMiddleware:
    """Gives each request an id, or keeps the one that a proxy gave it: every line logged meanwhile carries it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        clear_contextvars()  # and not at the end: Django tells of a refused request after all middleware
        bind_contextvars(request=request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class FilterErrorMiddleware:
    """A query string that cannot be read is answered with 400, the name of the parameter, and the way out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, FilterError):
            return None
        ways_out = removable(request.path, request.META["QUERY_STRING"], exception.parameter)
        return render(request, "filter_error.html", {"error": exception, "ways_out": ways_out}, status=400)
