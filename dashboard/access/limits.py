"""How long sign-in is blocked after failed attempts. No Django.

Three limits, because each alone has a hole: per account and source (one attacker, one account), per account over all
sources (many addresses, one account), and per address over all accounts (one password, many accounts). The last two
also meet people who did nothing wrong, so they slow down rather than lock, and do not apply to known devices.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=1)
MAX_DOUBLINGS = 10


@dataclass(frozen=True)
class Limit:
    """The first `free` failures block nothing. The last of them blocks for a minute, each further one for twice as
    long as the one before, up to `longest`. Failures older than `memory` are not counted.
    """

    subject: str
    free: int
    longest: timedelta
    memory: timedelta

    def blocked_until(self, failures: int, last_at: datetime | None) -> datetime | None:
        """From the last counted failure, so that attempts during a block do not prolong it."""
        if last_at is None or failures < self.free:
            return None
        return last_at + min(self.longest, FIRST_WAIT * (1 << min(failures - self.free, MAX_DOUBLINGS)))


SOURCE = Limit("this account from one address or device", 5, timedelta(hours=1), timedelta(days=1))
ACCOUNT = Limit("this account from all addresses", 20, timedelta(minutes=5), timedelta(days=1))
ADDRESS = Limit("this address for all accounts", 30, timedelta(minutes=5), timedelta(hours=1))
