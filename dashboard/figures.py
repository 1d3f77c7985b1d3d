"""Figures as people read them. Exact money is logsync.money's business. No Django."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from logsync.money import plain

MINUS = "\N{MINUS SIGN}"
MINUTE, HOUR, DAY = 60, 3600, 86_400
HUNDRED = 100
# Country codes of one and two digits; every other one has three.
_COUNTRY_CODE = re.compile(
    r"\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d{4,12})",
    re.ASCII,
)
_NORTH_AMERICAN = re.compile(r"\+1([2-9]\d{2})(\d{3})(\d{4})", re.ASCII)
NBSP = "\N{NO-BREAK SPACE}"


def count(number: int) -> str:
    """With separators: "23,456"."""
    return f"{number:,}"


def duration(seconds: int) -> str:
    """Whole seconds as "1 h 03 min", "4 min 12 s" or "9 s"."""
    if seconds < 0:
        return MINUS + duration(-seconds)
    if seconds < MINUTE:
        return f"{seconds}{NBSP}s"
    if seconds < HOUR:
        return f"{seconds // MINUTE}{NBSP}min{NBSP}{seconds % MINUTE:02d}{NBSP}s"
    return f"{seconds // HOUR:,}{NBSP}h{NBSP}{seconds % HOUR // MINUTE:02d}{NBSP}min"


def duration_ms(milliseconds: int) -> str:
    """Milliseconds as "9.6 s" below a minute, else as `duration`."""
    if abs(milliseconds) >= MINUTE * 1000 or milliseconds % 1000 == 0:
        return duration(milliseconds // 1000)
    tenths = _rounded(Decimal(milliseconds) / 1000, "0.1")
    return f"{tenths}{NBSP}s".replace("-", MINUS)


def minutes(milliseconds: int) -> str:
    """Minutes with one decimal: "1,234.5"."""
    return f"{_rounded(Decimal(milliseconds) / 60_000, '0.1'):,}".replace("-", MINUS)


def percent(value: Decimal) -> str:
    """Without its sign, one decimal below a hundred: "4.2%"; an arrow beside it says which way."""
    size = abs(value)
    text = f"{_rounded(size, '0.1')}" if size < HUNDRED else f"{_rounded(size, '1'):,}"
    return f"{text}%"


def share(part: Decimal, whole: Decimal) -> str:
    """What part of the whole, "62%"; "<1%" rather than a zero that is none; "" without a whole."""
    if whole <= 0:
        return ""
    of_hundred = part * 100 / whole
    if 0 < of_hundred < 1:
        return "<1%"
    return f"{_rounded(of_hundred, '1')}%".replace("-", MINUS)


def decimals(amounts: Iterable[Decimal | None]) -> int:
    """How many decimals a column of exact amounts needs, the cents at least."""
    texts = (plain(amount) for amount in amounts if amount is not None)
    return max([2, *(len(text.partition(".")[2]) for text in texts)])


def day(value: date, today: date) -> str:
    """ "Fri 20 Nov", with the year where it is not this one."""
    text = f"{value:%a} {value.day} {value:%b}"
    return text if value.year == today.year else f"{text} {value.year}"


def span(start: date | None, end: date) -> str:
    """ "23 Oct – 21 Nov 2026", each part printed once."""
    last = f"{end.day} {end:%b} {end.year}"
    if start is None:
        return f"until {last}"
    if start == end:
        return f"{end:%a} {last}"
    if start.year != end.year:
        return f"{start.day} {start:%b} {start.year} – {last}"
    if start.month != end.month:
        return f"{start.day} {start:%b} – {last}"
    return f"{start.day} – {last}"


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """Hours and minutes in the zone: "10:42"."""
    return f"{instant.astimezone(zone):%H:%M}"


def moment(instant: datetime, zone: ZoneInfo, today: date) -> str:
    """Day and time to the second: "Fri 20 Nov 10:42:05"."""
    local = instant.astimezone(zone)
    return f"{day(local.date(), today)} {local:%H:%M:%S}"


def utc(instant: datetime) -> str:
    """ "2026-11-20 10:42:05 UTC", with the milliseconds where there are any."""
    text = f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return f"{text}.{instant.microsecond // 1000:03d} UTC" if instant.microsecond else f"{text} UTC"


def iso(instant: datetime) -> str:
    """For machines: "2026-11-20T10:42:05Z"."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def ago(instant: datetime, now: datetime) -> str:
    """ "3 min ago", "in 2 h", "5 days ago"."""
    seconds = int((now - instant) / timedelta(seconds=1))
    size = abs(seconds)
    if size < MINUTE:
        return "just now" if seconds >= 0 else "in a moment"
    if size < HOUR:
        text = f"{size // MINUTE} min"
    elif size < DAY:
        text = f"{size // HOUR} h"
    else:
        text = f"{size // DAY} day{'s' * (size >= 2 * DAY)}"
    return f"{text} ago" if seconds > 0 else f"in {text}"


def phone(text: str) -> str:
    """A number in E.164 grouped for reading, "+1 206 555 1212"; anything else as it came."""
    if match := _NORTH_AMERICAN.fullmatch(text):
        return "+1" + NBSP + NBSP.join(match.groups())
    if match := _COUNTRY_CODE.fullmatch(text):
        code, rest = match.groups()
        return f"+{code}{NBSP}{NBSP.join(_threes(rest))}"
    return text


def is_e164(text: str) -> bool:
    return bool(re.fullmatch(r"\+\d{5,15}", text, re.ASCII))


def _threes(digits: str) -> list[str]:
    """Groups of three from the left; a last single digit joins the group before it."""
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups


def _rounded(value: Decimal, to: str) -> Decimal:
    return value.quantize(Decimal(to), ROUND_HALF_UP)
