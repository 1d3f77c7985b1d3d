"""Numbers, dates and times for people to read; money is in logsync.money. No Django."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import phonenumbers

from logsync.money import plain
from logsync.text import counted

MINUS = "\N{MINUS SIGN}"
MINUTE, HOUR, DAY = 60, 3600, 86_400
MINUTES_PER_HOUR, HOURS_PER_DAY = 60, 24
HUNDRED, TENTH = 100, Decimal("0.1")
_E164 = re.compile(r"\+\d{5,15}", re.ASCII)
NBSP = "\N{NO-BREAK SPACE}"


def count(number: int) -> str:
    """With thousands separators: "23,456"."""
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
    """As "9.6 s" below a minute, else as `duration`."""
    if abs(milliseconds) >= MINUTE * 1000 or milliseconds % 1000 == 0:
        return duration(milliseconds // 1000)
    tenths = _rounded(Decimal(milliseconds) / 1000, "0.1")
    return f"{tenths}{NBSP}s".replace("-", MINUS)


def minutes(milliseconds: int) -> str:
    """Minutes with one decimal: "1,234.5"."""
    return f"{_rounded(Decimal(milliseconds) / 60_000, '0.1'):,}".replace("-", MINUS)


def percent(value: Decimal) -> str:
    """Without its sign, and with one decimal below a hundred: "4.2%"; "<0.1%" rather than a rounded zero."""
    size = abs(value)
    if 0 < size < TENTH:
        return "<0.1%"
    text = f"{_rounded(size, '0.1')}" if size < HUNDRED else f"{_rounded(size, '1'):,}"
    return f"{text}%"


def share(part: Decimal, whole: Decimal) -> str:
    """The part in percent, "62%"; "<1%" and ">99%" rather than a rounded nothing or all; "" of or for a credit."""
    if whole <= 0 or part < 0:
        return ""
    value = part * 100 / whole
    if 0 < value < 1:
        return "<1%"
    return ">99%" if HUNDRED - 1 < value < HUNDRED else f"{_rounded(value, '1')}%"


def decimals(amounts: Iterable[Decimal | None]) -> int:
    """How many decimals a column of exact amounts needs, at least two."""
    texts = (plain(amount) for amount in amounts if amount is not None)
    return max([2, *(len(text.partition(".")[2]) for text in texts)])


def day(value: date, today: date) -> str:
    """ "Fri 20 Nov", with the year unless it is this one."""
    text = f"{value:%a} {value.day} {value:%b}"
    return text if value.year == today.year else f"{text} {value.year}"


def span(start: date | None, end: date) -> str:
    """ "23 Oct – 21 Nov 2026", without repeating a month or a year. Both ends are included."""
    last = f"{end.day} {end:%b} {end.year}"
    if start is None:
        return "all days"
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


def date_time(instant: datetime, zone: ZoneInfo, today: date) -> str:
    """In the zone, to the second: "Fri 20 Nov 10:42:05"."""
    local = instant.astimezone(zone)
    return f"{day(local.date(), today)} {local:%H:%M:%S}"


def utc(instant: datetime) -> str:
    """ "2026-11-20 10:42:05 UTC", with milliseconds unless they are zero."""
    text = f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return f"{text}.{instant.microsecond // 1000:03d} UTC" if instant.microsecond else f"{text} UTC"


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
        text = counted(size // DAY, "day")
    return f"{text} ago" if seconds > 0 else f"in {text}"


def until(instant: datetime, now: datetime) -> str:
    """Rounded: "in 2 days" to an instant in 47.9 hours; "" if it is past."""
    minutes_left = -((now - instant) // timedelta(minutes=1))
    if minutes_left <= 0:
        return ""
    if minutes_left < MINUTES_PER_HOUR:
        return f"in {minutes_left} min"
    hours = (2 * minutes_left + MINUTES_PER_HOUR) // (2 * MINUTES_PER_HOUR)
    if hours < HOURS_PER_DAY:
        return f"in {hours} h"
    days = (2 * hours + HOURS_PER_DAY) // (2 * HOURS_PER_DAY)
    return f"in {counted(days, 'day')}"


def next_try(instant: datetime, now: datetime) -> str:
    """ "in 2 days"; "with the next pull" once it is due."""
    return until(instant, now) or "with the next pull"


def phone(text: str) -> str:
    """A possible E.164 number in its country's format, "+1 206 555 1212"; anything else unchanged.

    Only spaces are added. Takes about 20 µs, so cache the result.
    """
    if not _E164.fullmatch(text):
        return text
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    groups = re.findall(r"\d+", formatted)
    # The library drops a national prefix after the country code, as in +44 020 7946 0000.
    return f"+{NBSP.join(groups)}" if "".join(groups) == text[1:] else text


def _rounded(value: Decimal, to: str) -> Decimal:
    return value.quantize(Decimal(to), ROUND_HALF_UP)
