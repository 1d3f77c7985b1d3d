"""Axe's rules on every page in both themes and on phones, the keyboard's ways, and tables that fit a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import findings, findings_of

LOGS = "/logs/?period=all&page_size=12"
# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PAGES = (
    "/",
    "/?period=all&group_by=direction",
    "/?period=last-365-days",
    "/days/?period=last-365-days",
    "/?period=all&number=none",
    LOGS,
    "/logs/?min_charge=much",
    "/logs/voice/call-011/",
    "/logs/voice/call-010/",
    "/logs/voice/none/",
    "/sync/",
    "/sync/changes/",
    "/projects/add/",
    "/views/",
    "/views/new/",
    "/views/dear-calls/",
    "/views/dear-calls/delete/",
    "/accounts/password_change/",
    "/accounts/password_change/done/",
    "/no-such-page/",
)
PUBLIC_PAGES = ("/accounts/login/", "/accounts/login/?next=/sync/")
# Axe measures a checkbox without its label, which belongs to the target: test_every_target_has_24_pixels measures both.
LABELLED_TARGETS = {"target-size": {"enabled": False}}


def test_axe_has_no_finding_on_any_page(full, theme):
    assert findings_of(full, PAGES) == {}


def test_axe_has_no_finding_on_a_phone(full):
    full.set_viewport_size({"width": 390, "height": 844})
    assert findings_of(full, ("/", LOGS, "/logs/voice/call-011/", "/sync/", "/sync/changes/", "/views/")) == {}


def test_axe_has_no_finding_before_signing_in(page, live_server, theme):
    assert findings_of(page, PUBLIC_PAGES) == {}


def test_axe_has_no_finding_in_open_menus(signed_in, theme):
    for path in ("/?period=all", f"{LOGS}&{'&'.join(f'room=Raum+{number}' for number in range(9))}", "/sync/changes/"):
        signed_in.goto(path)
        menus = signed_in.locator("details.menu:visible")
        for index in range(menus.count()):
            menus.nth(index).locator("summary").click()
            assert findings(signed_in, LABELLED_TARGETS, "details.menu[open]") == {}, (path, index)
            signed_in.keyboard.press("Escape")


SMALL_TARGETS = """() => [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select')]
    .filter((at) => at.checkVisibility({visibilityProperty: true}) && !at.closest('p, .skip, .visually-hidden'))
    .filter((at) => {
        const box = (at.matches('.row-link') ? at.closest('tr') : at.closest('label') ?? at).getBoundingClientRect();
        return box.width < 24 || box.height < 24;
    }).map((at) => at.outerHTML)"""


@pytest.mark.parametrize("width", [1440, 390])
def test_every_target_has_24_pixels(full, width):
    full.set_viewport_size({"width": width, "height": 844})
    for path in (*PAGES, f"{LOGS}&type=laml_call"):
        full.goto(path)
        small = full.evaluate(SMALL_TARGETS)
        assert not small, "\n".join([path, *small])


def test_the_skip_link_leads_past_the_filters_to_the_figures(signed_in):
    signed_in.goto(LOGS)
    signed_in.keyboard.press("Tab")
    signed_in.keyboard.press("Enter")
    signed_in.keyboard.press("Tab")
    assert signed_in.evaluate("document.querySelector('#results').contains(document.activeElement)")


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_a_menu_closes_when_the_focus_leaves_it(signed_in, key):
    signed_in.goto(LOGS)
    summary = signed_in.locator("#summary-direction")
    menu = signed_in.locator("details.menu", has=summary)
    summary.focus()
    signed_in.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    for _ in range(menu.locator("input").count() + 1 if key == "Tab" else 1):
        expect(menu).to_have_attribute("open", "")
        signed_in.keyboard.press(key)
    expect(menu).not_to_have_attribute("open", "")


def test_a_click_on_text_of_a_menu_leaves_it_open(signed_in):
    signed_in.goto("/")
    signed_in.locator(".topbar summary").click()
    signed_in.get_by_text("Signed in as clerk").click()
    expect(signed_in.get_by_role("button", name="Sign out", exact=True)).to_be_visible()


def test_links_in_text_are_underlined(signed_in):
    signed_in.goto("/sync/")
    expect(signed_in.get_by_role("link", name="See the changes")).to_have_css("text-decoration-line", "underline")


def box(locator):
    """Where it is on the screen."""
    found = locator.bounding_box()
    assert found
    return found


def test_on_a_phone_a_changed_charge_fits_the_screen(full):
    full.set_viewport_size({"width": 390, "height": 844})
    full.goto("/sync/changes/?period=all")
    cells = [box(cell) for cell in full.locator(".log-rows tbody").locator("th, td").all()]
    assert len(cells) == 7
    assert all(cell["x"] >= 0 and cell["x"] + cell["width"] <= 390 for cell in cells)


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_a_log_is_two_lines_within_the_screen(signed_in, width):
    signed_in.set_viewport_size({"width": width, "height": 844})
    signed_in.goto(LOGS)
    row = signed_in.locator("tbody tr").first
    cells = [box(cell) for cell in row.locator("th, td").all()]
    assert all(cell["x"] >= 0 and cell["x"] + cell["width"] <= width for cell in cells)
    first = [box(row.locator(name)) for name in (".type", ".direction", ".lasted", ".charge")]
    second = [box(row.locator(name)) for name in ("th", ".from", ".to")]
    assert max(cell["y"] + cell["height"] for cell in first) <= min(cell["y"] + 1 for cell in second)
    assert box(row)["height"] < 64
    expect(row.locator(".charge")).to_have_text(re.compile(r"\$0\.0100"))


def test_on_a_phone_the_columns_can_still_be_sorted_by_keyboard(signed_in):
    signed_in.set_viewport_size({"width": 390, "height": 844})
    signed_in.goto(LOGS)
    link = signed_in.get_by_role("link", name="Charge", exact=True)
    assert box(signed_in.locator("thead"))["height"] <= 1
    link.focus()
    assert box(link)["height"] >= 24
    signed_in.keyboard.press("Enter")
    expect(signed_in).to_have_url(re.compile("sort=-?charge"))


def test_on_a_phone_the_calendar_begins_at_its_left_with_the_weekdays(signed_in):
    signed_in.set_viewport_size({"width": 390, "height": 844})
    signed_in.goto("/sync/")
    frame = signed_in.locator(".calendar-frame").first
    assert box(frame.locator("text").first)["x"] >= box(frame)["x"]
    assert frame.evaluate("frame => frame.scrollLeft") == 0
    labels = frame.locator("text").all_text_contents()
    assert labels[:4] == ["Mon", "Wed", "Fri", "Sun"]


def test_on_a_phone_both_steps_stay_beside_the_period(signed_in):
    signed_in.set_viewport_size({"width": 390, "height": 844})
    signed_in.goto("/?period=last-7-days")
    signed_in.locator(".fold").click()
    summary = signed_in.locator(".period summary")
    for _ in ("closed", "open"):
        steps = signed_in.locator(".period .steps")
        earlier, period, later = box(steps.first), box(summary), box(steps.last)
        assert earlier["y"] == period["y"] == later["y"]
        assert later["x"] == pytest.approx(period["x"] + period["width"] - 1, abs=1)
        summary.click()
