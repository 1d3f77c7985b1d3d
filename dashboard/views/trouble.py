"""Pages for what went wrong behind every page."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error

from logsync.database import trouble_in_words

SERVICE_UNAVAILABLE = 503
SECONDS_TO_WAIT = "30"


def something_wrong(request: HttpRequest) -> HttpResponse:
    """Django's handler of whatever a page or a middleware raised: 503 while the database is away, else 500."""
    words = trouble_in_words(sys.exception())
    if not words:
        return server_error(request)
    page = render(request, "503.html", {"words": words}, status=SERVICE_UNAVAILABLE)
    page["Retry-After"] = SECONDS_TO_WAIT
    return page
