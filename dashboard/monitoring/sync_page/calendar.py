"""The calendar of a feed: a square for each day, a column for each week, so that gaps stand out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import escape
from django.utils.safestring import SafeString

from dashboard.monitoring.sync_page.results import UnitRow
from dashboard.pages import formats
from logsync.days import days_between
from logsync.models.choices import UnitState
from logsync.text import counted

DAYS = 366
SIDE, STEP = 11, 14
# Room for the names of weekdays and of months.
LEFT, TOP = 26, 16
NEVER = "never"
# The labels of the legend, in its order.
STATES = {
    UnitState.DONE.value: "read",
    UnitState.WAITING.value: "waiting",
    UnitState.FAILED.value: "failed",
    UnitState.BEYOND_HISTORY.value: "older than SignalWire keeps",
    NEVER: "not asked for",
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """`squares` is the content of an SVG of this width and height; `counts` are (state, label, days)."""

    squares: SafeString
    width: int
    height: int
    counts: Sequence[tuple[str, str, int]]

    @property
    def summary(self) -> str:
        return ", ".join(f"{formats.count(days)} {label}" for _, label, days in self.counts)


def calendar_of(units: Iterable[UnitRow], today: date) -> Calendar:
    """The 366 days up to and including today, in UTC like SignalWire's lists."""
    by_day = {unit.day: unit for unit in units}
    days = list(days_between(today - timedelta(days=DAYS - 1), today))
    first_monday = days[0] - timedelta(days=days[0].weekday())
    weeks = (today - first_monday).days // 7 + 1
    squares = "".join(_square(day, by_day.get(day), first_monday, today) for day in days)
    return Calendar(
        squares=SafeString(
            _weekday_labels() + _month_labels(days, first_monday) + squares
        ),  # dates, numbers and escaped text
        width=LEFT + weeks * STEP,
        height=TOP + 7 * STEP,
        counts=_counts(by_day, days),
    )


def _square(day: date, unit: UnitRow | None, first_monday: date, today: date) -> str:
    week, weekday = divmod((day - first_monday).days, 7)
    state = unit.state if unit else NEVER
    return (
        f'<rect class="{state}" x="{LEFT + week * STEP}" y="{TOP + weekday * STEP}" width="{SIDE}" height="{SIDE}"'
        f' rx="2"><title>{formats.day(day, today)}: {escape(_description(unit))}</title></rect>'
    )


def _description(unit: UnitRow | None) -> str:
    if unit is None:
        return STATES[NEVER]
    if unit.state == UnitState.DONE:
        return f"read, {counted(unit.rows, 'row')}"
    return f"{STATES[unit.state]}{': ' + unit.error if unit.error else ''}"


def _month_labels(days: Sequence[date], first_monday: date) -> str:
    first_days = [day for day in days if day.day == 1]
    return "".join(
        f'<text x="{LEFT + (day - first_monday).days // 7 * STEP}" y="10">{day:%b}</text>' for day in first_days
    )


def _weekday_labels() -> str:
    """Every second one, as in most calendars of this kind."""
    names = {0: "Mon", 2: "Wed", 4: "Fri", 6: "Sun"}
    return "".join(f'<text x="0" y="{TOP + day * STEP + 9}">{name}</text>' for day, name in names.items())


def _counts(by_day: Mapping[date, UnitRow], days: Sequence[date]) -> list[tuple[str, str, int]]:
    states = [by_day[day].state if day in by_day else NEVER for day in days]
    return [(state, label, states.count(state)) for state, label in STATES.items() if state in states]
