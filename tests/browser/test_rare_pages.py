"""Axe's rules on the pages that one hopes not to see, and in the admin."""

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from playwright.sync_api import expect

from dashboard.access.limits import SOURCE
from dashboard.pages.errors import server_error_page
from tests.browser.axe import findings, findings_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ADMIN = (
    "/admin/",
    "/admin/login/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/logsync/project/",
    "/admin/logsync/project/add/",
    "/admin/logsync/pullunit/",
    "/admin/dashboard/savedview/",
    "/admin/dashboard/savedview/add/",
)


def test_sign_in_is_blocked(page, clerk, live_server, theme):
    page.goto("/accounts/login/")
    for _ in range(SOURCE.free):
        page.get_by_label("User name").fill("clerk")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
    expect(page.get_by_text("Too many")).to_be_visible()
    assert findings(page) == {}


def test_a_form_from_elsewhere(signed_in, live_server, theme):
    signed_in.set_content(f'<form action="{live_server.url}/views/new/" method="post"><button>Send</button></form>')
    signed_in.get_by_role("button").click()
    expect(signed_in.get_by_role("heading", level=1)).to_be_visible()
    assert findings(signed_in) == {}


@pytest.mark.parametrize("error", [ValueError("a bug"), OperationalError("database is locked")], ids=["500", "503"])
def test_a_server_error(signed_in, theme, error):
    def answer(route):
        try:
            raise error
        except type(error):
            response = server_error_page(RequestFactory().get("/"))
        route.fulfill(status=response.status_code, body=response.content, content_type="text/html")

    signed_in.route("**/sync/", answer)
    signed_in.goto("/sync/")
    expect(signed_in.get_by_role("heading", level=1)).to_be_visible()
    assert findings(signed_in) == {}


def test_the_admin(full, theme):
    # Django's own markup: the first column of its inline forms has no header.
    assert findings_of(full, ADMIN, {"empty-table-header": {"enabled": False}}) == {}
