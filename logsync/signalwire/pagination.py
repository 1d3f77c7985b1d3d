"""The link to the next page of a list, checked before it is followed, and what to do when it has expired."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import TypeVar

import httpx

from logsync.exceptions import PageTokenError, UnsafeLinkError

Value = TypeVar("Value")
MAX_QUOTED = 80
# How often to start a list from its first page when a page token expires.
MAX_STARTS = 3
ADVICE = "Tollbook will retry later. If this persists, contact SignalWire support."


def canonical_url(url: httpx.URL) -> str:
    """The URL without its fragment, to recognise a page that was read already."""
    return str(url.copy_with(fragment=None))


def next_url(link: str, current: httpx.URL, visited: AbstractSet[str], max_pages: int) -> httpx.URL:
    """The link as an absolute URL; `current` is the page that holds it.

    Raises UnsafeLinkError for another scheme, host or port, which must not receive the credentials, and for a list
    that may never end: a URL in `visited`, or more than `max_pages` pages.
    """
    try:
        url = current.join(link)
    except (httpx.InvalidURL, ValueError):
        raise UnsafeLinkError(f"SignalWire's link to the next page is not a valid URL. {ADVICE}") from None
    if _origin(url) != _origin(current) or url.userinfo:
        raise UnsafeLinkError(
            f"SignalWire's link to the next page leads away from {current.host}, to {_quoted_origin(url)};"
            f" it was not followed. {ADVICE}"
        )
    if canonical_url(url) in visited:
        raise UnsafeLinkError(f"SignalWire's page links form a loop: the next page was already read. {ADVICE}")
    if len(visited) >= max_pages:
        raise UnsafeLinkError(f"SignalWire's list did not end after {max_pages:,} pages. {ADVICE}")
    return url


def check_empty_pages(empty_pages: int, max_empty_pages: int) -> None:
    """Raises UnsafeLinkError after too many empty pages in a row: their links may differ each time and never end."""
    if empty_pages > max_empty_pages:
        raise UnsafeLinkError(f"SignalWire sent more than {max_empty_pages} empty pages in a row. {ADVICE}")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    # httpx drops the default port, so https://space and https://space:443 are equal.
    return url.scheme, url.host, url.port


def _quoted_origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}"[:MAX_QUOTED]


def restarting(read: Callable[[], Value]) -> Value:
    """What `read` returns, which reads a list from its first page; called again when a page token has expired."""
    for _ in range(MAX_STARTS - 1):
        with suppress(PageTokenError):
            return read()
    return read()
