"""Signing in and out, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in
from tests.services.chromium import launched

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FIGURE = "$2.49"


def open_menu(page):
    page.locator("details.menu summary[title=clerk]").click()


@pytest.mark.parametrize("button", ["Sign out", "Sign out on all devices"])
def test_back_shows_no_figures_after_signing_out(browser, live_server, clerk, calls, button):
    with launched(browser.browser_type, back_forward_cache=True) as usual:
        page = usual.new_page(base_url=live_server.url)
        sign_in(page, "/?period=last-14-days")
        expect(page.locator(".hero-number")).to_have_text(FIGURE)
        page.goto("/logs/?period=last-14-days")
        open_menu(page)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page).to_have_url(re.compile(r"/accounts/login/$"))
        for _ in range(2):
            page.go_back()
            expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
            expect(page.get_by_text(FIGURE)).to_have_count(0)


def test_signing_out_on_all_devices_ends_the_session_of_another_browser(browser, live_server, clerk, calls, page):
    with browser.new_context(base_url=live_server.url) as elsewhere:
        other = elsewhere.new_page()
        sign_in(other, "/?period=last-14-days")
        expect(other.locator(".hero-number")).to_have_text(FIGURE)
        sign_in(page)
        open_menu(page)
        page.get_by_role("button", name="Sign out on all devices").click()
        expect(page.get_by_text("You are signed out on all devices.")).to_be_visible()
        other.get_by_role("link", name="Logs", exact=True).click()
        expect(other).to_have_url(re.compile(r"/accounts/login/\?next=/logs/"))


def test_wrong_passwords_end_in_a_page_that_says_when_to_try_again(page, clerk, calls):
    page.goto("/logs/?type=laml_call&type=relay_pstn_call")
    for _ in range(5):
        page.get_by_label("User name").fill("clerk")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading")).to_have_text("Too many attempts")
    expect(page.get_by_role("alert")).to_contain_text("Try again in 1 minute")
    page.get_by_role("link", name="Try again").click()
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=.*laml_call.*relay_pstn_call"))


def test_a_person_who_has_signed_in_before_gets_in_while_others_guess(page, browser, live_server, clerk, calls):
    sign_in(page)
    open_menu(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page).to_have_url(re.compile(r"/accounts/login/$"))
    with browser.new_context(base_url=live_server.url) as elsewhere:
        attacker = elsewhere.new_page()
        attacker.goto("/accounts/login/")
        while attacker.get_by_role("heading", name="Sign in").count():
            attacker.get_by_label("User name").fill("clerk")
            attacker.get_by_label("Password").fill("wrong")
            attacker.get_by_role("button", name="Sign in").click()
        expect(attacker.get_by_role("heading")).to_have_text("Too many attempts")
    sign_in(page, "/logs/?period=last-14-days")
    expect(page).to_have_url(re.compile(r"/logs/\?period=last-14-days$"))
