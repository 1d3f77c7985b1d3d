"""The calendar of one feed: a square for each day, a column for each week, so that gaps are seen at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import escape
from django.utils.safestring import SafeString

from dashboard import figures
from dashboard.results import UnitRow
from logsync.choices import UnitState
from logsync.days import days_between

DAYS = 366
SIDE, STEP = 11, 14
LEFT, TOP = 1, 16
NEVER = "never"
# In the words of the legend, in its order.
STATES = {
    UnitState.DONE.value: "read",
    UnitState.WAITING.value: "waiting",
    UnitState.FAILED.value: "failed",
    UnitState.BEYOND_HISTORY.value: "older than SignalWire keeps",
    NEVER: "not asked for",
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """`squares` is the inside of an SVG of this width and height; `counts` are days by state, in words."""

    squares: SafeString
    width: int
    height: int
    counts: Sequence[tuple[str, str, int]]

    @property
    def summary(self) -> str:
        return ", ".join(f"{figures.count(days)} {words}" for _, words, days in self.counts)


def calendar_of(units: Iterable[UnitRow], today: date) -> Calendar:
    """The last 366 days up to today, UTC dates as SignalWire lists them."""
    by_day = {unit.day: unit for unit in units}
    days = list(days_between(today - timedelta(days=DAYS - 1), today))
    first_monday = days[0] - timedelta(days=days[0].weekday())
    weeks = (today - first_monday).days // 7 + 1
    squares = "".join(_square(day, by_day.get(day), first_monday, today) for day in days)
    return Calendar(
        squares=SafeString(_months(days, first_monday) + squares),  # dates, numbers and escaped text
        width=LEFT + weeks * STEP,
        height=TOP + 7 * STEP,
        counts=_counts(by_day, days),
    )


def _square(day: date, unit: UnitRow | None, first_monday: date, today: date) -> str:
    week, weekday = divmod((day - first_monday).days, 7)
    state = unit.state if unit else NEVER
    return (
        f'<rect class="{state}" x="{LEFT + week * STEP}" y="{TOP + weekday * STEP}" width="{SIDE}" height="{SIDE}"'
        f' rx="2"><title>{figures.day(day, today)}: {escape(_words(unit))}</title></rect>'
    )


def _words(unit: UnitRow | None) -> str:
    if unit is None:
        return STATES[NEVER]
    if unit.state == UnitState.DONE:
        return f"read, {figures.count(unit.rows)} rows"
    return f"{STATES[unit.state]}{': ' + unit.error if unit.error else ''}"


def _months(days: Sequence[date], first_monday: date) -> str:
    firsts = [day for day in days if day.day == 1]
    return "".join(f'<text x="{LEFT + (day - first_monday).days // 7 * STEP}" y="10">{day:%b}</text>' for day in firsts)


def _counts(by_day: Mapping[date, UnitRow], days: Sequence[date]) -> list[tuple[str, str, int]]:
    states = [by_day[day].state if day in by_day else NEVER for day in days]
    return [(state, words, states.count(state)) for state, words in STATES.items() if state in states]
