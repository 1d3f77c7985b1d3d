"""Exact money: dollars as `Decimal` in Python, whole nano-dollars (10^-9) in the database.

No float is ever made. A value that nano-dollars cannot hold is refused, never rounded.
"""

from collections.abc import Iterable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation

NANO_DIGITS = 9
MAX_NANO = 2**63 - 1
ZERO = Decimal(0)
# Longer amounts are cut in messages.
_MAX_SHOWN = 40
_ONE_NANO = Decimal((0, (1,), -NANO_DIGITS))
_MOST = Decimal((0, tuple(map(int, str(MAX_NANO))), -NANO_DIGITS))
_LEAST = -_MOST
# As many digits as 64 bits hold: 1e999999 is refused before it could fill the memory.
_STORABLE = Context(prec=19, traps=[Inexact, InvalidOperation])
_quantize, _scaleb = _STORABLE.quantize, _STORABLE.scaleb
_NINE = Decimal(NANO_DIGITS)
# Any other context would round, even in abs().
_add = Context(prec=28, traps=[Inexact, InvalidOperation]).add
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])


class InexactMoneyError(ValueError):
    """The amount is not a finite number, has more than nine decimals, or is too large to store."""


def with_nine_decimals(amount: Decimal) -> Decimal:
    """The same amount as whole nanos, 0.01 as 0.010000000. Raises InexactMoneyError rather than round."""
    try:
        if _LEAST <= (exact := _quantize(amount, _ONE_NANO)) <= _MOST:
            return exact
    except Inexact:
        raise InexactMoneyError(f"{_shortened(amount)} has more than nine decimals") from None
    except InvalidOperation:
        if not amount.is_finite():
            raise InexactMoneyError(f"{amount} is not an amount of money") from None
    raise InexactMoneyError(f"{_shortened(amount)} dollars is larger than can be stored")


def to_nano(amount: Decimal) -> int:
    """Whole nano-dollars of an amount in dollars. Raises InexactMoneyError rather than round."""
    return int(_scaleb(with_nine_decimals(amount), _NINE))


def from_nano(nano: int) -> Decimal:
    """Dollars of a whole number of nano-dollars, exact for numbers of any size."""
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


def dollars(amount: Decimal) -> str:
    """For summaries, to the cent: "$1,234.57", "−$0.05"; never "-0.00"."""
    cents = _EXACT.scaleb(amount.copy_abs(), 2)
    whole_cents = int(cents.to_integral_value(ROUND_HALF_UP))
    text = f"${whole_cents // 100:,}.{whole_cents % 100:02d}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 and whole_cents else text


def exact_dollars(amount: Decimal) -> str:
    """With all digits it has, at least the cents: "$0.0066", "$12.00", "−$0.0025"."""
    whole, _, fraction = plain(amount.copy_abs()).partition(".")
    text = f"${int(whole):,}.{fraction.ljust(2, '0')}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text
