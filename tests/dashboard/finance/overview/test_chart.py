"""The groups of every chart in one order, from exact totals."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dashboard.filters.parser import parse_filter
from dashboard.finance.overview.chart import bars
from dashboard.results import ChargeRow, Totals

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def group(value, charge, logs=1):
    return ChargeRow((value,), Totals(logs=logs, charge=Decimal(charge)))


def test_groups_stand_by_charge_then_logs_then_name_and_the_absent_last():
    rows = [
        group(None, "1"),
        group("b", "1"),
        group("a", "1"),
        group("credit", "-3"),
        group("busy", "1", logs=9),
        group("dear", "1.000000001"),
        group("empty", "5", logs=0),
    ]
    ordered = bars(rows, "type", parse_filter("", NOW), Totals(charge=Decimal("2.000000001")))
    assert [bar.hover for bar in ordered] == ["dear", "busy", "a", "b", "", "credit"]


def drawn(*charges):
    rows = [group(name, charge) for name, charge in zip("abcdef", charges, strict=False)]
    return bars(rows, "type", parse_filter("", NOW), Totals(charge=sum(map(Decimal, charges))))


def test_bars_of_spend_begin_at_the_left_and_have_shares():
    assert [(bar.start, bar.width, bar.share) for bar in drawn("3", "1", "0")] == [
        (0, 1000, "75%"),
        (0, 333, "25%"),
        (0, 0, "0%"),
    ]


def test_bars_of_credits_go_from_zero_to_the_left_and_nothing_has_a_share():
    assert [(bar.start, bar.width, bar.zero, bar.share) for bar in drawn("3", "-1", "0")] == [
        (250, 750, 250, ""),
        (250, 0, 250, ""),
        (0, 250, 250, ""),
    ]


@pytest.mark.parametrize("charges", [("-1",), ("-1", "-2"), ("1000000", "-0.0000004"), ("0.0000004", "-1000000")])
def test_every_bar_is_inside_and_large_enough_to_see(charges):
    for bar in drawn(*charges):
        assert bar.width >= 4
        assert bar.start >= 0
        assert bar.start + bar.width <= 1000
        assert bar.is_credit is (bar.charge < 0)
        assert bar.zero == (bar.start + bar.width if bar.is_credit else bar.start)
