"""The table of days on the overview: sorted by any of its columns, exactly."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NOW, sign_in
from tests.support.stored_logs import record, store

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# Newest first. As texts, as cents, or as floats they would be in another order.
CHARGES = ["9.5", "10.25", "-3", "1000000000.000000001", "1000000000.000000002", "0.000000001", "0"]
YESTERDAY = NOW.date() - timedelta(days=1)
DEAREST_FIRST = [4, 3, 1, 0, 5, 6, 2]


def row(number, charge):
    return record(f"call-{number}", created_at=NOW - timedelta(days=number + 1), log_type="laml_call", charge=charge)


@pytest.fixture
def overview(page, clerk, live_server):
    """The first rows of the table: one log a day, beginning yesterday."""
    store(*(row(number, Decimal(charge)) for number, charge in enumerate(CHARGES)))
    sign_in(page, f"/?start={YESTERDAY - timedelta(days=len(CHARGES) - 1)}&end={YESTERDAY}")
    return page


def order(overview):
    """The numbers of the days in the order of the rows."""
    links = overview.locator("table tbody th a")
    days = links.evaluate_all("links => links.map(link => new URLSearchParams(link.search).get('start'))")
    return [(YESTERDAY - date.fromisoformat(day)).days for day in days]


def test_days_are_sorted_by_exact_amounts(overview):
    total = overview.get_by_role("columnheader", name="Total")
    total.get_by_role("button").click()
    expect(total).to_have_attribute("aria-sort", "descending")
    assert order(overview) == DEAREST_FIRST
    total.get_by_role("button").press("Enter")
    expect(total).to_have_attribute("aria-sort", "ascending")
    assert order(overview) == DEAREST_FIRST[::-1]
    expect(overview.locator("th[aria-sort]")).to_have_count(1)


def test_days_are_sorted_by_one_type_and_by_date(overview):
    overview.get_by_role("button", name="LaML call", exact=True).click()
    assert order(overview) == DEAREST_FIRST
    overview.get_by_role("button", name="Day", exact=True).click()
    assert order(overview) == list(range(len(CHARGES)))
    overview.get_by_role("button", name="Day", exact=True).click()
    assert order(overview) == list(range(len(CHARGES)))[::-1]


def test_another_filter_keeps_the_order(overview):
    overview.get_by_role("button", name="Total", exact=True).click()
    overview.locator("#summary-type").click()
    overview.get_by_role("checkbox", name="LaML call").check()
    expect(overview.locator(".chip")).to_have_count(1)
    expect(overview.get_by_role("columnheader", name="Total")).to_have_attribute("aria-sort", "descending")
    assert order(overview) == DEAREST_FIRST
