"""Keyset pagination: a token is a position in the list, so inserted or removed rows never shift a page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit
from zlib import crc32

import msgspec

from logsync.simulator.rows import Position

OLDER, NEWER = "PA", "PB"


class InvalidTokenError(ValueError):
    """The token was not issued by this simulator."""


@dataclass(frozen=True)
class Cursor:
    """Continue after a position (exclusive), towards older or newer rows."""

    position: Position
    newer: bool = False


def token_of(cursor: Cursor) -> str:
    text = f"{cursor.position.created_us}:{cursor.position.id}".encode()
    encoded = urlsafe_b64encode(crc32(text).to_bytes(4) + text).decode().rstrip("=")
    return (NEWER if cursor.newer else OLDER) + encoded


def read_token(token: str) -> Cursor:
    """The cursor of a token. Raises InvalidTokenError."""
    direction, encoded = token[:2], token[2:]
    try:
        content = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        created, _, log_id = content[4:].decode().partition(":")
        position = Position(int(created), log_id)
    except ValueError as error:
        raise InvalidTokenError(token) from error
    if direction not in {OLDER, NEWER} or crc32(content[4:]).to_bytes(4) != content[:4]:
        raise InvalidTokenError(token)
    return Cursor(position, newer=direction == NEWER)


@dataclass(frozen=True)
class LinkMaker:
    """Makes the links of one listing: the filters stay, the position changes."""

    base: str  # scheme and host, or "" for relative links
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
    """One page of a listing. `start` is where it begins: a link to it gives the same rows again."""

    rows: tuple[bytes, ...]
    self_link: str
    first_link: str
    next_link: str | None
    prev_link: str | None
    start: Cursor
    page_number: int
    links: LinkMaker

    def body(self) -> bytes:
        links = {"self": self.self_link, "first": self.first_link, "next": self.next_link, "prev": self.prev_link}
        encoded = msgspec.json.encode({name: link for name, link in links.items() if link is not None})
        return b"".join((b'{"links":', encoded, b',"data":[', b",".join(self.rows), b"]}"))


PageEdit = Callable[[Page], Page]


def without_rows(page: Page) -> Page:
    """No rows, but a `next` link to them."""
    return replace(page, rows=(), next_link=page.links.link(page.page_number + 1, page.start))


def with_repeated_next(page: Page) -> Page:
    """Its `next` links to the page itself: a client that does not check loops forever."""
    return replace(page, next_link=page.self_link)


def with_foreign_next(page: Page, base_url: str) -> Page:
    """Its `next` is on another host."""
    parts, base = urlsplit(page.next_link or page.self_link), urlsplit(base_url)
    return replace(page, next_link=parts._replace(scheme=base.scheme, netloc=base.netloc).geturl())
