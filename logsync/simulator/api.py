"""The endpoints: from a request and the rows to a response."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from logsync.simulator.calls import events_of
from logsync.simulator.errors import ApiError, plain
from logsync.simulator.ledger import Ledger
from logsync.simulator.listing import MAX_PAGE_SIZE, DateRules, Listing, read_listing
from logsync.simulator.messages import Request, Response, json_response
from logsync.simulator.paging import Cursor, LinkMaker, Page, PageEdit, emptied
from logsync.simulator.projects import Project, authenticated, check_scope
from logsync.simulator.rows import NEWEST, Position, Row
from logsync.simulator.shapes import VIDEO

ROUTE = re.compile(r"/api/(voice|video)/logs(?:/([^/]+))?(/events)?/?")


@dataclass(frozen=True)
class Behaviour:
    """Ways in which real spaces may differ.

    `relative_links`: links without scheme and host. `empty_pages`: every second page is empty, yet has a `next`.
    `largest_page`: no page has more rows, however many are asked for.
    """

    dates: DateRules = field(default_factory=DateRules)
    relative_links: bool = False
    empty_pages: bool = False
    largest_page: int = MAX_PAGE_SIZE


@dataclass(frozen=True)
class Api:
    projects: dict[str, Project]
    ledgers: dict[str, Ledger]
    behaviour: Behaviour

    def answer(self, request: Request, now_us: int, edit: PageEdit | None = None) -> Response:
        """Any outcome is a response. `edit` changes the page of a list request before it is sent."""
        try:
            return self._answer(request, now_us, edit)
        except ApiError as error:
            return error.response

    def _answer(self, request: Request, now_us: int, edit: PageEdit | None) -> Response:
        project = authenticated(self.projects, request.headers.get("authorization", ""))
        match = ROUTE.fullmatch(request.path)
        if not match or request.method != "GET":
            return plain(404)
        medium, log_id, events = match.groups()
        check_scope(project, medium)
        if log_id is None:
            page = self._page(request, self.ledgers[project.id], medium, now_us)
            return Response(200, (edit(page) if edit else page).body())
        row = self.ledgers[project.id].find(medium, log_id, now_us)
        if row is None or (events and medium == VIDEO):
            return plain(404)
        if events:
            return json_response(200, {"data": _events(row, project.id, now_us)})
        return Response(200, row.body(now_us))

    def _page(self, request: Request, ledger: Ledger, medium: str, now_us: int) -> Page:
        asked = read_listing(medium, request.query, self.behaviour.dates)
        listing = replace(asked, page_size=min(asked.page_size, self.behaviour.largest_page))
        rows, more = _rows(ledger, medium, listing, now_us)
        if self.behaviour.empty_pages:
            more = bool(rows)  # the last page, too, names a next one: whether more follows is not looked up
        base = "" if self.behaviour.relative_links else f"http://{request.headers.get('host', 'localhost')}"
        links = LinkMaker(base, request.path, listing.filters, listing.page_size)
        page = _assembled(rows, listing, links, now_us, more=more)
        return emptied(page) if self.behaviour.empty_pages and listing.page_number % 2 and rows else page


def _rows(ledger: Ledger, medium: str, listing: Listing, now_us: int) -> tuple[list[Row], bool]:
    """The rows of a page, newest first, and whether more follow in the direction of the cursor."""
    cursor = listing.cursor or Cursor(NEWEST)
    if cursor.newer:
        above = max(cursor.position, Position(listing.start_us, ""))
        found = ledger.newer(medium, above, listing.end_us, now_us)
    else:
        below = min(cursor.position, Position(listing.end_us, ""))
        found = ledger.older(medium, below, listing.start_us, now_us)
    if not listing.include_deleted:
        found = _undeleted(found, now_us)
    rows = list(islice(found, listing.page_size + 1))
    more = len(rows) > listing.page_size
    del rows[listing.page_size :]
    return rows[::-1] if cursor.newer else rows, more


def _undeleted(rows: Iterator[Row], now_us: int) -> Iterator[Row]:
    return (row for row in rows if row.deleted_us > now_us)


def _assembled(rows: list[Row], listing: Listing, links: LinkMaker, now_us: int, *, more: bool) -> Page:
    """Backwards there is always an older page: the one the link came from."""
    number, cursor = listing.page_number, listing.cursor
    backwards = cursor is not None and cursor.newer
    has_next, has_prev = (bool(rows), more) if backwards else (more, cursor is not None)
    last = Cursor(rows[-1].position) if rows else None
    first = Cursor(rows[0].position, newer=True) if rows else None
    return Page(
        rows=tuple([row.body(now_us) for row in rows]),
        self_link=links.link(number, cursor),
        first_link=links.link(0, None),
        next_link=links.link(number + 1, last) if has_next and last else None,
        prev_link=links.link(max(number - 1, 0), first) if has_prev and first else None,
        start=cursor or Cursor(NEWEST),
        page_number=number,
        links=links,
    )


def _events(row: Row, project_id: str, now_us: int) -> list[object]:
    if row.call is None or row.deleted_us <= now_us:
        return []
    return list(events_of(row.call, project_id, now_us))
