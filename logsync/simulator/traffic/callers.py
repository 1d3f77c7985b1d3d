"""Who calls whom: phone numbers from ranges reserved for fiction, SIP addresses, rooms, agents."""

from logsync.simulator.traffic.chance import Chance

AREAS = ("206", "212", "312", "415", "512", "617", "702", "808", "917")
FIRST_NAMES = ("ana", "ben", "chloe", "dev", "elif", "femi", "grace", "hugo", "ines", "jun", "kofi", "lena")
ROOMS = ("standup", "board", "sales-demo", "support-escalation", "interview", "all-hands", "onboarding", "design")
FREE_TEXT = (None, "freeswitch", "anonymous", "Restricted", "WIRELESS CALLER", "Müller & Söhne GmbH", "266696687")
PREMIUM_PREFIX = "+449098790"


class Callers:
    """The phone numbers and names of one project, determined by the seed."""

    def __init__(self, seed: str, space_name: str) -> None:
        chance = Chance(f"{seed}|people")
        self.space_name = space_name
        self.own = [f"+1{chance.one_of(AREAS)}55501{n:02d}" for n in chance.sample(range(100), 9)]
        self.customers = [_us_number(chance) for _ in range(1200)]
        self.abroad = [_foreign_number(chance) for _ in range(140)]
        self.agents = [self._sip(name, "agents") for name in FIRST_NAMES]

    def customer(self, chance: Chance) -> str:
        """A few customers call often, most of them rarely."""
        return self.customers[int(len(self.customers) * chance.random() ** 2.2)]

    def destination(self, chance: Chance) -> str:
        return chance.one_of(self.abroad) if chance.happens(0.06) else self.customer(chance)

    def premium(self, chance: Chance) -> str:
        return f"{PREMIUM_PREFIX}{chance.randrange(40):03d}"

    def agent(self, chance: Chance) -> str:
        return chance.one_of(self.agents)

    def subscriber(self, chance: Chance) -> str:
        return f"/private/{chance.one_of(FIRST_NAMES)}?channel=audio"

    def room(self, chance: Chance) -> str:
        return chance.one_of(ROOMS)

    def room_address(self, room_name: str) -> str:
        return self._sip(room_name, "rooms")

    def _sip(self, user: str, app: str) -> str:
        return f"sip:{user}@{self.space_name}-{app}.dapp.signalwire.com"


def unusual_caller(chance: Chance) -> str | None:
    """A `from` that is not a phone number: null, a caller's name, text from a switch."""
    return chance.one_of(FREE_TEXT)


def _us_number(chance: Chance) -> str:
    return f"+1{chance.one_of(AREAS)}555{chance.randrange(1000, 10000)}"


def _foreign_number(chance: Chance) -> str:
    """United Kingdom, Germany, France and Australia, all from ranges reserved for fiction."""
    prefix, digits = chance.one_of((("+447700900", 3), ("+493023125", 3), ("+331990", 5), ("+614915701", 2)))
    return prefix + f"{chance.randrange(10**digits):0{digits}d}"
