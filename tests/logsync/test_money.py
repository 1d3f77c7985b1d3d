"""Money keeps every digit or is rejected."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logsync.money import (
    MAX_NANO,
    InexactMoneyError,
    dollars,
    exact_dollars,
    exact_sum,
    from_nano,
    plain,
    rounded,
    rounding_note,
    to_nano,
    with_nine_decimals,
)

nanos = st.integers(-MAX_NANO, MAX_NANO)


@pytest.mark.parametrize(
    ("amount", "nano"),
    [
        ("0", 0),
        ("-0", 0),
        ("0e99999", 0),
        ("0.0000004", 400),
        ("4E-7", 400),
        ("0.000000001", 1),
        ("0.562572", 562_572_000),
        ("1234567.891234", 1_234_567_891_234_000),
        ("-0.0025", -2_500_000),
        ("0.0100000000000000000000000000", 10_000_000),
        ("9223372036.854775807", MAX_NANO),
        ("-9223372036.854775807", -MAX_NANO),
        ("1E+9", 10**18),
    ],
)
def test_amounts_convert_to_nano_dollars(amount, nano):
    assert to_nano(Decimal(amount)) == nano


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("1E-10", "more than nine decimals"),
        ("0.0000000001", "more than nine decimals"),
        ("1E-999999", "more than nine decimals"),
        ("9223372036.854775808", "larger than can be stored"),
        ("-9223372036.854775808", "larger than can be stored"),
        ("12345678901234567890.12", "larger than can be stored"),
        ("1E+999999", "larger than can be stored"),
        ("NaN", "not an amount"),
        ("sNaN", "not an amount"),
        ("Infinity", "not an amount"),
        ("-Infinity", "not an amount"),
    ],
)
def test_amounts_that_nano_dollars_cannot_hold_are_rejected(amount, reason):
    for convert in (to_nano, with_nine_decimals):
        with pytest.raises(InexactMoneyError, match=reason):
            convert(Decimal(amount))


def test_the_reason_for_a_rejection_is_short():
    with pytest.raises(InexactMoneyError) as raised:
        to_nano(Decimal("9" * 5000))
    assert len(str(raised.value)) < 100


@given(nanos)
def test_nano_dollars_round_trip(nano):
    assert to_nano(from_nano(nano)) == nano


@given(st.integers(-(10**80), 10**80))
def test_totals_of_any_length_keep_every_digit(nano):
    total = from_nano(nano)
    sign, digits, exponent = total.as_tuple()
    assert (-1 if sign else 1) * int("".join(map(str, digits))) == nano
    assert exponent == -9


@given(nanos)
def test_plain_text_round_trips(nano):
    text = plain(from_nano(nano))
    assert "E" not in text
    assert to_nano(Decimal(text)) == nano
    assert "." not in text or not text.endswith(("0", "."))


@given(st.lists(st.integers(-(10**17), 10**17), max_size=20))
def test_a_sum_is_the_sum_of_the_nanos(parts):
    assert exact_sum(map(from_nano, parts)) == from_nano(sum(parts))


@pytest.mark.parametrize("parts", [["0.1", "NaN"], ["1E+999999", "1"], ["1E-999999", "1"], ["sNaN"], ["9E+9", "9E+9"]])
def test_a_sum_that_cannot_be_stored_is_rejected(parts):
    with pytest.raises(InexactMoneyError):
        exact_sum(map(Decimal, parts))


def test_the_sum_of_no_amounts_is_zero():
    assert exact_sum([]) == 0


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234716.4258704", "1234716.4258704"),
        ("0.0000004", "0.0000004"),
        ("4E-7", "0.0000004"),
        ("0E-9", "0"),
        ("-0.00", "0"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("-0.002500000", "-0.0025"),
    ],
)
def test_plain_has_no_exponent_or_trailing_zeros(amount, text):
    assert plain(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "cents", "exact"),
    [
        ("0", "$0.00", "$0.00"),
        ("12", "$12.00", "$12.00"),
        ("-0.00", "$0.00", "$0.00"),
        ("1.005", "$1.01", "$1.005"),
        ("-1.005", "−$1.01", "−$1.005"),
        ("0.01499", "$0.01", "$0.01499"),
        # Below a cent with three digits, so that it does not look like nothing.
        ("0.0066", "$0.0066", "$0.0066"),
        ("0.005", "$0.005", "$0.005"),
        ("-0.0049", "−$0.0049", "−$0.0049"),
        ("0.009994999", "$0.00999", "$0.009994999"),
        ("0.009995", "$0.01", "$0.009995"),
        ("0.000123456", "$0.000123", "$0.000123456"),
        ("0.0001235", "$0.000124", "$0.0001235"),
        ("-0.000000001", "−$0.000000001", "−$0.000000001"),
        ("0.0000012", "$0.0000012", "$0.0000012"),
        ("-0.05", "−$0.05", "−$0.05"),
        ("1234567.891234", "$1,234,567.89", "$1,234,567.891234"),
        ("4E-7", "$0.0000004", "$0.0000004"),
    ],
)
def test_formatted_dollars(amount, cents, exact):
    assert dollars(Decimal(amount)) == cents
    assert exact_dollars(Decimal(amount)) == exact


@given(st.integers(10**7, 10**60) | st.integers(-(10**60), -(10**7)))
def test_dollars_round_half_a_cent_away_from_zero_at_any_size(nano):
    shown = dollars(from_nano(nano)).replace("\N{MINUS SIGN}", "-").replace("$", "").replace(",", "")
    assert int(shown.replace(".", "")) == (abs(nano) + 5_000_000) // 10_000_000 * (-1 if nano < 0 else 1)


@given(st.integers(-(10**60), 10**60))
def test_exact_dollars_show_every_digit(nano):
    shown = exact_dollars(from_nano(nano)).replace("\N{MINUS SIGN}", "-").replace("$", "").replace(",", "")
    assert Decimal(shown) == from_nano(nano)


@given(st.integers(-(10**7), 10**7).filter(bool))
def test_no_amount_looks_like_nothing(nano):
    shown = Decimal(dollars(from_nano(nano)).replace("\N{MINUS SIGN}", "-").replace("$", ""))
    assert abs(shown - from_nano(nano)) * 200 <= abs(from_nano(nano))


def test_a_note_says_when_rounded_parts_do_not_add_to_the_total():
    parts = [Decimal("1.005"), Decimal("1.005")]
    assert rounding_note(parts, sum(parts)) == "Rounded; the exact total is $2.01."
    assert rounding_note([Decimal("1.01"), Decimal("-0.01")], Decimal(1)) == ""
    assert rounding_note([], Decimal(0)) == ""
    assert (
        rounding_note([Decimal("0.004"), Decimal("0.007")], Decimal("0.011")) == "Rounded; the exact total is $0.011."
    )
    assert rounding_note([Decimal(10) ** 40, Decimal("1E-9")], Decimal(10) ** 40 + 1) != ""


def test_a_finer_step_can_be_asked_for():
    assert rounded(Decimal("0.00005"), Decimal("0.0001")) == Decimal("0.00005")
    assert rounded(Decimal("12.00005"), Decimal("0.0001")) == Decimal("12.0001")
    assert rounded(Decimal("-0.00665"), Decimal("0.0001")) == Decimal("-0.00665")


def test_dollars_round_as_decimal_does():
    assert Decimal("0.125").quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("0.13")
    assert dollars(Decimal("0.125")) == "$0.13"
