"""The columns of the chart as SVG: for paper, and for browsers without JavaScript. From the same values as the canvas.

A year of seven groups has thousands of segments. A path for each group and shade keeps them at a few kilobytes: each
group is drawn from zero to the top of its segments, the uppermost group first, so that the next ones cover it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor

from dashboard.finance.overview.chart import ZERO, Series
from dashboard.finance.overview.results import DayRow
from logsync.money import dollars

# Of the plot, which a browser stretches to its place. A column has UNIT, of which SPACE are empty.
HEIGHT = 240
UNIT, SPACE = 10, 2
# Above this, columns touch each other, as in overview.js, and are one unit wide.
MANY = 100
# Of the strip of a day that is not complete, and of a tile of the hatching, in pixels.
STRIP, TILE = 6, 6
MAX_STEPS, SHORT_AMOUNT = 5, 8
# The pixels of a plot, and of a label with the space after it, at least.
WIDE, NARROW, PER_CHARACTER, AROUND = 620, 270, 7, 14
EVERY_DAY = (1, 2, 5, 7, 14, 28, 56, 112)
EVERY_MONTH = (1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600, 1200)


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal line with its amount. `y` is in percent of the height, from the top."""

    y: str
    label: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class Label:
    """What stands below a column. `x` is in percent of the width; narrow screens leave out those that are only wide."""

    x: str
    text: str
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """All segments of one group in one shade: `plain`, `open` (more logs are expected) or `gap`."""

    colour: str
    shade: str
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class SvgChart:
    width: int
    height: int
    lines: Sequence[Line]
    labels: Sequence[Label]
    shapes: Sequence[Shape]
    # The strip at the baseline of days that are not complete.
    gaps: str
    # The groups that need a hatched pattern, and the width of its tile.
    hatched: Sequence[str]
    tile: str

    # Whether columns touch each other.
    touches: bool

    @property
    def has_long_amounts(self) -> bool:
        return max(len(line.label) for line in self.lines) > SHORT_AMOUNT


@dataclass(frozen=True, slots=True)
class _Scale:
    lowest: Decimal
    highest: Decimal

    def y(self, amount: Decimal) -> int:
        return int(((self.highest - amount) * HEIGHT / (self.highest - self.lowest)).to_integral_value())


def svg_chart(days: Sequence[DayRow], series: Sequence[Series]) -> SvgChart:
    tops, bottoms = _stacked([item.by_day(days) for item in series], len(days))
    steps = _steps(min(map(min, bottoms), default=ZERO), max(map(max, tops), default=ZERO))
    scale = _Scale(steps[0], steps[-1])
    shapes = list(_shapes(days, series, [tops, bottoms], scale))
    zero, width = scale.y(ZERO), len(days) * _unit(len(days))
    return SvgChart(
        width=width,
        height=HEIGHT,
        lines=_lines(steps, scale),
        labels=list(_labels(days)),
        shapes=shapes,
        gaps=_path([zero - STRIP if day.is_gap else zero for day in days], zero),
        hatched=list(dict.fromkeys(shape.colour for shape in shapes if shape.shade == "gap")),
        touches=len(days) > MANY,
        tile=f"{TILE * width / WIDE:.3g}",
    )


def _unit(columns: int) -> int:
    return 1 if columns > MANY else UNIT


def _stacked(columns: Sequence[Sequence[Decimal]], days: int) -> tuple[list[list[Decimal]], list[list[Decimal]]]:
    """For each group, the top of its spend and the bottom of its credits on each day, in the order of the groups."""
    tops, bottoms = [[ZERO] * days], [[ZERO] * days]
    for column in columns:
        tops.append([top + max(charge, ZERO) for top, charge in zip(tops[-1], column, strict=True)])
        bottoms.append([bottom + min(charge, ZERO) for bottom, charge in zip(bottoms[-1], column, strict=True)])
    return tops[1:], bottoms[1:]


def _shapes(
    days: Sequence[DayRow], series: Sequence[Series], stacks: Sequence[list[list[Decimal]]], scale: _Scale
) -> Iterator[Shape]:
    """From the uppermost group down. A group without a segment in a shade has no shape of it."""
    zero = scale.y(ZERO)
    shades = [_shade(day) for day in days]
    for stack in stacks:
        levels = [[scale.y(amount) for amount in amounts] for amounts in stack]
        for position in reversed(range(len(series))):
            below = levels[position - 1] if position else [zero] * len(days)
            for shade in dict.fromkeys(shades):
                drawn = [level if shade == own else zero for level, own in zip(levels[position], shades, strict=True)]
                if any(level not in {zero, base} for level, base in zip(drawn, below, strict=True)):
                    yield _shape(series[position], shade, _path(drawn, zero))


def _shape(item: Series, shade: str, path: str) -> Shape:
    return Shape(item.colour, shade, f"{item.label}: {dollars(item.total.charge)}", path)


def _shade(day: DayRow) -> str:
    if day.open_words:
        return "open"
    return "gap" if day.is_gap else "plain"


def _path(levels: Sequence[int], zero: int) -> str:
    """Columns between zero and their levels; none where a level is zero."""
    if len(levels) > MANY:
        return "".join(_touching(levels, zero))
    side = SPACE // 2
    columns = enumerate(levels)
    return "".join(f"M{x * UNIT + side} {zero}V{y}h{UNIT - SPACE}V{zero}" for x, y in columns if y != zero)


def _touching(levels: Sequence[int], zero: int) -> Iterator[str]:
    """One outline around columns side by side, each one unit wide."""
    for x, (before, level) in enumerate(pairwise([zero, *levels, zero])):
        if before == zero != level:
            yield f"M{x} {zero}"
        if level != before:
            yield f"V{level}"
        if level != zero:
            yield "h1"


# --- The axis of amounts.
def _steps(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Round amounts in equal steps, of which zero is one, around all columns."""
    length = highest - lowest or Decimal(1)
    power = Decimal(1).scaleb((length / MAX_STEPS).adjusted())
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * MAX_STEPS >= length)
    first, last = floor(lowest / step), ceil(highest / step)
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def _lines(steps: Sequence[Decimal], scale: _Scale) -> list[Line]:
    places = max(0, -int(min(step.normalize().as_tuple().exponent for step in steps)))
    digits = 2 if places == 1 else places
    return [Line(_percent(scale.y(step), HEIGHT), _amount(step, digits), not step) for step in steps]


def _amount(step: Decimal, digits: int) -> str:
    return f"{'−' if step < 0 else ''}${abs(step):,.{digits}f}"


# --- The axis of days.
def _labels(days: Sequence[DayRow]) -> Iterator[Label]:
    """Thinned to what fits beside each other on a wide and on a narrow screen."""
    is_long = len(days) > MANY or any(day.end for day in days)
    candidates = list(_months(days) if is_long else _days(days))
    choices = EVERY_MONTH if is_long else EVERY_DAY
    wide = _every(candidates, choices, WIDE / max(1, len(days)))
    narrow = _every(candidates, [every for every in choices if every % wide == 0], NARROW / max(1, len(days)))
    for position, number, text in candidates:
        if number % wide == 0:
            yield Label(_percent(2 * position + 1, 2 * len(days)), text, number % narrow != 0)


def _days(days: Sequence[DayRow]) -> Iterator[tuple[int, int, str]]:
    """The column, its number, and its label."""
    for position, row in enumerate(days):
        yield position, position, f"{row.day.day} {row.day:%b}"


def _months(days: Sequence[DayRow]) -> Iterator[tuple[int, int, str]]:
    """The columns in which a month begins, the number of the month, and its label."""
    for position, row in enumerate(days):
        before = days[position - 1].day if position else None
        begins = row.day.day == 1 if before is None else (before.year, before.month) != (row.day.year, row.day.month)
        if begins:
            number = row.day.year * 12 + row.day.month - 1
            yield position, number, f"{row.day:%b %Y}" if row.day.month == 1 else f"{row.day:%b}"


def _every(candidates: Sequence[tuple[int, int, str]], choices: Sequence[int], pixels: float) -> int:
    """The first choice with which no label touches the next. `pixels` is the width of a column."""
    return next((every for every in choices if _fits(candidates, every, pixels)), choices[-1])


def _fits(candidates: Sequence[tuple[int, int, str]], every: int, pixels: float) -> bool:
    kept = [
        (position * pixels, len(text) * PER_CHARACTER) for position, number, text in candidates if not number % every
    ]
    return all(after - before >= (left + right) / 2 + AROUND for (before, left), (after, right) in pairwise(kept))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}".rstrip("0").rstrip(".") + "%"
