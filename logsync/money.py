"""Exact money: dollars as `Decimal` in Python, whole nano-dollars (10^-9) in the database.

No float is ever made. A value that nano-dollars cannot hold is refused, never rounded.
"""

from decimal import ROUND_HALF_UP, Decimal

NANO_DIGITS = 9
MAX_NANO = 2**63 - 1
CENT = Decimal("0.01")


class InexactMoneyError(ValueError):
    """The amount is not a finite number, has more than nine decimals, or is too large to store."""


def to_nano(amount: Decimal) -> int:
    """Whole nano-dollars of an amount in dollars. Raises InexactMoneyError rather than round."""
    if not amount.is_finite():
        raise InexactMoneyError(f"{amount} is not an amount of money")
    if amount.adjusted() >= NANO_DIGITS + 1:  # before scaling: 1e999999 would fill the memory
        raise InexactMoneyError(f"{amount:.3E} dollars is larger than can be stored")
    sign, digits, exponent = amount.as_tuple()
    shift = int(exponent) + NANO_DIGITS
    nano = int("".join(map(str, digits)))
    if shift >= 0:
        nano *= 10**shift
    else:
        nano, rest = divmod(nano, 10**-shift) if -shift <= len(digits) else (0, nano)
        if rest:
            raise InexactMoneyError(f"{amount} has more than nine decimals")
    if nano > MAX_NANO:
        raise InexactMoneyError(f"{amount} dollars is larger than can be stored")
    return -nano if sign else nano


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
    # quantize works in the context's precision; a total may have more digits than its 28.
    whole_cents = int((abs(amount) / CENT).to_integral_value(ROUND_HALF_UP))
    text = f"${whole_cents // 100:,}.{whole_cents % 100:02d}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 and whole_cents else text


def exact_dollars(amount: Decimal) -> str:
    """With all digits it has, at least the cents: "$0.0066", "$12.00", "−$0.0025"."""
    whole, _, fraction = plain(abs(amount)).partition(".")
    text = f"${int(whole):,}.{fraction.ljust(2, '0')}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text
