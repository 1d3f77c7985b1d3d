"""Amounts that could mislead, in a real browser: tiny ones, credits, and the exact value for everybody."""

import random
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from dashboard.finance.overview.day_table import MAX_ROWS
from logsync.money import dollars, exact_dollars, from_nano, plain, total_note
from tests.browser.conftest import NOW, call
from tests.support.stored_logs import record, store

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_chart_writes_amounts_as_python_does(signed_in):
    signed_in.goto("/")
    pick = random.Random(1)
    nanos = [sign * pick.randrange(10**size) for size in range(1, 24) for sign in (1, -1) for _ in range(20)]
    amounts = [from_nano(nano) for nano in (0, 1, -1, 4_999_999, 5_000_000, 9_994_999, 9_995_000, 10_000_000, *nanos)]
    written = signed_in.evaluate("amounts => amounts.map(dollars)", [plain(amount) for amount in amounts])
    assert written == [dollars(amount) for amount in amounts]
    exact = signed_in.evaluate("amounts => amounts.map(exactDollars)", [plain(amount) for amount in amounts])
    assert exact == [exact_dollars(amount) for amount in amounts]


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([0, 5, 10], ["$0", "$5", "$10"]),
        ([0, 2.5, 5], ["$0.00", "$2.50", "$5.00"]),
        ([0, 0.025, 0.05], ["$0.000", "$0.025", "$0.050"]),
        ([-1000, 0, 1000], ["−$1,000", "$0", "$1,000"]),
        ([0, 2.5e-7, 5e-7], ["$0.00000000", "$0.00000025", "$0.00000050"]),
    ],
)
def test_no_two_lines_of_the_chart_have_the_same_label(signed_in, ticks, labels):
    signed_in.goto("/")
    given = [{"value": value} for value in ticks]
    assert signed_in.evaluate("ticks => ticks.map(({ value }) => axisDollars(value, 0, ticks))", given) == labels


def test_the_exact_amount_is_there_for_screen_readers(signed_in):
    signed_in.goto("/?period=last-14-days")
    spend = signed_in.get_by_role("region", name="Spend")
    expect(spend.get_by_role("img", name="$2.490199", exact=True)).to_have_text("$2.49")
    expect(signed_in.get_by_role("link", name=re.compile(r"PSTN call.*\$1\.490099")).first).to_be_visible()
    expect(signed_in.get_by_role("cell", name="$2.490199").last).to_contain_text("$2.49")


@pytest.mark.parametrize("days", [MAX_ROWS, MAX_ROWS + 1])
def test_every_table_of_days_has_its_exact_amounts_whatever_its_length(signed_in, days):
    types = ("relay_sip_call", "dialogflow_call")
    charges = [(Decimal(f"{day}.00{day:03}7"), Decimal(-day) / 1000) for day in range(days)]
    store(
        *(
            record(f"{log_type}-{day}", created_at=NOW - timedelta(days=day), log_type=log_type, charge=charge)
            for day, pair in enumerate(charges)
            for log_type, charge in zip(types, pair, strict=True)
        )
    )
    first = (NOW - timedelta(days=days - 1)).date()
    signed_in.goto(f"/?start={first}&end={NOW.date()}&type={'&type='.join(types)}")
    if days > MAX_ROWS:
        signed_in.locator("summary:has(#days)").click()
    expect(signed_in.locator("tbody tr")).to_have_count(days)
    rows = signed_in.evaluate(
        "[...document.querySelectorAll('.fixed-first tbody tr')].map(row => [...row.cells].slice(1, 4).map("
        "cell => [cell.textContent, cell.title || cell.textContent, cell.ariaLabel || cell.textContent]))"
    )
    expected = [
        [[dollars(amount), exact_dollars(amount), exact_dollars(amount)] for amount in (*pair, sum(pair))]
        for pair in charges
    ]
    assert rows == expected


def test_a_credit_goes_to_the_left_of_zero_on_every_screen_and_on_paper(signed_in):
    store(call(0, charge=Decimal(-4), log_type="relay_sip_call"), call(2, charge=Decimal(5)))
    signed_in.goto("/?period=last-14-days")
    for media, width in (("screen", 1440), ("screen", 390), ("print", 1000)):
        signed_in.emulate_media(media=media)
        signed_in.set_viewport_size({"width": width, "height": 844})
        zero = signed_in.locator(".bars .zero").first.bounding_box()["x"]
        credit = signed_in.locator(".bars .credit").first.bounding_box()
        spend = signed_in.locator(".bars rect:not(.credit)").first.bounding_box()
        assert credit["x"] + credit["width"] == pytest.approx(zero, abs=3)
        assert spend["x"] == pytest.approx(zero, abs=3)
        assert credit["width"] > 20
        if media == "screen":
            assert signed_in.evaluate("document.documentElement.scrollWidth") <= width


def test_the_tip_explains_rounded_parts_as_python_does(signed_in):
    types = ("relay_sip_call", "dialogflow_call", "sip_trunk")
    store(*(call(number, created_at=NOW, charge=Decimal("0.014"), log_type=name) for number, name in enumerate(types)))
    signed_in.goto(f"/?start={NOW.date()}&end={NOW.date()}&type={'&type='.join(types)}")
    tip = signed_in.evaluate(
        "() => { const tip = document.createElement('div');"
        " fillTip(tip, JSON.parse(document.getElementById('chart-data').textContent), 0); return tip.textContent; }"
    )
    assert total_note(Decimal("0.042")) in tip


def test_a_chart_of_tiny_charges_says_what_they_are(signed_in):
    store(*(call(number, charge=Decimal("0.0000004"), log_type="relay_sip_call") for number in range(3)))
    signed_in.goto("/?period=last-7-days&type=relay_sip_call")
    expect(signed_in.locator(".hero-number")).to_have_text("$0.0000012")
    chart = signed_in.locator(".chart canvas").bounding_box()
    for day in range(7):
        signed_in.mouse.move(chart["x"] + 90 + (chart["width"] - 100) * (day + 0.5) / 7, chart["y"] + 150)
        if "$0.00000" in signed_in.locator(".chart-tip").inner_text():
            break
    expect(signed_in.locator(".chart-tip")).to_contain_text(re.compile(r"Total\s*\$0\.00000(04|08|12)"))
