"""The endpoints of the API: a request and the stored rows give a response."""

import re
from dataclasses import dataclass, field, replace
from itertools import islice

from logsync.simulator.api.credentials import Project, authenticated, check_scope
from logsync.simulator.api.errors import ApiError, plain
from logsync.simulator.api.http import Request, Response, json_response
from logsync.simulator.api.listing import MAX_PAGE_SIZE, DateRules, Listing, read_listing
from logsync.simulator.api.pagination import Cursor, LinkMaker, Page, PageEdit, without_rows
from logsync.simulator.row_store import RowStore
from logsync.simulator.rows import NEWEST, Position, Row
from logsync.simulator.shapes import VIDEO
from logsync.simulator.traffic.calls import events_of

ROUTE = re.compile(r"/api/(voice|video)/logs(?:/([^/]+))?(/events)?/?")


@dataclass(frozen=True)
class Behaviour:
    """Ways in which real spaces may differ.

    `relative_links`: links have no scheme and host. `empty_pages`: every second page is empty but has a `next`.
    `largest_page`: the most rows on a page, whatever page_size the client requests.
    """

    dates: DateRules = field(default_factory=DateRules)
    relative_links: bool = False
    empty_pages: bool = False
    largest_page: int = MAX_PAGE_SIZE


@dataclass(frozen=True)
class Endpoints:
    projects: dict[str, Project]
    row_stores: dict[str, RowStore]
    behaviour: Behaviour

    def answer(self, request: Request, now_us: int, edit: PageEdit | None = None) -> Response:
        """Never raises ApiError. `edit` changes the page of a list request before it is sent."""
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
        store = self.row_stores[project.id]
        if log_id is None:
            page = self._page(request, store, medium, now_us)
            return Response(200, (edit(page) if edit else page).body())
        row = store.find(medium, log_id, now_us)
        if row is None or (events and medium == VIDEO):
            return plain(404)
        if events:
            listed = [] if row.call is None or row.deleted_us <= now_us else events_of(row.call, project.id, now_us)
            return json_response(200, {"data": listed})
        return Response(200, row.body(now_us))

    def _page(self, request: Request, store: RowStore, medium: str, now_us: int) -> Page:
        listing = read_listing(medium, request.query, self.behaviour.dates)
        listing = replace(listing, page_size=min(listing.page_size, self.behaviour.largest_page))
        rows, more = _rows(store, medium, listing, now_us)
        if self.behaviour.empty_pages:
            more = bool(rows)  # even the last page has a next link
        base = "" if self.behaviour.relative_links else f"http://{request.headers.get('host', 'localhost')}"
        links = LinkMaker(base, request.path, listing.filters, listing.page_size)
        page = _build_page(rows, listing, links, now_us, more=more)
        return without_rows(page) if self.behaviour.empty_pages and listing.page_number % 2 and rows else page


def _rows(store: RowStore, medium: str, listing: Listing, now_us: int) -> tuple[list[Row], bool]:
    """The rows of a page, newest first, and whether more rows follow in the direction of the cursor."""
    cursor = listing.cursor or Cursor(NEWEST)
    if cursor.newer:
        above = max(cursor.position, Position(listing.start_us, ""))
        matching = store.newer(medium, above, listing.end_us, now_us)
    else:
        below = min(cursor.position, Position(listing.end_us, ""))
        matching = store.older(medium, below, listing.start_us, now_us)
    if not listing.include_deleted:
        matching = (row for row in matching if row.deleted_us > now_us)
    rows = list(islice(matching, listing.page_size + 1))
    more = len(rows) > listing.page_size
    del rows[listing.page_size :]
    return rows[::-1] if cursor.newer else rows, more


def _build_page(rows: list[Row], listing: Listing, links: LinkMaker, now_us: int, *, more: bool) -> Page:
    number, cursor = listing.page_number, listing.cursor
    # A client going backwards came from an older page, so there always is a next one.
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
