"""Pages on paper: what they show, the totals once, and the whole chart with its colours."""

import re

import pytest

from tests.browser.conftest import sign_in

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

STYLE = "([selector, name]) => getComputedStyle(document.querySelector(selector)).getPropertyValue(name)"
# What sorts a table is its header, too.
CONTROLS = """() => [...document.querySelectorAll(
    "button:not(.sort), input, select, textarea, summary, .button, .switch, .pager")]
  .filter((control) => control.checkVisibility()).map((control) => control.outerHTML)"""
# The widths between the margins, in CSS pixels, and the height of a sheet of that orientation.
SHEETS = {"A4": (703, 1016), "Letter": (725, 950), "A4 landscape": (1031, 688)}
OVERVIEW, LOGS = "/?period=last-14-days", "/logs/?period=all"
FILTERED = "period=last-14-days&type=laml_call&type=relay_pstn_call&min_charge=0.01"


def style(page, selector, name):
    return page.evaluate(STYLE, [selector, name])


def on_paper(page, path, sheet="A4"):
    page.goto(path)
    page.wait_for_load_state()
    page.emulate_media(media="print")
    width, height = SHEETS[sheet]
    page.set_viewport_size({"width": width, "height": height})


@pytest.mark.parametrize("path", [OVERVIEW, LOGS])
def test_totals_stand_below_the_last_row_and_headings_on_every_sheet(signed_in, path):
    on_paper(signed_in, path)
    assert style(signed_in, ".table tfoot", "display") == "table-row-group"
    assert style(signed_in, ".table thead", "display") == "table-header-group"


@pytest.mark.parametrize(
    ("path", "title"), [("/", "Overview"), ("/logs/", "Logs"), ("/sync/changes/", "Changed charges")]
)
def test_a_printed_page_begins_with_title_period_filters_and_time_of_the_data(signed_in, path, title):
    on_paper(signed_in, f"{path}?{FILTERED}")
    head = signed_in.locator(".print-head").inner_text()
    assert head.startswith(title)
    assert re.search(r"Last 14 days: \d+( \w+)? – \d+ \w+ \d{4}", head)
    assert "Filters: type is LaML call; type is PSTN call; charge is at least $0.01" in head
    assert re.search(r"Data until .*\d\d:\d\d:\d\d \(UTC\) · \d+ of 14 days complete", head)


@pytest.mark.parametrize(
    "path", [OVERVIEW, "/?period=last-365-days", LOGS, "/sync/changes/", "/sync/", "/views/", "/logs/voice/call-010/"]
)
def test_no_control_is_printed(signed_in, path):
    on_paper(signed_in, path)
    assert signed_in.evaluate(CONTROLS) == []


@pytest.mark.parametrize("screen", [390, 1440])
@pytest.mark.parametrize("sheet", SHEETS)
def test_the_whole_chart_is_on_the_sheet(signed_in, screen, sheet):
    signed_in.set_viewport_size({"width": screen, "height": 900})
    on_paper(signed_in, OVERVIEW, sheet)
    width, height = SHEETS[sheet]
    boxes = [
        place.bounding_box() for place in signed_in.locator(".chart-svg > *:not(defs)").all() if place.is_visible()
    ]
    assert min(box["x"] for box in boxes) >= 0
    assert max(box["x"] + box["width"] for box in boxes) <= width
    assert signed_in.locator(".chart").bounding_box()["height"] <= height / 2
    assert not signed_in.locator(".chart canvas").is_visible()
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_paper_is_light_and_has_the_colours_of_the_legend(signed_in, theme):
    signed_in.emulate_media(color_scheme=theme)
    on_paper(signed_in, OVERVIEW)
    signed_in.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    for value in ("relay_pstn_call", "laml_call"):
        column = style(signed_in, f".chart-svg .v-{value}.plain, .chart-svg .v-{value}.gap", "--c")
        assert column == style(signed_in, f".legend .v-{value}", "--c")
    assert style(signed_in, ".legend .v-laml_call", "background-color") == "rgb(190, 129, 0)"
    for coloured in (".legend .dot", ".chart-svg", ".bars svg"):
        assert style(signed_in, coloured, "print-color-adjust") == "exact"


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_two_weeks_fit_on_two_sheets(signed_in, paper):
    signed_in.goto(OVERVIEW)
    signed_in.wait_for_load_state()
    sheets = len(re.findall(rb"/Type /Page\b", signed_in.pdf(format=paper)))
    assert 1 <= sheets <= 2


def test_paper_needs_no_javascript(browser, live_server, clerk, calls):
    with browser.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, OVERVIEW)
        assert page.locator(".chart-svg").is_visible()
        page.emulate_media(media="print")
        assert page.locator(".chart-svg").is_visible()
        assert page.locator(".print-head").is_visible()
