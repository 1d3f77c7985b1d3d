"""Who calls whom: numbers from ranges that regulators keep for fiction, SIP addresses, rooms, agents."""

from logsync.simulator.dice import Dice

AREAS = ("206", "212", "312", "415", "512", "617", "702", "808", "917")
FIRST_NAMES = ("ana", "ben", "chloe", "dev", "elif", "femi", "grace", "hugo", "ines", "jun", "kofi", "lena")
ROOMS = ("standup", "board", "sales-demo", "support-escalation", "interview", "all-hands", "onboarding", "design")
FREE_TEXT = (None, "freeswitch", "anonymous", "Restricted", "WIRELESS CALLER", "Müller & Söhne GmbH", "266696687")
PREMIUM_PREFIX = "+449098790"


class People:
    """The numbers and names of one project; the same seed gives the same people."""

    def __init__(self, seed: str, space_name: str) -> None:
        dice = Dice(f"{seed}|people")
        self.space_name = space_name
        self.own = [f"+1{dice.one_of(AREAS)}55501{n:02d}" for n in dice.sample(range(100), 9)]
        self.customers = [_us_number(dice) for _ in range(1200)]
        self.abroad = [_foreign_number(dice) for _ in range(140)]
        self.agents = [self._sip(name, "agents") for name in FIRST_NAMES]

    def customer(self, dice: Dice) -> str:
        """A few call often, most seldom."""
        return self.customers[int(len(self.customers) * dice.random() ** 2.2)]

    def destination(self, dice: Dice) -> str:
        return dice.one_of(self.abroad) if dice.chance(0.06) else self.customer(dice)

    def premium(self, dice: Dice) -> str:
        return f"{PREMIUM_PREFIX}{dice.randrange(40):03d}"

    def agent(self, dice: Dice) -> str:
        return dice.one_of(self.agents)

    def subscriber(self, dice: Dice) -> str:
        return f"/private/{dice.one_of(FIRST_NAMES)}?channel=audio"

    def room(self, dice: Dice) -> str:
        return dice.one_of(ROOMS)

    def room_address(self, room_name: str) -> str:
        return self._sip(room_name, "rooms")

    def _sip(self, user: str, app: str) -> str:
        return f"sip:{user}@{self.space_name}-{app}.dapp.signalwire.com"


def odd_party(dice: Dice) -> str | None:
    """What stands in `from` when it is not a number: nothing, a caller's name, a word of a switch."""
    return dice.one_of(FREE_TEXT)


def _us_number(dice: Dice) -> str:
    return f"+1{dice.one_of(AREAS)}555{dice.randrange(1000, 10000)}"


def _foreign_number(dice: Dice) -> str:
    """United Kingdom, Germany, France and Australia, all from ranges reserved for drama."""
    prefix, digits = dice.one_of((("+447700900", 3), ("+493023125", 3), ("+331990", 5), ("+614915701", 2)))
    return prefix + f"{dice.randrange(10**digits):0{digits}d}"
