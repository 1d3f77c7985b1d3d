"""Hostile text in every field of a log, in a real browser: no script runs, and the layout holds."""

import pytest
from playwright.sync_api import expect

from dashboard.pages.log_urls import log_url
from tests.hostile.content import TEXTS, id_of, store_hostile_logs
from tests.support.pages import person

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HARD_ADDRESSES = ("dots", "one dot", "way up", "slashes", "address", "percent", "line feed", "blanks", "override")


@pytest.fixture
def at_hostile_logs(page, transactional_db, client, live_server):
    store_hostile_logs()
    client.force_login(person())
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
    yield page
    assert page.complaints == []


def test_no_page_runs_anything_or_grows_wider_than_the_screen(at_hostile_logs):
    page = at_hostile_logs
    pages = ["/?period=all", "/?period=all&group_by=status", "/logs/?period=all&page_size=100", "/sync/", "/views/"]
    pages += [
        "/sync/changes/?kind=all&page_size=100",
        *(log_url("voice", TEXTS[name]) for name in ("markup", "dots")),
    ]
    pages += [log_url("video", id_of(TEXTS["long"])), log_url("voice", id_of(TEXTS["wide"]))]
    for path in pages:
        page.goto(path)
        page.wait_for_load_state()
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_every_log_opens_from_its_row_or_its_address(at_hostile_logs):
    page = at_hostile_logs
    for name in HARD_ADDRESSES:
        page.goto(log_url("voice", TEXTS[name]))
        expect(page.locator(".hero-number")).to_have_text("$2.00")
    page.goto("/sync/changes/?kind=all&medium=voice&id=..")
    page.locator("tbody .row-link").click()
    expect(page.locator(".hero-number")).to_have_text("$2.00")
