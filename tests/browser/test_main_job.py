"""The main tasks of a finance clerk and an ops engineer, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in


@pytest.mark.both_engines
def test_from_signing_in_to_the_parent_of_a_call(page, clerk, calls):
    sign_in(page, "/?period=this-year")
    expect(page).to_have_url(re.compile(r"/\?period=this-year$"))
    page.locator(".period summary").click()
    page.get_by_role("link", name="Last 14 days").click()
    expect(page).to_have_url(re.compile(r"period=last-14-days"))
    expect(page.locator(".hero-number")).to_have_text("$2.49")

    page.locator(".bars").first.get_by_role("link", name="PSTN call").click()
    expect(page).to_have_url(re.compile(r"/logs/\?period=last-14-days&type=relay_pstn_call$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"100 logs · \$1\.49"))

    page.get_by_role("link", name="Charge", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Charge")
    page.locator("tbody tr").first.click()
    expect(page).to_have_url(re.compile(r"/logs/voice/call-010/$"))
    expect(page.get_by_role("row", name="Not itemised")).to_contain_text("$0.3")
    expect(page.get_by_role("row", name="The whole family")).to_contain_text("$0.510001")

    page.locator("#family").get_by_role("link", name="LaML call").click()
    expect(page).to_have_url(re.compile(r"/logs/voice/call-011/$"))


def test_a_column_of_the_chart_leads_to_the_rows_of_its_day_and_group(signed_in):
    signed_in.goto("/?period=last-7-days")
    box = signed_in.locator(".chart canvas").bounding_box()
    for height in range(20, int(box["height"]) - 40, 6):  # down the last whole day until a segment is met
        signed_in.mouse.move(box["x"] + 60 + (box["width"] - 60) * 5.5 / 7, box["y"] + height)
    expect(signed_in.locator(".chart-tip")).to_contain_text("Total")
    total = signed_in.locator(".chart-tip .head").last.inner_text()
    signed_in.mouse.click(box["x"] + 60 + (box["width"] - 60) * 5.5 / 7, box["y"] + box["height"] - 40)
    expect(signed_in).to_have_url(re.compile(r"/logs/\?type=(relay_pstn|laml)_call&sort=-charge&start=(\S+)&end=\2$"))
    assert re.search(r"\$\d+\.\d\d", total)


def test_a_view_is_saved_shared_and_opened(signed_in):
    signed_in.goto("/logs/?period=all&type=laml_call")
    signed_in.get_by_role("link", name="Save view").click()
    signed_in.get_by_label("Name").fill("All LaML calls")
    signed_in.get_by_label("Everyone who can sign in here").check()
    signed_in.get_by_role("button", name="Save view").click()
    signed_in.get_by_role("link", name="All LaML calls", exact=True).click()
    expect(signed_in).to_have_url(re.compile(r"/logs/\?period=all&type=laml_call$"))


def test_the_export_is_downloaded(signed_in):
    signed_in.goto("/logs/?period=all&type=laml_call")
    signed_in.get_by_text("Export").click()
    with signed_in.expect_download() as started:
        signed_in.get_by_role("link", name="CSV").click()
    assert len(started.value.path().read_text().splitlines()) == 1 + 100
