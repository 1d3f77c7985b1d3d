"""The error pages that say what to do."""

import sys

from django.conf import settings
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.views.defaults import server_error

from logsync.database import outage_message

BAD_REQUEST = 400
SERVICE_UNAVAILABLE = 503
RETRY_AFTER_SECONDS = "30"


# What was wrong with a request that Django itself refuses. The texts of its own errors are for developers.
MESSAGES: dict[type[Exception], str] = {
    TooManyFieldsSent: "It has more than {0.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} parameters or fields. Send fewer.",
    TooManyFilesSent: "It has more than {0.DATA_UPLOAD_MAX_NUMBER_FILES:,} files. Send fewer.",
    RequestDataTooBig: "It is larger than {0.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes. Send less.",
    MultiPartParserError: "Its form cannot be read. Open the page again, and send the form from there.",
    DisallowedModelAdminLookup: "This list cannot be filtered by that field. Remove it from the address.",
}


def bad_request_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400. The text of a BadRequest is ours."""
    if isinstance(exception, DisallowedHost):
        return render(request, "400_host.html", status=BAD_REQUEST)
    own = str(exception) if isinstance(exception, BadRequest) else ""
    message = own or MESSAGES.get(type(exception), "").format(settings)
    return render(request, "400.html", {"message": message}, status=BAD_REQUEST)


def server_error_page(request: HttpRequest) -> HttpResponse:
    """Django's handler500: 503 while the database is unavailable, else 500."""
    message = outage_message(sys.exception())
    if not message:
        return server_error(request)
    page = render(request, "503.html", {"message": message}, status=SERVICE_UNAVAILABLE)
    page["Retry-After"] = RETRY_AFTER_SECONDS
    return page
