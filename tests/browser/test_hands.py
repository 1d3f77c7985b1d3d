"""Typing, choosing, going back, keyboard only, phone, print, and no JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in

LOGS = "/logs/?period=all"
# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def heading(page):
    return page.get_by_role("heading", level=1)


def test_a_choice_applies_at_once_and_its_menu_stays_open(signed_in):
    signed_in.goto(LOGS)
    signed_in.locator("#summary-type").click()
    signed_in.get_by_label("LaML call").check()
    expect(heading(signed_in)).to_contain_text("100 logs")
    expect(signed_in).to_have_url(re.compile("type=laml_call"))
    expect(signed_in.locator(".chip")).to_have_text(re.compile("type is LaML call"))
    expect(signed_in.get_by_label("PSTN call")).to_be_visible()
    signed_in.get_by_label("PSTN call").check()
    expect(heading(signed_in)).to_contain_text("200 logs")


def test_typing_is_never_interrupted(signed_in):
    signed_in.goto(LOGS)
    number = signed_in.locator("#f-number")
    number.click()
    for piece in ("+1206", "555", "0001"):
        signed_in.keyboard.type(piece, delay=20)
        signed_in.wait_for_timeout(450)  # long enough for the filter to apply
    expect(number).to_have_value("+12065550001")
    expect(number).to_be_focused()
    expect(heading(signed_in)).to_contain_text("67 logs")
    signed_in.go_back()
    expect(heading(signed_in)).to_contain_text("200 logs")
    expect(number).to_have_value("")


def test_going_back_returns_to_the_same_rows_and_place(signed_in):
    signed_in.goto(LOGS)
    signed_in.locator("#summary-direction").click()
    signed_in.get_by_label("inbound").check()
    expect(heading(signed_in)).to_contain_text("100 logs")
    signed_in.keyboard.press("Escape")
    row = signed_in.locator("tbody tr").nth(40)
    row.scroll_into_view_if_needed()
    place, text = signed_in.evaluate("scrollY"), row.inner_text()
    assert place > 0
    row.click()
    expect(signed_in).to_have_url(re.compile(r"/logs/voice/"))
    signed_in.go_back()
    expect(heading(signed_in)).to_contain_text("100 logs")
    expect(signed_in.locator("tbody tr").nth(40)).to_have_text(re.compile(re.escape(text.split("\t")[0])))
    assert signed_in.evaluate("scrollY") == pytest.approx(place, abs=2)
    signed_in.go_back()
    expect(heading(signed_in)).to_contain_text("200 logs")


def test_a_chip_is_removed_without_reloading_the_page(signed_in):
    signed_in.goto(f"{LOGS}&type=laml_call")
    signed_in.evaluate("window.isTheSamePage = true")
    signed_in.get_by_role("link", name="Remove: type is LaML call").click()
    expect(heading(signed_in)).to_contain_text("200 logs")
    assert signed_in.evaluate("window.isTheSamePage")
    expect(signed_in.get_by_label("LaML call")).not_to_be_checked()


def test_paging_forward_and_back(signed_in):
    signed_in.goto(LOGS)
    first = signed_in.locator("tbody tr").first.inner_text()
    signed_in.get_by_role("link", name="Next").click()
    expect(signed_in).to_have_url(re.compile("cursor="))
    expect(signed_in.locator("tbody tr").first).not_to_have_text(first)
    signed_in.get_by_role("link", name="Previous").click()
    expect(signed_in.locator("tbody tr").first).to_have_text(re.compile(re.escape(first.split("\t")[0])))


def test_a_filter_that_cannot_be_read_is_explained_in_place(signed_in):
    signed_in.goto(LOGS)
    signed_in.get_by_text("More", exact=True).click()
    signed_in.get_by_label("Charge at least").fill("a lot")
    expect(heading(signed_in)).to_contain_text("The filter “min_charge” cannot be read")
    signed_in.get_by_label("Charge at least").fill("0.4")
    expect(heading(signed_in)).to_contain_text("1 log")


def test_the_session_ends_while_a_page_is_open(signed_in):
    signed_in.goto(f"{LOGS}&direction=inbound")
    signed_in.context.clear_cookies(name="sessionid")
    signed_in.locator("#summary-type").click()
    signed_in.get_by_label("PSTN call").click()
    expect(heading(signed_in)).to_have_text("Sign in")


def test_the_theme_is_switched_and_remembered(signed_in):
    signed_in.goto("/")
    signed_in.emulate_media(color_scheme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = signed_in.evaluate(ground)
    signed_in.get_by_role("button", name="Switch between light and dark").click()
    dark = signed_in.evaluate(ground)
    assert dark != light
    signed_in.goto("/sync/")
    assert signed_in.evaluate(ground) == dark
    signed_in.emulate_media(color_scheme="dark")
    signed_in.context.clear_cookies(name="theme")
    signed_in.reload()
    assert signed_in.evaluate(ground) == dark


def test_the_keyboard_alone_reaches_everything(signed_in):
    signed_in.goto("/")
    signed_in.keyboard.press("Tab")
    expect(signed_in.get_by_text("Skip to the content")).to_be_focused()
    signed_in.keyboard.press("/")
    signed_in.keyboard.type("call-020")
    signed_in.keyboard.press("Enter")
    expect(signed_in).to_have_url(re.compile("/logs/voice/call-020/"))
    signed_in.goto(LOGS)
    signed_in.locator("#summary-status").focus()
    signed_in.keyboard.press("Enter")
    signed_in.keyboard.press("ArrowDown")
    signed_in.keyboard.press("Space")
    expect(signed_in).to_have_url(re.compile("status=completed"))
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator("#summary-status")).to_be_focused()


def test_focus_is_always_visible(signed_in):
    signed_in.goto(LOGS)
    for _ in range(45):
        signed_in.keyboard.press("Tab")
        seen = signed_in.evaluate(
            """() => {
                const at = document.activeElement, own = getComputedStyle(at), after = getComputedStyle(at, '::after');
                return [own, after].some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
                    || at === document.body;
            }"""
        )
        assert seen, signed_in.evaluate("document.activeElement.outerHTML")


def test_nothing_overflows_the_page(signed_in):
    for path in ("/", LOGS, "/logs/voice/call-010/", "/sync/", "/views/"):
        signed_in.goto(path)
        for width in (390, 768, 1024, 1280, 1920):
            signed_in.set_viewport_size({"width": width, "height": 844})
            assert signed_in.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_the_chart_is_never_wider_than_its_place(signed_in):
    signed_in.goto("/")
    expect(signed_in.locator(".chart-tip")).to_be_attached()  # the chart is drawn
    width = signed_in.locator(".chart").evaluate(
        "chart => { chart.style.width = '200px'; return chart.querySelector('canvas').getBoundingClientRect().width }"
    )
    assert width <= 200  # at once, before the chart is drawn again


def test_on_a_phone_the_context_folds_into_one_button(signed_in):
    signed_in.set_viewport_size({"width": 390, "height": 844})
    signed_in.goto(LOGS)
    expect(signed_in.locator("#filters")).to_be_hidden()
    signed_in.get_by_role("button", name="All time").click()
    signed_in.locator("#summary-type").click()
    signed_in.get_by_label("LaML call").check()
    expect(heading(signed_in)).to_contain_text("100 logs")
    signed_in.get_by_role("button", name="Done").click()
    expect(signed_in.locator("#filters")).to_be_hidden()
    signed_in.locator("tbody tr td").nth(3).click()
    expect(signed_in).to_have_url(re.compile("/logs/voice/"))


def test_print_shows_figures_and_no_controls(signed_in):
    signed_in.goto("/")
    signed_in.emulate_media(media="print")
    for gone in (".topbar", ".context", ".switch"):
        expect(signed_in.locator(gone).first).to_be_hidden()
    for there in (".hero-number", "tfoot", ".print-head"):
        expect(signed_in.locator(there).first).to_be_visible()


def test_everything_works_without_javascript(browser, live_server, clerk, calls):
    with browser.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, LOGS)
        page.locator("#summary-type").click()
        page.get_by_label("LaML call").check()
        page.locator("#f-number").fill("+12065550001")
        page.get_by_role("button", name="Apply").click()
        expect(heading(page)).to_contain_text("34 logs")
        page.goto("/")
        page.locator(".period summary").click()
        page.get_by_role("link", name="Last 90 days").click()
        expect(page.locator("tfoot")).to_contain_text("$2.49")
        page.get_by_role("button", name="Switch between light and dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_content_security_policy_is_never_violated(signed_in):
    complaints = []
    signed_in.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in ("/", LOGS, "/logs/voice/call-010/", "/sync/", "/views/", "/admin/login/?next=/"):
        signed_in.goto(path)
        signed_in.wait_for_load_state("networkidle")
    signed_in.goto("/")
    signed_in.get_by_role("link", name="Direction").click()
    expect(signed_in).to_have_url(re.compile("group_by=direction"))
    assert complaints == []
