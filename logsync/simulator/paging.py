"""Keyset paging: a token is a place in the list, so rows that come or go never shift a page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit
from zlib import crc32

import msgspec

from logsync.simulator.rows import Position

OLDER, NEWER = "PA", "PB"


class InvalidTokenError(ValueError):
    """The token was not made here."""


@dataclass(frozen=True)
class Cursor:
    """Go on from a position (itself not included), towards older or newer rows."""

    position: Position
    newer: bool = False


def token_of(cursor: Cursor) -> str:
    text = f"{cursor.position.created_us}:{cursor.position.id}".encode()
    packed = urlsafe_b64encode(crc32(text).to_bytes(4) + text).decode().rstrip("=")
    return (NEWER if cursor.newer else OLDER) + packed


def read_token(token: str) -> Cursor:
    """The cursor of a token. Raises InvalidTokenError."""
    direction, packed = token[:2], token[2:]
    try:
        content = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        created, _, log_id = content[4:].decode().partition(":")
        position = Position(int(created), log_id)
    except ValueError as error:
        raise InvalidTokenError(token) from error
    if direction not in {OLDER, NEWER} or crc32(content[4:]).to_bytes(4) != content[:4]:
        raise InvalidTokenError(token)
    return Cursor(position, newer=direction == NEWER)


@dataclass(frozen=True)
class LinkMaker:
    """Addresses of pages of one listing: the same filters, another place."""

    base: str  # scheme and host in front of the path, or nothing for relative links
    path: str
    filters: tuple[tuple[str, str], ...]
    page_size: int

    def link(self, page_number: int, cursor: Cursor | None) -> str:
        query = [*self.filters, ("page_number", str(page_number)), ("page_size", str(self.page_size))]
        if cursor:
            query.append(("page_token", token_of(cursor)))
        return f"{self.base}{self.path}?{urlencode(query)}"


@dataclass(frozen=True)
class Page:
    """One answer of a listing. `start` is where it begins: a link to it gives the same rows again."""

    rows: tuple[bytes, ...]
    self_link: str
    first_link: str
    next_link: str | None
    prev_link: str | None
    start: Cursor
    page_number: int
    links: LinkMaker

    def body(self) -> bytes:
        links = {
            "self": self.self_link,
            "first": self.first_link,
            "next": self.next_link,
            "prev": self.prev_link,
        }
        there = msgspec.json.encode({name: link for name, link in links.items() if link is not None})
        return b"".join((b'{"links":', there, b',"data":[', b",".join(self.rows), b"]}"))


PageEdit = Callable[[Page], Page]


def emptied(page: Page) -> Page:
    """No rows, but a `next` that leads to them."""
    return replace(page, rows=(), next_link=page.links.link(page.page_number + 1, page.start))


def repeating(page: Page) -> Page:
    """Its `next` is itself: whoever follows without looking never ends."""
    return replace(page, next_link=page.self_link)


def astray(page: Page, base_url: str) -> Page:
    """Its `next` is on another host."""
    return replace(page, next_link=_on_host(page.next_link or page.self_link, base_url))


def _on_host(link: str, base_url: str) -> str:
    parts, base = urlsplit(link), urlsplit(base_url)
    return parts._replace(scheme=base.scheme, netloc=base.netloc).geturl()
