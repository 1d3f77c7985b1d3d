"""Exact money: dollars as `Decimal` in Python, whole nano-dollars (10^-9) in the database.

No float is ever made. A value that nano-dollars cannot hold is refused, never rounded.
"""

from decimal import ROUND_HALF_UP, Context, Decimal, Inexact

NANO_DIGITS = 9
MAX_NANO = 2**63 - 1
# Raises where any other context would round.
_EXACT = Context(prec=64, traps=[Inexact])


class InexactMoneyError(ValueError):
    """The amount is not a finite number, has more than nine decimals, or is too large to store."""


def to_nano(amount: Decimal) -> int:
    """Whole nano-dollars of an amount in dollars. Raises InexactMoneyError rather than round."""
    if not amount.is_finite():
        raise InexactMoneyError(f"{amount} is not an amount of money")
    if amount.adjusted() > NANO_DIGITS:  # before it is scaled: 1e999999 would fill the memory
        raise InexactMoneyError(f"{amount:.3E} dollars is larger than can be stored")
    try:
        nano = int(_EXACT.to_integral_exact(_EXACT.scaleb(amount, NANO_DIGITS)))
    except Inexact:
        raise InexactMoneyError(f"{amount} has more than nine decimals") from None
    if abs(nano) > MAX_NANO:
        raise InexactMoneyError(f"{amount} dollars is larger than can be stored")
    return nano


def from_nano(nano: int) -> Decimal:
    """Dollars of a whole number of nano-dollars, exact for numbers of any size."""
    sign = 1 if nano < 0 else 0
    return Decimal((sign, tuple(map(int, str(abs(nano)))), -NANO_DIGITS))


def plain(amount: Decimal) -> str:
    """The exact amount without exponent or trailing zeros: "1234716.4258704", "0.0000004", "0"."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def dollars(amount: Decimal) -> str:
    """For summaries, to the cent: "$1,234.57", "−$0.05"; never "-0.00"."""
    whole_cents = int(amount.copy_abs().scaleb(2).to_integral_value(ROUND_HALF_UP))
    text = f"${whole_cents // 100:,}.{whole_cents % 100:02d}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 and whole_cents else text


def exact_dollars(amount: Decimal) -> str:
    """With all digits it has, at least the cents: "$0.0066", "$12.00", "−$0.0025"."""
    whole, _, fraction = plain(abs(amount)).partition(".")
    text = f"${int(whole):,}.{fraction.ljust(2, '0')}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text
