"""Answers to what any page may run into."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.filters import FilterError
from dashboard.frame import removable


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
