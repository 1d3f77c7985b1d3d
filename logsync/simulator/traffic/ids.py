"""Row ids look like random UUIDs but encode their day, so that finding a row by id generates only that day's rows."""

import re
from datetime import date

from logsync.simulator.traffic.chance import Chance

LOW = 0xFFFF
BASE_ORDINAL = 11 << 16  # ordinals of the years 1974 to 2153 fit into 16 bits above it
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id(chance: Chance, day: date) -> str:
    """A version 4 UUID whose second lowest 16 bits are the day, masked by the lowest 16."""
    bits = chance.getrandbits(128)
    mask = bits & LOW
    bits = bits & ~(LOW << 16) | (((day.toordinal() - BASE_ORDINAL) & LOW) ^ mask) << 16
    bits = bits & ~(0xF << 76) | 4 << 76
    bits = bits & ~(0x3 << 62) | 2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def day_of_id(log_id: str) -> date | None:
    """The day passed to `new_id`. None if the id is not a UUID; a meaningless day for a UUID from elsewhere."""
    if not UUID.fullmatch(log_id):
        return None
    low = int(log_id[-8:], 16)
    return date.fromordinal(BASE_ORDINAL + ((low >> 16) ^ (low & LOW)))
