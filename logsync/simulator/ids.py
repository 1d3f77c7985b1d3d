"""Row ids: look like random UUIDs, but the day they were made for can be read back, so a row is found by id
without making every day's rows first."""

import re
from datetime import date

from logsync.simulator.dice import Dice

LOW = 0xFFFF
BASE_ORDINAL = 11 << 16  # ordinals of the years 1974 to 2153 fit into 16 bits above it
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id(dice: Dice, day: date) -> str:
    """A version 4 UUID whose second lowest 16 bits are the day, masked by the lowest 16."""
    bits = dice.getrandbits(128)
    mask = bits & LOW
    bits = bits & ~(LOW << 16) | (((day.toordinal() - BASE_ORDINAL) & LOW) ^ mask) << 16
    bits = bits & ~(0xF << 76) | 4 << 76
    bits = bits & ~(0x3 << 62) | 2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def day_of_id(log_id: str) -> date | None:
    """The day that `new_id` was given; None for what is no UUID. Any other UUID gives a meaningless day."""
    if not UUID.fullmatch(log_id):
        return None
    low = int(log_id[-8:], 16)
    return date.fromordinal(BASE_ORDINAL + ((low >> 16) ^ (low & LOW)))
