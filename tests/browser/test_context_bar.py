"""The context bar: in sight while one scrolls, and of one height with any number of filters."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MANY = [("room", f"Besprechung über Umsätze {number}") for number in range(30)]
LOGS = "/logs/?period=all"


def height(page):
    return page.locator("#context").bounding_box()["height"]


@pytest.mark.parametrize("width", [800, 1100, 1440])
def test_its_height_does_not_depend_on_the_number_of_filters(signed_in, width):
    signed_in.set_viewport_size({"width": width, "height": 900})
    heights = set()
    for number in (1, 4, 30):
        signed_in.goto(f"{LOGS}&{urlencode(MANY[:number])}")
        heights.add(height(signed_in))
        expect(signed_in.locator(".chips > li:visible").first).to_be_visible()
        assert signed_in.evaluate("document.documentElement.scrollWidth") <= width
    assert len(heights) == 1


def test_filters_beyond_the_width_are_in_a_menu_and_can_be_removed_there(signed_in):
    signed_in.goto(f"{LOGS}&{urlencode(MANY)}")
    beyond = signed_in.locator(".more-chips")
    shown = signed_in.locator(".chips > .chip").count()
    assert shown > 0
    expect(beyond.locator("summary")).to_have_text(re.compile(rf"\+{30 - shown}\b"))
    expect(signed_in.get_by_role("link", name="Clear all")).to_be_in_viewport(ratio=1)
    beyond.locator("summary").press("Enter")
    names = beyond.locator(".chip > bdi")
    assert names.evaluate_all("names => names.filter((name) => name.scrollWidth > name.clientWidth).length") == 0
    beyond.get_by_role("link", name="Remove: room contains Besprechung über Umsätze 29").press("Enter")
    expect(beyond.locator("summary")).to_have_text(re.compile(rf"\+{29 - shown}\b"))


def test_a_wider_window_shows_more_filters(signed_in):
    signed_in.set_viewport_size({"width": 800, "height": 900})
    signed_in.goto(f"{LOGS}&room=Raum1&room=Raum2&room=Raum3")
    expect(signed_in.locator(".more-chips")).to_be_visible()
    signed_in.set_viewport_size({"width": 1440, "height": 900})
    expect(signed_in.locator(".more-chips")).to_be_hidden()
    assert signed_in.locator(".chips > .chip").count() == 3


@pytest.mark.parametrize(("width", "button"), [(1440, ".period summary"), (390, ".fold")])
def test_the_period_stays_in_sight_and_covers_no_link_that_is_focused(signed_in, width, button):
    signed_in.set_viewport_size({"width": width, "height": 844})
    signed_in.goto(LOGS)
    signed_in.evaluate("scrollTo(0, 3000)")
    expect(signed_in.locator(button)).to_be_in_viewport(ratio=1)
    bar = signed_in.locator("#context").bounding_box()
    row = signed_in.locator("tbody .row-link").nth(20)
    row.focus()
    assert row.bounding_box()["y"] >= bar["y"] + bar["height"]
    header = signed_in.locator(".table-frame thead th").first.bounding_box()
    assert width < 1400 or header["y"] >= bar["y"] + bar["height"] - 1


def test_in_a_low_window_it_scrolls_away(signed_in):
    signed_in.set_viewport_size({"width": 844, "height": 390})
    signed_in.goto(LOGS)
    signed_in.evaluate("scrollTo(0, 3000)")
    expect(signed_in.locator("#context")).not_to_be_in_viewport()
