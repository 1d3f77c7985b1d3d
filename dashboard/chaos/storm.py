"""Rules for the simulator, drawn by chance: every kind of fault it knows, alone and together."""

from collections.abc import Sequence
from datetime import date, timedelta

from logsync.simulator.dice import Dice
from logsync.simulator.faults import FAULTS

# What is written after the "=", where the simulator's own value would cost too much time.
VALUES: dict[str, tuple[str, ...]] = {"429": ("0", "date+0"), "slow": ("0.005",)}
SHARE_OF_ONE_LIST = 0.3


def rules(dice: Dice, kinds: Sequence[str], media: Sequence[str], today: date) -> list[str]:
    """From one to four of these kinds, or all of them when they are fewer; some strike only one of the lists."""
    return [_rule(dice, kind, media, today) for kind in dice.sample(kinds, min(len(kinds), dice.randrange(1, 5)))]


def _rule(dice: Dice, kind: str, media: Sequence[str], today: date) -> str:
    value, when = _value(dice, kind, today), _when(dice)
    path = f" for /api/{dice.one_of(media)}" if dice.chance(SHARE_OF_ONE_LIST) else ""
    return f"{kind}{f'={value}' if value else ''} {when}{path}"


def _value(dice: Dice, kind: str, today: date) -> str:
    if kind == "history-limit":
        return dice.one_of(("", str(today - timedelta(days=dice.randrange(3)))))
    return dice.one_of(VALUES.get(kind, ("",)))


def _when(dice: Dice) -> str:
    strokes = sorted(dice.sample(range(1, 13), 4))
    return dice.one_of(
        (
            "always",
            f"every {dice.randrange(2, 7)}",
            f"next {dice.randrange(1, 12)}",
            f"on {','.join(map(str, strokes))}",
        )
    )


ALL = tuple(FAULTS)
