"""The data of the charts, from the same values as the tables. Money is exact decimal text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any

from dashboard.filters import query_string
from dashboard.filters.labels import colour_class, label
from dashboard.filters.parser import MAX_VALUES, Filter
from dashboard.finance.overview.results import DayRow, Overview
from dashboard.pages import formats
from dashboard.pages.context_bar import logs_query
from dashboard.results import ChargeRow, Totals
from logsync.money import adds_up, plain

MAX_SERIES = 6
OTHER = "other"
ZERO = Decimal(0)
# Of the horizontal bars.
WIDTH, MIN_WIDTH = 1000, 4


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of the chart and one column of its table: a value, or all the small ones together.

    `rows` is the URL of its logs; `toggle` is the page's query with it added or removed. Each is '' where it would have
    more values than a filter can have.
    """

    colour: str
    label: str
    hover: str
    values: tuple[str | None, ...]
    total: Totals
    rows: str
    toggle: str
    is_chosen: bool

    def by_day(self, days: Sequence[DayRow]) -> list[Decimal]:
        """The charge of each day, in the order of `days`."""
        if len(self.values) == 1:
            [value] = self.values
            return [day.charges.get(value, ZERO) for day in days]
        return [sum(map(day.charges.get, self.values, repeat(ZERO)), ZERO) for day in days]


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar from `zero` to the right, or of a credit to the left, in thousandths of the width."""

    colour: str
    label: str
    hover: str
    charge: Decimal
    share: str
    logs: int
    start: int
    width: int
    zero: int
    rows: str

    @property
    def is_credit(self) -> bool:
        return self.charge < 0


@dataclass(frozen=True, slots=True)
class _Axis:
    """The axis of a list of bars: what it spans, and where its zero is. `whole` is None where shares mean nothing."""

    length: Decimal
    zero: int
    whole: Decimal | None


def series_of(overview: Overview, dimension: str, wanted: Filter) -> list[Series]:
    """The values, costliest first; beyond MAX_SERIES + 1, all but MAX_SERIES of them are "other"."""
    rows = _costliest_first(overview.series)
    drawn, rest = (rows, []) if len(rows) <= MAX_SERIES + 1 else (rows[:MAX_SERIES], rows[MAX_SERIES:])
    series = [_series([row], dimension, wanted) for row in drawn]
    return [*series, _series(rest, dimension, wanted)] if rest else series


def day_chart(days: Sequence[DayRow], series: Sequence[Series], query: str) -> dict[str, Any]:
    """For json_script and overview.js: each list has one entry per day, in order. What few days have is by index."""
    drawn = [item.by_day(days) for item in series]
    return {
        "days": [row.day.isoformat() for row in days],
        "ends": _by_index(row.end and row.end.isoformat() for row in days),
        "labels": [formats.span(row.day, row.end or row.day) for row in days],
        "running": _by_index(row.is_running for row in days),
        "future": _by_index(row.is_future for row in days),
        "closing": next((row.day.isoformat() for row in days if row.is_closing), None),
        "incomplete": _by_index(row.incomplete for row in days),
        "totals": [plain(row.totals.charge) for row in days],
        "logs": [row.totals.logs for row in days],
        "rounded": _by_index(not is_exact for is_exact in days_add_up(days, drawn)),
        "rows": _dearest_first(query),
        "series": [
            {
                "colour": item.colour,
                "label": item.label,
                "rows": _dearest_first(item.rows.partition("?")[2]) if item.rows else "",
                "charges": list(map(plain, charges)),
            }
            for item, charges in zip(series, drawn, strict=True)
        ],
    }


def _by_index(values: Iterable[Any]) -> dict[int, Any]:
    return {index: value for index, value in enumerate(values) if value}


def _dearest_first(query: str) -> str:
    """The logs behind a column, which overview.js adds the day to: a dear day is explained by its dearest logs."""
    return logs_query(query, period=None, start=None, end=None, sort="-charge")


def days_add_up(days: Sequence[DayRow], columns: Sequence[Sequence[Decimal]]) -> list[bool]:
    """For each day, whether the charges of its groups add to its total, as shown."""
    groups = zip(*columns, strict=True) if columns else repeat(())
    return [adds_up(charges, day.totals.charge) for day, charges in zip(days, groups, strict=False)]


def bars(rows: Sequence[ChargeRow], dimension: str, wanted: Filter, total: Totals) -> list[Bar]:
    drawn = _costliest_first(rows)
    axis = _axis([row.totals.charge for row in drawn], total.charge)
    return [_bar(row, dimension, wanted, axis) for row in drawn]


def _axis(charges: Sequence[Decimal], whole: Decimal) -> _Axis:
    """Of bars that all begin at zero. A part has a share only of what no credit was taken from."""
    lowest, highest = min([ZERO, *charges]), max([ZERO, *charges])
    length = highest - lowest
    if not lowest:
        return _Axis(length, 0, whole)
    most = WIDTH - MIN_WIDTH if highest else WIDTH
    return _Axis(length, max(MIN_WIDTH, min(most, int(-lowest * WIDTH / length))), None)


def _costliest_first(rows: Sequence[ChargeRow]) -> list[ChargeRow]:
    """The order of groups in every chart, legend and table: by charge, then logs, then name; an absent value last."""
    with_logs = [row for row in rows if row.totals.logs]
    return sorted(with_logs, key=lambda row: (-row.totals.charge, -row.totals.logs, row.group[0] is None, row.group))


def _bar(row: ChargeRow, dimension: str, wanted: Filter, axis: _Axis) -> Bar:
    [value] = row.group
    charge = row.totals.charge
    room = axis.zero if charge < 0 else WIDTH - axis.zero
    width = min(room, max(MIN_WIDTH, int(abs(charge) * WIDTH / axis.length))) if charge else 0
    return Bar(
        colour=colour_class(value),
        label=_label(dimension, value),
        hover=value or "",
        charge=charge,
        share="" if axis.whole is None else formats.share(charge, axis.whole),
        logs=row.totals.logs,
        start=axis.zero - width if charge < 0 else axis.zero,
        width=width,
        zero=axis.zero,
        rows=_rows(wanted, dimension, [value]),
    )


def _series(rows: Sequence[ChargeRow], dimension: str, wanted: Filter) -> Series:
    values = tuple(row.group[0] for row in rows)
    is_single = len(values) == 1
    label = _label(dimension, values[0]) if is_single else OTHER
    chosen = getattr(wanted, dimension)
    return Series(
        colour=colour_class(values[0]) if is_single else OTHER,
        label=label,
        hover=", ".join(value or "none" for value in values),
        values=values,
        total=Totals(logs=sum(row.totals.logs for row in rows), charge=sum((row.totals.charge for row in rows), ZERO)),
        rows=_rows(wanted, dimension, values) if len(values) <= MAX_VALUES else "",
        toggle=_toggle(wanted, dimension, values) if len({*chosen, *values}) <= MAX_VALUES else "",
        is_chosen=bool(chosen) and all(value in chosen for value in values),
    )


def _toggle(wanted: Filter, dimension: str, values: Sequence[str | None]) -> str:
    query = wanted.query()
    for value in values:
        query = query_string.toggled(query, dimension, value)
    return f"?{query}"


def _rows(wanted: Filter, dimension: str, values: Sequence[str | None]) -> str:
    query = query_string.without(logs_query(wanted.query()), dimension)
    for value in values:
        query = query_string.with_value(query, dimension, value)
    return f"/logs/?{query}"


def _label(dimension: str, value: str | None) -> str:
    return f"no {dimension}" if value is None else label(dimension, value)
