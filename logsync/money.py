"""Exact money: dollars as `Decimal` in Python, whole nano-dollars (10^-9) in the database.

Nothing is converted to float. A value that nano-dollars cannot hold is rejected, never rounded.
"""

from collections.abc import Iterable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from functools import reduce

NANO_DIGITS = 9
MAX_NANO = 2**63 - 1
ZERO = Decimal(0)
# Longer amounts are shortened in messages.
_MAX_SHOWN = 40
_ONE_NANO = Decimal((0, (1,), -NANO_DIGITS))
_MAX_AMOUNT = Decimal((0, tuple(map(int, str(MAX_NANO))), -NANO_DIGITS))
_MIN_AMOUNT = -_MAX_AMOUNT
# As many digits as 64 bits hold: 1e999999 is rejected before it could fill the memory.
_STORABLE = Context(prec=19, traps=[Inexact, InvalidOperation])
_quantize, _scaleb = _STORABLE.quantize, _STORABLE.scaleb
_NANO_EXPONENT = Decimal(NANO_DIGITS)
# The default context would round, even in abs().
_add = Context(prec=28, traps=[Inexact, InvalidOperation]).add
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])
_ROUNDING = Context(prec=MAX_PREC, rounding=ROUND_HALF_UP, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation])
_round_to, _add_exactly = _ROUNDING.quantize, _EXACT.add
CENT = Decimal("0.01")
_MINUS_CENT = -CENT
# How many digits an amount of less than a cent shows, so that it never looks like nothing.
_DIGITS_OF_SMALL = 3


class InexactMoneyError(ValueError):
    """The amount is not finite, has more than nine decimals, or is too large to store."""


def with_nine_decimals(amount: Decimal) -> Decimal:
    """The same amount with nine decimals: 0.010000000 for 0.01. Raises InexactMoneyError rather than round."""
    try:
        if _MIN_AMOUNT <= (exact := _quantize(amount, _ONE_NANO)) <= _MAX_AMOUNT:
            return exact
    except Inexact:
        raise InexactMoneyError(f"{_shortened(amount)} has more than nine decimals") from None
    except InvalidOperation:
        if not amount.is_finite():
            raise InexactMoneyError(f"{amount} is not an amount of money") from None
    raise InexactMoneyError(f"{_shortened(amount)} dollars is larger than can be stored")


def to_nano(amount: Decimal) -> int:
    """Dollars as whole nano-dollars. Raises InexactMoneyError rather than round."""
    return int(_scaleb(with_nine_decimals(amount), _NANO_EXPONENT))


def from_nano(nano: int) -> Decimal:
    """Nano-dollars as dollars, exact for numbers of any size."""
    return _EXACT.scaleb(Decimal(nano), -NANO_DIGITS)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, with nine decimals. Raises InexactMoneyError rather than round."""
    total = ZERO
    try:
        for amount in amounts:
            total = _add(total, amount)
    except (Inexact, InvalidOperation):
        raise InexactMoneyError("the sum cannot be stored exactly") from None
    return with_nine_decimals(total)


def _shortened(amount: Decimal) -> str:
    text = str(amount)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def plain(amount: Decimal) -> str:
    """The exact amount without exponent or trailing zeros: "1234716.4258704", "0.0000004", "0"."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def plain_nine(amount: Decimal) -> str:
    """The exact amount with at least nine decimals: "0.015000000"; with a decimal comma, 0.015 reads as 15."""
    whole, _, fraction = plain(amount).partition(".")
    return f"{whole}.{fraction.ljust(NANO_DIGITS, '0')}"


def rounded(amount: Decimal, to: Decimal = CENT) -> Decimal:
    """The amount as summaries show it: half up, to the cent, or below a cent to three digits where these are finer."""
    if _MINUS_CENT < amount < CENT and amount:
        third_digit = Decimal((0, (1,), amount.adjusted() - _DIGITS_OF_SMALL + 1))
        to = min(to, third_digit)
    return _round_to(amount, to)


def dollars(amount: Decimal) -> str:
    """For summaries: "$1,234.57", "−$0.05", "$0.0000004"; never "-0.00"."""
    return exact_dollars(rounded(amount))


def adds_up(parts: Iterable[Decimal], total: Decimal) -> bool:
    """Whether the parts add to the total as summaries show them."""
    return reduce(_add_exactly, map(rounded, parts), ZERO) == rounded(total)


def rounding_note(parts: Iterable[Decimal], total: Decimal) -> str:
    """What to say under parts that do not add to their total as shown; else ""."""
    return "" if adds_up(parts, total) else total_note(total)


def total_note(total: Decimal) -> str:
    return f"Rounded; the exact total is {exact_dollars(total)}."


def exact_dollars(amount: Decimal) -> str:
    """With all its digits, and at least the cents: "$0.0066", "$12.00", "−$0.0025"."""
    whole, _, fraction = plain(amount.copy_abs()).partition(".")
    text = f"${int(whole):,}.{fraction.ljust(2, '0')}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text
