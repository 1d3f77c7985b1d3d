"""Random fault rules for the simulator: any of its kinds, alone or combined."""

from collections.abc import Sequence
from datetime import date, timedelta

from logsync.simulator.api.faults import FAULTS
from logsync.simulator.traffic.chance import Chance

# Values where the simulator's default would take too much time.
VALUES: dict[str, tuple[str, ...]] = {"429": ("0", "date+0"), "slow": ("0.005",)}
ONE_LIST_SHARE = 0.3
ALL_KINDS = tuple(FAULTS)


def draw_rules(chance: Chance, kinds: Sequence[str], media: Sequence[str], today: date) -> list[str]:
    """Rules for one to four of these kinds; some rules apply to only one of the lists."""
    return [_rule(chance, kind, media, today) for kind in chance.sample(kinds, min(len(kinds), chance.randrange(1, 5)))]


def _rule(chance: Chance, kind: str, media: Sequence[str], today: date) -> str:
    value, when = _value(chance, kind, today), _when(chance)
    path = f" for /api/{chance.one_of(media)}" if chance.happens(ONE_LIST_SHARE) else ""
    return f"{kind}{f'={value}' if value else ''} {when}{path}"


def _value(chance: Chance, kind: str, today: date) -> str:
    if kind == "history-limit":
        return chance.one_of(("", str(today - timedelta(days=chance.randrange(3)))))
    return chance.one_of(VALUES.get(kind, ("",)))


def _when(chance: Chance) -> str:
    numbers = sorted(chance.sample(range(1, 13), 4))
    return chance.one_of(
        (
            "always",
            f"every {chance.randrange(2, 7)}",
            f"next {chance.randrange(1, 12)}",
            f"on {','.join(map(str, numbers))}",
        )
    )
