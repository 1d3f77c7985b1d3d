"""Addresses of this site that a redirect may lead to."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import MAX_URL_REDIRECT_LENGTH, url_has_allowed_host_and_scheme


def own_page(request: HttpRequest, url: str) -> str:
    """The URL if it leads to this site, else an empty text.

    Only what stands before the query string decides about the host. Django's check would also refuse every URL of more
    than 2048 characters, which filters reach.
    """
    before_query = url.partition("?")[0]
    is_own = url_has_allowed_host_and_scheme(before_query, {request.get_host()}, require_https=request.is_secure())
    return url if is_own and len(url) <= MAX_URL_REDIRECT_LENGTH else ""


def page_of_form(request: HttpRequest) -> str:
    """The path and query of the page of this site that sent the form, else an empty text."""
    url = own_page(request, request.headers.get("Referer", ""))
    return urlsplit(url)._replace(scheme="", netloc="").geturl() if url else ""
