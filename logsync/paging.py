"""Where the next page of a list is. No Django."""

from collections.abc import Set as AbstractSet

import httpx

from logsync.exceptions import UnsafeLinkError

MAX_SHOWN = 80
REPORT = "Tollbook reads this list again later; should it stay so, ask SignalWire's support."


def address(url: httpx.URL) -> str:
    """What is asked for, by which a page that was read before is known."""
    return str(url.copy_with(fragment=None))


def next_url(link: str, current: httpx.URL, asked: AbstractSet[str], most_pages: int) -> httpx.URL:
    """The link of a page as it stands, absolute or relative to that page.

    Raises UnsafeLinkError for another scheme, host or port, which must never receive the credentials, and when the
    list would never end: an address among those already `asked`, or more than `most_pages`.
    """
    try:
        url = current.join(link)
    except (httpx.InvalidURL, ValueError):
        raise UnsafeLinkError(f"SignalWire's link to the next page is no address. {REPORT}") from None
    if _origin(url) != _origin(current) or url.userinfo:
        raise UnsafeLinkError(
            f"SignalWire's link to the next page leads away from {current.host}, to {_shown(url)}. Nothing was sent"
            f" there. {REPORT}"
        )
    if address(url) in asked:
        raise UnsafeLinkError(f"SignalWire's links lead in a circle: the next page is one already read. {REPORT}")
    if len(asked) >= most_pages:
        raise UnsafeLinkError(f"SignalWire's links do not end after {most_pages:,} pages. {REPORT}")
    return url


def check_goes_on(empty: int, most_empty: int) -> None:
    """Raises UnsafeLinkError after too many pages in a row without a log: links that differ may lead nowhere, too."""
    if empty > most_empty:
        raise UnsafeLinkError(f"SignalWire's list goes on without a log for more than {most_empty} pages. {REPORT}")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    # httpx leaves the scheme's own port out, so https://space and https://space:443 are one.
    return url.scheme, url.host, url.port


def _shown(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}"[:MAX_SHOWN]
