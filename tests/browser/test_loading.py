"""While a request is on its way, and after it failed: the same for filters, period, paging, sorting and the chart."""

import re

import pytest
from playwright.sync_api import expect

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

LOGS, OVERVIEW = "/logs/?period=all", "/?period=last-14-days"
ASKED_BY_HTMX = "**/*"


def choose(name):
    def act(page):
        page.locator("#summary-type").click()
        page.get_by_label(name).click()

    return act


def follow(name):
    return lambda page: page.get_by_role("link", name=name, exact=True).click()


SWAPS = {
    "filter": (LOGS, choose("LaML call")),
    "paging": (LOGS, follow("Next")),
    "sorting": (LOGS, follow("Charge")),
    "period": (OVERVIEW, follow("The period before")),
    "chart switch": (OVERVIEW, follow("Direction")),
    "legend": (OVERVIEW, lambda page: page.locator(".legend a").first.click()),
}


def is_by_htmx(request):
    return request.headers.get("hx-request") == "true"


def hold_back(page):
    """Requests of htmx wait until the returned function is called."""
    held = []

    def handle(route):
        if is_by_htmx(route.request):
            held.append(route)
        else:
            route.continue_()

    page.route(ASKED_BY_HTMX, handle)
    return lambda: [route.continue_() for route in held]


def fail(page, status=None):
    def handle(route):
        if not is_by_htmx(route.request):
            route.continue_()
        elif status:
            route.fulfill(status=status, body="no")
        else:
            route.abort("internetdisconnected")

    page.route(ASKED_BY_HTMX, handle)


@pytest.mark.parametrize("swap", SWAPS)
def test_every_swap_shows_that_it_is_loading(signed_in, swap):
    path, act = SWAPS[swap]
    signed_in.goto(path)
    signed_in.wait_for_load_state("networkidle")
    let_go = hold_back(signed_in)
    size = signed_in.locator("#results").bounding_box()
    act(signed_in)
    expect(signed_in.locator("#results")).to_have_attribute("aria-busy", "true")
    expect(signed_in.locator(".progress-line")).to_be_visible()
    assert signed_in.locator("#results").bounding_box()["height"] == size["height"]
    hidden = "getComputedStyle(document.querySelector('#results td > *, #results .hero-number > *')).visibility"
    assert signed_in.evaluate(hidden) == "hidden"
    let_go()
    expect(signed_in.locator("#results")).not_to_have_attribute("aria-busy", "true")
    expect(signed_in.locator(".progress-line")).to_be_hidden()
    assert signed_in.evaluate(hidden) == "visible"


@pytest.mark.parametrize(
    ("swap", "status"),
    [("filter", 500), ("filter", None), ("paging", None), ("sorting", 503), ("period", None), ("legend", 502)],
)
def test_a_failed_request_says_so_and_leaves_the_page_as_it_was(signed_in, swap, status):
    path, act = SWAPS[swap]
    signed_in.goto(path)
    signed_in.wait_for_load_state("networkidle")
    before = signed_in.url, signed_in.locator("#results").inner_text()
    fail(signed_in, status)
    act(signed_in)
    words = f"answered with an error ({status})" if status else "cannot be reached"
    expect(signed_in.locator(".toast")).to_contain_text(words)
    expect(signed_in.locator("#results")).not_to_have_attribute("aria-busy", "true")
    assert (signed_in.url, signed_in.locator("#results").inner_text()) == before
    assert signed_in.locator("#filters :checked:not(option)").count() == 0
    expect(signed_in.locator("#summary-type .num")).to_have_count(0)


def test_after_a_failure_every_field_is_what_the_page_shows(signed_in):
    signed_in.goto(LOGS)
    choose("LaML call")(signed_in)
    expect(signed_in).to_have_url(re.compile("type=laml_call"))
    signed_in.locator("#f-number").fill("+12065550001")
    expect(signed_in).to_have_url(re.compile("number="))
    fail(signed_in, 500)
    choose("PSTN call")(signed_in)  # the menu closed when the focus left it
    expect(signed_in.locator(".toast")).to_be_visible()
    expect(signed_in.get_by_label("PSTN call")).not_to_be_checked()
    expect(signed_in.get_by_label("LaML call")).to_be_checked()
    expect(signed_in.locator("#summary-type .num")).to_have_text("1")
    signed_in.locator("#f-number").fill("+1999")
    expect(signed_in.locator("#f-number")).to_have_value("+12065550001")
    signed_in.unroute(ASKED_BY_HTMX)
    choose("PSTN call")(signed_in)
    expect(signed_in).to_have_url(re.compile("type=relay_pstn_call"))
    expect(signed_in.get_by_label("PSTN call")).to_be_checked()


def column(page, place, days=14):
    """The middle of the lowest segment of a column."""
    box = page.locator(".chart canvas").bounding_box()
    area = page.evaluate("Chart.getChart(document.querySelector('.chart canvas')).chartArea")
    x = box["x"] + area["left"] + (area["right"] - area["left"]) * (place + 0.5) / days
    return x, box["y"] + area["bottom"] - 10


def test_a_click_on_a_column_opens_its_day_dearest_first_with_the_type_as_a_chip(signed_in):
    signed_in.goto(OVERVIEW)
    expect(signed_in.locator(".chart-tip")).to_be_attached()
    signed_in.mouse.click(*column(signed_in, 10))
    expect(signed_in).to_have_url(re.compile(r"/logs/\?.*sort=-charge"))
    expect(signed_in).to_have_url(re.compile(r"start=(\d{4}-\d\d-\d\d)&end=\1"))
    expect(signed_in.locator(".chip")).to_have_text(re.compile("type is (PSTN|LaML) call"))
    expect(signed_in.locator("th[aria-sort=descending]")).to_contain_text("Charge")


def test_the_first_tap_pins_the_tip_which_holds_the_link(browser, signed_in, live_server):
    state = signed_in.context.storage_state()
    with browser.new_context(base_url=live_server.url, storage_state=state, has_touch=True) as context:
        page = context.new_page()
        page.goto(OVERVIEW)
        expect(page.locator(".chart-tip")).to_be_attached()
        page.touchscreen.tap(*column(page, 10))
        link = page.locator(".chart-tip a")
        expect(link).to_have_text(re.compile(r"Open the logs of .*, (PSTN|LaML) call"))
        assert page.url.endswith(OVERVIEW)
        link.tap()
        expect(page).to_have_url(re.compile(r"/logs/\?.*sort=-charge"))
        page.go_back()
        page.touchscreen.tap(*column(page, 10))
        expect(page.locator(".chart-tip a")).to_be_visible()
        page.locator("h2").first.tap()
        expect(page.locator(".chart-tip")).to_be_hidden()


def test_labels_of_months_never_touch_each_other(signed_in):
    signed_in.goto("/?period=last-365-days")
    expect(signed_in.locator(".chart-tip")).to_be_attached()
    for width in (320, 390, 768, 1024, 1440):
        signed_in.set_viewport_size({"width": width, "height": 844})
        spaces = signed_in.evaluate(
            """async () => {
              await new Promise((done) => setTimeout(done, 100));
              const chart = Chart.getChart(document.querySelector(".chart canvas")), scale = chart.scales.x;
              chart.ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
              const wide = (tick) => chart.ctx.measureText(tick.label).width;
              const labels = scale.ticks.map((tick, at) => [scale.getPixelForTick(at), wide(tick)]);
              return labels.slice(1).map(([x, width], at) => x - width / 2 - labels[at][0] - labels[at][1] / 2);
            }"""
        )
        assert len(spaces) >= 2
        assert min(spaces) >= 8, width


def test_without_chart_js_the_drawing_of_the_server_stays(signed_in):
    signed_in.route("**/bundles/overview*", lambda route: route.abort())
    signed_in.goto(OVERVIEW)
    expect(signed_in.locator(".chart-svg")).to_be_visible()


def test_in_forced_colours_values_keep_theirs_and_an_unread_day_is_a_strip(signed_in):
    signed_in.emulate_media(forced_colors="active")
    signed_in.goto(OVERVIEW)
    expect(signed_in.locator(".chart-tip")).to_be_attached()
    inks = signed_in.evaluate(
        "[...document.querySelectorAll('.legend .dot')].slice(0, 2).map((dot) => getComputedStyle(dot).backgroundColor)"
    )
    assert len(set(inks)) == 2
